//! Kafka on MSK.
//!
//! Clients prove who they are with IAM over TLS, so that there is no password to keep. The service's default
//! configuration stays: it keeps three copies and makes no topic by accident. It must not know any topic.

use catalog::aws::{cloudwatch_log_group, msk_cluster, security_group};
use design::BrokerDesign;
use ir::key::Handle;
use ir::{Block, Diagnostic, NodeBuilder, Value};

use super::env::{matching, number, subnet_ids};
use super::store::{self, allow};
use super::{Env, Offer};

/// Port of TLS with IAM.
const PORT: u16 = 9098;

/// A cluster with its guard and log group.
pub(crate) fn lower(env: &mut Env, resource: &str, design: &BrokerDesign) -> Offer {
    let component = env.resource_component(resource);
    let c = component.as_str();
    env.component(c, "broker", format!("Kafka cluster {resource}"));
    let door = store::door(env, c, resource);
    let name = env.name_within(c, "cluster_name", resource, 64);
    let log_name = store::join(["/aws/msk/".into(), name.clone()]);
    let log = store::log_group(
        env,
        c,
        "brokers",
        log_name,
        &format!("Keeps the logs of the brokers of {resource}"),
    );
    let decl = matching("Version of Kafka.", r"^[0-9]+\.[0-9]+\.[0-9x]+", "a version such as 3.8.x");
    let version = env.input(c, "kafka_version", decl, design.version.as_str());
    let decl = number("Brokers, a multiple of the zones they stand in.", 2.0, 60.0);
    let brokers = env.input(c, "brokers", decl, design.brokers);
    let at_rest =
        Block::new().set(msk_cluster::encryption_info::ENCRYPTION_AT_REST_KMS_KEY_ARN, env.key_arn()).block(
            msk_cluster::encryption_info::ENCRYPTION_IN_TRANSIT,
            Block::new()
                .set(msk_cluster::encryption_info::encryption_in_transit::CLIENT_BROKER, "TLS")
                .set(msk_cluster::encryption_info::encryption_in_transit::IN_CLUSTER, true),
        );
    let clients = Block::new().set(msk_cluster::client_authentication::UNAUTHENTICATED, false).block(
        msk_cluster::client_authentication::SASL,
        Block::new().set(msk_cluster::client_authentication::sasl::IAM, true),
    );
    let nodes = nodes(env, c, resource, design, &door);
    let cluster = env.add(
        NodeBuilder::new(c, msk_cluster::KIND, "this")
            .set(msk_cluster::CLUSTER_NAME, name)
            .set(msk_cluster::KAFKA_VERSION, version)
            .set(msk_cluster::NUMBER_OF_BROKER_NODES, brokers)
            .set(msk_cluster::ENHANCED_MONITORING, "PER_BROKER")
            .block(msk_cluster::BROKER_NODE_GROUP_INFO, nodes)
            .block(msk_cluster::CLIENT_AUTHENTICATION, clients)
            .block(msk_cluster::ENCRYPTION_INFO, at_rest)
            .block(msk_cluster::LOGGING_INFO, logging(&log))
            .lifecycle(store::protection(env))
            .purpose(format!("Runs the Kafka cluster {resource}")),
    );
    let bootstrap = cluster.get(msk_cluster::BOOTSTRAP_BROKERS_SASL_IAM);
    let mut offer = store::offer(resource, [("brokers", bootstrap), ("port", store::text(PORT))]);
    offer.fields.insert("arn", cluster.get(msk_cluster::ARN));
    offer.door = Some((door.get(security_group::ID), PORT));
    permissions(env, c, resource, &cluster, &mut offer);
    offer
}

fn nodes(
    env: &mut Env,
    c: &str,
    resource: &str,
    design: &BrokerDesign,
    door: &Handle<security_group::M>,
) -> Block<msk_cluster::broker_node_group_info::M> {
    use msk_cluster::broker_node_group_info::{self as group, storage_info};
    let decl = matching(
        "Instance type of a broker.",
        r"^kafka\.[a-z0-9]+\.[a-z0-9]+$",
        "a type such as kafka.m7g.large",
    );
    let class = env.input(c, "instance_type", decl, design.class.as_str());
    let decl = number("GiB of storage of each broker.", 1.0, 16384.0);
    let storage = env.input(c, "storage_gib", decl, design.storage_gib.max(1));
    let data = env.network().data;
    let zones = [3, 2]
        .into_iter()
        .find(|z| *z <= data.len() && (design.brokers as usize).is_multiple_of(*z) && design.brokers > 0);
    if zones.is_none() {
        env.diagnostics.push(uneven_brokers(env, resource, design.brokers));
    }
    let volume = Block::new().set(storage_info::ebs_storage_info::VOLUME_SIZE, storage);
    Block::new()
        .set(group::INSTANCE_TYPE, class)
        .set(group::CLIENT_SUBNETS, subnet_ids(&data[..zones.unwrap_or(data.len())]))
        .set(group::SECURITY_GROUPS, vec![door.get(security_group::ID)])
        .block(group::STORAGE_INFO, Block::new().block(storage_info::EBS_STORAGE_INFO, volume))
}

fn logging(log: &Handle<cloudwatch_log_group::M>) -> Block<msk_cluster::logging_info::M> {
    use msk_cluster::logging_info::{self as info, broker_logs};
    let cloudwatch = Block::new()
        .set(broker_logs::cloudwatch_logs::ENABLED, true)
        .set(broker_logs::cloudwatch_logs::LOG_GROUP, log.get(cloudwatch_log_group::NAME));
    Block::new().block(info::BROKER_LOGS, Block::new().block(broker_logs::CLOUDWATCH_LOGS, cloudwatch))
}

fn permissions(env: &mut Env, c: &str, resource: &str, cluster: &Handle<msk_cluster::M>, offer: &mut Offer) {
    let name = cluster.get(msk_cluster::CLUSTER_NAME);
    let uuid = cluster.get(msk_cluster::CLUSTER_UUID);
    let mut within = |what: &str| -> Value {
        env.arn(
            c,
            "kafka",
            [format!("{what}/").into(), name.clone(), "/".into(), uuid.clone(), Value::from("/*")],
        )
    };
    let (topics, groups) = (within("topic"), within("group"));
    let arn = cluster.get(msk_cluster::ARN);
    let connect = ["kafka-cluster:Connect", "kafka-cluster:DescribeCluster"];
    offer.read.extend([
        allow("Connect", resource, &connect, vec![arn.clone()]),
        allow(
            "Read",
            resource,
            &["kafka-cluster:DescribeTopic", "kafka-cluster:ReadData"],
            vec![topics.clone()],
        ),
        allow("Group", resource, &["kafka-cluster:AlterGroup", "kafka-cluster:DescribeGroup"], vec![groups]),
    ]);
    let write = ["kafka-cluster:CreateTopic", "kafka-cluster:DescribeTopic", "kafka-cluster:WriteData"];
    let idempotent =
        ["kafka-cluster:Connect", "kafka-cluster:DescribeCluster", "kafka-cluster:WriteDataIdempotently"];
    offer.write.extend([
        allow("ConnectWrite", resource, &idempotent, vec![arn]),
        allow("Write", resource, &write, vec![topics]),
    ]);
}

fn uneven_brokers(env: &Env, resource: &str, brokers: u32) -> Diagnostic {
    Diagnostic::error(
        "uneven-kafka-brokers",
        format!("{brokers} brokers of `{resource}` cannot be spread over zones"),
    )
    .at(env.spec.resources.get(resource).and_then(|r| r.span), "is a Kafka cluster")
    .because("MSK puts the same number of brokers into each of two or three zones.")
    .help("Ask for an availability that needs two or three zones")
}
