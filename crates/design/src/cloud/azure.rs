//! Microsoft Azure.

use spec::{Protocol, Provider, ResourceType};

use crate::blueprint::{Egress, EnvironmentDesign, Paid, ResourceChoice};
use crate::cloud::{
    ATLAS, BucketForm, Burstable, CacheForm, Cloud, Containers, Copies, DatabaseForm, KeptLog, Legal,
    ObjectRates, Passing, QueueForm, Rate, RequestUnits, Shared, Sites, Store, Tariff, TopicForm,
    UpkeepRates, WayOut, a_second, each, per,
};
use crate::recovery::{Failover, STANDBY_FAILOVER_SECONDS};
use crate::{brokers, caches, databases, edge, messaging, usage, volumes};
use ir::units::HOURS_A_MONTH;

pub(super) static CLOUD: Cloud = Cloud {
    provider: Provider::Azure,
    id: "azure",
    name: "Azure",
    regions: "`westeurope` or `eastus`",
    runtimes: &["container-apps"],
    containers: Containers {
        name: "Container Apps",
        level: ("Container Apps", "azurerm_container_app"),
        legal: LEGAL,
        cpus: &[4096, 3072, 2048, 1536, 1024, 768, 512, 256],
        most: MOST_REPLICAS,
        tariffs: &[Tariff {
            group: "Container Apps",
            arm: false,
            spot: false,
            paid: Paid::Running,
            vcpu: a_second("container-apps/vcpu-second"),
            gib: a_second("container-apps/gib-second"),
            waiting: Some((
                a_second("container-apps/vcpu-second-idle"),
                a_second("container-apps/gib-second-idle"),
            )),
            requests: Some(per(1e6, "container-apps/request-million")),
        }],
        interruptible: None,
        protocols: &[Protocol::Http, Protocol::Grpc, Protocol::Tcp],
        scales_readers: true,
        scales_to_zero: false,
    },
    functions: None,
    sites: Sites {
        group: "Front Door",
        name: "a static website of a storage account behind Front Door",
        delivery: ("Front Door", "azurerm_cdn_frontdoor_profile"),
        files: ("Blob Storage", "azurerm_storage_account"),
        charged: None,
        routed: None,
    },
    stores: &[
        (ResourceType::Postgres, Store::Offered(databases::relational)),
        (ResourceType::Mysql, Store::Offered(databases::relational)),
        (ResourceType::Mongodb, Store::Offered(databases::document)),
        (ResourceType::Redis, Store::Offered(caches::replicated)),
        (
            ResourceType::Memcached,
            Store::Missing(
                "Azure has no managed Memcached.",
                "set `type` to `redis`, whose clients every language has, or `cloud.provider` to `aws`",
            ),
        ),
        (ResourceType::Queue, Store::Offered(messaging::queue)),
        (ResourceType::Topic, Store::Offered(messaging::topic)),
        (ResourceType::Bucket, Store::Offered(messaging::bucket)),
        (
            ResourceType::Rabbitmq,
            Store::Missing(
                "Azure has no managed RabbitMQ: Service Bus speaks AMQP 1.0, and RabbitMQ's clients speak 0.9.1.",
                "set `type` to `queue` and let the program speak to Service Bus, name a broker of another vendor as a \
                 secret, or set `cloud.provider` to `aws`",
            ),
        ),
        (ResourceType::Kafka, Store::Offered(brokers::event_hubs)),
        (
            ResourceType::Opensearch,
            Store::Missing(
                "Azure has no managed OpenSearch: Azure AI Search has an interface of its own, which clients of \
                 OpenSearch do not speak.",
                "name a search of another vendor (Elastic Cloud runs in Azure's regions) as a secret, or set \
                 `cloud.provider` to `aws`",
            ),
        ),
    ],
    databases: DATABASES,
    documents_because: "Cosmos DB speaks MongoDB's protocol and is the document database that the cloud manages; it \
                        is paid by request units, of which a query is taken to use three.",
    request_units: Some(RequestUnits {
        groups: ("Cosmos DB in one zone", "Cosmos DB over several zones"),
        product: ResourceChoice::CosmosDb,
        family: "cosmos-mongodb",
        kind: "azurerm_cosmosdb_account",
        units: each("cosmos-db/ru-100-hour"),
        gib: each("cosmos-db/storage-gb-month"),
        backup: each("cosmos-db/continuous-backup-gb-month"),
        // Autoscale costs half as much again, and copies in several zones nothing more with it
        // (azure.microsoft.com/pricing/details/cosmos-db, not verified).
        scaling: 1.5,
        steps: (1000.0, 0.1),
        most: 1_000_000.0,
    }),
    caches: &[
        MANAGED_REDIS,
        CacheForm {
            group: "Azure Managed Redis with a replica",
            nodes: 2,
            paid: 2.0,
            level: ("azurerm_managed_redis", "multi-az"),
            ..MANAGED_REDIS
        },
    ],
    caches_because: "Azure Managed Redis is what new caches are: Azure Cache for Redis takes no new customers since \
                     April 2026 and ends in September 2028. The size and the replica are the cheapest that hold the \
                     data and meet what requests need.",
    queues: &[QueueForm {
        group: "Service Bus queue",
        product: ResourceChoice::ServiceBusQueue,
        level: ("Service Bus", "azurerm_servicebus_namespace"),
        ordered: None,
        most: STANDARD_MESSAGES,
        bill: |queue| {
            vec![(per(1e6, "service-bus/standard-operation-million"), usage::queue_requests(queue))]
        },
        retention: (1, 1_209_600, 1_209_600),
        hidden: LOCK_SECONDS,
        batches: None,
    }],
    topics_because: "Every subscriber's queue gets a copy of each message; a copy is an operation of its own.",
    topics: &[TopicForm {
        group: "Service Bus topic",
        product: ResourceChoice::ServiceBusTopic,
        level: ("Service Bus", "azurerm_servicebus_namespace"),
        ordered: None,
        bill: |topic| {
            let copies = 1.0 + topic.subscribers.len() as f64;
            vec![(per(1e6, "service-bus/standard-operation-million"), topic.messages_month * copies)]
        },
    }],
    buckets: &[
        BucketForm {
            names: ("in one zone", "a container of blobs, hot tier, in one zone"),
            product: ResourceChoice::BlobContainer,
            level: ("Blob Storage", "azurerm_storage_account"),
            zones: false,
            rates: ObjectRates {
                gib: each("blob/hot-lrs-gb-month"),
                puts: per(1e4, "blob/hot-lrs-write-10000"),
                gets: per(1e4, "blob/hot-read-10000"),
            },
        },
        BucketForm {
            names: ("in three zones", "a container of blobs, hot tier, in three zones"),
            product: ResourceChoice::BlobContainer,
            level: ("Blob Storage", "azurerm_storage_account"),
            zones: true,
            rates: OBJECTS,
        },
    ],
    objects: OBJECTS,
    copies: Copies::Window,
    copies_to_pairs: true,
    most_rules: MOST_RULES,
    ways_out: &[
        WayOut {
            name: "one NAT gateway in one zone",
            egress: Egress::SingleNat,
            gateways: Some(1.0),
            hours: NAT_HOURS,
            copies: None,
            weak: Some("people depend on this environment and one zone would take egress of all away"),
        },
        WayOut {
            name: "one NAT gateway over all zones",
            egress: Egress::RegionalNat,
            gateways: Some(1.0),
            hours: NAT_HOURS,
            copies: None,
            weak: None,
        },
    ],
    passing: Passing { gb: each("nat-gateway/gb"), logs: false, private: None },
    internet_gb: each("bandwidth/out-gb"),
    edge: edge::azure::design,
    door: ("Front Door", "azurerm_cdn_frontdoor_profile"),
    door_always: false,
    upkeep: UpkeepRates {
        keys_in: "a key vault for secrets, keys of the platform, and private zones of names",
        keys_because: "The platform's own keys encrypt everything. Each secret is its own entry of a vault that only \
                       the services using it may read, and stores keep the names that programs know.",
        key: None,
        key_requests: None,
        secret: None,
        secret_reads: per(1e4, "key-vault/operation-10000"),
        zones: private_zones,
        zone: each("dns/zone-month"),
        name: None,
        watched_by: (
            "a Log Analytics workspace, metric alerts and a dashboard",
            "a Log Analytics workspace and metric alerts",
        ),
        logs_because: "Services log what fails and a sample of the rest.",
        log_written: each("monitor/logs-ingest-gb"),
        log_kept: KeptLog::Beyond(31, each("monitor/logs-retention-gb-month")),
        connections_logged: false,
        calls_logged: false,
        global_region: None,
        metric: None,
        alarm: each("monitor/metric-alert-series-month"),
        notification: Some(per(1e5, "monitor/email-100000")),
        dashboard: None,
        registry: Some(per(12.0 / 365.0, "container-registry/standard-day")),
        images: None,
        platform,
    },
    telemetry: false,
};

/// Pairs of the Consumption profile: 2 GiB a vCPU, a quarter of a vCPU to four (learn.microsoft.com/azure/
/// container-apps, "Containers", 2025).
static LEGAL: &[Legal] = &[
    Legal { cpu: 256, from: 512, to: 512, step: 512 },
    Legal { cpu: 512, from: 1024, to: 1024, step: 512 },
    Legal { cpu: 768, from: 1536, to: 1536, step: 512 },
    Legal { cpu: 1024, from: 2048, to: 2048, step: 512 },
    Legal { cpu: 1536, from: 3072, to: 3072, step: 512 },
    Legal { cpu: 2048, from: 4096, to: 4096, step: 512 },
    Legal { cpu: 3072, from: 6144, to: 6144, step: 512 },
    Legal { cpu: 4096, from: 8192, to: 8192, step: 512 },
];

/// Most replicas of a revision (learn.microsoft.com/azure/container-apps, "Scaling", 2025).
const MOST_REPLICAS: f64 = 1000.0;

/// Routes of a Front Door profile of the Standard tier (Azure subscription limits, 2025; not verified).
const MOST_RULES: usize = 100;

/// Connections that PostgreSQL takes by default: 50 on the smallest size, else by memory (Azure Database for PostgreSQL
/// documentation, "Limits", 2025; not verified).
fn postgres_connections(bytes: f64) -> f64 {
    if bytes < 3e9 { 50.0 } else { (bytes / 1e7).min(5000.0) }
}

/// Connections that MySQL takes by default (Azure Database for MySQL documentation, "Server parameters", 2025; not
/// verified).
fn mysql_connections(bytes: f64) -> f64 {
    bytes / 12_582_880.0
}

const POSTGRES: DatabaseForm = DatabaseForm {
    types: &[ResourceType::Postgres],
    name: "Flexible Server",
    group: "a flexible server without a standby",
    product: ResourceChoice::FlexibleServer,
    family: "flexible-postgres",
    prices: "flexible-postgres",
    sizes: "flexible-postgres",
    instances: 1,
    standby: false,
    machines: 1.0,
    level: ("azurerm_postgresql_flexible_server", "single-az"),
    failover: Failover::Restore,
    volume: volumes::flexible_postgres,
    connections: postgres_connections,
    burstable: Burstable::Noncritical("burstable sizes are meant for development"),
    refused: None,
};

const MYSQL: DatabaseForm = DatabaseForm {
    types: &[ResourceType::Mysql],
    family: "flexible-mysql",
    prices: "flexible-mysql",
    sizes: "flexible-mysql",
    level: ("azurerm_mysql_flexible_server", "single-az"),
    volume: volumes::flexible_mysql,
    connections: mysql_connections,
    ..POSTGRES
};

/// The same with a standby in another zone.
const fn standby(form: DatabaseForm) -> DatabaseForm {
    DatabaseForm {
        group: "a flexible server with a standby in another zone",
        standby: true,
        machines: 2.0,
        level: (form.level.0, "multi-az"),
        failover: Failover::Seconds(STANDBY_FAILOVER_SECONDS),
        burstable: Burstable::Refused("burstable sizes take no standby"),
        ..form
    }
}

static DATABASES: &[DatabaseForm] = &[
    POSTGRES,
    standby(POSTGRES),
    MYSQL,
    standby(MYSQL),
    DatabaseForm {
        refused: Some("takes an organisation with a second vendor, and Cosmos DB speaks the protocol"),
        ..ATLAS
    },
];

const MANAGED_REDIS: CacheForm = CacheForm {
    ty: ResourceType::Redis,
    engine: "redis",
    group: "Azure Managed Redis without a replica",
    product: ResourceChoice::ManagedRedis,
    family: "managed-redis",
    prices: "managed-redis",
    sizes: "managed-redis",
    nodes: 1,
    paid: 1.0,
    divides: false,
    level: ("azurerm_managed_redis", "single-az"),
};

/// Messages a second that a Standard namespace carries: a thousand operations a second, of which a message takes two
/// (learn.microsoft.com/azure/service-bus-messaging, "Throttling operations", 2025; not verified).
const STANDARD_MESSAGES: f64 = 500.0;

/// Seconds that a message is locked at least and at most (learn.microsoft.com/azure/service-bus-messaging, "Message
/// transfers, locks, and settlement", 2025). Whoever needs longer renews the lock.
const LOCK_SECONDS: (f64, f64) = (30.0, 300.0);

const OBJECTS: ObjectRates = ObjectRates {
    gib: each("blob/hot-zrs-gb-month"),
    puts: per(1e4, "blob/hot-zrs-write-10000"),
    gets: per(1e4, "blob/hot-read-10000"),
};

static NAT_HOURS: &[Rate] = &[each("nat-gateway/hour"), each("public-ip/static-hour")];

/// One zone for each sort of store that has a private address.
fn private_zones(design: &EnvironmentDesign) -> f64 {
    let mut zones: Vec<&str> = design.resources.values().filter_map(|r| private_name(&r.choice)).collect();
    zones.sort_unstable();
    zones.dedup();
    zones.len() as f64
}

fn private_name(choice: &ResourceChoice) -> Option<&'static str> {
    match choice {
        ResourceChoice::FlexibleServer(db) if db.engine == "mysql" => Some("mysql"),
        ResourceChoice::FlexibleServer(_) => Some("postgres"),
        ResourceChoice::CosmosDb(_) => Some("mongo"),
        ResourceChoice::ManagedRedis(_) => Some("redis"),
        _ => None,
    }
}

/// A namespace of queues, and a private endpoint for each store that has no place in the network.
fn platform(design: &EnvironmentDesign) -> Vec<Shared> {
    let choices = || design.resources.values().map(|r| &r.choice);
    let messages = choices().any(|c| c.queue().is_some() || c.topic().is_some());
    let outside =
        |c: &&ResourceChoice| matches!(c, ResourceChoice::CosmosDb(_) | ResourceChoice::ManagedRedis(_));
    let endpoints = choices().filter(outside).count();
    vec![
        Shared {
            name: "a Standard namespace of Service Bus".to_owned(),
            rate: each("service-bus/standard-base-hour"),
            quantity: if messages { HOURS_A_MONTH } else { 0.0 },
        },
        Shared {
            name: format!("private endpoints: {endpoints}"),
            rate: each("private-endpoint/hour"),
            quantity: endpoints as f64 * HOURS_A_MONTH,
        },
    ]
}
