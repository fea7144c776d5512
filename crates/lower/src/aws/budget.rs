//! The budget of an environment.
//!
//! Mail when spending has reached 80 % of it, and when the month is forecast to end above it. Costs are found
//! by a tag, which billing must have activated as a cost allocation tag. It must not know what costs.

use catalog::aws::{budgets_budget, sns_topic};
use ir::key::Handle;
use ir::{Block, Diagnostic, NodeBuilder, Value};

use super::Env;
use super::env::number;
use super::monitoring::owner;

const COMPONENT: &str = "budget";

/// The tag that every resource of a stack carries, with `<application>-<environment>` as its value. Budgets
/// cannot join two tags, so one tag says both.
pub(crate) const STACK_TAG: &str = "Stack";

/// The budget, when the design has one.
pub(crate) fn lower_budget(env: &mut Env, topic: &Handle<sns_topic::M>) {
    use budgets_budget::notification;
    let Some(limit) = env.design.budget else { return };
    env.component(COMPONENT, "budget", "Alarms about what the environment costs");
    let decl = number("Dollars a month that the environment may cost.", 1.0, 1e9);
    // Budgets are kept in whole dollars; the cast saturates and the range above is checked on the way in.
    let amount = env.input(COMPONENT, "monthly_usd", decl, limit.0.round().max(1.0) as i64);
    let tag = Value::template([format!("user:{STACK_TAG}$").into(), env.name("")]);
    let filter = Block::new()
        .set(budgets_budget::cost_filter::NAME, "TagKeyValue")
        .set(budgets_budget::cost_filter::VALUES, vec![tag]);
    let name = env.name("");
    let mut builder = NodeBuilder::new(COMPONENT, budgets_budget::KIND, "this")
        .set(budgets_budget::NAME, name)
        .set(budgets_budget::BUDGET_TYPE, "COST")
        .set(budgets_budget::LIMIT_AMOUNT, amount)
        .set(budgets_budget::LIMIT_UNIT, "USD")
        .set(budgets_budget::TIME_UNIT, "MONTHLY")
        .block(budgets_budget::COST_FILTER, filter);
    let owner = owner(env, COMPONENT);
    for (kind, percent) in [("ACTUAL", 80), ("FORECASTED", 100)] {
        let block = Block::new()
            .set(notification::COMPARISON_OPERATOR, "GREATER_THAN")
            .set(notification::THRESHOLD, percent)
            .set(notification::THRESHOLD_TYPE, "PERCENTAGE")
            .set(notification::NOTIFICATION_TYPE, kind)
            .set_opt(notification::SUBSCRIBER_EMAIL_ADDRESSES, owner.clone().map(|o| Value::List(vec![o])))
            .set(notification::SUBSCRIBER_SNS_TOPIC_ARNS, vec![topic.get(sns_topic::ARN)]);
        builder = builder.block(budgets_budget::NOTIFICATION, block);
    }
    env.add(builder.purpose("Tells the owner before the environment costs more than was agreed"));
    let span = env.spec.budget.as_ref().and_then(|b| b.span);
    env.diagnostics.push(
        Diagnostic::note("budget-tag-to-activate", format!("budgets count nothing until the tag `{STACK_TAG}` is activated for billing"))
            .at(span, "is watched by the tag")
            .because("Billing groups costs only by tags that the paying account has activated, which it can do a day after they were first used.")
            .help(format!("Run `aws ce update-cost-allocation-tags-status --cost-allocation-tags-status TagKey={STACK_TAG},Status=Active` in the paying account, a day after the first deployment")),
    );
}
