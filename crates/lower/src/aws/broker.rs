//! RabbitMQ on Amazon MQ.
//!
//! The broker wants a password when it is made, and the provider keeps it in state: there is no managed one and
//! no write-only argument. So the deployment reads the password from the secret that services read, and a warning
//! says where it ends up. Later the password changes in the broker itself and in the secret: Amazon MQ changes no
//! user of RabbitMQ, so plans neither need the value nor see a difference. It must not know who publishes.

use catalog::aws::{mq_broker, secretsmanager_secret, security_group};
use design::{BrokerDesign, usage};
use ir::{Block, Diagnostic, InputDecl, InputType, Lifecycle, NodeBuilder, Ref, SecretRef, Step, Value};

use super::env::{matching, one_of, subnet_ids};
use super::secrets::{operator_secret, operator_secret_name};
use super::store;
use super::{Env, Offer};

const USER: &str = "app";
/// AMQP over TLS; brokers of Amazon MQ take nothing else.
const PORT: u16 = 5671;

/// A broker, alone or as a cluster over the zones.
pub(crate) fn lower(env: &mut Env, resource: &str, design: &BrokerDesign) -> Offer {
    let component = env.resource_component(resource);
    let c = component.as_str();
    env.component(c, "broker", format!("Message broker {resource}"));
    let door = store::door(env, c, resource);
    let secret = operator_secret(env, c, resource, "password");
    let name = env.name_within(c, "broker_name", resource, 50);
    let cluster = design.brokers > 1;
    let decl = one_of("Whether the broker is alone or a cluster.", ["SINGLE_INSTANCE", "CLUSTER_MULTI_AZ"]);
    let mode =
        env.input(c, "deployment_mode", decl, if cluster { "CLUSTER_MULTI_AZ" } else { "SINGLE_INSTANCE" });
    let decl =
        matching("Instance type of a broker.", r"^mq\.[a-z0-9]+\.[a-z0-9]+$", "a type such as mq.m5.large");
    let class = env.input(c, "instance_type", decl, design.class.as_str());
    let decl = matching("Version of RabbitMQ.", r"^[0-9]+\.[0-9]+$", "a version such as 3.13");
    let version = env.input(c, "engine_version", decl, design.version.as_str());
    let data = env.network().data;
    let subnets = if cluster { subnet_ids(&data) } else { subnet_ids(&data[..data.len().min(1)]) };
    let user = Block::new()
        .set(mq_broker::user::USERNAME, USER)
        .set(mq_broker::user::PASSWORD, password(env, c, resource));
    let encryption = Block::new()
        .set(mq_broker::encryption_options::KMS_KEY_ID, env.key_arn())
        .set(mq_broker::encryption_options::USE_AWS_OWNED_KEY, false);
    let window = Block::new()
        .set(mq_broker::maintenance_window_start_time::DAY_OF_WEEK, "SUNDAY")
        .set(mq_broker::maintenance_window_start_time::TIME_OF_DAY, "03:30")
        .set(mq_broker::maintenance_window_start_time::TIME_ZONE, "UTC");
    // Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-amazonmq-broker-user.html>,
    // 2026-11-23: RabbitMQ takes one user when a broker is made; after that its own interface changes users.
    let lifecycle =
        Lifecycle { ignore_changes: vec![mq_broker::USER.name.to_owned()], ..store::protection(env) };
    let broker = env.add(
        NodeBuilder::new(c, mq_broker::KIND, "this")
            .set(mq_broker::BROKER_NAME, name)
            .set(mq_broker::ENGINE_TYPE, "RabbitMQ")
            .set(mq_broker::ENGINE_VERSION, version)
            .set(mq_broker::HOST_INSTANCE_TYPE, class)
            .set(mq_broker::DEPLOYMENT_MODE, mode)
            .set(mq_broker::SUBNET_IDS, subnets)
            .set(mq_broker::SECURITY_GROUPS, vec![door.get(security_group::ID)])
            .set(mq_broker::PUBLICLY_ACCESSIBLE, false)
            .set(mq_broker::AUTO_MINOR_VERSION_UPGRADE, true)
            .block(mq_broker::ENCRYPTION_OPTIONS, encryption)
            .block(mq_broker::LOGS, Block::new().set(mq_broker::logs::GENERAL, true))
            .block(mq_broker::MAINTENANCE_WINDOW_START_TIME, window)
            .block(mq_broker::USER, user)
            .lifecycle(lifecycle)
            .purpose(format!("Runs the message broker {resource}"))
            .usage("storage_gib", usage::broker_gib(design)),
    );
    let url = Value::Ref(Ref {
        to: broker.address.clone(),
        path: vec![
            Step::Attr(mq_broker::INSTANCES.name.to_owned()),
            Step::Index(0),
            Step::Attr("endpoints".to_owned()),
            Step::Index(0),
        ],
    });
    let facts = [("url", url), ("port", store::text(PORT)), ("user", USER.into())];
    let mut offer = store::offer(resource, facts);
    let arn = secret.get(secretsmanager_secret::ARN);
    store::offer_secret(&mut offer, resource, "password", arn.clone(), arn, env.key_arn());
    offer.door = Some((door.get(security_group::ID), PORT));
    offer
}

fn password(env: &mut Env, component: &str, resource: &str) -> Value {
    let name = operator_secret_name(env, resource, "password");
    let place = name.text().expect("names within an environment are known");
    env.diagnostics.push(
        Diagnostic::warning("broker-password-in-state", format!("the password of `{resource}` is kept in the state"))
            .at(env.spec.resources.get(resource).and_then(|r| r.span), "is a RabbitMQ broker")
            .because(
                "Amazon MQ wants a password when a broker is made, and the provider has no way to pass it without \
                 keeping it. The state is encrypted and only the pipeline reads it.",
            )
            .help(format!(
                "put 12 characters or more, without commas, colons and equal signs, into the secret \
                 `{resource}/password` of each environment before its broker is made; a password that is changed in \
                 RabbitMQ later is not in the state",
            )),
    );
    let decl = InputDecl {
        ty: InputType::String,
        description: "First password of the broker's user, read from the secret store by the deployment."
            .into(),
        validation: None,
        from_pipeline: true,
    };
    env.input(component, "password", decl, Value::Secret(SecretRef { name: place }))
}
