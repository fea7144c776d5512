//! Python: requirements files, Poetry and uv.
//!
//! How the program starts is rarely written down, so the places that say it are asked in turn: a Procfile, the
//! declared scripts, the web framework's entry point, a file with a usual name.

use ir::Diagnostics;

use super::{Sources, unreadable, version_in, words};
use crate::model::{Scan, Stack};

const PROJECT: &str = "pyproject.toml";

pub(super) fn claims(sources: &Sources<'_>) -> bool {
    sources.first_of(&["requirements.txt", PROJECT, "uv.lock", "poetry.lock", "setup.py"]).is_some()
}

pub(super) fn read(sources: &Sources<'_>, diagnostics: &mut Diagnostics) -> Scan {
    let text = sources.text(PROJECT).unwrap_or_default();
    let project = text.parse::<toml::Table>().unwrap_or_else(|e| {
        diagnostics.push(unreadable(sources, PROJECT, e.message()));
        toml::Table::new()
    });
    let requirements = sources.text("requirements.txt").unwrap_or_default();
    let dependencies = dependencies(&project, &requirements);
    let depends = |name: &str| dependencies.iter().any(|d| d == name);
    let (stack, lockfile) = manager(sources, &project);
    let has_tests = sources
        .files()
        .any(|f| f.rsplit('/').next().is_some_and(|n| n.starts_with("test_") && n.ends_with(".py")));
    let test =
        if depends("pytest") || at(&project, &["tool", "pytest"]).is_some() || sources.has("pytest.ini") {
            Some("python -m pytest")
        } else {
            has_tests.then_some("python -m unittest")
        };
    let lint = if depends("ruff") || at(&project, &["tool", "ruff"]).is_some() || sources.has("ruff.toml") {
        Some("ruff check .")
    } else {
        (depends("flake8") || sources.has(".flake8")).then_some("flake8")
    };
    Scan {
        stack: Some(stack),
        version: version(sources, &project),
        lockfile,
        start: start(sources, &project, &depends),
        test: test.map(words),
        lint: lint.map(words),
        ..Scan::default()
    }
}

fn manager(sources: &Sources<'_>, project: &toml::Table) -> (Stack, Option<String>) {
    let lockfile = |name: &str| sources.has(name).then(|| name.to_owned());
    if sources.has("uv.lock") || at(project, &["tool", "uv"]).is_some() {
        (Stack::PythonUv, lockfile("uv.lock"))
    } else if sources.has("poetry.lock") || at(project, &["tool", "poetry"]).is_some() {
        (Stack::PythonPoetry, lockfile("poetry.lock"))
    } else {
        (Stack::PythonPip, lockfile("requirements.txt"))
    }
}

fn version(sources: &Sources<'_>, project: &toml::Table) -> Option<String> {
    let files = [".python-version", "runtime.txt"].into_iter().filter_map(|f| sources.text(f));
    let keys: [&[&str]; 2] = [&["project", "requires-python"], &["tool", "poetry", "dependencies", "python"]];
    let fields = keys.into_iter().filter_map(|k| at(project, k)?.as_str().map(str::to_owned));
    files.chain(fields).find_map(|t| version_in(&t, 2))
}

fn start(
    sources: &Sources<'_>,
    project: &toml::Table,
    depends: &dyn Fn(&str) -> bool,
) -> Option<Vec<String>> {
    if let Some(command) = procfile(sources) {
        return Some(words(&command));
    }
    for key in [&["project", "scripts"][..], &["tool", "poetry", "scripts"]] {
        let scripts = at(project, key).and_then(toml::Value::as_table);
        if let Some(name) = scripts.filter(|s| s.len() == 1).and_then(|s| s.keys().next()) {
            return Some(vec![name.clone()]);
        }
    }
    if let Some(wsgi) = sources.files().find(|f| f.ends_with("/wsgi.py")).filter(|_| depends("gunicorn")) {
        return Some(words(&format!("gunicorn --bind 0.0.0.0:8000 {}", module(wsgi))));
    }
    let made_with = |phrase: &str| {
        let mut python = sources.files().filter(|f| f.ends_with(".py") && !f.contains("test")).take(200);
        python
            .find(|f| {
                sources.text(f).is_some_and(|t| t.replace(" =", "=").replace("= ", "=").contains(phrase))
            })
            .map(module)
    };
    if let Some(module) = made_with("=FastAPI(").filter(|_| depends("uvicorn") || depends("fastapi")) {
        return Some(words(&format!("uvicorn {module}:app --host 0.0.0.0 --port 8000")));
    }
    if let Some(module) = made_with("=Flask(").filter(|_| depends("gunicorn")) {
        return Some(words(&format!("gunicorn --bind 0.0.0.0:8000 {module}:app")));
    }
    let usual = ["main.py", "app.py", "server.py", "worker.py", "run.py", "src/main.py", "src/app.py"];
    sources.first_of(&usual).map(|f| vec!["python".to_owned(), f.to_owned()])
}

/// The command of a Procfile's `web`, or else its only process. One that needs a shell is left alone.
fn procfile(sources: &Sources<'_>) -> Option<String> {
    let text = sources.text("Procfile")?;
    let lines: Vec<(&str, &str)> = text.lines().filter_map(|l| l.split_once(':')).collect();
    let only = lines.first().filter(|_| lines.len() == 1);
    let (_, command) = lines.iter().find(|(name, _)| name.trim() == "web").or(only)?;
    (!command.contains(['$', '&', '|', ';', '"', '\''])).then(|| command.trim().to_owned())
}

fn module(file: &str) -> String {
    file.trim_start_matches("src/").trim_end_matches(".py").replace('/', ".")
}

/// Names of the packages it depends on, lower case.
fn dependencies(project: &toml::Table, requirements: &str) -> Vec<String> {
    let listed = |key: &[&str]| -> Vec<String> {
        let array = at(project, key).and_then(toml::Value::as_array);
        array.into_iter().flatten().filter_map(|v| v.as_str().map(package)).collect()
    };
    let mut names: Vec<String> = requirements.lines().map(package).filter(|n| !n.is_empty()).collect();
    names.extend(listed(&["project", "dependencies"]));
    names.extend(listed(&["dependency-groups", "dev"]));
    for key in [&["tool", "poetry", "dependencies"][..], &["tool", "poetry", "group", "dev", "dependencies"]]
    {
        names.extend(
            at(project, key).and_then(toml::Value::as_table).into_iter().flat_map(|t| t.keys().cloned()),
        );
    }
    names
}

fn package(requirement: &str) -> String {
    let name = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    requirement.trim().chars().take_while(name).collect::<String>().to_lowercase()
}

fn at<'a>(table: &'a toml::Table, keys: &[&str]) -> Option<&'a toml::Value> {
    let (first, rest) = keys.split_first()?;
    rest.iter().try_fold(table.get(*first)?, |value, key| value.get(*key))
}
