//! Policies name the actions they allow.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "iam-every-action",
    title: "The policy allows every action",
    level: Level::Critical,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &["aws_iam_policy", "aws_iam_role_policy", "aws_iam_user_policy", "aws_iam_group_policy"],
    frameworks: &[(CIS, "1.16"), (NIST, "AC-6"), (WELL_ARCHITECTED, "SEC03")],
    check,
    doc: include_str!("iam_every_action.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    s.each_statement(|statement| {
        let whole_service = |a: &&String| a.as_str() == "*" || a.ends_with(":*");
        match statement.actions.iter().find(whole_service) {
            Some(action) if statement.allow => Err(format!("the action {action} is allowed")),
            _ if statement.allow && !statement.not_actions.is_empty() => {
                Err("every action but a few is allowed".to_owned())
            }
            _ => Ok(()),
        }
    })
}
