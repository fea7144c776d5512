//! What holds for every kind of data store, alarm and backup.

use std::collections::{BTreeMap, BTreeSet};

use design::{
    Blueprint, BrokerDesign, BucketDesign, CacheDesign, DatabaseDesign, QueueDesign, ResourceChoice,
    ResourceDesign, SearchDesign, TopicDesign,
};
use ir::{Stack, Usd, Value};
use spec::{ResourceType, Spec};

use crate::blueprints::{Shape, blueprint, service, uses};
use crate::walk;

fn database(engine: &str, version: &str, class: &str, iops: u32) -> DatabaseDesign {
    DatabaseDesign {
        engine: engine.into(),
        version: version.into(),
        class: class.into(),
        instances: 2,
        multi_az: true,
        storage_gib: 100,
        max_storage_gib: 200,
        iops,
        throughput: 0,
        database: "data".into(),
        queries: 200.0,
        migrations: None,
    }
}

fn cache(engine: &str, version: &str, nodes: u32) -> CacheDesign {
    CacheDesign {
        engine: engine.into(),
        version: version.into(),
        node_type: "cache.t4g.small".into(),
        memory_gib: 1.37,
        nodes,
    }
}

fn queue(fifo: bool) -> QueueDesign {
    QueueDesign {
        fifo,
        retention_seconds: 345_600,
        visibility_seconds: 60,
        max_receives: 5,
        messages_month: 1e6,
    }
}

fn broker(version: &str, class: &str, brokers: u32) -> BrokerDesign {
    BrokerDesign { version: version.into(), class: class.into(), brokers, storage_gib: 100 }
}

fn search(nodes: u32) -> SearchDesign {
    let class = "t3.small.search".into();
    SearchDesign { version: "OpenSearch_2.19".into(), class, nodes, storage_gib: 20 }
}

/// Every choice in every version and size that leads to different nodes.
fn choices() -> Vec<(&'static str, ResourceType, ResourceChoice)> {
    use ResourceChoice::*;
    use ResourceType as T;
    let topic = |fifo, subscriber: &str| TopicDesign {
        fifo,
        subscribers: vec![subscriber.into()],
        messages_month: 1e6,
    };
    vec![
        ("postgres-major", T::Postgres, Rds(database("postgres", "16", "db.t4g.medium", 0))),
        ("postgres-minor", T::Postgres, Rds(database("postgres", "17.2", "db.m7g.large", 12_000))),
        ("mysql-tiny", T::Mysql, Rds(database("mysql", "8.0", "db.t4g.micro", 0))),
        ("mysql-lts", T::Mysql, Rds(database("mysql", "8.4.3", "db.m7g.large", 0))),
        ("aurora-postgres", T::Postgres, Aurora(database("postgres", "16", "db.r7g.large", 0))),
        ("aurora-mysql", T::Mysql, Aurora(database("mysql", "8.0", "db.r7g.large", 0))),
        ("documents", T::Mongodb, DocumentDb(database("mongodb", "5.0", "db.r6g.large", 0))),
        ("valkey", T::Redis, ElastiCache(cache("valkey", "8", 1))),
        ("redis", T::Redis, ElastiCache(cache("redis", "7.1", 3))),
        ("memcached", T::Memcached, Memcached(cache("memcached", "1.6.22", 2))),
        ("jobs", T::Queue, Sqs(queue(false))),
        ("ordered-jobs", T::Queue, Sqs(queue(true))),
        ("events", T::Topic, Sns(topic(false, "jobs"))),
        ("more-events", T::Topic, Sns(topic(false, "jobs"))),
        ("ordered-events", T::Topic, Sns(topic(true, "ordered-jobs"))),
        ("files", T::Bucket, S3(BucketDesign { size_gib: 50.0, noncurrent_days: 30, zone_redundant: true })),
        ("rabbit-alone", T::Rabbitmq, RabbitMq(broker("3.13", "mq.m7g.medium", 1))),
        ("rabbit-cluster", T::Rabbitmq, RabbitMq(broker("3.13", "mq.m7g.large", 3))),
        ("kafka", T::Kafka, Kafka(broker("3.8.x", "kafka.m7g.large", 6))),
        ("search-alone", T::Opensearch, OpenSearch(search(1))),
        ("search-spread", T::Opensearch, OpenSearch(search(6))),
        ("a-resource-whose-name-is-longer-than-any-service-of-aws-allows", T::Queue, Sqs(queue(true))),
        ("network", T::Redis, ElastiCache(cache("valkey", "8.0", 2))),
    ]
}

/// Environments of a shape with every choice, used by one service besides its own.
pub fn everything(shape: &Shape, protect: bool, budget: bool) -> (Spec, Blueprint) {
    let mut shape = shape.clone();
    let mut consumer = service("fargate", &shape);
    consumer.env.clear();
    consumer.uses = choices().iter().map(|(name, ..)| uses(spec::UseTarget::Resource, name)).collect();
    shape.services.insert("consumer".into(), consumer);
    let (spec, mut blueprint) = blueprint(&shape);
    blueprint.owner = Some("platform@shop.example".into());
    for design in blueprint.environments.values_mut() {
        design.resources = choices()
            .into_iter()
            .map(|(name, ty, choice)| (name.to_owned(), ResourceDesign { ty, choice }))
            .collect();
        design.recovery.protect = protect;
        design.recovery.point_in_time_days = 7;
        design.recovery.backup_days = if protect { 35 } else { 0 };
        design.recovery.copy_region = protect.then(|| "eu-central-1".to_owned());
        design.budget = budget.then_some(Usd(1500.4));
    }
    (spec, blueprint)
}

fn matrix() -> Vec<(String, Stack)> {
    let mut all = Vec::new();
    for zones in [2, 3] {
        for protect in [false, true] {
            let (spec, blueprint) = everything(&Shape { zones, ..Shape::default() }, protect, protect);
            let (stacks, diagnostics) = lower::lower(&spec, &blueprint);
            let errors: Vec<_> = diagnostics.iter().filter(|d| d.severity == ir::Severity::Error).collect();
            assert!(errors.is_empty(), "{zones} zones, protect {protect}: {errors:#?}");
            let environments = stacks.into_iter().filter(|s| s.environment);
            all.extend(environments.map(|s| (format!("{zones} zones, protect {protect}, {}", s.name), s)));
        }
    }
    all
}

#[test]
fn every_store_is_said_in_terms_of_the_provider_and_points_at_what_exists() {
    for (label, stack) in matrix() {
        let problems: Vec<String> =
            stack.graph.nodes().flat_map(|n| walk::problems(n, &stack.graph)).collect();
        assert!(problems.is_empty(), "{label}: {problems:#?}");
        assert!(stack.graph.in_order().is_ok(), "{label}: {:?}", stack.graph.in_order().err());
        for node in stack.graph.nodes() {
            assert!(!node.purpose.is_empty() && !node.purpose.ends_with('.'), "{label}: {}", node.address);
            let component = stack.graph.components.get(&node.address.component).expect("declared");
            for value in node.attrs.values() {
                value.walk(&mut |v| {
                    if let Value::Input(input) = v {
                        let known = component.inputs.get(&input.name);
                        let described = known.is_some_and(|d| d.description.ends_with('.'));
                        assert!(described, "{label}: {}: {}", node.address, input.name);
                    }
                });
            }
            for action in node.attrs.values().flat_map(walk::allowed_actions) {
                assert!(!action.contains('*'), "{label}: {}: {action}", node.address);
            }
        }
    }
}

#[test]
fn every_fact_that_a_spec_may_name_is_offered() {
    for (name, ty, _) in choices() {
        let (spec, mut blueprint) = everything(&Shape::default(), false, false);
        for service in blueprint.environments.values_mut().flat_map(|e| e.services.values_mut()) {
            service.env = ty
                .fields()
                .iter()
                .map(|field| {
                    let (target, name) = (spec::UseTarget::Resource, name.to_owned());
                    let part = spec::EnvPart::Reference { target, name, field: (*field).to_owned() };
                    (field.to_uppercase(), spec::EnvValue { parts: vec![part] })
                })
                .collect();
        }
        let (_, diagnostics) = lower::lower(&spec, &blueprint);
        let errors: Vec<_> = diagnostics.iter().filter(|d| d.severity == ir::Severity::Error).collect();
        assert!(errors.is_empty(), "{name}: {errors:#?}");
    }
}

#[test]
fn protection_follows_the_design_on_everything_that_holds_data() {
    for (label, stack) in matrix() {
        let protect = label.contains("protect true");
        for node in stack.graph.nodes() {
            let own = catalog::kind(node.kind().as_str()).is_some_and(|k| k.holds_data);
            let store = choices().iter().any(|(name, ..)| node.address.component.starts_with(name));
            if own
                && store
                && node.kind().as_str() != "aws_secretsmanager_secret"
                && node.kind().as_str() != "aws_cloudwatch_log_group"
            {
                assert!(
                    !protect || node.lifecycle.prevent_destroy || node.kind().as_str().ends_with("_instance"),
                    "{label}: {}",
                    node.address
                );
                assert!(protect || !node.lifecycle.prevent_destroy, "{label}: {}", node.address);
            }
            if let Some(value) = node.get("deletion_protection") {
                assert_eq!(value.as_bool(), Some(protect), "{label}: {}", node.address);
            }
        }
    }
}

#[test]
fn stores_are_encrypted_and_closed() {
    let must = [
        ("aws_db_instance", "storage_encrypted", true),
        ("aws_db_instance", "publicly_accessible", false),
        ("aws_db_instance", "manage_master_user_password", true),
        ("aws_rds_cluster", "storage_encrypted", true),
        ("aws_rds_cluster", "manage_master_user_password", true),
        ("aws_rds_cluster_instance", "publicly_accessible", false),
        ("aws_docdb_cluster", "storage_encrypted", true),
        ("aws_docdb_cluster", "manage_master_user_password", true),
        ("aws_elasticache_replication_group", "at_rest_encryption_enabled", true),
        ("aws_elasticache_replication_group", "transit_encryption_enabled", true),
        ("aws_elasticache_cluster", "transit_encryption_enabled", true),
        ("aws_mq_broker", "publicly_accessible", false),
        ("aws_kms_key", "enable_key_rotation", true),
    ];
    for (label, stack) in matrix() {
        for (kind, attr, value) in must {
            let mut seen = 0;
            for node in stack.graph.of_kind(kind) {
                assert_eq!(
                    node.get(attr).and_then(Value::as_bool),
                    Some(value),
                    "{label}: {}.{attr}",
                    node.address
                );
                seen += 1;
            }
            assert!(seen > 0, "{label}: no {kind}");
        }
        for node in stack.graph.of_kind("aws_sqs_queue").chain(stack.graph.of_kind("aws_sns_topic")) {
            assert!(node.get("kms_master_key_id").is_some(), "{label}: {}", node.address);
        }
    }
}

#[test]
fn no_secret_value_enters_the_graph() {
    for (label, stack) in matrix() {
        for node in stack.graph.nodes() {
            assert_ne!(
                node.kind().as_str(),
                "aws_secretsmanager_secret_version",
                "{label}: {}",
                node.address
            );
            let Some(info) = catalog::kinds::of(&node.address) else { panic!("{label}: {}", node.address) };
            for (name, attribute) in &info.schema.attributes {
                if let Some(value) = node.get(name).filter(|_| attribute.sensitive) {
                    assert!(matches!(value, Value::Secret(_)), "{label}: {}.{name}", node.address);
                }
            }
        }
    }
}

#[test]
fn names_fit_what_aws_allows() {
    let limits = [
        ("aws_db_instance", "identifier", 63),
        ("aws_rds_cluster", "cluster_identifier", 60),
        ("aws_elasticache_replication_group", "replication_group_id", 40),
        ("aws_elasticache_cluster", "cluster_id", 40),
        ("aws_sqs_queue", "name", 80),
        ("aws_mq_broker", "broker_name", 50),
        ("aws_opensearch_domain", "domain_name", 28),
        ("aws_backup_vault", "name", 50),
        ("aws_iam_role", "name", 64),
    ];
    for (label, stack) in matrix() {
        for (kind, attr, limit) in limits {
            for node in stack.graph.of_kind(kind) {
                let name = node.get(attr).and_then(Value::text).expect("names are known");
                assert!(name.chars().count() <= limit, "{label}: {}: {name}", node.address);
            }
        }
        for node in stack.graph.of_kind("aws_sqs_queue") {
            let fifo = node.get("fifo_queue").and_then(Value::as_bool) == Some(true);
            let name = node.get("name").and_then(Value::text).expect("names are known");
            assert_eq!(name.ends_with(".fifo"), fifo, "{label}: {name}");
        }
    }
}

#[test]
fn every_alarm_can_be_documented_and_rings_somewhere() {
    for (label, stack) in matrix() {
        let alarms = lower::alarms(&stack);
        let names: BTreeSet<&str> = alarms.iter().map(|a| a.name.as_str()).collect();
        assert_eq!(names.len(), alarms.len(), "{label}: two alarms share a name");
        let mut whys: BTreeMap<&str, &str> = BTreeMap::new();
        for alarm in &alarms {
            assert!(alarm.name.contains(&alarm.component), "{label}: {alarm:?}");
            assert!(!alarm.metric.is_empty() && !alarm.threshold.is_empty(), "{label}: {alarm:?}");
            let of_slug = whys.entry(&alarm.runbook_slug).or_insert(&alarm.why);
            if !alarm.runbook_slug.starts_with("release") {
                assert_eq!(*of_slug, alarm.why, "{label}: one runbook, two reasons");
            }
        }
        for node in stack.graph.of_kind("aws_cloudwatch_metric_alarm").filter(|n| n.address.name != "release")
        {
            assert!(node.get("alarm_actions").is_some(), "{label}: {}", node.address);
        }
        for slug in [
            "rds-cpu",
            "rds-storage",
            "aurora-cpu",
            "docdb-cpu",
            "cache-cpu",
            "memcached-cpu",
            "queue-age",
            "queue-dead-letters",
            "topic-failures",
            "rabbitmq-cpu",
            "kafka-disk",
            "search-red",
            "tasks-cpu",
            "egress-ports",
        ] {
            assert!(whys.contains_key(slug), "{label}: no {slug}");
        }
    }
}

#[test]
fn backups_name_every_store_that_backup_can_copy() {
    for (label, stack) in matrix() {
        let selection = stack.graph.of_kind("aws_backup_selection").next();
        assert_eq!(selection.is_some(), label.contains("protect true"), "{label}");
        let Some(selection) = selection else { continue };
        let copied: BTreeSet<_> = selection.attrs["resources"].refs().into_iter().map(|r| &r.to).collect();
        for kind in ["aws_db_instance", "aws_rds_cluster", "aws_docdb_cluster"] {
            for node in stack.graph.of_kind(kind) {
                assert!(copied.contains(&node.address), "{label}: {}", node.address);
            }
        }
        let copy = stack.graph.of_kind("aws_backup_vault").find(|n| n.region.is_some());
        assert_eq!(copy.and_then(|n| n.region.as_deref()), Some("eu-central-1"), "{label}");
    }
}

#[test]
fn a_subscriber_that_is_no_queue_is_said() {
    let (spec, mut blueprint) = everything(&Shape::default(), false, false);
    for design in blueprint.environments.values_mut() {
        let topic = |fifo, name: &str| ResourceDesign {
            ty: ResourceType::Topic,
            choice: ResourceChoice::Sns(TopicDesign {
                fifo,
                subscribers: vec![name.into()],
                messages_month: 0.0,
            }),
        };
        design.resources.insert("lost".into(), topic(false, "nobody"));
        design.resources.insert("mixed".into(), topic(false, "ordered-jobs"));
    }
    let (_, diagnostics) = lower::lower(&spec, &blueprint);
    let ids: BTreeSet<&str> = diagnostics.iter().map(|d| d.id).collect();
    assert!(ids.contains("subscriber-is-no-queue"), "{ids:?}");
    assert!(ids.contains("unordered-topic-to-ordered-queue"), "{ids:?}");
}
