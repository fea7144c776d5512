//! Cloud Armor: what filters requests at the load balancer.
//!
//! Rules that Google keeps up to date, and a limit on requests from one address. It must not know what stands behind.

use catalog::google::compute_security_policy as policy;
use design::usage;
use ir::key::Handle;
use ir::{Block, NodeBuilder, Value};
use policy::rule;

use super::Env;
use super::env::number;

/// Groups of rules that Google maintains, in the order they are evaluated, each at a sensitivity that keeps what people
/// write in forms (Cloud Armor documentation, "Preconfigured WAF rules", 2025).
const MANAGED: &[(&str, &str)] = &[
    ("SQL in requests", "evaluatePreconfiguredWaf('sqli-v33-stable', {'sensitivity': 1})"),
    ("scripts in requests", "evaluatePreconfiguredWaf('xss-v33-stable', {'sensitivity': 1})"),
];

/// Order of the rule that holds when no other does: Cloud Armor wants exactly this.
const LAST: i64 = 2_147_483_647;
/// Seconds in which requests of one address are counted.
const INTERVAL_SECONDS: i64 = 300;

/// Adds the policy to a component; it will see so many requests a month.
pub(crate) fn lower(env: &mut Env, component: &str) -> Handle<policy::M> {
    let decl = number("Requests that one address may send in five minutes.", 10.0, 10_000.0);
    let limit = env.input(component, "rate_limit", decl, 2000);
    let name = env.name("");
    let mut builder = NodeBuilder::new(component, policy::KIND, "this")
        .set(policy::NAME, name)
        .set(policy::DESCRIPTION, "Preconfigured rules and a rate limit for one address")
        .set(policy::TYPE, "CLOUD_ARMOR");
    for ((description, expression), priority) in MANAGED.iter().zip(1i64..) {
        let when = Block::new()
            .block(rule::r#match::EXPR, Block::new().set(rule::r#match::expr::EXPRESSION, *expression));
        let block = Block::new()
            .set(rule::ACTION, "deny(403)")
            .set(rule::PRIORITY, priority * 1000)
            .set(rule::DESCRIPTION, *description)
            .block(rule::MATCH, when);
        builder = builder.block(policy::RULE, block);
    }
    use rule::rate_limit_options as rate;
    let slow = Block::new()
        .set(rate::CONFORM_ACTION, "allow")
        .set(rate::EXCEED_ACTION, "deny(429)")
        .set(rate::ENFORCE_ON_KEY, "IP")
        .block(
            rate::RATE_LIMIT_THRESHOLD,
            Block::new()
                .set(rate::rate_limit_threshold::COUNT, limit)
                .set(rate::rate_limit_threshold::INTERVAL_SEC, INTERVAL_SECONDS),
        );
    let limited = Block::new()
        .set(rule::ACTION, "throttle")
        .set(rule::PRIORITY, 9000)
        .set(rule::DESCRIPTION, "too many requests of one address")
        .block(rule::MATCH, anybody())
        .block(rule::RATE_LIMIT_OPTIONS, slow);
    let rest = Block::new()
        .set(rule::ACTION, "allow")
        .set(rule::PRIORITY, LAST)
        .set(rule::DESCRIPTION, "everybody else")
        .block(rule::MATCH, anybody());
    let requests = usage::balancer_requests(env.design);
    env.add(
        builder
            .block(policy::RULE, limited)
            .block(policy::RULE, rest)
            .usage("requests", requests)
            .purpose("Filters what reaches the public services"),
    )
}

fn anybody() -> Block<rule::r#match::M> {
    Block::new().set(rule::r#match::VERSIONED_EXPR, "SRC_IPS_V1").block(
        rule::r#match::CONFIG,
        Block::new().set(rule::r#match::config::SRC_IP_RANGES, Value::list(["*"])),
    )
}
