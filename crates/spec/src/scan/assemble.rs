//! A repository without any description becomes a spec: what its sources show is taken, the rest is assumed
//! and said.

use indexmap::IndexMap;
use ir::Spanned;

use super::repository::{Found, Repository};
use crate::model::{
    Access, Assumption, Build, Deliver, Limits, Load, Protocol, Release, Resource, ResourceType, Service,
    Source, Spec, Stack, Use, UseTarget,
};

/// Names of services that stand at the front door.
const FRONT: &[&str] = &["web", "www", "frontend", "front", "gateway", "proxy", "app", "site", "ui"];

/// The spec of a repository called `name`.
#[must_use]
pub fn spec(name: &str, repository: &Repository) -> Spec {
    let mut assumptions = Vec::new();
    let mut types: Vec<ResourceType> = repository.services.iter().flat_map(|f| f.clients.clone()).collect();
    types.sort();
    types.dedup();
    let mut resources: IndexMap<String, Resource> = IndexMap::new();
    for ty in types {
        assumptions.push(Assumption {
            subject: format!("resources.{}", resource_name(ty)),
            assumed: format!("type: {}", ty.word()),
            because: "a client library of it is among the dependencies".into(),
        });
        resources.insert(resource_name(ty).to_owned(), resource(ty, repository.migrations.as_deref()));
    }
    let front = front_door(&repository.services);
    let mut services = IndexMap::new();
    for found in &repository.services {
        let public = front == Some(found.name.as_str()) || found.scan.stack == Some(Stack::Static);
        if public {
            assumptions.push(Assumption {
                subject: format!("services.{}.public", found.name),
                assumed: "true".into(),
                because: "it looks like the front door; set it to false if it is not".into(),
            });
        }
        services.insert(found.name.clone(), service(found, public));
    }
    let environments = crate::defaults::environments(&mut assumptions);
    let cloud = crate::defaults::cloud(None, Vec::new(), &mut assumptions);
    Spec {
        name: Spanned::bare(crate::names::clean(name)),
        owner: None,
        cloud,
        budget: None,
        environments,
        services,
        resources,
        secrets: IndexMap::new(),
        deliver: Deliver::default(),
        assumptions,
    }
}

/// The one that the internet talks to: the only server, or the one with a name that says so.
fn front_door(services: &[Found]) -> Option<&str> {
    let servers: Vec<&Found> = services.iter().filter(|f| f.scan.port.is_some()).collect();
    let named =
        servers.iter().find(|f| FRONT.iter().any(|n| f.name == *n || f.name.starts_with(&format!("{n}-"))));
    let only = if servers.len() == 1 { servers.first() } else { None };
    let has_site = services.iter().any(|f| f.scan.stack == Some(Stack::Static));
    let api = servers.iter().find(|f| has_site && f.name.contains("api"));
    named.or(only).or(api).map(|f| f.name.as_str())
}

fn service(found: &Found, public: bool) -> Service {
    let folder = Spanned::bare(found.folder.clone());
    let source = if found.scan.stack == Some(Stack::Static) && found.scan.dockerfile.is_none() {
        let folder = match &found.scan.artifact {
            Some(artifact) if artifact != "." => format!("{}/{artifact}", found.folder),
            _ => found.folder.clone(),
        };
        Source::Static(Spanned::bare(folder))
    } else {
        Source::Build(Build {
            context: folder,
            dockerfile: None,
            target: None,
            args: IndexMap::new(),
            scan: Some(found.scan.clone()),
        })
    };
    let is_static = matches!(source, Source::Static(_));
    let uses = found.clients.iter().map(|ty| Use {
        target: UseTarget::Resource,
        name: resource_name(*ty).to_owned(),
        access: Access::ReadWrite,
        span: None,
    });
    Service {
        source,
        port: found.scan.port.filter(|_| !is_static).map(Spanned::bare),
        protocol: Protocol::Http,
        public: Spanned::bare(public),
        host: None,
        health: found.scan.health.clone().map(Spanned::bare),
        load: Load::default(),
        slo: None,
        uses: if is_static { Vec::new() } else { uses.collect() },
        release: Spanned::bare(Release::Rolling),
        schedule: None,
        once: false,
        env: IndexMap::new(),
        entrypoint: None,
        command: None,
        limits: Limits::default(),
        span: None,
    }
}

fn resource(ty: ResourceType, migrations: Option<&str>) -> Resource {
    let relational = matches!(ty, ResourceType::Postgres | ResourceType::Mysql);
    Resource {
        ty: Spanned::bare(ty),
        version: None,
        storage_gib: None,
        memory_gib: None,
        queries: None,
        retention: None,
        migrations: migrations.filter(|_| relational).map(|m| Spanned::bare(m.to_owned())),
        ordered: false,
        subscribers: Vec::new(),
        database: None,
        local_image: None,
        span: None,
    }
}

fn resource_name(ty: ResourceType) -> &'static str {
    match ty {
        ResourceType::Postgres | ResourceType::Mysql => "db",
        ResourceType::Mongodb => "documents",
        ResourceType::Redis => "cache",
        ResourceType::Memcached => "memcached",
        ResourceType::Queue => "jobs",
        ResourceType::Topic => "events",
        ResourceType::Rabbitmq => "broker",
        ResourceType::Kafka => "kafka",
        ResourceType::Opensearch => "search",
        ResourceType::Bucket => "files",
    }
}
