//! Brokers and search: machines behind a protocol that no regional service speaks.

use catalog::machines;
use ir::units::HOURS_A_MONTH;
use spec::Resource;

use crate::bill::Bill;
use crate::blueprint::{BrokerDesign, ResourceChoice, SearchDesign};
use crate::context::Context;
use crate::decide::Candidate;
use crate::load::amount;
use crate::resources::Prepared;
use crate::{rules, uptime, usage, versions};

/// Share of a search node's disk that stays free, and what indexing adds to the source: the vendor's sizing
/// formula multiplies by 1.45 (OpenSearch Service developer guide, "Sizing domains", 2025).
const SEARCH_OVERHEAD: f64 = 1.45;

/// GiB of disk that a GiB of a search node's memory serves.
const SEARCH_DISK_TO_MEMORY: f64 = 16.0;

/// Least GiB of a search node's disk (OpenSearch Service quotas, 2025).
const SEARCH_LEAST_GIB: f64 = 10.0;

/// Amazon MQ: one broker, or a cluster of three.
pub(crate) fn rabbitmq(ctx: &Context<'_>, name: &str, resource: &Resource) -> Prepared {
    let version = versions::resolve(ctx.cloud, "mq-rabbitmq", resource.version.as_ref());
    let mut candidates = Vec::new();
    for brokers in [1_u32, 3] {
        let group = if brokers == 1 { "one RabbitMQ broker" } else { "a RabbitMQ cluster of three" };
        let configuration = if brokers > 1 { "multi-az" } else { "single-az" };
        let level = uptime::level(format!("{name} ({group})"), "aws_mq_broker", configuration);
        for machine in machines("mq") {
            let id = format!("mq-rabbitmq/{}", machine.name);
            let design = BrokerDesign {
                version: version.clone().unwrap_or_default(),
                class: machine.name.to_owned(),
                brokers,
                storage_gib: 0,
            };
            let bill = Bill::default().with(ctx.region, &id, f64::from(brokers) * HOURS_A_MONTH).with(
                ctx.region,
                "mq/storage-gb-month",
                usage::broker_gib(&design),
            );
            let mut found = Candidate::new(
                group,
                format!("{group} on {}", machine.name),
                ResourceChoice::RabbitMq(design),
                bill,
            )
            .breaking(version.is_none(), || "does not run the version asked for".to_owned())
            .breaking(brokers == 1 && ctx.critical, || {
                "people depend on this environment and one broker is away at each upgrade".to_owned()
            })
            .breaking(brokers == 1 && machine.vcpus < 1.0, || "less than one vCPU".to_owned())
            .breaking(brokers > 1 && machine.vcpus < 2.0, || "a cluster takes two vCPUs a broker".to_owned());
            found.uptime = level.clone();
            candidates.push(found);
        }
    }
    let mut question = ctx.question(name, "engine", format!("Which broker is {name}?"));
    question.weighty = true;
    question.inputs = vec![("protocol", "AMQP 0.9.1".to_owned())];
    question.because =
        "Programs that speak AMQP keep their code on Amazon MQ. Its load is not said, so the smallest \
                        class is taken; CPU and memory alarms say when it is too small."
            .to_owned();
    Prepared { candidates, question }
}

/// MSK: a broker a zone.
pub(crate) fn kafka(ctx: &Context<'_>, name: &str, resource: &Resource) -> Prepared {
    let version = versions::resolve(ctx.cloud, "msk", resource.version.as_ref());
    let brokers = u32::from(ctx.zones());
    let group = "MSK with a broker in every zone";
    let gib = stored(ctx, resource);
    let level = uptime::level(format!("{name} ({group})"), "aws_msk_cluster", "multi-az");
    let of = |machine: &catalog::Machine| {
        let bill = Bill::default()
            .with(ctx.region, &format!("msk/{}", machine.name), f64::from(brokers) * HOURS_A_MONTH)
            .with(ctx.region, "msk/storage-gb-month", f64::from(brokers) * gib.ceil());
        let design = BrokerDesign {
            version: version.clone().unwrap_or_default(),
            class: machine.name.to_owned(),
            brokers,
            storage_gib: gib.ceil() as u32,
        };
        let mut found = Candidate::new(
            group,
            format!("{group} on {}", machine.name),
            ResourceChoice::Kafka(design),
            bill,
        )
        .breaking(version.is_none(), || "does not run the version asked for".to_owned())
        .breaking(machine.burstable && ctx.critical, || {
            "people depend on this environment and a burstable broker slows down when its credits end"
                .to_owned()
        });
        found.uptime = level.clone();
        found
    };
    let mut question = ctx.question(name, "engine", format!("Which Kafka is {name}?"));
    question.weighty = true;
    question.inputs = vec![("data", format!("{gib:.0} GiB, kept on every broker"))];
    question.because =
        "Every partition has a copy in each zone, so a zone can go. Its throughput is not said, \
                        so the smallest class is taken; alarms say when it is too small."
            .to_owned();
    Prepared { candidates: machines("msk").iter().map(of).collect(), question }
}

/// MB a second that a throughput unit of Event Hubs takes in (learn.microsoft.com/azure/event-hubs, "Scaling", 2025).
const UNIT_MB: f64 = 1.0;

/// Event Hubs by its Kafka endpoint: units of throughput that grow by themselves.
pub(crate) fn event_hubs(ctx: &Context<'_>, name: &str, resource: &Resource) -> Prepared {
    let version = versions::resolve(ctx.cloud, "event-hubs", resource.version.as_ref());
    let group = "an Event Hubs namespace, Standard";
    let design = BrokerDesign {
        version: version.clone().unwrap_or_default(),
        class: "Standard".to_owned(),
        brokers: 1,
        storage_gib: 0,
    };
    let bill = Bill::default().with(ctx.region, "event-hubs/standard-unit-hour", HOURS_A_MONTH);
    let mut found = Candidate::new(group, group, ResourceChoice::EventHubs(design), bill)
        .breaking(version.is_none(), || "does not run the version asked for".to_owned());
    found.uptime = uptime::level(format!("{name} (Event Hubs)"), "azurerm_eventhub_namespace", "-");
    let mut question = ctx.question(name, "engine", format!("Which Kafka is {name}?"));
    question.weighty = true;
    question.inputs = vec![("a unit of throughput", format!("{UNIT_MB} MB a second in, twice that out"))];
    question.because =
        "Event Hubs speaks Kafka's protocol without a broker to run. Topics are made beforehand, events are kept seven \
         days at most, and transactions are not there: a program that needs them takes another cloud. Its throughput is \
         not said, so one unit is taken, which more join by themselves."
            .to_owned();
    Prepared { candidates: vec![found], question }
}

/// vCPUs of a cluster of Managed Service for Apache Kafka at least, and GiB of memory of each (its documentation,
/// "Plan your Kafka cluster size", 2025; not verified).
const KAFKA_LEAST: (f64, f64) = (3.0, 4.0);

/// Managed Service for Apache Kafka: brokers in three zones, sized together.
pub(crate) fn managed_kafka(ctx: &Context<'_>, name: &str, resource: &Resource) -> Prepared {
    let version = versions::resolve(ctx.cloud, "managed-kafka", resource.version.as_ref());
    let (vcpus, gib_each) = KAFKA_LEAST;
    let gib = stored(ctx, resource);
    let group = "Managed Service for Apache Kafka with a broker in every zone";
    let design = BrokerDesign {
        version: version.clone().unwrap_or_default(),
        class: format!("{vcpus} vCPU, {} GiB", vcpus * gib_each),
        brokers: vcpus as u32,
        storage_gib: gib.ceil() as u32,
    };
    let bill = Bill::default()
        .with(ctx.region, "managed-kafka/vcpu-hour", vcpus * HOURS_A_MONTH)
        .with(ctx.region, "managed-kafka/gib-hour", vcpus * gib_each * HOURS_A_MONTH)
        .with(ctx.region, "managed-kafka/local-ssd-gib-month", vcpus * gib.ceil());
    let mut found = Candidate::new(group, group, ResourceChoice::ManagedKafka(design), bill)
        .breaking(version.is_none(), || "does not run the version asked for".to_owned());
    found.uptime = uptime::level(format!("{name} ({group})"), "google_managed_kafka_cluster", "multi-az");
    let mut question = ctx.question(name, "engine", format!("Which Kafka is {name}?"));
    question.weighty = true;
    question.inputs = vec![("data", format!("{gib:.0} GiB, kept on every broker"))];
    question.because =
        "Every partition has a copy in each zone, so a zone can go. Its throughput is not said, so the \
                        smallest cluster is taken; alarms say when it is too small."
            .to_owned();
    Prepared { candidates: vec![found], question }
}

/// OpenSearch: one node, or one in every zone with a replica of every shard.
pub(crate) fn opensearch(ctx: &Context<'_>, name: &str, resource: &Resource) -> Prepared {
    let version = versions::resolve(ctx.cloud, "opensearch", resource.version.as_ref());
    let data = stored(ctx, resource);
    let mut candidates = Vec::new();
    for nodes in [1, u32::from(ctx.zones())] {
        let group = if nodes == 1 { "one OpenSearch node" } else { "an OpenSearch node in every zone" };
        let configuration = if nodes > 1 { "multi-az" } else { "single-az" };
        let level = uptime::level(format!("{name} ({group})"), "aws_opensearch_domain", configuration);
        let copies = if nodes > 1 { 2.0 } else { 1.0 };
        let each = (data * copies * SEARCH_OVERHEAD / f64::from(nodes)).max(SEARCH_LEAST_GIB).ceil();
        for machine in machines("opensearch") {
            let bill = Bill::default()
                .with(ctx.region, &format!("opensearch/{}", machine.name), f64::from(nodes) * HOURS_A_MONTH)
                .with(ctx.region, "opensearch/gp3-gb-month", f64::from(nodes) * each);
            let design = SearchDesign {
                version: version.clone().unwrap_or_default(),
                class: machine.name.to_owned(),
                nodes,
                storage_gib: each as u32,
            };
            let serves = machine.memory_gib * SEARCH_DISK_TO_MEMORY;
            let mut found = Candidate::new(
                group,
                format!("{group} on {}", machine.name),
                ResourceChoice::OpenSearch(design),
                bill,
            )
            .breaking(version.is_none(), || "does not run the version asked for".to_owned())
            .breaking(serves < each, || {
                format!("its memory serves {serves:.0} GiB of disk and {each:.0} are needed")
            })
            .breaking(nodes == 1 && ctx.critical, || {
                "people depend on this environment and one node has no replica".to_owned()
            })
            .breaking(machine.burstable && ctx.critical, || {
                "people depend on this environment and a burstable node slows down when its credits end"
                    .to_owned()
            });
            found.uptime = level.clone();
            candidates.push(found);
        }
    }
    let mut question = ctx.question(name, "engine", format!("Which search is {name}?"));
    question.weighty = true;
    question.inputs = vec![
        ("data", format!("{data:.0} GiB")),
        ("disk a GiB of data", format!("{SEARCH_OVERHEAD} GiB a copy")),
        ("disk a GiB of memory", format!("{SEARCH_DISK_TO_MEMORY} GiB (assumed)")),
    ];
    question.because =
        "The cheapest nodes whose disks hold the index with its replica and whose memory serves \
                        those disks."
            .to_owned();
    Prepared { candidates, question }
}

fn stored(ctx: &Context<'_>, resource: &Resource) -> f64 {
    let said = resource.storage_gib.as_ref().map_or(rules::ASSUMED_STORAGE_GIB, |s| s.value);
    (amount(said, rules::ASSUMED_STORAGE_GIB) * ctx.scale()).max(1.0)
}
