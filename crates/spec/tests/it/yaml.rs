use ir::{Diagnostics, SourceMap};
use spec::Spec;

fn read(text: &str) -> (Option<Spec>, Diagnostics, SourceMap) {
    read_with(text, &[])
}

fn read_with(text: &str, set: &[&str]) -> (Option<Spec>, Diagnostics, SourceMap) {
    let mut sources = SourceMap::default();
    let set: Vec<String> = set.iter().map(|s| (*s).to_owned()).collect();
    let (spec, diagnostics) = spec::yaml::read("mainstay.yaml", text, &set, &mut sources);
    (spec, diagnostics, sources)
}

/// Every diagnostic as `id line:column`.
fn said(diagnostics: &Diagnostics, sources: &SourceMap) -> Vec<String> {
    let place = |d: &ir::Diagnostic| {
        d.primary.as_ref().map_or("-".to_owned(), |l| {
            let (line, column) = sources.line_col(l.span);
            format!("{line}:{column}")
        })
    };
    diagnostics.iter().map(|d| format!("{} {}", d.id, place(d))).collect()
}

const HEAD: &str = "version: 1\nname: shop\nservices:\n";

/// Reads a body in which a `^` stands before the place of each expected diagnostic, in order.
#[track_caller]
fn check(marked: &str, ids: &[&str]) {
    let marked = format!("{HEAD}{marked}");
    let text = marked.replace('^', "");
    let (spec, diagnostics, sources) = read(&text);
    let mut places: Vec<String> = Vec::new();
    for (line, marked) in marked.lines().enumerate() {
        let columns = marked.char_indices().filter(|(_, c)| *c == '^').enumerate();
        places.extend(columns.map(|(before, (at, _))| format!("{}:{}", line + 1, at - before + 1)));
    }
    let mut found = said(&diagnostics, &sources);
    found.sort_by_key(|f| {
        let (line, column) = f.split_once(' ').and_then(|(_, p)| p.split_once(':')).unwrap_or(("0", "0"));
        (line.parse::<u32>().unwrap_or(0), column.parse::<u32>().unwrap_or(0))
    });
    let expected: Vec<String> = ids.iter().zip(&places).map(|(id, place)| format!("{id} {place}")).collect();
    assert_eq!(ids.len(), places.len(), "one marker a diagnostic");
    assert_eq!(found, expected, "{text}\n{diagnostics:#?}");
    assert_eq!(spec.is_none(), diagnostics.has_errors());
    for d in &diagnostics {
        assert!(!d.summary.ends_with('.'), "{}", d.summary);
        assert!(d.help.is_some() || d.primary.as_ref().is_some_and(|l| !l.text.is_empty()), "{d:?}");
    }
}

#[test]
fn the_shop_is_read_whole() {
    let text = include_str!("../../../../examples/shop/mainstay.yaml");
    let (spec, diagnostics, _) = read(text);
    assert!(diagnostics.is_empty(), "{diagnostics:#?}");
    let spec = spec.expect("no errors");
    assert_eq!(spec.services.len(), 4);
    assert_eq!(spec.services["api"].load.cpu.as_ref().map(|c| c.value), Some(0.006));
    assert_eq!(spec.resources["db"].storage_gib.as_ref().map(|s| s.value), Some(100.0));
    assert_eq!(spec.environments["production"].rpo.as_ref().map(|r| r.value), Some(300));
    assert!(spec.assumptions.is_empty(), "{:?}", spec.assumptions);
}

#[test]
fn every_kind_of_mistake_has_its_place() {
    check("  api: { build: ., ^prot: 80 }\n", &["unknown-key"]);
    check("  api: { build: ., port: ^80800 }\n", &["port-out-of-range"]);
    check("  api: { build: ., port: 80, load: { memory: ^300 } }\n", &["wrong-unit"]);
    let unused = "unused-resource";
    check(
        "  api: { build: ., uses: [^bd] }\nresources:\n  ^db: { type: postgres }\n",
        &["unknown-name", unused],
    );
    check(
        "  a: { build: ., uses: [b] }\n  b: { build: ., uses: [c] }\n  c: { build: ., uses: [^a] }\n",
        &["uses-cycle"],
    );
    check("  api: { build: . }\n  ^api: { build: . }\n", &["duplicate-key"]);
    check(
        "  db: { build: ., uses: [x] }\n  x: { build: . }\nresources:\n  ^x: { type: redis }\n",
        &["duplicate-name"],
    );
    for rto in ["soon", "0s", "5", "999999999h"] {
        check(
            &format!("  api: {{ build: . }}\nenvironments: {{ production: {{ rto: ^{rto} }} }}\n"),
            &["wrong-unit"],
        );
    }
    for availability in ["100%", "101%", "99.99999999%", "0%", "0.999", "high"] {
        check(
            &format!(
                "  api: {{ build: . }}\nenvironments: {{ production: {{ availability: ^{availability} }} }}\n"
            ),
            &["wrong-unit"],
        );
    }
    check("  api: { build: ., schedule: ^\"0 0 31 2 *\" }\n", &["invalid-value"]);
    for budget in ["0 USD/month", "-5 USD/month", "800", "800 EUR/month"] {
        check(&format!("  api: {{ build: . }}\nbudget: ^{budget}\n"), &["invalid-budget"]);
    }
    check("  api: { build: ., public: ^yes }\n", &["wrong-type"]);
    check("  api: { build: ., public: ^true }\n", &["public-without-port"]);
    check("  ^api: { port: 80 }\n", &["no-source"]);
    check("  ^API: { build: . }\n", &["invalid-name"]);
    check("  api: { build: ., release: ^canray }\n", &["unknown-word"]);
    check("  api: { build: . }\ndeliver: { iac: ^cdk }\n", &["not-supported"]);
    check("  api: { build: ., schedule: ^\"0 2 * *\" }\n", &["invalid-value"]);
    check("  api: { build: ^../x }\n", &["invalid-value"]);
    check("  ^api: { build: ., env: { X: \"${nope.host}\" } }\n", &["unknown-name"]);
    check("  ^api: { build: ., env: { X: \"a${KEY}\" } }\nsecrets: [KEY]\n", &["secret-in-text"]);
    check("  ^api: ^5\n", &["no-source", "wrong-shape"]);
    check("  api: { build: ., release: ^canary }\n", &["release-without-traffic"]);
    check("  api: { build: . }\nenvironments: { ^shared: {} }\n", &["reserved-name"]);
    check(
        "  a: { build: ., port: 1, host: x.y.z }\n  b: { build: ., port: 1, host: ^x.y.z }\n",
        &["duplicate-host"],
    );
    check("  a: { build: ., uses: [^a] }\n", &["uses-itself"]);
    check("  a: { image: x, port: 1, schedule: ^\"* * * * *\" }\n", &["scheduled-server"]);
}

#[test]
fn a_name_stands_once_in_a_list() {
    let twice = &["duplicate-entry"];
    check("  api: { build: ., uses: [K, ^K] }\nsecrets: [K]\n", twice);
    check("  api: { build: ., uses: [{K: read}, ^K] }\nsecrets: [K]\n", twice);
    check("  api: { build: . }\nsecrets: [K, L, ^K]\n", twice);
    check("  api: { build: . }\ncloud: { regions: [eu-west-1, ^eu-west-1] }\n", twice);
    check("  api: { build: . }\nenvironments: { production: { approvers: [a, ^a] } }\n", twice);
    check("  api: { build: . }\ndeliver: { observability: [grafana, ^grafana] }\n", twice);
    let (spec, said, _) = read(&format!(
        "{HEAD}  api: {{ build: ., command: [a, a], uses: [{{K: read, L: write}}] }}\nsecrets: [K, L]\n"
    ));
    assert!(said.is_empty(), "{said:#?}");
    assert_eq!(spec.expect("no errors").services["api"].uses.len(), 2, "every key of an entry is read");
}

#[test]
fn nothing_that_is_written_is_lost_without_a_word() {
    for (ty, written) in [
        ("queue", "storage: ^10GiB"),
        ("topic", "version: ^\"1\""),
        ("redis", "storage: ^10GiB"),
        ("postgres", "memory: ^2GiB"),
        ("bucket", "memory: ^2GiB"),
        ("bucket", "load: { queries: ^5/s }"),
        ("redis", "retention: ^2d"),
        ("opensearch", "migrations: ^./m"),
    ] {
        check(
            &format!("  api: {{ build: ., uses: [r] }}\nresources:\n  r: {{ type: {ty}, {written} }}\n"),
            &["key-without-effect"],
        );
    }
    check("  api: { build: ., env: { A: ^\"${db\" } }\n", &["open-reference"]);
    check("  api: { build: . }\n---\n^version: 1\n", &["several-documents"]);
}

#[test]
fn a_secret_has_no_value_and_no_message_shows_one() {
    let (spec, said, _) = read(&format!("{HEAD}  api: {{ build: . }}\nsecrets: {{ KEY: hunter2 }}\n"));
    assert!(spec.is_none());
    assert!(said.iter().any(|d| d.id == "secret-value" && d.primary.is_none()));
    assert!(!format!("{said:?}").contains("hunter2"));
}

#[test]
fn all_errors_of_a_file_come_in_one_run() {
    let body = "  api: { build: ., port: 0, prot: 1, load: { cpu: 5, peak: 0.5x }, uses: [nothing] }\n  b: { image: 'a b' }\nbudget: x\n";
    let (_, diagnostics, sources) = read(&format!("{HEAD}{body}"));
    let said = said(&diagnostics, &sources);
    assert!(said.len() >= 7, "{said:#?}");
}

#[test]
fn a_call_back_goes_through_env_and_is_no_cycle() {
    check(
        "  a: { build: ., port: 1, uses: [b] }\n  b: { build: ., port: 2, env: { A: \"${a.url}\" } }\n",
        &[],
    );
}

#[test]
fn overrides_are_held_to_the_same_rules() {
    let text = format!("{HEAD}  api: {{ build: . }}\n");
    let (spec, _, _) =
        read_with(&text, &["environments.production.availability=99.9%", "services.api.port=8080"]);
    let spec = spec.expect("valid");
    assert_eq!(spec.services["api"].port.as_ref().map(|p| p.value), Some(8080));
    assert_eq!(spec.environments.len(), 1);
    for (set, id) in [
        ("services.api.port=99999", "port-out-of-range"),
        ("services.api.prot=1", "unknown-key"),
        ("nonsense", "invalid-override"),
        ("=1", "invalid-override"),
        ("budget=[", "invalid-override"),
    ] {
        let (_, diagnostics, sources) = read_with(&text, &[set]);
        let first =
            diagnostics.iter().find(|d| d.id == id).unwrap_or_else(|| panic!("{set}: {diagnostics:?}"));
        let span = first.primary.as_ref().expect("has a place").span;
        assert_eq!(sources.get(span.file).path, "--set");
    }
}

#[test]
fn what_is_printed_reads_back() {
    let full = "  api:\n    build: { context: ./api, dockerfile: D, target: t, args: { A: b } }\n    port: 80\n    host: api.shop.example\n    protocol: grpc\n    health: /h\n    load: { requests: 1.5/s, peak: 2x, cpu: 6ms, memory: 300MiB, response: 2.5KiB, duration: 1h }\n    slo: { availability: 99.9%, latency: 300ms@p99.9 }\n    uses: [db, {q: write}, KEY]\n    release: blue-green\n    env: { A: \"x${db.host}\", B: \"${KEY}\", C: \"no\", D: 012, E: \"$${x}\" }\n    command: [a, \"b c\"]\n    limits: { cpus: 0.25, memory: 1GiB, replicas: 2 }\n  job: { image: \"a:1\", schedule: \"*/5 * * * *\", once: false }\n  site: { static: ./dist, public: true }\nresources:\n  db: { type: mysql, version: \"8.0\", storage: 20GiB, load: { queries: 5/s }, migrations: ./m, database: x }\n  q: { type: queue, ordered: true, retention: 4d }\n  t: { type: topic, subscribers: [q] }\n  b: { type: bucket, size: 0.5GiB }\nsecrets: { KEY: { note: \"rotate it\" } }\nowner: a@b.c\nbudget: 12.5 USD/month\nenvironments: { dev: { scale: 1% }, production: { availability: 99.99%, rto: 90s, rpo: 1m, approvers: [a] } }\ndeliver: { observability: [cloud] }\n";
    for text in [format!("{HEAD}{full}"), include_str!("../../../../examples/shop/mainstay.yaml").to_owned()]
    {
        let (spec, diagnostics, _) = read(&text);
        let spec = spec.unwrap_or_else(|| panic!("{diagnostics:#?}"));
        let printed = spec::yaml::print(&spec);
        let (again, diagnostics, _) = read(&printed);
        let again = again.unwrap_or_else(|| panic!("{printed}\n{diagnostics:#?}"));
        assert_eq!(spec::yaml::print(&again), printed);
        assert_eq!(again.services.len(), spec.services.len());
    }
}

#[test]
fn hostile_files_end_in_diagnostics() {
    let deep = format!("{HEAD}  api: {}", "{a: ".repeat(5000));
    let wide: String = (0..3000).map(|i| format!("  s{i}: {{ build: . }}\n")).collect();
    for text in [
        "",
        "\u{0}\u{1}",
        "[]",
        "- 1",
        "42",
        "version: 1",
        "\u{feff}version: 1\n",
        "services: {}",
        &deep,
        "a: *x",
        "? [1]\n: 2",
    ] {
        let (spec, diagnostics, _) = read(text);
        assert!(spec.is_none() && diagnostics.has_errors(), "{text:.40?}");
    }
    let (spec, diagnostics, _) = read(&format!("{HEAD}{wide}"));
    assert!(spec.is_some(), "{:?}", diagnostics.iter().next());
}

#[test]
fn the_schema_has_every_key_and_no_other() {
    let schema = spec::yaml::schema::json_schema();
    let keys: Vec<&String> = schema["properties"].as_object().expect("an object").keys().collect();
    assert_eq!(keys.len(), spec::yaml::keys::SPEC.keys.len());
    assert_eq!(schema["properties"]["services"]["additionalProperties"]["additionalProperties"], false);
}
