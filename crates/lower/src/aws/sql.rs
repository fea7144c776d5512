//! What RDS instances and Aurora clusters share.
//!
//! Both run the same two engines, so parameters, log exports, the master user's secret and what services are
//! told are the same. It must not know whether there is an instance or a cluster.

use catalog::aws::{iam_role, secretsmanager_secret_rotation};
use design::{DatabaseDesign, ResourceChoice};
use ir::key::Handle;
use ir::{NodeBuilder, Value};

use super::env::number;
use super::identity::{RoleSpec, allow, role};
use super::store::{join, offer, offer_secret, settings, text};
use super::{Env, Offer};

/// Name of the master user. Reserved words such as `admin` or `root` are refused by one engine or the other.
pub(crate) const USER: &str = "app";
/// Certificate authority of the endpoint's certificate, valid until 2061.
pub(crate) const CERTIFICATE_AUTHORITY: &str = "rds-ca-rsa2048-g1";
/// Seconds between samples of the operating system.
pub(crate) const MONITORING_SECONDS: i64 = 60;
/// Days that performance samples are kept: the retention without charge.
pub(crate) const PERFORMANCE_DAYS: i64 = 7;

/// An engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    /// PostgreSQL.
    Postgres,
    /// MySQL.
    Mysql,
}

impl Engine {
    /// The engine of a design; anything but MySQL is PostgreSQL.
    pub fn of(design: &DatabaseDesign) -> Self {
        if design.engine.contains("mysql") { Engine::Mysql } else { Engine::Postgres }
    }

    /// Port that clients connect to.
    pub fn port(self) -> u16 {
        match self {
            Engine::Postgres => 5432,
            Engine::Mysql => 3306,
        }
    }

    /// As RDS calls it.
    pub fn name(self) -> &'static str {
        match self {
            Engine::Postgres => "postgres",
            Engine::Mysql => "mysql",
        }
    }

    /// As Aurora calls it.
    pub fn aurora_name(self) -> &'static str {
        match self {
            Engine::Postgres => "aurora-postgresql",
            Engine::Mysql => "aurora-mysql",
        }
    }

    /// The part of a version that parameter groups are made for: `16` of `16.4`, `8.0` of `8.0.36`.
    pub fn series(self, version: &str) -> String {
        let parts = match self {
            Engine::Postgres => 1,
            Engine::Mysql => 2,
        };
        version.split('.').take(parts).collect::<Vec<_>>().join(".")
    }

    /// Parameters that differ from the engine's defaults: TLS for everybody, and logs that explain slowness.
    pub fn parameters(self, slow_query_ms: Value) -> Vec<(&'static str, Value)> {
        match self {
            Engine::Postgres => vec![
                ("rds.force_ssl", "1".into()),
                ("log_min_duration_statement", slow_query_ms),
                ("log_lock_waits", "1".into()),
                ("log_connections", "1".into()),
                ("log_disconnections", "1".into()),
                ("log_statement", "ddl".into()),
            ],
            Engine::Mysql => vec![
                ("require_secure_transport", "ON".into()),
                ("slow_query_log", "1".into()),
                ("long_query_time", slow_query_ms),
                ("log_output", "FILE".into()),
            ],
        }
    }

    /// The input for the slowness worth a log line. PostgreSQL counts milliseconds, MySQL seconds.
    pub fn slow_query(self, env: &mut Env, component: &str) -> Value {
        match self {
            Engine::Postgres => {
                let decl = number("Queries slower than so many milliseconds are logged.", 0.0, 3_600_000.0);
                env.input(component, "slow_query_ms", decl, 1000)
            }
            Engine::Mysql => {
                let decl = number("Queries slower than so many seconds are logged.", 0.0, 3600.0);
                env.input(component, "slow_query_seconds", decl, 1)
            }
        }
    }
}

/// Whether performance samples can be had for a resource. MySQL has too little memory for them on its smallest
/// burstable classes; environments share a module, so all of them must agree.
pub(crate) fn performance_insights(env: &Env, resource: &str) -> bool {
    env.blueprint.environments.values().filter_map(|e| e.resources.get(resource)).all(|r| match &r.choice {
        ResourceChoice::Rds(design) | ResourceChoice::Aurora(design) => {
            let small = design.class.ends_with(".micro") || design.class.ends_with(".small");
            Engine::of(design) == Engine::Postgres || !(small && design.class.starts_with("db.t"))
        }
        _ => true,
    })
}

/// The role that writes samples of the operating system to CloudWatch.
pub(crate) fn monitoring_role(env: &mut Env, component: &str, resource: &str) -> Handle<iam_role::M> {
    let group = env.arn(component, "logs", ["log-group:RDSOSMetrics"]);
    let streams = env.arn(component, "logs", ["log-group:RDSOSMetrics:log-stream:*"]);
    let statements = [
        allow("Group", &["logs:CreateLogGroup", "logs:PutRetentionPolicy"], vec![group]),
        allow(
            "Streams",
            &["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:GetLogEvents", "logs:PutLogEvents"],
            vec![streams],
        ),
    ];
    role(
        env,
        &RoleSpec {
            component,
            name: "monitoring",
            suffix: &format!("{component}-monitoring"),
            service: "monitoring.rds.amazonaws.com",
            purpose: &format!("Lets RDS publish operating system metrics of {resource}"),
            statements: &statements,
        },
    )
}

/// Rotates the master user's password, which the database service made and keeps. The pipeline does it every month
/// and restarts what reads the password; the cloud's own schedule restarts nothing, so it waits for three months,
/// counted from the last rotation, and is met only where the pipeline stopped.
pub(crate) fn rotate(env: &mut Env, component: &str, resource: &str, secret: Value) {
    let decl = number("Days without a rotation after which the cloud replaces the password.", 1.0, 1000.0);
    let days = env.input(component, "rotation_days", decl, 90);
    let rules =
        ir::Block::new().set(secretsmanager_secret_rotation::rotation_rules::AUTOMATICALLY_AFTER_DAYS, days);
    env.add(
        NodeBuilder::new(component, secretsmanager_secret_rotation::KIND, "this")
            .set(secretsmanager_secret_rotation::SECRET_ID, secret.clone())
            // The password was made a moment ago.
            .set(secretsmanager_secret_rotation::ROTATE_IMMEDIATELY, false)
            .block(secretsmanager_secret_rotation::ROTATION_RULES, rules)
            .purpose(format!("Replaces the password of {resource} should the pipeline not have done it")),
    );
    let outputs = &mut env.graph.components.entry(component.to_owned()).or_default().outputs;
    outputs.insert("master_secret".into(), ("Secret that holds the master password.".into(), secret));
}

/// What services are told about a database with a managed master user.
pub(crate) fn database_offer(
    env: &Env,
    resource: &str,
    host: Value,
    port: u16,
    database: Value,
    secret: Value,
) -> Offer {
    let facts = [("host", host), ("port", text(port)), ("name", database), ("user", USER.into())];
    let mut offer = offer(resource, facts);
    offer.env.extend(settings(resource, [("TLS", "true".into())]));
    let password = join([secret.clone(), ":password::".into()]);
    offer_secret(&mut offer, resource, "password", password, secret, env.key_arn());
    offer
}

/// The input for how far back a database can be restored to any second, days.
pub(crate) fn retention(env: &mut Env, component: &str) -> Value {
    let decl = number("Days within which the database can be restored to any second.", 1.0, 35.0);
    env.input(component, "backup_retention_days", decl, env.design.recovery.point_in_time_days.clamp(1, 35))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameter_groups_follow_the_series() {
        let rows = [
            (Engine::Postgres, "16", "16"),
            (Engine::Postgres, "16.4", "16"),
            (Engine::Mysql, "8.0.36", "8.0"),
            (Engine::Mysql, "8.4", "8.4"),
            (Engine::Mysql, "", ""),
        ];
        for (engine, version, series) in rows {
            assert_eq!(engine.series(version), series);
        }
    }
}
