//! The encryption key of an environment.
//!
//! One customer-managed key for all data of the environment: a key per store multiplies cost and grants without
//! separating anybody, because the same people and services hold them all. Services of AWS that encrypt on
//! their own behalf are named in its policy; everything else gets its rights through IAM.
//! It must not know which store is encrypted with it.

use catalog::aws::{kms_alias, kms_key};
use design::{Compute, usage};
use ir::key::Handle;
use ir::{NodeBuilder, Value};

use super::Env;
use super::env::number;
use super::policy::{Grant, Principal, resource_policy};
use super::store::protection;

const COMPONENT: &str = "keys";

/// What the account's own administrators may do with a key, through IAM policies. Named one by one: a key
/// policy with `kms:*` reads the same for AWS and differently for an auditor.
pub(crate) const ADMINISTRATION: &[&str] = &[
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:CreateGrant",
    "kms:Decrypt",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListKeyRotations",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
    "kms:RetireGrant",
    "kms:RevokeGrant",
    "kms:RotateKeyOnDemand",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
];

/// Adds the key, its alias and its policy, and makes it the key of the environment.
pub(crate) fn lower_keys(env: &mut Env) {
    env.component(COMPONENT, "keys", "Encryption key of the environment");
    let policy = key_policy(env);
    let window = env.input(
        COMPONENT,
        "deletion_window_days",
        number("Days in which a deletion of the key can be taken back.", 7.0, 30.0),
        30,
    );
    let description = Value::template(["Encrypts the data of ".into(), env.name("")]);
    let key = env.add(
        NodeBuilder::new(COMPONENT, kms_key::KIND, "this")
            .set(kms_key::DESCRIPTION, description)
            .set(kms_key::ENABLE_KEY_ROTATION, true)
            .set(kms_key::DELETION_WINDOW_IN_DAYS, window)
            .set(kms_key::POLICY, policy)
            .lifecycle(protection(env))
            .purpose("Encrypts every store, queue, secret and log group of the environment")
            .usage("requests", usage::key_requests(env.design)),
    );
    let alias = Value::template(["alias/".into(), env.name("")]);
    env.add(
        NodeBuilder::new(COMPONENT, kms_alias::KIND, "this")
            .set(kms_alias::NAME, alias)
            .set(kms_alias::TARGET_KEY_ID, key.get(kms_key::KEY_ID))
            .purpose("Gives the key a name that people can read"),
    );
    env.kms = Some(key);
}

/// A key in another region, for what must stand there: copies of backups, alarms of global services. `users`
/// are the services of AWS that use it on their own behalf; `requests` are expected a month.
pub(crate) fn regional_key(
    env: &mut Env,
    component: &str,
    name: &str,
    region: &str,
    users: &[&'static str],
    purpose: &str,
    requests: f64,
) -> Handle<kms_key::M> {
    let (partition, account) = (env.partition(component), env.account(component));
    let mut grants = vec![administration(partition, account.clone())];
    grants.extend(users.iter().map(|user| Grant {
        sid: "Service",
        deny: false,
        principal: Principal::Service(user),
        actions: vec!["kms:Decrypt", "kms:GenerateDataKey"],
        resources: vec!["*".into()],
        conditions: vec![("StringEquals", "aws:SourceAccount", vec![account.clone()])],
    }));
    env.add(
        NodeBuilder::new(component, kms_key::KIND, name)
            .set(kms_key::DESCRIPTION, purpose)
            .set(kms_key::ENABLE_KEY_ROTATION, true)
            .set(kms_key::DELETION_WINDOW_IN_DAYS, 30)
            .set(kms_key::POLICY, resource_policy(&grants))
            .region(region)
            .lifecycle(protection(env))
            .purpose(purpose)
            .usage("requests", requests),
    )
}

/// Statement that lets the account's IAM policies decide about a key.
pub(crate) fn administration(partition: Value, account: Value) -> Grant {
    let root = Value::template(["arn:".into(), partition, ":iam::".into(), account, ":root".into()]);
    Grant {
        sid: "AccountAdministration",
        deny: false,
        principal: Principal::Aws(vec![root]),
        actions: ADMINISTRATION.to_vec(),
        resources: vec!["*".into()],
        conditions: Vec::new(),
    }
}

fn key_policy(env: &mut Env) -> Value {
    let (partition, account) = (env.partition(COMPONENT), env.account(COMPONENT));
    let region = env.region(COMPONENT);
    let log_groups = env.arn(COMPONENT, "logs", ["log-group:*"]);
    let ours = ("StringEquals", "aws:SourceAccount", vec![account.clone()]);
    // In a key policy `*` is the key itself: a key cannot name its own ARN before it exists.
    let grant = |sid, principal, actions: &[&'static str], conditions| Grant {
        sid,
        deny: false,
        principal,
        actions: actions.to_vec(),
        resources: vec!["*".into()],
        conditions,
    };
    let use_key = ["kms:Decrypt", "kms:GenerateDataKey"];
    let mut grants = vec![
        administration(partition.clone(), account.clone()),
        grant(
            "CloudWatchLogs",
            Principal::Regional("logs", region),
            &[
                "kms:Decrypt",
                "kms:DescribeKey",
                "kms:Encrypt",
                "kms:GenerateDataKey",
                "kms:ReEncryptFrom",
                "kms:ReEncryptTo",
            ],
            vec![("ArnLike", "kms:EncryptionContext:aws:logs:arn", vec![log_groups])],
        ),
        grant("Alarms", Principal::Service("cloudwatch.amazonaws.com"), &use_key, vec![ours.clone()]),
        grant("Budgets", Principal::Service("budgets.amazonaws.com"), &use_key, vec![ours.clone()]),
        // EventBridge names no source when it publishes to a topic, so a condition would shut it out.
        grant("Events", Principal::Service("events.amazonaws.com"), &use_key, Vec::new()),
        grant("Topics", Principal::Service("sns.amazonaws.com"), &use_key, vec![ours]),
    ];
    if env.design.telemetry.is_some_and(|t| t.rules) {
        // As the service documents it: whether it names a source is not said.
        let rules = Principal::Service("aps.amazonaws.com");
        grants.push(grant("Rules", rules, &use_key, Vec::new()));
    }
    if env.design.services.values().any(|s| matches!(s.compute, Compute::StaticSite { .. })) {
        let distributions = Value::template([
            "arn:".into(),
            partition,
            ":cloudfront::".into(),
            account,
            ":distribution/*".into(),
        ]);
        grants.push(grant(
            "StaticSites",
            Principal::Service("cloudfront.amazonaws.com"),
            &["kms:Decrypt"],
            vec![("ArnLike", "aws:SourceArn", vec![distributions])],
        ));
    }
    resource_policy(&grants)
}
