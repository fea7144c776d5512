//! What kinds of Google Cloud cost, in `us-central1` but where Cloud Run's second price level is meant.

use catalog::google::{
    artifact_registry_repository as images, cloud_run_v2_job as job, cloud_run_v2_service as run,
    compute_backend_service as backend, compute_global_address as address,
    compute_global_forwarding_rule as rule, compute_router_nat as nat, compute_security_policy as armor,
    kms_crypto_key as key, logging_project_bucket_config as log_bucket, memorystore_instance as valkey,
    monitoring_uptime_check_config as uptime, pubsub_subscription as subscription, pubsub_topic as topic,
    redis_instance as redis, secret_manager_secret as secret, sql_database_instance as sql,
    storage_bucket as bucket,
};
use cost::Estimate;
use ir::{Block, Graph, NodeBuilder, Value};

use crate::{MONTH, assert_bill, in_region};

const SECONDS: f64 = MONTH * 3600.0;

fn of(graph: Graph) -> Estimate {
    in_region(graph, "us-central1")
}

fn one<M>(node: NodeBuilder<M>) -> Estimate {
    let mut graph = Graph::new();
    graph.add(node);
    of(graph)
}

fn service(cpu_idle: bool) -> NodeBuilder<run::M> {
    use run::template::{containers, scaling};
    let resources = Block::new().set(containers::resources::CPU_IDLE, cpu_idle).set(
        containers::resources::LIMITS,
        Value::map([("cpu", Value::from("2")), ("memory", "1Gi".into())]),
    );
    let container = Block::new().set(containers::IMAGE, "i").block(containers::RESOURCES, resources);
    let template = Block::new()
        .block(run::template::SCALING, Block::new().set(scaling::MIN_INSTANCE_COUNT, 3))
        .block(run::template::CONTAINERS, container);
    NodeBuilder::new("api", run::KIND, "this").block(run::TEMPLATE, template)
}

#[test]
fn a_service_that_keeps_its_cpu_costs_its_instances() {
    let lines = |n: f64| [("vCPU", n * 2.0 * SECONDS * 0.000_018), ("memory", n * SECONDS * 0.000_002)];
    let fewest = one(service(false));
    assert_bill(&fewest, &lines(3.0), &[]);
    assert!(fewest.lines.iter().all(|l| !l.usage), "what always runs is provisioned");
    assert_bill(&one(service(false).usage("mean_tasks", 5.0)), &lines(5.0), &[]);
    let mut graph = Graph::new();
    graph.add(service(false));
    let dearer = in_region(graph, "europe-west3");
    assert_bill(
        &dearer,
        &[("vCPU", 6.0 * SECONDS * 0.000_021_6), ("memory", 3.0 * SECONDS * 0.000_002_4)],
        &[],
    );
}

#[test]
fn a_service_paid_by_request_costs_less_while_it_waits() {
    let bill = one(service(true).usage("busy_tasks", 1.0).usage("requests", 2e6));
    let lines = [
        ("vCPU", 2.0 * SECONDS * 0.000_024),
        ("memory", SECONDS * 0.000_002_5),
        ("vCPU while waiting", 2.0 * 2.0 * SECONDS * 0.000_002_5),
        ("memory while waiting", 2.0 * SECONDS * 0.000_002_5),
        ("requests", 0.8),
    ];
    assert_bill(&bill, &lines, &[]);
    let busy = one(service(true).usage("busy_tasks", 4.0).usage("requests", 0.0));
    assert!(!busy.lines.iter().any(|l| l.item.ends_with("waiting")), "{:#?}", busy.lines);
}

#[test]
fn what_is_not_said_of_a_container_is_what_the_platform_gives_it() {
    use run::template::containers;
    let template = Block::new().block(run::template::CONTAINERS, Block::new().set(containers::IMAGE, "i"));
    let node = NodeBuilder::new("api", run::KIND, "this").block(run::TEMPLATE, template);
    let bill = one(node.usage("busy_tasks", 1.0).usage("requests", 1e6));
    let lines = [("vCPU", SECONDS * 0.000_024), ("memory", 0.5 * SECONDS * 0.000_002_5), ("requests", 0.4)];
    assert_bill(&bill, &lines, &[]);
}

#[test]
fn a_job_costs_its_hours() {
    use job::template::template::containers;
    let limits = Value::map([("cpu", Value::from("1000m")), ("memory", "512Mi".into())]);
    let resources = Block::new().set(containers::resources::LIMITS, limits);
    let container = Block::new().set(containers::IMAGE, "i").block(containers::RESOURCES, resources);
    let inner = Block::new().block(job::template::template::CONTAINERS, container);
    let node = NodeBuilder::new("r", job::KIND, "this")
        .block(job::TEMPLATE, Block::new().block(job::template::TEMPLATE, inner));
    let lines = [("vCPU", 36_000.0 * 0.000_018), ("memory", 18_000.0 * 0.000_002)];
    assert_bill(&one(node.usage("task_hours", 10.0)), &lines, &[]);
}

fn database(tier: &str, availability: &str) -> NodeBuilder<sql::M> {
    use sql::settings;
    let set = Block::new()
        .set(settings::TIER, tier)
        .set(settings::AVAILABILITY_TYPE, availability)
        .set(settings::DISK_SIZE, 100)
        .set(settings::DISK_TYPE, "PD_SSD");
    NodeBuilder::new("db", sql::KIND, "this")
        .set(sql::DATABASE_VERSION, "POSTGRES_16")
        .block(sql::SETTINGS, set)
}

#[test]
fn a_standby_doubles_instance_and_disk() {
    for (availability, copies) in [("ZONAL", 1.0), ("REGIONAL", 2.0)] {
        let lines = [
            ("vCPU", copies * 2.0 * MONTH * 0.0413),
            ("memory", copies * 7.5 * MONTH * 0.007),
            ("storage", copies * 17.0),
        ];
        assert_bill(&one(database("db-custom-2-7680", availability)), &lines, &[]);
    }
    assert_bill(
        &one(database("db-f1-micro", "ZONAL")),
        &[("instance", MONTH * 0.0105), ("storage", 17.0)],
        &[],
    );
    let licensed =
        one(database("db-custom-4-15360", "ZONAL").set(sql::DATABASE_VERSION, "SQLSERVER_2022_STANDARD"));
    assert!(licensed.lines.iter().any(|l| l.item == "licence" && (l.quantity - 4.0 * MONTH).abs() < 1e-9));
    assert_bill(&one(database("db-giant", "ZONAL")), &[("storage", 17.0)], &["cloud-sql/db-giant"]);
}

#[test]
fn caches_cost_their_memory_or_their_nodes() {
    let redis = |gib: i64, tier: &str| {
        one(NodeBuilder::new("c", redis::KIND, "this").set(redis::MEMORY_SIZE_GB, gib).set(redis::TIER, tier))
    };
    assert_bill(&redis(4, "BASIC"), &[("memory", 4.0 * MONTH * 0.049)], &[]);
    assert_bill(&redis(5, "STANDARD_HA"), &[("memory", 5.0 * MONTH * 0.054)], &[]);
    let nodes = NodeBuilder::new("c", valkey::KIND, "this")
        .set(valkey::SHARD_COUNT, 1)
        .set(valkey::REPLICA_COUNT, 1)
        .set(valkey::NODE_TYPE, "SHARED_CORE_NANO");
    assert_bill(&one(nodes), &[("nodes", 2.0 * MONTH * 0.0318)], &[]);
}

#[test]
fn messages_are_paid_going_in_and_coming_out() {
    let published = NodeBuilder::new("q", topic::KIND, "this").usage("gib", 1024.0);
    assert_bill(&one(published), &[("published", 40.0)], &[]);
    let delivered = NodeBuilder::new("q", subscription::KIND, "this").usage("gib", 512.0);
    assert_bill(&one(delivered), &[("delivered", 20.0)], &[]);
}

#[test]
fn rules_of_one_stack_bear_one_price_together_up_to_five() {
    let total = |rules: usize| {
        let mut graph = Graph::new();
        for n in 0..rules {
            graph.add(NodeBuilder::new("edge", rule::KIND, &format!("r{n}")));
        }
        of(graph).lines.iter().map(|l| l.quantity * l.unit_price).sum::<f64>()
    };
    for (rules, hour) in [(1, 0.025), (2, 0.025), (5, 0.025), (7, 0.025 + 2.0 * 0.01)] {
        assert!((total(rules) - hour * MONTH).abs() < 1e-6, "{rules} rules cost {}", total(rules));
    }
}

#[test]
fn an_address_is_paid_only_while_nothing_uses_it() {
    let mut graph = Graph::new();
    let ip = graph.add(NodeBuilder::new("edge", address::KIND, "this"));
    assert_bill(&of(graph.clone()), &[("address", MONTH * 0.01)], &[]);
    graph.add(NodeBuilder::new("edge", rule::KIND, "this").set(rule::IP_ADDRESS, ip.get(address::ADDRESS)));
    assert_bill(&of(graph), &[("forwarding rule", MONTH * 0.025)], &[]);
}

#[test]
fn traffic_is_paid_where_it_leaves() {
    let node = || NodeBuilder::new("b", backend::KIND, "this").usage("gb_out", 100.0);
    assert_bill(&one(node()), &[("processed", 0.8), ("sent to the internet", 12.0)], &[]);
    let cached = node().set(backend::ENABLE_CDN, true).usage("requests", 1e6).usage("fill_gb", 5.0);
    let lines = [("sent from caches", 8.0), ("requests to caches", 0.75), ("filled into caches", 0.05)];
    assert_bill(&one(cached), &lines, &[]);
    let gateway =
        |machines| NodeBuilder::new("n", nat::KIND, "this").usage("mean_tasks", machines).usage("gb", 10.0);
    assert_bill(&one(gateway(2.0)), &[("gateway", 2.0 * MONTH * 0.0014), ("traffic", 0.45)], &[]);
    assert_bill(&one(gateway(500.0)), &[("gateway", MONTH * 0.0448), ("traffic", 0.45)], &[]);
}

#[test]
fn policies_secrets_keys_logs_and_checks_cost_a_month_and_their_use() {
    let policy = NodeBuilder::new("w", armor::KIND, "this")
        .block(armor::RULE, Block::new())
        .block(armor::RULE, Block::new())
        .usage("requests", 2e6);
    assert_bill(&one(policy), &[("policy", 5.0), ("rules", 2.0), ("requests", 1.5)], &[]);
    let secret = NodeBuilder::new("s", secret::KIND, "this").usage("requests", 1e4);
    assert_bill(&one(secret), &[("version", 0.06), ("reads", 0.03)], &[]);
    let key = NodeBuilder::new("k", key::KIND, "this").usage("requests", 1e4);
    assert_bill(&one(key), &[("key version", 0.06), ("requests", 0.03)], &[]);
    let logs = |days: i64| {
        let node = NodeBuilder::new("l", log_bucket::KIND, "this").set(log_bucket::RETENTION_DAYS, days);
        one(node.usage("ingest_gib", 10.0).usage("storage_gib", 20.0))
    };
    assert_bill(&logs(30), &[("logs written", 5.0)], &[]);
    assert_bill(&logs(90), &[("logs written", 5.0), ("logs kept", 0.2)], &[]);
    let check = NodeBuilder::new("u", uptime::KIND, "this").set(uptime::PERIOD, "60s");
    let runs = 6.0 * MONTH * 60.0 / 1000.0 * 0.3;
    assert_bill(&one(check), &[("checks", runs)], &[]);
    let never = NodeBuilder::new("u", uptime::KIND, "this").set(uptime::PERIOD, "0s");
    assert_bill(&one(never), &[], &["no period"]);
}

#[test]
fn buckets_and_images_cost_what_they_hold() {
    let node = |class: &str, location: &str| {
        NodeBuilder::new("b", bucket::KIND, "this")
            .set(bucket::STORAGE_CLASS, class)
            .set(bucket::LOCATION, location)
            .usage("storage_gib", 100.0)
            .usage("put_requests", 1e4)
            .usage("get_requests", 1e5)
    };
    let lines = |storage: f64| [("storage", storage), ("writes", 0.05), ("reads", 0.04)];
    assert_bill(&one(node("STANDARD", "us-central1")), &lines(2.0), &[]);
    assert_bill(&one(node("STANDARD", "EU")), &lines(2.6), &[]);
    assert_bill(&one(node("COLDLINE", "EU")), &[], &["class coldline in EU"]);
    let images = NodeBuilder::new("i", images::KIND, "this").usage("storage_gib", 10.0);
    assert_bill(&one(images), &[("storage", 1.0)], &[]);
}
