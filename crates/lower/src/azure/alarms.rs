//! Alarms on every managed part.
//!
//! Alarms are made by walking the finished graph with the table of rules, in the component they watch, so that a module
//! carries its own alarms and thresholds. It must not know why a part was built.

use catalog::azurerm::{monitor_action_group, monitor_metric_alert as alert};
use ir::key::Handle;
use ir::{Address, Block, Node, NodeBuilder, Ref, Step, Value};

use super::Env;
use super::alarm_rules::{Direction, RULES, Rule};
use super::container::plain;
use super::env::number;
use crate::AlarmInfo;

/// What documents say about an alarm; `None` for a node that is none.
pub(crate) fn describe(node: &Node) -> Option<AlarmInfo> {
    if *node.kind() != alert::KIND {
        return None;
    }
    let rule = RULES.iter().find(|rule| node_name(rule, &node.address.name).is_some())?;
    let criteria = node.block(alert::CRITERIA.name)?;
    let threshold = criteria.get(alert::criteria::THRESHOLD.name).and_then(Value::as_f64).unwrap_or_default();
    let direction = match rule.direction {
        Direction::Above => "above",
        Direction::Below => "below",
    };
    Some(AlarmInfo {
        name: node.get(alert::NAME.name).and_then(Value::text).unwrap_or_default(),
        component: node.address.component.clone(),
        metric: rule.metric.to_owned(),
        threshold: format!("{direction} {threshold} {}", rule.unit).trim_end().to_owned(),
        why: rule.why.to_owned(),
        runbook_slug: rule.slug.to_owned(),
    })
}

/// What follows the rule's name in a node's name, if it is the rule's.
fn node_name<'n>(rule: &Rule, name: &'n str) -> Option<&'n str> {
    let rest = name.strip_prefix(rule.slug.replace('-', "_").as_str())?;
    (rest.is_empty() || rest.starts_with('_')).then_some(rest)
}

/// One alarm for each rule and node that fit together.
pub(crate) fn lower(env: &mut Env, group: &Handle<monitor_action_group::M>) {
    let mut planned: Vec<(&'static Rule, Address)> = Vec::new();
    for node in env.graph.nodes() {
        let fits = |rule: &&Rule| rule.kind == node.kind().as_str() && (rule.applies)(node);
        planned.extend(RULES.iter().filter(fits).map(|rule| (rule, node.address.clone())));
    }
    for (rule, address) in planned {
        add(env, group, rule, &address);
    }
}

fn add(env: &mut Env, group: &Handle<monitor_action_group::M>, rule: &'static Rule, address: &Address) {
    let component = address.component.as_str();
    let slug = rule.slug.replace('-', "_");
    let main = address.name == "this";
    let node = if main { slug } else { format!("{slug}_{}", address.name) };
    let suffix = if main {
        format!("{component}-{}", rule.slug)
    } else {
        format!("{component}-{}-{}", rule.slug, address.name)
    };
    let words = format!("{} from which {} rings.", rule.words, rule.slug);
    let most = if rule.unit == "%" { 100.0 } else { 1e9 };
    let threshold =
        env.input(component, &format!("{node}_threshold"), number(words, 0.0, most), plain(rule.threshold));
    let (name, resource_group) = (env.name(&suffix), env.group());
    let watched = Value::Ref(Ref { to: address.clone(), path: vec![Step::Attr("id".into())] });
    let operator = match rule.direction {
        Direction::Above => "GreaterThan",
        Direction::Below => "LessThan",
    };
    use alert::criteria;
    let mut criteria = Block::new()
        .set(criteria::METRIC_NAMESPACE, rule.namespace)
        .set(criteria::METRIC_NAME, rule.metric)
        .set(criteria::AGGREGATION, rule.aggregation)
        .set(criteria::OPERATOR, operator)
        .set(criteria::THRESHOLD, threshold);
    if let Some((dimension, values)) = rule.only {
        let only = Block::new()
            .set(criteria::dimension::NAME, dimension)
            .set(criteria::dimension::OPERATOR, "Include")
            .set(criteria::dimension::VALUES, values.to_vec());
        criteria = criteria.block(criteria::DIMENSION, only);
    }
    let action = Block::new().set(alert::action::ACTION_GROUP_ID, group.get(monitor_action_group::ID));
    env.add(
        NodeBuilder::new(component, alert::KIND, &node)
            .set(alert::NAME, name)
            .set(alert::RESOURCE_GROUP_NAME, resource_group)
            .set(alert::DESCRIPTION, format!("{}. Runbook: {}", rule.why, rule.slug))
            .set(alert::SCOPES, vec![watched])
            .set(alert::SEVERITY, rule.severity)
            .set(alert::FREQUENCY, period(rule.minutes.min(5)))
            .set(alert::WINDOW_SIZE, period(rule.minutes))
            .set(alert::AUTO_MITIGATE, true)
            .block(alert::CRITERIA, criteria)
            .block(alert::ACTION, action)
            .purpose(rule.why),
    );
}

fn period(minutes: u32) -> String {
    if minutes == 60 { "PT1H".to_owned() } else { format!("PT{minutes}M") }
}
