//! A small application in two environments, with everything that makes writing hard.
//!
//! Zones and NAT gateways differ in number, a replica region has an alias, policies lead across components, a
//! statement and a resource stand in production only, and text carries template markers.

use catalog::aws;
use ir::graph::Validation;
use ir::{Block, Graph, InputDecl, InputType, Lifecycle, NodeBuilder, Stack, Value};

pub fn decl(ty: InputType, description: &str) -> InputDecl {
    InputDecl { ty, description: description.into(), validation: None, from_pipeline: false }
}

/// The stacks of the sample, in the order they are applied.
pub fn stacks() -> Vec<Stack> {
    let stack = |name: &str, environment: bool, graph: Graph| Stack {
        name: name.into(),
        environment,
        region: "eu-west-1".into(),
        tags: [("Application", "shop"), ("Environment", name), ("ManagedBy", "mainstay")]
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
            .into(),
        graph,
    };
    vec![
        stack("bootstrap", false, bootstrap()),
        stack("shared", false, shared()),
        stack("staging", true, environment("staging", &["a", "b"], false)),
        stack("production", true, environment("production", &["a", "b", "c"], true)),
    ]
}

fn bootstrap() -> Graph {
    let mut g = Graph::new();
    g.component("state", "state", "Bucket that keeps the state of the other stacks");
    let name = g.input("state", "name", decl(InputType::String, "Beginning of every name."), "shop");
    let account = data_account(&mut g, "state");
    let bucket = Value::template([name, "-state-".into(), account]);
    let bucket = g.add(
        NodeBuilder::new("state", aws::s3_bucket::KIND, "this")
            .set(aws::s3_bucket::BUCKET, bucket)
            .lifecycle(Lifecycle { prevent_destroy: true, ..Lifecycle::default() }),
    );
    g.add(
        NodeBuilder::new("state", aws::s3_bucket_versioning::KIND, "this")
            .set(aws::s3_bucket_versioning::BUCKET, bucket.get(aws::s3_bucket::ID))
            .block(
                aws::s3_bucket_versioning::VERSIONING_CONFIGURATION,
                Block::new().set(aws::s3_bucket_versioning::versioning_configuration::STATUS, "Enabled"),
            ),
    );
    g
}

fn data_account(g: &mut Graph, component: &str) -> Value {
    g.add(NodeBuilder::data(component, aws::data_caller_identity::KIND, "current"))
        .get(aws::data_caller_identity::ACCOUNT_ID)
}

fn shared() -> Graph {
    let mut g = Graph::new();
    g.component("registry", "registry", "Image repositories");
    for service in ["api", "mailer"] {
        g.add(
            NodeBuilder::new("registry", aws::ecr_repository::KIND, "this")
                .key(service)
                .set(aws::ecr_repository::NAME, format!("shop/{service}"))
                .set(aws::ecr_repository::IMAGE_TAG_MUTABILITY, "IMMUTABLE"),
        );
    }
    g.component("alarms", "monitoring", "Topic that alarms go to");
    g.add(NodeBuilder::new("alarms", aws::sns_topic::KIND, "this").set(aws::sns_topic::NAME, "shop-alarms"));
    g
}

fn environment(name: &str, zones: &[&str], critical: bool) -> Graph {
    let mut g = Graph::new();
    network(&mut g, name, zones, critical);
    let repl = |g: &mut Graph| {
        g.component("replica", "backup", "Copies in another region");
        g.add(
            NodeBuilder::new("replica", aws::s3_bucket::KIND, "this")
                .set(aws::s3_bucket::BUCKET, format!("shop-{name}-replica"))
                .region("us-east-1"),
        );
    };
    repl(&mut g);
    database(&mut g, name, critical);
    service(&mut g, name, critical);
    g
}

fn network(g: &mut Graph, name: &str, zones: &[&str], critical: bool) {
    g.component("network", "network", "Private network");
    let prefix = g.input(
        "network",
        "name",
        decl(InputType::String, "Beginning of every name."),
        format!("shop-{name}"),
    );
    let second = if critical { 20 } else { 10 };
    let vpc = g.add(
        NodeBuilder::new("network", aws::vpc::KIND, "this")
            .set(aws::vpc::CIDR_BLOCK, format!("10.{second}.0.0/16"))
            .set(aws::vpc::ENABLE_DNS_HOSTNAMES, true)
            .set(aws::vpc::TAGS, Value::map([("Name", prefix.clone()), ("ManagedBy", "mainstay".into())])),
    );
    let available = g.add(
        NodeBuilder::data("network", aws::data_availability_zones::KIND, "available")
            .set(aws::data_availability_zones::STATE, "available"),
    );
    let igw = g.add(
        NodeBuilder::new("network", aws::internet_gateway::KIND, "this")
            .set(aws::internet_gateway::VPC_ID, vpc.get(aws::vpc::ID)),
    );
    for (side, offset) in [("public", 0u32), ("private", 8)] {
        for (i, zone) in zones.iter().enumerate() {
            let index = u32::try_from(i).expect("few zones");
            let cidr = format!("10.{second}.{}.0/24", offset + index);
            let subnet = g.add(
                NodeBuilder::new("network", aws::subnet::KIND, side)
                    .key(*zone)
                    .set(aws::subnet::VPC_ID, vpc.get(aws::vpc::ID))
                    .set(aws::subnet::CIDR_BLOCK, cidr)
                    .set(
                        aws::subnet::AVAILABILITY_ZONE,
                        Value::Ref(ir::Ref {
                            to: available.address.clone(),
                            path: vec![ir::Step::Attr("names".into()), ir::Step::Index(i)],
                        }),
                    )
                    .set(
                        aws::subnet::TAGS,
                        Value::map([(
                            "Name",
                            Value::template([prefix.clone(), format!("-{side}-{zone}").into()]),
                        )]),
                    ),
            );
            if side == "public" && (critical || i == 0) {
                let eip = g.add(
                    NodeBuilder::new("network", aws::eip::KIND, "nat")
                        .key(*zone)
                        .set(aws::eip::DOMAIN, "vpc"),
                );
                g.add(
                    NodeBuilder::new("network", aws::nat_gateway::KIND, "this")
                        .key(*zone)
                        .set(aws::nat_gateway::ALLOCATION_ID, eip.get(aws::eip::ID))
                        .set(aws::nat_gateway::SUBNET_ID, subnet.get(aws::subnet::ID))
                        .depends_on(&igw.address),
                );
            }
        }
    }
    for (i, zone) in zones.iter().enumerate() {
        let nat = ir::Address::new("network", ir::Kind::of("aws_nat_gateway"), "this");
        let nat = ir::Address { key: Some(zones[if critical { i } else { 0 }].into()), ..nat };
        let table = g.add(
            NodeBuilder::new("network", aws::route_table::KIND, "private")
                .key(*zone)
                .set(aws::route_table::VPC_ID, vpc.get(aws::vpc::ID)),
        );
        g.add(
            NodeBuilder::new("network", aws::route::KIND, "private")
                .key(*zone)
                .set(aws::route::ROUTE_TABLE_ID, table.get(aws::route_table::ID))
                .set(aws::route::DESTINATION_CIDR_BLOCK, "0.0.0.0/0")
                .set(
                    aws::route::NAT_GATEWAY_ID,
                    Value::Ref(ir::Ref { to: nat, path: vec![ir::Step::Attr("id".into())] }),
                ),
        );
    }
}

fn subnets(g: &Graph) -> Value {
    let all = g.of_kind("aws_subnet").filter(|n| n.address.name == "private");
    Value::List(
        all.map(|n| Value::Ref(ir::Ref { to: n.address.clone(), path: vec![ir::Step::Attr("id".into())] }))
            .collect(),
    )
}

fn reference(component: &str, kind: &'static str, name: &str, attr: &str) -> Value {
    let to = ir::Address::new(component, ir::Kind::of(kind), name);
    Value::Ref(ir::Ref { to, path: vec![ir::Step::Attr(attr.into())] })
}

fn database(g: &mut Graph, name: &str, critical: bool) {
    g.component("orders-db", "database", "Orders");
    let class = InputDecl {
        validation: Some(Validation::Matches {
            pattern: "^db\\.".into(),
            must_be: "an RDS instance class".into(),
        }),
        ..decl(InputType::String, "Instance class.")
    };
    let class =
        g.input("orders-db", "instance_class", class, if critical { "db.m7g.large" } else { "db.t4g.micro" });
    let storage = InputDecl {
        validation: Some(Validation::Range(20.0, 65536.0)),
        ..decl(InputType::Number, "Storage, GiB.")
    };
    let storage = g.input("orders-db", "storage_gib", storage, if critical { 100 } else { 20 });
    let protect = g.input(
        "orders-db",
        "deletion_protection",
        decl(InputType::Bool, "Whether the database refuses to be deleted."),
        critical,
    );
    let sg = g.add(
        NodeBuilder::new("orders-db", aws::security_group::KIND, "this")
            .set(aws::security_group::NAME, format!("shop-{name}-db"))
            .set(aws::security_group::DESCRIPTION, "Orders database")
            .set(aws::security_group::VPC_ID, reference("network", "aws_vpc", "this", "id")),
    );
    let group = g.add(
        NodeBuilder::new("orders-db", aws::db_subnet_group::KIND, "this")
            .set(aws::db_subnet_group::NAME, format!("shop-{name}-db"))
            .set(aws::db_subnet_group::SUBNET_IDS, subnets(g)),
    );
    let mut instance = NodeBuilder::new("orders-db", aws::db_instance::KIND, "this")
        .set(aws::db_instance::IDENTIFIER, format!("shop-{name}"))
        .set(aws::db_instance::ENGINE, "postgres")
        .set(aws::db_instance::INSTANCE_CLASS, class)
        .set(aws::db_instance::ALLOCATED_STORAGE, storage)
        .set(aws::db_instance::USERNAME, "shop")
        .set(aws::db_instance::MANAGE_MASTER_USER_PASSWORD, true)
        .set(aws::db_instance::SKIP_FINAL_SNAPSHOT, !critical)
        .set(aws::db_instance::MULTI_AZ, critical)
        .set(aws::db_instance::DB_SUBNET_GROUP_NAME, group.get(aws::db_subnet_group::NAME))
        .set(aws::db_instance::VPC_SECURITY_GROUP_IDS, Value::list([sg.get(aws::security_group::ID)]))
        .set(aws::db_instance::DELETION_PROTECTION, protect)
        .lifecycle(Lifecycle { prevent_destroy: critical, ..Lifecycle::default() });
    if critical {
        instance = instance.set(aws::db_instance::FINAL_SNAPSHOT_IDENTIFIER, "shop-production-final");
    }
    let instance = g.add(instance);
    g.components["orders-db"].outputs.insert(
        "endpoint".into(),
        ("Where the database answers".into(), instance.get(aws::db_instance::ENDPOINT)),
    );
}

fn service(g: &mut Graph, name: &str, critical: bool) {
    g.component("api", "service", "API");
    let image = InputDecl { from_pipeline: true, ..decl(InputType::String, "Image, by digest.") };
    let image = g.input("api", "image", image, Value::Unknown("the pipeline builds it".into()));
    let prefix = g.input(
        "api",
        "name",
        decl(InputType::String, "Beginning of every name."),
        format!("shop-{name}-api"),
    );
    let topic = critical.then(|| {
        g.add(
            NodeBuilder::new("api", aws::sns_topic::KIND, "audit")
                .set(aws::sns_topic::NAME, Value::template([prefix.clone(), "-audit".into()])),
        )
    });
    let mut statements = vec![Value::map([
        ("Sid", Value::from("ReadDatabase")),
        ("Effect", "Allow".into()),
        ("Action", Value::list(["rds:DescribeDBInstances"])),
        ("Resource", Value::list([reference("orders-db", "aws_db_instance", "this", "arn")])),
    ])];
    statements.extend(topic.as_ref().map(|t| {
        Value::map([
            ("Sid", Value::from("Audit")),
            ("Effect", "Allow".into()),
            ("Action", Value::list(["sns:Publish"])),
            ("Resource", Value::list([t.get(aws::sns_topic::ARN)])),
        ])
    }));
    let trust = Value::map([
        ("Version", Value::from("2012-10-17")),
        (
            "Statement",
            Value::List(vec![Value::map([
                ("Effect", Value::from("Allow")),
                ("Action", "sts:AssumeRole".into()),
                ("Principal", Value::map([("Service", "ecs-tasks.amazonaws.com")])),
            ])]),
        ),
    ]);
    let role = g.add(
        NodeBuilder::new("api", aws::iam_role::KIND, "task")
            .set(aws::iam_role::NAME, Value::template([prefix.clone(), "-task".into()]))
            .set(aws::iam_role::ASSUME_ROLE_POLICY, Value::json(trust)),
    );
    let policy = Value::map([("Version", Value::from("2012-10-17")), ("Statement", Value::List(statements))]);
    g.add(
        NodeBuilder::new("api", aws::iam_role_policy::KIND, "task")
            .set(aws::iam_role_policy::NAME, "task")
            .set(aws::iam_role_policy::ROLE, role.get(aws::iam_role::ID))
            .set(aws::iam_role_policy::POLICY, Value::json(policy)),
    );
    let mut env = vec![
        Value::map([
            ("name", Value::from("DB_HOST")),
            ("value", reference("orders-db", "aws_db_instance", "this", "address")),
        ]),
        Value::map([("name", "GREETING"), ("value", "costs $${5} and ${name} 100%{x}")]),
    ];
    env.extend(
        topic.map(|t| Value::map([("name", Value::from("AUDIT")), ("value", t.get(aws::sns_topic::ARN))])),
    );
    let container = Value::map([
        ("name", Value::from("api")),
        ("image", image),
        ("essential", true.into()),
        ("environment", Value::List(env)),
    ]);
    g.add(
        NodeBuilder::new("api", aws::ecs_task_definition::KIND, "this")
            .set(aws::ecs_task_definition::FAMILY, prefix)
            .set(aws::ecs_task_definition::NETWORK_MODE, "awsvpc")
            .set(aws::ecs_task_definition::REQUIRES_COMPATIBILITIES, Value::list(["FARGATE"]))
            .set(aws::ecs_task_definition::CPU, if critical { 512 } else { 256 })
            .set(aws::ecs_task_definition::MEMORY, 1024)
            .set(aws::ecs_task_definition::TASK_ROLE_ARN, role.get(aws::iam_role::ARN))
            .set(aws::ecs_task_definition::CONTAINER_DEFINITIONS, Value::json(Value::List(vec![container]))),
    );
    if critical {
        g.component("archive", "bucket", "Old orders");
        g.add(
            NodeBuilder::new("archive", aws::s3_bucket::KIND, "this")
                .set(aws::s3_bucket::BUCKET, "shop-production-archive")
                .set(
                    aws::s3_bucket::TAGS,
                    Value::map([("Owner", reference("network", "aws_vpc", "this", "id"))]),
                ),
        );
    }
}
