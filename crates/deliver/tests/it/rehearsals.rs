//! That the rehearsal proves what it says, and that it can fail.

use deliver::cloud::{Cloud, Fate, Refusal};
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
    assert!(matches!(cloud.delete(wanted[0].slot), Err(Refusal::InUse(_, "DependencyViolation"))));
    let db = wanted.iter().find(|d| d.node.kind().as_str() == "aws_db_instance").expect("there");
    assert_eq!(cloud.delete(db.slot), Err(Refusal::Protected));
    assert_eq!(cloud.replace(db, false, &|_| Fate::Goes), Err(Refusal::Protected));
    let before = cloud.fingerprint();
    cloud.update(db).expect("in place");
    assert_eq!(cloud.fingerprint(), before);
    let task = wanted.iter().find(|d| d.node.kind().as_str() == "aws_ecs_task_definition").expect("there");
    cloud.replace(task, false, &|_| Fate::Moves).expect("a task definition is deregistered in use");
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

/// Each way of replacing something in use, as the cloud answers it.
#[test]
fn what_is_in_use_is_replaced_in_the_right_order_or_not_at_all() {
    let vpc = node("n", "aws_vpc", "this", &[("cidr_block", "10.0.0.0/16".into())]);
    let group = node("s", "aws_lb_target_group", "this", &[("name", "t".into()), ("port", 80.into())]);
    let action = Value::list([Value::map([("target_group_arn", to(&group.address, "arn"))])]);
    let rule = node("s", "aws_lb_listener_rule", "this", &[("listener_arn", "l".into()), ("action", action)]);
    let before = of("x", [vpc.clone(), group.clone(), rule.clone()]);
    let renamed = Node { attrs: [("name".to_owned(), "u".into())].into(), ..group.clone() };
    let after = of("x", [vpc, renamed, rule]);
    let answer = |to: &Stack, create_first: bool, fate: Fate| {
        let mut cloud = Cloud::default();
        let order = before.graph.in_order().expect("no cycle");
        for desired in cloud.prepare(&before, &order) {
            cloud.create(&desired).expect("in order");
        }
        let wanted = cloud.prepare(to, &[to.graph.get(&group.address).expect("there")]);
        cloud.replace(&wanted[0], create_first, &|_| fate)
    };
    let refused = Err(Refusal::InUse("module.s.aws_lb_listener_rule.this".into(), "ResourceInUse"));
    assert_eq!(answer(&after, false, Fate::Moves), refused, "destroyed while the rule still forwards to it");
    assert_eq!(answer(&after, true, Fate::Stays), refused, "nobody moves the rule");
    assert_eq!(answer(&after, false, Fate::Goes), Ok(()));
    assert_eq!(answer(&after, true, Fate::Moves), Ok(()));
    assert!(matches!(answer(&before, true, Fate::Moves), Err(Refusal::NameTaken(_))), "both are called t");
}

/// A service on another port: refused as long as its target group is destroyed first or keeps its name.
#[test]
fn a_replacement_that_a_cloud_would_refuse_fails_the_rehearsal() {
    let stack = |name: Value, create_before_destroy| {
        let mut group = node("s", "aws_lb_target_group", "this", &[("name", name), ("port", 8080.into())]);
        group.lifecycle.create_before_destroy = create_before_destroy;
        let action = Value::list([Value::map([("target_group_arn", to(&group.address, "arn"))])]);
        let rule =
            node("s", "aws_lb_listener_rule", "this", &[("listener_arn", "l".into()), ("action", action)]);
        of("x", [group, rule])
    };
    let carrying = || Value::template(["shop", "-8080"]);
    for (name, first, passes) in
        [(carrying(), false, false), ("shop".into(), true, false), (carrying(), true, true)]
    {
        let (rehearsals, diagnostics) = rehearse(&[stack(name.clone(), first)]);
        assert_eq!((rehearsals[0].passed(), diagnostics.has_errors()), (passes, !passes), "{name:?} {first}");
        let update = rehearsals[0].trials.iter().find(|t| t.name.starts_with("update: ")).expect("tried");
        assert!(
            update.name.ends_with("aws_lb_target_group.this replaced for another port"),
            "{}",
            update.name
        );
    }
}
