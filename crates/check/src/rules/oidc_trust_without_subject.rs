//! Trust in a token issuer names whose tokens.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "oidc-trust-without-subject",
    title: "Any pipeline of the provider may assume the role",
    level: Level::Critical,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &["aws_iam_role"],
    frameworks: &[(NIST, "IA-8"), (WELL_ARCHITECTED, "SEC02")],
    check,
    doc: include_str!("oidc_trust_without_subject.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    s.each_statement(|statement| {
        let federated = statement.principals.iter().any(|(kind, _)| kind == "Federated");
        let web = statement.covers("sts:AssumeRoleWithWebIdentity");
        let named = statement.conditions.iter().any(|(_, key, values)| {
            let subject = key.to_ascii_lowercase();
            (subject.ends_with(":sub") || subject.ends_with(":amr"))
                && values
                    .iter()
                    .all(|v| v.trim_matches(['*', ':', '/']).contains([':', '/']) || v.contains('$'))
        });
        if statement.allow && federated && web && !named {
            Err("no condition names the subject whose tokens are trusted".to_owned())
        } else {
            Ok(())
        }
    })
}
