//! Object storage.
//!
//! A bucket is private, encrypted, versioned and logged, and each of these is a resource of its own. Access
//! logs of all buckets go to one bucket of the environment. It must not know what is stored.

use catalog::aws::{
    s3_bucket, s3_bucket_lifecycle_configuration, s3_bucket_logging, s3_bucket_ownership_controls,
    s3_bucket_policy, s3_bucket_public_access_block, s3_bucket_server_side_encryption_configuration,
    s3_bucket_versioning,
};
use design::{BucketDesign, ResourceChoice};
use ir::key::Handle;
use ir::{Block, NodeBuilder, Value};

use super::env::{flag, number};
use super::policy::{Grant, Principal, resource_policy, tls_only};
use super::store::{self, allow, join};
use super::{Env, Offer};

const LOGS: &str = "logs";
/// Days after which the parts of an upload that never ended are removed.
const ABORT_DAYS: i64 = 7;
/// Writes a month for each GiB stored. An assumption, not a measurement.
const PUTS_A_GIB: f64 = 100.0;
/// Reads a month for each GiB stored. An assumption, not a measurement.
const GETS_A_GIB: f64 = 1000.0;

/// A bucket with everything around it.
pub(crate) fn lower(env: &mut Env, resource: &str, design: &BucketDesign) -> Offer {
    let component = env.resource_component(resource);
    let c = component.as_str();
    env.component(c, "bucket", format!("Bucket {resource}"));
    let bucket = bucket(env, c, resource, design);
    let key = env.key_arn();
    close(env, c, &bucket, Some(key.clone()), Vec::new());
    let decl = number("Days that replaced and deleted objects can be brought back.", 1.0, 3650.0);
    let days = env.input(c, "noncurrent_days", decl, design.noncurrent_days.max(1));
    expire(env, c, &bucket, None, days);
    log(env, c, resource, &bucket);
    bucket_offer(resource, &bucket, key)
}

fn bucket(env: &mut Env, c: &str, resource: &str, design: &BucketDesign) -> Handle<s3_bucket::M> {
    let name = env.bucket_name(c, resource);
    let force = force_destroy(env, c);
    env.add(
        NodeBuilder::new(c, s3_bucket::KIND, "this")
            .set(s3_bucket::BUCKET, name)
            .set(s3_bucket::FORCE_DESTROY, force)
            .lifecycle(store::protection(env))
            .purpose(format!("Stores the objects of {resource}"))
            .usage("storage_gib", design.size_gib)
            .usage("put_requests", design.size_gib * PUTS_A_GIB)
            .usage("get_requests", design.size_gib * GETS_A_GIB),
    )
}

fn force_destroy(env: &mut Env, c: &str) -> Value {
    let decl = flag("Whether a bucket that still holds objects may be deleted with them.");
    env.input(c, "force_destroy", decl, !env.design.recovery.protect)
}

/// Public access blocked, access lists off, encryption, versions and a policy that refuses plain HTTP. Without
/// a key the bucket is encrypted with S3's own: deliveries of logs take no other.
fn close(env: &mut Env, c: &str, bucket: &Handle<s3_bucket::M>, key: Option<Value>, grants: Vec<Grant>) {
    use s3_bucket_server_side_encryption_configuration as sse;
    let id = || bucket.get(s3_bucket::ID);
    let block = env.add(
        NodeBuilder::new(c, s3_bucket_public_access_block::KIND, "this")
            .set(s3_bucket_public_access_block::BUCKET, id())
            .set(s3_bucket_public_access_block::BLOCK_PUBLIC_ACLS, true)
            .set(s3_bucket_public_access_block::BLOCK_PUBLIC_POLICY, true)
            .set(s3_bucket_public_access_block::IGNORE_PUBLIC_ACLS, true)
            .set(s3_bucket_public_access_block::RESTRICT_PUBLIC_BUCKETS, true)
            .purpose("Keeps the bucket from ever becoming public"),
    );
    let owner = Block::new().set(s3_bucket_ownership_controls::rule::OBJECT_OWNERSHIP, "BucketOwnerEnforced");
    env.add(
        NodeBuilder::new(c, s3_bucket_ownership_controls::KIND, "this")
            .set(s3_bucket_ownership_controls::BUCKET, id())
            .block(s3_bucket_ownership_controls::RULE, owner)
            .purpose("Turns access lists off: only policies decide"),
    );
    let algorithm = if key.is_some() { "aws:kms" } else { "AES256" };
    let default = Block::new()
        .set(sse::rule::apply_server_side_encryption_by_default::SSE_ALGORITHM, algorithm)
        .set_opt(sse::rule::apply_server_side_encryption_by_default::KMS_MASTER_KEY_ID, key.clone());
    let rule = Block::new()
        .set_opt(sse::rule::BUCKET_KEY_ENABLED, key.is_some().then_some(true))
        .block(sse::rule::APPLY_SERVER_SIDE_ENCRYPTION_BY_DEFAULT, default);
    env.add(
        NodeBuilder::new(c, sse::KIND, "this")
            .set(sse::BUCKET, id())
            .block(sse::RULE, rule)
            .purpose("Encrypts every object"),
    );
    let enabled = Block::new().set(s3_bucket_versioning::versioning_configuration::STATUS, "Enabled");
    env.add(
        NodeBuilder::new(c, s3_bucket_versioning::KIND, "this")
            .set(s3_bucket_versioning::BUCKET, id())
            .block(s3_bucket_versioning::VERSIONING_CONFIGURATION, enabled)
            .purpose("Keeps what was replaced or deleted for a while"),
    );
    let arn = bucket.get(s3_bucket::ARN);
    let mut all = vec![tls_only("s3:*", vec![arn.clone(), join([arn, "/*".into()])])];
    all.extend(grants);
    env.add(
        NodeBuilder::new(c, s3_bucket_policy::KIND, "this")
            .set(s3_bucket_policy::BUCKET, id())
            .set(s3_bucket_policy::POLICY, resource_policy(&all))
            // S3 refuses two changes of one bucket at a time.
            .depends_on(&block.address)
            .purpose("Refuses requests without TLS"),
    );
}

/// Removes old versions, broken uploads and, with `days`, the objects themselves.
fn expire(env: &mut Env, c: &str, bucket: &Handle<s3_bucket::M>, days: Option<Value>, noncurrent: Value) {
    use s3_bucket_lifecycle_configuration as lifecycle;
    let versioning = NodeBuilder::new(c, s3_bucket_versioning::KIND, "this").handle();
    let mut rule = Block::new()
        .set(lifecycle::rule::ID, "expire")
        .set(lifecycle::rule::STATUS, "Enabled")
        .block(lifecycle::rule::FILTER, Block::new().set(lifecycle::rule::filter::PREFIX, ""));
    if let Some(days) = days {
        let current = Block::new().set(lifecycle::rule::expiration::DAYS, days);
        rule = rule.block(lifecycle::rule::EXPIRATION, current);
    }
    let old = Block::new().set(lifecycle::rule::noncurrent_version_expiration::NONCURRENT_DAYS, noncurrent);
    let broken = Block::new()
        .set(lifecycle::rule::abort_incomplete_multipart_upload::DAYS_AFTER_INITIATION, ABORT_DAYS);
    let rule = rule
        .block(lifecycle::rule::NONCURRENT_VERSION_EXPIRATION, old)
        .block(lifecycle::rule::ABORT_INCOMPLETE_MULTIPART_UPLOAD, broken);
    env.add(
        NodeBuilder::new(c, lifecycle::KIND, "this")
            .set(lifecycle::BUCKET, bucket.get(s3_bucket::ID))
            .block(lifecycle::RULE, rule)
            .depends_on(&versioning.address)
            .purpose("Removes what nobody can need any more"),
    );
}

fn log(env: &mut Env, c: &str, resource: &str, bucket: &Handle<s3_bucket::M>) {
    use s3_bucket_logging::target_object_key_format::{self as format, partitioned_prefix};
    let logs = log_bucket(env);
    let by_time = Block::new().set(partitioned_prefix::PARTITION_DATE_SOURCE, "EventTime");
    let layout = Block::new().block(format::PARTITIONED_PREFIX, by_time);
    let policy = NodeBuilder::new(LOGS, s3_bucket_policy::KIND, "this").handle();
    env.add(
        NodeBuilder::new(c, s3_bucket_logging::KIND, "this")
            .set(s3_bucket_logging::BUCKET, bucket.get(s3_bucket::ID))
            .set(s3_bucket_logging::TARGET_BUCKET, logs.get(s3_bucket::ID))
            .set(s3_bucket_logging::TARGET_PREFIX, format!("{resource}/"))
            .block(s3_bucket_logging::TARGET_OBJECT_KEY_FORMAT, layout)
            .depends_on(&policy.address)
            .purpose("Records who asked for what"),
    );
}

/// The environment's bucket for access logs, made when the first bucket asks.
fn log_bucket(env: &mut Env) -> Handle<s3_bucket::M> {
    let handle = NodeBuilder::new(LOGS, s3_bucket::KIND, "this").handle();
    if env.graph.get(&handle.address).is_some() {
        return handle;
    }
    env.component(LOGS, "logs", "Access logs of the environment's buckets");
    let name = env.bucket_name(LOGS, LOGS);
    let force = force_destroy(env, LOGS);
    let bucket = env.add(
        NodeBuilder::new(LOGS, s3_bucket::KIND, "this")
            .set(s3_bucket::BUCKET, name)
            .set(s3_bucket::FORCE_DESTROY, force)
            .lifecycle(store::protection(env))
            .purpose("Holds the access logs of the environment's buckets")
            .usage("storage_gib", logged_gib(env)),
    );
    let account = env.account(LOGS);
    let deliver = Grant {
        sid: "AccessLogs",
        deny: false,
        principal: Principal::Service("logging.s3.amazonaws.com"),
        actions: vec!["s3:PutObject"],
        resources: vec![join([bucket.get(s3_bucket::ARN), "/*".into()])],
        conditions: vec![("StringEquals", "aws:SourceAccount", vec![account])],
    };
    close(env, LOGS, &bucket, None, vec![deliver]);
    let decl = number("Days that access logs are kept.", 1.0, 3653.0);
    let days = env.input(LOGS, "days", decl, env.design.log_days.max(1));
    expire(env, LOGS, &bucket, Some(days), 1.into());
    bucket
}

/// Expected size of the access logs: half a KiB a request, kept for the environment's days.
fn logged_gib(env: &Env) -> f64 {
    const KIB_A_REQUEST: f64 = 0.5;
    let stored: f64 = env
        .design
        .resources
        .values()
        .map(|r| if let ResourceChoice::S3(bucket) = &r.choice { bucket.size_gib } else { 0.0 })
        .sum();
    let requests_a_day = stored * (PUTS_A_GIB + GETS_A_GIB) / 30.0;
    requests_a_day * f64::from(env.design.log_days) * KIB_A_REQUEST / (1024.0 * 1024.0)
}

fn bucket_offer(resource: &str, bucket: &Handle<s3_bucket::M>, key: Value) -> Offer {
    let arn = bucket.get(s3_bucket::ARN);
    let objects = join([arn.clone(), "/*".into()]);
    let mut offer = store::offer(resource, [("name", bucket.get(s3_bucket::ID))]);
    offer.fields.insert("arn", arn.clone());
    offer.fields.insert("host", bucket.get(s3_bucket::BUCKET_REGIONAL_DOMAIN_NAME));
    offer.fields.insert("url", join(["https://".into(), bucket.get(s3_bucket::BUCKET_REGIONAL_DOMAIN_NAME)]));
    offer.read.push(allow("List", resource, &["s3:GetBucketLocation", "s3:ListBucket"], vec![arn]));
    offer.read.push(allow("Get", resource, &["s3:GetObject"], vec![objects.clone()]));
    offer.read.push(allow("GetKey", resource, &["kms:Decrypt"], vec![key.clone()]));
    let write = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:ListMultipartUploadParts", "s3:PutObject"];
    offer.write.push(allow("Put", resource, &write, vec![objects]));
    offer.write.push(allow("PutKey", resource, &["kms:Decrypt", "kms:GenerateDataKey"], vec![key]));
    offer
}
