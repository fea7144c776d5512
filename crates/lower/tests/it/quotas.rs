//! What roles may carry and reach: AWS's limits, held for the largest design there is, and the bounds of the pipeline's.
//!
//! Quotas of IAM: ten managed policies a role, 6,144 characters each; 10,240 characters of inline policies a role.
//! White space does not count. Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>,
//! 2025.

use std::collections::{BTreeMap, BTreeSet};

use ir::{Stack, Value};
use spec::{Release, UseTarget};

use crate::blueprints::{Shape, blueprint, service, uses};
use crate::stores;
use crate::walk;

const MANAGED_POLICIES: usize = 10;
const MANAGED_CHARACTERS: usize = 6144;
const INLINE_CHARACTERS: usize = 10_240;

/// A whole ARN, as long as those of most roles are at most.
const ARN: usize = 128;

fn largest() -> Vec<Stack> {
    let mut shape = Shape {
        zones: 3,
        host: true,
        release: Release::Canary,
        region: "ap-southeast-2",
        ..Shape::default()
    };
    for kind in ["fargate", "lambda", "scheduled", "once", "site"] {
        shape.services.insert(kind.to_owned(), service(kind, &shape));
    }
    let (spec, blueprint) = stores::everything(&shape, true, true);
    lower::lower(&spec, &blueprint).0
}

/// How long a document is at most, as compact JSON.
fn characters(value: &Value, within: bool) -> usize {
    match value {
        Value::Json(inner) => characters(inner, false),
        Value::Input(input) => characters(&input.value, within),
        Value::Map(entries) => {
            2 + entries.iter().map(|(k, v)| k.len() + 4 + characters(v, false)).sum::<usize>()
        }
        Value::List(items) => 2 + items.iter().map(|v| 1 + characters(v, false)).sum::<usize>(),
        Value::Template(parts) => 2 + parts.iter().map(|v| characters(v, true)).sum::<usize>(),
        Value::Ref(_) if !within => 2 + ARN,
        Value::Ref(r) => match r.to.kind.as_str() {
            "aws_partition" => "aws-us-gov".len(),
            "aws_region" => "ap-southeast-2".len(),
            "aws_caller_identity" => "123456789012".len(),
            _ => ARN,
        },
        Value::Unknown(_) | Value::Secret(_) => ARN,
        known => known.text().map_or(4, |text| text.len() + 2),
    }
}

#[test]
fn every_managed_policy_and_their_number_fit() {
    let mut policies = 0;
    for stack in largest() {
        for policy in stack.graph.of_kind("aws_iam_policy") {
            let length = policy.get("policy").map_or(0, |p| characters(p, false));
            assert!((1..=MANAGED_CHARACTERS).contains(&length), "{}: {length}", policy.address);
            policies += 1;
        }
        let mut attached: BTreeMap<String, usize> = BTreeMap::new();
        for attachment in stack.graph.of_kind("aws_iam_role_policy_attachment") {
            let role = attachment.get("role").map(|r| format!("{:?}", r.refs())).unwrap_or_default();
            *attached.entry(role).or_default() += 1;
        }
        for (role, count) in attached {
            assert!(count <= MANAGED_POLICIES, "{}: {role} has {count}", stack.name);
        }
    }
    assert!(policies > 0);
}

#[test]
fn a_role_that_may_not_fit_is_said() {
    let said = |queues: usize| {
        let mut shape = Shape::default();
        let mut consumer = service("fargate", &shape);
        consumer.uses = (0..queues).map(|i| uses(UseTarget::Resource, &format!("queue-{i}"))).collect();
        shape.services.insert("consumer".into(), consumer);
        let (spec, mut blueprint) = blueprint(&shape);
        for design in blueprint.environments.values_mut() {
            let queue = design.resources["orders"].clone();
            design.resources.extend((0..queues).map(|i| (format!("queue-{i}"), queue.clone())));
        }
        lower::lower(&spec, &blueprint).1.iter().any(|d| d.id == "role-policy-too-long")
    };
    assert!(!said(5));
    assert!(said(60));
}

#[test]
fn the_inline_policies_of_every_role_fit() {
    let mut roles = 0;
    for stack in largest() {
        let mut inline: BTreeMap<String, usize> = BTreeMap::new();
        for policy in stack.graph.of_kind("aws_iam_role_policy") {
            let role = policy.get("role").map(|r| format!("{:?}", r.refs())).unwrap_or_default();
            *inline.entry(role).or_default() += policy.get("policy").map_or(0, |p| characters(p, false));
        }
        for (role, length) in &inline {
            assert!(*length <= INLINE_CHARACTERS, "{}: {role} has {length}", stack.name);
        }
        roles += inline.len();
    }
    assert!(roles > 0);
}

#[test]
fn passwords_are_read_by_the_roles_that_deploy_and_each_reads_its_own() {
    let stacks = largest();
    let mut readers = 0;
    for policy in stacks.iter().flat_map(|s| s.graph.of_kind("aws_iam_policy")) {
        let Some(Value::Json(document)) = policy.get("policy") else { panic!("{}", policy.address) };
        for statement in document.get("Statement").and_then(Value::as_list).unwrap_or_default() {
            if !walk::allowed_actions(statement).iter().any(|a| a == "secretsmanager:GetSecretValue") {
                continue;
            }
            let key = policy.address.key.as_deref().expect("the parts of a role's rights are numbered");
            let environment = key.split('-').next().unwrap_or_default();
            let resource = format!("{:?}", statement.get("Resource"));
            assert_eq!(policy.address.name, "deploy", "{}", policy.address);
            assert!(
                resource.contains(&format!("secret:shop-{environment}/")),
                "{}: {resource}",
                policy.address
            );
            readers += 1;
        }
    }
    assert_eq!(readers, 2);
}

#[test]
fn roles_are_passed_to_the_services_that_take_them_and_to_no_others() {
    let stacks = largest();
    let services = |graph: &ir::Graph| {
        let mut found = BTreeSet::new();
        for trust in graph.of_kind("aws_iam_role").filter_map(|role| role.get("assume_role_policy")) {
            trust.walk(&mut |value| found.extend(value.get("Service").and_then(Value::text)));
        }
        found
    };
    let mut passing = 0;
    for stack in &stacks {
        for policy in stack.graph.nodes().filter(|n| n.kind().as_str().starts_with("aws_iam_")) {
            let Some(Value::Json(document)) = policy.get("policy") else { continue };
            for statement in document.get("Statement").and_then(Value::as_list).unwrap_or_default() {
                if !walk::allowed_actions(statement).iter().any(|a| a == "iam:PassRole") {
                    continue;
                }
                let condition = statement.get("Condition").and_then(|c| c.get("StringEquals"));
                let to = condition.and_then(|c| c.get("iam:PassedToService")).expect("somebody takes it");
                let to: BTreeSet<String> = match to.as_list() {
                    Some(list) => list.iter().filter_map(Value::text).collect(),
                    None => to.text().into_iter().collect(),
                };
                assert!(!to.is_empty(), "{}", policy.address);
                // The pipeline makes what takes a role, whatever it is.
                if policy.address.name == "deploy" {
                    let key =
                        policy.address.key.as_deref().expect("the parts of a role's rights are numbered");
                    let environment = key.split('-').next().unwrap_or_default();
                    let own = stacks.iter().find(|s| s.name == environment).expect("an environment");
                    assert_eq!(to, services(&own.graph), "{}", policy.address);
                }
                passing += 1;
            }
        }
    }
    assert!(passing > 2);
}

#[test]
fn an_environment_whose_role_reaches_further_is_said() {
    let said = |first: &str, second: &str| {
        let (spec, mut blueprint) = blueprint(&Shape::default());
        let designs: Vec<_> = blueprint.environments.drain(..).map(|(_, design)| design).collect();
        for (name, mut design) in [first, second].into_iter().zip(designs) {
            design.name = name.to_owned();
            blueprint.environments.insert(name.to_owned(), design);
        }
        let (_, diagnostics) = lower::lower(&spec, &blueprint);
        diagnostics.iter().filter(|d| d.id == "environment-names-overlap").count()
    };
    for (first, second, expected) in
        [("staging", "production", 0), ("prod", "prod-eu", 1), ("deploy", "production", 1), ("p", "push", 2)]
    {
        assert_eq!(said(first, second), expected, "{first}, {second}");
    }
}
