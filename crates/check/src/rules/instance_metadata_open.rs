//! The metadata service asks for a session token.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "instance-metadata-open",
    title: "The machine's credentials can be fetched through a forged request",
    level: Level::High,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &["aws_instance", "aws_launch_template"],
    frameworks: &[(CIS, "5.6"), (NIST, "AC-3"), (WELL_ARCHITECTED, "SEC06")],
    check,
    doc: include_str!("instance_metadata_open.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    vec![s.must_read(
        "metadata_options.http_tokens",
        "optional",
        "the metadata service answers without a token",
        |v| v == "required",
    )]
}
