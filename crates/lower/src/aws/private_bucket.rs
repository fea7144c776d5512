//! Buckets that nobody outside may read.
//!
//! Every bucket is made of the same six resources; forgetting one of them is how buckets leak. The caller says
//! what differs: the key, whether versions are kept, when objects expire, and who else may do what.

use catalog::aws::{
    s3_bucket, s3_bucket_lifecycle_configuration, s3_bucket_ownership_controls, s3_bucket_policy,
    s3_bucket_public_access_block, s3_bucket_server_side_encryption_configuration, s3_bucket_versioning,
};
use design::usage::Objects;
use ir::key::Handle;
use ir::{Block, Graph, Lifecycle, NodeBuilder, Value};

use super::identity::below;
use super::policy::{Grant, resource_policy, tls_only};

/// A bucket that is yet to be made.
pub(crate) struct BucketSpec<'s> {
    /// The component it belongs to.
    pub component: &'s str,
    /// The node's name.
    pub name: &'s str,
    /// The bucket's own name.
    pub bucket: Value,
    /// Why it exists.
    pub purpose: &'s str,
    /// ARN of the key; `None`: a key that S3 manages, where the writer cannot use ours.
    pub key: Option<Value>,
    /// Objects are removed after so many days; `None`: kept.
    pub expire_days: Option<Value>,
    /// Old versions are removed after so many days.
    pub noncurrent_days: Value,
    /// Refuse to destroy it.
    pub protect: bool,
    /// What is expected to lie in it and to happen to it.
    pub objects: Objects,
}

/// Adds a bucket; `grants` is given the bucket's ARN. Returns the bucket.
pub(crate) fn private_bucket(
    graph: &mut Graph,
    spec: BucketSpec,
    grants: impl FnOnce(&Value) -> Vec<Grant>,
) -> Handle<s3_bucket::M> {
    let (component, name) = (spec.component, spec.name);
    let builder = NodeBuilder::new(component, s3_bucket::KIND, name)
        .set(s3_bucket::BUCKET, spec.bucket)
        .usage("storage_gib", spec.objects.gib)
        .usage("put_requests", spec.objects.puts)
        .usage("get_requests", spec.objects.gets)
        .purpose(spec.purpose);
    let lifecycle = Lifecycle { prevent_destroy: spec.protect, ..Lifecycle::default() };
    let bucket = graph.add(builder.lifecycle(lifecycle));
    let id = bucket.get(s3_bucket::ID);
    let arn = bucket.get(s3_bucket::ARN);

    use s3_bucket_public_access_block as access;
    let closed = graph.add(
        NodeBuilder::new(component, access::KIND, name)
            .set(access::BUCKET, id.clone())
            .set(access::BLOCK_PUBLIC_ACLS, true)
            .set(access::BLOCK_PUBLIC_POLICY, true)
            .set(access::IGNORE_PUBLIC_ACLS, true)
            .set(access::RESTRICT_PUBLIC_BUCKETS, true)
            .purpose("Refuses every way of making the bucket public"),
    );
    use s3_bucket_ownership_controls as ownership;
    graph.add(
        NodeBuilder::new(component, ownership::KIND, name)
            .set(ownership::BUCKET, id.clone())
            .block(
                ownership::RULE,
                Block::new().set(ownership::rule::OBJECT_OWNERSHIP, "BucketOwnerEnforced"),
            )
            .purpose("Turns access control lists off: the policy alone decides"),
    );
    use encryption::rule::apply_server_side_encryption_by_default as by_default;
    use s3_bucket_server_side_encryption_configuration as encryption;
    let algorithm = if spec.key.is_some() { "aws:kms" } else { "AES256" };
    let bucket_key = spec.key.is_some().then_some(true);
    graph.add(
        NodeBuilder::new(component, encryption::KIND, name)
            .set(encryption::BUCKET, id.clone())
            .block(
                encryption::RULE,
                Block::new()
                    .block(
                        encryption::rule::APPLY_SERVER_SIDE_ENCRYPTION_BY_DEFAULT,
                        Block::new()
                            .set(by_default::SSE_ALGORITHM, algorithm)
                            .set_opt(by_default::KMS_MASTER_KEY_ID, spec.key),
                    )
                    .set_opt(encryption::rule::BUCKET_KEY_ENABLED, bucket_key),
            )
            .purpose("Encrypts objects at rest"),
    );
    use s3_bucket_versioning as versioning;
    let versions = graph.add(
        NodeBuilder::new(component, versioning::KIND, name)
            .set(versioning::BUCKET, id.clone())
            .block(
                versioning::VERSIONING_CONFIGURATION,
                Block::new().set(versioning::versioning_configuration::STATUS, "Enabled"),
            )
            .purpose("Keeps what an overwrite or deletion replaced"),
    );
    use s3_bucket_lifecycle_configuration as expiry;
    let mut rule = Block::new()
        .set(expiry::rule::ID, "tidy")
        .set(expiry::rule::STATUS, "Enabled")
        .block(expiry::rule::FILTER, Block::new());
    if let Some(days) = spec.expire_days {
        rule = rule.block(expiry::rule::EXPIRATION, Block::new().set(expiry::rule::expiration::DAYS, days));
    }
    let rule = rule
        .block(
            expiry::rule::NONCURRENT_VERSION_EXPIRATION,
            Block::new()
                .set(expiry::rule::noncurrent_version_expiration::NONCURRENT_DAYS, spec.noncurrent_days),
        )
        .block(
            expiry::rule::ABORT_INCOMPLETE_MULTIPART_UPLOAD,
            Block::new().set(expiry::rule::abort_incomplete_multipart_upload::DAYS_AFTER_INITIATION, 7),
        );
    graph.add(
        NodeBuilder::new(component, expiry::KIND, name)
            .set(expiry::BUCKET, id.clone())
            .block(expiry::RULE, rule)
            .depends_on(&versions.address)
            .purpose("Removes what nobody reads any more"),
    );
    let mut statements = grants(&arn);
    statements.push(tls_only("s3:*", vec![arn.clone(), below(arn, "/*")]));
    graph.add(
        NodeBuilder::new(component, s3_bucket_policy::KIND, name)
            .set(s3_bucket_policy::BUCKET, id)
            .set(s3_bucket_policy::POLICY, resource_policy(&statements))
            // S3 refuses to change both at once.
            .depends_on(&closed.address)
            .purpose("Says who may use the bucket, and only over TLS"),
    );
    bucket
}
