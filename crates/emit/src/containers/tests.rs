//! Every recipe and every stand-in, over specs made here.

use indexmap::IndexMap;
use ir::Spanned;
use spec::*;

use super::compose;
use super::stacks::RECIPES;
use super::*;

fn service(source: Source) -> Service {
    Service {
        source,
        port: Some(Spanned::bare(8080)),
        protocol: Protocol::Http,
        public: Spanned::bare(true),
        host: None,
        health: Some(Spanned::bare("/healthz".into())),
        load: Load::default(),
        slo: None,
        uses: Vec::new(),
        release: Spanned::bare(Release::Rolling),
        schedule: None,
        once: false,
        env: IndexMap::new(),
        entrypoint: None,
        command: None,
        limits: Limits::default(),
        span: None,
    }
}

fn built(stack: Stack) -> Source {
    let words = |t: &str| Some(t.split(' ').map(str::to_owned).collect::<Vec<_>>());
    let lockfile = match stack {
        Stack::NodeNpm | Stack::Static => Some("package-lock.json"),
        Stack::NodePnpm => Some("pnpm-lock.yaml"),
        Stack::NodeYarn => Some("yarn.lock"),
        Stack::PythonPip => Some("requirements.txt"),
        Stack::PythonPoetry => Some("poetry.lock"),
        Stack::PythonUv => Some("uv.lock"),
        Stack::Go => Some("go.sum"),
        _ => None,
    };
    let scan = Scan {
        stack: Some(stack),
        lockfile: lockfile.map(str::to_owned),
        build: words("npm run build"),
        start: words("start it"),
        artifact: Some("dist".into()),
        ..Scan::default()
    };
    let context = Spanned::bare("./services/app".to_owned());
    Source::Build(Build { context, dockerfile: None, target: None, args: IndexMap::new(), scan: Some(scan) })
}

fn resource(ty: ResourceType) -> Resource {
    Resource {
        ty: Spanned::bare(ty),
        version: None,
        storage_gib: None,
        memory_gib: None,
        queries: None,
        retention: None,
        migrations: None,
        ordered: false,
        subscribers: Vec::new(),
        database: None,
        local_image: None,
        span: None,
    }
}

const TYPES: [ResourceType; 11] = [
    ResourceType::Postgres,
    ResourceType::Mysql,
    ResourceType::Mongodb,
    ResourceType::Redis,
    ResourceType::Memcached,
    ResourceType::Queue,
    ResourceType::Topic,
    ResourceType::Rabbitmq,
    ResourceType::Kafka,
    ResourceType::Opensearch,
    ResourceType::Bucket,
];

/// A spec with a service of every stack, each using a resource of every type.
fn everything() -> Spec {
    let resources: IndexMap<String, Resource> =
        TYPES.iter().map(|ty| (format!("{ty:?}").to_lowercase(), resource(*ty))).collect();
    let uses: Vec<Use> = resources
        .keys()
        .map(|name| Use {
            target: UseTarget::Resource,
            name: name.clone(),
            access: Access::ReadWrite,
            span: None,
        })
        .collect();
    let mut services = IndexMap::new();
    for (stack, _) in RECIPES {
        let mut made = service(built(*stack));
        made.uses.clone_from(&uses);
        // Migrations are for one database.
        made.once = stack.migrates();
        made.uses.retain(|u| !made.once || u.name == "postgres");
        services.insert(format!("{stack:?}").to_lowercase(), made);
    }
    Spec {
        name: Spanned::bare("all".into()),
        owner: None,
        cloud: Cloud {
            provider: Spanned::bare(Provider::Aws),
            regions: vec![Spanned::bare("eu-west-1".into())],
        },
        budget: None,
        environments: IndexMap::new(),
        services,
        resources,
        secrets: IndexMap::from([("API_KEY".to_owned(), Secret::default())]),
        deliver: Deliver::default(),
        assumptions: Vec::new(),
    }
}

#[test]
fn every_stack_gets_a_lean_image_without_root() {
    let (bundle, diagnostics) = dockerfiles(&everything());
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    assert_eq!(bundle.len(), 2 * RECIPES.len());
    for (path, file) in bundle.iter().filter(|(p, _)| p.ends_with("Dockerfile")) {
        let text = &file.text;
        assert!(text.starts_with("# syntax=docker/dockerfile:1\n"), "{path}");
        let migrates = text.contains(" /migrations\n");
        assert!(migrates || text.matches("\nFROM ").count() >= 2, "{path} has one stage");
        let user = text.lines().filter_map(|l| l.strip_prefix("USER ")).next_back().expect("a user");
        assert!(user.split(':').all(|id| id.parse::<u32>().is_ok_and(|id| id > 0)), "{path}: {user}");
        let last = if migrates { "ENTRYPOINT [" } else { "CMD [" };
        assert!(text.lines().last().is_some_and(|l| l.starts_with(last)), "{path}");
        // Whoever is not root can write to the one folder that is left writable.
        assert!(
            migrates
                || text.contains(
                    "VOLUME [\"/tmp\"]
USER "
                ),
            "{path}"
        );
        for base in text.lines().filter_map(|l| l.strip_prefix("ARG ")) {
            let (_, tag) = base.rsplit_once(':').expect("a tag");
            assert!(tag != "latest" && !tag.is_empty(), "{path}: {base}");
        }
        if migrates {
            continue;
        }
        // Dependencies come before the source, so that a change of the source keeps their layer.
        let whole = text.find("COPY . ").unwrap_or(usize::MAX);
        assert!(text.find("COPY ").is_some_and(|first| first < whole || whole == usize::MAX), "{path}");
    }
}

#[test]
fn what_is_not_known_is_said_and_not_invented() {
    let mut spec = everything();
    for (_, service) in &mut spec.services {
        if let Source::Build(build) = &mut service.source {
            let scan = build.scan.as_mut().expect("scanned");
            (scan.start, scan.artifact) = (None, None);
        }
        // A tool for migrations needs to know its database, and nothing else.
        service.uses.clear();
    }
    let (bundle, diagnostics) = dockerfiles(&spec);
    assert!(bundle.is_empty());
    assert_eq!(diagnostics.len(), RECIPES.len());
}

#[test]
fn a_service_keeps_its_own_dockerfile() {
    let mut spec = everything();
    for (_, service) in &mut spec.services {
        if let Source::Build(build) = &mut service.source {
            build.dockerfile = Some(Spanned::bare("Dockerfile".into()));
        }
    }
    assert!(dockerfiles(&spec).0.is_empty());
    assert!(!compose::compose(&spec).0.get("compose.yaml").expect("written").text.contains("containers/"));
}

#[test]
fn every_resource_stands_in_and_no_value_is_written() {
    let (bundle, diagnostics) = compose::compose(&everything());
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let text = &bundle.get("compose.yaml").expect("written").text;
    for name in TYPES.iter().map(|t| format!("{t:?}").to_lowercase()) {
        let emulated = matches!(name.as_str(), "queue" | "topic" | "bucket");
        assert_eq!(text.contains(&format!("\n  {name}:\n")), !emulated, "{name}");
    }
    for line in text.lines().filter(|l| l.contains("PASSWORD:") || l.contains("PASS:")) {
        assert!(line.contains("${") && line.contains(":?set it in .env}"), "{line}");
    }
    let example = &bundle.get(".env.example").expect("written").text;
    assert!(example.lines().filter(|l| !l.starts_with('#')).all(|l| l.ends_with('=')), "{example}");
    assert!(example.contains("API_KEY=") && example.contains("POSTGRES_PASSWORD="));
    assert!(text.contains("../../containers/go/Dockerfile"));
}

#[test]
fn texts_that_yaml_or_compose_would_misread_survive() {
    let mut spec = everything();
    let values = [
        "no",
        "on",
        "0755",
        "1e3",
        "null",
        "a: b",
        "# x",
        "two\nlines",
        "cost $5",
        "",
        " x ",
        "\u{1F6A2}",
        "~",
        "'\"\\",
    ];
    let service = spec.services.get_mut("go").expect("there");
    for (i, value) in values.iter().enumerate() {
        service.env.insert(format!("V{i}"), EnvValue { parts: vec![EnvPart::Text((*value).to_owned())] });
    }
    let (bundle, _) = compose::compose(&spec);
    let text = &bundle.get("compose.yaml").expect("written").text;
    let read: serde_json::Value = serde_saphyr::from_str(text).expect("valid YAML");
    for (i, value) in values.iter().enumerate() {
        assert_eq!(
            read["services"]["go"]["environment"][format!("V{i}")],
            value.replace('$', "$$"),
            "{value:?}"
        );
    }
    let script = read["services"]["aws-local-setup"]["command"][0].as_str().expect("text");
    assert!(script.contains('\n') && text.contains("- |"), "the script is a literal block");
}

#[test]
fn a_service_is_never_replaced_by_a_container_of_ours() {
    for taken in ["aws-local", "aws-local-setup", "postgres"] {
        let mut spec = everything();
        spec.services.insert(taken.to_owned(), service(Source::Image(Spanned::bare("mine:1".into()))));
        let (bundle, diagnostics) = compose::compose(&spec);
        assert!(diagnostics.has_errors(), "{taken}");
        assert!(bundle.get("compose.yaml").is_some_and(|f| f.text.contains("mine:1")), "{taken}");
    }
}

#[test]
fn services_wait_for_the_migrations_of_what_they_use() {
    let mut spec = everything();
    spec.resources["postgres"].migrations = Some(Spanned::bare("./migrations".into()));
    let (bundle, _) = compose::compose(&spec);
    let text = &bundle.get("compose.yaml").expect("written").text;
    let read: serde_json::Value = serde_saphyr::from_str(text).expect("valid YAML");
    let waits = |service: &str, task: &str| {
        read["services"][service]["depends_on"][task]["condition"] == "service_completed_successfully"
    };
    for (name, service) in &spec.services {
        assert_eq!(waits(name, "dbmate"), !service.once, "{name}");
    }
    assert_eq!(read["services"]["dbmate"]["build"]["dockerfile"], "../../containers/dbmate/Dockerfile");
    assert_eq!(read["services"]["dbmate"]["restart"], "no");
}

/// The scripts of every tool for every database, by the tool's stack and the engine.
fn scripts() -> Vec<(Stack, ResourceType, Result<String, String>)> {
    let spec = everything();
    let mut all = Vec::new();
    for engine in ["postgres", "mysql"] {
        for (stack, _) in RECIPES.iter().filter(|(s, _)| s.migrates()) {
            let mut made = spec.services[format!("{stack:?}").to_lowercase().as_str()].clone();
            made.uses[0].name = engine.to_owned();
            let Source::Build(build) = &made.source else { panic!("it is built") };
            let written = written(&spec, &made, build).map(|d| d.print()).map_err(|l| l.because.to_owned());
            all.push((*stack, *spec.resources[engine].ty, written));
        }
    }
    all
}

#[test]
fn no_password_reaches_a_command_line_or_an_image() {
    for (stack, ty, script) in scripts() {
        let Ok(script) = script else { continue };
        assert!(!script.contains("ARG POSTGRES") && !script.contains("ENV POSTGRES"), "{stack:?}");
        for line in script.lines().filter(|l| l.contains("$password") || l.contains("PASSWORD")) {
            let hands_on =
                line.contains("export ") || line.contains("printf %s") || line.contains("_PASSWORD tls=");
            assert!(hands_on, "{stack:?} on {ty:?}: {line}");
        }
        assert!(
            script.contains("_TLS:-false}") && script.contains(" = true ]; then "),
            "{stack:?} on {ty:?}"
        );
    }
}

#[test]
fn what_a_tool_cannot_do_safely_has_no_image() {
    let refused: Vec<(Stack, ResourceType)> =
        scripts().into_iter().filter(|(_, _, s)| s.is_err()).map(|(s, ty, _)| (s, ty)).collect();
    let on_mysql = [Stack::GolangMigrate, Stack::Liquibase, Stack::NumberedSql];
    assert_eq!(refused, on_mysql.map(|s| (s, ResourceType::Mysql)));
}
