//! Files can be restored.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "file-system-backup",
    title: "The file system has no backup",
    level: Level::Medium,
    category: Category::Reliability,
    confidence: Confidence::High,
    kinds: &["aws_efs_file_system"],
    frameworks: &[(NIST, "CP-9"), (WELL_ARCHITECTED, "REL09")],
    check,
    doc: include_str!("file_system_backup.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    match s.companions("aws_efs_backup_policy", "file_system_id", &[]) {
        Companions::Found(found) => {
            let policy = Subject { node: found[0], ..*s };
            vec![policy.must_read("backup_policy.status", "", "the backup policy is not enabled", |v| {
                v == "ENABLED"
            })]
        }
        Companions::Unclear(reason) => vec![Verdict::CannotTell(reason)],
        Companions::None if s.reached_by("aws_backup_selection") => vec![Verdict::Pass],
        Companions::None if !s.index.of_kind("aws_backup_selection").is_empty() => {
            vec![Verdict::CannotTell("a backup plan may select it by tag".to_owned())]
        }
        Companions::None => vec![Verdict::missing("nothing backs the files up")],
    }
}
