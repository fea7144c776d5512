//! Object storage.
//!
//! A bucket is private, keeps replaced objects for a while, and takes no rights on single objects. It must not know what
//! is stored.

use catalog::google::storage_bucket as bucket;
use design::BucketDesign;
use design::usage::{self, Objects};
use ir::key::Handle;
use ir::{Block, Diagnostic, Graph, Lifecycle, NodeBuilder, Value};

use super::env::number;
use super::offer::{Grant, On};
use super::{Env, Offer};
use crate::names::join;

/// Days after which parts of uploads that were never finished are removed.
const UNFINISHED_DAYS: i64 = 7;

/// A bucket for the objects of a resource.
pub(crate) fn lower(env: &mut Env, resource: &str, design: &BucketDesign) -> Offer {
    let component = env.resource_component(resource);
    let c = component.as_str();
    env.component(c, "bucket", format!("Bucket {resource}"));
    let decl = number("Days that replaced and deleted objects can be brought back.", 1.0, 3650.0);
    let days = env.input(c, "noncurrent_days", decl, design.noncurrent_days.max(1));
    let spec = BucketSpec {
        component: c,
        name: "this",
        bucket: env.bucket_name(c, resource),
        location: env.region(),
        noncurrent_days: days,
        lifecycle: env.protection(),
        purpose: &format!("Stores the objects of {resource}"),
        objects: usage::objects(design),
    };
    let bucket = private_bucket(&mut env.graph, spec);
    if env.design.recovery.copies_buckets() {
        env.diagnostics.push(not_copied(env, resource));
    }
    let name = bucket.get(bucket::NAME);
    let mut offer = Offer::of(resource, [("name", name.clone())]);
    offer.fields.insert("host", "storage.googleapis.com".into());
    offer.fields.insert("url", join(["https://storage.googleapis.com/".into(), name.clone()]));
    let grant =
        |verb: &str, role| Grant { key: format!("{resource}-{verb}"), role, on: On::Bucket(name.clone()) };
    offer.read.push(grant("read", "roles/storage.objectViewer"));
    // The role that may create only cannot replace what is there.
    offer.write.push(grant("write", "roles/storage.objectUser"));
    offer
}

fn not_copied(env: &Env, resource: &str) -> Diagnostic {
    let span = env.spec.resources.get(resource).and_then(|r| r.span);
    Diagnostic::warning(
        "bucket-not-copied",
        format!("the objects of `{resource}` are kept in one region only"),
    )
    .at(span, "is asked to have copies in the second region")
    .because("Copies of buckets in another region are not written for Google Cloud.")
    .help("create a transfer job with Storage Transfer Service, or move the bucket to a dual-region")
}

/// A bucket that is yet to be made.
pub(crate) struct BucketSpec<'s> {
    /// The component it belongs to.
    pub component: &'s str,
    /// The node's name, such as `this`.
    pub name: &'s str,
    /// What it is called, in all of Google Cloud.
    pub bucket: Value,
    /// Where it stands.
    pub location: Value,
    /// Days that replaced objects are kept.
    pub noncurrent_days: Value,
    /// How it may change.
    pub lifecycle: Lifecycle,
    /// Why it exists.
    pub purpose: &'s str,
    /// What it is expected to hold and to answer.
    pub objects: Objects,
}

/// Adds a bucket that nobody outside reads, with its versions.
pub(crate) fn private_bucket(graph: &mut Graph, spec: BucketSpec) -> Handle<bucket::M> {
    graph.add(versioned(&spec).set(bucket::PUBLIC_ACCESS_PREVENTION, "enforced"))
}

/// What all buckets have.
pub(crate) fn versioned(spec: &BucketSpec) -> NodeBuilder<bucket::M> {
    use bucket::lifecycle_rule as rule;
    let replaced = Block::new().block(rule::ACTION, Block::new().set(rule::action::TYPE, "Delete")).block(
        rule::CONDITION,
        Block::new()
            .set(rule::condition::DAYS_SINCE_NONCURRENT_TIME, spec.noncurrent_days.clone())
            .set(rule::condition::WITH_STATE, "ARCHIVED"),
    );
    let unfinished = Block::new()
        .block(rule::ACTION, Block::new().set(rule::action::TYPE, "AbortIncompleteMultipartUpload"))
        .block(rule::CONDITION, Block::new().set(rule::condition::AGE, UNFINISHED_DAYS));
    NodeBuilder::new(spec.component, bucket::KIND, spec.name)
        .set(bucket::NAME, spec.bucket.clone())
        .set(bucket::LOCATION, spec.location.clone())
        .set(bucket::STORAGE_CLASS, "STANDARD")
        .set(bucket::UNIFORM_BUCKET_LEVEL_ACCESS, true)
        .block(bucket::VERSIONING, Block::new().set(bucket::versioning::ENABLED, true))
        .block(bucket::LIFECYCLE_RULE, replaced)
        .block(bucket::LIFECYCLE_RULE, unfinished)
        .lifecycle(spec.lifecycle.clone())
        .usage("storage_gib", spec.objects.gib)
        .usage("put_requests", spec.objects.puts)
        .usage("get_requests", spec.objects.gets)
        .purpose(spec.purpose)
}
