//! Daily copies of everything that holds data.
//!
//! AWS Backup keeps copies apart from the stores themselves, so that deleting a store does not delete its past.
//! When the design names a second region, each copy is copied there too. It must not know how a store makes its
//! own point-in-time backups.

use catalog::aws::{
    backup_plan, backup_selection, backup_vault, db_instance, docdb_cluster, iam_role, kms_key, rds_cluster,
    s3_bucket,
};
use design::{ResourceChoice, usage};
use ir::{Block, NodeBuilder, Value};

use super::env::number;
use super::identity::{RoleSpec, allow, below, role};
use super::keys::regional_key;
use super::{Env, Statement};

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
    let statements = permissions(env, &copied);
    let role = role(
        env,
        &RoleSpec {
            component: COMPONENT,
            name: "backup",
            suffix: "backup",
            service: "backup.amazonaws.com",
            purpose: "Lets AWS Backup copy and restore the stores of the environment",
            statements: &statements,
        },
    );
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

/// What AWS Backup needs, and only for the stores there are.
fn permissions(env: &mut Env, copied: &Copied) -> Vec<Statement> {
    let recovery_points = env.arn(COMPONENT, "backup", ["recovery-point:*"]);
    let key = env.key_arn();
    let mut statements = vec![
        allow("Tags", &["backup:DescribeBackupVault", "backup:TagResource"], vec![recovery_points]),
        allow(
            "Keys",
            &["kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"],
            vec![key],
        ),
    ];
    if !copied.databases.is_empty() {
        let mut resources = copied.databases.clone();
        resources.push(env.arn(COMPONENT, "rds", ["snapshot:awsbackup:*"]));
        let actions = [
            "rds:AddTagsToResource",
            "rds:CopyDBSnapshot",
            "rds:CreateDBSnapshot",
            "rds:DeleteDBSnapshot",
            "rds:DescribeDBInstances",
            "rds:DescribeDBSnapshots",
            "rds:ListTagsForResource",
            "rds:ModifyDBInstance",
            "rds:RestoreDBInstanceFromDBSnapshot",
        ];
        statements.push(allow("Databases", &actions, resources));
    }
    if !copied.clusters.is_empty() {
        let mut resources = copied.clusters.clone();
        resources.push(env.arn(COMPONENT, "rds", ["cluster-snapshot:awsbackup:*"]));
        let actions = [
            "rds:AddTagsToResource",
            "rds:CopyDBClusterSnapshot",
            "rds:CreateDBClusterSnapshot",
            "rds:DeleteDBClusterSnapshot",
            "rds:DescribeDBClusterSnapshots",
            "rds:DescribeDBClusters",
            "rds:ListTagsForResource",
            "rds:ModifyDBCluster",
            "rds:RestoreDBClusterFromSnapshot",
        ];
        statements.push(allow("Clusters", &actions, resources));
    }
    if !copied.buckets.is_empty() {
        let objects = copied.buckets.iter().map(|arn| below(arn.clone(), "/*")).collect();
        let bucket_actions = [
            "s3:GetBucketAcl",
            "s3:GetBucketLocation",
            "s3:GetBucketNotification",
            "s3:GetBucketTagging",
            "s3:GetBucketVersioning",
            "s3:GetInventoryConfiguration",
            "s3:ListBucket",
            "s3:ListBucketVersions",
            "s3:PutBucketNotification",
            "s3:PutInventoryConfiguration",
        ];
        let object_actions = [
            "s3:GetObject",
            "s3:GetObjectAcl",
            "s3:GetObjectTagging",
            "s3:GetObjectVersion",
            "s3:GetObjectVersionAcl",
            "s3:GetObjectVersionTagging",
            "s3:PutObject",
        ];
        let rules = env.arn(COMPONENT, "events", ["rule/AwsBackupManagedRule*"]);
        let rule_actions = [
            "events:DeleteRule",
            "events:DescribeRule",
            "events:DisableRule",
            "events:EnableRule",
            "events:ListTargetsByRule",
            "events:PutRule",
            "events:PutTargets",
            "events:RemoveTargets",
        ];
        statements.extend([
            allow("Buckets", &bucket_actions, copied.buckets.clone()),
            allow("Objects", &object_actions, objects),
            allow("Changes", &rule_actions, vec![rules]),
            // These two know no resources.
            allow("Sizes", &["cloudwatch:GetMetricData", "events:ListRules"], vec!["*".into()]),
        ]);
    }
    statements
}
