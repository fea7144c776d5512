//! Relational databases on flexible servers of PostgreSQL and MySQL.
//!
//! A server stands in a subnet of its own and has no address outside of the network. The administrator's password is
//! put into the vault by the operator; the provider hands it over without keeping it.

use catalog::azurerm::{
    mysql_flexible_database, mysql_flexible_server as mysql, mysql_flexible_server_configuration,
    postgresql_flexible_server as postgres, postgresql_flexible_server_configuration,
    postgresql_flexible_server_database, subnet,
};
use design::{DatabaseDesign, usage};
use ir::{Block, Lifecycle, NodeBuilder, Value};

use super::env::{Letters, flag, matching, number, one_of};
use super::{Env, Offer, logs, vaults};
use crate::names::settings;

/// Name of the administrator. Reserved words such as `admin` or `azure_superuser` are refused.
const USER: &str = "app";
/// When the cloud may patch, UTC: Sunday, half past three.
const MAINTENANCE: (i64, i64, i64) = (0, 3, 30);
/// Sizes of storage that a server of PostgreSQL may have, GiB.
/// Source: learn.microsoft.com/azure/postgresql/flexible-server/concepts-storage, 2025.
const POSTGRES_GIB: &[u32] = &[32, 64, 128, 256, 512, 1024, 2048, 4095, 4096, 8192, 16_384, 32_767];

/// A flexible server with its database.
pub(crate) fn lower(env: &mut Env, resource: &str, design: &DatabaseDesign) -> Offer {
    let component = env.resource_component(resource);
    env.component(&component, "database", format!("Database {resource}"));
    if design.engine.contains("mysql") {
        lower_mysql(env, &component, resource, design)
    } else {
        lower_postgres(env, &component, resource, design)
    }
}

/// What servers of both engines are given.
struct Server {
    name: Value,
    version: Value,
    sku: Value,
    password: Value,
    days: Value,
    copies: Value,
    zone: Value,
}

fn server(
    env: &mut Env,
    c: &str,
    resource: &str,
    design: &DatabaseDesign,
    sort: &str,
) -> (Server, super::offer::Secret) {
    let name = env.global_name(c, "server_name", resource, Letters::Dashed(60));
    let decl =
        matching("Version of the engine.", r"^[0-9]+(\.[0-9]+){0,2}$", "a version such as 16 or 8.0.21");
    let version = env.input(c, "engine_version", decl, design.version.as_str());
    let decl = matching(
        "Size of the server.",
        "^(B|GP|MO)_Standard_[A-Za-z0-9_]+$",
        "a size such as GP_Standard_D2ds_v5",
    );
    let sku = env.input(c, "sku", decl, design.class.as_str());
    let decl = number("Days within which the database can be restored to any second.", 7.0, 35.0);
    let days =
        env.input(c, "backup_retention_days", decl, env.design.recovery.point_in_time_days.clamp(7, 35));
    let decl = flag("Whether backups are copied to the paired region; fixed when the server is made.");
    let copies = env.input(c, "geo_redundant_backup", decl, env.copied_to_pair());
    let (password, secret) = vaults::password(env, c, resource);
    let zone = env.zone_id(c, sort);
    (Server { name, version, sku, password, days, copies, zone }, secret)
}

/// GiB of backups beyond the server's own size, with those in the paired region.
fn backups_gib(env: &Env, design: &DatabaseDesign) -> f64 {
    let days = env.design.recovery.point_in_time_days;
    let copies =
        if env.copied_to_pair() { usage::copies_gib(f64::from(design.storage_gib), days) } else { 0.0 };
    usage::backup_gib(design.storage_gib, days) + copies
}

/// What the cloud decides or changes after creation, beside what is protected.
fn lifecycle(env: &Env, more: &[&str]) -> Lifecycle {
    let ignore_changes = ["zone"].iter().chain(more).map(|name| (*name).to_owned()).collect();
    Lifecycle { ignore_changes, ..env.protection() }
}

fn lower_postgres(env: &mut Env, c: &str, resource: &str, design: &DatabaseDesign) -> Offer {
    let (server, secret) = server(env, c, resource, design, "postgres");
    let gib = POSTGRES_GIB.iter().find(|gib| **gib >= design.storage_gib).copied().unwrap_or(32_767);
    let decl = number("MiB of storage to begin with; it grows by itself.", 32_768.0, 33_553_408.0);
    let storage = env.input(c, "storage_mib", decl, gib * 1024);
    let subnet = env.network().postgres.expect("a subnet for servers is made where there are any");
    let (day, hour, minute) = MAINTENANCE;
    let mut builder = NodeBuilder::new(c, postgres::KIND, "this")
        .set(postgres::NAME, server.name)
        .set(postgres::RESOURCE_GROUP_NAME, env.group())
        .set(postgres::LOCATION, env.location())
        .set(postgres::VERSION, server.version)
        .set(postgres::SKU_NAME, server.sku)
        .set(postgres::STORAGE_MB, storage)
        .set(postgres::AUTO_GROW_ENABLED, true)
        .set(postgres::ADMINISTRATOR_LOGIN, USER)
        .set(postgres::ADMINISTRATOR_PASSWORD_WO, server.password)
        .set(postgres::ADMINISTRATOR_PASSWORD_WO_VERSION, password_version(env, c))
        .set(postgres::DELEGATED_SUBNET_ID, subnet.get(subnet::ID))
        .set(postgres::PRIVATE_DNS_ZONE_ID, server.zone)
        .set(postgres::PUBLIC_NETWORK_ACCESS_ENABLED, false)
        .set(postgres::BACKUP_RETENTION_DAYS, server.days)
        .set(postgres::GEO_REDUNDANT_BACKUP_ENABLED, server.copies)
        .block(
            postgres::MAINTENANCE_WINDOW,
            Block::new()
                .set(postgres::maintenance_window::DAY_OF_WEEK, day)
                .set(postgres::maintenance_window::START_HOUR, hour)
                .set(postgres::maintenance_window::START_MINUTE, minute),
        );
    if design.multi_az {
        builder = builder.block(
            postgres::HIGH_AVAILABILITY,
            Block::new().set(postgres::high_availability::MODE, standby_mode(env, c)),
        );
    }
    let made = env.add(
        builder
            .lifecycle(lifecycle(env, &["high_availability.0.standby_availability_zone"]))
            .usage("backup_gib", backups_gib(env, design))
            .purpose(format!("Runs the database {resource}")),
    );
    let id = made.get(postgres::ID);
    env.add(
        NodeBuilder::new(c, postgresql_flexible_server_database::KIND, "this")
            .set(postgresql_flexible_server_database::NAME, design.database.as_str())
            .set(postgresql_flexible_server_database::SERVER_ID, id.clone())
            .set(postgresql_flexible_server_database::CHARSET, "UTF8")
            .set(postgresql_flexible_server_database::COLLATION, "en_US.utf8")
            .lifecycle(env.protection())
            .purpose(format!("Holds the tables of {resource}")),
    );
    let decl = number("Queries slower than so many milliseconds are logged.", 0.0, 3_600_000.0);
    let slow = env.input(c, "slow_query_ms", decl, 1000);
    let slow = text_of(slow);
    for (name, value) in [
        ("log_min_duration_statement", slow),
        ("log_lock_waits", "on".into()),
        ("log_connections", "on".into()),
        ("log_statement", "ddl".into()),
        ("require_secure_transport", "on".into()),
    ] {
        env.add(
            NodeBuilder::new(c, postgresql_flexible_server_configuration::KIND, "this")
                .key(name)
                .set(postgresql_flexible_server_configuration::NAME, name)
                .set(postgresql_flexible_server_configuration::SERVER_ID, id.clone())
                .set(postgresql_flexible_server_configuration::VALUE, value)
                .purpose(format!("Sets {name}: TLS for everybody, and a log of what is slow")),
        );
    }
    env.lock(c, resource, id.clone());
    logs::collect(env, c, resource, id, &["PostgreSQLLogs"]);
    offered(resource, made.get(postgres::FQDN), 5432, design, secret)
}

fn lower_mysql(env: &mut Env, c: &str, resource: &str, design: &DatabaseDesign) -> Offer {
    let (server, secret) = server(env, c, resource, design, "mysql");
    let decl = number("GiB of storage to begin with; it grows by itself.", 20.0, 16_384.0);
    let storage = env.input(c, "storage_gib", decl, design.storage_gib);
    let subnet = env.network().mysql.expect("a subnet for servers is made where there are any");
    let (day, hour, minute) = MAINTENANCE;
    let grows =
        Block::new().set(mysql::storage::SIZE_GB, storage).set(mysql::storage::AUTO_GROW_ENABLED, true);
    let grows = if design.iops > 0 { grows.set(mysql::storage::IOPS, design.iops) } else { grows };
    let mut builder = NodeBuilder::new(c, mysql::KIND, "this")
        .set(mysql::NAME, server.name)
        .set(mysql::RESOURCE_GROUP_NAME, env.group())
        .set(mysql::LOCATION, env.location())
        .set(mysql::VERSION, server.version)
        .set(mysql::SKU_NAME, server.sku)
        .set(mysql::ADMINISTRATOR_LOGIN, USER)
        .set(mysql::ADMINISTRATOR_PASSWORD_WO, server.password)
        .set(mysql::ADMINISTRATOR_PASSWORD_WO_VERSION, password_version(env, c))
        .set(mysql::DELEGATED_SUBNET_ID, subnet.get(subnet::ID))
        .set(mysql::PRIVATE_DNS_ZONE_ID, server.zone)
        .set(mysql::BACKUP_RETENTION_DAYS, server.days)
        .set(mysql::GEO_REDUNDANT_BACKUP_ENABLED, server.copies)
        .block(mysql::STORAGE, grows)
        .block(
            mysql::MAINTENANCE_WINDOW,
            Block::new()
                .set(mysql::maintenance_window::DAY_OF_WEEK, day)
                .set(mysql::maintenance_window::START_HOUR, hour)
                .set(mysql::maintenance_window::START_MINUTE, minute),
        );
    if design.multi_az {
        builder = builder.block(
            mysql::HIGH_AVAILABILITY,
            Block::new().set(mysql::high_availability::MODE, standby_mode(env, c)),
        );
    }
    let made = env.add(
        builder
            .lifecycle(lifecycle(env, &["high_availability.0.standby_availability_zone"]))
            .usage("backup_gib", backups_gib(env, design))
            .purpose(format!("Runs the database {resource}")),
    );
    let group = env.group();
    env.add(
        NodeBuilder::new(c, mysql_flexible_database::KIND, "this")
            .set(mysql_flexible_database::NAME, design.database.as_str())
            .set(mysql_flexible_database::RESOURCE_GROUP_NAME, group.clone())
            .set(mysql_flexible_database::SERVER_NAME, made.get(mysql::NAME))
            .set(mysql_flexible_database::CHARSET, "utf8mb4")
            .set(mysql_flexible_database::COLLATION, "utf8mb4_0900_ai_ci")
            .lifecycle(env.protection())
            .purpose(format!("Holds the tables of {resource}")),
    );
    let slow = env.input(
        c,
        "slow_query_seconds",
        number("Queries slower than so many seconds are logged.", 0.0, 3600.0),
        1,
    );
    for (name, value) in [
        ("slow_query_log", "ON".into()),
        ("long_query_time", text_of(slow)),
        ("require_secure_transport", "ON".into()),
    ] {
        env.add(
            NodeBuilder::new(c, mysql_flexible_server_configuration::KIND, "this")
                .key(name)
                .set(mysql_flexible_server_configuration::NAME, name)
                .set(mysql_flexible_server_configuration::RESOURCE_GROUP_NAME, group.clone())
                .set(mysql_flexible_server_configuration::SERVER_NAME, made.get(mysql::NAME))
                .set(mysql_flexible_server_configuration::VALUE, value)
                .purpose(format!("Sets {name}: TLS for everybody, and a log of what is slow")),
        );
    }
    env.lock(c, resource, made.get(mysql::ID));
    logs::collect(env, c, resource, made.get(mysql::ID), &["MySqlSlowLogs"]);
    offered(resource, made.get(mysql::FQDN), 3306, design, secret)
}

/// Counted up when the password in the vault was replaced, so that it is handed over again.
fn password_version(env: &mut Env, component: &str) -> Value {
    let decl = number("Counted up when the password was replaced.", 1.0, 1e9);
    env.input(component, "password_version", decl, 1)
}

/// A standby in another zone, where the region has several.
fn standby_mode(env: &mut Env, component: &str) -> Value {
    let zones = catalog::regions::region(&env.blueprint.region).map_or(1, |r| r.zones);
    let mode = if zones > 1 { "ZoneRedundant" } else { "SameZone" };
    let decl = one_of("Where the standby stands.", ["SameZone", "ZoneRedundant"]);
    env.input(component, "standby", decl, mode)
}

/// A number as the text that settings of servers are.
fn text_of(number: Value) -> Value {
    Value::Template(vec![number])
}

fn offered(
    resource: &str,
    host: Value,
    port: u16,
    design: &DatabaseDesign,
    secret: super::offer::Secret,
) -> Offer {
    let facts = [
        ("host", host.clone()),
        ("port", port.to_string().into()),
        ("name", design.database.as_str().into()),
        ("user", USER.into()),
    ];
    let mut offer = Offer::of(resource, facts).secret(resource, "password", secret);
    // One server answers reads too: a program finds the same settings whatever the database became.
    offer.env.extend(settings(resource, [("TLS", "true".into()), ("READER_HOST", host)]));
    offer
}
