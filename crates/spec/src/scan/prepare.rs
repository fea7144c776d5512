//! Gives each store with migrations the service that runs them.
//!
//! The pipeline runs every service with `once: true` before the others change, so migrations need no mechanism of
//! their own: where a store names a folder and no such service uses the store, one is added, as an assumption that
//! the user's own service replaces. Must not decide what a folder's files are: that is the scan's word.

use std::path::Path;

use ir::world::{EntryKind, plain};
use ir::{Diagnostic, Diagnostics, Spanned, World};

use super::frameworks::{Applied, applied};
use super::{Sources, migrations};
use crate::model::{
    Access, Assumption, Build, Limits, Load, Protocol, Release, Resource, ResourceType, Scan, Service,
    Source, Spec, Stack, Use, UseTarget,
};
use crate::names;

/// Adds the services; the migrations of a spec that nothing would run are said.
pub fn prepare(world: &dyn World, root: &Path, spec: &mut Spec) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let stores: Vec<(String, Resource)> = spec
        .resources
        .iter()
        .filter(|(name, r)| r.migrations.is_some() && spec.prepared_by(name).next().is_none())
        .map(|(name, r)| (name.clone(), r.clone()))
        .collect();
    for (store, resource) in stores {
        let Some(folder) = &resource.migrations else { continue };
        match service(world, root, spec, &store, resource.ty.value, folder) {
            Ok((service, assumption)) => {
                let taken = |n: &str| {
                    spec.services.contains_key(n)
                        || spec.resources.contains_key(n)
                        || spec.secrets.contains_key(n)
                };
                let name = names::unique(&format!("{store}-migrations"), taken);
                let subject = format!("services.{name}");
                spec.assumptions.push(Assumption { subject, ..assumption });
                spec.services.insert(name, service);
            }
            Err(Lack { because, help }) => diagnostics.push(
                Diagnostic::warning(
                    "migrations-not-run",
                    format!("no deployment runs the migrations of {store}"),
                )
                .at(folder.span.or(resource.span), "these are not run")
                .because(because)
                .help(format!(
                    "{}add a service with `once: true` and `uses: [{store}]` whose image applies them",
                    if help.is_empty() { String::new() } else { format!("{help} ") }
                )),
            ),
        }
    }
    diagnostics
}

/// Why there is no service, and what would make one beside writing it.
struct Lack {
    because: String,
    help: String,
}

impl Lack {
    fn of(because: impl Into<String>) -> Self {
        Self { because: because.into(), help: String::new() }
    }
}

/// The service that runs the migrations in a folder; its assumption lacks the name.
fn service(
    world: &dyn World,
    root: &Path,
    spec: &Spec,
    store: &str,
    ty: ResourceType,
    folder: &Spanned<String>,
) -> Result<(Service, Assumption), Lack> {
    if !matches!(ty, ResourceType::Postgres | ResourceType::Mysql) {
        return Err(Lack::of("Migrations are recognised for PostgreSQL and MySQL only."));
    }
    let path = root.join(folder.as_str());
    if world.kind(&path) != Some(EntryKind::Folder) {
        return Err(Lack::of(format!("There is no folder at {}.", path.display())));
    }
    let (sources, mut said) = Sources::open(world, &path);
    let scan = migrations::read(&sources, &mut said);
    if let Some(stack) = scan.stack {
        if let Some(because) = refused(stack, ty) {
            return Err(Lack::of(because));
        }
        let assumption = Assumption {
            subject: String::new(),
            assumed: format!("build: {}, once: true, uses: [{store}]", folder.as_str()),
            because: format!(
                "the files are {}, and no service with `once: true` uses `{store}`",
                whose(stack)
            ),
        };
        return Ok((by_tool(store, folder, scan), assumption));
    }
    let Some((name, owner, how)) = framework(world, root, spec, store, folder) else {
        return Err(Lack {
            because: "No tool could be told from the files: a tool is known when its names and marks fit every one of them.".into(),
            help: "name every file as one tool asks (such as `V1__name.sql`, `1_name.up.sql`, or `1_name.sql` with `-- migrate:up` and `-- migrate:down`), or".into(),
        });
    };
    match how {
        Applied::By(framework, command) => {
            let assumption = Assumption {
                subject: String::new(),
                assumed: format!(
                    "the image of `{name}` with the command `{}`, once: true",
                    command.join(" ")
                ),
                because: format!(
                    "the files are {framework}'s inside the sources of `{name}`, and no service with `once: true` uses `{store}`"
                ),
            };
            Ok((by_program(owner, command), assumption))
        }
        Applied::Unclear(because, help) => Err(Lack { because, help }),
    }
}

/// Whose the files are, for people.
fn whose(stack: Stack) -> &'static str {
    match stack {
        Stack::Dbmate => "dbmate's",
        Stack::Goose => "goose's",
        Stack::GolangMigrate => "golang-migrate's",
        Stack::Flyway => "Flyway's",
        Stack::Liquibase => "Liquibase's",
        _ => "numbered SQL without the marks of a tool",
    }
}

/// Why a tool's image cannot prepare a database of some type.
fn refused(stack: Stack, ty: ResourceType) -> Option<&'static str> {
    match (stack, ty) {
        (Stack::GolangMigrate, ResourceType::Mysql) => Some(
            "golang-migrate takes the password of MySQL on its command line only, where other programs can read it.",
        ),
        (Stack::Liquibase, ResourceType::Mysql) => Some("The image of Liquibase holds no driver for MySQL."),
        (Stack::NumberedSql, ResourceType::Mysql) => Some(
            "The files have no tool's marks, and MySQL cannot take back half of a file that failed, so that something must keep count.",
        ),
        _ => None,
    }
}

/// The service whose sources hold the folder, and how its framework applies what is in there.
fn framework<'s>(
    world: &dyn World,
    root: &Path,
    spec: &'s Spec,
    store: &str,
    folder: &str,
) -> Option<(&'s str, &'s Service, Applied)> {
    let folder = plain(Path::new(folder));
    spec.services.iter().find_map(|(name, service)| {
        let Source::Build(build) = &service.source else { return None };
        let uses = |u: &Use| u.target == UseTarget::Resource && u.name == store;
        let context = plain(Path::new(build.context.as_str()));
        let at = folder.strip_prefix(&context).ok()?.to_str()?.replace('\\', "/");
        if at.is_empty() || !service.uses.iter().any(uses) {
            return None;
        }
        let (app, _) = Sources::open(world, &root.join(&context));
        Some((name.as_str(), service, applied(&app, &at)?))
    })
}

/// An image of the tool with the files in it.
fn by_tool(store: &str, folder: &Spanned<String>, scan: Scan) -> Service {
    let build = Build {
        context: folder.clone(),
        dockerfile: None,
        target: None,
        args: Default::default(),
        scan: Some(scan),
    };
    Service {
        source: Source::Build(build),
        port: None,
        protocol: Protocol::Http,
        public: Spanned::bare(false),
        host: None,
        health: None,
        load: Load::default(),
        slo: None,
        uses: vec![Use {
            target: UseTarget::Resource,
            name: store.to_owned(),
            access: Access::ReadWrite,
            span: folder.span,
        }],
        release: Spanned::bare(Release::Rolling),
        schedule: None,
        once: true,
        env: Default::default(),
        entrypoint: None,
        command: None,
        limits: Limits::default(),
        span: folder.span,
    }
}

/// The program's own image and settings with another command.
fn by_program(program: &Service, command: Vec<String>) -> Service {
    let mut words = command.into_iter();
    // Also an entry point of the image's own must not stand before the command.
    let entrypoint = words.next().map(|first| vec![first]);
    Service {
        port: None,
        public: Spanned::bare(false),
        host: None,
        health: None,
        load: Load { memory_mib: program.load.memory_mib.clone(), ..Load::default() },
        slo: None,
        release: Spanned::bare(Release::Rolling),
        schedule: None,
        once: true,
        entrypoint,
        command: Some(words.collect()),
        limits: Limits { replicas: None, ..program.limits },
        ..program.clone()
    }
}

#[cfg(test)]
mod tests {
    use ir::{MemoryWorld, SourceMap};

    use super::*;

    const HEAD: &str = "version: 1\nname: shop\ncloud: { provider: aws, regions: [eu-west-1] }\nservices:\n";
    const API: &str = "  api: { build: ./api, port: 80, uses: [db, KEY], env: { A: b } }\n";

    fn prepared(services: &str, resource: &str, files: &[(&str, &str)]) -> (Spec, Diagnostics) {
        let text = format!("{HEAD}{services}resources:\n  db: {{ {resource} }}\nsecrets: [KEY]\n");
        let (spec, said) = crate::yaml::read("mainstay.yaml", &text, &[], &mut SourceMap::default());
        let mut spec = spec.unwrap_or_else(|| panic!("{said:?}"));
        let world = MemoryWorld::with(files.iter().copied());
        let diagnostics = prepare(&world, Path::new(""), &mut spec);
        (spec, diagnostics)
    }

    /// Whether nothing was added, apart from what every spec assumes.
    fn untouched(spec: &Spec, services: usize) -> bool {
        spec.services.len() == services
            && !spec.assumptions.iter().any(|a| a.subject.starts_with("services."))
    }

    const DBMATE: (&str, &str) = ("migrations/1_a.sql", "-- migrate:up\n-- migrate:down\n");
    const POSTGRES: &str = "type: postgres, migrations: ./migrations";

    #[test]
    fn a_folder_with_a_tool_gets_a_service_that_runs_once() {
        let (spec, said) = prepared(API, POSTGRES, &[DBMATE]);
        assert!(said.is_empty(), "{said:?}");
        let service = &spec.services["db-migrations"];
        assert!(service.once && service.uses.len() == 1 && service.uses[0].name == "db");
        assert!(spec.prepared_by("db").eq(["db-migrations"]));
        assert_eq!(spec.assumptions.last().map(|a| a.subject.as_str()), Some("services.db-migrations"));
        crate::roundtrip::check("a store with migrations", &spec);
    }

    #[test]
    fn the_users_own_service_is_left_alone() {
        let own = format!("{API}  fill: {{ image: \"fill:1\", once: true, uses: [db] }}\n");
        let (spec, said) = prepared(&own, POSTGRES, &[DBMATE]);
        assert!(said.is_empty() && untouched(&spec, 2));
    }

    #[test]
    fn a_name_that_is_taken_gets_a_number() {
        let other = format!("{API}  db-migrations: {{ image: \"a:1\" }}\n");
        let (spec, _) = prepared(&other, POSTGRES, &[DBMATE]);
        assert!(spec.services["db-migrations-2"].once && !spec.services["db-migrations"].once);
    }

    #[test]
    fn a_framework_runs_in_the_image_and_settings_of_its_program() {
        let files = [("api/alembic/env.py", ""), ("api/alembic/script.py.mako", ""), ("api/alembic.ini", "")];
        let (spec, said) = prepared(API, "type: mysql, migrations: api/alembic/", &files);
        assert!(said.is_empty(), "{said:?}");
        let (api, task) = (&spec.services["api"], &spec.services["db-migrations"]);
        assert_eq!((&task.source, &task.env, &task.uses), (&api.source, &api.env, &api.uses));
        assert_eq!(task.entrypoint.as_deref(), Some(&["alembic".to_owned()][..]));
        assert_eq!(task.command.as_ref().map(|c| c.join(" ")).as_deref(), Some("upgrade head"));
        assert!(task.once && task.port.is_none() && !*task.public);
    }

    /// The resource, the files, and words of the reason.
    type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);

    #[test]
    fn what_nothing_runs_is_said_with_the_reason() {
        let cases: &[Case<'_>] = &[
            (POSTGRES, &[], "no folder"),
            (POSTGRES, &[("migrations", "a file")], "no folder"),
            (POSTGRES, &[("migrations/a.sql", "")], "No tool"),
            ("type: mysql, migrations: ./migrations", &[("migrations/1_a.up.sql", "")], "command line"),
            ("type: mysql, migrations: ./migrations", &[("migrations/1_a.sql", "")], "half of a file"),
            (
                "type: mysql, migrations: ./migrations",
                &[("migrations/changelog.xml", "<databaseChangeLog/>")],
                "driver",
            ),
            ("type: mongodb, migrations: ./migrations", &[DBMATE], "PostgreSQL and MySQL"),
            (
                "type: postgres, migrations: ./api/m",
                &[("api/m/migration_lock.toml", ""), ("api/package.json", "{}")],
                "`prisma` is not among",
            ),
        ];
        for (resource, files, why) in cases {
            let (spec, said) = prepared(API, resource, files);
            let said: Vec<&Diagnostic> = said.iter().collect();
            let [one] = said.as_slice() else { panic!("{files:?}: {said:?}") };
            assert_eq!(one.id, "migrations-not-run");
            assert!(one.notes.iter().any(|n| n.contains(why)), "{why}: {:?}", one.notes);
            assert!(untouched(&spec, 1));
        }
    }
}
