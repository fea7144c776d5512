//! Relational databases on Aurora.
//!
//! A cluster whose storage grows by itself, with instances spread over the zones; any of them takes over. The
//! master password is made and kept by the service. It must not know single RDS instances.

use catalog::aws::{
    db_subnet_group, iam_role, rds_cluster, rds_cluster_instance, rds_cluster_parameter_group, security_group,
};
use design::{DatabaseDesign, usage};
use ir::key::Handle;
use ir::{Block, NodeBuilder};

use super::database::{engine_version, instance_class, subnet_group};
use super::sql::{self, Engine};
use super::store::{self, BACKUP_WINDOW, MAINTENANCE_WINDOW};
use super::{Env, Offer};

/// A cluster with its instances, subnet group, parameters, log groups, guard and monitoring role.
pub(crate) fn lower(env: &mut Env, resource: &str, design: &DatabaseDesign) -> Offer {
    let component = env.resource_component(resource);
    let c = component.as_str();
    let engine = Engine::of(design);
    env.component(c, "database", format!("Database {resource}"));
    let door = store::door(env, c, resource);
    let cluster = cluster(env, c, resource, design, &door);
    instances(env, c, resource, design, &cluster);
    let secret = cluster.get_at(rds_cluster::MASTER_USER_SECRET, 0, "secret_arn");
    sql::rotate(env, c, resource, secret.clone());
    let host = cluster.get(rds_cluster::ENDPOINT);
    store::alias(env, c, resource, host.clone());
    let name = cluster.get(rds_cluster::DATABASE_NAME);
    let mut offer = sql::database_offer(env, resource, host, engine.port(), name, secret);
    let reader = cluster.get(rds_cluster::READER_ENDPOINT);
    offer.env.extend(store::settings(resource, [("READER_HOST", reader)]));
    offer.door = Some((door.get(security_group::ID), engine.port()));
    offer
}

fn cluster(
    env: &mut Env,
    c: &str,
    resource: &str,
    design: &DatabaseDesign,
    door: &Handle<security_group::M>,
) -> Handle<rds_cluster::M> {
    let engine = Engine::of(design);
    let subnets = subnet_group(env, c, resource);
    let parameters = parameter_group(env, c, resource, engine, &design.version);
    // Instances add a number, so the cluster's own name leaves room for it.
    let identifier = env.name_within(c, "identifier", resource, 60);
    let exports: &[&str] = match engine {
        Engine::Postgres => &["postgresql"],
        Engine::Mysql => &["audit", "error", "slowquery"],
    };
    let version = engine_version(env, c, &design.version);
    let (deletion_protection, skip) =
        (store::deletion_protection(env, c), store::skip_final_snapshot(env, c));
    let mut builder = NodeBuilder::new(c, rds_cluster::KIND, "this")
        .set(rds_cluster::CLUSTER_IDENTIFIER, identifier.clone())
        .set(rds_cluster::ENGINE, engine.aurora_name())
        .set(rds_cluster::ENGINE_VERSION, version)
        .set(rds_cluster::DATABASE_NAME, design.database.as_str())
        .set(rds_cluster::MASTER_USERNAME, sql::USER)
        .set(rds_cluster::MANAGE_MASTER_USER_PASSWORD, true)
        .set(rds_cluster::MASTER_USER_SECRET_KMS_KEY_ID, env.key_arn())
        .set(rds_cluster::PORT, engine.port())
        .set(rds_cluster::STORAGE_ENCRYPTED, true)
        .set(rds_cluster::KMS_KEY_ID, env.key_arn())
        .set(rds_cluster::DB_SUBNET_GROUP_NAME, subnets.get(db_subnet_group::NAME))
        .set(rds_cluster::VPC_SECURITY_GROUP_IDS, vec![door.get(security_group::ID)])
        .set(rds_cluster::DB_CLUSTER_PARAMETER_GROUP_NAME, parameters.get(rds_cluster_parameter_group::NAME))
        .set(rds_cluster::IAM_DATABASE_AUTHENTICATION_ENABLED, true)
        .set(rds_cluster::BACKUP_RETENTION_PERIOD, sql::retention(env, c))
        .set(rds_cluster::PREFERRED_BACKUP_WINDOW, BACKUP_WINDOW)
        .set(rds_cluster::PREFERRED_MAINTENANCE_WINDOW, MAINTENANCE_WINDOW)
        .set(rds_cluster::COPY_TAGS_TO_SNAPSHOT, true)
        .set(rds_cluster::DELETION_PROTECTION, deletion_protection)
        .set(rds_cluster::SKIP_FINAL_SNAPSHOT, skip)
        .set(rds_cluster::FINAL_SNAPSHOT_IDENTIFIER, store::join([identifier.clone(), "-final".into()]))
        .set(rds_cluster::ENABLED_CLOUDWATCH_LOGS_EXPORTS, exports.to_vec());
    for export in exports {
        let name = store::join(["/aws/rds/cluster/".into(), identifier.clone(), format!("/{export}").into()]);
        let group = store::log_group(env, c, export, name, &format!("Keeps the {export} log of {resource}"));
        builder = builder.depends_on(&group.address);
    }
    env.add(
        builder
            .lifecycle(store::protection(env))
            .purpose(format!("Holds the data of {resource} in six copies over three zones"))
            .usage("storage_gib", f64::from(design.storage_gib))
            .usage("io_requests", usage::io_requests(design))
            .usage(
                "backup_gib",
                usage::backup_gib(design.storage_gib, env.design.recovery.point_in_time_days),
            ),
    )
}

fn instances(
    env: &mut Env,
    c: &str,
    resource: &str,
    design: &DatabaseDesign,
    cluster: &Handle<rds_cluster::M>,
) {
    let role = sql::monitoring_role(env, c, resource);
    let class = instance_class(env, c, &design.class);
    let samples = sql::performance_insights(env, resource);
    for number in 1..=design.instances.max(1) {
        let identifier =
            store::join([cluster.get(rds_cluster::CLUSTER_IDENTIFIER), format!("-{number}").into()]);
        let mut builder = NodeBuilder::new(c, rds_cluster_instance::KIND, "this")
            .key(number.to_string())
            .set(rds_cluster_instance::IDENTIFIER, identifier)
            .set(rds_cluster_instance::CLUSTER_IDENTIFIER, cluster.get(rds_cluster::ID))
            .set(rds_cluster_instance::ENGINE, cluster.get(rds_cluster::ENGINE))
            .set(rds_cluster_instance::ENGINE_VERSION, cluster.get(rds_cluster::ENGINE_VERSION))
            .set(rds_cluster_instance::INSTANCE_CLASS, class.clone())
            .set(rds_cluster_instance::DB_SUBNET_GROUP_NAME, cluster.get(rds_cluster::DB_SUBNET_GROUP_NAME))
            .set(rds_cluster_instance::PUBLICLY_ACCESSIBLE, false)
            .set(rds_cluster_instance::CA_CERT_IDENTIFIER, sql::CERTIFICATE_AUTHORITY)
            .set(rds_cluster_instance::AUTO_MINOR_VERSION_UPGRADE, true)
            .set(rds_cluster_instance::COPY_TAGS_TO_SNAPSHOT, true)
            .set(rds_cluster_instance::MONITORING_INTERVAL, sql::MONITORING_SECONDS)
            .set(rds_cluster_instance::MONITORING_ROLE_ARN, role.get(iam_role::ARN));
        if samples {
            builder = builder
                .set(rds_cluster_instance::PERFORMANCE_INSIGHTS_ENABLED, true)
                .set(rds_cluster_instance::PERFORMANCE_INSIGHTS_KMS_KEY_ID, env.key_arn())
                .set(rds_cluster_instance::PERFORMANCE_INSIGHTS_RETENTION_PERIOD, sql::PERFORMANCE_DAYS);
        }
        env.add(builder.purpose(format!("Answers queries to {resource}, and takes over when another fails")));
    }
}

fn parameter_group(
    env: &mut Env,
    component: &str,
    resource: &str,
    engine: Engine,
    version: &str,
) -> Handle<rds_cluster_parameter_group::M> {
    use rds_cluster_parameter_group::parameter;
    let series = engine.series(version);
    let slow = engine.slow_query(env, component);
    let name = env.name(&format!("{resource}-{}", series.replace('.', "-")));
    let mut parameters = engine.parameters(slow);
    if engine == Engine::Mysql {
        parameters.push(("server_audit_logging", "1".into()));
        parameters.push(("server_audit_events", "CONNECT,QUERY_DCL,QUERY_DDL".into()));
    }
    let mut builder = NodeBuilder::new(component, rds_cluster_parameter_group::KIND, "this")
        .set(rds_cluster_parameter_group::NAME, name)
        .set(rds_cluster_parameter_group::DESCRIPTION, format!("Parameters of {resource}"))
        .set(rds_cluster_parameter_group::FAMILY, format!("{}{series}", engine.aurora_name()));
    for (name, value) in parameters {
        let block = Block::new().set(parameter::NAME, name).set(parameter::VALUE, value);
        builder = builder.block(rds_cluster_parameter_group::PARAMETER, block);
    }
    env.add(
        builder
            .lifecycle(store::replace_first())
            .purpose(format!("Makes {resource} refuse connections without TLS and log what is slow")),
    )
}
