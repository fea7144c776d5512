//! The image of each language: one recipe a stack.
//!
//! Every recipe has the same order: base images, dependencies from the manifest and lockfile alone (so that a
//! change of the source keeps their layer), the build, and a last stage that holds only what runs, as a user
//! without rights, writing nowhere. Tags name a minor version; a digest is put in its place by whoever can ask
//! the registry.

use spec::{Scan, Stack};

use super::dockerfile::{Dockerfile, Instruction, Stage};
use super::migrations::{self, Database};

/// What is known about a service.
pub(super) struct Facts<'a> {
    pub scan: Option<&'a Scan>,
    pub port: Option<u16>,
    pub health: Option<&'a str>,
    /// Replaces what the scan found.
    pub command: Option<&'a [String]>,
    /// The only SQL database that it uses.
    pub database: Option<Database>,
}

/// Why there is no Dockerfile, and what to do.
pub(super) struct Lack {
    pub because: &'static str,
    pub help: &'static str,
}

/// The command that asks an address whether the program is well.
type Check<'a> = &'a dyn Fn(&str) -> Vec<String>;

type Recipe = fn(&Facts<'_>, &Scan) -> Result<Dockerfile, Lack>;

/// Every stack with its recipe.
pub(super) static RECIPES: &[(Stack, Recipe)] = &[
    (Stack::NodeNpm, node),
    (Stack::NodePnpm, node),
    (Stack::NodeYarn, node),
    (Stack::PythonPip, python),
    (Stack::PythonPoetry, python),
    (Stack::PythonUv, python),
    (Stack::Go, go),
    (Stack::JavaMaven, java),
    (Stack::JavaGradle, java),
    (Stack::Static, site),
    (Stack::Dbmate, migrations::image),
    (Stack::Goose, migrations::image),
    (Stack::GolangMigrate, migrations::image),
    (Stack::Flyway, migrations::image),
    (Stack::Liquibase, migrations::image),
    (Stack::NumberedSql, migrations::image),
];

const NO_START: Lack = Lack {
    because: "The sources do not say which command starts the program.",
    help: "set `command` on the service, or add a Dockerfile",
};
pub(super) const NOBODY: &str = "10001:10001";
/// The toolchain for modules that do not ask for a version.
pub(super) const GO_IMAGE: &str = "golang:1.24-bookworm";

/// Minor versions by major: a scan often knows the major alone, and an image tag must say more.
static MINORS: &[(&str, &str)] = &[("18", "18.20"), ("20", "20.19"), ("22", "22.17"), ("24", "24.4")];

/// The Dockerfile for a service.
pub(super) fn dockerfile(facts: &Facts<'_>) -> Result<Dockerfile, Lack> {
    let scan = facts.scan.ok_or(Lack {
        because: "The folder with its sources is not there, so nothing says what it is written in.",
        help: "run Mainstay where the sources are, or add a Dockerfile to them",
    })?;
    let recipe = RECIPES.iter().find(|(s, _)| Some(*s) == scan.stack).map(|(_, r)| *r);
    let unknown = Lack {
        because: "Its language and package manager are not known.",
        help: "add a Dockerfile, or a manifest of Node.js, Python, Go, Maven or Gradle",
    };
    recipe.ok_or(unknown)?(facts, scan)
}

fn node_image(scan: &Scan) -> String {
    let version = scan.version.as_deref().unwrap_or("22");
    let minor = MINORS.iter().find(|(major, _)| *major == version).map_or(version, |(_, minor)| minor);
    format!("node:{minor}-bookworm-slim")
}

/// How each package manager installs: first its cache, then all, then what runs alone.
struct NodeManager {
    cache: &'static str,
    prepare: Option<&'static str>,
    install: &'static str,
    install_unlocked: &'static str,
    prune: &'static str,
    production: &'static str,
}

fn node_manager(stack: Option<Stack>) -> NodeManager {
    match stack {
        Some(Stack::NodePnpm) => NodeManager {
            cache: "/root/.local/share/pnpm/store",
            prepare: Some("corepack enable"),
            install: "pnpm install --frozen-lockfile",
            install_unlocked: "pnpm install",
            prune: "CI=true pnpm prune --prod",
            production: "--prod",
        },
        Some(Stack::NodeYarn) => NodeManager {
            cache: "/root/.yarn",
            prepare: Some("corepack enable"),
            install: "yarn install --frozen-lockfile",
            install_unlocked: "yarn install",
            prune: "yarn install --frozen-lockfile --production",
            production: "--production",
        },
        _ => NodeManager {
            cache: "/root/.npm",
            prepare: None,
            install: "npm ci",
            install_unlocked: "npm install",
            prune: "npm prune --omit=dev",
            production: "--omit=dev",
        },
    }
}

/// Dependencies from the manifest and lockfile alone.
fn node_install(scan: &Scan, manager: &NodeManager, production: bool) -> Vec<Instruction> {
    let install = if scan.lockfile.is_some() { manager.install } else { manager.install_unlocked };
    let command = if production { format!("{install} {}", manager.production) } else { install.to_owned() };
    let mut out = vec![Instruction::Workdir("/app")];
    out.extend(manager.prepare.map(|p| run(&[], p)));
    out.push(copy(std::iter::once("package.json").chain(scan.lockfile.as_deref()), "./"));
    out.push(run(&[manager.cache], &command));
    out
}

fn node(facts: &Facts<'_>, scan: &Scan) -> Result<Dockerfile, Lack> {
    let manager = node_manager(scan.stack);
    let start = start(facts, scan)?;
    let mut build = node_install(scan, &manager, scan.build.is_none());
    build.push(copy(["."], "./"));
    if let Some(command) = &scan.build {
        build.push(run(&[], &command.join(" ")));
        build.push(run(&[manager.cache], manager.prune));
    }
    let mut last = vec![Instruction::Workdir("/app"), Instruction::Env(vec![("NODE_ENV", "production")])];
    // A start through a package manager that Node.js does not bring needs it in the last stage too.
    let shims = start.first().is_some_and(|p| p == "pnpm" || p == "yarn");
    last.extend(manager.prepare.filter(|_| shims).map(|p| run(&[], p)));
    last.push(Instruction::Copy { from: Some("build"), sources: vec!["/app".into()], to: "./".into() });
    let check = |url: &str| {
        let script = format!("fetch('{url}').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))");
        vec!["node".to_owned(), "-e".to_owned(), script]
    };
    finish(&mut last, facts, Some(&check), start);
    Ok(two_stages("NODE", node_image(scan), "Node.js on Debian, without build tools.", build, last))
}

fn python(facts: &Facts<'_>, scan: &Scan) -> Result<Dockerfile, Lack> {
    let start = start(facts, scan)?;
    let image = format!("python:{}-slim-bookworm", scan.version.as_deref().unwrap_or("3.13"));
    let mut bases = vec![("PYTHON", image, "Python on Debian, without build tools.")];
    let mut stages = Vec::new();
    let mut build = vec![Instruction::Workdir("/app")];
    let interpreters = ["python", "python3", "gunicorn", "uvicorn"];
    // A program that the project itself declares exists only once the project is installed.
    let own_script = !start.first().is_some_and(|p| interpreters.contains(&p.as_str()));
    let locked = scan.lockfile.as_deref();
    match scan.stack {
        Some(Stack::PythonUv) => {
            bases.push(("UV", "ghcr.io/astral-sh/uv:0.7.13".to_owned(), "Installs what uv.lock names."));
            stages.push(Stage { base: "UV", name: Some("uv"), instructions: Vec::new() });
            build.push(Instruction::Copy {
                from: Some("uv"),
                sources: vec!["/uv".into()],
                to: "/bin/uv".into(),
            });
            build.push(Instruction::Env(vec![("UV_PROJECT_ENVIRONMENT", "/venv"), ("UV_LINK_MODE", "copy")]));
            build.push(copy(std::iter::once("pyproject.toml").chain(locked), "./"));
            let lock = if locked.is_some() { " --locked" } else { "" };
            build.push(run(&["/root/.cache/uv"], &format!("uv sync{lock} --no-dev --no-install-project")));
            if own_script {
                build.push(copy(["."], "./"));
                build.push(run(&["/root/.cache/uv"], &format!("uv sync{lock} --no-dev --no-editable")));
            }
        }
        Some(Stack::PythonPoetry) => {
            build.push(run(
                &["/root/.cache/pip"],
                "python -m venv /poetry && /poetry/bin/pip install poetry==2.1.3 && python -m venv /venv",
            ));
            build.push(Instruction::Env(vec![("VIRTUAL_ENV", "/venv"), ("PATH", "/venv/bin:$PATH")]));
            build.push(copy(std::iter::once("pyproject.toml").chain(locked), "./"));
            build.push(run(
                &["/root/.cache/pypoetry"],
                "/poetry/bin/poetry install --only main --no-root --no-interaction",
            ));
            if own_script {
                build.push(copy(["."], "./"));
                build.push(run(&[], "/venv/bin/pip install --no-deps --no-cache-dir ."));
            }
        }
        _ => {
            build.push(run(&[], "python -m venv /venv"));
            match locked {
                Some(requirements) => {
                    build.push(copy([requirements], "./"));
                    build.push(run(
                        &["/root/.cache/pip"],
                        &format!("/venv/bin/pip install --requirement {requirements}"),
                    ));
                }
                None => {
                    build.push(copy(["."], "./"));
                    build.push(run(&["/root/.cache/pip"], "/venv/bin/pip install ."));
                }
            }
        }
    }
    stages.push(Stage { base: "PYTHON", name: Some("build"), instructions: build });
    let settings =
        vec![("PATH", "/venv/bin:$PATH"), ("PYTHONUNBUFFERED", "1"), ("PYTHONDONTWRITEBYTECODE", "1")];
    let mut last = vec![
        Instruction::Workdir("/app"),
        Instruction::Env(settings),
        Instruction::Copy { from: Some("build"), sources: vec!["/venv".into()], to: "/venv".into() },
        copy(["."], "./"),
    ];
    let check = |url: &str| {
        let script = format!("import urllib.request; urllib.request.urlopen('{url}', timeout=2)");
        vec!["python".to_owned(), "-c".to_owned(), script]
    };
    finish(&mut last, facts, Some(&check), start);
    stages.push(Stage { base: "PYTHON", name: None, instructions: last });
    Ok(Dockerfile { bases, stages })
}

fn go(facts: &Facts<'_>, scan: &Scan) -> Result<Dockerfile, Lack> {
    let package = scan.artifact.as_deref().ok_or(Lack {
        because: "The module holds several programs, or none.",
        help: "add a Dockerfile that builds the one to deploy",
    })?;
    let caches = ["/go/pkg/mod", "/root/.cache/go-build"];
    let build = vec![
        Instruction::Workdir("/src"),
        copy(std::iter::once("go.mod").chain(scan.lockfile.as_deref()), "./"),
        run(&caches[..1], "go mod download"),
        copy(["."], "./"),
        Instruction::Env(vec![("CGO_ENABLED", "0")]),
        run(&caches, &format!("go build -trimpath -ldflags='-s -w' -o /app {package}")),
    ];
    let mut last =
        vec![Instruction::Copy { from: Some("build"), sources: vec!["/app".into()], to: "/app".into() }];
    if facts.health.is_some() {
        last.push(Instruction::Comment(
            "The image holds the program alone: the platform asks for its health from outside",
        ));
    }
    let command = facts.command.map_or_else(|| vec!["/app".to_owned()], <[String]>::to_vec);
    finish(&mut last, facts, None, command);
    let image =
        scan.version.as_deref().map_or_else(|| GO_IMAGE.to_owned(), |v| format!("golang:{v}-bookworm"));
    let stages = vec![
        Stage { base: "GO", name: Some("build"), instructions: build },
        Stage { base: "RUNTIME", name: None, instructions: last },
    ];
    let bases = vec![
        ("GO", image, "The Go toolchain."),
        (
            "RUNTIME",
            "gcr.io/distroless/static-debian12:nonroot".to_owned(),
            "Certificates and time zones, no shell.",
        ),
    ];
    Ok(Dockerfile { bases, stages })
}

fn java(facts: &Facts<'_>, scan: &Scan) -> Result<Dockerfile, Lack> {
    let jar = scan.artifact.as_deref().ok_or(Lack {
        because: "The manifest does not say what the jar is called.",
        help: "give the project a name and a version in its manifest, or add a Dockerfile",
    })?;
    let release = scan.version.as_deref().unwrap_or("21");
    let maven = scan.stack == Some(Stack::JavaMaven);
    let task = scan.build.as_deref().and_then(<[String]>::last).map_or("jar", String::as_str);
    let (image, cache, command) = if maven {
        (
            format!("maven:3.9-eclipse-temurin-{release}"),
            "/root/.m2",
            "mvn --batch-mode package -DskipTests".to_owned(),
        )
    } else {
        (format!("gradle:8.14-jdk{release}"), "/home/gradle/.gradle", format!("gradle --no-daemon {task}"))
    };
    let mut build = vec![Instruction::Workdir("/src")];
    if maven {
        build.push(copy(["pom.xml"], "./"));
        build.push(run(&[cache], "mvn --batch-mode dependency:go-offline"));
    } else {
        build.push(copy(std::iter::once("*.gradle*").chain(scan.lockfile.as_deref()), "./"));
        build.push(run(&[cache], "gradle --no-daemon dependencies"));
    }
    build.extend([copy(["."], "./"), run(&[cache], &command)]);
    let mut last = vec![
        Instruction::Workdir("/app"),
        Instruction::Copy { from: Some("build"), sources: vec![format!("/src/{jar}")], to: "app.jar".into() },
    ];
    let run_jar = ["java", "-XX:MaxRAMPercentage=75", "-jar", "/app/app.jar"].map(str::to_owned).to_vec();
    if facts.health.is_some() {
        last.push(Instruction::Comment(
            "The image holds nothing that could ask over HTTP: the platform asks from outside",
        ));
    }
    finish(&mut last, facts, None, facts.command.map_or(run_jar, <[String]>::to_vec));
    let bases = vec![
        ("BUILDER", image, "The JDK and the build tool."),
        ("JRE", format!("eclipse-temurin:{release}-jre-jammy"), "The Java runtime alone."),
    ];
    let stages = vec![
        Stage { base: "BUILDER", name: Some("build"), instructions: build },
        Stage { base: "JRE", name: None, instructions: last },
    ];
    Ok(Dockerfile { bases, stages })
}

fn site(facts: &Facts<'_>, scan: &Scan) -> Result<Dockerfile, Lack> {
    let folder = scan.artifact.as_deref().ok_or(Lack {
        because: "The folder of the built pages is not known.",
        help: "use `static` with that folder, or add a Dockerfile",
    })?;
    let mut bases = vec![(
        "NGINX",
        super::compose::SITE_IMAGE.to_owned(),
        "nginx that runs without root and listens on 8080.",
    )];
    let mut stages = Vec::new();
    let config = super::compose::site_config(&[], facts.port.unwrap_or(8080));
    let mut last = vec![
        Instruction::Comment("The variables are nginx's"),
        Instruction::Comment("hadolint ignore=SC2016"),
        Instruction::File { text: config, to: "/etc/nginx/conf.d/default.conf" },
    ];
    if let Some(command) = &scan.build {
        let stack = match scan.lockfile.as_deref() {
            Some("pnpm-lock.yaml") => Stack::NodePnpm,
            Some("yarn.lock") => Stack::NodeYarn,
            _ => Stack::NodeNpm,
        };
        let mut build = node_install(scan, &node_manager(Some(stack)), false);
        build.extend([copy(["."], "./"), run(&[], &command.join(" "))]);
        bases.push(("NODE", node_image(scan), "Builds the pages."));
        stages.push(Stage { base: "NODE", name: Some("build"), instructions: build });
        let pages = format!("/app/{folder}");
        last.push(Instruction::Copy {
            from: Some("build"),
            sources: vec![pages],
            to: "/usr/share/nginx/html".into(),
        });
    } else {
        last.push(copy([folder], "/usr/share/nginx/html"));
    }
    let port = facts.port.or(Some(8080));
    last.extend(port.map(Instruction::Expose));
    last.push(Instruction::Volume("/tmp"));
    last.push(Instruction::User("101:101"));
    last.push(Instruction::Cmd(["nginx", "-g", "daemon off;"].map(str::to_owned).to_vec()));
    stages.push(Stage { base: "NGINX", name: None, instructions: last });
    Ok(Dockerfile { bases, stages })
}

fn start(facts: &Facts<'_>, scan: &Scan) -> Result<Vec<String>, Lack> {
    facts
        .command
        .map(<[String]>::to_vec)
        .or_else(|| scan.start.clone())
        .filter(|c| !c.is_empty())
        .ok_or(NO_START)
}

/// What every last stage ends with.
fn finish(out: &mut Vec<Instruction>, facts: &Facts<'_>, check: Option<Check<'_>>, command: Vec<String>) {
    out.push(Instruction::Volume("/tmp"));
    out.push(Instruction::User(NOBODY));
    out.extend(facts.port.map(Instruction::Expose));
    out.push(Instruction::StopSignal("SIGTERM"));
    if let (Some(port), Some(path), Some(check)) = (facts.port, facts.health, check) {
        // Quotes would end the string that the address stands in.
        let path: String = path.chars().filter(|c| !matches!(c, '\'' | '\\') && !c.is_control()).collect();
        out.push(Instruction::Healthcheck(check(&format!("http://127.0.0.1:{port}{path}"))));
    }
    out.push(Instruction::Cmd(command));
}

fn two_stages(
    base: &'static str,
    image: String,
    why: &'static str,
    build: Vec<Instruction>,
    last: Vec<Instruction>,
) -> Dockerfile {
    Dockerfile {
        bases: vec![(base, image, why)],
        stages: vec![
            Stage { base, name: Some("build"), instructions: build },
            Stage { base, name: None, instructions: last },
        ],
    }
}

fn copy<'a>(sources: impl IntoIterator<Item = &'a str>, to: &str) -> Instruction {
    Instruction::Copy {
        from: None,
        sources: sources.into_iter().map(str::to_owned).collect(),
        to: to.to_owned(),
    }
}

fn run(caches: &[&'static str], command: &str) -> Instruction {
    Instruction::Run { caches: caches.to_vec(), command: command.to_owned() }
}
