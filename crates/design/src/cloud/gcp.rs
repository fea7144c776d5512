//! Google Cloud.

use spec::{Protocol, Provider, ResourceType};

use crate::blueprint::{Egress, Paid, ResourceChoice};
use crate::cloud::{
    BucketForm, Burstable, CacheForm, Cloud, Containers, Copies, DatabaseForm, KeptLog, Legal, ObjectRates,
    Passing, QueueForm, Sites, Store, Tariff, TopicForm, UpkeepRates, WayOut, a_second, each, per,
};
use crate::recovery::{CLUSTER_FAILOVER_SECONDS, Failover};
use crate::{brokers, caches, databases, edge, messaging, rules, volumes};

pub(super) static CLOUD: Cloud = Cloud {
    provider: Provider::Gcp,
    id: "gcp",
    name: "Google Cloud",
    regions: "`europe-west1` or `us-central1`",
    runtimes: &["cloud-run"],
    containers: Containers {
        name: "Cloud Run",
        level: ("Cloud Run", "google_cloud_run_v2_service"),
        legal: LEGAL,
        cpus: &[8192, 6144, 4096, 2048, 1024],
        most: MOST_INSTANCES,
        tariffs: &[
            Tariff {
                group: "Cloud Run, paid while it answers",
                arm: false,
                spot: false,
                paid: Paid::Answering,
                vcpu: a_second("cloud-run/vcpu-second-answering"),
                gib: a_second("cloud-run/gib-second-answering"),
                waiting: Some((
                    a_second("cloud-run/vcpu-second-idle"),
                    a_second("cloud-run/gib-second-idle"),
                )),
                requests: Some(per(1e6, "cloud-run/request-million")),
            },
            Tariff {
                group: "Cloud Run, paid while it runs",
                arm: false,
                spot: false,
                paid: Paid::Running,
                vcpu: a_second("cloud-run/vcpu-second"),
                gib: a_second("cloud-run/gib-second"),
                waiting: None,
                requests: None,
            },
        ],
        interruptible: None,
        protocols: &[Protocol::Http, Protocol::Grpc],
        scales_readers: false,
        scales_to_zero: true,
    },
    functions: None,
    sites: Sites {
        group: "Cloud CDN",
        name: "a Cloud Storage bucket behind the load balancer, with Cloud CDN",
        delivery: ("Cloud CDN", "google_compute_backend_bucket"),
        files: ("Cloud Storage", "google_storage_bucket"),
        charged: None,
        routed: None,
    },
    stores: &[
        (ResourceType::Postgres, Store::Offered(databases::relational)),
        (ResourceType::Mysql, Store::Offered(databases::relational)),
        (
            ResourceType::Mongodb,
            Store::Missing(
                "Google Cloud has no managed MongoDB of its own, and MongoDB Atlas is not written as code yet.",
                "make a cluster of Atlas by hand in the same region and name its address as a secret, or set \
                 `cloud.provider` to `aws` or `azure`",
            ),
        ),
        (ResourceType::Redis, Store::Offered(caches::replicated)),
        (
            ResourceType::Memcached,
            Store::Missing(
                "Memorystore for Memcached is deprecated: it ends in January 2029, and new projects get none from \
                 February 2027.",
                "set `type` to `redis`, whose clients every language has, or `cloud.provider` to `aws`",
            ),
        ),
        (ResourceType::Queue, Store::Offered(messaging::queue)),
        (ResourceType::Topic, Store::Offered(messaging::topic)),
        (ResourceType::Bucket, Store::Offered(messaging::bucket)),
        (
            ResourceType::Rabbitmq,
            Store::Missing(
                "Google Cloud has no managed RabbitMQ, and Pub/Sub has an interface of its own.",
                "set `type` to `queue` and let the program speak to Pub/Sub, name a broker of another vendor as a \
                 secret, or set `cloud.provider` to `aws`",
            ),
        ),
        (ResourceType::Kafka, Store::Offered(brokers::managed_kafka)),
        (
            ResourceType::Opensearch,
            Store::Missing(
                "Google Cloud has no managed OpenSearch.",
                "name a search of another vendor (Elastic Cloud runs in Google's regions) as a secret, or set \
                 `cloud.provider` to `aws`",
            ),
        ),
    ],
    databases: DATABASES,
    documents_because: "",
    request_units: None,
    caches: &[
        VALKEY,
        CacheForm {
            group: "Valkey on two nodes",
            nodes: 2,
            paid: 2.0,
            level: ("google_memorystore_instance", "multi-az"),
            ..VALKEY
        },
    ],
    caches_because: "Valkey is a fork of Redis 7.2 under the same protocol, so clients do not change; the node type \
                     and number of nodes are the cheapest that hold the data and meet what requests need.",
    queues: &[QueueForm {
        group: "Pub/Sub topic with one subscription",
        product: ResourceChoice::PubSubQueue,
        level: ("Pub/Sub", "google_pubsub_topic"),
        ordered: None,
        most: f64::INFINITY,
        bill: |queue| vec![(per(KIB_A_TIB, "pubsub/tib"), queue.messages_month * rules::MESSAGE_KIB * 2.0)],
        retention: (600, 604_800, 2_678_400),
        hidden: ACKNOWLEDGE_SECONDS,
        batches: None,
    }],
    topics_because: "Every subscription gets a copy of each message; what is published and what is delivered are paid \
                     by their size.",
    topics: &[TopicForm {
        group: "Pub/Sub topic",
        product: ResourceChoice::PubSubTopic,
        level: ("Pub/Sub", "google_pubsub_topic"),
        ordered: None,
        bill: |topic| {
            let copies = 1.0 + topic.subscribers.len() as f64;
            vec![(per(KIB_A_TIB, "pubsub/tib"), topic.messages_month * rules::MESSAGE_KIB * copies)]
        },
    }],
    buckets: &[BucketForm {
        names: ("Cloud Storage", "a Cloud Storage bucket, standard class"),
        product: ResourceChoice::CloudStorage,
        level: ("Cloud Storage", "google_storage_bucket"),
        zones: true,
        rates: OBJECTS,
    }],
    objects: OBJECTS,
    copies: Copies::OnePlace,
    copies_to_pairs: false,
    most_rules: MOST_RULES,
    ways_out: &[WayOut {
        name: "one Cloud NAT over all zones",
        egress: Egress::RegionalNat,
        gateways: Some(1.0),
        hours: &[each("external-ip/in-use-hour")],
        // Above thirty-two machines the price stays (cloud.google.com/nat/pricing, 2025).
        copies: Some((each("cloud-nat/vm-hour"), 32.0)),
        weak: None,
    }],
    passing: Passing { gb: each("cloud-nat/gb"), logs: false, private: None },
    internet_gb: each("google-network/internet-gb"),
    edge: edge::gcp::design,
    door: ("load balancer", "google_compute_global_forwarding_rule"),
    door_always: false,
    upkeep: UpkeepRates {
        keys_in: "Secret Manager for every secret, keys of the platform, and a private zone",
        keys_because: "The platform's own keys encrypt everything. Each secret is its own entry that only the services \
                       using it may read, and stores keep the names that programs know.",
        key: None,
        key_requests: None,
        secret: Some(each("secret-manager/version-month")),
        secret_reads: per(1e4, "secret-manager/access-10000"),
        zones: |_| 1.0,
        zone: each("cloud-dns/zone-month"),
        name: None,
        watched_by: ("Cloud Logging, alert policies and a dashboard", "Cloud Logging and alert policies"),
        logs_because: "Services log what fails and a sample of the rest.",
        log_written: each("cloud-logging/ingest-gib"),
        log_kept: KeptLog::Beyond(30, each("cloud-logging/retention-gib-month")),
        connections_logged: false,
        calls_logged: false,
        global_region: None,
        metric: None,
        alarm: each("cloud-monitoring/alert-condition-month"),
        notification: None,
        dashboard: None,
        registry: None,
        images: Some(each("artifact-registry/gb-month")),
        platform: |_| Vec::new(),
    },
    telemetry: false,
};

/// Pairs of the second generation: any memory between what a number of vCPUs asks for and what it takes, here by the
/// half GiB (cloud.google.com/run/docs/configuring/services, "CPU limits" and "Memory limits", 2025).
static LEGAL: &[Legal] = &[
    Legal { cpu: 1024, from: 512, to: 4096, step: 512 },
    Legal { cpu: 2048, from: 512, to: 8192, step: 512 },
    Legal { cpu: 4096, from: 2048, to: 16_384, step: 512 },
    Legal { cpu: 6144, from: 4096, to: 24_576, step: 512 },
    Legal { cpu: 8192, from: 4096, to: 32_768, step: 512 },
];

/// Most instances of a service without a higher quota (cloud.google.com/run/quotas, 2025; not verified).
const MOST_INSTANCES: f64 = 1000.0;

/// Host rules of a URL map (cloud.google.com/load-balancing/docs/quotas, 2025; not verified).
const MOST_RULES: usize = 1000;

/// Connections that PostgreSQL takes by default with so many GiB (Cloud SQL documentation, "Flags", `max_connections`,
/// 2025).
const POSTGRES_CONNECTIONS: [(f64, f64); 9] = [
    (120.0, 1000.0),
    (60.0, 800.0),
    (30.0, 600.0),
    (15.0, 500.0),
    (7.5, 400.0),
    (6.0, 200.0),
    (3.75, 100.0),
    (1.7, 50.0),
    (0.0, 25.0),
];

fn postgres_connections(bytes: f64) -> f64 {
    let gib = bytes / (1024.0 * 1024.0 * 1024.0);
    POSTGRES_CONNECTIONS.iter().find(|(least, _)| gib >= least - 1e-6).map_or(0.0, |(_, takes)| *takes)
}

/// Connections that MySQL takes by default (Cloud SQL documentation, "Quotas and limits", 2025; not verified).
fn mysql_connections(bytes: f64) -> f64 {
    match bytes / (1024.0 * 1024.0 * 1024.0) {
        gib if gib < 1.0 => 250.0,
        gib if gib < 3.0 => 1000.0,
        _ => 4000.0,
    }
}

const POSTGRES: DatabaseForm = DatabaseForm {
    types: &[ResourceType::Postgres],
    name: "Cloud SQL",
    group: "Cloud SQL in one zone",
    product: ResourceChoice::CloudSql,
    family: "cloud-sql-postgres",
    prices: "cloud-sql",
    sizes: "cloud-sql",
    instances: 1,
    standby: false,
    machines: 1.0,
    level: ("google_sql_database_instance", "single-az"),
    failover: Failover::Restore,
    volume: volumes::cloud_sql,
    connections: postgres_connections,
    burstable: Burstable::Noncritical("shared cores are excluded from the published service level"),
    refused: None,
};

const REGIONAL: DatabaseForm = DatabaseForm {
    group: "Cloud SQL with a standby in another zone",
    standby: true,
    machines: 2.0,
    level: ("google_sql_database_instance", "multi-az"),
    failover: Failover::Seconds(CLUSTER_FAILOVER_SECONDS),
    burstable: Burstable::Refused("shared cores are excluded from the published service level"),
    ..POSTGRES
};

/// The same for MySQL.
const fn mysql(form: DatabaseForm) -> DatabaseForm {
    DatabaseForm {
        types: &[ResourceType::Mysql],
        family: "cloud-sql-mysql",
        connections: mysql_connections,
        ..form
    }
}

static DATABASES: &[DatabaseForm] = &[POSTGRES, REGIONAL, mysql(POSTGRES), mysql(REGIONAL)];

const VALKEY: CacheForm = CacheForm {
    ty: ResourceType::Redis,
    engine: "valkey",
    group: "Valkey on one node",
    product: ResourceChoice::Memorystore,
    family: "memorystore-valkey",
    prices: "memorystore-valkey",
    sizes: "memorystore",
    nodes: 1,
    paid: 1.0,
    divides: false,
    level: ("google_memorystore_instance", "single-az"),
};

/// Bytes are told in KiB and paid by the TiB.
const KIB_A_TIB: f64 = 1024.0 * 1024.0 * 1024.0;

/// Seconds in which a message must be acknowledged at least and at most (cloud.google.com/pubsub/docs/lease-management,
/// 2025). Whoever needs longer extends the deadline.
const ACKNOWLEDGE_SECONDS: (f64, f64) = (30.0, 600.0);

const OBJECTS: ObjectRates = ObjectRates {
    gib: each("cloud-storage/standard-gb-month"),
    puts: per(1e3, "cloud-storage/standard-write-1000"),
    gets: per(1e3, "cloud-storage/standard-read-1000"),
};
