//! MongoDB Atlas.

use catalog::mongodbatlas::advanced_cluster as cluster;
use ir::{Block, NodeBuilder};

use crate::{MONTH, assert_bill, one};

#[test]
fn a_cluster_costs_its_nodes_by_size_and_the_storage_that_was_asked_for() {
    use cluster::replication_specs::{REGION_CONFIGS, region_configs as place};
    let electable = |nodes: i64| {
        Block::new()
            .set(place::electable_specs::INSTANCE_SIZE, "M30")
            .set(place::electable_specs::NODE_COUNT, nodes)
    };
    let of = |electable| {
        let place = Block::new().block(place::ELECTABLE_SPECS, electable);
        NodeBuilder::new("db", cluster::KIND, "this")
            .block(cluster::REPLICATION_SPECS, Block::new().block(REGION_CONFIGS, place))
    };
    assert_bill(&one(of(electable(3))), &[("cluster", 0.54 * MONTH)], &[]);
    let larger = electable(5).set(place::electable_specs::DISK_SIZE_GB, 100);
    let expected = [("cluster", 0.54 * 5.0 / 3.0 * MONTH), ("storage", 500.0 * 0.25)];
    assert_bill(&one(of(larger)), &expected, &[]);
}
