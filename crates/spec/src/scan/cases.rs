//! The scan over whole folders: every language, every package manager, and what is broken or hostile.

use std::path::Path;

use ir::{MemoryWorld, OsWorld};

use super::*;
use crate::model::{ResourceType, Stack};

fn of(files: &[(&str, &str)]) -> (Scan, Vec<&'static str>) {
    let world = MemoryWorld::with(files.iter().map(|(p, t)| (format!("app/{p}"), t)));
    let (scan, diagnostics) = scan(&world, Path::new("app"));
    (scan, diagnostics.iter().map(|d| d.id).collect())
}

fn said(words: &Option<Vec<String>>) -> String {
    words.as_ref().map(|w| w.join(" ")).unwrap_or_default()
}

#[test]
fn every_package_manager_is_told_from_its_files() {
    let cases: &[(&[(&str, &str)], Stack)] = &[
        (&[("package.json", "{}")], Stack::NodeNpm),
        (&[("package.json", "{}"), ("package-lock.json", "{}")], Stack::NodeNpm),
        (&[("package.json", "{}"), ("pnpm-lock.yaml", "")], Stack::NodePnpm),
        (
            &[("package.json", r#"{"packageManager":"yarn@4.1.0"}"#), ("package-lock.json", "{}")],
            Stack::NodeYarn,
        ),
        (&[("requirements.txt", "flask")], Stack::PythonPip),
        (&[("pyproject.toml", "[tool.poetry]\nname='a'")], Stack::PythonPoetry),
        (&[("pyproject.toml", "[project]\nname='a'"), ("uv.lock", "")], Stack::PythonUv),
        (&[("setup.py", "")], Stack::PythonPip),
        (&[("go.mod", "module a\n\ngo 1.24.1\n")], Stack::Go),
        (&[("pom.xml", "<project/>")], Stack::JavaMaven),
        (&[("build.gradle.kts", "")], Stack::JavaGradle),
        (&[("public/index.html", "")], Stack::Static),
        (
            &[("package.json", r#"{"scripts":{"build":"vite build"},"devDependencies":{"vite":"5"}}"#)],
            Stack::Static,
        ),
        (&[("requirements.txt", "django"), ("package.json", "{}")], Stack::PythonPip),
    ];
    for (files, stack) in cases {
        assert_eq!(of(files).0.stack, Some(*stack), "{files:?}");
    }
}

#[test]
fn node_says_how_it_is_built_started_and_checked() {
    let package = r#"{"engines":{"node":"^22.3"},"scripts":{"build":"tsc","start":"node dist/main.js",
        "test":"echo \"Error: no test specified\" && exit 1","lint":"eslint ."}}"#;
    let server = "createServer(h).listen(process.env.PORT ?? 3100); if (url === '/healthz') ok()";
    let (scan, ids) = of(&[
        ("package.json", package),
        ("yarn.lock", ""),
        ("src/main.ts", server),
        ("src/a.test.ts", "'/x' PORT 9"),
    ]);
    assert_eq!(scan.version.as_deref(), Some("22"));
    assert_eq!(scan.lockfile.as_deref(), Some("yarn.lock"));
    assert_eq!(said(&scan.build), "yarn run build");
    assert_eq!(said(&scan.start), "node dist/main.js");
    assert_eq!(scan.test, None);
    assert_eq!(said(&scan.lint), "yarn run lint");
    assert_eq!(scan.port, Some(3100));
    assert_eq!(scan.health.as_deref(), Some("/healthz"));
    assert!(ids.is_empty());
}

#[test]
fn python_programs_start_where_their_framework_says() {
    let cases: &[(&[(&str, &str)], &str)] = &[
        (
            &[("requirements.txt", ""), ("Procfile", "web: gunicorn shop.wsgi\nworker: celery")],
            "gunicorn shop.wsgi",
        ),
        (
            &[("requirements.txt", "gunicorn==23"), ("shop/wsgi.py", "")],
            "gunicorn --bind 0.0.0.0:8000 shop.wsgi",
        ),
        (
            &[("requirements.txt", "fastapi[standard]"), ("src/shop/api.py", "app = FastAPI()")],
            "uvicorn shop.api:app --host 0.0.0.0 --port 8000",
        ),
        (&[("pyproject.toml", "[project.scripts]\nshop = 'shop:main'")], "shop"),
        (&[("requirements.txt", ""), ("worker.py", "")], "python worker.py"),
        (&[("requirements.txt", "")], ""),
    ];
    for (files, expected) in cases {
        assert_eq!(said(&of(files).0.start), *expected, "{files:?}");
    }
}

#[test]
fn go_finds_the_program_among_packages() {
    let main = "package main\n\nfunc main() {}\n";
    let module = ("go.mod", "module example.com/shop\ngo 1.23\n");
    assert_eq!(of(&[module, ("main.go", main), ("cmd/x/main.go", main)]).0.artifact.as_deref(), Some("."));
    assert_eq!(of(&[module, ("cmd/x/main.go", main)]).0.artifact.as_deref(), Some("./cmd/x"));
    assert_eq!(
        of(&[module, ("cmd/x/main.go", main), ("cmd/shop/main.go", main)]).0.artifact.as_deref(),
        Some("./cmd/shop")
    );
    let (scan, ids) = of(&[module, ("cmd/x/main.go", main), ("cmd/y/main.go", main)]);
    assert_eq!((scan.artifact, ids), (None, vec!["several-programs"]));
}

#[test]
fn java_names_the_jar_and_the_release() {
    let pom = "<project xmlns='http://maven.apache.org/POM/4.0.0'><parent><version>2.1</version></parent>\
        <artifactId>shop</artifactId><properties><java.version>21</java.version></properties></project>";
    let (maven, _) = of(&[("pom.xml", pom), ("mvnw", "")]);
    assert_eq!(maven.artifact.as_deref(), Some("target/shop-2.1.jar"));
    assert_eq!(maven.version.as_deref(), Some("21"));
    assert!(said(&maven.build).starts_with("./mvnw "));
    let gradle = "version = '1.4'\njava { toolchain { languageVersion = JavaLanguageVersion.of(17) } }\n";
    let (gradle, _) = of(&[("build.gradle", gradle), ("settings.gradle", "rootProject.name = 'shop'\n")]);
    assert_eq!(gradle.artifact.as_deref(), Some("build/libs/shop-1.4.jar"));
    assert_eq!(gradle.version.as_deref(), Some("17"));
}

#[test]
fn a_framework_listens_where_it_usually_does_unless_the_program_says_otherwise() {
    for (files, port) in [
        (
            &[("package.json", r#"{"scripts":{"start":"next start"},"dependencies":{"next":"14"}}"#)][..],
            Some(3000),
        ),
        (
            &[
                (
                    "package.json",
                    r#"{"scripts":{"start":"nest start"},"dependencies":{"@nestjs/core":"10"}}"#,
                ),
                ("src/main.ts", "await app.listen(4100)"),
            ],
            Some(4100),
        ),
        (&[("package.json", r#"{"scripts":{"start":"node a"},"dependencies":{"next-auth":"4"}}"#)], None),
        (&[("pom.xml", "<project><artifactId>spring-boot-starter-web</artifactId></project>")], Some(8080)),
        (&[("build.gradle", "implementation 'org.x:spring-boot-starter-web'")], Some(8080)),
        (&[("requirements.txt", "requests"), ("main.py", "print(1)")], None),
    ] {
        assert_eq!(of(files).0.port, port, "{files:?}");
    }
    for (text, start) in [
        ("app = FastAPI()", "uvicorn a.main:app --host 0.0.0.0 --port 8000"),
        ("app=FastAPI(title='x')", "uvicorn a.main:app --host 0.0.0.0 --port 8000"),
    ] {
        assert_eq!(said(&of(&[("requirements.txt", "fastapi"), ("src/a/main.py", text)]).0.start), start);
    }
    for (plugin, starts) in
        [("`java-library`", false), ("application", true), ("org.springframework.boot", true)]
    {
        let script = format!("plugins {{ {plugin} }}");
        assert_eq!(of(&[("build.gradle.kts", &script)]).0.start.is_some(), starts, "{plugin}");
    }
}

#[test]
fn disagreeing_ports_are_not_guessed() {
    let (scan, ids) =
        of(&[("package.json", "{}"), ("a.js", "app.listen(3000)"), ("b.js", "app.listen(4000)")]);
    assert_eq!((scan.port, ids), (None, vec!["several-ports"]));
}

#[test]
fn broken_manifests_are_said_and_survived() {
    for (file, text) in [
        ("package.json", "{"),
        ("package.json", "[]"),
        ("package.json", "\u{feff}{\"scripts\":7}"),
        ("package.json", ""),
        ("pyproject.toml", "[project"),
        ("pyproject.toml", "tool = 3"),
        ("go.mod", ""),
        ("go.mod", "go"),
        ("pom.xml", "<project>"),
        ("pom.xml", "<a>&b;</a>"),
        ("build.gradle", "rootProject.name"),
        ("Procfile", ":"),
        ("Dockerfile", "FROM"),
        ("Dockerfile", "\u{1F433}"),
        ("requirements.txt", "-r \u{202e}x\n==\n"),
    ] {
        let (scan, ids) = of(&[(file, text)]);
        let silent = scan.stack.is_some()
            && matches!(
                file,
                "package.json" | "pyproject.toml" | "go.mod" | "build.gradle" | "requirements.txt"
            );
        assert!(silent || !ids.is_empty(), "{file} {text:?}");
    }
    let (scan, diagnostics) = scan(&MemoryWorld::default(), Path::new("nowhere"));
    assert_eq!(scan, Scan::default());
    assert!(!diagnostics.has_errors() && !diagnostics.is_empty());
}

#[test]
fn a_repository_is_split_into_its_services() {
    let world = MemoryWorld::with([
        ("package.json", r#"{"workspaces":["apps/*"]}"#),
        (
            "apps/api/package.json",
            r#"{"scripts":{"start":"node a.js"},"dependencies":{"pg":"8","ioredis":"5"}}"#,
        ),
        ("apps/api/index.html", ""),
        ("apps/site/index.html", ""),
        ("workers/api/go.mod", "module x\n"),
        ("workers/api/main.go", "package main\nfunc main() {}\n"),
        ("libs/util/package.json", "{}"),
        ("examples/demo/Dockerfile", "FROM x\n"),
        ("db/migrations/1.sql", ""),
    ]);
    let (repository, diagnostics) = repository(&world, Path::new(""));
    let found: Vec<(&str, &str)> =
        repository.services.iter().map(|s| (s.name.as_str(), s.folder.as_str())).collect();
    assert_eq!(found, [("api", "apps/api"), ("site", "apps/site"), ("workers-api", "workers/api")]);
    assert_eq!(repository.services[0].clients, [ResourceType::Postgres, ResourceType::Redis]);
    assert_eq!(repository.migrations.as_deref(), Some("db/migrations"));
    assert!(!diagnostics.has_errors());
    crate::roundtrip::check("a workspace", &spec("", &repository));
}

#[test]
fn a_build_is_scanned_with_the_dockerfile_it_names() {
    let world = MemoryWorld::with([
        ("package.json", r#"{"scripts":{"start":"node a.js"}}"#),
        ("Dockerfile.prod", "FROM node AS dev\nEXPOSE 9229\nFROM node\nARG P=1\nEXPOSE ${P}\n"),
        ("src/ad/Dockerfile", "FROM x\nEXPOSE 5000\n"),
    ]);
    let built = |dockerfile: &str, target: Option<&str>| Build {
        context: ir::Spanned::bare(".".to_owned()),
        dockerfile: Some(ir::Spanned::bare(dockerfile.to_owned())),
        target: target.map(|t| ir::Spanned::bare(t.to_owned())),
        args: indexmap::IndexMap::from([("P".to_owned(), "8080".to_owned())]),
        scan: None,
    };
    for (dockerfile, target, stack, port, ids) in [
        ("Dockerfile.prod", None, Some(Stack::NodeNpm), Some(8080), &[][..]),
        ("./Dockerfile.prod", Some("dev"), Some(Stack::NodeNpm), Some(9229), &[]),
        ("src/ad/Dockerfile", None, None, Some(5000), &[]),
        ("nowhere/Dockerfile", None, None, None, &["unreadable-dockerfile"]),
    ] {
        let (scan, said) = build(&world, Path::new(""), &built(dockerfile, target));
        assert_eq!((scan.stack, scan.port), (stack, port), "{dockerfile}");
        assert_eq!(said.iter().map(|d| d.id).collect::<Vec<_>>(), ids, "{dockerfile}");
    }
}

#[test]
fn the_shop_is_understood() {
    let shop = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/shop"));
    let (found, diagnostics) = repository(&OsWorld::default(), shop);
    let services: Vec<_> =
        found.services.iter().map(|s| (s.name.as_str(), s.scan.stack.expect("known"))).collect();
    assert_eq!(
        services,
        [
            ("api", Stack::NodeNpm),
            ("mailer", Stack::PythonPip),
            ("report", Stack::Go),
            ("web", Stack::Static)
        ]
    );
    let api = &found.services[0].scan;
    assert_eq!(
        (api.port, api.health.as_deref(), api.version.as_deref()),
        (Some(8080), Some("/healthz"), Some("22"))
    );
    assert_eq!(said(&api.start), "node src/main.js");
    assert_eq!(said(&found.services[1].scan.start), "python main.py");
    assert_eq!(found.services[2].scan.artifact.as_deref(), Some("."));
    assert_eq!(found.services[3].scan.artifact.as_deref(), Some("dist"));
    assert_eq!(found.migrations.as_deref(), Some("migrations"));
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    crate::roundtrip::check("the shop", &spec("shop", &found));
}
