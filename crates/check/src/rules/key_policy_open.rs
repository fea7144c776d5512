//! Key policies name who may use the key.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "key-policy-open",
    title: "Everybody may use the key",
    level: Level::Critical,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &["aws_kms_key", "aws_kms_key_policy"],
    frameworks: &[(NIST, "SC-12"), (WELL_ARCHITECTED, "SEC08")],
    check,
    doc: include_str!("key_policy_open.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    s.each_statement(|statement| {
        let open = statement.allow && statement.for_everyone() && !statement.narrowed();
        if open { Err("the principal * may use the key".to_owned()) } else { Ok(()) }
    })
}
