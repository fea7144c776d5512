//! Bucket policies deny requests that do not come over TLS.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "bucket-plain-http",
    title: "The bucket answers without encryption in transit",
    level: Level::Medium,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &["aws_s3_bucket"],
    frameworks: &[(CIS, "2.1.1"), (NIST, "SC-8"), (WELL_ARCHITECTED, "SEC09")],
    check,
    doc: include_str!("bucket_plain_http.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    let policies = match s.companions("aws_s3_bucket_policy", "bucket", &["bucket"]) {
        Companions::Found(policies) => policies,
        Companions::None => return vec![Verdict::missing("no bucket policy denies requests without TLS")],
        Companions::Unclear(reason) => return vec![Verdict::CannotTell(reason)],
    };
    let mut denied = false;
    for (_, policy) in policies.iter().flat_map(|n| crate::policy::carried(n)) {
        match crate::policy::statements(&s.index.stack.graph, policy) {
            Ok(statements) => denied |= statements.iter().any(denies_plain_http),
            Err(reason) => return vec![Verdict::CannotTell(reason)],
        }
    }
    vec![if denied {
        Verdict::Pass
    } else {
        Verdict::missing("the bucket policy does not deny requests without TLS")
    }]
}

fn denies_plain_http(statement: &Statement) -> bool {
    !statement.allow
        && statement.for_everyone()
        && statement.conditions.iter().any(|(_, key, values)| {
            key.eq_ignore_ascii_case("aws:SecureTransport") && values.iter().any(|v| v == "false")
        })
}
