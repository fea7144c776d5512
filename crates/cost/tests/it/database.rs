//! Databases, caches and search.

use catalog::aws::{
    db_instance as db, docdb_cluster as docdb, docdb_cluster_instance as docdb_instance,
    dynamodb_table as table, elasticache_cluster as cache, elasticache_replication_group as group,
    opensearch_domain as search, rds_cluster as cluster, rds_cluster_instance as member,
};
use ir::{Block, Graph, NodeBuilder, Value};

use crate::{MONTH, assert_bill, of, one};

fn postgres(class: &str, gib: i64) -> NodeBuilder<db::M> {
    NodeBuilder::new("db", db::KIND, "this")
        .set(db::ENGINE, "postgres")
        .set(db::INSTANCE_CLASS, class)
        .set(db::ALLOCATED_STORAGE, gib)
        .set(db::STORAGE_TYPE, "gp3")
        .usage("backup_gib", 0.0)
}

#[test]
fn a_standby_doubles_the_instance_and_its_volume() {
    let single = one(postgres("db.t4g.medium", 100));
    assert_bill(&single, &[("instance", 0.065 * MONTH), ("storage", 11.5), ("backups", 0.0)], &[]);
    let double = one(postgres("db.t4g.medium", 100).set(db::MULTI_AZ, true).usage("backup_gib", 20.0));
    assert_bill(&double, &[("instance", 0.13 * MONTH), ("storage", 23.0), ("backups", 1.9)], &[]);
}

#[test]
fn operations_and_throughput_are_charged_beyond_the_baseline_of_the_volume() {
    let fast = |gib| postgres("db.m7g.large", gib).set(db::IOPS, 13_000).set(db::STORAGE_THROUGHPUT, 500);
    assert_bill(
        &one(fast(200)),
        &[
            ("instance", 0.168 * MONTH),
            ("storage", 23.0),
            ("storage operations", 10_000.0 * 0.02),
            ("storage throughput", 375.0 * 0.08),
            ("backups", 0.0),
        ],
        &[],
    );
    let striped =
        [("instance", 0.168 * MONTH), ("storage", 46.0), ("storage operations", 20.0), ("backups", 0.0)];
    assert_bill(&one(fast(400)), &striped, &[]);
}

#[test]
fn a_replica_takes_what_it_does_not_say_from_its_source() {
    let mut graph = Graph::new();
    let source = graph.add(postgres("db.t4g.micro", 20));
    graph.add(
        NodeBuilder::new("db", db::KIND, "replica")
            .set(db::REPLICATE_SOURCE_DB, source.get(db::IDENTIFIER))
            .set(db::INSTANCE_CLASS, "db.t4g.small")
            .set(db::STORAGE_TYPE, "gp3")
            .set(db::BACKUP_RETENTION_PERIOD, 0),
    );
    let own = [("instance", 0.016 * MONTH), ("storage", 2.3), ("backups", 0.0)];
    let replica = [("instance", 0.032 * MONTH), ("storage", 2.3)];
    assert_bill(&of(graph), &[own.as_slice(), &replica].concat(), &[]);
}

#[test]
fn an_engine_or_class_without_a_price_is_said() {
    let mysql = one(postgres("db.t4g.micro", 20).set(db::ENGINE, "mysql").set(db::STORAGE_TYPE, Value::Null));
    assert_bill(&mysql, &[("instance", 0.016 * MONTH), ("storage", 2.3), ("backups", 0.0)], &[]);
    let oracle = one(postgres("db.t4g.micro", 20).set(db::ENGINE, "oracle-ee"));
    let rest = [("storage", 2.3), ("backups", 0.0)];
    assert_bill(&oracle, &rest, &["instance: no prices of oracle-ee are known"]);
    let huge = one(postgres("db.x99.large", 20));
    assert_bill(&huge, &rest, &["no price of `rds-postgres/db.x99.large` is known in us-east-1"]);
    let later = postgres("x", 1).set(db::INSTANCE_CLASS, Value::Unknown("later".into()));
    let later = later.set(db::ALLOCATED_STORAGE, Value::Unknown("later".into()));
    let reasons = ["`instance_class` is not known before", "`allocated_storage` is not known before"];
    assert_bill(&one(later), &[("backups", 0.0)], &reasons);
    let history = postgres("db.t4g.micro", 20).set(db::PERFORMANCE_INSIGHTS_RETENTION_PERIOD, 731);
    let lines = [("instance", 0.016 * MONTH), rest[0], rest[1]];
    assert_bill(&one(history), &lines, &["Performance Insights history"]);
}

#[test]
fn aurora_is_paid_by_member_storage_and_request() {
    let mut graph = Graph::new();
    let all = NodeBuilder::new("db", cluster::KIND, "this").set(cluster::ENGINE, "aurora-postgresql");
    let all = all.usage("storage_gib", 50.0).usage("io_requests", 20e6).usage("backup_gib", 0.0);
    let all = graph.add(all);
    for (name, class) in [("a", "db.r7g.large"), ("b", "db.t4g.medium"), ("c", "db.serverless")] {
        let node = NodeBuilder::new("db", member::KIND, name)
            .set(member::CLUSTER_IDENTIFIER, all.get(cluster::ID))
            .set(member::ENGINE, all.get(cluster::ENGINE))
            .set(member::INSTANCE_CLASS, class);
        graph.add(if class == "db.serverless" { node.usage("acu_hours", 1000.0) } else { node });
    }
    assert_bill(
        &of(graph),
        &[
            ("storage", 5.0),
            ("storage requests", 4.0),
            ("backups", 0.0),
            ("instance", 0.276 * MONTH),
            ("instance", 0.073 * MONTH),
            ("capacity", 120.0),
        ],
        &[],
    );
}

#[test]
fn clusters_of_another_make_are_not_priced_as_aurora() {
    let of_engine = |engine: &str| NodeBuilder::new("db", cluster::KIND, "this").set(cluster::ENGINE, engine);
    assert_bill(&one(of_engine("postgres")), &[], &["multi-zone clusters of postgres"]);
    let silent = ["GiB stored", "storage requests", "GiB of backups"];
    assert_bill(&one(of_engine("aurora-mysql")), &[], &silent);
    let mut graph = Graph::new();
    let fast = of_engine("aurora-mysql").set(cluster::STORAGE_TYPE, "aurora-iopt1").usage("backup_gib", 0.0);
    let fast = graph.add(fast);
    graph.add(
        NodeBuilder::new("db", member::KIND, "a")
            .set(member::CLUSTER_IDENTIFIER, fast.get(cluster::ID))
            .set(member::INSTANCE_CLASS, "db.r7g.large"),
    );
    assert_bill(&of(graph), &[("backups", 0.0)], &["I/O-optimized", "I/O-optimized"]);
}

#[test]
fn a_document_database_is_paid_by_member_storage_and_request() {
    let mut graph = Graph::new();
    let all =
        NodeBuilder::new("db", docdb::KIND, "this").usage("storage_gib", 10.0).usage("io_requests", 1e6);
    graph.add(all.usage("backup_gib", 10.0));
    let node = NodeBuilder::new("db", docdb_instance::KIND, "a");
    graph.add(node.set(docdb_instance::INSTANCE_CLASS, "db.t3.medium"));
    assert_bill(
        &of(graph),
        &[("storage", 1.0), ("storage requests", 0.2), ("backups", 0.21), ("instance", 0.078 * MONTH)],
        &[],
    );
}

#[test]
fn a_replication_group_costs_its_nodes() {
    let node = || NodeBuilder::new("cache", group::KIND, "this").set(group::NODE_TYPE, "cache.t4g.small");
    assert_bill(&one(node()), &[("node", 0.032 * MONTH)], &[]);
    let pair = node().set(group::ENGINE, "valkey").set(group::NUM_CACHE_CLUSTERS, 2);
    assert_bill(&one(pair), &[("node", 2.0 * 0.0256 * MONTH)], &[]);
    let shards = node().set(group::NUM_NODE_GROUPS, 3).set(group::REPLICAS_PER_NODE_GROUP, 1);
    assert_bill(&one(shards), &[("node", 6.0 * 0.032 * MONTH)], &[]);
    let kept = node().set(group::SNAPSHOT_RETENTION_LIMIT, 7);
    assert_bill(&one(kept), &[("node", 0.032 * MONTH)], &["GiB of snapshots"]);
    let kept = node().set(group::SNAPSHOT_RETENTION_LIMIT, 7).usage("backup_gib", 10.0);
    assert_bill(&one(kept), &[("node", 0.032 * MONTH), ("backups", 0.85)], &[]);
}

#[test]
fn a_cache_of_its_own_and_one_in_a_group_cost_a_node() {
    let own = NodeBuilder::new("cache", cache::KIND, "this")
        .set(cache::ENGINE, "memcached")
        .set(cache::NODE_TYPE, "cache.t4g.micro")
        .set(cache::NUM_CACHE_NODES, 2);
    assert_bill(&one(own), &[("node", 2.0 * 0.016 * MONTH)], &[]);
    let mut graph = Graph::new();
    let all = NodeBuilder::new("cache", group::KIND, "this").set(group::NODE_TYPE, "cache.t4g.micro");
    let all = graph.add(all.set(group::ENGINE, "valkey"));
    let member = NodeBuilder::new("cache", cache::KIND, "replica");
    graph.add(member.set(cache::REPLICATION_GROUP_ID, all.get(group::ID)));
    assert_bill(&of(graph), &[("node", 0.0128 * MONTH), ("node", 0.0128 * MONTH)], &[]);
    assert_bill(&one(NodeBuilder::new("c", cache::KIND, "this")), &[], &["`engine` is not set"]);
}

#[test]
fn a_search_domain_costs_its_nodes_and_their_volumes() {
    use search::{cluster_config as config, ebs_options as ebs};
    let nodes = Block::new()
        .set(config::INSTANCE_TYPE, "m7g.large.search")
        .set(config::INSTANCE_COUNT, 3)
        .set(config::DEDICATED_MASTER_ENABLED, true)
        .set(config::DEDICATED_MASTER_TYPE, "m7g.medium.search")
        .set(config::DEDICATED_MASTER_COUNT, 3);
    let volume =
        Block::new().set(ebs::EBS_ENABLED, true).set(ebs::VOLUME_TYPE, "gp3").set(ebs::VOLUME_SIZE, 100);
    let domain = || NodeBuilder::new("search", search::KIND, "this");
    assert_bill(
        &one(domain().block(search::CLUSTER_CONFIG, nodes).block(search::EBS_OPTIONS, volume)),
        &[
            ("data nodes", 3.0 * 0.135 * MONTH),
            ("manager nodes", 3.0 * 0.068 * MONTH),
            ("storage", 300.0 * 0.122),
        ],
        &[],
    );
    assert_bill(&one(domain()), &[], &["`cluster_config` is not set"]);
}

#[test]
fn a_table_is_paid_by_request() {
    let node = NodeBuilder::new("t", table::KIND, "this").set(table::BILLING_MODE, "PAY_PER_REQUEST");
    let node = node.usage("write_requests", 2e6).usage("read_requests", 4e6).usage("storage_gib", 4.0);
    assert_bill(&one(node), &[("writes", 1.25), ("reads", 0.5), ("storage", 1.0)], &[]);
    let provisioned = NodeBuilder::new("t", table::KIND, "this").usage("storage_gib", 4.0);
    assert_bill(&one(provisioned), &[("storage", 1.0)], &["provisioned capacity"]);
}
