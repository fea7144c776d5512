//! Image repositories, one a service that is built here.
//!
//! They belong to no environment: an image is built once and promoted, so production runs the bytes that were
//! tested. A tag never moves.

use catalog::aws::{ecr_lifecycle_policy, ecr_repository, ecr_repository_policy, kms_alias, kms_key};
use design::{Blueprint, Compute, usage};
use ir::{Block, Graph, NodeBuilder, Value};

use super::bootstrap::application;
use super::env::{account, arn, number, partition};
use super::keys::administration;
use super::policy::{Grant, Principal, resource_policy};

const COMPONENT: &str = "images";

/// Adds the repositories; nothing when no image is built.
pub(crate) fn lower(graph: &mut Graph, blueprint: &Blueprint) {
    if blueprint.images.is_empty() {
        return;
    }
    graph.component(COMPONENT, "images", "Image repositories of the services that are built here");
    let name = application(graph, COMPONENT, blueprint);
    let administration = administration(partition(graph, COMPONENT), account(graph, COMPONENT));
    let key = graph.add(
        NodeBuilder::new(COMPONENT, kms_key::KIND, "this")
            .set(kms_key::DESCRIPTION, Value::template(["Images of ".into(), name.clone()]))
            .set(kms_key::ENABLE_KEY_ROTATION, true)
            .set(kms_key::DELETION_WINDOW_IN_DAYS, 30)
            .set(kms_key::POLICY, resource_policy(&[administration]))
            .purpose("Encrypts the images")
            .usage("requests", 0.0),
    );
    graph.add(
        NodeBuilder::new(COMPONENT, kms_alias::KIND, "this")
            .set(kms_alias::NAME, Value::template(["alias/".into(), name.clone(), "-images".into()]))
            .set(kms_alias::TARGET_KEY_ID, key.get(kms_key::KEY_ID))
            .purpose("Gives the key a name that people can read"),
    );
    let kept =
        graph.input(COMPONENT, "kept_images", number("Images kept in each repository.", 2.0, 1000.0), 50);
    for image in &blueprint.images {
        use ecr_repository as repository;
        let handle = graph.add(
            NodeBuilder::new(COMPONENT, repository::KIND, "this")
                .key(image.as_str())
                .set(repository::NAME, Value::template([name.clone(), format!("/{image}").into()]))
                .set(repository::IMAGE_TAG_MUTABILITY, "IMMUTABLE")
                .block(
                    repository::IMAGE_SCANNING_CONFIGURATION,
                    Block::new().set(repository::image_scanning_configuration::SCAN_ON_PUSH, true),
                )
                .block(
                    repository::ENCRYPTION_CONFIGURATION,
                    Block::new()
                        .set(repository::encryption_configuration::ENCRYPTION_TYPE, "KMS")
                        .set(repository::encryption_configuration::KMS_KEY, key.get(kms_key::ARN)),
                )
                .purpose(format!("Holds the images of {image}, scanned when they are pushed"))
                .usage("storage_gib", usage::repository_gib()),
        );
        graph.add(
            NodeBuilder::new(COMPONENT, ecr_lifecycle_policy::KIND, "this")
                .key(image.as_str())
                .set(ecr_lifecycle_policy::REPOSITORY, handle.get(repository::NAME))
                .set(ecr_lifecycle_policy::POLICY, lifecycle(kept.clone()))
                .purpose(format!("Removes images of {image} that nobody can go back to any more")),
        );
        if is_function(blueprint, image) {
            let functions = arn(graph, COMPONENT, "lambda", ["function:*"]);
            let pull = Grant {
                sid: "PullForFunctions",
                deny: false,
                principal: Principal::Service("lambda.amazonaws.com"),
                actions: vec!["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
                resources: Vec::new(),
                conditions: vec![("ArnLike", "aws:SourceArn", vec![functions])],
            };
            graph.add(
                NodeBuilder::new(COMPONENT, ecr_repository_policy::KIND, "this")
                    .key(image.as_str())
                    .set(ecr_repository_policy::REPOSITORY, handle.get(repository::NAME))
                    .set(ecr_repository_policy::POLICY, resource_policy(&[pull]))
                    .purpose(format!("Lets functions of this account run the images of {image}")),
            );
        }
    }
}

fn is_function(blueprint: &Blueprint, service: &str) -> bool {
    blueprint
        .environments
        .values()
        .filter_map(|e| e.services.get(service))
        .any(|s| matches!(s.compute, Compute::Function(_)))
}

/// Untagged images go after a week, and the oldest when there are more than `kept`.
fn lifecycle(kept: Value) -> Value {
    let rule = |priority: i64, description: &str, selection: Value| {
        Value::map([
            ("rulePriority", Value::from(priority)),
            ("description", description.into()),
            ("selection", selection),
            ("action", Value::map([("type", "expire")])),
        ])
    };
    let untagged = Value::map([
        ("tagStatus", Value::from("untagged")),
        ("countType", "sinceImagePushed".into()),
        ("countUnit", "days".into()),
        ("countNumber", 7.into()),
    ]);
    let oldest = Value::map([
        ("tagStatus", Value::from("any")),
        ("countType", "imageCountMoreThan".into()),
        ("countNumber", kept),
    ]);
    let rules =
        vec![rule(1, "Untagged images after a week", untagged), rule(2, "All but the newest", oldest)];
    Value::json(Value::map([("rules", Value::List(rules))]))
}
