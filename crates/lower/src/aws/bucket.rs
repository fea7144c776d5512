//! Object storage.
//!
//! A bucket is private, encrypted, versioned and logged, and each of these is a resource of its own. Access
//! logs of all buckets go to one bucket of the environment. It must not know what is stored.

use catalog::aws::{s3_bucket, s3_bucket_logging, s3_bucket_policy};
use design::{BucketDesign, usage};
use ir::key::Handle;
use ir::{NodeBuilder, Value};

use super::env::number;
use super::identity::below;
use super::policy::{Grant, Principal};
use super::private_bucket::{BucketSpec, private_bucket};
use super::store::{self, allow, join};
use super::{Env, Offer};

const LOGS: &str = "logs";

/// A bucket with everything around it.
pub(crate) fn lower(env: &mut Env, resource: &str, design: &BucketDesign) -> Offer {
    let component = env.resource_component(resource);
    let c = component.as_str();
    env.component(c, "bucket", format!("Bucket {resource}"));
    let decl = number("Days that replaced and deleted objects can be brought back.", 1.0, 3650.0);
    let days = env.input(c, "noncurrent_days", decl, design.noncurrent_days.max(1));
    let key = env.key_arn();
    let spec = BucketSpec {
        component: c,
        name: "this",
        bucket: env.bucket_name(c, resource),
        purpose: &format!("Stores the objects of {resource}"),
        key: Some(key.clone()),
        expire_days: None,
        noncurrent_days: days,
        protect: store::protected_everywhere(env),
        objects: usage::objects(design),
    };
    let bucket = private_bucket(&mut env.graph, spec, |_| Vec::new());
    log(env, c, resource, &bucket);
    bucket_offer(resource, &bucket, key)
}

fn log(env: &mut Env, c: &str, resource: &str, bucket: &Handle<s3_bucket::M>) {
    log_bucket(env);
    let policy = NodeBuilder::new(LOGS, s3_bucket_policy::KIND, "this").handle();
    env.add(
        NodeBuilder::new(c, s3_bucket_logging::KIND, "this")
            .set(s3_bucket_logging::BUCKET, bucket.get(s3_bucket::ID))
            // By way of its policy: S3 refuses a target that does not yet let it write.
            .set(s3_bucket_logging::TARGET_BUCKET, policy.get(s3_bucket_policy::BUCKET))
            .set(s3_bucket_logging::TARGET_PREFIX, format!("{resource}/"))
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
    let decl = number("Days that access logs are kept.", 1.0, 3653.0);
    let days = env.input(LOGS, "days", decl, env.design.log_days.max(1));
    let account = env.account(LOGS);
    let spec = BucketSpec {
        component: LOGS,
        name: "this",
        bucket: env.bucket_name(LOGS, LOGS),
        purpose: "Holds the access logs of the environment's buckets",
        // Log delivery cannot use a key of ours.
        key: None,
        expire_days: Some(days),
        noncurrent_days: 1.into(),
        protect: store::protected_everywhere(env),
        objects: usage::bucket_log(env.design),
    };
    private_bucket(&mut env.graph, spec, |arn| {
        vec![Grant {
            sid: "AccessLogs",
            deny: false,
            principal: Principal::Service("logging.s3.amazonaws.com"),
            actions: vec!["s3:PutObject"],
            resources: vec![below(arn.clone(), "/*")],
            conditions: vec![("StringEquals", "aws:SourceAccount", vec![account])],
        }]
    })
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
