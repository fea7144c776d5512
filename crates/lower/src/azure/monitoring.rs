//! Who is told, and what they see.
//!
//! One group of the environment takes every alarm and budget warning and mails the owner. It runs last and looks at
//! the finished graph, so that nothing that was built can be forgotten. What is watched and from which value on is said
//! in `alarm_rules`.

use catalog::azurerm::monitor_action_group as group;
use ir::{Block, NodeBuilder};

use super::env::{matching, text};
use super::{Env, alarms, budget, dashboard};

const COMPONENT: &str = "monitoring";
/// Letters of a group's short name, which text messages begin with.
const SHORT: usize = 12;

/// The group, the alarms, the dashboard and the budget.
pub(crate) fn lower(env: &mut Env) {
    env.component(COMPONENT, "monitoring", "Alarms and who is told");
    let (name, resource_group) = (env.name("alarms"), env.group());
    let short: String = env.prefix().chars().filter(char::is_ascii_alphanumeric).take(SHORT).collect();
    let short =
        env.input(COMPONENT, "short_name", text("At most twelve letters that messages begin with."), short);
    let mut builder = NodeBuilder::new(COMPONENT, group::KIND, "this")
        .set(group::NAME, name)
        .set(group::RESOURCE_GROUP_NAME, resource_group)
        .set(group::SHORT_NAME, short);
    if let Some(owner) = env.blueprint.owner.clone() {
        let decl = matching("Address that is told about alarms.", r"^[^@\s]+@[^@\s]+$", "an e-mail address");
        let owner = env.input(COMPONENT, "owner", decl, owner);
        let mail = Block::new()
            .set(group::email_receiver::NAME, "owner")
            .set(group::email_receiver::EMAIL_ADDRESS, owner)
            .set(group::email_receiver::USE_COMMON_ALERT_SCHEMA, true);
        builder = builder.block(group::EMAIL_RECEIVER, mail);
    }
    let made = env.add(builder.purpose("Takes every alarm of the environment"));
    alarms::lower(env, &made);
    dashboard::lower(env);
    budget::lower(env, &made);
}
