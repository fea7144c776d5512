//! The budget of an environment.
//!
//! Mail when spending of its resource group has reached 80 % of it, and when the month is forecast to end above it. It
//! must not know what costs.

use catalog::azurerm::{consumption_budget_resource_group as budget, monitor_action_group};
use ir::key::Handle;
use ir::{Block, Lifecycle, NodeBuilder, Value};

use super::Env;
use super::env::{matching, number};

const COMPONENT: &str = "budget";

/// The budget, when the design has one.
pub(crate) fn lower(env: &mut Env, group: &Handle<monitor_action_group::M>) {
    let Some(limit) = env.design.budget else { return };
    env.component(COMPONENT, "budget", "Alarms about what the environment costs");
    let decl = number("Dollars a month that the environment may cost.", 1.0, 1e9);
    // Budgets are kept in whole dollars; the cast saturates and the range above is checked on the way in.
    let amount = env.input(COMPONENT, "monthly_usd", decl, limit.0.round().max(1.0) as i64);
    let pattern = "^[0-9]{4}-[0-9]{2}-01T00:00:00Z$";
    let mut decl = matching(
        "Month that is watched first.",
        pattern,
        "the first of a month such as 2026-01-01T00:00:00Z",
    );
    decl.from_pipeline = true;
    let start = Value::Unknown("the month of the first deployment".into());
    let start = env.input(COMPONENT, "start", decl, start);
    let (name, id) = (env.name(""), env.group_id(COMPONENT));
    let mut builder = NodeBuilder::new(COMPONENT, budget::KIND, "this")
        .set(budget::NAME, name)
        .set(budget::RESOURCE_GROUP_ID, id)
        .set(budget::AMOUNT, amount)
        .set(budget::TIME_GRAIN, "Monthly")
        .block(budget::TIME_PERIOD, Block::new().set(budget::time_period::START_DATE, start));
    for (kind, percent) in [("Actual", 80), ("Forecasted", 100)] {
        let block = Block::new()
            .set(budget::notification::OPERATOR, "GreaterThan")
            .set(budget::notification::THRESHOLD, percent)
            .set(budget::notification::THRESHOLD_TYPE, kind)
            .set(budget::notification::CONTACT_GROUPS, vec![group.get(monitor_action_group::ID)]);
        builder = builder.block(budget::NOTIFICATION, block);
    }
    // The month of the first deployment stays the first that is watched.
    let ignore_changes = vec!["time_period".to_owned()];
    env.add(
        builder
            .lifecycle(Lifecycle { ignore_changes, ..Lifecycle::default() })
            .purpose("Tells the owner before the environment costs more than was agreed"),
    );
}
