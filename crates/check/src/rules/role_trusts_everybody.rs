//! Roles name who may assume them.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "role-trusts-everybody",
    title: "Everybody may assume the role",
    level: Level::Critical,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &["aws_iam_role"],
    frameworks: &[(NIST, "AC-3"), (WELL_ARCHITECTED, "SEC02")],
    check,
    doc: include_str!("role_trusts_everybody.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    s.each_statement(|statement| {
        let open = statement.allow && statement.for_everyone() && !statement.narrowed();
        if open { Err("the principal * may assume the role".to_owned()) } else { Ok(()) }
    })
}
