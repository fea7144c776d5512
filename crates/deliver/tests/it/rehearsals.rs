//! That the rehearsal proves what it says, and that it can fail.

use deliver::cloud::{Cloud, Refusal};
use deliver::rehearse;
use ir::{Node, Stack, Value};

use crate::stacks::{application, node, of, to};

#[test]
fn an_application_survives_every_failure() {
    for services in [0, 1, 2, 12] {
        let stacks = [application("staging", services), application("production", services)];
        let (rehearsals, diagnostics) = rehearse(&stacks);
        assert!(diagnostics.is_empty(), "{diagnostics:#?}");
        for (rehearsal, stack) in rehearsals.iter().zip(&stacks) {
            assert!(rehearsal.passed());
            assert_eq!(rehearsal.resources, stack.graph.len());
            let runs = |part: &str| {
                let trial = rehearsal.trials.iter().find(|t| t.name.starts_with(part));
                trial.unwrap_or_else(|| panic!("no trial {part}: {rehearsal:#?}")).runs
            };
            assert_eq!(runs("deployment: every step fails"), 2 * stack.graph.len());
            assert_eq!(runs("deployment: killed at every step"), stack.graph.len());
            assert!(runs("update: every step fails") >= 2);
            assert_eq!(runs("what is protected"), 1);
        }
        assert_eq!(rehearsals, rehearse(&stacks).0, "the same every time");
    }
    assert_eq!(rehearse(&[]).0, []);
    assert!(!rehearse(&[of("empty", [])]).1.has_errors());
}

#[test]
fn what_a_cloud_would_refuse_is_reported() {
    let queue = |component: &str| node(component, "aws_sqs_queue", "this", &[("name", "taken".into())]);
    let nobody = node("x", "aws_sqs_queue", "gone", &[]);
    let cases: [(&str, Vec<Node>); 3] = [
        ("is taken", vec![queue("a"), queue("b")]),
        ("does not exist", vec![node("a", "aws_sqs_queue", "this", &[("name", to(&nobody.address, "url"))])]),
        ("is required", vec![node("a", "aws_ecr_repository", "this", &[])]),
    ];
    for (reason, nodes) in cases {
        let (rehearsals, diagnostics) = rehearse(&[of("x", nodes)]);
        assert!(!rehearsals[0].passed() && diagnostics.has_errors());
        let told = diagnostics.iter().flat_map(|d| &d.notes).any(|n| n.contains(reason));
        assert!(told, "{reason}: {diagnostics:#?}");
    }
    let (_, clash) = rehearse(&[application("same", 1), application("same", 1)]);
    assert!(clash.has_errors(), "two stacks of one name are one place");
}

#[test]
fn names_are_taken_across_stacks_of_one_region_only() {
    let stack = |name: &str, region: &str, kind, attribute| Stack {
        region: region.into(),
        ..of(name, [node("a", kind, "this", &[(attribute, "taken".into())])])
    };
    let queue = |name: &str, region: &str| stack(name, region, "aws_sqs_queue", "name");
    let bucket = |name: &str, region: &str| stack(name, region, "aws_s3_bucket", "bucket");
    assert!(rehearse(&[queue("a", "eu-west-1"), queue("b", "eu-west-1")]).1.has_errors());
    assert!(!rehearse(&[queue("a", "eu-west-1"), queue("b", "us-east-1")]).1.has_errors());
    assert!(rehearse(&[bucket("a", "eu-west-1"), bucket("b", "us-east-1")]).1.has_errors());
}

#[test]
fn the_cloud_holds_what_clouds_hold() {
    let stack = application("shop", 1);
    let order = stack.graph.in_order().expect("no cycle");
    let mut cloud = Cloud::default();
    let wanted = cloud.prepare(&stack, &order);
    let last = wanted.last().expect("not empty");
    assert!(matches!(cloud.create(last), Err(Refusal::MissingReference(_))));
    for desired in &wanted {
        cloud.create(desired).expect("in order");
    }
    assert_eq!(cloud.create(last), Err(Refusal::Exists));
    assert!(matches!(cloud.delete(wanted[0].slot), Err(Refusal::DependencyViolation(_))));
    let db = wanted.iter().find(|d| d.node.kind().as_str() == "aws_db_instance").expect("there");
    assert_eq!(cloud.delete(db.slot), Err(Refusal::Protected));
    assert_eq!(cloud.replace(db, &|_| true), Err(Refusal::Protected));
    let before = cloud.fingerprint();
    cloud.update(db).expect("in place");
    assert_eq!(cloud.fingerprint(), before);
    let task = wanted.iter().find(|d| d.node.kind().as_str() == "aws_ecs_task_definition").expect("there");
    assert!(matches!(cloud.replace(task, &|_| false), Err(Refusal::DependencyViolation(_))));
    cloud.replace(task, &|_| true).expect("its service follows");
    assert_eq!(cloud.broken_references(), ["module.s0.aws_ecs_service.this"]);
    assert_ne!(cloud.fingerprint(), before);
}

/// Every attribute that the catalogue says is fixed at creation is refused in place.
#[test]
fn what_is_fixed_at_creation_is_refused_in_place() {
    for info in catalog::kinds::all().filter(|i| !i.data) {
        let plain = info.create_only.iter().filter(|name| !name.contains('.'));
        for name in plain.filter(|name| info.schema.attributes.contains_key(*name)) {
            let filled = |value: &str| {
                let required = info.schema.attributes.iter().filter(|(_, a)| a.required);
                let mut node = node("c", "x", "this", &[]);
                node.address.kind = ir::Kind::named(&info.kind);
                node.attrs.extend(required.map(|(n, _)| (n.clone(), Value::from("x"))));
                node.attrs.insert(name.clone(), value.into());
                of("x", [node])
            };
            let (before, after) = (filled("one"), filled("two"));
            let mut cloud = Cloud::default();
            let first = cloud.prepare(&before, &before.graph.nodes().collect::<Vec<_>>());
            let second = cloud.prepare(&after, &after.graph.nodes().collect::<Vec<_>>());
            cloud.create(&first[0]).expect("everything required is set");
            assert_eq!(
                cloud.update(&second[0]),
                Err(Refusal::FixedAtCreation(name.clone())),
                "{}",
                info.kind
            );
            let plan = deliver::plan(Some(&before), Some(&after));
            assert_eq!(plan.changes[0].action, deliver::Action::Replace, "{} {name}", info.kind);
        }
    }
}

/// Twice the resources may cost at most a little more than twice the steps: nothing in a trial walks the world.
#[test]
fn steps_grow_with_the_resources() {
    let steps = |services| rehearse(&[application("a", services)]).0[0].steps as f64;
    let (small, large) = (steps(20), steps(80));
    assert!(large / small < 4.6, "{small} to {large}");
}
