//! The image repository of what is built here.
//!
//! It belongs to no environment: an image is built once and promoted, so production runs the bytes that were tested. A
//! tag never moves.

use catalog::google::artifact_registry_repository as repository;
use design::{Blueprint, usage};
use ir::key::Handle;
use ir::{Block, Graph, NodeBuilder};

use super::bootstrap::application;
use super::env::{declare_region, number};

const COMPONENT: &str = "images";

/// Seconds after which an image without a tag is removed: a week.
const UNTAGGED_SECONDS: i64 = 7 * 24 * 3600;

/// Adds the repository; nothing when no image is built.
pub(crate) fn lower(graph: &mut Graph, blueprint: &Blueprint) -> Option<Handle<repository::M>> {
    if blueprint.images.is_empty() {
        return None;
    }
    graph.component(COMPONENT, "images", "Image repository of the services that are built here");
    let name = application(graph, COMPONENT, blueprint);
    let region = declare_region(graph, COMPONENT, blueprint);
    let kept = graph.input(COMPONENT, "kept_images", number("Images kept of each service.", 2.0, 1000.0), 50);
    use repository::cleanup_policies as clean;
    let newest = Block::new()
        .set(clean::ID, "keep-the-newest")
        .set(clean::ACTION, "KEEP")
        .block(clean::MOST_RECENT_VERSIONS, Block::new().set(clean::most_recent_versions::KEEP_COUNT, kept));
    let untagged = Block::new().set(clean::ID, "remove-untagged").set(clean::ACTION, "DELETE").block(
        clean::CONDITION,
        Block::new()
            .set(clean::condition::TAG_STATE, "UNTAGGED")
            .set(clean::condition::OLDER_THAN, format!("{UNTAGGED_SECONDS}s")),
    );
    let services = blueprint.images.len() as f64;
    let handle = graph.add(
        NodeBuilder::new(COMPONENT, repository::KIND, "this")
            .set(repository::REPOSITORY_ID, name)
            .set(repository::LOCATION, region)
            .set(repository::FORMAT, "DOCKER")
            .set(repository::DESCRIPTION, "Images of the services")
            .block(
                repository::DOCKER_CONFIG,
                Block::new().set(repository::docker_config::IMMUTABLE_TAGS, true),
            )
            .block(repository::CLEANUP_POLICIES, newest)
            .block(repository::CLEANUP_POLICIES, untagged)
            .usage("storage_gib", services * usage::repository_gib())
            .purpose("Holds the images of all services"),
    );
    let outputs = &mut graph
        .component(COMPONENT, "images", "Image repository of the services that are built here")
        .outputs;
    outputs.insert(
        "repository".into(),
        ("Repository that images are pushed to.".into(), handle.get(repository::ID)),
    );
    Some(handle)
}
