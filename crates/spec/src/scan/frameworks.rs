//! Migrations that are part of a program: what its framework calls to apply them.
//!
//! Such files are read by the program's own code and libraries, so only the program's own image can apply them: the
//! answer is a command. A command that the image may lack is not given; the reason is. Must not know which service
//! it is, or what the command is used for.

use super::Sources;

/// How the migrations of a framework are applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Applied {
    /// By a command in the program's own image, and the framework's name.
    By(&'static str, Vec<String>),
    /// Not by a command that is known here: why, and what to do.
    Unclear(String, String),
}

/// A framework.
struct Framework {
    name: &'static str,
    /// Whether the files are its own: the folder of the migrations, the sources that hold it, and the path from
    /// these to it.
    claims: fn(&Sources<'_>, &Sources<'_>, &str) -> bool,
    command: Command,
}

enum Command {
    /// Words.
    Words(&'static [&'static str]),
    /// A program of a package of npm, which must be among the dependencies that are installed for production.
    Npm { package: &'static str, arguments: &'static [&'static str] },
    /// None: why.
    None(&'static str),
}

static FRAMEWORKS: &[Framework] = &[
    Framework {
        name: "Prisma",
        claims: |folder, _, _| folder.has("migration_lock.toml"),
        command: Command::Npm { package: "prisma", arguments: &["migrate", "deploy"] },
    },
    Framework {
        name: "Drizzle",
        claims: |folder, app, _| folder.has("meta/_journal.json") && has_file(app, "drizzle.config"),
        command: Command::Npm { package: "drizzle-kit", arguments: &["migrate"] },
    },
    Framework {
        name: "Knex",
        claims: |_, app, _| has_file(app, "knexfile"),
        command: Command::Npm { package: "knex", arguments: &["migrate:latest"] },
    },
    Framework {
        name: "Sequelize",
        claims: |_, app, _| app.has(".sequelizerc"),
        command: Command::Npm { package: "sequelize-cli", arguments: &["db:migrate"] },
    },
    Framework {
        name: "TypeORM",
        claims: |_, app, _| depends(app, "typeorm"),
        command: Command::None("Its command needs the path of the data source in the built program."),
    },
    Framework {
        name: "Alembic",
        claims: |folder, app, _| {
            folder.has("env.py") && folder.has("script.py.mako") && app.has("alembic.ini")
        },
        command: Command::Words(&["alembic", "upgrade", "head"]),
    },
    Framework {
        name: "Flask-Migrate",
        claims: |folder, _, _| folder.has("env.py") && folder.has("alembic.ini"),
        command: Command::Words(&["flask", "db", "upgrade"]),
    },
    Framework {
        name: "Django",
        claims: |folder, app, _| app.has("manage.py") && folder.has("__init__.py"),
        command: Command::Words(&["python", "manage.py", "migrate", "--noinput"]),
    },
    Framework {
        name: "Rails",
        claims: |_, app, at| app.has("config/application.rb") && at == "db/migrate",
        command: Command::Words(&["bundle", "exec", "rails", "db:migrate"]),
    },
    Framework {
        name: "Entity Framework",
        claims: |folder, _, _| folder.files().any(|f| f.ends_with("ModelSnapshot.cs")),
        command: Command::None(
            "Its command line is part of the SDK, which an image that runs a program lacks.",
        ),
    },
];

/// How the migrations in `at` below the sources are applied; `None` when they are not those of one framework.
pub(super) fn applied(app: &Sources<'_>, at: &str) -> Option<Applied> {
    let folder = app.below(at);
    let mut claimed = FRAMEWORKS.iter().filter(|f| (f.claims)(&folder, app, at));
    let framework = claimed.next().filter(|_| claimed.next().is_none())?;
    let name = framework.name;
    Some(match framework.command {
        Command::Words(words) => Applied::By(name, words.iter().map(|w| (*w).to_owned()).collect()),
        Command::Npm { package, arguments } if depends(app, package) => {
            let program = format!("node_modules/.bin/{package}");
            let arguments = arguments.iter().map(|w| (*w).to_owned());
            Applied::By(name, std::iter::once(program).chain(arguments).collect())
        }
        Command::Npm { package, .. } => Applied::Unclear(
            format!(
                "They are {name}'s, and `{package}` is not among the `dependencies` of package.json, which are what an image holds."
            ),
            format!("move `{package}` from `devDependencies` to `dependencies`, or"),
        ),
        Command::None(why) => Applied::Unclear(format!("They are {name}'s. {why}"), String::new()),
    })
}

/// Whether a file that is JavaScript stands at the root of the sources. Node.js runs no TypeScript by itself, but a
/// tool may.
fn has_file(app: &Sources<'_>, stem: &str) -> bool {
    ["js", "cjs", "mjs", "ts", "json"].iter().any(|ending| app.has(&format!("{stem}.{ending}")))
}

/// Whether a package is installed for production.
fn depends(app: &Sources<'_>, package: &str) -> bool {
    let text = app.text("package.json").unwrap_or_default();
    let manifest = serde_json::from_str::<serde_json::Value>(&text).unwrap_or_default();
    manifest["dependencies"].get(package).is_some()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use ir::MemoryWorld;

    use super::*;

    fn of(at: &str, files: &[(&str, &str)]) -> Option<Applied> {
        let world = MemoryWorld::with(files.iter().map(|(p, t)| (format!("app/{p}"), t)));
        applied(&Sources::open(&world, Path::new("app")).0, at)
    }

    /// Name, folder of the migrations, files, command; no command: it is said why.
    type Case<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)], &'a str);

    #[test]
    fn every_framework_is_told_from_its_files() {
        let cases: &[Case<'_>] = &[
            (
                "Prisma",
                "prisma/migrations",
                &[
                    ("prisma/migrations/migration_lock.toml", ""),
                    ("prisma/migrations/1_a/migration.sql", ""),
                    ("package.json", r#"{"dependencies":{"prisma":"6"}}"#),
                ],
                "node_modules/.bin/prisma migrate deploy",
            ),
            (
                "Prisma",
                "prisma/migrations",
                &[
                    ("prisma/migrations/migration_lock.toml", ""),
                    ("package.json", r#"{"devDependencies":{"prisma":"6"}}"#),
                ],
                "",
            ),
            (
                "Drizzle",
                "drizzle",
                &[
                    ("drizzle/meta/_journal.json", ""),
                    ("drizzle.config.ts", ""),
                    ("package.json", r#"{"dependencies":{"drizzle-kit":"1"}}"#),
                ],
                "node_modules/.bin/drizzle-kit migrate",
            ),
            (
                "Knex",
                "migrations",
                &[
                    ("migrations/1_a.js", ""),
                    ("knexfile.js", ""),
                    ("package.json", r#"{"dependencies":{"knex":"3"}}"#),
                ],
                "node_modules/.bin/knex migrate:latest",
            ),
            (
                "Sequelize",
                "migrations",
                &[
                    ("migrations/1-a.js", ""),
                    (".sequelizerc", ""),
                    ("package.json", r#"{"dependencies":{"sequelize-cli":"6"}}"#),
                ],
                "node_modules/.bin/sequelize-cli db:migrate",
            ),
            (
                "TypeORM",
                "src/migrations",
                &[("src/migrations/1-a.ts", ""), ("package.json", r#"{"dependencies":{"typeorm":"0"}}"#)],
                "",
            ),
            (
                "Alembic",
                "alembic",
                &[("alembic/env.py", ""), ("alembic/script.py.mako", ""), ("alembic.ini", "")],
                "alembic upgrade head",
            ),
            (
                "Flask-Migrate",
                "migrations",
                &[("migrations/env.py", ""), ("migrations/alembic.ini", "")],
                "flask db upgrade",
            ),
            (
                "Django",
                "shop/migrations",
                &[("shop/migrations/__init__.py", ""), ("manage.py", "")],
                "python manage.py migrate --noinput",
            ),
            (
                "Rails",
                "db/migrate",
                &[("db/migrate/1_a.rb", ""), ("config/application.rb", "")],
                "bundle exec rails db:migrate",
            ),
            ("Entity Framework", "Migrations", &[("Migrations/ShopModelSnapshot.cs", "")], ""),
        ];
        for (name, at, files, command) in cases {
            match of(at, files) {
                Some(Applied::By(said, words)) => {
                    assert_eq!((said, words.join(" ").as_str()), (*name, *command), "{files:?}");
                }
                Some(Applied::Unclear(why, _)) => assert!(command.is_empty() && why.contains(name), "{why}"),
                None => panic!("{name} is not recognised"),
            }
        }
        for framework in FRAMEWORKS {
            assert!(cases.iter().any(|(name, ..)| *name == framework.name), "no case for {}", framework.name);
        }
    }

    #[test]
    fn what_is_nobodys_or_two_frameworks_is_not_claimed() {
        assert_eq!(of("migrations", &[("migrations/a.js", ""), ("package.json", "{ half")]), None);
        assert_eq!(of("nowhere", &[]), None);
        let both = &[("db/migrate/1.rb", ""), ("config/application.rb", ""), ("knexfile.js", "")];
        assert_eq!(of("db/migrate", both), None);
    }
}
