//! No policy can be used to write oneself a larger one.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "iam-privilege-escalation",
    title: "The policy lets its holder become an administrator",
    level: Level::Critical,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &["aws_iam_policy", "aws_iam_role_policy", "aws_iam_user_policy", "aws_iam_group_policy"],
    frameworks: &[(NIST, "AC-6"), (WELL_ARCHITECTED, "SEC03")],
    check,
    doc: include_str!("iam_privilege_escalation.md"),
};

/// Actions that, on every resource, are as good as all permissions.
static LADDERS: &[&str] = &[
    "iam:PassRole",
    "iam:CreatePolicyVersion",
    "iam:SetDefaultPolicyVersion",
    "iam:AttachRolePolicy",
    "iam:AttachUserPolicy",
    "iam:AttachGroupPolicy",
    "iam:PutRolePolicy",
    "iam:PutUserPolicy",
    "iam:PutGroupPolicy",
    "iam:UpdateAssumeRolePolicy",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:UpdateLoginProfile",
    "iam:AddUserToGroup",
];

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    s.each_statement(|statement| {
        let everything = |r: &String| r == "*" || r.ends_with(":role/*") || r.ends_with(":policy/*");
        if !statement.allow || !statement.conditions.is_empty() || !statement.resources.iter().any(everything)
        {
            return Ok(());
        }
        let found: Vec<&str> = LADDERS.iter().copied().filter(|ladder| statement.covers(ladder)).collect();
        if found.is_empty() { Ok(()) } else { Err(format!("{} on every role or policy", found.join(", "))) }
    })
}
