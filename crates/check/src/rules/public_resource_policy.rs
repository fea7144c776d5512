//! Resource policies name who may come in.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "public-resource-policy",
    title: "The resource policy lets everybody in",
    level: Level::Critical,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &[
        "aws_s3_bucket_policy",
        "aws_sqs_queue",
        "aws_sqs_queue_policy",
        "aws_sns_topic",
        "aws_sns_topic_policy",
        "aws_ecr_repository_policy",
        "aws_secretsmanager_secret",
        "aws_secretsmanager_secret_policy",
        "aws_backup_vault_policy",
        "aws_opensearch_domain",
        "aws_efs_file_system_policy",
    ],
    frameworks: &[(NIST, "AC-3"), (WELL_ARCHITECTED, "SEC03")],
    check,
    doc: include_str!("public_resource_policy.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    s.each_statement(|statement| {
        let open = statement.allow && statement.for_everyone() && !statement.narrowed();
        if open { Err(format!("everybody may use {}", statement.actions.join(", "))) } else { Ok(()) }
    })
}
