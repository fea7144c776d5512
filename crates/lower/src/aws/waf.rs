//! Web application firewalls.
//!
//! The same rules stand in front of the load balancer and of the content delivery network: groups that AWS
//! keeps up to date, and a limit on requests from one address. Managed groups block at once; their exceptions
//! belong to the application and are made in its own environment.

use catalog::aws::{cloudwatch_log_group, wafv2_web_acl, wafv2_web_acl_logging_configuration};
use design::usage;
use ir::key::Handle;
use ir::{Block, NodeBuilder, Value};
use wafv2_web_acl::rule;

use super::Env;
use super::env::number;

/// Where a firewall stands.
pub(crate) enum Scope<'s> {
    /// In front of a load balancer.
    Regional,
    /// In front of the content delivery network, whose firewalls all live in this other region.
    CloudFront(&'s str),
    /// The same, in an environment that is in that region itself.
    CloudFrontAtHome,
}

/// Groups of rules that AWS maintains, by their published names and in the order they are evaluated: the
/// cheap verdict on the sender first.
const MANAGED: &[(&str, &str)] = &[
    ("ip-reputation", "AWSManagedRulesAmazonIpReputationList"),
    ("common", "AWSManagedRulesCommonRuleSet"),
    ("known-bad-inputs", "AWSManagedRulesKnownBadInputsRuleSet"),
];

/// Rules of a managed group that only count. The common rules refuse bodies over 8 KiB (AWS WAF developer guide,
/// baseline rule groups, 2025), which any upload is; what a body may weigh is the service's to say.
static COUNTED: &[(&str, &str)] = &[("AWSManagedRulesCommonRuleSet", "SizeRestrictions_BODY")];

/// Adds a firewall with its log to a component; it will see so many requests a month.
pub(crate) fn web_acl(
    env: &mut Env,
    component: &str,
    scope: &Scope,
    requests: f64,
) -> Handle<wafv2_web_acl::M> {
    let limit = env.input(
        component,
        "waf_rate_limit",
        number("Requests that one address may send in five minutes.", 10.0, 2_000_000_000.0),
        2000,
    );
    let (scope_name, region) = match scope {
        Scope::Regional => ("REGIONAL", None),
        Scope::CloudFront(region) => ("CLOUDFRONT", Some(*region)),
        Scope::CloudFrontAtHome => ("CLOUDFRONT", None),
    };
    let name = env.name(component);
    let mut builder = NodeBuilder::new(component, wafv2_web_acl::KIND, "this")
        .set(wafv2_web_acl::NAME, name)
        .set(wafv2_web_acl::DESCRIPTION, "Managed rules and a rate limit for one address")
        .set(wafv2_web_acl::SCOPE, scope_name)
        .block(
            wafv2_web_acl::DEFAULT_ACTION,
            Block::new().block(wafv2_web_acl::default_action::ALLOW, Block::new()),
        )
        .block(wafv2_web_acl::RULE, rate_rule(limit));
    for (i, (name, group)) in (1i64..).zip(MANAGED) {
        builder = builder.block(wafv2_web_acl::RULE, managed_rule(i * 10, name, group));
    }
    let builder = builder
        .block(
            wafv2_web_acl::VISIBILITY_CONFIG,
            Block::new()
                .set(wafv2_web_acl::visibility_config::CLOUDWATCH_METRICS_ENABLED, true)
                .set(wafv2_web_acl::visibility_config::METRIC_NAME, component)
                .set(wafv2_web_acl::visibility_config::SAMPLED_REQUESTS_ENABLED, true),
        )
        .usage("requests", requests)
        .purpose("Blocks known attacks and floods before they reach a service");
    let acl = env.add(in_region(builder, region));
    log(env, component, &acl, region, requests);
    acl
}

/// The log of blocked and counted requests. Its group's name must begin with `aws-waf-logs-`.
fn log(env: &mut Env, component: &str, acl: &Handle<wafv2_web_acl::M>, region: Option<&str>, requests: f64) {
    let expected = usage::firewall_log(requests, env.design.log_days);
    let suffix = Value::from(format!("-{component}"));
    let log_name = Value::Template(vec!["aws-waf-logs-".into(), env.name(""), suffix]);
    let purpose = "Keeps the requests that the firewall blocked or counted";
    let group = match region {
        None => env.log_group(component, "waf", log_name, purpose, expected),
        // The environment's key is in its own region, so a group elsewhere has the key that CloudWatch manages.
        Some(region) => env.log_group_in(component, "waf", log_name, purpose, expected, region),
    };
    use logging::logging_filter as filter;
    use wafv2_web_acl_logging_configuration as logging;
    let dropped = |action: &str| {
        Block::new().block(
            filter::filter::condition::ACTION_CONDITION,
            Block::new().set(filter::filter::condition::action_condition::ACTION, action),
        )
    };
    let builder = NodeBuilder::new(component, logging::KIND, "this")
        .set(logging::RESOURCE_ARN, acl.get(wafv2_web_acl::ARN))
        .set(logging::LOG_DESTINATION_CONFIGS, Value::List(vec![group.get(cloudwatch_log_group::ARN)]))
        .block(
            logging::LOGGING_FILTER,
            Block::new().set(filter::DEFAULT_BEHAVIOR, "DROP").block(
                filter::FILTER,
                Block::new()
                    .set(filter::filter::BEHAVIOR, "KEEP")
                    .set(filter::filter::REQUIREMENT, "MEETS_ANY")
                    .block(filter::filter::CONDITION, dropped("BLOCK"))
                    .block(filter::filter::CONDITION, dropped("COUNT")),
            ),
        )
        .block(
            logging::REDACTED_FIELDS,
            Block::new().block(
                logging::redacted_fields::SINGLE_HEADER,
                Block::new().set(logging::redacted_fields::single_header::NAME, "authorization"),
            ),
        )
        .block(
            logging::REDACTED_FIELDS,
            Block::new().block(
                logging::redacted_fields::SINGLE_HEADER,
                Block::new().set(logging::redacted_fields::single_header::NAME, "cookie"),
            ),
        )
        .purpose("Writes blocked and counted requests to the log, without credentials");
    env.add(in_region(builder, region));
}

fn in_region<M>(builder: NodeBuilder<M>, region: Option<&str>) -> NodeBuilder<M> {
    match region {
        Some(region) => builder.region(region),
        None => builder,
    }
}

fn rate_rule(limit: Value) -> Block<rule::M> {
    use rule::statement::rate_based_statement as rate;
    Block::new()
        .set(rule::NAME, "rate-limit")
        .set(rule::PRIORITY, 0)
        .block(rule::ACTION, Block::new().block(rule::action::BLOCK, Block::new()))
        .block(
            rule::STATEMENT,
            Block::new().block(
                rule::statement::RATE_BASED_STATEMENT,
                Block::new().set(rate::LIMIT, limit).set(rate::AGGREGATE_KEY_TYPE, "IP"),
            ),
        )
        .block(rule::VISIBILITY_CONFIG, visible("rate-limit"))
}

fn managed_rule(priority: i64, name: &str, group: &str) -> Block<rule::M> {
    use managed::rule_action_override as exception;
    use rule::statement::managed_rule_group_statement as managed;
    let mut statement = Block::new().set(managed::VENDOR_NAME, "AWS").set(managed::NAME, group);
    for (_, counted) in COUNTED.iter().filter(|(of, _)| *of == group) {
        let action = Block::new().block(exception::action_to_use::COUNT, Block::new());
        let exception = Block::new().set(exception::NAME, *counted).block(exception::ACTION_TO_USE, action);
        statement = statement.block(managed::RULE_ACTION_OVERRIDE, exception);
    }
    Block::new()
        .set(rule::NAME, name)
        .set(rule::PRIORITY, priority)
        .block(rule::OVERRIDE_ACTION, Block::new().block(rule::override_action::NONE, Block::new()))
        .block(rule::STATEMENT, Block::new().block(rule::statement::MANAGED_RULE_GROUP_STATEMENT, statement))
        .block(rule::VISIBILITY_CONFIG, visible(name))
}

fn visible(metric: &str) -> Block<rule::visibility_config::M> {
    Block::new()
        .set(rule::visibility_config::CLOUDWATCH_METRICS_ENABLED, true)
        .set(rule::visibility_config::METRIC_NAME, metric)
        .set(rule::visibility_config::SAMPLED_REQUESTS_ENABLED, true)
}
