//! Resources carry tags.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "tags-missing",
    title: "The resource says neither what it is for nor whose it is",
    level: Level::Low,
    category: Category::Operability,
    confidence: Confidence::High,
    kinds: &["*"],
    frameworks: &[(NIST, "CM-8"), (WELL_ARCHITECTED, "COST03")],
    check,
    doc: include_str!("tags_missing.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    let taggable = catalog::kind(s.node.kind().as_str()).is_some_and(catalog::KindInfo::taggable);
    if !taggable {
        return Vec::new();
    }
    if !s.index.stack.tags.is_empty() {
        return vec![Verdict::Pass];
    }
    vec![match s.at("tags") {
        Setting::Set(Value::Map(tags)) if !tags.is_empty() => Verdict::Pass,
        Setting::Set(Value::Map(_)) | Setting::Unset => Verdict::fail("tags", "it carries no tags"),
        Setting::Set(other) => Verdict::CannotTell(unknown_because(other)),
        Setting::Unknown(reason) => Verdict::CannotTell(reason),
    }]
}
