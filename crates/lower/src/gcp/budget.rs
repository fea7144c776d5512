//! The budget of an environment.
//!
//! Mail when spending has reached 80 % of it, and when the month is forecast to end above it. Costs are found by a
//! label. It must not know what costs.

use catalog::google::{billing_budget as budget, monitoring_notification_channel as channel};
use ir::key::Handle;
use ir::{Block, Diagnostic, NodeBuilder, Value};

use super::Env;
use super::env::{billing_account, number, project_number};
use crate::names::join;

const COMPONENT: &str = "budget";

/// The label that every resource of a stack carries, with `<application>-<environment>` as its value.
pub(crate) const STACK_LABEL: &str = "stack";

/// The budget, when the design has one.
pub(crate) fn lower(env: &mut Env, channel: Option<&Handle<channel::M>>) {
    let Some(limit) = env.design.budget else { return };
    env.component(COMPONENT, "budget", "Alarms about what the environment costs");
    let decl = number("Dollars a month that the environment may cost.", 1.0, 1e9);
    // Budgets are kept in whole dollars; the cast saturates and the range above is checked on the way in.
    let amount = env.input(COMPONENT, "monthly_usd", decl, limit.0.round().max(1.0) as i64);
    let account = billing_account(&mut env.graph, COMPONENT);
    let number = project_number(&mut env.graph, COMPONENT);
    let filter = Block::new()
        .set(budget::budget_filter::PROJECTS, Value::List(vec![join(["projects/".into(), number])]))
        .set(budget::budget_filter::LABELS, Value::map([(STACK_LABEL, env.name(""))]));
    let money = Block::new()
        .set(budget::amount::specified_amount::CURRENCY_CODE, "USD")
        .set(budget::amount::specified_amount::UNITS, amount);
    let name = env.name("");
    let mut builder = NodeBuilder::new(COMPONENT, budget::KIND, "this")
        .set(budget::BILLING_ACCOUNT, account)
        .set(budget::DISPLAY_NAME, name)
        .block(budget::BUDGET_FILTER, filter)
        .block(budget::AMOUNT, Block::new().block(budget::amount::SPECIFIED_AMOUNT, money));
    for (basis, share) in [("CURRENT_SPEND", 0.8), ("FORECASTED_SPEND", 1.0)] {
        let block = Block::new()
            .set(budget::threshold_rules::SPEND_BASIS, basis)
            .set(budget::threshold_rules::THRESHOLD_PERCENT, share);
        builder = builder.block(budget::THRESHOLD_RULES, block);
    }
    if let Some(channel) = channel {
        use budget::all_updates_rule as told;
        let channels = Value::List(vec![channel.get(channel::ID)]);
        builder = builder.block(
            budget::ALL_UPDATES_RULE,
            Block::new()
                .set(told::MONITORING_NOTIFICATION_CHANNELS, channels)
                .set(told::DISABLE_DEFAULT_IAM_RECIPIENTS, false),
        );
    }
    env.add(builder.purpose("Tells the owner before the environment costs more than was agreed"));
    let span = env.spec.budget.as_ref().and_then(|b| b.span);
    env.diagnostics.push(
        Diagnostic::note("budget-needs-the-billing-account", "whoever deploys must be let into the billing account")
            .at(span, "is watched by a budget of the account that pays")
            .because("Budgets belong to the billing account and not to the project, and are kept in its currency.")
            .help("give the accounts that deploy the role `roles/billing.costsManager` on the billing account; if it is not kept in dollars, change `currency_code`"),
    );
}
