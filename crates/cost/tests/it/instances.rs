//! Virtual machines, their volumes, and EKS.

use catalog::aws::{
    autoscaling_group as group, ebs_volume as volume, eks_cluster, eks_node_group as nodes, instance,
    launch_template as template,
};
use ir::key::Handle;
use ir::{Block, Graph, NodeBuilder, Value};

use crate::{MONTH, assert_bill, of, one};

#[test]
fn an_instance_costs_its_hours_and_its_volumes() {
    let root = Block::new()
        .set(instance::root_block_device::VOLUME_TYPE, "gp3")
        .set(instance::root_block_device::VOLUME_SIZE, 100)
        .set(instance::root_block_device::IOPS, 4000)
        .set(instance::root_block_device::THROUGHPUT, 200);
    let node = NodeBuilder::new("vm", instance::KIND, "this")
        .set(instance::INSTANCE_TYPE, "t3.medium")
        .block(instance::ROOT_BLOCK_DEVICE, root);
    let expected = [
        ("instance (Linux)", 0.0416 * MONTH),
        ("storage", 100.0 * 0.08),
        ("provisioned I/O", 1000.0 * 0.005),
        ("provisioned throughput", 75.0 * 0.04),
    ];
    assert_bill(&one(node), &expected, &[]);
}

#[test]
fn what_has_no_fixed_price_says_so() {
    let of_type = || NodeBuilder::new("vm", instance::KIND, "this").set(instance::INSTANCE_TYPE, "m5.large");
    let spot = of_type().block(instance::INSTANCE_MARKET_OPTIONS, Block::new());
    assert_bill(&one(spot), &[], &["Spot prices change"]);
    assert_bill(&one(of_type().set(instance::TENANCY, "host")), &[], &["priced by contract"]);
    let unknown = NodeBuilder::new("vm", instance::KIND, "this")
        .set(instance::INSTANCE_TYPE, Value::Unknown("a variable without a value".into()));
    assert_bill(&one(unknown), &[], &["not known before it is applied"]);
}

#[test]
fn a_volume_is_paid_for_by_its_size_and_what_was_asked_of_it() {
    let of_type = |ty: &str| {
        NodeBuilder::new("data", volume::KIND, "this")
            .set(volume::TYPE, ty)
            .set(volume::SIZE, 50)
            .set(volume::IOPS, 2000)
    };
    assert_bill(&one(of_type("gp2")), &[("storage", 50.0 * 0.1)], &[]);
    assert_bill(&one(of_type("gp3")), &[("storage", 50.0 * 0.08)], &[]);
    let io1 = [("storage", 50.0 * 0.125), ("provisioned I/O", 2000.0 * 0.065)];
    assert_bill(&one(of_type("io1")), &io1, &[]);
}

fn launch(graph: &mut Graph) -> Handle<template::M> {
    let ebs = Block::new()
        .set(template::block_device_mappings::ebs::VOLUME_TYPE, "gp3")
        .set(template::block_device_mappings::ebs::VOLUME_SIZE, 20);
    let mapping = Block::new().block(template::block_device_mappings::EBS, ebs);
    graph.add(
        NodeBuilder::new("web", template::KIND, "this")
            .set(template::INSTANCE_TYPE, "m7g.large")
            .block(template::BLOCK_DEVICE_MAPPINGS, mapping),
    )
}

#[test]
fn a_group_costs_the_instances_it_wants_or_is_expected_to_have() {
    for (expected, count) in [(None, 3.0), (Some(4.5), 4.5)] {
        let mut graph = Graph::new();
        let template = launch(&mut graph);
        let from = Block::new().set(group::launch_template::ID, template.get(template::ID));
        let mut node = NodeBuilder::new("web", group::KIND, "this")
            .set(group::DESIRED_CAPACITY, 3)
            .set(group::MIN_SIZE, 1)
            .block(group::LAUNCH_TEMPLATE, from);
        if let Some(mean) = expected {
            node = node.usage("mean_instances", mean);
        }
        graph.add(node);
        let bill = [("instances (Linux)", count * 0.0816 * MONTH), ("storage", count * 20.0 * 0.08)];
        assert_bill(&of(graph), &bill, &[]);
    }
}

#[test]
fn of_a_mixed_group_the_share_on_demand_is_priced_and_the_rest_is_said() {
    use group::mixed_instances_policy as mixed;
    let mut graph = Graph::new();
    let template = launch(&mut graph);
    let specification = Block::new().set(
        mixed::launch_template::launch_template_specification::LAUNCH_TEMPLATE_ID,
        template.get(template::ID),
    );
    let shares = Block::new()
        .set(mixed::instances_distribution::ON_DEMAND_BASE_CAPACITY, 1)
        .set(mixed::instances_distribution::ON_DEMAND_PERCENTAGE_ABOVE_BASE_CAPACITY, 50);
    let launch = Block::new().block(mixed::launch_template::LAUNCH_TEMPLATE_SPECIFICATION, specification);
    let policy =
        Block::new().block(mixed::LAUNCH_TEMPLATE, launch).block(mixed::INSTANCES_DISTRIBUTION, shares);
    graph.add(
        NodeBuilder::new("web", group::KIND, "this")
            .set(group::DESIRED_CAPACITY, 5)
            .block(group::MIXED_INSTANCES_POLICY, policy),
    );
    // One by base and half of the other four.
    let bill = [("instances (Linux)", 3.0 * 0.0816 * MONTH), ("storage", 5.0 * 20.0 * 0.08)];
    assert_bill(&of(graph), &bill, &["Spot prices change"]);
}

#[test]
fn a_cluster_costs_its_control_plane_and_its_nodes() {
    let mut graph = Graph::new();
    let cluster =
        graph.add(NodeBuilder::new("k8s", eks_cluster::KIND, "this").set(eks_cluster::NAME, "main"));
    let scaling = Block::new().set(nodes::scaling_config::DESIRED_SIZE, 3);
    graph.add(
        NodeBuilder::new("k8s", nodes::KIND, "this")
            .set(nodes::CLUSTER_NAME, cluster.get(eks_cluster::NAME))
            .block(nodes::SCALING_CONFIG, scaling),
    );
    let expected = [
        ("control plane", 0.1 * MONTH),
        ("nodes (Linux)", 3.0 * 0.0416 * MONTH),
        ("storage", 3.0 * 20.0 * 0.1),
    ];
    assert_bill(&of(graph), &expected, &[]);
}
