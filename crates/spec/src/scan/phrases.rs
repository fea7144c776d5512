//! Port and health route, found by what server code usually says.
//!
//! Sources are not parsed: a line that holds one of a few phrases followed by a number gives the port, a quoted
//! well-known path gives the health route. Where two lines disagree the answer is "not known" and says so.

use ir::{Diagnostic, Diagnostics};

use super::Sources;
use super::repository::MANIFESTS;
use crate::model::{Scan, Stack};

/// What stands before a port, surest first. A phrase beginning with a letter must begin a word.
static BEFORE_PORT: &[&str] =
    &["PORT", "server.port", ".listen(", "ListenAndServe(", "Addr:", "--port", "--bind", "port="];
/// Ports that frameworks listen on when nobody says another, by their library's name in a manifest.
static USUAL_PORTS: &[(&str, u16)] = &[
    ("\"next\"", 3000),
    ("\"nuxt\"", 3000),
    ("\"@nestjs/core\"", 3000),
    ("\"@remix-run/serve\"", 3000),
    ("\"@sveltejs/adapter-node\"", 3000),
    ("spring-boot-starter-web", 8080),
    ("quarkus-rest", 8080),
    ("micronaut-http-server", 8080),
];
/// Usual health routes, most specific first.
static HEALTH: &[&str] = &[
    "/healthz",
    "/api/healthz",
    "/health",
    "/api/health",
    "/_health",
    "/readyz",
    "/ready",
    "/livez",
    "/live",
    "/healthcheck",
    "/health-check",
    "/ping",
    "/up",
    "/status",
];
static EXTENSIONS: &[&str] = &[
    "js",
    "mjs",
    "cjs",
    "ts",
    "mts",
    "py",
    "go",
    "java",
    "kt",
    "scala",
    "groovy",
    "properties",
    "yml",
    "yaml",
    "toml",
];
const MAX_FILES: usize = 400;

/// Fills what the manifest did not say.
pub(super) fn fill(sources: &Sources<'_>, scan: &mut Scan, diagnostics: &mut Diagnostics) {
    if matches!(scan.stack, None | Some(Stack::Static)) {
        return;
    }
    let texts: Vec<String> =
        sources.files().filter(|f| is_program(f)).take(MAX_FILES).filter_map(|f| sources.text(f)).collect();
    let start = scan.start.as_ref().map(|s| s.join(" "));
    let from_start = start.iter().flat_map(|s| ports(s, "--port").chain(ports(s, "--bind"))).next();
    scan.port = from_start.or_else(|| agreed_port(sources, &texts, diagnostics));
    if scan.health.is_none() {
        scan.health =
            HEALTH.iter().find(|route| texts.iter().any(|t| quotes(t, route))).map(|r| (*r).to_owned());
    }
}

fn is_program(file: &str) -> bool {
    let name = file.rsplit('/').next().unwrap_or(file);
    let is_test = file.split('/').any(|p| matches!(p, "test" | "tests" | "__tests__" | "spec" | "e2e"))
        || name.starts_with("test_")
        || [".test.", ".spec.", "_test."].iter().any(|t| name.contains(t));
    let known = name.rsplit_once('.').is_some_and(|(_, e)| EXTENSIONS.contains(&e));
    // Of configuration files only the framework's own speak about this program.
    let config = name.ends_with("yml")
        || name.ends_with("yaml")
        || name.ends_with("toml")
        || name.ends_with("properties");
    known && !is_test && (!config || name.starts_with("application")) && !name.contains("config.")
}

fn agreed_port(sources: &Sources<'_>, texts: &[String], diagnostics: &mut Diagnostics) -> Option<u16> {
    for phrase in BEFORE_PORT {
        let mut found: Vec<u16> = texts.iter().flat_map(|t| ports(t, phrase)).collect();
        found.sort_unstable();
        found.dedup();
        match found.as_slice() {
            [] => {}
            [port] => return Some(*port),
            several => {
                let several: Vec<String> = several.iter().map(u16::to_string).collect();
                diagnostics.push(
                    Diagnostic::note(
                        "several-ports",
                        format!("{} names more than one port", sources.shown()),
                    )
                    .because(format!("The sources speak of {}.", several.join(", ")))
                    .help("set `port` on the service"),
                );
                return None;
            }
        }
    }
    let manifests: Vec<String> = MANIFESTS.iter().filter_map(|m| sources.text(m)).collect();
    let made_with = |library: &str| manifests.iter().any(|m| m.contains(library));
    USUAL_PORTS.iter().find(|(library, _)| made_with(library)).map(|(_, port)| *port)
}

/// The numbers that follow a phrase on its line.
fn ports<'a>(text: &'a str, phrase: &'a str) -> impl Iterator<Item = u16> + 'a {
    text.lines().filter(|l| !is_comment(l)).filter_map(move |line| {
        let at = line.match_indices(phrase).map(|(at, _)| at).find(|at| begins_word(line, *at, phrase))?;
        let rest: String = line[at + phrase.len()..].chars().take(40).collect();
        let number = rest
            .split(|c: char| !c.is_ascii_digit())
            .find(|n| n.len() >= 2 && n.len() <= 5 && *n != "127")?;
        // Not one of the parts of an address such as 10.0.0.1.
        number.parse::<u16>().ok().filter(|p| *p >= 80)
    })
}

fn begins_word(line: &str, at: usize, phrase: &str) -> bool {
    let before = line[..at].chars().next_back();
    let letter = phrase.starts_with(|c: char| c.is_ascii_alphabetic());
    !letter || !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '-')
}

fn is_comment(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("//") || line.starts_with('#') || line.starts_with('*')
}

/// Whether a path stands in quotes, alone or after a method as in `"GET /healthz"`.
fn quotes(text: &str, path: &str) -> bool {
    text.match_indices(path).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + path.len()..].chars().next();
        before.is_some_and(|c| matches!(c, '"' | '\'' | '`' | ' '))
            && after.is_some_and(|c| matches!(c, '"' | '\'' | '`'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usual_way_to_name_a_port_is_read() {
        for (line, expected) in [
            ("const port = Number(process.env.PORT ?? 8080);", Some(8080)),
            ("const port = process.env.PORT || 3000", Some(3000)),
            ("port = int(os.environ.get(\"PORT\", \"5000\"))", Some(5000)),
            ("app.listen(4000, () => {})", Some(4000)),
            ("http.ListenAndServe(\":8081\", nil)", Some(8081)),
            ("server.port=9090", Some(9090)),
            ("app.run(host='0.0.0.0', port=5001)", Some(5001)),
            ("const db = process.env.DB_PORT || 5432", None),
            ("// PORT defaults to 3000", None),
            ("PORT", None),
            ("PORT = \u{1F6A2} 70000", None),
        ] {
            let found = BEFORE_PORT.iter().find_map(|p| ports(line, p).next());
            assert_eq!(found, expected, "{line}");
        }
    }

    #[test]
    fn health_routes_are_whole_quoted_paths() {
        assert!(quotes("app.get('/health', h)", "/health"));
        assert!(quotes("mux.HandleFunc(\"GET /health\", h)", "/health"));
        assert!(!quotes("app.get('/healthy', h)", "/health"));
        assert!(!quotes("see docs/health", "/health"));
    }
}
