//! Stacks of any size, of kinds that the catalogue has.

use ir::{Address, Graph, Kind, Node, Ref, Stack, Step, Value};

pub(crate) fn to(address: &Address, attribute: &str) -> Value {
    Value::Ref(Ref { to: address.clone(), path: vec![Step::Attr(attribute.into())] })
}

pub(crate) fn node(component: &str, kind: &'static str, name: &str, attrs: &[(&str, Value)]) -> Node {
    let mut node = Node::new(Address::new(component, Kind::of(kind), name));
    node.attrs.extend(attrs.iter().map(|(k, v)| ((*k).to_owned(), v.clone())));
    node
}

pub(crate) fn of(name: &str, nodes: impl IntoIterator<Item = Node>) -> Stack {
    let mut graph = Graph::new();
    nodes.into_iter().for_each(|n| graph.insert(n));
    Stack {
        name: name.into(),
        environment: true,
        region: "eu-west-1".into(),
        tags: Default::default(),
        graph,
    }
}

/// An application of `services` services, each with a queue, a role, a group, logs, a task and an alarm, around
/// one network, cluster and protected database.
pub(crate) fn application(name: &str, services: usize) -> Stack {
    let vpc = node("network", "aws_vpc", "this", &[("cidr_block", "10.0.0.0/16".into())]);
    let cluster = node("cluster", "aws_ecs_cluster", "this", &[("name", name.into())]);
    let mut group = node(
        "db",
        "aws_security_group",
        "this",
        &[("vpc_id", to(&vpc.address, "id")), ("description", "Guards the database".into())],
    );
    group.lifecycle.create_before_destroy = true;
    let db = node(
        "db",
        "aws_db_instance",
        "this",
        &[
            ("identifier", format!("{name}-db").into()),
            ("instance_class", "db.t4g.medium".into()),
            ("deletion_protection", true.into()),
            ("vpc_security_group_ids", Value::list([to(&group.address, "id")])),
        ],
    );
    let mut nodes = vec![vpc.clone(), cluster.clone(), group, db.clone()];
    for i in 0..services {
        let component = format!("s{i}");
        let called = Value::from(format!("{name}-s{i}"));
        let trust = Value::json(Value::map([("Statement", Value::List(Vec::new()))]));
        let make = |kind, attrs: &[(&str, Value)]| node(&component, kind, "this", attrs);
        let group = make("aws_security_group", &[("vpc_id", to(&vpc.address, "id"))]);
        let role = make("aws_iam_role", &[("name", called.clone()), ("assume_role_policy", trust)]);
        let logs =
            make("aws_cloudwatch_log_group", &[("name", called.clone()), ("retention_in_days", 30.into())]);
        let queue = make("aws_sqs_queue", &[("name", called.clone())]);
        let allow = Value::map([
            ("Effect", Value::from("Allow")),
            ("Action", "sqs:SendMessage".into()),
            ("Resource", to(&queue.address, "arn")),
        ]);
        let policy = Value::json(Value::map([("Statement", Value::list([allow]))]));
        let policy = make("aws_iam_role_policy", &[("role", to(&role.address, "id")), ("policy", policy)]);
        let container = Value::map([
            ("name", called.clone()),
            ("image", "app:1".into()),
            ("logs", to(&logs.address, "name")),
        ]);
        let task = make(
            "aws_ecs_task_definition",
            &[
                ("family", called.clone()),
                ("task_role_arn", to(&role.address, "arn")),
                ("container_definitions", Value::json(Value::list([container]))),
            ],
        );
        let mut service = make(
            "aws_ecs_service",
            &[
                ("name", called.clone()),
                ("cluster", to(&cluster.address, "arn")),
                ("task_definition", to(&task.address, "arn")),
                ("desired_count", 2.into()),
                (
                    "network_configuration",
                    Value::list([Value::map([("security_groups", Value::list([to(&group.address, "id")]))])]),
                ),
            ],
        );
        service.depends_on.push(db.address.clone());
        let alarm = make(
            "aws_cloudwatch_metric_alarm",
            &[
                ("alarm_name", called),
                ("comparison_operator", "GreaterThanThreshold".into()),
                ("evaluation_periods", 1.into()),
                ("dimensions", Value::map([("ServiceName", to(&service.address, "name"))])),
            ],
        );
        nodes.extend([group, role, logs, queue, policy, task, service, alarm]);
    }
    of(name, nodes)
}
