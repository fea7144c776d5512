//! The binary as a user runs it: what it prints, what it writes, how it ends.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::cases::root;

/// A folder of one test's own, empty at the start.
fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).expect("the target folder can be written");
    path
}

fn mainstay(args: &[&str], cwd: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_mainstay"))
        .args(args)
        .current_dir(cwd)
        .output()
        .expect("the binary runs")
}

#[track_caller]
fn ends(output: &Output, code: i32) {
    let said = String::from_utf8_lossy(&output.stderr);
    let printed = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(code), "{said}\n{printed}");
}

/// Every file below a folder with its bytes and its time.
fn snapshot(folder: &Path) -> BTreeMap<PathBuf, (Vec<u8>, std::time::SystemTime)> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![folder.to_path_buf()];
    while let Some(next) = waiting.pop() {
        for entry in std::fs::read_dir(&next).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                let time = entry.metadata().and_then(|m| m.modified()).expect("a time");
                found.insert(path.clone(), (std::fs::read(&path).expect("a file"), time));
            }
        }
    }
    found
}

fn shop() -> String {
    root().join("examples/shop").display().to_string()
}

#[test]
fn a_second_run_changes_nothing() {
    let out = folder("second-run");
    ends(&mainstay(&["deliver", &shop(), "--out", "bundle"], &out), 0);
    let before = snapshot(&out);
    assert!(before.len() > 100, "only {} files", before.len());
    ends(&mainstay(&["generate", &shop(), "--out", "bundle"], &out), 0);
    assert_eq!(before.len(), snapshot(&out).len());
    for (path, (bytes, time)) in snapshot(&out) {
        assert!(before[&path] == (bytes, time), "{} was touched", path.display());
    }
}

#[test]
fn an_edit_survives_and_a_conflict_is_shown() {
    let out = folder("edits");
    ends(&mainstay(&["generate", &shop(), "--out", "."], &out), 0);
    let guide = out.join("docs/deployment.md");
    let text = std::fs::read_to_string(&guide).expect("written");
    std::fs::write(&guide, format!("{text}\nOur own paragraph.\n")).expect("edited");
    // The title changes with the application's name, the edit is elsewhere: both survive.
    ends(&mainstay(&["generate", &shop(), "--out", ".", "--set", "owner=ops@shop.example"], &out), 0);
    let merged = std::fs::read_to_string(&guide).expect("still there");
    assert!(merged.ends_with("Our own paragraph.\n"));
    // An edit of the very line that changes is a conflict: nothing is written.
    let secrets = out.join("secrets/README.md");
    let text = std::fs::read_to_string(&secrets).expect("written");
    std::fs::write(&secrets, text.replace("# Secrets of shop", "# Our secrets")).expect("edited");
    let before = snapshot(&out);
    let output = mainstay(&["generate", &shop(), "--out", ".", "--set", "name=store"], &out);
    ends(&output, 2);
    assert!(String::from_utf8_lossy(&output.stderr).contains("Our secrets"));
    assert_eq!(snapshot(&out), before);
}

#[test]
fn an_application_keeps_its_own_compose_file() {
    let app = folder("own-compose");
    let compose = "services:\n  web:\n    image: nginx:1.27\n    ports: [\"80:80\"]\n";
    std::fs::write(app.join("compose.yaml"), compose).expect("written");
    ends(&mainstay(&["init"], &app), 0);
    for _ in 0..2 {
        ends(&mainstay(&["deliver", ".", "--out", "."], &app), 0);
        assert_eq!(std::fs::read_to_string(app.join("compose.yaml")).expect("still there"), compose);
    }
}

#[test]
fn docs_alone_never_write_over_an_edit() {
    let out = folder("docs-alone");
    ends(&mainstay(&["generate", &shop(), "--out", "."], &out), 0);
    let guide = out.join("docs/deployment.md");
    std::fs::write(&guide, "Our own guide.\n").expect("edited");
    let output = mainstay(&["docs", &shop(), "--out", ".", "--set", "name=store"], &out);
    ends(&output, 0);
    assert!(String::from_utf8_lossy(&output.stderr).contains("edited-document"));
    assert_eq!(std::fs::read_to_string(&guide).expect("still there"), "Our own guide.\n");
    let other = std::fs::read_to_string(out.join("docs/disaster-recovery.md")).expect("written");
    assert!(other.contains("store"), "what nobody edited is replaced");
}

#[test]
fn a_store_that_goes_is_named_with_what_is_lost() {
    let out = folder("lost");
    ends(&mainstay(&["generate", &shop(), "--out", "."], &out), 0);
    let other = ["generate", &shop(), "--out", ".", "--set", "resources.cache.type=memcached"];
    let output = mainstay(&other, &out);
    ends(&output, 0);
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let expected = "module.cache.aws_elasticache_replication_group.this is deleted: loses data";
    assert!(printed.contains(expected), "{printed}");
    assert!(
        printed.contains(": still "),
        "what only costs otherwise is not told as another choice: {printed}"
    );
}

#[test]
fn a_change_of_a_requirement_shows_what_it_changes() {
    let out = folder("changes");
    ends(&mainstay(&["generate", &shop(), "--out", "."], &out), 0);
    let output =
        mainstay(&["generate", &shop(), "--out", ".", "--set", "resources.db.load.queries=200/s"], &out);
    ends(&output, 0);
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    for expected in ["Changed since the last run", "db.engine", "cost $", "to update"] {
        assert!(printed.contains(expected), "{expected} in\n{printed}");
    }
}

#[test]
fn the_bundle_goes_to_a_branch_of_the_applications_repository() {
    let repo = folder("repository");
    let git = |args: &[&str]| {
        let output = Command::new("git").args(args).current_dir(&repo).output().expect("git runs");
        assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let copied = Command::new("cp").arg("-r").arg(format!("{}/.", shop())).arg(&repo).status();
    assert!(copied.expect("cp runs").success());
    git(&["init", "--quiet", "--initial-branch=main"]);
    git(&["config", "user.name", "A Developer"]);
    git(&["config", "user.email", "dev@shop.example"]);
    git(&["add", "."]);
    git(&["commit", "--quiet", "-m", "The application"]);
    let output = mainstay(&["deliver", ".", "--out", ".", "--git", "--branch", "infra"], &repo);
    ends(&output, 0);
    assert_eq!(git(&["rev-parse", "--abbrev-ref", "HEAD"]).trim(), "infra");
    let listed = git(&["ls-tree", "-r", "--name-only", "infra"]);
    for expected in
        ["mainstay.lock", "infra/terraform/envs/production/main.tf", "docs/topology.svg", "api/package.json"]
    {
        assert!(listed.lines().any(|l| l == expected), "{expected} in\n{listed}");
    }
    assert_eq!(git(&["rev-list", "--count", "main..infra"]).trim(), "1");
    let text =
        std::fs::read_to_string(repo.join(".mainstay/pull-request.md")).expect("the text lies beside it");
    for heading in ["Summary", "Plan", "Cost", "Findings", "Rollback", "Next steps"] {
        assert!(text.contains(&format!("## {heading}")), "{heading} in\n{text}");
    }
}

#[test]
fn every_command_speaks_json() {
    let out = folder("json");
    let path = shop();
    let commands: &[&[&str]] = &[
        &["design", &path],
        &["design", &path, "--compare"],
        &["check", &path],
        &["cost", &path],
        &["cost", &path, "--against", &path],
        &["rehearse", &path],
        &["status", &path, "--out", "."],
        &["deliver", &path, "--out", "b"],
        &["generate", &path, "--out", "b"],
        &["docs", &path, "--out", "d"],
        &["init", "--from", "a Node API with Postgres", "--out", "i"],
    ];
    for command in commands {
        let output = mainstay(&[*command, &["--format", "json"]].concat(), &out);
        ends(&output, 0);
        let value: serde_json::Value =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{command:?}: {e}"));
        assert_eq!(value["version"], 1, "{command:?}");
    }
    let sarif = mainstay(&["check", &path, "--format", "sarif"], &out);
    let sarif: serde_json::Value = serde_json::from_slice(&sarif.stdout).expect("SARIF is JSON");
    assert_eq!(sarif["version"], "2.1.0");
}

#[test]
fn a_failure_is_said_however_little_is_asked_for() {
    let out = folder("failures");
    let shop = root().join("examples/shop").display().to_string();
    std::fs::write(out.join("file"), "mine").expect("written");
    for command in ["generate", "deliver", "docs"] {
        for target in ["file", "file/below"] {
            let output = mainstay(&[command, &shop, "--out", target, "--quiet"], &out);
            ends(&output, 2);
            assert!(String::from_utf8_lossy(&output.stderr).contains("file is no folder"), "{command}");
        }
        let output = mainstay(&[command, &shop, "--out", "file", "--format", "json"], &out);
        let value: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(value["messages"][0]["id"], "not-a-folder");
    }
    let output = mainstay(&["design", &shop, "--format", "sarif"], &out);
    ends(&output, 2);
    let value: serde_json::Value = serde_json::from_slice(&output.stdout).expect("SARIF");
    assert_eq!(value["runs"][0]["results"][0]["ruleId"], "no-findings");
    assert_eq!(std::fs::read_to_string(out.join("file")).expect("there"), "mine");
    std::fs::create_dir_all(out.join("odd/mainstay.yaml")).expect("made");
    let output = mainstay(&["design", "odd"], &out);
    ends(&output, 2);
    assert!(String::from_utf8_lossy(&output.stderr).contains("odd/mainstay.yaml is neither"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_result_that_does_not_arrive_is_a_failure() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("Linux has it");
    let ended =
        Command::new(env!("CARGO_BIN_EXE_mainstay")).arg("schema").stdout(full).output().expect("runs");
    ends(&ended, 3);
    assert!(String::from_utf8_lossy(&ended.stderr).contains("cannot be written"));
}

#[test]
fn words_that_set_nothing_reach_the_reader_and_programs() {
    let out = folder("not-understood");
    let text = "Go API in Ireland with HIPAA compliance";
    let output = mainstay(&["init", "--from", text, "--out", "."], &out);
    ends(&output, 0);
    assert!(String::from_utf8_lossy(&output.stdout).contains("HIPAA compliance"));
    let output = mainstay(&["deliver", "--from", text, "--out", "o", "--format", "json"], &out);
    ends(&output, 0);
    let value: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(value["not_understood"][0], "HIPAA compliance");
}

#[test]
fn bad_input_ends_with_two_and_writes_nothing() {
    let out = folder("bad");
    let write = |name: &str, text: &str| std::fs::write(out.join(name), text).expect("written");
    write("broken.yaml", "version: 1\nname: [\n");
    write("unknown.yaml", "version: 1\nname: a\nservices:\n  api: { build: ., prot: 80 }\n");
    write("binary.yaml", "\u{0}\u{1}\u{2}");
    write("empty.yaml", "");
    write("foreign.yaml", "apiVersion: example.dev/v1\nresources: {}\n");
    for (path, said) in [
        ("nowhere", "nothing at nowhere"),
        ("broken.yaml", "broken.yaml:"),
        ("unknown.yaml", "unknown.yaml:4:20"),
        ("binary.yaml", "binary.yaml"),
        ("empty.yaml", "empty"),
        ("foreign.yaml", "neither a spec nor a compose file"),
    ] {
        let output = mainstay(&["deliver", path, "--out", "never"], &out);
        ends(&output, 2);
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(stderr.contains(said), "{path}: {stderr}");
        assert!(!out.join("never").exists());
    }
    ends(&mainstay(&["deliver"], &out), 2);
    ends(&mainstay(&["no-such-command"], &out), 2);
}

#[test]
fn an_impossible_budget_says_what_to_relax() {
    let out = folder("budget");
    let output = mainstay(&["deliver", &shop(), "--out", "b", "--set", "budget=50 USD/month"], &out);
    ends(&output, 2);
    let all = [output.stdout, output.stderr].concat();
    let all = String::from_utf8_lossy(&all);
    for expected in ["budget-too-small", "Blocked", "unblocked by", "Nothing was written"] {
        assert!(all.contains(expected), "{expected} in\n{all}");
    }
    assert!(!out.join("b").exists());
}

#[test]
fn no_secret_value_reaches_any_output() {
    let app = folder("secrets");
    let planted = [
        "hunter2-Inline-Password",
        "sk_live_51Planted0000000000000000",
        "ghp_PlantedPlantedPlantedPlantedPlant12",
        "AKIAPLANTEDPLANTED12",
        "dsn-Secret-In-Url",
        "build-arg-Secret-77",
        "file-Secret-88",
        "command-Secret-99",
    ];
    let [password, stripe, github, access, dsn, argument, file, command] = planted;
    let compose = format!(
        "name: leaky\nservices:\n  web:\n    build: {{ context: ., args: {{ API_TOKEN: {argument} }} }}\n    \
         ports: [\"80:3000\"]\n    command: [\"serve\", \"--password={command}\"]\n    environment:\n      \
         DB_PASSWORD: {password}\n      STRIPE_KEY: {stripe}\n      GITHUB_TOKEN: ${{TOKEN_FROM_ENV}}\n      \
         AWS_ACCESS_KEY_ID: {access}\n      DATABASE_URL: postgres://app:{dsn}@db:5432/app\n    \
         env_file: [more.env]\n    depends_on: [db]\n  db:\n    image: postgres:16\n    \
         environment: {{ POSTGRES_PASSWORD: {password} }}\n"
    );
    std::fs::write(app.join("compose.yaml"), compose).expect("written");
    std::fs::write(app.join(".env"), format!("TOKEN_FROM_ENV={github}\n")).expect("written");
    std::fs::write(app.join("more.env"), format!("SESSION_SECRET={file}\n")).expect("written");
    let mut all = Vec::new();
    for command in [
        &["deliver", "secrets", "--out", "secrets-out"][..],
        &["design", "secrets", "--format", "json"],
        &["check", "secrets"],
        &["cost", "secrets"],
        &["init", "secrets", "--out", "secrets-init"],
        &["deliver", "secrets", "--out", "secrets-broken", "--set", "services.web.port=0"],
    ] {
        let output = mainstay(command, app.parent().expect("a parent"));
        all.extend([output.stdout, output.stderr].concat());
    }
    for out in ["secrets-out", "secrets-init"] {
        let out = app.parent().expect("a parent").join(out);
        for (bytes, _) in snapshot(&out).into_values() {
            all.extend(bytes);
        }
        let _ = std::fs::remove_dir_all(&out);
    }
    let all = String::from_utf8_lossy(&all);
    assert!(
        all.contains("DB_PASSWORD") && all.len() > 50_000,
        "the run wrote something: {} bytes",
        all.len()
    );
    for secret in planted {
        assert!(!all.contains(secret), "{secret} was written somewhere");
    }
}

#[test]
fn what_it_says_of_itself_is_complete() {
    let out = folder("meta");
    for (args, expected) in [
        (&["--version"][..], "mainstay 0."),
        (&["--help"], "deliver"),
        (&["schema"], "\"additionalProperties\": false"),
        (&["completions", "bash"], "_mainstay"),
        (&["completions", "zsh"], "#compdef mainstay"),
        (&["man"], ".TH mainstay"),
    ] {
        let output = mainstay(args, &out);
        ends(&output, 0);
        assert!(String::from_utf8_lossy(&output.stdout).contains(expected), "{args:?}");
    }
}
