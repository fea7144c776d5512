//! Images that apply migrations: the tool, the files, and a script that tells it where the database is.
//!
//! Every tool has its own words for an address, so a script puts the settings that the platform gives into them. It
//! hands the password on by the environment, never on a command line, where other programs could read it, and asks
//! for TLS with the server's certificate checked wherever the platform says so. Must not know which files there are.

use spec::{ResourceType, Scan, Stack};

use super::dockerfile::{Dockerfile, Instruction, Stage};
use super::stacks::{Facts, GO_IMAGE, Lack, NOBODY};

/// The database that a service prepares.
pub(super) struct Database {
    /// `DB` of `DB_HOST`.
    pub prefix: String,
    pub ty: ResourceType,
    /// An image that holds the clients of its engine and version.
    pub image: String,
}

/// A tool with its image. Tags name a minor version, as those of the languages do.
struct Tool {
    stack: Stack,
    base: Base,
    /// Lines of the script for each database that it can prepare; `CHANGELOG` stands for the scan's artifact.
    scripts: &'static [(ResourceType, &'static str)],
}

enum Base {
    /// The tool's own image.
    Image(&'static str),
    /// Built from a module of Go, for tools without an image.
    GoModule(&'static str),
    /// The database's own.
    Database,
}

static TOOLS: &[Tool] = &[
    Tool {
        stack: Stack::Dbmate,
        base: Base::Image("ghcr.io/amacneil/dbmate:2.27"),
        scripts: &[
            (
                ResourceType::Postgres,
                "export DATABASE_URL=\"postgres://$user@$host:$port/$name\"\n\
                 exec dbmate --no-dump-schema --migrations-dir /migrations --wait migrate",
            ),
            (
                ResourceType::Mysql,
                "# Written as %XX, nothing in a password has a meaning in a URL\n\
                 encoded=$(printf %s \"$password\" | od -An -v -tx1 | tr -d ' \\n' | sed 's/../%&/g')\n\
                 export DATABASE_URL=\"mysql://$user:$encoded@$host:$port/$name?tls=$tls\"\n\
                 exec dbmate --no-dump-schema --migrations-dir /migrations --wait migrate",
            ),
        ],
    },
    Tool {
        stack: Stack::Goose,
        base: Base::GoModule("github.com/pressly/goose/v3/cmd/goose@v3.24.3"),
        scripts: &[
            (
                ResourceType::Postgres,
                "export GOOSE_DRIVER=postgres GOOSE_DBSTRING=\"host=$host\" GOOSE_MIGRATION_DIR=/migrations\n\
                 exec goose up",
            ),
            (
                ResourceType::Mysql,
                "export GOOSE_DRIVER=mysql GOOSE_MIGRATION_DIR=/migrations\n\
                 export GOOSE_DBSTRING=\"$user:$password@tcp($host:$port)/$name?parseTime=true&tls=$tls\"\n\
                 exec goose up",
            ),
        ],
    },
    Tool {
        stack: Stack::GolangMigrate,
        base: Base::Image("migrate/migrate:v4.18.3"),
        // For MySQL it takes the password on its command line only.
        scripts: &[(
            ResourceType::Postgres,
            "exec migrate -path /migrations -database \"postgres://$user@$host:$port/$name\" up",
        )],
    },
    Tool {
        stack: Stack::Flyway,
        base: Base::Image("flyway/flyway:11.8"),
        scripts: &[
            (
                ResourceType::Postgres,
                "export FLYWAY_URL=\"jdbc:postgresql://$host:$port/$name?sslmode=$PGSSLMODE&sslrootcert=$PGSSLROOTCERT\"\n\
                 export FLYWAY_USER=\"$user\" FLYWAY_PASSWORD=\"$password\" FLYWAY_LOCATIONS=filesystem:/migrations\n\
                 exec flyway migrate",
            ),
            (
                ResourceType::Mysql,
                "# Its driver reads certificates from a keystore of Java only: TLS without a check of the certificate\n\
                 mode=PREFERRED\n\
                 if [ \"$tls\" = true ]; then mode=REQUIRED; fi\n\
                 export FLYWAY_URL=\"jdbc:mysql://$host:$port/$name?sslMode=$mode\"\n\
                 export FLYWAY_USER=\"$user\" FLYWAY_PASSWORD=\"$password\" FLYWAY_LOCATIONS=filesystem:/migrations\n\
                 exec flyway migrate",
            ),
        ],
    },
    Tool {
        stack: Stack::Liquibase,
        base: Base::Image("liquibase/liquibase:4.31"),
        // The image holds no driver for MySQL.
        scripts: &[(
            ResourceType::Postgres,
            "export LIQUIBASE_COMMAND_URL=\"jdbc:postgresql://$host:$port/$name?sslmode=$PGSSLMODE&sslrootcert=$PGSSLROOTCERT\"\n\
             export LIQUIBASE_COMMAND_USERNAME=\"$user\" LIQUIBASE_COMMAND_PASSWORD=\"$password\"\n\
             export LIQUIBASE_SEARCH_PATH=/migrations LIQUIBASE_COMMAND_CHANGELOG_FILE='CHANGELOG'\n\
             exec liquibase update",
        )],
    },
    Tool {
        stack: Stack::NumberedSql,
        base: Base::Database,
        // MySQL ends a transaction at every change of a table, so that half of a file could stay.
        scripts: &[(ResourceType::Postgres, include_str!("numbered.sh"))],
    },
];

/// What every tool but Java's reads about PostgreSQL: libpq's own names.
const LIBPQ: &str = "export PGHOST=\"$host\" PGPORT=\"$port\" PGDATABASE=\"$name\" PGUSER=\"$user\" PGPASSWORD=\"$password\"\n\
    export PGSSLMODE=disable PGSSLROOTCERT=/etc/ssl/rds.pem\n\
    if [ \"$tls\" = true ]; then PGSSLMODE=verify-full; fi";
/// Where programs in Go look for authorities.
const GO_TRUST: &str = "if [ \"$tls\" = true ]; then export SSL_CERT_FILE=/etc/ssl/rds.pem; fi";

/// The authorities of Amazon's databases in every region, which no image trusts by itself.
/// Source: <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html>, 2025.
const AUTHORITIES: &str = "https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem";

/// The image that applies migrations to the service's database.
pub(super) fn image(facts: &Facts<'_>, scan: &Scan) -> Result<Dockerfile, Lack> {
    let database = facts.database.as_ref().ok_or(Lack {
        because: "The files are migrations, and the service uses no PostgreSQL or MySQL, or more than one.",
        help: "name the one database that they are for in `uses`, or add a Dockerfile",
    })?;
    let tool = TOOLS.iter().find(|t| Some(t.stack) == scan.stack);
    let tool = tool.expect("every stack that migrates has a tool, which a test holds");
    let script =
        tool.scripts.iter().find(|(ty, _)| *ty == database.ty).map(|(_, text)| *text).ok_or(Lack {
            because: "The tool that the migrations are written for cannot prepare this engine safely.",
            help: "add a Dockerfile that applies them",
        })?;
    let script = script.replace("CHANGELOG", scan.artifact.as_deref().unwrap_or_default());
    let why = "Holds the tool that applies the migrations.";
    let mut last = vec![Instruction::User("0:0")];
    let (mut bases, mut stages) = (Vec::new(), Vec::new());
    match tool.base {
        Base::Image(image) => bases.push(("TOOL", image.to_owned(), why)),
        Base::Database => bases.push(("TOOL", database.image.clone(), why)),
        Base::GoModule(module) => {
            bases.push(("GO", GO_IMAGE.to_owned(), "The Go toolchain."));
            bases.push(("TOOL", "alpine:3.21".to_owned(), "A shell, and the tool that is built."));
            let install = Instruction::Run {
                caches: vec!["/go/pkg/mod", "/root/.cache/go-build"],
                command: format!("go install {module}"),
            };
            let instructions = vec![Instruction::Env(vec![("CGO_ENABLED", "0")]), install];
            stages.push(Stage { base: "GO", name: Some("build"), instructions });
            last.push(Instruction::Copy {
                from: Some("build"),
                sources: vec!["/go/bin/*".into()],
                to: "/usr/local/bin/".into(),
            });
        }
    }
    last.extend([
        Instruction::Download { from: AUTHORITIES, to: "/etc/ssl/rds.pem" },
        Instruction::Comment("The variables are the script's"),
        Instruction::Comment("hadolint ignore=SC2016"),
        Instruction::File { text: whole(&database.prefix, database.ty, &script), to: "/apply.sh" },
        Instruction::Copy { from: None, sources: vec![".".into()], to: "/migrations".into() },
        Instruction::User(NOBODY),
        Instruction::Workdir("/migrations"),
        Instruction::StopSignal("SIGTERM"),
        Instruction::Entrypoint(["/bin/sh", "/apply.sh"].map(str::to_owned).to_vec()),
    ]);
    stages.push(Stage { base: "TOOL", name: None, instructions: last });
    Ok(Dockerfile { bases, stages })
}

/// The script: the platform's settings, what is common to an engine, and the tool's own lines.
fn whole(prefix: &str, ty: ResourceType, script: &str) -> String {
    let common = if ty == ResourceType::Postgres { LIBPQ } else { GO_TRUST };
    format!(
        "#!/bin/sh\n\
         # Applies the migrations that the database has not seen, and ends with an error at the first that fails\n\
         set -eu\n\
         host=${prefix}_HOST port=${prefix}_PORT name=${prefix}_NAME user=${prefix}_USER\n\
         password=${prefix}_PASSWORD tls=${{{prefix}_TLS:-false}}\n\
         {common}\n{}\n",
        script.trim_end()
    )
}
