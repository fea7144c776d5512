//! Compose files in, specs out: one small case for each thing the specification says, the secrets that must not
//! leak, the files that must not break it, and the applications of the corpus.

use std::path::{Path, PathBuf};

use ir::{Diagnostics, MemoryWorld, OsWorld, SourceMap, World};

use super::{Import, find, read};
use crate::{EnvPart, EnvValue, Protocol, ResourceType, Service, Source};

fn import_all(files: &[(&str, &str)], named: &[&str]) -> (Option<Import>, Diagnostics) {
    let world = MemoryWorld::with(files.iter().copied());
    let named: Vec<PathBuf> = named.iter().map(PathBuf::from).collect();
    read(&world, &named, &mut SourceMap::default())
}

/// Reads `app/compose.yaml`, beside the other files given.
pub(super) fn import_with(text: &str, others: &[(&str, &str)]) -> (Import, Diagnostics) {
    let files: Vec<(&str, &str)> =
        [("app/compose.yaml", text)].into_iter().chain(others.iter().copied()).collect();
    let (import, diagnostics) = import_all(&files, &["app/compose.yaml"]);
    (import.unwrap_or_else(|| panic!("no import: {diagnostics:#?}")), diagnostics)
}

pub(super) fn import(text: &str) -> Import {
    let (import, diagnostics) = import_with(text, &[]);
    assert!(!diagnostics.has_errors(), "{diagnostics:#?}");
    crate::roundtrip::check(text, &import.spec);
    import
}

pub(super) fn ids(text: &str) -> Vec<&'static str> {
    import_all(&[("app/compose.yaml", text)], &["app/compose.yaml"]).1.iter().map(|d| d.id).collect()
}

pub(super) fn service<'a>(import: &'a Import, name: &str) -> &'a Service {
    import
        .spec
        .services
        .get(name)
        .unwrap_or_else(|| panic!("no service {name}: {:?}", import.spec.services.keys()))
}

/// A setting as it would be written in a spec.
fn shown(value: &EnvValue) -> String {
    let part = |part: &EnvPart| match part {
        EnvPart::Text(text) => text.clone(),
        EnvPart::Reference { name, field, .. } => format!("${{{name}.{field}}}"),
        EnvPart::Secret(name) => format!("${{{name}}}"),
    };
    value.parts.iter().map(part).collect()
}

pub(super) fn env(import: &Import, service_name: &str, key: &str) -> String {
    shown(&service(import, service_name).env[key])
}

pub(super) fn uses(import: &Import, name: &str) -> Vec<String> {
    service(import, name).uses.iter().map(|u| u.name.clone()).collect()
}

const SHARED: [&str; 2] = ["/../../../shared", "/../../../../shared"];

fn corpus() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = SHARED.iter().map(|s| PathBuf::from(format!("{}{s}/corpora/apps/compose", root.display())));
    let found = folders.into_iter().find(|p| OsWorld::default().kind(p).is_some());
    if found.is_none() {
        eprintln!("SKIPPED compose::tests: the corpus of compose applications is absent");
    }
    found
}

fn files_below(folder: &Path, out: &mut Vec<PathBuf>) {
    let world = OsWorld::default();
    for entry in world.list(folder).expect("a folder") {
        let path = folder.join(&entry.name);
        match entry.kind {
            ir::world::EntryKind::Folder => files_below(&path, out),
            _ if entry.name.ends_with(".yaml") || entry.name.ends_with(".yml") => out.push(path),
            _ => {}
        }
    }
}

#[test]
fn every_application_of_the_corpus_is_read() {
    let Some(root) = corpus() else { return };
    let mut files = Vec::new();
    files_below(&root, &mut files);
    assert!(files.len() >= 40, "{}", files.len());
    let world = OsWorld::default();
    let mut sets: Vec<Vec<PathBuf>> = Vec::new();
    for file in &files {
        let folder = file.parent().expect("a folder");
        let base = find(&world, folder).expect("every folder has a compose file");
        if base.contains(file) {
            // The folder's own file alone, and with everything that can be laid over it.
            let overlays = files.iter().filter(|f| f.parent() == Some(folder) && !base.contains(f));
            sets.push(base.iter().chain(overlays).cloned().collect());
            sets.push(base);
        } else {
            sets.push(vec![base[0].clone(), file.clone()]);
        }
    }
    let mut lost = Vec::new();
    for set in sets {
        let file = &set[set.len() - 1];
        let mut sources = SourceMap::default();
        let (import, diagnostics) = read(&world, &set, &mut sources);
        // An overlay may wait for services that another overlay declares; all of them together may not.
        let partial = set.len() == 2;
        let errors: Vec<_> = diagnostics
            .iter()
            .filter(|d| d.severity == ir::Severity::Error && !(partial && d.id == "unknown-service"))
            .collect();
        assert!(errors.is_empty(), "{set:?}: {errors:#?}");
        let import = import.expect("no errors, so there is an import");
        assert!(!import.spec.services.is_empty());
        let differences = crate::roundtrip::differences(&import.spec);
        lost.extend(differences.into_iter().map(|d| format!("{}: {d}", file.display())));
        let again = read(&world, &set, &mut SourceMap::default());
        assert_eq!(
            format!("{import:?}"),
            format!("{:?}", again.0.expect("read once already")),
            "{}",
            file.display()
        );
        if ir::World::env(&world, "MAINSTAY_SHOW_IMPORT")
            .is_some_and(|only| file.to_string_lossy().contains(&only))
        {
            eprintln!("=== {}\n{}", file.display(), summary(&import, &diagnostics, &sources));
        }
    }
    assert!(lost.is_empty(), "{} lines differ after printing:\n{}", lost.len(), lost.join("\n"));
}

/// What an engineer would look at; printed on request.
fn summary(import: &Import, diagnostics: &Diagnostics, sources: &SourceMap) -> String {
    let mut out = format!("name {}\n", import.spec.name.value);
    for (name, service) in &import.spec.services {
        let source = match &service.source {
            Source::Build(build) => format!("build {}", build.context.value),
            Source::Image(image) => format!("image {}", image.value),
            Source::Static(folder) => format!("static {}", folder.value),
        };
        let port = service.port.as_ref().map(|p| p.value);
        out += &format!(
            "service {name}: {source} port {port:?} {:?} public {} health {:?} once {} uses {:?} limits {:?}\n  cmd {:?} {:?}\n",
            service.protocol,
            service.public.value,
            service.health.as_ref().map(|h| &h.value),
            service.once,
            service.uses.iter().map(|u| u.name.as_str()).collect::<Vec<_>>(),
            service.limits,
            service.entrypoint,
            service.command,
        );
        for (key, value) in &service.env {
            out += &format!("    {key}={}\n", shown(value));
        }
    }
    for (name, resource) in &import.spec.resources {
        let version = resource.version.as_ref().map(|v| v.value.as_str());
        out += &format!(
            "resource {name}: {:?} {version:?} db {:?} local {:?}\n",
            resource.ty.value, resource.database, resource.local_image
        );
    }
    out +=
        &format!("secrets {:?}\n", import.spec.secrets.iter().map(|(n, s)| (n, &s.note)).collect::<Vec<_>>());
    for assumption in &import.spec.assumptions {
        out += &format!("assumed {}: {} ({})\n", assumption.subject, assumption.assumed, assumption.because);
    }
    import.kept.iter().for_each(|k| out += &format!("kept {k}\n"));
    for (what, notes) in [("changed", &import.changed), ("dropped", &import.dropped)] {
        notes.iter().for_each(|n| out += &format!("{what} {}: {} ({})\n", n.subject, n.what, n.why));
    }
    for d in diagnostics {
        let place = d.primary.as_ref().map(|p| sources.line_col(p.span));
        out += &format!("{:?} {} {place:?} {}\n", d.severity, d.id, d.summary);
    }
    out
}

#[test]
fn databases_become_resources_and_their_users_references() {
    let import = import(
        "services:\n  api:\n    build: ./api\n    ports: ['8080:8080']\n    environment:\n      DB_HOST: db\n      DB_PORT: 5432\n      \
         DB_USER: app\n      DB_PASSWORD: s3cr3t-of-db\n      DATABASE_URL: postgres://app:s3cr3t-of-db@db:5432/shop?sslmode=disable\n      \
         JDBC: jdbc:postgresql://db:5432/shop\n      NET: Host=db;Username=app;Password=s3cr3t-of-db;Database=shop\n      \
         CACHE_URL: redis://cache:6379/0\n      AMQP: amqp://mq\n      MYSQL_DSN: app:pw9876@tcp(sql:3306)/shop\n      NAME: db\n  \
         db:\n    image: postgres:16.3\n    environment: {POSTGRES_USER: app, POSTGRES_PASSWORD: s3cr3t-of-db, POSTGRES_DB: shop}\n    ports: ['5432:5432']\n    \
         volumes: ['data:/var/lib/postgresql/data']\n  cache: {image: 'bitnami/redis:7.2'}\n  mq: {image: 'rabbitmq:3.13-management'}\n  \
         sql: {image: 'mysql:8.0'}\nvolumes: {data: }\n",
    );
    let db = &import.spec.resources["db"];
    assert_eq!(
        (db.ty.value, db.version.as_ref().map(|v| v.value.as_str()), db.database.as_deref()),
        (ResourceType::Postgres, Some("16"), Some("shop"))
    );
    for (key, expected) in [
        ("DB_HOST", "${db.host}"),
        ("DB_PORT", "${db.port}"),
        ("DB_USER", "${db.user}"),
        ("DB_PASSWORD", "${db.password}"),
        ("DATABASE_URL", "${DATABASE_URL}"),
        ("JDBC", "jdbc:postgresql://${db.host}:${db.port}/shop"),
        ("NET", "${NET}"),
        ("CACHE_URL", "${cache.url}/0"),
        ("AMQP", "${AMQP}"),
        ("MYSQL_DSN", "${MYSQL_DSN}"),
        ("NAME", "db"),
    ] {
        assert_eq!(env(&import, "api", key), expected, "{key}");
    }
    // A connection string is a secret as a whole, and what it leads to is still used.
    let strings = ["DATABASE_URL", "NET", "AMQP", "MYSQL_DSN"];
    assert_eq!(import.spec.secrets.keys().collect::<Vec<_>>(), strings);
    for used in ["db", "cache", "mq", "sql"].iter().chain(&strings) {
        assert!(uses(&import, "api").iter().any(|u| u == used), "{used}: {:?}", uses(&import, "api"));
    }
}

#[test]
fn no_secret_leaves_the_file_it_stands_in() {
    const PLANTED: &str = "zqPlantedValue";
    let key = format!("-----BEGIN PRIVATE KEY-----\\n{PLANTED}12");
    let text = format!(
        "services:\n  web:\n    build:\n      context: .\n      args: {{NPM_TOKEN: {PLANTED}1}}\n      dockerfile_inline: 'ENV PASSWORD={PLANTED}13'\n    \
         command: serve --password {PLANTED}2 --dsn http://u:{PLANTED}3@far.example/x --api-key={PLANTED}4\n    ports: ['80:80']\n    env_file: s.env\n    \
         environment:\n      - STRIPE_API_KEY={PLANTED}5\n      - SESSION_SECRET={PLANTED}6\n      - REMOTE=https://me:{PLANTED}7@far.example/\n      \
         - DSN=postgres://app:{PLANTED}8@db/x\n      - ADO=Server=db;Password={PLANTED}9;\n      - OTHER_PASSWORD=${{FROM_ENV}}\n      - INNER=http://x:{PLANTED}16@api:81/\n    \
         labels: {{token: {PLANTED}10}}\n    healthcheck: {{test: 'curl http://localhost/ok?token={PLANTED}11'}}\n    bad_token: {PLANTED}17\n    configs: [c]\n  \
         api: {{image: acme/api, expose: [81], environment: {{KEY_PEM: \"{key}\"}}}}\n  \
         db: {{image: 'postgres:16', command: 'postgres -c password={PLANTED}14', environment: {{POSTGRES_PASSWORD: {PLANTED}8}}}}\n\
         configs:\n  c: {{content: 'password={PLANTED}15'}}\n"
    );
    let others = [
        ("app/.env", format!("FROM_ENV={PLANTED}20\nbroken \"{PLANTED}21\n")),
        ("app/s.env", format!("ADMIN_TOKEN={PLANTED}22\nnoise {PLANTED}23\n")),
    ];
    let files: Vec<(&str, &str)> = [("app/compose.yaml", text.as_str())]
        .into_iter()
        .chain(others.iter().map(|(p, t)| (*p, t.as_str())))
        .collect();
    let world = MemoryWorld::with(files);
    let mut sources = SourceMap::default();
    let (import, diagnostics) = read(&world, &["app/compose.yaml".into()], &mut sources);
    let import = import.expect("an import, also beside errors");
    for (what, printed) in [
        ("import", format!("{import:?}")),
        ("diagnostics", format!("{diagnostics:?}")),
        ("sources", format!("{sources:?}")),
    ] {
        assert!(
            !printed.contains(PLANTED),
            "{what}: {}",
            &printed[printed.find(PLANTED).unwrap_or(0).saturating_sub(300)..]
        );
    }
    for name in
        ["STRIPE_API_KEY", "SESSION_SECRET", "REMOTE", "OTHER_PASSWORD", "ADMIN_TOKEN", "KEY_PEM", "INNER"]
    {
        assert!(import.spec.secrets.contains_key(name), "{name}: {:?}", import.spec.secrets.keys());
    }
    assert_eq!(env(&import, "web", "DSN"), "${DSN}");
    assert!(
        import.spec.secrets["STRIPE_API_KEY"].note.as_ref().is_some_and(|n| n.contains("compose.yaml:11")),
        "{:?}",
        import.spec.secrets
    );
    // The same for a file that breaks off in the middle, wherever that is.
    for end in (0..text.len()).step_by(23).filter(|end| text.is_char_boundary(*end)) {
        let world = MemoryWorld::with([("app/compose.yaml", &text[..end])]);
        let mut sources = SourceMap::default();
        let (import, diagnostics) = read(&world, &["app/compose.yaml".into()], &mut sources);
        let printed = format!("{import:?} {diagnostics:?} {sources:?}");
        assert!(
            !printed.contains(PLANTED),
            "cut at {end}: {}",
            &printed[printed.find(PLANTED).unwrap_or(0).saturating_sub(200)..]
        );
    }
}

#[test]
fn compose_secrets_become_declared_secrets_or_managed_passwords() {
    let import = import(
        "services:\n  api:\n    image: acme/api\n    ports: ['80:80']\n    secrets: [dbpw, {source: stripe, target: key}]\n    \
         environment: {DB_PASSWORD_FILE: /run/secrets/dbpw}\n  db:\n    image: postgres\n    secrets: [dbpw]\n    \
         environment: {POSTGRES_PASSWORD_FILE: /run/secrets/dbpw}\nsecrets:\n  dbpw: {file: ./pw}\n  stripe: {environment: STRIPE}\n",
    );
    assert_eq!(env(&import, "api", "DB_PASSWORD"), "${db.password}");
    assert_eq!(env(&import, "api", "STRIPE"), "${STRIPE}");
    assert_eq!(import.spec.secrets.keys().collect::<Vec<_>>(), ["STRIPE"]);
    assert!(ids("services: {a: {image: a, secrets: [nope]}}").contains(&"unknown-secret"));
}

#[test]
fn files_merge_by_the_specification() {
    let base = "name: Shop_App\nservices:\n  web:\n    image: acme/web:1\n    command: [a, b]\n    ports: ['80:80']\n    environment: [A=1, B=2]\n    \
                volumes: ['one:/data']\n    depends_on: [db]\n    labels: {x: y}\n  db: {image: postgres}\n  old: {image: acme/old}\n";
    let over = "services:\n  web:\n    image: acme/web:2\n    command: c\n    ports: !override ['81:81']\n    environment: {B: 3, C: 4}\n    \
                volumes: ['./local:/data']\n    depends_on: {cache: {condition: service_started}}\n    labels: !reset null\n  \
                cache: {image: redis}\n  old: !reset null\n";
    let files = [("app/compose.yaml", base), ("app/compose.override.yaml", over)];
    let world = MemoryWorld::with(files);
    let found = find(&world, Path::new("app")).expect("there");
    assert_eq!(found, [PathBuf::from("app/compose.yaml"), PathBuf::from("app/compose.override.yaml")]);
    let (import, diagnostics) = read(&world, &found, &mut SourceMap::default());
    let import = import.unwrap_or_else(|| panic!("{diagnostics:?}"));
    let web = service(&import, "web");
    assert_eq!(web.command.as_deref(), Some(&["c".to_owned()][..]));
    assert_eq!(web.port.as_ref().map(|p| p.value), Some(81));
    assert!(matches!(&web.source, Source::Image(image) if image.value == "acme/web:2"));
    assert_eq!(["A", "B", "C"].map(|k| env(&import, "web", k)), ["1", "3", "4"]);
    assert_eq!(uses(&import, "web"), ["db", "cache"]);
    assert_eq!(import.spec.services.len(), 1);
    assert_eq!(import.spec.name.value, "shop-app");
    assert!(find(&world, Path::new("elsewhere")).is_none());
}

#[test]
fn services_extend_and_files_include_each_other() {
    let (import, diagnostics) = import_with(
        "include: [sub/inner.yaml]\nservices:\n  a: {extends: {file: common/base.yaml, service: base}, environment: {B: 2}}\n  b: {extends: a, ports: ['80:80']}\n",
        &[
            (
                "app/common/base.yaml",
                "services: {base: {build: ./src, environment: {A: 1, B: 1}, expose: [70]}}",
            ),
            (
                "app/sub/inner.yaml",
                "services: {inner: {build: {context: ./code}, environment: [\"V=${V}\"], expose: ['9']}}",
            ),
            ("app/sub/.env", "V=inner"),
        ],
    );
    assert!(!diagnostics.has_errors(), "{diagnostics:#?}");
    let context = |name| match &service(&import, name).source {
        Source::Build(build) => build.context.value.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(["a", "b", "inner"].map(context), ["./common/src", "./common/src", "./sub/code"]);
    assert_eq!(
        [env(&import, "b", "A"), env(&import, "b", "B"), env(&import, "inner", "V")],
        ["1", "2", "inner"]
    );
}

#[test]
fn mistakes_are_named() {
    for (text, id) in [
        ("services: {a: {image: a, prots: []}}", "unknown-key"),
        ("servces: {}", "unknown-key"),
        ("services: {a: {image: a, depends_on: [b]}}", "unknown-service"),
        ("services: {a: {image: a, depends_on: [b]}, b: {image: b, depends_on: [a]}}", "cycle"),
        ("services: {a: {image: a, depends_on: [a]}}", "cycle"),
        ("services: {a: {extends: b}, b: {extends: a}}", "extends-cycle"),
        ("services: {a: {extends: {service: x}}}", "unknown-service"),
        ("services: {a: {extends: {service: x, file: gone.yaml}}}", "missing-file"),
        ("include: [compose.yaml]\nservices: {a: {image: a}}", "include-cycle"),
        ("services: {a: {environment: {A: b}}}", "service-without-image"),
        ("services: [a]", "wrong-type"),
        ("services: {a: text}", "wrong-type"),
        ("services: {a: {image: a, ports: {80: 80}}}", "wrong-type"),
        ("services: {a: {image: a, ports: ['x:y']}}", "invalid-port"),
        ("services: {a: {image: '$(x)'}}", "invalid-interpolation"),
        ("services: {a: {image: '${V:?set it}'}}", "missing-variable"),
        ("services: {a: {image: 'a:${V}'}}", "unset-variable"),
        ("services: {a: {image: a, env_file: gone.env}}", "missing-env-file"),
        ("services: {a: {image: a, privileged: true}}", "compose-impossible"),
        ("services: {a: {image: a, network_mode: host}}", "shared-network"),
        ("services: {a: {image: a, volumes: ['data:/d']}}", "lost-volume"),
        (
            "services: {a: {image: a, volumes: ['/var/run/docker.sock:/var/run/docker.sock']}}",
            "docker-socket",
        ),
        ("services: {a: {image: a, volumes: ['./a.conf:/etc/a.conf']}}", "mounted-config"),
        ("services: {a: {image: a, ports: ['53:53/udp']}}", "udp-port"),
        ("services: {a: {image: neo4j}}", "stateful-container"),
        ("services: {a: {image: a, command: [wait, 'b:80']}, b: {image: b}}", "host-in-command"),
        ("services: {a: {image: a, depends_on: [b]}, b: {image: redis}}", "address-not-set"),
        ("services: {a: {image: a, depends_on: [b]}, b: {image: b, profiles: [x]}}", "depends-on-profile"),
        ("services: {b: {image: postgres}}", "no-services"),
        ("include: ['https://far.example/c.yaml']\nservices: {a: {image: a}}", "remote-include"),
        ("a: {image: a}\nb: {image: b}", "compose-version-1"),
        ("services: {a: {image: [a, b]}}", "wrong-type"),
        ("services: {a: {image: a, environment: text}}", "wrong-type"),
        ("services: {a: {image: a, command: {b: c}}}", "wrong-type"),
        ("services: {a: {build: 3}}", "wrong-type"),
        ("services: {a: {image: a, environment: {B_URL: 'http://b'}}, b: {image: b}}", "unknown-port"),
        ("services: {a: {image: a, environment: {MQ_HOST: q}}, q: {image: rabbitmq}}", "address-left-out"),
        ("", "no-services"),
        ("- a", "wrong-type"),
        ("services: {a: [", "invalid-yaml"),
    ] {
        let found = ids(text);
        assert!(found.contains(&id), "{text}: {found:?}");
    }
    assert!(import_all(&[], &[]).1.has_errors());
    assert!(import_all(&[], &["gone.yaml"]).1.iter().any(|d| d.id == "missing-file"));
    assert_eq!(
        ids("x-a: {b: c}\nservices: {a: {image: a, x-b: {}, develop: {watch: []}}}"),
        Vec::<&str>::new()
    );
}

#[test]
fn ports_health_and_doors() {
    let import = import(
        "services:\n  proxy: {image: nginx, ports: ['80:80'], depends_on: [api]}\n  \
         api: {build: ., ports: ['8000:8000', '127.0.0.1:9229:9229'], healthcheck: {test: [CMD, curl, -f, 'http://localhost:8000/ok?x=1']}}\n  \
         rpc: {build: ., expose: ['7000'], healthcheck: {test: [CMD, grpc_health_probe, '-addr=:7000']}}\n  \
         game: {build: ., ports: ['25565:25565']}\n  worker: {build: ., healthcheck: {disable: true, test: 'curl http://localhost/x'}}\n  \
         bound: {build: ., environment: {LISTEN: '0.0.0.0:8123'}}\n  asked: {build: .}\n  \
         asks: {build: ., environment: {URL: 'http://asked:4321/x'}}\n  local: {build: ., ports: ['127.0.0.1:3000:3000']}\n  \
         replicated: {build: ., deploy: {mode: replicated, replicas: 3, resources: {limits: {cpus: '0.5', memory: 256M}}}}\n",
    );
    let door = |name| {
        let s = service(&import, name);
        (
            s.port.as_ref().map(|p| p.value),
            s.protocol,
            s.public.value,
            s.health.as_ref().map(|h| h.value.clone()),
        )
    };
    assert_eq!(door("proxy"), (Some(80), Protocol::Http, true, None));
    assert_eq!(door("api"), (Some(8000), Protocol::Http, false, Some("/ok".into())));
    assert_eq!(door("rpc"), (Some(7000), Protocol::Grpc, false, None));
    assert_eq!(door("game"), (Some(25565), Protocol::Tcp, false, None));
    assert_eq!(door("worker"), (None, Protocol::Http, false, None));
    assert_eq!(door("bound").0, Some(8123));
    assert_eq!(door("asked").0, Some(4321));
    assert_eq!(door("local"), (Some(3000), Protocol::Http, false, None));
    let limits = service(&import, "replicated").limits;
    assert_eq!((limits.cpus, limits.memory_mib, limits.replicas), (Some(0.5), Some(256.0), Some(3)));
    assert_eq!(env(&import, "asks", "URL"), "http://${asked.host}:${asked.port}/x");
}

#[test]
fn tools_stay_on_the_laptop_unless_they_are_all_there_is() {
    let import = import(
        "services:\n  app: {build: ., ports: ['80:80'], environment: {OTEL_EXPORTER_OTLP_ENDPOINT: 'http://otel:4317', S3: 'http://store:9000', AWS_SECRET_ACCESS_KEY: minio-pw-1}}\n  \
         otel: {image: 'otel/opentelemetry-collector-contrib:0.1', depends_on: [logs]}\n  logs: {image: 'opensearchproject/opensearch:2'}\n  \
         mail: {image: mailhog/mailhog}\n  load: {build: ./load-gen}\n  admin: {image: dpage/pgadmin4}\n  zoo: {image: zookeeper}\n  \
         seed: {build: ./seed, profiles: [seed]}\n  migrate: {build: ., command: up, restart: 'no'}\n  fill: {build: .}\n  \
         after: {build: ., depends_on: {fill: {condition: service_completed_successfully}}}\n  \
         store: {image: minio/minio, environment: {MINIO_ROOT_USER: u1, MINIO_ROOT_PASSWORD: minio-pw-1}}\n  \
         dump: {image: 'postgres:16', command: pg_dump -h db}\n  db: {image: 'postgres:16'}\n",
    );
    assert_eq!(import.spec.services.keys().collect::<Vec<_>>(), ["app", "migrate", "fill", "after", "dump"]);
    assert_eq!(import.spec.resources.keys().collect::<Vec<_>>(), ["store", "db"]);
    assert!(
        service(&import, "migrate").once && service(&import, "fill").once && !service(&import, "after").once
    );
    assert!(service(&import, "app").env.is_empty(), "a bucket is found by its region, not by an address");
    assert_eq!(uses(&import, "app"), ["store"]);
    for name in ["otel", "logs", "mail", "load", "admin", "zoo", "seed"] {
        assert!(
            import.dropped.iter().any(|n| n.subject == format!("services.{name}")),
            "{name}: {:?}",
            import.dropped
        );
    }
    let only_tools = self::import(
        "services: {p: {image: prom/prometheus, ports: ['9090:9090']}, g: {image: grafana/grafana}}",
    );
    assert_eq!(only_tools.spec.services.len(), 2);
}

#[test]
fn a_built_container_is_judged_by_its_dockerfile_or_by_evidence() {
    let text = "services:\n  web: {build: ., ports: ['80:80']}\n  store: {build: ./store}\n  mysql: {build: ./mysql, image: acme/x-mysql}\n  redis: {build: ./redis}\n";
    let (import, _) = import_with(
        text,
        &[
            ("app/store/Dockerfile", "FROM mongo:6.0\nCOPY a /b\n"),
            ("app/redis/Dockerfile", "FROM node:22\nEXPOSE 3000\n"),
        ],
    );
    assert_eq!(import.spec.resources["store"].ty.value, ResourceType::Mongodb);
    assert_eq!(import.spec.resources["store"].version.as_ref().map(|v| v.value.as_str()), Some("6.0"));
    assert_eq!(import.spec.resources["mysql"].ty.value, ResourceType::Mysql);
    assert_eq!(service(&import, "redis").port.as_ref().map(|p| p.value), Some(3000));
    assert!(import.spec.assumptions.iter().any(|a| a.subject == "resources.mysql.type"));
}

#[test]
fn names_stages_commands_jobs_and_routers() {
    let import = import(
        "services:\n  My_App.1: {build: {context: ., target: dev}, command: nodemon server.js, labels: {traefik.enable: 'true', traefik.http.services.a.loadbalancer.server.port: '8081'}}\n  \
         my-app-1: {image: a, entrypoint: \"sh -c 'run it'\", links: ['My_App.1:other'], environment: {OTHER_HOST: other}}\n  \
         edge: {image: 'traefik:3', ports: ['80:80']}\njobs:\n  nightly: {image: a, triggers: {schedule: ['0 2 * * *']}}\n",
    );
    let app = service(&import, "my-app-1");
    assert_eq!(import.spec.services.keys().collect::<Vec<_>>(), ["my-app-1", "my-app-1-2", "nightly"]);
    assert_eq!(
        (app.port.as_ref().map(|p| p.value), app.public.value, app.command.is_none()),
        (Some(8081), true, true)
    );
    assert!(matches!(&app.source, Source::Build(build) if build.target.is_none()));
    let second = service(&import, "my-app-1-2");
    assert_eq!(second.entrypoint.as_deref(), Some(&["sh", "-c", "run it"].map(String::from)[..]));
    assert_eq!(env(&import, "my-app-1-2", "OTHER_HOST"), "${my-app-1.host}");
    assert_eq!(service(&import, "nightly").schedule.as_ref().map(|s| s.value.as_str()), Some("0 2 * * *"));
}

#[test]
fn whatever_a_file_says_its_import_reads_back() {
    let names: Vec<String> = ["_", "1", "2", "Ünï", "a.b", "A_B", "a-b", "x--y", "\u{1f980}"]
        .into_iter()
        .map(str::to_owned)
        .chain([1, 2].map(|n| format!("{}{n}", "very-long-".repeat(5))))
        .collect();
    let many: String = names.iter().map(|n| format!("  '{n}': {{image: app}}\n")).collect();
    let values = [
        "",
        " ",
        "~",
        "null",
        "yes",
        "012",
        "1e3",
        "0x1F",
        "- a",
        "a: b",
        "# no",
        "'",
        "\"",
        "\\",
        "@at",
        "*star",
        "{a}",
        "[a",
        "a\nb\n",
        "\ttab",
        "é\u{2028}\u{85}",
        "$$",
        "$${X}",
        "a$$b",
        "http://nobody:1/x",
        "%",
        "2026-01-01",
    ];
    let settings: String = values
        .iter()
        .enumerate()
        .map(|(at, v)| format!("      K{at}: {}\n", serde_json::to_string(v).expect("text")))
        .collect();
    for text in [
        format!("services:\n{many}"),
        format!("services:\n  a:\n    image: app\n    environment:\n{settings}"),
        "services: {a: {image: app, environment: ['a.b=1', 'c-d=2', '1x=3', 'sp ace=4', 'é=5', '_=6']}}".to_owned(),
        "services: {a: {build: {context: ., args: {A-B: 1, C: '2'}}, healthcheck: {test: 'curl http://localhost/a b'}}}".to_owned(),
        "services: {a: {image: app, deploy: {replicas: 3, resources: {limits: {cpus: '0', memory: 1500000001b}}}}}".to_owned(),
        "services: {off: {image: app, deploy: {replicas: 0}}, on: {image: app, scale: 2}}".to_owned(),
        "services: {a: {image: app, environment: {DB_NAME: my-db, DB_HOST: d}}, d: {image: postgres, environment: {POSTGRES_DB: my-db}}}".to_owned(),
        "services: {a: {image: app, environment: {REDIS_PASSWORD: hunter22pw, REDIS_HOST: c, U: 'redis://:hunter22pw@c:6379/0'}}, c: {image: redis, environment: {REDIS_PASSWORD: hunter22pw}}}".to_owned(),
        "services: {a: {image: app, environment: {ES: 'http://elastic:elastic-pw-9@es:9200', ELASTIC_PASSWORD: elastic-pw-9}}, es: {image: 'elasticsearch:8', environment: {ELASTIC_PASSWORD: elastic-pw-9}}}".to_owned(),
        "services: {a: {image: app, environment: {K: 'kafka:9092'}}, kafka: {image: 'apache/kafka'}}".to_owned(),
        "services: {a: {image: app, environment: {M: 'mc:11211', N: 'memcached://mc:11211'}}, mc: {image: memcached}}".to_owned(),
        "services: {g: {image: app, ports: ['25565:25565', '53:53/udp']}}".to_owned(),
        "services: {a: {image: app, secrets: [a_b, x-y]}}\nsecrets: {a_b: {file: s}, x-y: {environment: Z}}".to_owned(),
    ] {
        import(&text);
    }
}

#[test]
fn a_chain_may_be_as_long_as_the_file() {
    const LENGTH: usize = 3000;
    let services = |line: &dyn Fn(usize) -> String| -> String {
        (0..LENGTH).map(|at| format!("  s{at}: {{image: app, {}}}\n", line(at))).collect()
    };
    let next = |at: usize| (at + 1).min(LENGTH - 1);
    let last = |at: usize| at + 1 == LENGTH;
    for (what, body) in [
        (
            "extends the next",
            services(&|at| if last(at) { "labels: {}".into() } else { format!("extends: s{}", next(at)) }),
        ),
        (
            "extends the one before",
            services(&|at| if at == 0 { "labels: {}".into() } else { format!("extends: s{}", at - 1) }),
        ),
        (
            "waits for the next",
            services(&|at| {
                if last(at) { "labels: {}".into() } else { format!("depends_on: [s{}]", next(at)) }
            }),
        ),
        ("has the same name", services(&|_| "labels: {}".into()).replace("  s", "  _")),
    ] {
        let (import, diagnostics) = import_with(&format!("services:\n{body}"), &[]);
        assert!(!diagnostics.has_errors(), "{what}: {diagnostics:?}");
        assert_eq!(import.spec.services.len(), LENGTH, "{what}");
    }
    let ring = services(&|at| format!("extends: s{}", (at + 1) % LENGTH));
    let (_, diagnostics) = import_all(&[("c.yaml", &format!("services:\n{ring}"))], &["c.yaml"]);
    let circle = diagnostics.iter().find(|d| d.id == "extends-cycle").expect("said");
    assert!(circle.summary.len() < 200, "a long circle is shown by its ends: {}", circle.summary);
}

#[test]
fn services_that_call_each_other_keep_one_order() {
    for size in [2, 3, 50] {
        let ring: String = (0..size)
            .map(|at| {
                let next = (at + 1) % size;
                format!(
                    "  s{at}: {{image: app, ports: ['80'], environment: {{NEXT_URL: 'http://s{next}:80'}}}}\n"
                )
            })
            .collect();
        let import = import(&format!("services:\n{ring}"));
        let used: usize = import.spec.services.values().map(|s| s.uses.len()).sum();
        assert_eq!(used, size - 1, "one edge of the circle left `uses`");
        assert!(import.spec.services.values().all(|s| s.env.contains_key("NEXT_URL")));
        let said = import.changed.iter().filter(|n| n.subject.ends_with(".uses")).count();
        assert_eq!(said, 1, "{:?}", import.changed);
    }
    let linked = self::import("services: {a: {image: app, links: [b]}, b: {image: app, links: [a]}}");
    assert!(linked.changed.iter().any(|n| n.what == "`a` left `uses`"), "{:?}", linked.changed);
}

#[test]
fn only_the_files_speak_and_never_the_shell() {
    let mut world = MemoryWorld::with([
        (
            "app/compose.yaml",
            "services: {a: {image: 'a:${TAG:-1}', environment: [TAG, MODE, API_TOKEN, \"D=$$x\"], env_file: [{path: e.env}, {path: gone, required: false}]}}",
        ),
        ("app/.env", "MODE=fast\n"),
        ("app/e.env", "MODE=slow\nE='q $x'\n"),
    ]);
    world.env.insert("TAG".into(), "9".into());
    let (import, diagnostics) = read(&world, &["app/compose.yaml".into()], &mut SourceMap::default());
    let import = import.expect("an import");
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    assert!(matches!(&service(&import, "a").source, Source::Image(image) if image.value == "a:1"));
    assert_eq!(
        ["MODE", "E", "D", "API_TOKEN"].map(|k| env(&import, "a", k)),
        ["fast", "q $x", "$x", "${API_TOKEN}"]
    );
    assert!(!service(&import, "a").env.contains_key("TAG"));
}

#[test]
fn hostile_files_end_in_diagnostics() {
    let chain: String = (0..400).map(|i| format!("  s{i}: {{extends: s{}}}\n", i + 1)).collect();
    let many: String =
        (0..400).map(|i| format!("  s{i}: {{image: a, depends_on: [s{}]}}\n", i + 1)).collect();
    let texts = [
        "\u{0}\u{1}\u{2}".to_owned(),
        "a: ".repeat(10_000),
        "{".repeat(100_000),
        format!("services:\n{chain}"),
        format!("services:\n{many}  s400: {{image: a}}\n"),
        format!("services: {{a: {{image: '{}'}}}}", "${A:-".repeat(20_000)),
        "services: {é🦀: {image: 'é:🦀', ports: ['é'], environment: ['é=🦀', '=', ''], volumes: ['é', ':', '::'], command: 'é \"🦀'}}".to_owned(),
        "services: {a: {build: [], ports: [[], {}], environment: [[], {}], volumes: [{}], healthcheck: [], deploy: 1, secrets: {}, depends_on: 1}}".to_owned(),
        "include: [{}, 1, [], {path: []}]\nservices: null\nvolumes: 1\nsecrets: []".to_owned(),
        "services: {a: {image: a, environment: {A: 'http://a:99999999999/', B: '://@:', C: '@', D: '=', E: ';=;', F: 'a:@b:c@d'}}}".to_owned(),
    ];
    for text in texts {
        let world = MemoryWorld::with([("app/compose.yaml", &text)]);
        let mut sources = SourceMap::default();
        let (_, diagnostics) = read(&world, &["app/compose.yaml".into()], &mut sources);
        for diagnostic in &diagnostics {
            if let Some(primary) = &diagnostic.primary {
                assert!(sources.line_col(primary.span).0 > 0);
            }
        }
    }
    let world = MemoryWorld::with([("app/compose.yaml", vec![0xff, 0xfe, 0x00])]);
    let (import, diagnostics) = read(&world, &["app/compose.yaml".into()], &mut SourceMap::default());
    assert!(import.is_none() && diagnostics.iter().any(|d| d.id == "unreadable-file"));
}
