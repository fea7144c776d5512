//! Daily copies of everything that holds data.
//!
//! AWS Backup keeps copies apart from the stores themselves, so that deleting a store does not delete its past.
//! When the design names a second region, each copy is copied there too. It must not know how a store makes its
//! own point-in-time backups.

use catalog::aws::{
    backup_plan, backup_selection, backup_vault, db_instance, docdb_cluster, iam_role,
    iam_role_policy_attachment, kms_key, rds_cluster, s3_bucket,
};
use design::{ResourceChoice, usage};
use ir::key::Handle;
use ir::{Block, NodeBuilder, Value};

use super::Env;
use super::env::number;
use super::identity::{RoleSpec, role};
use super::keys::regional_key;

const COMPONENT: &str = "backup";
/// Every night, UTC, before the databases' own backups.
const SCHEDULE: &str = "cron(0 1 * * ? *)";
/// Minutes within which a backup must begin, and end.
const WINDOW_MINUTES: (i64, i64) = (60, 480);

/// What is copied, by the service that holds it.
#[derive(Default)]
struct Copied {
    databases: Vec<Value>,
    clusters: Vec<Value>,
    buckets: Vec<Value>,
    instance_gib: f64,
    cluster_gib: f64,
    document_gib: f64,
    bucket_gib: f64,
}

/// The vault, the plan, what it copies and the role that does it; nothing when the design keeps no copies or
/// nothing holds data.
pub(crate) fn lower_backup(env: &mut Env) {
    let copied = copied(env);
    let arns: Vec<Value> =
        [&copied.databases, &copied.clusters, &copied.buckets].into_iter().flatten().cloned().collect();
    if env.design.recovery.backup_days == 0 || arns.is_empty() {
        return;
    }
    env.component(COMPONENT, "backup", "Daily copies of everything that holds data");
    let name = env.name_within(COMPONENT, "vault_name", "", 50);
    let key = env.key_arn();
    let vault = env.add(
        NodeBuilder::new(COMPONENT, backup_vault::KIND, "this")
            .set(backup_vault::NAME, name.clone())
            .set(backup_vault::KMS_KEY_ARN, key)
            .lifecycle(super::store::protection(env))
            .purpose("Keeps the daily copies, encrypted and apart from the stores"),
    );
    expect(env, &vault.address, &copied);
    let decl = number("Days that a daily copy is kept.", 1.0, 36500.0);
    let keep = env.input(COMPONENT, "backup_days", decl, env.design.recovery.backup_days);
    let mut rule = Block::new()
        .set(backup_plan::rule::RULE_NAME, "daily")
        .set(backup_plan::rule::TARGET_VAULT_NAME, vault.get(backup_vault::NAME))
        .set(backup_plan::rule::SCHEDULE, SCHEDULE)
        .set(backup_plan::rule::START_WINDOW, WINDOW_MINUTES.0)
        .set(backup_plan::rule::COMPLETION_WINDOW, WINDOW_MINUTES.1)
        .block(
            backup_plan::rule::LIFECYCLE,
            Block::new().set(backup_plan::rule::lifecycle::DELETE_AFTER, keep.clone()),
        );
    if let Some(region) = &env.design.recovery.copy_region {
        let copy = copy_vault(env, region, name, &copied);
        let lifecycle = Block::new().set(backup_plan::rule::copy_action::lifecycle::DELETE_AFTER, keep);
        rule = rule.block(
            backup_plan::rule::COPY_ACTION,
            Block::new()
                .set(backup_plan::rule::copy_action::DESTINATION_VAULT_ARN, copy)
                .block(backup_plan::rule::copy_action::LIFECYCLE, lifecycle),
        );
    }
    let plan_name = env.name("");
    let plan = env.add(
        NodeBuilder::new(COMPONENT, backup_plan::KIND, "this")
            .set(backup_plan::NAME, plan_name)
            .block(backup_plan::RULE, rule)
            .purpose("Copies every night and forgets after the days that were asked for"),
    );
    let role = taker(env, "backup", "Lets AWS Backup copy the stores of the environment");
    attach(env, "backup", &role, "AWSBackupServiceRolePolicyForBackup");
    let restorer = taker(env, "restore", "Lets AWS Backup restore what a person asks it to");
    attach(env, "restore", &restorer, "AWSBackupServiceRolePolicyForRestores");
    if !copied.buckets.is_empty() {
        attach(env, "backup_buckets", &role, "AWSBackupServiceRolePolicyForS3Backup");
        attach(env, "restore_buckets", &restorer, "AWSBackupServiceRolePolicyForS3Restore");
    }
    let selection_name = env.name_within(COMPONENT, "selection_name", "", 50);
    env.add(
        NodeBuilder::new(COMPONENT, backup_selection::KIND, "this")
            .set(backup_selection::NAME, selection_name)
            .set(backup_selection::PLAN_ID, plan.get(backup_plan::ID))
            .set(backup_selection::IAM_ROLE_ARN, role.get(iam_role::ARN))
            .set(backup_selection::RESOURCES, Value::List(arns))
            .purpose("Names the stores that are copied"),
    );
}

/// Whether the environment has a vault.
pub(crate) fn exists(env: &Env) -> bool {
    let vault = NodeBuilder::new(COMPONENT, backup_vault::KIND, "this").handle();
    env.graph.get(&vault.address).is_some()
}

fn copied(env: &Env) -> Copied {
    let mut copied = Copied::default();
    for (name, resource) in &env.design.resources {
        let c = env.resource_component(name);
        match &resource.choice {
            ResourceChoice::Rds(design) => {
                copied.databases.push(NodeBuilder::new(&c, db_instance::KIND, "this").get(db_instance::ARN));
                copied.instance_gib += f64::from(design.storage_gib);
            }
            ResourceChoice::Aurora(design) => {
                copied.clusters.push(NodeBuilder::new(&c, rds_cluster::KIND, "this").get(rds_cluster::ARN));
                copied.cluster_gib += f64::from(design.storage_gib);
            }
            ResourceChoice::DocumentDb(design) => {
                copied
                    .clusters
                    .push(NodeBuilder::new(&c, docdb_cluster::KIND, "this").get(docdb_cluster::ARN));
                copied.document_gib += f64::from(design.storage_gib);
            }
            ResourceChoice::S3(design) if env.design.recovery.copies_buckets() => {
                copied.buckets.push(NodeBuilder::new(&c, s3_bucket::KIND, "this").get(s3_bucket::ARN));
                copied.bucket_gib += design.size_gib;
            }
            _ => {}
        }
    }
    copied
}

/// Says what a vault is expected to hold.
fn expect(env: &mut Env, vault: &ir::Address, copied: &Copied) {
    let days = env.design.recovery.backup_days;
    for (quantity, gib) in [
        ("rds_gib", copied.instance_gib),
        ("aurora_gib", copied.cluster_gib),
        ("docdb_gib", copied.document_gib),
        ("s3_gib", copied.bucket_gib),
    ] {
        if gib > 0.0 {
            env.graph.add_usage(vault, quantity, usage::copies_gib(gib, days));
        }
    }
}

/// A vault in the region that gets copies, with a key of its own: keys do not leave their region.
fn copy_vault(env: &mut Env, region: &str, name: Value, copied: &Copied) -> Value {
    let key = regional_key(
        env,
        COMPONENT,
        "copy",
        region,
        &[],
        "Encrypts the copies of backups in the second region",
        0.0,
    );
    let vault = env.add(
        NodeBuilder::new(COMPONENT, backup_vault::KIND, "copy")
            .set(backup_vault::NAME, name)
            .set(backup_vault::KMS_KEY_ARN, key.get(kms_key::ARN))
            .region(region)
            .lifecycle(super::store::protection(env))
            .purpose("Keeps a second copy where a failure of the home region cannot reach it"),
    );
    expect(env, &vault.address, copied);
    vault.get(backup_vault::ARN)
}

/// A role that AWS Backup takes. Copying and restoring are apart: who may start copies cannot overwrite a store.
fn taker(env: &mut Env, name: &str, purpose: &str) -> Handle<iam_role::M> {
    let service = "backup.amazonaws.com";
    role(env, &RoleSpec { component: COMPONENT, name, suffix: name, service, purpose, statements: &[] })
}

/// Gives a role one of the policies that AWS keeps for AWS Backup. What a copy takes changes with the service (the
/// policy for copies had its thirtieth version in February 2026), so a list of our own would fail some night.
fn attach(env: &mut Env, name: &str, role: &Handle<iam_role::M>, policy: &str) {
    let partition = env.partition(COMPONENT);
    let folder = if policy.contains("S3") { "policy" } else { "policy/service-role" };
    let arn = Value::Template(vec!["arn:".into(), partition, format!(":iam::aws:{folder}/{policy}").into()]);
    env.add(
        NodeBuilder::new(COMPONENT, iam_role_policy_attachment::KIND, name)
            .set(iam_role_policy_attachment::ROLE, role.get(iam_role::NAME))
            .set(iam_role_policy_attachment::POLICY_ARN, arn)
            .purpose(format!("What AWS says that AWS Backup needs: {policy}")),
    );
}
