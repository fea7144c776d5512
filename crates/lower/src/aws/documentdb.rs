//! MongoDB-compatible databases on DocumentDB.
//!
//! A cluster with TLS demanded, audited and profiled. The master password is made and kept by the service. It
//! must not know the relational engines.

use catalog::aws::{
    docdb_cluster, docdb_cluster_instance, docdb_cluster_parameter_group, docdb_subnet_group, security_group,
};
use design::{DatabaseDesign, usage};
use ir::key::Handle;
use ir::{Block, NodeBuilder};

use super::database::{engine_version, instance_class};
use super::env::{number, subnet_ids};
use super::sql;
use super::store::{self, BACKUP_WINDOW, MAINTENANCE_WINDOW};
use super::{Env, Offer};

const PORT: u16 = 27017;
const EXPORTS: &[&str] = &["audit", "profiler"];

/// A cluster with its instances, subnet group, parameters, log groups and guard.
pub(crate) fn lower(env: &mut Env, resource: &str, design: &DatabaseDesign) -> Offer {
    let component = env.resource_component(resource);
    let c = component.as_str();
    env.component(c, "database", format!("Document database {resource}"));
    let door = store::door(env, c, resource);
    let cluster = cluster(env, c, resource, design, &door);
    let class = instance_class(env, c, &design.class);
    for number in 1..=design.instances.max(1) {
        let identifier =
            store::join([cluster.get(docdb_cluster::CLUSTER_IDENTIFIER), format!("-{number}").into()]);
        env.add(
            NodeBuilder::new(c, docdb_cluster_instance::KIND, "this")
                .key(number.to_string())
                .set(docdb_cluster_instance::IDENTIFIER, identifier)
                .set(docdb_cluster_instance::CLUSTER_IDENTIFIER, cluster.get(docdb_cluster::ID))
                .set(docdb_cluster_instance::INSTANCE_CLASS, class.clone())
                .set(docdb_cluster_instance::CA_CERT_IDENTIFIER, sql::CERTIFICATE_AUTHORITY)
                .set(docdb_cluster_instance::AUTO_MINOR_VERSION_UPGRADE, true)
                .set(docdb_cluster_instance::COPY_TAGS_TO_SNAPSHOT, true)
                .purpose(format!("Answers queries to {resource}, and takes over when another fails")),
        );
    }
    let secret = cluster.get_at(docdb_cluster::MASTER_USER_SECRET, 0, "secret_arn");
    sql::rotate(env, c, resource, secret.clone());
    let host = cluster.get(docdb_cluster::ENDPOINT);
    store::alias(env, c, resource, host.clone());
    let mut offer = sql::database_offer(env, resource, host, PORT, design.database.as_str().into(), secret);
    offer.door = Some((door.get(security_group::ID), PORT));
    offer
}

fn cluster(
    env: &mut Env,
    c: &str,
    resource: &str,
    design: &DatabaseDesign,
    door: &Handle<security_group::M>,
) -> Handle<docdb_cluster::M> {
    let subnets = subnet_group(env, c, resource);
    let parameters = parameter_group(env, c, resource, &design.version);
    let identifier = env.name_within(c, "identifier", resource, 60);
    let version = engine_version(env, c, &full_version(&design.version));
    let (deletion_protection, skip) =
        (store::deletion_protection(env, c), store::skip_final_snapshot(env, c));
    let mut builder = NodeBuilder::new(c, docdb_cluster::KIND, "this")
        .set(docdb_cluster::CLUSTER_IDENTIFIER, identifier.clone())
        .set(docdb_cluster::ENGINE, "docdb")
        .set(docdb_cluster::ENGINE_VERSION, version)
        .set(docdb_cluster::MASTER_USERNAME, sql::USER)
        .set(docdb_cluster::MANAGE_MASTER_USER_PASSWORD, true)
        .set(docdb_cluster::PORT, PORT)
        .set(docdb_cluster::STORAGE_ENCRYPTED, true)
        .set(docdb_cluster::KMS_KEY_ID, env.key_arn())
        .set(docdb_cluster::DB_SUBNET_GROUP_NAME, subnets.get(docdb_subnet_group::NAME))
        .set(docdb_cluster::VPC_SECURITY_GROUP_IDS, vec![door.get(security_group::ID)])
        .set(
            docdb_cluster::DB_CLUSTER_PARAMETER_GROUP_NAME,
            parameters.get(docdb_cluster_parameter_group::NAME),
        )
        .set(docdb_cluster::BACKUP_RETENTION_PERIOD, sql::retention(env, c))
        .set(docdb_cluster::PREFERRED_BACKUP_WINDOW, BACKUP_WINDOW)
        .set(docdb_cluster::PREFERRED_MAINTENANCE_WINDOW, MAINTENANCE_WINDOW)
        .set(docdb_cluster::DELETION_PROTECTION, deletion_protection)
        .set(docdb_cluster::SKIP_FINAL_SNAPSHOT, skip)
        .set(docdb_cluster::FINAL_SNAPSHOT_IDENTIFIER, store::join([identifier.clone(), "-final".into()]))
        .set(docdb_cluster::ENABLED_CLOUDWATCH_LOGS_EXPORTS, EXPORTS.to_vec());
    for export in EXPORTS {
        let name = store::join(["/aws/docdb/".into(), identifier.clone(), format!("/{export}").into()]);
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

fn subnet_group(env: &mut Env, component: &str, resource: &str) -> Handle<docdb_subnet_group::M> {
    let name = env.name(resource);
    let subnets = subnet_ids(&env.network().data);
    env.add(
        NodeBuilder::new(component, docdb_subnet_group::KIND, "this")
            .set(docdb_subnet_group::NAME, name)
            .set(docdb_subnet_group::DESCRIPTION, format!("Data subnets for {resource}"))
            .set(docdb_subnet_group::SUBNET_IDS, subnets)
            .purpose(format!("Keeps {resource} in subnets without a way to the internet")),
    )
}

fn parameter_group(
    env: &mut Env,
    component: &str,
    resource: &str,
    version: &str,
) -> Handle<docdb_cluster_parameter_group::M> {
    use docdb_cluster_parameter_group::parameter;
    let full = full_version(version);
    let series = full.split('.').take(2).collect::<Vec<_>>().join(".");
    let name = env.name(&format!("{resource}-{}", series.replace('.', "-")));
    let decl = number("Operations slower than so many milliseconds are profiled.", 50.0, 2_147_483_646.0);
    let slow = env.input(component, "slow_query_ms", decl, 1000);
    let parameters = [
        ("tls", "enabled".into()),
        ("audit_logs", "enabled".into()),
        ("profiler", "enabled".into()),
        ("profiler_threshold_ms", slow),
    ];
    let mut builder = NodeBuilder::new(component, docdb_cluster_parameter_group::KIND, "this")
        .set(docdb_cluster_parameter_group::NAME, name)
        .set(docdb_cluster_parameter_group::DESCRIPTION, format!("Parameters of {resource}"))
        .set(docdb_cluster_parameter_group::FAMILY, format!("docdb{series}"));
    for (name, value) in parameters {
        let block = Block::new().set(parameter::NAME, name).set(parameter::VALUE, value);
        builder = builder.block(docdb_cluster_parameter_group::PARAMETER, block);
    }
    env.add(
        builder
            .lifecycle(store::replace_first())
            .purpose(format!("Makes {resource} refuse connections without TLS and log what is slow")),
    )
}

/// DocumentDB wants all three parts of a version: `5.0` is `5.0.0`.
fn full_version(version: &str) -> String {
    let mut parts: Vec<&str> = version.split('.').collect();
    while parts.len() < 3 {
        parts.push("0");
    }
    parts.join(".")
}

#[cfg(test)]
mod tests {
    #[test]
    fn versions_are_completed() {
        for (given, full) in [("5", "5.0.0"), ("5.0", "5.0.0"), ("4.0.0", "4.0.0"), ("3.6.0.1", "3.6.0.1")] {
            assert_eq!(super::full_version(given), full);
        }
    }
}
