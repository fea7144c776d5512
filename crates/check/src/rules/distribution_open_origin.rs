//! Buckets behind a distribution answer only to it.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "distribution-open-origin",
    title: "The origin bucket can be read past the distribution",
    level: Level::Medium,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &["aws_cloudfront_distribution"],
    frameworks: &[(NIST, "AC-3"), (WELL_ARCHITECTED, "SEC05")],
    check,
    doc: include_str!("distribution_open_origin.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    let judge = |(i, origin): (usize, &Value)| {
        let names_bucket = |r: &&ir::Ref| r.to.kind.as_str() == "aws_s3_bucket";
        let domain = origin.get("domain_name");
        let text = domain.and_then(Value::text).unwrap_or_default();
        let bucket = domain.is_some_and(|v| v.refs().iter().any(names_bucket))
            || (text.contains(".s3.") && text.ends_with(".amazonaws.com"));
        let ways = ["origin_access_control_id", "s3_origin_config.origin_access_identity"]
            .map(|path| Setting::of(origin, path).is_set());
        if !bucket || ways.contains(&Ok(true)) {
            return Verdict::Pass;
        }
        match ways.into_iter().find_map(Result::err) {
            Some(reason) => Verdict::CannotTell(reason),
            None => Verdict::fail(&format!("origin.{i}"), "the bucket has no origin access control"),
        }
    };
    s.node.blocks("origin").iter().enumerate().map(judge).collect()
}
