//! What kinds of Azure cost, in `eastus`.

use catalog::azurerm::{
    cdn_frontdoor_profile as front_door, container_app as app, container_app_environment as environment,
    container_app_job as job, container_registry as registry, managed_redis as redis,
    monitor_metric_alert as alert, postgresql_flexible_server as postgres, servicebus_namespace as namespace,
    servicebus_queue as queue, storage_account as account,
};
use cost::Estimate;
use ir::{Block, Graph, NodeBuilder, Value};

use crate::{MONTH, assert_bill, in_region};

fn of(graph: Graph) -> Estimate {
    in_region(graph, "eastus")
}

fn one<M>(node: NodeBuilder<M>) -> Estimate {
    let mut graph = Graph::new();
    graph.add(node);
    of(graph)
}

fn container() -> Block<app::template::container::M> {
    use app::template::container as c;
    Block::new().set(c::NAME, "api").set(c::IMAGE, "api:1").set(c::CPU, 0.5).set(c::MEMORY, "1Gi")
}

fn template() -> Block<app::template::M> {
    Block::new().set(app::template::MIN_REPLICAS, 2).block(app::template::CONTAINER, container())
}

#[test]
fn an_app_costs_its_replicas_by_the_second() {
    let seconds = MONTH * 3600.0;
    let node = || NodeBuilder::new("api", app::KIND, "this").block(app::TEMPLATE, template());
    let lines = |n: f64| [("vCPU", n * 0.5 * seconds * 0.000_024), ("memory", n * seconds * 0.000_003)];
    let always = one(node());
    assert_bill(&always, &lines(2.0), &[]);
    assert!(always.lines.iter().all(|l| !l.usage), "what always runs is provisioned");
    let expected = one(node().usage("mean_tasks", 3.0));
    assert_bill(&expected, &lines(3.0), &[]);
    assert!(expected.lines.iter().all(|l| l.usage));
    let busy = node().usage("mean_tasks", 3.0).usage("busy_tasks", 0.5).usage("gb_out", 100.0);
    let waiting = 1.5 * seconds;
    let mut mixed = lines(0.5).to_vec();
    mixed.extend([("waiting vCPU", 0.5 * waiting * 0.000_003), ("waiting memory", waiting * 0.000_003)]);
    mixed.push(("traffic", 8.7));
    assert_bill(&one(busy), &mixed, &[]);
    let dedicated = node().set(app::WORKLOAD_PROFILE_NAME, "general");
    assert_bill(&one(dedicated), &[], &[]);
}

#[test]
fn memory_that_nobody_can_read_is_no_memory() {
    let odd = container().set(app::template::container::MEMORY, "lots");
    let template = Block::new().block(app::template::CONTAINER, odd);
    let node = NodeBuilder::new("api", app::KIND, "this").block(app::TEMPLATE, template);
    let bill = one(node.usage("mean_tasks", 1.0));
    assert_bill(&bill, &[("vCPU", 0.5 * MONTH * 3600.0 * 0.000_024)], &["`memory` is `lots`"]);
}

#[test]
fn an_environment_costs_its_dedicated_machines() {
    use environment::workload_profile as profile;
    let with = |ty: &str, least: i64| {
        let block = Block::new().set(profile::NAME, "p").set(profile::WORKLOAD_PROFILE_TYPE, ty);
        NodeBuilder::new("env", environment::KIND, "this")
            .block(environment::WORKLOAD_PROFILE, block.set(profile::MINIMUM_COUNT, least))
    };
    assert_bill(&one(with("Consumption", 0)), &[], &[]);
    let lines = [
        ("vCPU of dedicated machines", 8.0 * 0.0571 * MONTH),
        ("memory of dedicated machines", 32.0 * 0.0051 * MONTH),
        ("dedicated plan", 0.1 * MONTH),
    ];
    assert_bill(&one(with("D4", 2)), &lines, &[]);
    assert_bill(&one(with("Z1", 2)), &[("dedicated plan", 0.1 * MONTH)], &["the profile Z1"]);
}

#[test]
fn a_job_costs_the_hours_it_runs() {
    use job::template::container as c;
    let container = Block::new().set(c::NAME, "j").set(c::IMAGE, "j:1").set(c::CPU, 1).set(c::MEMORY, "2Gi");
    let template = Block::new().block(job::template::CONTAINER, container);
    let node = NodeBuilder::new("j", job::KIND, "this").block(job::TEMPLATE, template);
    let bill = one(node.usage("task_hours", 10.0));
    assert_bill(&bill, &[("vCPU", 36_000.0 * 0.000_024), ("memory", 72_000.0 * 0.000_003)], &[]);
}

#[test]
fn a_standby_is_a_second_server_with_a_second_volume() {
    let node = || {
        NodeBuilder::new("db", postgres::KIND, "this")
            .set(postgres::SKU_NAME, "GP_Standard_D2ds_v5")
            .set(postgres::STORAGE_MB, 131_072)
            .usage("backup_gib", 10.0)
    };
    let lines = |n: f64| [("instance", n * 0.178 * MONTH), ("storage", n * 128.0 * 0.115), ("backups", 0.95)];
    assert_bill(&one(node()), &lines(1.0), &[]);
    let standby = Block::new().set(postgres::high_availability::MODE, "ZoneRedundant");
    assert_bill(&one(node().block(postgres::HIGH_AVAILABILITY, standby)), &lines(2.0), &[]);
    let unknown = node().set(postgres::SKU_NAME, "GP_Standard_Moon");
    assert_bill(&one(unknown), &lines(1.0)[1..], &["no price of `flexible-postgres/GP_Standard_Moon`"]);
}

#[test]
fn a_cache_has_two_nodes_unless_it_says_otherwise() {
    let node = || NodeBuilder::new("cache", redis::KIND, "this").set(redis::SKU_NAME, "Balanced_B3");
    assert_bill(&one(node()), &[("nodes", 2.0 * 0.065 * MONTH)], &[]);
    let alone = node().set(redis::HIGH_AVAILABILITY_ENABLED, false);
    assert_bill(&one(alone), &[("nodes", 0.065 * MONTH)], &[]);
}

#[test]
fn operations_on_queues_cost_by_their_namespaces_tier() {
    let bill = |tier: &str| {
        let mut graph = Graph::new();
        let namespace = graph.add(
            NodeBuilder::new("bus", namespace::KIND, "this")
                .set(namespace::SKU, tier)
                .set(namespace::CAPACITY, 2),
        );
        graph.add(
            NodeBuilder::new("bus", queue::KIND, "orders")
                .set(queue::NAMESPACE_ID, namespace.get(namespace::ID))
                .usage("requests", 5e6),
        );
        of(graph)
    };
    assert_bill(&bill("Standard"), &[("namespace", 0.013_438 * MONTH), ("operations", 4.0)], &[]);
    assert_bill(&bill("Basic"), &[("operations", 0.25)], &[]);
    assert_bill(&bill("Premium"), &[("messaging units", 2.0 * 0.9275 * MONTH)], &[]);
}

#[test]
fn an_account_costs_by_how_often_it_is_copied() {
    let node = |copies: &str| {
        NodeBuilder::new("s", account::KIND, "this")
            .set(account::ACCOUNT_TIER, "Standard")
            .set(account::ACCOUNT_REPLICATION_TYPE, copies)
            .usage("storage_gib", 100.0)
            .usage("put_requests", 1e6)
            .usage("get_requests", 1e6)
    };
    let lines =
        |gib: f64, writes: f64| [("storage", 100.0 * gib), ("writes", 100.0 * writes), ("reads", 0.44)];
    assert_bill(&one(node("LRS")), &lines(0.0208, 0.055), &[]);
    assert_bill(&one(node("ZRS")), &lines(0.026, 0.068_75), &[]);
    assert_bill(&one(node("RAGRS")), &lines(0.0478, 0.11), &[]);
    let premium = node("LRS").set(account::ACCOUNT_TIER, "Premium");
    assert_bill(&one(premium), &[], &["premium tier"]);
}

#[test]
fn a_registry_costs_by_the_day_and_what_its_tier_does_not_hold() {
    let node = |gib: f64| {
        NodeBuilder::new("r", registry::KIND, "this").set(registry::SKU, "Standard").usage("storage_gib", gib)
    };
    let days = MONTH / 24.0;
    assert_bill(&one(node(40.0)), &[("registry", 0.666_667 * days), ("storage", 0.0)], &[]);
    assert_bill(&one(node(140.0)), &[("registry", 0.666_667 * days), ("storage", 4.0)], &[]);
}

#[test]
fn content_delivery_costs_its_profile_and_what_passes() {
    let node = NodeBuilder::new("edge", front_door::KIND, "this")
        .set(front_door::SKU_NAME, "Standard_AzureFrontDoor")
        .usage("requests", 1e6)
        .usage("gb_out", 100.0)
        .usage("gb_origin", 10.0);
    let lines = [("profile", 35.0), ("requests", 0.9), ("traffic", 8.3), ("traffic to origins", 0.2)];
    assert_bill(&one(node), &lines, &[]);
}

#[test]
fn an_alert_costs_every_series_it_watches() {
    let scopes = Value::list(["a", "b"]);
    let node = NodeBuilder::new("a", alert::KIND, "this").set(alert::SCOPES, scopes);
    let measure = || Block::new().set(alert::criteria::METRIC_NAME, "m");
    let node = node.block(alert::CRITERIA, measure()).block(alert::CRITERIA, measure());
    assert_bill(&one(node), &[("metrics watched", 0.4)], &[]);
}
