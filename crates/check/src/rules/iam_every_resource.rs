//! Policies name the resources they allow writing to.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "iam-every-resource",
    title: "The policy allows writing to every resource",
    level: Level::High,
    category: Category::Security,
    confidence: Confidence::Medium,
    kinds: &["aws_iam_policy", "aws_iam_role_policy", "aws_iam_user_policy", "aws_iam_group_policy"],
    frameworks: &[(NIST, "AC-6"), (WELL_ARCHITECTED, "SEC03")],
    check,
    doc: include_str!("iam_every_resource.md"),
};

/// Verbs that only read.
static READING: &[&str] =
    &["Get", "List", "Describe", "BatchGet", "Lookup", "Search", "Query", "Scan", "View", "Filter"];

/// Actions whose resources nobody can name in advance, although they have some: network interfaces of functions,
/// and revisions that registering makes.
static NOT_NAMEABLE: &[&str] = &[
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
    "ecs:RegisterTaskDefinition",
];

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    s.each_statement(|statement| {
        if !statement.allow
            || !statement.conditions.is_empty()
            || !statement.resources.iter().any(|r| r == "*")
        {
            return Ok(());
        }
        let writing: Vec<&str> = statement.actions.iter().map(String::as_str).filter(|a| writes(a)).collect();
        if writing.is_empty() {
            Ok(())
        } else {
            Err(format!("{} is allowed on every resource", writing.join(", ")))
        }
    })
}

fn writes(action: &str) -> bool {
    let verb = action.split_once(':').map_or(action, |(_, verb)| verb);
    !READING.iter().any(|prefix| verb.starts_with(prefix))
        && !NOT_NAMEABLE.contains(&action)
        && !catalog::iam::has_no_resource(action)
}
