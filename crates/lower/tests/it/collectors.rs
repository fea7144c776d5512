//! What runs beside a program: which tasks have a collector, and what both are told.

use ir::{Stack, Value};
use spec::{EnvPart, EnvValue};

use crate::blueprints::{Shape, blueprint, service};

/// The containers of a service's task, in an environment.
fn containers(stacks: &[Stack], environment: &str, service: &str) -> Vec<Value> {
    let stack = stacks.iter().find(|s| s.name == environment).expect("the environment");
    let mut tasks = stack.graph.of_kind("aws_ecs_task_definition");
    let task = tasks.find(|n| n.address.component == service).expect("a task");
    let Some(Value::Json(list)) = task.get("container_definitions") else { panic!("no containers") };
    list.as_list().expect("a list").to_vec()
}

/// A variable of a container.
fn variable(container: &Value, name: &str) -> Option<String> {
    let pairs = container.get("environment")?.as_list()?;
    let pair = pairs.iter().find(|p| p.get("name").and_then(Value::text).as_deref() == Some(name))?;
    pair.get("value")?.text()
}

fn lowered(change: impl Fn(&mut Shape), collected: bool) -> Vec<Stack> {
    let mut shape = Shape::default();
    for kind in ["fargate", "scheduled", "once"] {
        shape.services.insert(kind.to_owned(), service(kind, &shape));
    }
    change(&mut shape);
    let (spec, mut blueprint) = blueprint(&shape);
    if !collected {
        blueprint.environments.values_mut().for_each(|e| e.telemetry = None);
    }
    lower::lower(&spec, &blueprint).0
}

#[test]
fn a_task_that_lasts_or_comes_again_has_a_collector_and_one_that_runs_once_has_none() {
    let stacks = lowered(|_| {}, true);
    for (name, count) in [("fargate", 2), ("scheduled", 2), ("once", 1)] {
        let found = containers(&stacks, "production", name);
        assert_eq!(found.len(), count, "{name}");
        let waits = found[0].get("dependsOn").is_some();
        assert_eq!(waits, count == 2, "{name}");
        let endpoint = variable(&found[0], "OTEL_EXPORTER_OTLP_ENDPOINT");
        assert_eq!(endpoint.as_deref(), (count == 2).then_some("http://localhost:4318"), "{name}");
    }
    for name in ["fargate", "scheduled", "once"] {
        let found = containers(&lowered(|_| {}, false), "production", name);
        assert_eq!(found.len(), 1, "{name}");
        assert!(variable(&found[0], "OTEL_SERVICE_NAME").is_none(), "{name}");
    }
}

#[test]
fn what_the_owner_sets_wins_and_a_port_that_is_taken_is_left() {
    let stacks = lowered(
        |shape| {
            let service = shape.services.get_mut("fargate").expect("is there");
            let all = EnvValue { parts: vec![EnvPart::Text("always_on".into())] };
            service.env.insert("OTEL_TRACES_SAMPLER".into(), all);
            service.port = Some(4318);
        },
        true,
    );
    let found = containers(&stacks, "staging", "fargate");
    assert_eq!(variable(&found[0], "OTEL_TRACES_SAMPLER").as_deref(), Some("always_on"));
    assert_eq!(variable(&found[0], "OTEL_EXPORTER_OTLP_ENDPOINT").as_deref(), Some("http://localhost:4319"));
    assert_eq!(variable(&found[1], "OTLP_PORT").as_deref(), Some("4319"));
}

#[test]
fn only_what_people_depend_on_pages() {
    let stacks = lowered(|_| {}, true);
    for (environment, receivers) in [("staging", 1), ("production", 2)] {
        let stack = stacks.iter().find(|s| s.name == environment).expect("the environment");
        let mut all = stack.graph.of_kind("aws_prometheus_alert_manager_definition");
        let definition = all.next().expect("somebody is told").get("definition").expect("is set");
        let Value::Json(outer) = definition else { panic!("{definition:?}") };
        let Some(Value::Json(inner)) = outer.get("alertmanager_config") else { panic!("{outer:?}") };
        let list = inner.get("receivers").and_then(Value::as_list).expect("receivers");
        assert_eq!(list.len(), receivers, "{environment}");
        let routes = inner.get("route").and_then(|r| r.get("routes")?.as_list().map(<[Value]>::len));
        assert_eq!(routes, Some(receivers - 1), "{environment}");
    }
}
