//! Search domains answer over TLS 1.2 or newer only.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "search-plain-http",
    title: "The search domain answers without TLS",
    level: Level::High,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &["aws_opensearch_domain"],
    frameworks: &[(NIST, "SC-8"), (WELL_ARCHITECTED, "SEC09")],
    check,
    doc: include_str!("search_plain_http.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    let modern = |policy: &str| policy.starts_with("Policy-Min-TLS-1-2");
    vec![
        s.must_be_true("domain_endpoint_options.enforce_https", false, "plain HTTP is answered"),
        s.must_read(
            "domain_endpoint_options.tls_security_policy",
            "",
            "TLS older than 1.2 is accepted",
            modern,
        ),
    ]
}
