//! What holds for every graph that is lowered, over a matrix of blueprints.
#![allow(missing_docs, reason = "a test binary")]

mod azure;
mod blueprints;
mod collectors;
mod costs;
mod quotas;
mod stores;
mod walk;

use std::collections::BTreeSet;

use blueprints::{Shape, blueprint, matrix, service};
use ir::{Stack, Value};

fn lowered(shape: &Shape) -> Vec<Stack> {
    let (spec, blueprint) = blueprint(shape);
    let (stacks, diagnostics) = lower::lower(&spec, &blueprint);
    let errors: Vec<_> = diagnostics.iter().filter(|d| d.severity == ir::Severity::Error).collect();
    assert!(errors.is_empty(), "{shape}: {errors:#?}");
    stacks
}

#[test]
fn every_graph_says_only_what_the_provider_knows_and_points_only_at_what_exists() {
    for shape in matrix() {
        for stack in lowered(&shape) {
            let problems: Vec<String> =
                stack.graph.nodes().flat_map(|n| walk::problems(n, &stack.graph)).collect();
            assert!(problems.is_empty(), "{shape}, {}: {problems:#?}", stack.name);
        }
    }
}

#[test]
fn no_graph_has_a_cycle() {
    for shape in matrix() {
        for stack in lowered(&shape) {
            assert!(
                stack.graph.in_order().is_ok(),
                "{shape}, {}: {:?}",
                stack.name,
                stack.graph.in_order().err()
            );
        }
    }
}

#[test]
fn every_allowed_action_is_named() {
    for shape in matrix() {
        for stack in lowered(&shape) {
            for node in stack.graph.nodes() {
                for action in node.attrs.values().flat_map(walk::allowed_actions) {
                    assert!(!action.contains('*'), "{}: {action}", node.address);
                }
            }
        }
    }
}

#[test]
fn every_node_says_why_it_exists_and_every_input_is_declared_and_described() {
    for shape in matrix() {
        for stack in lowered(&shape) {
            for node in stack.graph.nodes() {
                assert!(!node.purpose.is_empty(), "{}", node.address);
                assert!(!node.purpose.ends_with('.'), "{}", node.address);
                let component = stack.graph.components.get(&node.address.component).expect("declared");
                assert!(!component.role.is_empty(), "{}", node.address);
                for value in node.attrs.values() {
                    value.walk(&mut |v| {
                        if let Value::Input(input) = v {
                            let decl = component.inputs.get(&input.name);
                            assert!(
                                decl.is_some_and(|d| d.description.ends_with('.')),
                                "{}: {}",
                                node.address,
                                input.name
                            );
                        }
                    });
                }
            }
        }
    }
}

#[test]
fn the_same_blueprint_gives_the_same_graph() {
    for shape in matrix().into_iter().take(8) {
        assert_eq!(lowered(&shape), lowered(&shape));
    }
}

/// EC2 takes fewer characters in descriptions than every other service.
#[test]
fn security_groups_are_described_in_letters_that_ec2_takes() {
    let fits = |c: char| c.is_ascii_alphanumeric() || " ._-:/()#,@[]+=&;{}!$*".contains(c);
    let kinds =
        ["aws_security_group", "aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule"];
    for shape in matrix() {
        for stack in lowered(&shape) {
            for node in stack.graph.nodes().filter(|n| kinds.contains(&n.kind().as_str())) {
                let text = node.get("description").and_then(Value::text).expect("descriptions are known");
                assert!(text.len() <= 255 && text.chars().all(fits), "{}: {text}", node.address);
            }
        }
    }
}

/// A metric that only some environments publish would leave the others without scaling.
#[test]
fn autoscaling_looks_only_at_metrics_that_every_environment_has() {
    for stack in matrix().iter().flat_map(lowered) {
        for node in stack.graph.of_kind("aws_appautoscaling_policy") {
            for value in node.attrs.values() {
                value.walk(&mut |v| {
                    assert_ne!(v.text().as_deref(), Some("ECS/ContainerInsights"), "{}", node.address);
                });
            }
        }
    }
}

#[test]
fn beginnings_that_aws_keeps_are_refused_before_anything_is_written() {
    for (name, refused) in
        [("internal", true), ("internal-api", true), ("sg", true), ("sgx", false), ("internals", false)]
    {
        let (mut spec, blueprint) = blueprint(&Shape::default());
        spec.name.value = name.to_owned();
        let (_, diagnostics) = lower::lower(&spec, &blueprint);
        assert_eq!(diagnostics.iter().any(|d| d.id == "name-kept-by-aws"), refused, "{name}");
    }
}

#[test]
fn a_service_may_carry_any_name() {
    for name in [
        "network",
        "keys",
        "edge",
        "cluster",
        "cdn",
        "db",
        "x",
        "a-very-long-service-name-that-does-not-fit-anywhere",
    ] {
        let mut shape = Shape { host: true, ..Shape::default() };
        shape.services.insert(name.to_owned(), service("fargate", &shape));
        for stack in lowered(&shape) {
            let components: BTreeSet<String> =
                stack.graph.components.keys().map(|c| c.replace('-', "_")).collect();
            assert_eq!(components.len(), stack.graph.components.len(), "{name}");
            for node in stack.graph.nodes() {
                for (kind, limit) in [("aws_lb_target_group", 32), ("aws_lb", 32), ("aws_iam_role", 64)] {
                    let text = node.get("name").and_then(Value::text);
                    if node.kind().as_str() == kind && node.address.mode == ir::Mode::Managed {
                        let text = text.expect("names are known");
                        assert!(text.chars().count() <= limit, "{}: {text}", node.address);
                    }
                }
            }
        }
    }
}

#[test]
fn services_that_call_each_other_are_no_cycle() {
    let mut shape = Shape::default();
    for (name, other) in [("ping", "pong"), ("pong", "ping")] {
        let mut design = service("fargate", &shape);
        design.uses = vec![blueprints::uses(spec::UseTarget::Service, other)];
        shape.services.insert(name.to_owned(), design);
    }
    let stacks = lowered(&shape);
    let stack = stacks.last().expect("an environment");
    assert!(stack.graph.in_order().is_ok());
    let doors = stack.graph.of_kind("aws_vpc_security_group_ingress_rule");
    let keys: BTreeSet<_> = doors.filter_map(|n| n.address.key.as_deref()).collect();
    assert!(keys.contains("to-ping") && keys.contains("to-pong"), "{keys:?}");
}

#[test]
fn two_hundred_services_are_lowered_quickly() {
    let mut shape = Shape { host: true, ..Shape::default() };
    for i in 0..200 {
        shape.services.insert(format!("service-{i}"), service("fargate", &shape));
    }
    let (spec, blueprint) = blueprint(&shape);
    let world = ir::OsWorld::default();
    let before = ir::World::ticks(&world);
    let (stacks, _) = lower::lower(&spec, &blueprint);
    let spent = ir::World::ticks(&world) - before;
    assert!(stacks.last().is_some_and(|s| s.graph.len() > 2000));
    // Generous for an unoptimised build on a busy machine; what is quadratic takes minutes.
    assert!(spent < 10_000, "{spent} ms");
}
