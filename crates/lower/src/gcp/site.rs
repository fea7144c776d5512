//! Static sites: files in a bucket, behind the load balancer and its caches.
//!
//! The load balancer reads a bucket as anybody does, so the files are public, as the site is. It must not know which
//! address leads there.

use catalog::google::{
    compute_backend_bucket as backend, storage_bucket as bucket, storage_bucket_iam_member as on_bucket,
};
use design::{Compute, ServiceDesign, usage};
use ir::key::Handle;
use ir::{Block, Lifecycle, NodeBuilder};

use super::Env;
use super::bucket::{BucketSpec, versioned};
use super::env::number;

/// The page of a site, and what stands in for a page that is not there: the browser routes it.
pub(crate) const INDEX: &str = "index.html";
/// Days that replaced files are kept.
const REPLACED_DAYS: i64 = 30;

/// Adds a site's bucket and puts it behind the caches.
pub(crate) fn lower(env: &mut Env, name: &str, service: &ServiceDesign) {
    let component = env.service_component(name);
    let c = component.as_str();
    let description = format!("{name} as a static site");
    env.component(c, "site", description.as_str());
    let decl = number("Days that replaced files are kept.", 1.0, 3653.0);
    let days = env.input(c, "noncurrent_days", decl, REPLACED_DAYS);
    let spec = BucketSpec {
        component: c,
        name: "files",
        bucket: env.bucket_name(c, name),
        location: env.region(),
        noncurrent_days: days,
        // Files are made again at each deployment, so losing them loses nothing.
        lifecycle: Lifecycle::default(),
        purpose: &format!("Holds the files of {name}"),
        objects: usage::site_files(&service.load),
    };
    let website = Block::new()
        .set(bucket::website::MAIN_PAGE_SUFFIX, INDEX)
        .set(bucket::website::NOT_FOUND_PAGE, INDEX);
    let files = env.add(
        versioned(&spec).set(bucket::PUBLIC_ACCESS_PREVENTION, "inherited").block(bucket::WEBSITE, website),
    );
    env.add(
        NodeBuilder::new(c, on_bucket::KIND, "readers")
            .set(on_bucket::BUCKET, files.get(bucket::NAME))
            // Unlike the role that views objects, this one does not list them.
            .set(on_bucket::ROLE, "roles/storage.legacyObjectReader")
            .set(on_bucket::MEMBER, "allUsers")
            .purpose(format!("Lets everybody read the files of {name}, and nobody list them")),
    );
    let served = usage::delivery(env.design, service);
    let backend_name = env.name_within(c, "backend_name", name, 63);
    use backend::cdn_policy as cached;
    env.add(
        NodeBuilder::new(c, backend::KIND, "this")
            .set(backend::NAME, backend_name)
            .set(backend::BUCKET_NAME, files.get(bucket::NAME))
            .set(backend::ENABLE_CDN, true)
            .set(backend::COMPRESSION_MODE, "AUTOMATIC")
            .set(backend::CUSTOM_RESPONSE_HEADERS, HEADERS.to_vec())
            .block(
                backend::CDN_POLICY,
                Block::new()
                    .set(cached::CACHE_MODE, "CACHE_ALL_STATIC")
                    .set(cached::DEFAULT_TTL, 3600)
                    .set(cached::CLIENT_TTL, 3600)
                    .set(cached::MAX_TTL, 86_400)
                    .set(cached::NEGATIVE_CACHING, true),
            )
            .usage("gb_out", served.files_gb)
            .usage("requests", served.files)
            .usage("fill_gb", 0.0)
            .purpose(format!("Serves {name} from caches near its users")),
    );
    let outputs = &mut env.graph.component(c, "site", description).outputs;
    let words = "Bucket that the pipeline copies the files to.".to_owned();
    outputs.insert("bucket".into(), (words, files.get(bucket::NAME)));
}

/// What a browser is told about every file: no sniffing, no framing by others, a strict referrer, TLS from now on.
const HEADERS: [&str; 4] = [
    "Referrer-Policy: strict-origin-when-cross-origin",
    "Strict-Transport-Security: max-age=31536000",
    "X-Content-Type-Options: nosniff",
    "X-Frame-Options: SAMEORIGIN",
];

/// A site's backend by its name, for whoever stands before it.
pub(crate) fn handle(env: &Env, name: &str) -> Handle<backend::M> {
    NodeBuilder::new(&env.service_component(name), backend::KIND, "this").handle()
}

/// The host name of a service or site, when one was given. What a site answers to is in the spec alone.
pub(crate) fn host<'e>(env: &Env<'e>, name: &str, service: &'e ServiceDesign) -> Option<&'e str> {
    let spec = env.spec;
    let asked = || spec.services.get(name).filter(|_| is_site(service))?.host.as_ref();
    let designed = service.public.as_ref().and_then(|p| p.host.as_deref());
    designed.or_else(|| asked().map(|host| host.value.as_str()))
}

/// Whether a service is a site.
pub(crate) fn is_site(service: &ServiceDesign) -> bool {
    matches!(service.compute, Compute::StaticSite { .. })
}
