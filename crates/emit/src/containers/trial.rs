//! Trying migrations: an empty database of the same engine and version, and where an image finds it.
//!
//! The database listens on the machine that tries, holds nothing, and goes with the trial, so it asks for no
//! password. Only images that are written here can be tried: what a program's own image needs to start is not known.
//! Must not know who tries, or when.

use indexmap::IndexMap;
use spec::{ResourceType, Service, Source, Spec};

use super::compose::{backing, settings};

/// An engine that is started for a trial.
#[derive(Debug)]
pub struct Engine {
    /// `postgres`, `mysql`.
    pub id: &'static str,
    ty: ResourceType,
    user: &'static str,
    /// Settings of its image beside the name of the database.
    pub settings: &'static [(&'static str, &'static str)],
    /// The setting that takes the name of the database.
    pub database: &'static str,
    /// Port that it listens on.
    pub port: u16,
    /// Command that ends well when it answers.
    pub health: &'static str,
}

/// Every engine.
pub static ENGINES: &[Engine] = &[
    Engine {
        id: "postgres",
        ty: ResourceType::Postgres,
        user: "app",
        settings: &[("POSTGRES_USER", "app"), ("POSTGRES_HOST_AUTH_METHOD", "trust")],
        database: "POSTGRES_DB",
        port: 5432,
        health: "pg_isready --host 127.0.0.1",
    },
    Engine {
        id: "mysql",
        ty: ResourceType::Mysql,
        user: "root",
        settings: &[("MYSQL_ALLOW_EMPTY_PASSWORD", "yes")],
        database: "MYSQL_DATABASE",
        port: 3306,
        health: "mysqladmin ping --silent --host 127.0.0.1",
    },
];

/// How the migrations of a service are tried.
#[derive(Debug)]
pub struct Trial {
    /// What is started.
    pub engine: &'static Engine,
    /// Its image.
    pub image: String,
    /// Name of the database.
    pub database: String,
    /// What the service finds in its environment.
    pub settings: IndexMap<String, String>,
}

/// The trial of a service; `None` where there is nothing to try, or no way to.
pub fn of(spec: &Spec, service: &Service) -> Option<Trial> {
    let Source::Build(build) = &service.source else { return None };
    if !build.migrates() || super::has_own(build) || super::written(spec, service, build).is_err() {
        return None;
    }
    let (name, resource) = super::database(spec, service)?;
    let engine = ENGINES.iter().find(|e| e.ty == *resource.ty)?;
    let database = backing::database(name, resource);
    let prefix = settings::prefix(name);
    let port = engine.port.to_string();
    let facts = [
        ("HOST", "127.0.0.1"),
        ("PORT", port.as_str()),
        ("NAME", database.as_str()),
        ("USER", engine.user),
        ("PASSWORD", ""),
    ];
    Some(Trial {
        engine,
        image: backing::stand_in(backing::of(*resource.ty)?, resource),
        settings: facts.iter().map(|(k, v)| (format!("{prefix}_{k}"), (*v).to_owned())).collect(),
        database,
    })
}
