//! A small builder of specs for tests: what a front end would have read, without its files.

use indexmap::IndexMap;
use ir::{Availability, Spanned, Usd};
use spec::{
    Access, Build, Cloud, Deliver, Environment, LatencyTarget, Limits, Load, Protocol, Provider, Release,
    Resource, ResourceType, Service, Slo, Source, Spec, Use, UseTarget,
};

pub fn bare<T>(value: T) -> Spanned<T> {
    Spanned::bare(value)
}

/// An application with nothing in it.
pub fn empty() -> Spec {
    let environments = [("staging", 0.1), ("production", 1.0)]
        .into_iter()
        .map(|(name, scale)| (name.to_owned(), environment(scale)))
        .collect();
    Spec {
        name: bare("app".to_owned()),
        owner: Some(bare("team@app.example".to_owned())),
        cloud: Cloud { provider: bare(Provider::Aws), regions: vec![bare("eu-west-1".to_owned())] },
        budget: None,
        environments,
        services: IndexMap::new(),
        resources: IndexMap::new(),
        secrets: IndexMap::new(),
        deliver: Deliver { runtime: "auto".to_owned(), ..Deliver::default() },
        assumptions: Vec::new(),
    }
}

pub fn environment(scale: f64) -> Environment {
    Environment {
        scale: bare(scale),
        availability: None,
        rto: None,
        rpo: None,
        approvers: Vec::new(),
        span: None,
    }
}

pub fn service(source: Source) -> Service {
    Service {
        source,
        port: None,
        protocol: Protocol::Http,
        public: bare(false),
        host: None,
        health: None,
        load: Load::default(),
        slo: None,
        uses: Vec::new(),
        release: bare(Release::Rolling),
        schedule: None,
        once: false,
        env: IndexMap::new(),
        entrypoint: None,
        command: None,
        limits: Limits::default(),
        span: None,
    }
}

pub fn built(folder: &str) -> Source {
    Source::Build(Build {
        context: bare(folder.to_owned()),
        dockerfile: None,
        target: None,
        args: IndexMap::new(),
        scan: None,
    })
}

pub fn server(folder: &str, requests: f64, cpu: f64) -> Service {
    let load = Load { requests: Some(bare(requests)), cpu: Some(bare(cpu)), ..Load::default() };
    Service { port: Some(bare(8080)), public: bare(true), load, ..service(built(folder)) }
}

pub fn resource(ty: ResourceType) -> Resource {
    Resource {
        ty: bare(ty),
        version: None,
        storage_gib: None,
        memory_gib: None,
        queries: None,
        retention: None,
        migrations: None,
        ordered: false,
        subscribers: Vec::new(),
        database: None,
        local_image: None,
        span: None,
    }
}

pub fn uses(target: UseTarget, names: &[&str]) -> Vec<Use> {
    let of = |name: &&str| Use { target, name: (*name).to_owned(), access: Access::ReadWrite, span: None };
    names.iter().map(of).collect()
}

pub const TYPES: [ResourceType; 11] = [
    ResourceType::Postgres,
    ResourceType::Mysql,
    ResourceType::Mongodb,
    ResourceType::Redis,
    ResourceType::Memcached,
    ResourceType::Queue,
    ResourceType::Topic,
    ResourceType::Rabbitmq,
    ResourceType::Kafka,
    ResourceType::Opensearch,
    ResourceType::Bucket,
];

/// A web shop: a public API with a canary, a site, a queue reader, a nightly report, and four resources.
pub fn shop() -> Spec {
    let mut spec = empty();
    spec.name = bare("shop".to_owned());
    spec.budget = Some(bare(Usd(1500.0)));
    let production = spec.environments.get_mut("production").expect("is there");
    production.availability = Some(bare(Availability(0.9995)));
    production.rto = Some(bare(3600));
    production.rpo = Some(bare(300));
    production.approvers = vec![bare("platform@shop.example".to_owned())];
    let mut api = server("./api", 800.0, 0.006);
    api.load.peak = Some(bare(3.0));
    api.load.memory_mib = Some(bare(300.0));
    api.slo = Some(Slo {
        availability: Some(bare(Availability(0.999))),
        latency: Some(bare(LatencyTarget { seconds: 0.3, quantile: 0.95 })),
    });
    api.uses = uses(UseTarget::Resource, &["db", "cache", "orders", "uploads"]);
    api.uses.extend(uses(UseTarget::Secret, &["STRIPE_KEY"]));
    api.release = bare(Release::Canary);
    let web = Service {
        public: bare(true),
        uses: uses(UseTarget::Service, &["api"]),
        ..service(Source::Static(bare("./web/dist".to_owned())))
    };
    let mut mailer = service(built("./mailer"));
    mailer.uses = uses(UseTarget::Resource, &["orders"]);
    mailer.load.messages = Some(bare(50.0));
    mailer.load.cpu = Some(bare(0.02));
    let mut report = service(built("./report"));
    report.schedule = Some(bare("0 2 * * *".to_owned()));
    report.uses = uses(UseTarget::Resource, &["db"]);
    for (name, one) in [("api", api), ("web", web), ("mailer", mailer), ("report", report)] {
        spec.services.insert(name.to_owned(), one);
    }
    let db = Resource {
        version: Some(bare("16".to_owned())),
        storage_gib: Some(bare(100.0)),
        queries: Some(bare(2000.0)),
        ..resource(ResourceType::Postgres)
    };
    let cache = Resource { memory_gib: Some(bare(2.0)), ..resource(ResourceType::Redis) };
    let uploads = Resource { storage_gib: Some(bare(500.0)), ..resource(ResourceType::Bucket) };
    for (name, one) in
        [("db", db), ("cache", cache), ("orders", resource(ResourceType::Queue)), ("uploads", uploads)]
    {
        spec.resources.insert(name.to_owned(), one);
    }
    spec.secrets.insert("STRIPE_KEY".to_owned(), spec::Secret::default());
    spec
}

/// Specs that walk the space: loads from nothing to heavy, every type of resource, targets from none to strict.
pub fn generated() -> Vec<Spec> {
    let mut all = vec![shop()];
    let loads = [(0.0, 0.0), (0.2, 0.004), (30.0, 0.02), (900.0, 0.01)];
    let targets = [None, Some(0.99), Some(0.998)];
    for (round, (requests, cpu)) in loads.into_iter().enumerate() {
        for (at, target) in targets.into_iter().enumerate() {
            let mut spec = empty();
            let mut names = Vec::new();
            for (step, ty) in TYPES.into_iter().enumerate() {
                if (step + round + at) % 3 == 0 {
                    continue;
                }
                let name = format!("store{step}");
                let mut one = resource(ty);
                one.storage_gib = Some(bare(10.0 * 4_f64.powi(round as i32)));
                one.memory_gib = Some(bare(0.3 * 3_f64.powi(round as i32)));
                one.queries = Some(bare(requests * 2.0));
                spec.resources.insert(name.clone(), one);
                names.push(name);
            }
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let mut front = server("./front", requests, cpu);
            front.uses = uses(UseTarget::Service, &["back"]);
            let mut back = server("./back", requests, cpu);
            back.public = bare(false);
            back.uses = uses(UseTarget::Resource, &names[..names.len().min(3)]);
            // A cycle is legal: services may call each other.
            back.uses.extend(uses(UseTarget::Service, &["front"]));
            let mut foreign = service(Source::Image(bare("example/worker:1".to_owned())));
            foreign.uses = uses(UseTarget::Resource, &names);
            let mut once = service(built("./once"));
            once.once = true;
            for (name, one) in [("front", front), ("back", back), ("foreign", foreign), ("once", once)] {
                spec.services.insert(name.to_owned(), one);
            }
            if let Some(target) = target {
                spec.environments["production"].availability = Some(bare(Availability(target)));
            }
            all.push(spec);
        }
    }
    all
}
