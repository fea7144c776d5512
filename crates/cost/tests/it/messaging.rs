//! Queues, topics, events and brokers.

use catalog::aws::{
    cloudwatch_event_rule as rule, mq_broker as broker, msk_cluster as kafka,
    msk_serverless_cluster as serverless, sns_topic as topic, sqs_queue as queue,
};
use ir::{Block, NodeBuilder, Value};

use crate::{MONTH, assert_bill, one};

#[test]
fn queues_and_topics_are_paid_by_request() {
    let node = || NodeBuilder::new("q", queue::KIND, "this").usage("requests", 5e6);
    assert_bill(&one(node()), &[("requests", 2.0)], &[]);
    assert_bill(&one(node().set(queue::FIFO_QUEUE, true)), &[("requests", 2.5)], &[]);
    let unknown = node().set(queue::FIFO_QUEUE, Value::Unknown("later".into()));
    assert_bill(&one(unknown), &[], &["`fifo_queue` is not known"]);
    assert_bill(&one(NodeBuilder::new("q", queue::KIND, "this")), &[], &["number of requests"]);

    let node = || NodeBuilder::new("t", topic::KIND, "this").usage("requests", 5e6);
    assert_bill(&one(node()), &[("requests", 2.5)], &[]);
    assert_bill(&one(node().set(topic::FIFO_TOPIC, true)), &[], &["FIFO topics"]);
}

#[test]
fn a_broker_costs_as_many_as_its_deployment_has() {
    let node = |engine: &str, mode: &str| {
        NodeBuilder::new("mq", broker::KIND, "this")
            .set(broker::ENGINE_TYPE, engine)
            .set(broker::HOST_INSTANCE_TYPE, "mq.m5.large")
            .set(broker::DEPLOYMENT_MODE, mode)
            .usage("storage_gib", 10.0)
    };
    for (engine, mode, brokers, storage) in [
        ("RabbitMQ", "SINGLE_INSTANCE", 1.0, 1.0),
        ("RabbitMQ", "CLUSTER_MULTI_AZ", 3.0, 1.0),
        ("ActiveMQ", "ACTIVE_STANDBY_MULTI_AZ", 2.0, 3.0),
    ] {
        let lines = [("broker", brokers * 0.288 * MONTH), ("storage", storage)];
        assert_bill(&one(node(engine, mode)), &lines, &[]);
    }
    let own_volume = node("ActiveMQ", "SINGLE_INSTANCE").set(broker::STORAGE_TYPE, "ebs");
    assert_bill(&one(own_volume), &[("broker", 0.288 * MONTH), ("storage", 1.0)], &[]);
    assert_bill(&one(node("RabbitMQ", "RING")), &[("storage", 1.0)], &["how many brokers RING has"]);
}

#[test]
fn kafka_costs_its_brokers_and_their_volumes() {
    use group::storage_info as storage;
    use kafka::broker_node_group_info as group;
    let volume = Block::new().set(storage::ebs_storage_info::VOLUME_SIZE, 100);
    let group = Block::new()
        .set(group::INSTANCE_TYPE, "kafka.m7g.large")
        .block(group::STORAGE_INFO, Block::new().block(storage::EBS_STORAGE_INFO, volume));
    let node = || NodeBuilder::new("k", kafka::KIND, "this").set(kafka::NUMBER_OF_BROKER_NODES, 3);
    let lines = [("brokers", 3.0 * 0.204 * MONTH), ("storage", 30.0)];
    assert_bill(&one(node().block(kafka::BROKER_NODE_GROUP_INFO, group)), &lines, &[]);
    assert_bill(&one(node()), &[], &["`broker_node_group_info` is not set"]);
    let cluster = one(NodeBuilder::new("k", serverless::KIND, "this"));
    assert_bill(&cluster, &[("cluster", 0.75 * MONTH)], &["partitions and traffic"]);
}

#[test]
fn only_events_of_ones_own_are_charged() {
    assert_eq!(one(NodeBuilder::new("r", rule::KIND, "this")).free, 1);
    let own = NodeBuilder::new("r", rule::KIND, "this").usage("events", 3e6);
    assert_bill(&one(own), &[("events", 3.0)], &[]);
}
