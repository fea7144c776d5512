//! Functions take part in traces.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "function-tracing",
    title: "Calls of the function are not traced",
    level: Level::Low,
    category: Category::Operability,
    confidence: Confidence::High,
    kinds: &["aws_lambda_function"],
    frameworks: &[(WELL_ARCHITECTED, "OPS08")],
    check,
    doc: include_str!("function_tracing.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    vec![s.must_read("tracing_config.mode", "PassThrough", "the function records no traces", |mode| {
        mode == "Active"
    })]
}
