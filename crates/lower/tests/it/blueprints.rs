//! Blueprints of every shape.

use design::{
    AvailabilityDesign, Blueprint, BrokerDesign, BucketDesign, CacheDesign, Compute, ContainersDesign,
    DatabaseDesign, Door, Egress, EnvironmentDesign, FunctionDesign, LoadDesign, NetworkDesign, Paid,
    PublicDesign, QueueDesign, RecoveryDesign, ResourceChoice, ResourceDesign, ServiceDesign, TaskSize,
    TopicDesign, UseDesign,
};
use indexmap::IndexMap;
use ir::{Availability, Spanned, Usd};
use spec::{
    Access, Cloud, Deliver, EnvPart, EnvValue, Environment, Protocol, Provider, Release, ResourceType, Spec,
    UseTarget,
};

/// What differs between blueprints.
#[derive(Clone)]
pub struct Shape {
    pub provider: Provider,
    pub door: Door,
    pub release: Release,
    pub public: bool,
    pub host: bool,
    pub zones: u8,
    pub spot: bool,
    pub region: &'static str,
    pub protocol: Protocol,
    pub services: IndexMap<String, ServiceDesign>,
}

impl std::fmt::Display for Shape {
    /// What tells a failing shape from the others.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Shape { door, release, public, host, zones, spot, region, protocol, .. } = self;
        write!(
            f,
            "{release:?} public={public} host={host} zones={zones} spot={spot} {region} {protocol:?} {door:?}"
        )
    }
}

impl Default for Shape {
    fn default() -> Self {
        Self {
            provider: Provider::Aws,
            door: Door::LoadBalancer,
            release: Release::Rolling,
            public: true,
            host: false,
            zones: 2,
            spot: false,
            region: "eu-west-1",
            protocol: Protocol::Http,
            services: IndexMap::new(),
        }
    }
}

/// Every kind of compute under every other choice.
pub fn matrix() -> Vec<Shape> {
    let mut shapes = Vec::new();
    for release in [Release::Rolling, Release::Canary, Release::BlueGreen] {
        for (public, host) in [(false, false), (true, false), (true, true)] {
            for (zones, spot, region) in
                [(1, true, "us-east-1"), (2, false, "eu-west-1"), (3, false, "eu-west-1")]
            {
                let protocol = if host && zones == 3 { Protocol::Grpc } else { Protocol::Http };
                let mut shape =
                    Shape { release, public, host, zones, spot, region, protocol, ..Shape::default() };
                let all = ["fargate", "lambda", "scheduled", "once", "site"];
                shape.services = all.iter().map(|kind| ((*kind).to_owned(), service(kind, &shape))).collect();
                shapes.push(shape);
            }
        }
    }
    shapes.extend(azure());
    shapes.extend(gcp());
    shapes
}

/// As [`matrix`], on Azure.
fn azure() -> Vec<Shape> {
    let mut shapes = Vec::new();
    for release in [Release::Rolling, Release::Canary] {
        for door in [Door::Ingress, Door::ContentDelivery] {
            for (public, host) in [(false, false), (true, false), (true, true)] {
                for (zones, region) in [(1, "westus"), (3, "westeurope")] {
                    shapes.push(on_azure(Shape {
                        door,
                        release,
                        public,
                        host,
                        zones,
                        region,
                        ..Shape::default()
                    }));
                }
            }
        }
    }
    shapes
}

/// A shape on Azure, with every kind of compute that it has.
pub fn on_azure(shape: Shape) -> Shape {
    let mut shape = Shape { provider: Provider::Azure, ..shape };
    let all = ["fargate", "worker", "scheduled", "once", "site"];
    shape.services = all.iter().map(|kind| ((*kind).to_owned(), service(kind, &shape))).collect();
    shape
}

/// As [`matrix`], on Google Cloud.
fn gcp() -> Vec<Shape> {
    let mut shapes = Vec::new();
    for release in [Release::Rolling, Release::BlueGreen] {
        for door in [Door::Ingress, Door::LoadBalancer] {
            for (public, host) in [(false, false), (true, false), (true, true)] {
                for (protocol, region) in [(Protocol::Http, "europe-west1"), (Protocol::Grpc, "us-central1")]
                {
                    let shape = Shape { door, release, public, host, region, protocol, ..Shape::default() };
                    shapes.push(on_gcp(shape));
                }
            }
        }
    }
    shapes
}

/// A shape on Google Cloud, with every kind of compute that it has.
pub fn on_gcp(shape: Shape) -> Shape {
    let mut shape = Shape { provider: Provider::Gcp, ..shape };
    let all = ["fargate", "worker", "scheduled", "once", "site"];
    shape.services = all.iter().map(|kind| ((*kind).to_owned(), service(kind, &shape))).collect();
    shape
}

pub fn uses(target: UseTarget, name: &str) -> UseDesign {
    UseDesign { target, name: name.to_owned(), access: Access::ReadWrite }
}

/// A service on a kind of compute.
pub fn service(kind: &str, shape: &Shape) -> ServiceDesign {
    let size = TaskSize { cpu: 512, memory_mib: 1024, arm: true };
    let compute = match kind {
        "fargate" | "worker" => Compute::Containers(ContainersDesign {
            size,
            min: 2,
            max: 6,
            target_cpu: 60,
            target_requests: Some(1000),
            target_backlog: Some(100),
            concurrency: Some(20),
            spot: shape.spot,
            paid: Paid::Running,
            mean_tasks: 2.5,
            busy_tasks: 1.5,
        }),
        "lambda" => Compute::Function(FunctionDesign {
            memory_mib: 512,
            arm: true,
            timeout_seconds: 30,
            concurrency: 10,
            duration_seconds: 0.2,
        }),
        "scheduled" => Compute::ScheduledTask { size, cron: "0 2 1 * 1".into(), duration_seconds: 600.0 },
        "once" => Compute::OneShot { size },
        "site" => Compute::StaticSite {
            folder: "web/dist".into(),
            routes: if shape.public { vec![("/api/*".into(), "fargate".into())] } else { Vec::new() },
        },
        other => panic!("no compute is called {other}"),
    };
    let serves = matches!(kind, "fargate" | "lambda" | "site");
    let host = (shape.host && serves).then(|| format!("{kind}.shop.example"));
    let paths: Vec<String> = (0..7).map(|i| format!("/{kind}/{i}/*")).collect();
    let priority = 1 + ["fargate", "lambda"].iter().position(|k| *k == kind).unwrap_or(2) as u32;
    let public = (shape.public && serves).then_some(PublicDesign { host, paths, priority });
    let text = |t: &str| EnvPart::Text(t.into());
    let field = |target, name: &str, field: &str| EnvPart::Reference {
        target,
        name: name.into(),
        field: field.into(),
    };
    let env = [
        ("PLAIN", vec![text("1")]),
        ("EMPTY", vec![]),
        ("DSN", vec![text("postgres://"), field(UseTarget::Resource, "db", "host"), text(":5432")]),
        ("PASSWORD", vec![field(UseTarget::Resource, "db", "password")]),
        ("KEY", vec![EnvPart::Secret("API_KEY".into())]),
    ];
    ServiceDesign {
        compute,
        port: matches!(kind, "fargate").then_some(8080),
        protocol: if kind == "fargate" { shape.protocol } else { Protocol::Http },
        public,
        health: Some("/healthz".into()),
        release: shape.release,
        uses: vec![
            uses(UseTarget::Resource, "db"),
            uses(UseTarget::Resource, "orders"),
            uses(UseTarget::Resource, "uploads"),
            uses(UseTarget::Secret, "API_KEY"),
        ],
        env: env.map(|(k, parts)| (k.to_owned(), EnvValue { parts })).into_iter().collect(),
        entrypoint: None,
        command: Some(vec!["serve".into()]),
        image: None,
        slo: None,
        load: LoadDesign { requests: 100.0, messages: 10.0, peak: 3.0, cpu_seconds: 0.01, response_kib: 8.0 },
    }
}

fn resources(provider: Provider) -> IndexMap<String, ResourceDesign> {
    let database = DatabaseDesign {
        engine: "postgres".into(),
        version: "16".into(),
        class: match provider {
            Provider::Azure => "GP_Standard_D2ds_v5",
            Provider::Gcp => "db-custom-2-7680",
            Provider::Aws | Provider::Any => "db.t4g.medium",
        }
        .into(),
        instances: 1,
        multi_az: true,
        storage_gib: 100,
        max_storage_gib: 200,
        iops: 0,
        throughput: 0,
        database: "db".into(),
        queries: 100.0,
        migrations: None,
    };
    let queue = QueueDesign {
        fifo: false,
        retention_seconds: 345_600,
        visibility_seconds: 60,
        max_receives: 5,
        messages_month: 1e6,
    };
    let bucket = BucketDesign { size_gib: 100.0, noncurrent_days: 30, zone_redundant: true };
    let (queues, objects) = (ResourceType::Queue, ResourceType::Bucket);
    let mut all = match provider {
        Provider::Azure => azure_resources(&database),
        Provider::Gcp => gcp_resources(&database),
        Provider::Aws | Provider::Any => vec![("db", ResourceType::Postgres, ResourceChoice::Rds(database))],
    };
    all.extend(match provider {
        Provider::Azure => [
            ("orders", queues, ResourceChoice::ServiceBusQueue(queue)),
            ("uploads", objects, ResourceChoice::BlobContainer(bucket)),
        ],
        Provider::Gcp => [
            ("orders", queues, ResourceChoice::PubSubQueue(queue)),
            ("uploads", objects, ResourceChoice::CloudStorage(bucket)),
        ],
        Provider::Aws | Provider::Any => {
            [("orders", queues, ResourceChoice::Sqs(queue)), ("uploads", objects, ResourceChoice::S3(bucket))]
        }
    });
    all.into_iter().map(|(name, ty, choice)| (name.to_owned(), ResourceDesign { ty, choice })).collect()
}

/// Every product of Azure beside those that all services use.
fn azure_resources(database: &DatabaseDesign) -> Vec<(&'static str, ResourceType, ResourceChoice)> {
    let mysql = DatabaseDesign { engine: "mysql".into(), version: "8.0.21".into(), ..database.clone() };
    let documents = DatabaseDesign {
        engine: "mongodb".into(),
        version: "7.0".into(),
        throughput: 4000,
        ..database.clone()
    };
    let cache = CacheDesign {
        engine: "redis".into(),
        version: "7.4".into(),
        node_type: "Balanced_B1".into(),
        memory_gib: 1.0,
        nodes: 2,
    };
    let kafka = BrokerDesign { version: String::new(), class: "Standard".into(), brokers: 2, storage_gib: 0 };
    let topic = TopicDesign { fifo: false, subscribers: vec!["orders".into()], messages_month: 1e6 };
    vec![
        ("db", ResourceType::Postgres, ResourceChoice::FlexibleServer(database.clone())),
        ("legacy", ResourceType::Mysql, ResourceChoice::FlexibleServer(mysql)),
        ("documents", ResourceType::Mongodb, ResourceChoice::CosmosDb(documents)),
        ("cache", ResourceType::Redis, ResourceChoice::ManagedRedis(cache)),
        ("events", ResourceType::Kafka, ResourceChoice::EventHubs(kafka)),
        ("news", ResourceType::Topic, ResourceChoice::ServiceBusTopic(topic)),
    ]
}

/// Every product of Google Cloud beside those that all services use.
fn gcp_resources(database: &DatabaseDesign) -> Vec<(&'static str, ResourceType, ResourceChoice)> {
    let mysql = DatabaseDesign { engine: "mysql".into(), version: "8.0".into(), ..database.clone() };
    let cache = CacheDesign {
        engine: "valkey".into(),
        version: "8.0".into(),
        node_type: "SHARED_CORE_NANO".into(),
        memory_gib: 1.1,
        nodes: 2,
    };
    let kafka =
        BrokerDesign { version: "3.7".into(), class: "3 vCPU, 12 GiB".into(), brokers: 3, storage_gib: 100 };
    let topic = TopicDesign { fifo: false, subscribers: vec!["orders".into()], messages_month: 1e6 };
    vec![
        ("db", ResourceType::Postgres, ResourceChoice::CloudSql(database.clone())),
        ("legacy", ResourceType::Mysql, ResourceChoice::CloudSql(mysql)),
        ("cache", ResourceType::Redis, ResourceChoice::Memorystore(cache)),
        ("events", ResourceType::Kafka, ResourceChoice::ManagedKafka(kafka)),
        ("news", ResourceType::Topic, ResourceChoice::PubSubTopic(topic)),
    ]
}

/// The spec and blueprint of a shape, in a staging and a production environment.
pub fn blueprint(shape: &Shape) -> (Spec, Blueprint) {
    let environment = |name: &str, critical: bool, cidr: &str| EnvironmentDesign {
        name: name.into(),
        critical,
        approvers: Vec::new(),
        network: NetworkDesign {
            cidr: cidr.into(),
            zones: shape.zones,
            egress: if critical { Egress::NatPerZone } else { Egress::SingleNat },
            endpoints: if critical { vec!["ecr.api".into(), "logs".into()] } else { Vec::new() },
            door: shape.door,
            firewall: critical,
            site_firewall: critical,
            behind_sites: shape.public && !shape.host && shape.zones == 2,
        },
        services: shape.services.clone(),
        resources: resources(shape.provider),
        recovery: RecoveryDesign {
            rto_seconds: None,
            rpo_seconds: None,
            point_in_time_days: 7,
            backup_days: if critical { 35 } else { 0 },
            copy_region: None,
            protect: critical,
        },
        availability: AvailabilityDesign { target: None, expected: Availability(0.999), parts: Vec::new() },
        log_days: if critical { 365 } else { 30 },
        monitoring: design::MonitoringDesign { task_metrics: critical, dashboard: critical },
        telemetry: Some(design::TelemetryDesign { sampling: 0.5, rules: true }),
        monthly: Usd(0.0),
        budget: Some(Usd(100.0)),
    };
    let environments: IndexMap<String, EnvironmentDesign> =
        [environment("staging", false, "10.20.0.0/16"), environment("production", true, "10.21.0.0/16")]
            .into_iter()
            .map(|e| (e.name.clone(), e))
            .collect();
    let blueprint = Blueprint {
        name: "shop".into(),
        owner: Some("owner@shop.example".into()),
        provider: shape.provider,
        region: shape.region.into(),
        environments,
        decisions: Vec::new(),
        budget: None,
        images: shape.services.keys().cloned().collect(),
        shared: Usd(0.0),
        clouds: Vec::new(),
    };
    (asked(shape), blueprint)
}

fn asked(shape: &Shape) -> Spec {
    let environment = || Environment {
        scale: Spanned::bare(1.0),
        availability: None,
        rto: None,
        rpo: None,
        approvers: Vec::new(),
        span: None,
    };
    Spec {
        name: Spanned::bare("shop".into()),
        owner: Some(Spanned::bare("owner@shop.example".into())),
        cloud: Cloud {
            provider: Spanned::bare(shape.provider),
            regions: vec![Spanned::bare(shape.region.into())],
        },
        budget: None,
        environments: ["staging", "production"].map(|n| (n.to_owned(), environment())).into_iter().collect(),
        services: IndexMap::new(),
        resources: IndexMap::new(),
        secrets: [("API_KEY".to_owned(), spec::Secret::default())].into_iter().collect(),
        deliver: Deliver::default(),
        assumptions: Vec::new(),
    }
}
