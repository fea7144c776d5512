//! Relational databases on Cloud SQL.
//!
//! One instance without a public address, with a standby in another zone when the design asks for one. The password
//! comes from a secret that the operator put, by an argument that Terraform keeps nowhere. It must not know who connects.

use catalog::google::{
    compute_global_address, service_networking_connection as peering, sql_database,
    sql_database_instance as instance, sql_user,
};
use design::{DatabaseDesign, usage};
use ir::key::Handle;
use ir::{Block, InputDecl, InputType, NodeBuilder, SecretRef, Value};

use super::env::{flag, matching, number};
use super::offer::Door;
use super::{Env, Offer, network, secrets};
use crate::names::{settings, variable};

/// Name of the user that services connect as.
const USER: &str = "app";
/// When backups are taken, UTC: before the maintenance window, so that a failed update finds a fresh copy.
const BACKUP_TIME: &str = "02:00";
/// Day (Sunday) and hour when the cloud may patch, UTC.
const MAINTENANCE: (i64, i64) = (7, 4);
/// Most days of logs that a restore to any second may go back: what the Enterprise edition keeps.
const LOG_DAYS: u32 = 7;
/// Queries slower than so many milliseconds are logged.
const SLOW_MILLISECONDS: i64 = 1000;

/// An engine.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Engine {
    Postgres,
    Mysql,
}

impl Engine {
    /// The engine of a design; anything but MySQL is PostgreSQL.
    fn of(design: &DatabaseDesign) -> Self {
        if design.engine.contains("mysql") { Engine::Mysql } else { Engine::Postgres }
    }

    fn port(self) -> u16 {
        match self {
            Engine::Postgres => 5432,
            Engine::Mysql => 3306,
        }
    }

    /// A version as Cloud SQL writes it: `POSTGRES_16`, `MYSQL_8_0`, `MYSQL_8_4`.
    fn version(self, version: &str) -> String {
        let (name, parts) = match self {
            Engine::Postgres => ("POSTGRES", 1),
            Engine::Mysql => ("MYSQL", 2),
        };
        let series: Vec<&str> = version.split('.').take(parts).collect();
        format!("{name}_{}", series.join("_"))
    }

    /// Flags that differ from the defaults: logs that explain slowness.
    fn flags(self, slow: Value) -> Vec<(&'static str, Value)> {
        match self {
            Engine::Postgres => vec![
                ("log_connections", "on".into()),
                ("log_disconnections", "on".into()),
                ("log_lock_waits", "on".into()),
                ("log_min_duration_statement", slow),
            ],
            Engine::Mysql => vec![
                ("slow_query_log", "on".into()),
                ("long_query_time", (SLOW_MILLISECONDS / 1000).to_string().into()),
                ("log_output", "FILE".into()),
            ],
        }
    }
}

/// An instance with its database and user.
pub(crate) fn lower(env: &mut Env, resource: &str, design: &DatabaseDesign) -> Offer {
    let component = env.resource_component(resource);
    let c = component.as_str();
    let engine = Engine::of(design);
    env.component(c, "database", format!("Database {resource}"));
    let network = env.network();
    let (range, connection) = network.peering.expect("a network with databases has a way to them");
    let name = env.name_within(c, "instance_name", resource, 80);
    let decl =
        matching("Version of the engine.", "^(POSTGRES|MYSQL)_[0-9_]+$", "a version such as POSTGRES_16");
    let version = env.input(c, "database_version", decl, engine.version(&design.version));
    let protection = env.deletion_protection(c);
    let set = configuration(env, c, design, engine, &range, &connection);
    let lifecycle = env.protection();
    let (region, days) = (env.region(), env.design.recovery.point_in_time_days);
    let whole = match env.design.recovery.backup_days {
        0 => 0.0,
        copies => usage::copies_gib(f64::from(design.storage_gib), copies),
    };
    let kept = usage::backup_gib(design.storage_gib, days) + whole;
    let database = env.add(
        NodeBuilder::new(c, instance::KIND, "this")
            .set(instance::NAME, name)
            .set(instance::DATABASE_VERSION, version)
            .set(instance::REGION, region)
            // Terraform's own refusal; the cloud's is among the settings.
            .set(instance::DELETION_PROTECTION, protection)
            .block(instance::SETTINGS, set)
            .lifecycle(lifecycle)
            .usage("backup_gib", kept)
            .purpose(format!("Runs the database {resource}")),
    );
    let inside = env.add(
        NodeBuilder::new(c, sql_database::KIND, "this")
            .set(sql_database::NAME, design.database.as_str())
            .set(sql_database::INSTANCE, database.get(instance::NAME))
            // A database with tables or open connections is taken away with its instance only.
            .set(sql_database::DELETION_POLICY, "ABANDON")
            .purpose(format!("Holds the tables of {resource}")),
    );
    let password = password(env, c, resource);
    env.add(
        NodeBuilder::new(c, sql_user::KIND, "this")
            .set(sql_user::NAME, USER)
            .set(sql_user::INSTANCE, database.get(instance::NAME))
            .set(sql_user::PASSWORD_WO, password)
            .set(sql_user::PASSWORD_WO_VERSION, 1)
            // What a user owns keeps it from being dropped.
            .set(sql_user::DELETION_POLICY, "ABANDON")
            .purpose(format!("Lets services connect to {resource}")),
    );
    let host = network::name_store(env, c, resource, database.get(instance::PRIVATE_IP_ADDRESS));
    let facts = [
        ("host", host.clone()),
        ("port", engine.port().to_string().into()),
        ("name", inside.get(sql_database::NAME)),
        ("user", USER.into()),
    ];
    let mut offer = Offer::of(resource, facts);
    // One instance answers reads too: a program finds the same settings in every environment.
    offer.env.extend(settings(resource, [("READER_HOST", host), ("TLS", "true".into())]));
    offer.secrets.insert(variable(resource, "password"), secrets::password_place(env, resource));
    let range = network::database_range(&range);
    offer.door = Some(Door { name: resource.to_owned(), range, port: engine.port() });
    offer
}

fn configuration(
    env: &mut Env,
    c: &str,
    design: &DatabaseDesign,
    engine: Engine,
    range: &Handle<compute_global_address::M>,
    connection: &Handle<peering::M>,
) -> Block<instance::settings::M> {
    use instance::settings::{self, ip_configuration, maintenance_window};
    let decl = matching("Size of an instance.", "^db-[A-Za-z0-9-]+$", "a size such as db-custom-2-7680");
    let tier = env.input(c, "tier", decl, design.class.as_str());
    let decl =
        super::env::one_of("One zone, or a standby in another that takes over.", ["ZONAL", "REGIONAL"]);
    let availability =
        env.input(c, "availability_type", decl, if design.multi_az { "REGIONAL" } else { "ZONAL" });
    let gib = |what: &str| number(what, 10.0, 65_536.0);
    let size = env.input(c, "storage_gib", gib("GiB of storage to begin with."), design.storage_gib.max(10));
    let most = design.max_storage_gib.max(design.storage_gib).max(10);
    let most = env.input(c, "max_storage_gib", gib("GiB that storage may grow to by itself."), most);
    let protection = env.deletion_protection(c);
    let decl = number("Queries slower than so many milliseconds are logged.", 0.0, 3_600_000.0);
    let slow = match engine {
        Engine::Postgres => env.input(c, "slow_query_ms", decl, SLOW_MILLISECONDS),
        Engine::Mysql => Value::Null,
    };
    let (day, hour) = MAINTENANCE;
    let mut set = Block::new()
        .set(settings::EDITION, "ENTERPRISE")
        .set(settings::TIER, tier)
        .set(settings::AVAILABILITY_TYPE, availability)
        .set(settings::DISK_TYPE, "PD_SSD")
        .set(settings::DISK_SIZE, size)
        .set(settings::DISK_AUTORESIZE, true)
        .set(settings::DISK_AUTORESIZE_LIMIT, most)
        .set(settings::DELETION_PROTECTION_ENABLED, protection)
        .block(settings::BACKUP_CONFIGURATION, backups(env, c, engine))
        .block(
            settings::IP_CONFIGURATION,
            Block::new()
                .set(ip_configuration::IPV4_ENABLED, false)
                // By way of the connection: an instance cannot be made before it.
                .set(ip_configuration::PRIVATE_NETWORK, connection.get(peering::NETWORK))
                .set(ip_configuration::ALLOCATED_IP_RANGE, range.get(compute_global_address::NAME))
                .set(ip_configuration::SSL_MODE, "ENCRYPTED_ONLY"),
        )
        .block(
            settings::MAINTENANCE_WINDOW,
            Block::new()
                .set(maintenance_window::DAY, day)
                .set(maintenance_window::HOUR, hour)
                .set(maintenance_window::UPDATE_TRACK, "stable"),
        )
        .block(
            settings::INSIGHTS_CONFIG,
            Block::new().set(settings::insights_config::QUERY_INSIGHTS_ENABLED, true),
        );
    for (name, value) in engine.flags(slow) {
        use settings::database_flags as one;
        set = set.block(settings::DATABASE_FLAGS, Block::new().set(one::NAME, name).set(one::VALUE, value));
    }
    set
}

fn backups(env: &mut Env, c: &str, engine: Engine) -> Block<instance::settings::backup_configuration::M> {
    use instance::settings::backup_configuration::{self as backup, backup_retention_settings as kept};
    let recovery = &env.design.recovery;
    let logs = recovery.point_in_time_days.clamp(1, LOG_DAYS);
    let copies = recovery.backup_days.max(recovery.point_in_time_days).clamp(1, 365);
    let place = recovery.copy_region.clone();
    let decl =
        number("Days within which the database can be restored to any second.", 1.0, f64::from(LOG_DAYS));
    let logs = env.input(c, "log_days", decl, logs);
    let decl = number("Daily copies that are kept.", 1.0, 365.0);
    let copies = env.input(c, "backups", decl, copies);
    let decl = flag("Whether the database can be restored to any second.");
    let any_second = env.input(c, "point_in_time", decl, true);
    let by_engine = match engine {
        Engine::Postgres => backup::POINT_IN_TIME_RECOVERY_ENABLED,
        Engine::Mysql => backup::BINARY_LOG_ENABLED,
    };
    let decl = super::env::text("Where daily copies are kept.");
    let region = env.blueprint.region.clone();
    let place = env.input(c, "backup_location", decl, place.unwrap_or(region));
    Block::new()
        .set(backup::ENABLED, true)
        .set(backup::START_TIME, BACKUP_TIME)
        .set(backup::LOCATION, place)
        .set(by_engine, any_second)
        .set(backup::TRANSACTION_LOG_RETENTION_DAYS, logs)
        .block(
            backup::BACKUP_RETENTION_SETTINGS,
            Block::new().set(kept::RETAINED_BACKUPS, copies).set(kept::RETENTION_UNIT, "COUNT"),
        )
}

/// The password, which the deployment reads where services read it.
fn password(env: &mut Env, component: &str, resource: &str) -> Value {
    let place = secrets::password_place(env, resource).text().expect("names within an environment are known");
    let decl = InputDecl {
        ty: InputType::String,
        description: "Password of the database's user, read from the secret store by the deployment.".into(),
        validation: None,
        from_pipeline: true,
    };
    env.input(component, "password", decl, Value::Secret(SecretRef { name: place }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_written_as_cloud_sql_does() {
        let rows = [
            (Engine::Postgres, "16", "POSTGRES_16"),
            (Engine::Postgres, "16.4", "POSTGRES_16"),
            (Engine::Mysql, "8.0.36", "MYSQL_8_0"),
            (Engine::Mysql, "8.4", "MYSQL_8_4"),
        ];
        for (engine, version, written) in rows {
            assert_eq!(engine.version(version), written);
        }
    }
}
