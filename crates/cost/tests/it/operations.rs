//! Secrets, keys, logs and alarms.

use catalog::aws::{
    cloudwatch_composite_alarm as composite, cloudwatch_dashboard as dashboard, cloudwatch_log_group as logs,
    cloudwatch_log_metric_filter as filter, cloudwatch_metric_alarm as alarm, kms_key as kms,
    prometheus_workspace as prometheus, secretsmanager_secret as secret, ssm_parameter as parameter,
};
use ir::{Block, NodeBuilder};

use crate::{assert_bill, one};

#[test]
fn secrets_and_keys_cost_a_month_and_their_requests() {
    let node = || NodeBuilder::new("s", secret::KIND, "this").usage("requests", 1e4);
    assert_bill(&one(node()), &[("secret", 0.4), ("requests", 0.05)], &[]);
    let copy = Block::new().set(secret::replica::REGION, "us-west-2");
    let copied = node().block(secret::REPLICA, copy);
    assert_bill(&one(copied), &[("secret", 0.8), ("requests", 0.05)], &[]);
    let key = NodeBuilder::new("k", kms::KIND, "this").usage("requests", 1e5);
    assert_bill(&one(key), &[("key", 1.0), ("requests", 0.3)], &[]);
    assert_bill(&one(NodeBuilder::new("k", kms::KIND, "this")), &[("key", 1.0)], &["number of requests"]);
}

#[test]
fn a_parameter_costs_by_its_tier() {
    let node = |tier: &str| NodeBuilder::new("p", parameter::KIND, "this").set(parameter::TIER, tier);
    assert_eq!(one(node("Standard")).free, 1);
    assert_eq!(one(NodeBuilder::new("p", parameter::KIND, "this")).free, 1);
    assert_bill(&one(node("Advanced")), &[("parameter", 0.05)], &[]);
    assert_bill(&one(node("Intelligent-Tiering")), &[], &["tier Intelligent-Tiering"]);
}

#[test]
fn logs_cost_when_written_and_while_kept() {
    let node = NodeBuilder::new("l", logs::KIND, "this").usage("ingest_gib", 10.0).usage("storage_gib", 30.0);
    assert_bill(&one(node), &[("logs written", 5.0), ("logs kept", 0.9)], &[]);
    let filtered = NodeBuilder::new("l", filter::KIND, "this");
    assert_bill(&one(filtered), &[("metric", 0.3)], &[]);
    use filter::metric_transformation as metric;
    let by_user = Block::new().set(metric::DIMENSIONS, ir::Value::map([("user", "$.user")]));
    let by_user = NodeBuilder::new("l", filter::KIND, "this").block(filter::METRIC_TRANSFORMATION, by_user);
    assert_bill(&one(by_user), &[], &["how many metrics its dimensions make"]);
}

#[test]
fn an_alarm_costs_the_metrics_it_watches() {
    use alarm::metric_query as query;
    let node = || NodeBuilder::new("a", alarm::KIND, "this");
    assert_bill(&one(node()), &[("metrics watched", 0.1)], &[]);
    assert_bill(&one(node().set(alarm::PERIOD, 10)), &[("metrics watched", 0.3)], &[]);
    let metric = |id: &str| {
        let block = Block::new().set(query::metric::PERIOD, 60);
        Block::new().set(query::ID, id).block(query::METRIC, block)
    };
    let expression = Block::new().set(query::ID, "rate").set(query::EXPRESSION, "a/b");
    let rate = node()
        .block(alarm::METRIC_QUERY, metric("a"))
        .block(alarm::METRIC_QUERY, metric("b"))
        .block(alarm::METRIC_QUERY, expression);
    assert_bill(&one(rate), &[("metrics watched", 0.2)], &[]);
    let band = node().block(alarm::METRIC_QUERY, metric("a")).set(alarm::THRESHOLD_METRIC_ID, "band");
    assert_bill(&one(band), &[("metrics watched", 0.3)], &[]);
    assert_bill(&one(NodeBuilder::new("a", composite::KIND, "c")), &[("composite alarm", 0.5)], &[]);
    assert_bill(&one(NodeBuilder::new("a", dashboard::KIND, "d")), &[("dashboard", 3.0)], &[]);
}

#[test]
fn metrics_of_prometheus_are_paid_by_sample() {
    let node = || NodeBuilder::new("m", prometheus::KIND, "this").usage("samples", 2e7);
    let all = node().usage("reads", 3e9).usage("gib", 2.0);
    assert_bill(&one(all), &[("samples", 1.8), ("samples read", 0.3), ("samples kept", 0.06)], &[]);
    let unsaid = |what: &str| format!("depends on use: the number of {what} a month is not known");
    let open = [("samples read", "samples read"), ("samples kept", "GiB of samples kept")];
    let open = open.map(|(item, what)| format!("{item}: {}", unsaid(what)));
    assert_bill(&one(node()), &[("samples", 1.8)], &[&open[0], &open[1]]);
}
