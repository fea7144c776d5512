//! Distributions accept TLS 1.2 and newer only.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "distribution-old-tls",
    title: "The distribution accepts old TLS",
    level: Level::Medium,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &["aws_cloudfront_distribution"],
    frameworks: &[(NIST, "SC-8"), (WELL_ARCHITECTED, "SEC09")],
    check,
    doc: include_str!("distribution_old_tls.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    if s.at("viewer_certificate.cloudfront_default_certificate").truth(false) == Ok(true) {
        let attribute = "viewer_certificate.cloudfront_default_certificate";
        return vec![Verdict::fail(attribute, "the default certificate accepts every TLS version")];
    }
    let modern = |version: &str| version.starts_with("TLSv1.2") || version.starts_with("TLSv1.3");
    vec![s.must_read(
        "viewer_certificate.minimum_protocol_version",
        "TLSv1",
        "TLS before 1.2 is accepted",
        modern,
    )]
}
