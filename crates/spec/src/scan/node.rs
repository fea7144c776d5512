//! Node.js: `package.json` and the lockfile beside it.
//!
//! A site that only a development server can show is a static site that must be built first: it is read as
//! [`Stack::Static`] with its package manager's commands. What an image for it looks like is not known here.

use ir::Diagnostics;
use serde_json::Value;

use super::{Sources, unreadable, version_in, words};
use crate::model::{Scan, Stack};

const MANIFEST: &str = "package.json";

/// A package manager.
struct Manager {
    stack: Stack,
    program: &'static str,
    lockfiles: &'static [&'static str],
}

/// The last is the one that comes with Node.js.
static MANAGERS: &[Manager] = &[
    Manager { stack: Stack::NodePnpm, program: "pnpm", lockfiles: &["pnpm-lock.yaml"] },
    Manager { stack: Stack::NodeYarn, program: "yarn", lockfiles: &["yarn.lock"] },
    Manager {
        stack: Stack::NodeNpm,
        program: "npm",
        lockfiles: &["package-lock.json", "npm-shrinkwrap.json"],
    },
];

/// Build tools of pages that run in the browser, with the folder they write by default.
static SITE_TOOLS: &[(&str, &str)] = &[
    ("react-scripts", "build"),
    ("@vue/cli-service", "dist"),
    ("@angular/cli", "dist"),
    ("astro", "dist"),
    ("parcel", "dist"),
    ("gatsby", "public"),
    ("@docusaurus/core", "build"),
    ("@11ty/eleventy", "_site"),
    ("vite", "dist"),
];

/// Libraries whose presence means that the program answers requests itself.
static SERVERS: &[&str] = &[
    "express",
    "fastify",
    "koa",
    "@hapi/hapi",
    "@nestjs/core",
    "hono",
    "next",
    "nuxt",
    "@remix-run/node",
    "@sveltejs/adapter-node",
    "restify",
    "polka",
];

pub(super) fn claims(sources: &Sources<'_>) -> bool {
    sources.has(MANIFEST)
}

pub(super) fn read(sources: &Sources<'_>, diagnostics: &mut Diagnostics) -> Scan {
    let text = sources.text(MANIFEST).unwrap_or_default();
    let package = serde_json::from_str::<Value>(&text).unwrap_or_else(|e| {
        diagnostics.push(unreadable(sources, MANIFEST, &e.to_string()));
        Value::Null
    });
    let manager = manager(sources, &package);
    let script = |name: &str| package["scripts"][name].as_str().filter(|s| !s.trim().is_empty());
    let run = |name: &str| script(name).map(|_| words(&format!("{} run {name}", manager.program)));
    let output = site_output(&package);
    Scan {
        stack: Some(if output.is_some() { Stack::Static } else { manager.stack }),
        version: version(sources, &package),
        lockfile: sources.first_of(manager.lockfiles).map(str::to_owned),
        build: run("build"),
        start: if output.is_some() { None } else { start(sources, &package, manager.program) },
        test: script("test").filter(|s| !s.contains("no test specified")).and_then(|_| run("test")),
        lint: run("lint"),
        artifact: output,
        ..Scan::default()
    }
}

/// The manager that the manifest names, or else the one whose lockfile is there.
fn manager(sources: &Sources<'_>, package: &Value) -> &'static Manager {
    let named = package["packageManager"].as_str().unwrap_or_default();
    let named = named.split('@').next().unwrap_or_default();
    MANAGERS
        .iter()
        .find(|m| m.program == named)
        .or_else(|| MANAGERS.iter().find(|m| sources.first_of(m.lockfiles).is_some()))
        .unwrap_or(&MANAGERS[MANAGERS.len() - 1])
}

fn version(sources: &Sources<'_>, package: &Value) -> Option<String> {
    let files = [".nvmrc", ".node-version"].into_iter().filter_map(|f| sources.text(f));
    let fields = [&package["volta"]["node"], &package["engines"]["node"]];
    files
        .chain(fields.into_iter().filter_map(|f| f.as_str().map(str::to_owned)))
        .find_map(|t| version_in(&t, 1))
}

/// The program itself where the script is no more than that: a package manager in between swallows signals.
fn start(sources: &Sources<'_>, package: &Value, program: &str) -> Option<Vec<String>> {
    if let Some(script) = package["scripts"]["start"].as_str() {
        let plain = !script.contains(['&', '|', ';', '$', '>', '<', '"', '\'', '`', '(', '=']);
        let direct = plain && script.starts_with("node ");
        return Some(if direct { words(script) } else { words(&format!("{program} start")) });
    }
    let main = package["main"].as_str().filter(|m| sources.has(m.trim_start_matches("./")));
    let main = main.or_else(|| {
        sources.first_of(&["server.js", "src/server.js", "src/main.js", "main.js", "app.js", "index.js"])
    });
    main.map(|m| vec!["node".to_owned(), m.to_owned()])
}

/// The output folder, when the package is a site that has to be built and nothing in it serves.
fn site_output(package: &Value) -> Option<String> {
    let depends =
        |name: &str| !package["dependencies"][name].is_null() || !package["devDependencies"][name].is_null();
    package["scripts"]["build"].as_str()?;
    if SERVERS.iter().any(|s| depends(s))
        || package["scripts"]["start"].as_str().is_some_and(|s| s.starts_with("node "))
    {
        return None;
    }
    SITE_TOOLS.iter().find(|(tool, _)| depends(tool)).map(|(_, folder)| (*folder).to_owned())
}
