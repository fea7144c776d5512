//! Symmetric keys rotate every year.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "key-rotation",
    title: "The key is never rotated",
    level: Level::Medium,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &["aws_kms_key"],
    frameworks: &[(CIS, "3.6"), (NIST, "SC-12"), (WELL_ARCHITECTED, "SEC08")],
    check,
    doc: include_str!("key_rotation.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    let asymmetric = s.at("customer_master_key_spec").text("SYMMETRIC_DEFAULT");
    match asymmetric {
        Ok(spec) if spec != "SYMMETRIC_DEFAULT" => vec![Verdict::Pass],
        Err(reason) => vec![Verdict::CannotTell(reason)],
        Ok(_) => {
            vec![s.must_be_true("enable_key_rotation", false, "the key material stays the same for ever")]
        }
    }
}
