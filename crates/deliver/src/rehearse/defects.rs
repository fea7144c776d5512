//! Defects planted into runs: each must be noticed by the trial that promises to.
//!
//! A run is a list of steps, so a wrong order, a step that was forgotten or a former state that is not the former
//! one can be written down without touching the machinery. The control has no defect and no complaint.

use ir::{Address, Graph, Kind, Ref, Step, Value};

use super::*;
use crate::run::RunStep;

fn node(kind: &'static str, name: &str, attrs: &[(&str, Value)]) -> Node {
    let mut node = Node::new(Address::new("c", Kind::of(kind), name));
    node.attrs.extend(attrs.iter().map(|(k, v)| ((*k).to_owned(), v.clone())));
    node
}

fn to(node: &Node, attribute: &str) -> Value {
    Value::Ref(Ref { to: node.address.clone(), path: vec![Step::Attr(attribute.into())] })
}

/// A rule that forwards to a target group, a task definition and its service, a queue, and whichever alarms.
fn stack(port: i64, cpu: &str, hidden: i64, alarms: &[&str]) -> Stack {
    let called = Value::from(format!("app-{port}"));
    let mut group = node("aws_lb_target_group", "this", &[("name", called), ("port", port.into())]);
    group.lifecycle.create_before_destroy = true;
    let action = Value::list([Value::map([("target_group_arn", to(&group, "arn"))])]);
    let rule = node("aws_lb_listener_rule", "this", &[("listener_arn", "l".into()), ("action", action)]);
    let task = node(
        "aws_ecs_task_definition",
        "this",
        &[("family", "app".into()), ("cpu", cpu.into()), ("container_definitions", "[]".into())],
    );
    let service =
        node("aws_ecs_service", "this", &[("name", "app".into()), ("task_definition", to(&task, "arn"))]);
    let queue = node(
        "aws_sqs_queue",
        "this",
        &[("name", "jobs".into()), ("visibility_timeout_seconds", hidden.into())],
    );
    let dimensions = Value::map([("ServiceName", to(&service, "name"))]);
    let alarm = |name: &&str| {
        let named = Value::from(format!("app-{name}"));
        node(
            "aws_cloudwatch_metric_alarm",
            name,
            &[
                ("alarm_name", named),
                ("comparison_operator", "GreaterThanThreshold".into()),
                ("evaluation_periods", 1.into()),
                ("dimensions", dimensions.clone()),
            ],
        )
    };
    let watched: Vec<Node> = alarms.iter().map(alarm).collect();
    let mut graph = Graph::new();
    [group, rule, task, service, queue].into_iter().chain(watched).for_each(|n| graph.insert(n));
    Stack {
        name: "app".into(),
        environment: true,
        region: "eu-west-1".into(),
        tags: Default::default(),
        graph,
    }
}

/// A defect: what it does to the steps of a run.
type Defect = for<'a> fn(Vec<RunStep<'a>>) -> Vec<RunStep<'a>>;

fn place(steps: &[RunStep<'_>], action: Action, kind: &str) -> usize {
    let is = |s: &RunStep<'_>| s.action == action && s.address().contains(kind);
    steps.iter().position(is).unwrap_or_else(|| panic!("no {action:?} of {kind}"))
}

/// The names of the trials that complain about an update that has a defect.
fn complaining_of_update(defect: Defect) -> Vec<String> {
    let before = stack(80, "256", 30, &["old", "gone"]);
    let after = stack(81, "512", 60, &["old", "new"]);
    let mut cloud = Cloud::default();
    let deployed = cloud.prepare(&before, &ordered(&before));
    deployed.iter().for_each(|wanted| cloud.create(wanted).expect("in order"));
    let gone = |node: &&Node| after.graph.get(&node.address).is_none();
    let leaving: Vec<&Node> = ordered(&before).into_iter().rev().filter(gone).collect();
    let changes = differences(&|address| before.graph.get(address), &ordered(&after), &leaving);
    let planned: Vec<RunStep<'_>> = steps(&mut cloud, &after, &changes).iter().cloned().collect();
    let planted = Steps::of(defect(planned));
    let mut rehearsal = Rehearsal::default();
    let start = cloud.fingerprint().settings;
    if suite(&mut cloud, &planted, ("update", ""), &mut rehearsal) {
        let trial = finished_rollback(&mut cloud, &planted, start, &mut rehearsal.steps);
        rehearsal.trials.push(trial);
    }
    complaining(&rehearsal)
}

fn complaining(rehearsal: &Rehearsal) -> Vec<String> {
    let failed = rehearsal.trials.iter().filter(|t| !t.failures.is_empty());
    failed.map(|t| t.name.clone()).collect()
}

#[test]
fn an_update_without_a_defect_has_no_complaint() {
    assert_eq!(complaining_of_update(|steps| steps), Vec::<String>::new());
}

#[test]
fn every_defect_of_an_update_is_noticed() {
    let defects: [(&str, &str, Defect); 9] = [
        ("what refers to a replaced task definition is forgotten", "update", |mut steps| {
            steps.remove(place(&steps, Action::Update, "aws_ecs_service"));
            steps
        }),
        ("the rule moves before its new target group is there", "update", |mut steps| {
            let step = steps.remove(place(&steps, Action::Update, "aws_lb_listener_rule"));
            steps.insert(0, step);
            steps
        }),
        ("a target group in use is destroyed first", "update", |mut steps| {
            let at = place(&steps, Action::Replace, "aws_lb_target_group");
            steps[at].create_first = false;
            steps
        }),
        ("a change is taken for a creation", "update", |mut steps| {
            let at = place(&steps, Action::Update, "aws_sqs_queue");
            steps[at].action = Action::Create;
            steps
        }),
        ("a creation is taken for a change", "update", |mut steps| {
            let at = place(&steps, Action::Create, "aws_cloudwatch_metric_alarm");
            steps[at].action = Action::Update;
            steps
        }),
        ("what is fixed at creation is changed in place", "update", |mut steps| {
            let at = place(&steps, Action::Replace, "aws_ecs_task_definition");
            steps[at].action = Action::Update;
            steps
        }),
        ("a change forgets what there was", "update: every step fails", |mut steps| {
            let at = place(&steps, Action::Update, "aws_sqs_queue");
            steps[at].former = None;
            steps
        }),
        ("a change remembers the wrong state", "a finished update is rolled back", |mut steps| {
            let at = place(&steps, Action::Update, "aws_sqs_queue");
            steps[at].former = steps[at].wanted.clone();
            steps
        }),
        ("a deletion is done twice", "update", |mut steps| {
            let at = place(&steps, Action::Delete, "aws_cloudwatch_metric_alarm");
            steps.push(steps[at].clone());
            steps
        }),
    ];
    for (what, noticed_by, defect) in defects {
        let noticed = complaining_of_update(defect);
        assert!(noticed.iter().any(|name| name.starts_with(noticed_by)), "{what}: {noticed:?}");
    }
}

/// The names of the trials that complain about a deployment that has a defect, and about destroying it in an order.
fn complaining_of_deployment(defect: Defect, destroyed: Defect) -> Vec<String> {
    let stack = stack(80, "256", 30, &["old"]);
    let wanted = ordered(&stack);
    let mut cloud = Cloud::default();
    let planned: Vec<RunStep<'_>> =
        steps(&mut cloud, &stack, &differences(&|_| None, &wanted, &[])).iter().cloned().collect();
    let planted = Steps::of(defect(planned.clone()));
    let mut rehearsal = Rehearsal::default();
    if suite(&mut cloud, &planted, ("deployment", ""), &mut rehearsal) {
        rehearsal.trials.push(second_apply(&cloud, &stack, &planted, &wanted));
        down(&mut cloud, &Steps::of(destroyed(planned)), &mut rehearsal);
    }
    complaining(&rehearsal)
}

#[test]
fn every_defect_of_a_deployment_is_noticed() {
    let whole: Defect = |steps| steps;
    assert_eq!(complaining_of_deployment(whole, whole), Vec::<String>::new());
    let defects: [(&str, &str, Defect, Defect); 5] = [
        (
            "dependents come first",
            "deployment",
            |mut steps| {
                steps.reverse();
                steps
            },
            whole,
        ),
        (
            "something that others need is forgotten",
            "deployment",
            |mut steps| {
                steps.remove(place(&steps, Action::Create, "aws_ecs_task_definition"));
                steps
            },
            whole,
        ),
        (
            "something that nobody needs is forgotten",
            "a second apply does nothing",
            |mut steps| {
                steps.remove(place(&steps, Action::Create, "aws_sqs_queue"));
                steps
            },
            whole,
        ),
        (
            "something is made twice",
            "deployment",
            |mut steps| {
                steps.push(steps[place(&steps, Action::Create, "aws_sqs_queue")].clone());
                steps
            },
            whole,
        ),
        ("what others use is destroyed first", "destroy", whole, |mut steps| {
            steps.reverse();
            steps
        }),
    ];
    for (what, noticed_by, defect, destroyed) in defects {
        let noticed = complaining_of_deployment(defect, destroyed);
        assert!(noticed.iter().any(|name| name.starts_with(noticed_by)), "{what}: {noticed:?}");
    }
}
