//! What changes, in which order, and what it risks.

use deliver::plan::plan;
use deliver::{Action, Change, Plan};
use ir::{Graph, SecretRef, Stack, Value};

use crate::stacks::{application, node, of, to};

fn with(stack: &Stack, address: &str, attribute: &str, value: Value) -> Stack {
    let mut graph = Graph::new();
    for mut node in stack.graph.nodes().cloned() {
        if node.address.to_string() == address {
            node.attrs.insert(attribute.to_owned(), value.clone());
        }
        graph.insert(node);
    }
    Stack { graph, ..stack.clone() }
}

fn one(plan: &Plan) -> &Change {
    assert_eq!(plan.changes.len(), 1, "{plan:#?}");
    &plan.changes[0]
}

#[test]
fn creations_follow_references_and_deletions_run_the_other_way() {
    let stack = application("shop", 3);
    let up = plan(None, Some(&stack));
    let place = |p: &Plan, a: &ir::Address| p.changes.iter().position(|c| c.address == *a).expect("planned");
    let down = plan(Some(&stack), None);
    assert_eq!((up.changes.len(), down.changes.len()), (stack.graph.len(), stack.graph.len()));
    for node in stack.graph.nodes() {
        for needed in node.dependencies() {
            assert!(place(&up, needed) < place(&up, &node.address));
            assert!(place(&down, needed) > place(&down, &node.address));
        }
    }
    assert!(up.changes.iter().all(|c| c.action == Action::Create && c.reversible && !c.loses_data));
    let lost = down.changes.iter().filter(|c| c.loses_data).count();
    assert!(lost > 0 && down.changes.iter().all(|c| c.reversible != c.loses_data));
}

#[test]
fn nothing_planned_has_its_own_hash_and_every_value_changes_it() {
    let stack = application("shop", 1);
    let nothing = plan(Some(&stack), Some(&stack));
    assert!(nothing.changes.is_empty());
    let db = "module.db.aws_db_instance.this";
    let hash = |value: &str| plan(Some(&stack), Some(&with(&stack, db, "instance_class", value.into()))).hash;
    assert_ne!(hash("db.r6g.large"), hash("db.r6g.xlarge"));
    assert_eq!(hash("db.r6g.large"), hash("db.r6g.large"));
    assert_ne!(hash("db.r6g.large"), nothing.hash);
}

#[test]
fn map_order_means_nothing_to_the_hash() {
    let queue = |tags: [(&str, &str); 2]| {
        of("x", [node("q", "aws_sqs_queue", "this", &[("tags", Value::map(tags))])])
    };
    let (one, other) = (queue([("a", "1"), ("b", "2")]), queue([("b", "2"), ("a", "1")]));
    assert_eq!(plan(None, Some(&one)).hash, plan(None, Some(&other)).hash);
}

#[test]
fn risks_are_told() {
    let stack = application("shop", 1);
    let db = "module.db.aws_db_instance.this";
    let restart = plan(Some(&stack), Some(&with(&stack, db, "instance_class", "db.r6g.large".into())));
    assert!(one(&restart).downtime && one(&restart).reversible);
    let upgrade = plan(Some(&stack), Some(&with(&stack, db, "engine_version", "17".into())));
    assert!(!one(&upgrade).reversible);
    let replacement = plan(Some(&stack), Some(&with(&stack, db, "username", "another".into())));
    assert!(replacement.changes[0].loses_data && !replacement.changes[0].reversible);
}

/// A store that gets another name, another engine or goes away takes its data along, whatever kind it is.
#[test]
fn data_that_would_be_lost_is_flagged_for_every_kind_that_holds_any() {
    let mut kinds = 0;
    for info in catalog::kinds::all().filter(|info| info.holds_data && !info.data) {
        let called = |name: &str| {
            let mut node = node("c", "x", name, &[]);
            node.address.kind = ir::Kind::named(&info.kind);
            of("x", [node])
        };
        let renamed = plan(Some(&called("before")), Some(&called("after")));
        let gone = renamed.changes.iter().find(|c| c.action == Action::Delete).expect("the old one goes");
        assert!(gone.loses_data && gone.risks().contains(&"loses data"), "{}", info.kind);
        assert!(plan(Some(&called("only")), None).changes[0].loses_data, "{}", info.kind);
        let engine = ["engine", "engine_type"].into_iter().find(|e| info.schema.attributes.contains_key(*e));
        // Valkey takes over from Redis in place.
        let engine = engine.filter(|_| info.kind != "aws_elasticache_replication_group");
        if let Some(engine) = engine {
            let address = format!("module.c.{}.only", info.kind);
            let one_engine = with(&called("only"), &address, engine, "one".into());
            let changed =
                plan(Some(&one_engine), Some(&with(&called("only"), &address, engine, "two".into())));
            assert!(one(&changed).loses_data, "{} {engine}", info.kind);
        }
        kinds += 1;
    }
    assert!(kinds > 10, "{kinds}");
}

#[test]
fn storage_that_only_grows_is_told_when_it_should_shrink() {
    let sized = |kind: &'static str, path: &str, gib: i64| {
        let mut value = Value::from(gib);
        let mut parts: Vec<&str> = path.split('.').collect();
        let first = parts.remove(0);
        for part in parts.into_iter().rev() {
            value = Value::list([Value::map([(part, value)])]);
        }
        of("x", [node("c", kind, "this", &[(first, value)])])
    };
    for (kind, path) in [
        ("aws_db_instance", "allocated_storage"),
        ("aws_msk_cluster", "broker_node_group_info.storage_info.ebs_storage_info.volume_size"),
    ] {
        let of = |from: i64, to: i64| plan(Some(&sized(kind, path, from)), Some(&sized(kind, path, to)));
        assert!(one(&of(100, 50)).shrinks && !one(&of(100, 50)).risks().is_empty(), "{kind}");
        assert!(!one(&of(50, 100)).shrinks, "{kind}");
    }
}

#[test]
fn what_refers_to_a_replaced_resource_changes_with_it() {
    let stack = application("shop", 1);
    let task = "module.s0.aws_ecs_task_definition.this";
    let plan = plan(Some(&stack), Some(&with(&stack, task, "cpu", "512".into())));
    let service =
        plan.changes.iter().find(|c| c.address.kind.as_str() == "aws_ecs_service").expect("planned");
    assert_eq!(
        (service.action, service.attributes.as_slice()),
        (Action::Update, &["task_definition".to_owned()][..])
    );
}

#[test]
fn what_something_else_owns_is_left_alone() {
    let mut service =
        node("s", "aws_ecs_service", "this", &[("name", "s".into()), ("desired_count", 2.into())]);
    service.lifecycle.ignore_changes.push("desired_count".into());
    let before = of("x", [service]);
    let after = with(&before, "module.s.aws_ecs_service.this", "desired_count", 9.into());
    assert!(plan(Some(&before), Some(&after)).changes.is_empty());
}

#[test]
fn new_access_is_named_and_old_access_is_not() {
    let policy = |actions: &[&str]| {
        let statement = Value::map([
            ("Effect", Value::from("Allow")),
            ("Action", Value::list(actions.iter().copied())),
            ("Resource", "*".into()),
        ]);
        let document = Value::json(Value::map([("Statement", Value::list([statement]))]));
        let door = node(
            "p",
            "aws_vpc_security_group_ingress_rule",
            "this",
            &[
                ("security_group_id", "sg".into()),
                ("ip_protocol", "tcp".into()),
                ("from_port", 443.into()),
                ("to_port", 443.into()),
                ("cidr_ipv4", "0.0.0.0/0".into()),
            ],
        );
        of("x", [node("p", "aws_iam_policy", "this", &[("policy", document)]), door])
    };
    let made = plan(None, Some(&policy(&["s3:GetObject"])));
    let grants: Vec<_> = made.changes.iter().flat_map(|c| &c.grants).collect();
    assert_eq!(grants, ["allow s3:GetObject on *", "0.0.0.0/0 may reach tcp port 443"]);
    let more = plan(Some(&policy(&["s3:GetObject"])), Some(&policy(&["s3:GetObject", "s3:PutObject"])));
    assert_eq!(one(&more).grants, ["allow s3:GetObject, s3:PutObject on *"]);
    let less = plan(Some(&policy(&["s3:GetObject"])), Some(&of("x", [])));
    assert!(less.changes.iter().all(|c| c.grants.is_empty()));
}

#[test]
fn a_plan_of_nothing_or_of_a_cycle_does_not_stop_the_program() {
    assert!(plan(None, None).changes.is_empty());
    let mut a = node("c", "aws_sqs_queue", "a", &[]);
    let b = node("c", "aws_sqs_queue", "b", &[("name", to(&a.address, "url"))]);
    a.attrs.insert("name".into(), to(&b.address, "url"));
    let secret = Value::Secret(SecretRef { name: "K\u{e9}y \u{1f980}".into() });
    a.attrs.insert("policy".into(), secret);
    assert_eq!(plan(None, Some(&of("x", [a, b]))).changes.len(), 2);
}

#[test]
fn what_a_resource_made_first_refers_to_is_made_first_too() {
    let name = |v: &str| [("name", Value::from(v))];
    let logs = node("c", "aws_cloudwatch_log_group", "this", &name("l"));
    let role =
        node("c", "aws_iam_role", "this", &[("name", "r".into()), ("description", to(&logs.address, "arn"))]);
    let mut task =
        node("c", "aws_ecs_task_definition", "this", &[("task_role_arn", to(&role.address, "arn"))]);
    task.lifecycle.create_before_destroy = true;
    let bystander = node(
        "c",
        "aws_kms_alias",
        "this",
        &[("name", "alias/a".into()), ("target_key_id", to(&task.address, "arn"))],
    );
    let before = of("x", [logs, role, task, bystander]);
    let after = before.graph.nodes().fold(before.clone(), |stack, n| {
        with(
            &stack,
            &n.address.to_string(),
            if n.kind().as_str() == "aws_ecs_task_definition" { "family" } else { "name" },
            "new".into(),
        )
    });
    let plan = plan(Some(&before), Some(&after));
    let first: Vec<bool> = plan.changes.iter().map(|c| c.create_first).collect();
    assert!(plan.changes.iter().all(|c| c.action == Action::Replace));
    assert_eq!(first, [true, true, true, false]);
}
