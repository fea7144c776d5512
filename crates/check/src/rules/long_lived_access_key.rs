//! Credentials are short-lived.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "long-lived-access-key",
    title: "A long-lived access key is created",
    level: Level::High,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &["aws_iam_access_key"],
    frameworks: &[(NIST, "IA-5"), (WELL_ARCHITECTED, "SEC02")],
    check,
    doc: include_str!("long_lived_access_key.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    vec![Verdict::fail("user", format!("{} is valid until somebody deletes it", s.node.address))]
}
