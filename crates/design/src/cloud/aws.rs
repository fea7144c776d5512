//! Amazon Web Services.

use spec::{Protocol, Provider, ResourceType};

use crate::blueprint::{Egress, Paid, ResourceChoice};
use crate::cloud::{
    ATLAS, BucketForm, Burstable, CacheForm, Cloud, Containers, Copies, DatabaseForm, Functions, KeptLog,
    Legal, ObjectRates, Passing, PrivateWay, QueueForm, Rate, Sites, Store, Tariff, TopicForm, UpkeepRates,
    WayOut, each, per,
};
use crate::recovery::{
    CLUSTER_FAILOVER_SECONDS, CLUSTER_REBUILD_SECONDS, Failover, STANDBY_FAILOVER_SECONDS,
};
use crate::{brokers, caches, databases, edge, messaging, usage, volumes};

pub(super) static CLOUD: Cloud = Cloud {
    provider: Provider::Aws,
    id: "aws",
    name: "AWS",
    regions: "`eu-west-1` or `us-east-1`",
    runtimes: &["ecs", "lambda"],
    containers: Containers {
        name: "Fargate",
        level: ("ECS on Fargate", "aws_ecs_service"),
        legal: LEGAL,
        cpus: &[16_384, 8192, 4096, 2048, 1024, 512, 256],
        most: MOST_TASKS,
        tariffs: TARIFFS,
        interruptible: Some("interruptible capacity (Fargate Spot)"),
        protocols: &[Protocol::Http, Protocol::Grpc, Protocol::Tcp],
        scales_readers: true,
        scales_to_zero: false,
    },
    functions: Some(Functions {
        level: ("Lambda", "aws_lambda_function"),
        runtime: "lambda",
        vcpu_mib: LAMBDA_VCPU_MIB,
        sizes: &[256, 512, 1024, 1769, 3072, 6144, 10_240],
        seconds: LAMBDA_SECONDS,
        concurrency: LAMBDA_CONCURRENCY,
        requests: per(1e6, "lambda/request-million"),
        gib_seconds: (each("lambda/gb-second-arm"), each("lambda/gb-second-x86")),
    }),
    sites: Sites {
        group: "CloudFront",
        name: "a private S3 bucket behind CloudFront",
        delivery: ("CloudFront", "aws_cloudfront_distribution"),
        files: ("S3", "aws_s3_bucket"),
        charged: Some((per(1e4, "cloudfront/request-10000-https"), each("cloudfront/gb-out"))),
        routed: Some(per(1e6, "cloudfront/function-million")),
    },
    stores: &[
        (ResourceType::Postgres, Store::Offered(databases::relational)),
        (ResourceType::Mysql, Store::Offered(databases::relational)),
        (ResourceType::Mongodb, Store::Offered(databases::document)),
        (ResourceType::Redis, Store::Offered(caches::replicated)),
        (ResourceType::Memcached, Store::Offered(caches::memcached)),
        (ResourceType::Queue, Store::Offered(messaging::queue)),
        (ResourceType::Topic, Store::Offered(messaging::topic)),
        (ResourceType::Bucket, Store::Offered(messaging::bucket)),
        (ResourceType::Rabbitmq, Store::Offered(brokers::rabbitmq)),
        (ResourceType::Kafka, Store::Offered(brokers::kafka)),
        (ResourceType::Opensearch, Store::Offered(brokers::opensearch)),
    ],
    databases: DATABASES,
    documents_because: "DocumentDB speaks MongoDB's protocol and is the document database that the cloud manages; \
                        the cheapest class and number of instances that meets load, recovery and availability.",
    request_units: None,
    caches: CACHES,
    caches_because: "Valkey is a fork of Redis 7.2 under the same protocol, so clients do not change; the engine \
                     and number of nodes are the cheapest that hold the data and meet what requests need.",
    queues: &[
        QueueForm {
            group: "SQS standard queue",
            product: ResourceChoice::Sqs,
            level: ("SQS", "aws_sqs_queue"),
            ordered: Some(false),
            most: f64::INFINITY,
            bill: |queue| vec![(per(1e6, "sqs/request-million"), usage::queue_requests(queue))],
            retention: RETENTION_SECONDS,
            hidden: VISIBILITY_SECONDS,
            batches: None,
        },
        QueueForm {
            group: "SQS first in, first out",
            product: ResourceChoice::Sqs,
            level: ("SQS", "aws_sqs_queue"),
            ordered: Some(true),
            most: FIFO_MESSAGES.1,
            bill: |queue| vec![(per(1e6, "sqs/fifo-request-million"), usage::queue_requests(queue))],
            retention: RETENTION_SECONDS,
            hidden: VISIBILITY_SECONDS,
            batches: Some(FIFO_MESSAGES.0),
        },
    ],
    topics_because: "Every subscriber gets a copy of each message; deliveries to queues cost nothing more.",
    topics: &[
        TopicForm {
            group: "SNS standard topic",
            product: ResourceChoice::Sns,
            level: ("SNS", "aws_sns_topic"),
            ordered: Some(false),
            bill: |topic| vec![(per(1e6, "sns/request-million"), topic.messages_month)],
        },
        TopicForm {
            group: "SNS first in, first out",
            product: ResourceChoice::Sns,
            level: ("SNS", "aws_sns_topic"),
            ordered: Some(true),
            bill: |topic| vec![(per(1e6, "sns/fifo-request-million"), topic.messages_month)],
        },
    ],
    buckets: &[BucketForm {
        names: ("S3", "an S3 bucket, standard class"),
        product: ResourceChoice::S3,
        level: ("S3", "aws_s3_bucket"),
        zones: true,
        rates: OBJECTS,
    }],
    objects: OBJECTS,
    copies: Copies::Vault,
    copies_to_pairs: false,
    most_rules: MOST_RULES,
    ways_out: &[
        WayOut {
            name: "one NAT gateway for all zones",
            egress: Egress::SingleNat,
            gateways: Some(1.0),
            hours: NAT_HOURS,
            copies: None,
            weak: Some("people depend on this environment and one zone would take egress of all away"),
        },
        WayOut {
            name: "a NAT gateway in every zone",
            egress: Egress::NatPerZone,
            gateways: None,
            hours: NAT_HOURS,
            copies: None,
            weak: None,
        },
    ],
    passing: Passing {
        gb: each("nat/gb"),
        logs: true,
        private: Some(PrivateWay {
            service: "sqs",
            name: "an interface endpoint for SQS",
            because: " S3 has a gateway endpoint, which is free.",
            hour: each("vpc-endpoint/hour"),
            gb: each("vpc-endpoint/gb"),
        }),
    },
    internet_gb: each("data-transfer/out-gb"),
    edge: edge::aws::design,
    door: ("load balancer", "aws_lb"),
    door_always: true,
    upkeep: UpkeepRates {
        keys_in: "one KMS key, Secrets Manager for every secret, and a private zone",
        keys_because: "One customer-managed key encrypts everything of the environment, with another only in \
                       regions that it cannot reach. Each secret is its own entry that only the services using it \
                       may read, and stores keep the names that programs know.",
        key: Some(each("kms/key-month")),
        key_requests: Some(per(1e4, "kms/request-10000")),
        secret: Some(each("secretsmanager/secret-month")),
        secret_reads: per(1e4, "secretsmanager/request-10000"),
        zones: |_| 1.0,
        zone: each("route53/zone-month"),
        name: Some(each("servicediscovery/instance-month")),
        watched_by: (
            "CloudWatch logs, alarms, metrics of tasks and a dashboard",
            "CloudWatch logs and alarms",
        ),
        logs_because: "Services log what fails and a sample of the rest: the load balancer's access log holds every \
                       request for a tenth of the price.",
        log_written: each("cloudwatch/logs-ingest-gb"),
        log_kept: KeptLog::Compressed(each("cloudwatch/logs-storage-gb-month")),
        connections_logged: true,
        calls_logged: true,
        global_region: Some("us-east-1"),
        metric: Some(each("cloudwatch/metric-month")),
        alarm: each("cloudwatch/alarm-month"),
        notification: Some(per(1e6, "sns/request-million")),
        dashboard: Some(each("cloudwatch/dashboard-month")),
        registry: None,
        images: Some(each("ecr/gb-month")),
        platform: |_| Vec::new(),
    },
    telemetry: true,
};

/// Legal pairs of CPU and memory, as the ECS documentation lists them under "Task CPU and memory"
/// (docs.aws.amazon.com/AmazonECS, task definition parameters for Fargate, 2025).
static LEGAL: &[Legal] = &[
    Legal { cpu: 256, from: 512, to: 512, step: 512 },
    Legal { cpu: 256, from: 1024, to: 2048, step: 1024 },
    Legal { cpu: 512, from: 1024, to: 4096, step: 1024 },
    Legal { cpu: 1024, from: 2048, to: 8192, step: 1024 },
    Legal { cpu: 2048, from: 4096, to: 16384, step: 1024 },
    Legal { cpu: 4096, from: 8192, to: 30720, step: 1024 },
    Legal { cpu: 8192, from: 16384, to: 61440, step: 4096 },
    Legal { cpu: 16384, from: 32768, to: 122_880, step: 8192 },
];

/// Most tasks a service may have: the service quota "tasks per service".
const MOST_TASKS: f64 = 5000.0;

const ON_DEMAND: Tariff = Tariff {
    group: "Fargate on Graviton",
    arm: true,
    spot: false,
    paid: Paid::Running,
    vcpu: each("fargate/vcpu-arm"),
    gib: each("fargate/gb-arm"),
    waiting: None,
    requests: None,
};

const X86: Tariff = Tariff {
    group: "Fargate on x86",
    arm: false,
    vcpu: each("fargate/vcpu-x86"),
    gib: each("fargate/gb-x86"),
    ..ON_DEMAND
};

static TARIFFS: &[Tariff] = &[
    ON_DEMAND,
    X86,
    Tariff { spot: true, vcpu: each("fargate/vcpu-arm-spot"), gib: each("fargate/gb-arm-spot"), ..ON_DEMAND },
    Tariff { spot: true, vcpu: each("fargate/vcpu-x86-spot"), gib: each("fargate/gb-x86-spot"), ..X86 },
];

/// Rules that a load balancer's listener may have beside the default one (Elastic Load Balancing quotas, 2025).
const MOST_RULES: usize = 100;

/// Memory at which a function gets one whole vCPU, MiB (AWS Lambda documentation, "Configure memory", 2025).
const LAMBDA_VCPU_MIB: f64 = 1769.0;

/// Longest run of a function, seconds (AWS Lambda quotas, 2025).
const LAMBDA_SECONDS: f64 = 900.0;

/// Concurrent runs that a new account may have in a region (AWS Lambda quotas, 2025).
const LAMBDA_CONCURRENCY: f64 = 1000.0;

const BYTES_A_CONNECTION: f64 = 12_582_880.0;

/// Connections that PostgreSQL takes by default (RDS user guide, "Quotas and constraints", 2025).
fn postgres_connections(bytes: f64) -> f64 {
    (bytes / 9_531_392.0).min(5000.0)
}

/// Connections that MySQL takes by default on RDS (RDS user guide, "Quotas and constraints", 2025).
fn mysql_connections(bytes: f64) -> f64 {
    bytes / BYTES_A_CONNECTION
}

/// Connections that MySQL takes by default on Aurora (Aurora user guide, "Maximum connections to Aurora MySQL", not
/// verified, 2025).
fn aurora_mysql_connections(bytes: f64) -> f64 {
    let small = (bytes / 805_306_368.0).log2() * 45.0;
    small.max((bytes / 8_187_281_408.0).log2() * 1000.0)
}

const RDS: DatabaseForm = DatabaseForm {
    types: &[ResourceType::Postgres],
    name: "RDS",
    group: "RDS in one zone",
    product: ResourceChoice::Rds,
    family: "rds-postgres",
    prices: "rds-postgres",
    sizes: "rds",
    instances: 1,
    standby: false,
    machines: 1.0,
    level: ("aws_db_instance", "single-az"),
    failover: Failover::Restore,
    volume: volumes::rds,
    connections: postgres_connections,
    burstable: Burstable::Taken,
    refused: None,
};

const RDS_STANDBY: DatabaseForm = DatabaseForm {
    group: "RDS Multi-AZ",
    standby: true,
    machines: 2.0,
    level: ("aws_db_instance", "multi-az"),
    failover: Failover::Seconds(STANDBY_FAILOVER_SECONDS),
    ..RDS
};

const AURORA: DatabaseForm = DatabaseForm {
    name: "Aurora",
    group: "Aurora with one instance",
    product: ResourceChoice::Aurora,
    family: "aurora-postgres",
    prices: "aurora-postgres",
    level: ("aws_rds_cluster", "single-az"),
    failover: Failover::Seconds(CLUSTER_REBUILD_SECONDS),
    volume: volumes::aurora,
    burstable: Burstable::Noncritical("Aurora's burstable classes are meant for development"),
    ..RDS
};

const AURORA_PAIR: DatabaseForm = DatabaseForm {
    group: "Aurora with two instances",
    instances: 2,
    standby: true,
    machines: 2.0,
    level: ("aws_rds_cluster", "multi-az"),
    failover: Failover::Seconds(CLUSTER_FAILOVER_SECONDS),
    ..AURORA
};

/// The same product for MySQL.
const fn rds_mysql(form: DatabaseForm) -> DatabaseForm {
    DatabaseForm {
        types: &[ResourceType::Mysql],
        family: "rds-mysql",
        prices: "rds-mysql",
        connections: mysql_connections,
        ..form
    }
}

/// The same product for MySQL.
const fn aurora_mysql(form: DatabaseForm) -> DatabaseForm {
    DatabaseForm {
        types: &[ResourceType::Mysql],
        family: "aurora-mysql",
        prices: "aurora-mysql",
        connections: aurora_mysql_connections,
        ..form
    }
}

const DOCUMENTDB: DatabaseForm = DatabaseForm {
    types: &[ResourceType::Mongodb],
    name: "DocumentDB",
    group: "DocumentDB with one instance",
    product: ResourceChoice::DocumentDb,
    family: "docdb",
    prices: "docdb",
    sizes: "docdb",
    level: ("aws_docdb_cluster", "single-az"),
    failover: Failover::Seconds(CLUSTER_REBUILD_SECONDS),
    volume: volumes::documentdb,
    connections: |_| f64::INFINITY,
    ..RDS
};

static DATABASES: &[DatabaseForm] = &[
    RDS,
    RDS_STANDBY,
    AURORA,
    AURORA_PAIR,
    rds_mysql(RDS),
    rds_mysql(RDS_STANDBY),
    aurora_mysql(AURORA),
    aurora_mysql(AURORA_PAIR),
    DOCUMENTDB,
    DatabaseForm {
        group: "DocumentDB with two instances",
        instances: 2,
        standby: true,
        machines: 2.0,
        level: ("aws_docdb_cluster", "multi-az"),
        failover: Failover::Seconds(CLUSTER_FAILOVER_SECONDS),
        ..DOCUMENTDB
    },
    DatabaseForm {
        refused: Some("takes an organisation with a second vendor, and DocumentDB speaks the protocol"),
        ..ATLAS
    },
];

const VALKEY: CacheForm = CacheForm {
    ty: ResourceType::Redis,
    engine: "valkey",
    group: "Valkey on one node",
    product: ResourceChoice::ElastiCache,
    family: "elasticache-valkey",
    prices: "elasticache-valkey",
    sizes: "elasticache",
    nodes: 1,
    paid: 1.0,
    divides: false,
    level: ("aws_elasticache_replication_group", "single-az"),
};

/// The same on two nodes.
const fn pair(form: CacheForm, group: &'static str) -> CacheForm {
    CacheForm { group, nodes: 2, paid: 2.0, level: (form.level.0, "multi-az"), ..form }
}

const REDIS: CacheForm = CacheForm {
    engine: "redis",
    group: "Redis OSS on one node",
    family: "elasticache-redis",
    prices: "elasticache-redis",
    ..VALKEY
};

const MEMCACHED: CacheForm = CacheForm {
    ty: ResourceType::Memcached,
    engine: "memcached",
    group: "Memcached on one node",
    product: ResourceChoice::Memcached,
    family: "elasticache-memcached",
    prices: "elasticache-memcached",
    divides: true,
    level: ("aws_elasticache_cluster", "single-az"),
    ..VALKEY
};

static CACHES: &[CacheForm] = &[
    VALKEY,
    pair(VALKEY, "Valkey on two nodes"),
    REDIS,
    pair(REDIS, "Redis OSS on two nodes"),
    MEMCACHED,
    pair(MEMCACHED, "Memcached on two nodes"),
];

/// Seconds that SQS keeps messages at least, by default and at most (SQS quotas, 2025).
const RETENTION_SECONDS: (u64, u64, u64) = (60, 345_600, 1_209_600);

/// Messages a second that an ordered queue takes one by one, and in batches of ten (SQS developer guide, FIFO queue
/// quotas, 2025).
const FIFO_MESSAGES: (f64, f64) = (300.0, 3000.0);

/// Seconds that a message taken is hidden from other readers at least and at most.
const VISIBILITY_SECONDS: (f64, f64) = (30.0, 43_200.0);

const OBJECTS: ObjectRates = ObjectRates {
    gib: each("s3/standard-gb-month"),
    puts: per(1e3, "s3/put-1000"),
    gets: per(1e3, "s3/get-1000"),
};

static NAT_HOURS: &[Rate] = &[each("nat/hour"), each("public-ipv4/hour")];
