//! Relational databases on RDS.
//!
//! One instance, with a standby when the design asks for one. The master password is made and kept by RDS, so
//! that it never passes through code or state. It must not know Aurora.

use catalog::aws::{db_instance, db_parameter_group, db_subnet_group, iam_role, security_group};
use design::{DatabaseDesign, ResourceChoice, usage};
use ir::key::Handle;
use ir::{Block, NodeBuilder, Value};

use super::env::{flag, matching, number, subnet_ids};
use super::sql::{self, Engine};
use super::store::{self, BACKUP_WINDOW, MAINTENANCE_WINDOW};
use super::{Env, Offer};

/// An RDS instance with its subnet group, parameters, log groups, guard and monitoring role.
pub(crate) fn lower(env: &mut Env, resource: &str, design: &DatabaseDesign) -> Offer {
    let component = env.resource_component(resource);
    let c = component.as_str();
    let engine = Engine::of(design);
    env.component(c, "database", format!("Database {resource}"));
    let door = store::door(env, c, resource);
    let subnets = subnet_group(env, c, resource);
    let parameters = parameter_group(env, c, resource, engine, &design.version);
    let role = sql::monitoring_role(env, c, resource);
    let identifier = env.name_within(c, "identifier", resource, 63);
    let exports: &[&str] = match engine {
        Engine::Postgres => &["postgresql", "upgrade"],
        Engine::Mysql => &["error", "slowquery"],
    };
    let mut builder = NodeBuilder::new(c, db_instance::KIND, "this")
        .set(db_instance::IDENTIFIER, identifier.clone())
        .set(db_instance::ENGINE, engine.name())
        .set(db_instance::ENGINE_VERSION, engine_version(env, c, &design.version))
        .set(db_instance::INSTANCE_CLASS, instance_class(env, c, &design.class))
        .set(db_instance::DB_NAME, design.database.as_str())
        .set(db_instance::USERNAME, sql::USER)
        .set(db_instance::MANAGE_MASTER_USER_PASSWORD, true)
        .set(db_instance::MASTER_USER_SECRET_KMS_KEY_ID, env.key_arn())
        .set(db_instance::PORT, engine.port());
    builder = storage(env, c, resource, design, builder);
    let multi_az = env.input(
        c,
        "multi_az",
        flag("Whether a standby in another zone takes over by itself."),
        design.multi_az,
    );
    let (deletion_protection, skip) =
        (store::deletion_protection(env, c), store::skip_final_snapshot(env, c));
    builder = builder
        .set(db_instance::MULTI_AZ, multi_az)
        .set(db_instance::DB_SUBNET_GROUP_NAME, subnets.get(db_subnet_group::NAME))
        .set(db_instance::VPC_SECURITY_GROUP_IDS, vec![door.get(security_group::ID)])
        .set(db_instance::PUBLICLY_ACCESSIBLE, false)
        .set(db_instance::PARAMETER_GROUP_NAME, parameters.get(db_parameter_group::NAME))
        .set(db_instance::CA_CERT_IDENTIFIER, sql::CERTIFICATE_AUTHORITY)
        .set(db_instance::IAM_DATABASE_AUTHENTICATION_ENABLED, true)
        .set(db_instance::BACKUP_RETENTION_PERIOD, sql::retention(env, c))
        .set(db_instance::BACKUP_WINDOW, BACKUP_WINDOW)
        .set(db_instance::MAINTENANCE_WINDOW, MAINTENANCE_WINDOW)
        .set(db_instance::AUTO_MINOR_VERSION_UPGRADE, true)
        .set(db_instance::COPY_TAGS_TO_SNAPSHOT, true)
        .set(db_instance::DELETION_PROTECTION, deletion_protection)
        .set(db_instance::SKIP_FINAL_SNAPSHOT, skip)
        .set(db_instance::FINAL_SNAPSHOT_IDENTIFIER, store::join([identifier.clone(), "-final".into()]))
        .set(db_instance::MONITORING_INTERVAL, sql::MONITORING_SECONDS)
        .set(db_instance::MONITORING_ROLE_ARN, role.get(iam_role::ARN))
        .set(db_instance::ENABLED_CLOUDWATCH_LOGS_EXPORTS, exports.to_vec());
    if sql::performance_insights(env, resource) {
        builder = builder
            .set(db_instance::PERFORMANCE_INSIGHTS_ENABLED, true)
            .set(db_instance::PERFORMANCE_INSIGHTS_KMS_KEY_ID, env.key_arn())
            .set(db_instance::PERFORMANCE_INSIGHTS_RETENTION_PERIOD, sql::PERFORMANCE_DAYS);
    }
    // RDS would make the groups itself, without retention and without the key.
    for export in exports {
        let name =
            store::join(["/aws/rds/instance/".into(), identifier.clone(), format!("/{export}").into()]);
        let group = store::log_group(env, c, export, name, &format!("Keeps the {export} log of {resource}"));
        builder = builder.depends_on(&group.address);
    }
    let days = env.design.recovery.point_in_time_days;
    let database = env.add(
        builder
            .lifecycle(store::protection(env))
            .purpose(format!("Runs the database {resource}"))
            .usage("backup_gib", usage::backup_gib(design.storage_gib, days)),
    );
    let secret = database.get_at(db_instance::MASTER_USER_SECRET, 0, "secret_arn");
    sql::rotate(env, c, resource, secret.clone());
    let host = database.get(db_instance::ADDRESS);
    store::alias(env, c, resource, host.clone());
    let name = database.get(db_instance::DB_NAME);
    let mut offer = sql::database_offer(env, resource, host.clone(), engine.port(), name, secret);
    // One instance answers reads too: a program finds the same settings in every environment.
    offer.env.extend(store::settings(resource, [("READER_HOST", host)]));
    offer.door = Some((door.get(security_group::ID), engine.port()));
    offer
}

/// Subnets of the data tier, where nothing has a way out.
pub(crate) fn subnet_group(env: &mut Env, component: &str, resource: &str) -> Handle<db_subnet_group::M> {
    let name = env.name(resource);
    let subnets = subnet_ids(&env.network().data);
    env.add(
        NodeBuilder::new(component, db_subnet_group::KIND, "this")
            .set(db_subnet_group::NAME, name)
            .set(db_subnet_group::DESCRIPTION, format!("Data subnets for {resource}"))
            .set(db_subnet_group::SUBNET_IDS, subnets)
            .purpose(format!("Keeps {resource} in subnets without a way to the internet")),
    )
}

/// The input for an engine version.
pub(crate) fn engine_version(env: &mut Env, component: &str, version: &str) -> Value {
    let decl = matching(
        "Version of the engine; a major version alone takes minor updates by itself.",
        r"^[0-9][0-9A-Za-z._]*$",
        "a version such as 16 or 8.0",
    );
    env.input(component, "engine_version", decl, version)
}

/// The input for a class of database instances.
pub(crate) fn instance_class(env: &mut Env, component: &str, class: &str) -> Value {
    let decl = matching(
        "Class of a database instance.",
        r"^db\.[a-z0-9-]+\.[a-z0-9]+$",
        "an instance class such as db.t4g.medium",
    );
    env.input(component, "instance_class", decl, class)
}

fn parameter_group(
    env: &mut Env,
    component: &str,
    resource: &str,
    engine: Engine,
    version: &str,
) -> Handle<db_parameter_group::M> {
    use db_parameter_group::parameter;
    let series = engine.series(version);
    let slow = engine.slow_query(env, component);
    // The series is part of the name: an upgrade makes a new group before the old one goes.
    let name = env.name(&format!("{resource}-{}", series.replace('.', "-")));
    let mut builder = NodeBuilder::new(component, db_parameter_group::KIND, "this")
        .set(db_parameter_group::NAME, name)
        .set(db_parameter_group::DESCRIPTION, format!("Parameters of {resource}"))
        .set(db_parameter_group::FAMILY, format!("{}{series}", engine.name()));
    for (name, value) in engine.parameters(slow) {
        let block = Block::new().set(parameter::NAME, name).set(parameter::VALUE, value);
        builder = builder.block(db_parameter_group::PARAMETER, block);
    }
    env.add(
        builder
            .lifecycle(store::replace_first())
            .purpose(format!("Makes {resource} refuse connections without TLS and log what is slow")),
    )
}

fn storage(
    env: &mut Env,
    component: &str,
    resource: &str,
    design: &DatabaseDesign,
    builder: NodeBuilder<db_instance::M>,
) -> NodeBuilder<db_instance::M> {
    let gib = |what: &str| number(what, 20.0, 65536.0);
    let allocated =
        env.input(component, "storage_gib", gib("GiB of storage to begin with."), design.storage_gib);
    let most = design.max_storage_gib.max(design.storage_gib);
    let max = env.input(component, "max_storage_gib", gib("GiB that storage may grow to by itself."), most);
    let builder = builder
        .set(db_instance::ALLOCATED_STORAGE, allocated)
        .set(db_instance::MAX_ALLOCATED_STORAGE, max)
        .set(db_instance::STORAGE_TYPE, "gp3")
        .set(db_instance::STORAGE_ENCRYPTED, true)
        .set(db_instance::KMS_KEY_ID, env.key_arn());
    if !any_environment_provisions_iops(env, resource) {
        return builder;
    }
    let iops = if design.iops == 0 { Value::Null } else { design.iops.into() };
    let decl = ir::InputDecl {
        ty: ir::InputType::Number,
        description: "Provisioned I/O operations a second; null for the storage's own.".into(),
        validation: None,
        from_pipeline: false,
    };
    let iops = env.input(component, "iops", decl, iops);
    builder.set(db_instance::IOPS, iops)
}

/// Environments share the module, so the attribute stands in all of them or in none.
fn any_environment_provisions_iops(env: &Env, resource: &str) -> bool {
    env.blueprint
        .environments
        .values()
        .filter_map(|e| e.resources.get(resource))
        .any(|r| matches!(&r.choice, ResourceChoice::Rds(design) if design.iops > 0))
}
