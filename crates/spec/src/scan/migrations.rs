//! Which tool the files of a folder of migrations are written for.
//!
//! A folder belongs to a tool when every file in it fits that tool's names and marks: one file that the tool would
//! pass over, or refuse, and nothing is claimed, because a migration that is skipped in silence is worse than one
//! that nobody runs. Must not know which database it is for, or how the tool is run.

use ir::Diagnostics;

use super::Sources;
use crate::model::{Scan, Stack};

/// A tool whose migrations are files that an image of the tool itself can apply.
struct Tool {
    stack: Stack,
    /// Whether the files are its own.
    claims: fn(&Folder<'_>) -> bool,
}

/// Marks come before names: numbered files without any mark are what is left.
static TOOLS: &[Tool] = &[
    Tool {
        stack: Stack::Dbmate,
        // It refuses a file without a way down, even an empty one.
        claims: |folder| folder.all_flat(numbered, |t| marked(t, "migrate:up") && marked(t, "migrate:down")),
    },
    Tool {
        stack: Stack::Goose,
        claims: |folder| folder.all_flat(numbered, |text| marked(text, "+goose up")),
    },
    Tool { stack: Stack::GolangMigrate, claims: golang_migrate },
    Tool { stack: Stack::Flyway, claims: flyway },
    Tool { stack: Stack::Liquibase, claims: |folder| folder.changelog().is_some() },
    Tool { stack: Stack::NumberedSql, claims: numbered_sql },
];

/// Endings of files beside migrations that no tool reads and nobody misses.
static BESIDE: &[&str] = &["md", "txt", "gitkeep", "gitignore", "keep", "editorconfig", "sqlfluff"];
/// What begins a comment that means something to a tool, in lower case.
static MARKS: &[&str] =
    &["migrate:", "+goose", "+migrate", "liquibase", "changeset", "> statement-breakpoint"];
/// Names of the changelog that Liquibase begins with, without their endings.
static CHANGELOGS: &[&str] = &[
    "db.changelog-master",
    "db.changelog-root",
    "changelog-master",
    "changelog-root",
    "changelog.master",
    "root-changelog",
    "master-changelog",
    "db.changelog",
    "changelog",
    "master",
    "root",
];

pub(super) fn claims(sources: &Sources<'_>) -> bool {
    tool(&Folder::of(sources)).is_some()
}

pub(super) fn read(sources: &Sources<'_>, _: &mut Diagnostics) -> Scan {
    let folder = Folder::of(sources);
    let stack = tool(&folder).map(|t| t.stack);
    let artifact = (stack == Some(Stack::Liquibase)).then(|| folder.changelog().map(str::to_owned)).flatten();
    Scan { stack, artifact, ..Scan::default() }
}

/// The only tool that claims the folder.
fn tool(folder: &Folder<'_>) -> Option<&'static Tool> {
    if folder.files.is_empty() {
        return None;
    }
    let mut claimed = TOOLS.iter().filter(|t| (t.claims)(folder));
    claimed.next().filter(|_| claimed.next().is_none())
}

/// The files that could be migrations.
struct Folder<'a> {
    sources: &'a Sources<'a>,
    files: Vec<&'a str>,
}

impl<'a> Folder<'a> {
    fn of(sources: &'a Sources<'a>) -> Self {
        let beside = |path: &str| ending(path).is_some_and(|e| BESIDE.contains(&e.to_lowercase().as_str()));
        Self { sources, files: sources.files().filter(|f| !beside(f)).collect() }
    }

    /// Whether every file is SQL directly in the folder, with a name and a text that fit.
    fn all_flat(&self, name: fn(&str) -> bool, text: fn(&str) -> bool) -> bool {
        let flat = |path: &str| !path.contains('/') && ending(path) == Some("sql") && name(path);
        // Names first: texts are read only of what could be a folder of migrations.
        self.files.iter().all(|f| flat(f))
            && self.files.iter().all(|f| self.sources.text(f).is_some_and(|t| text(&t)))
    }

    /// The changelog of Liquibase that includes the others: the only one, or the only one with a usual name.
    fn changelog(&self) -> Option<&'a str> {
        let known =
            |f: &&str| ending(f).is_some_and(|e| ["sql", "xml", "yaml", "yml", "json", "csv"].contains(&e));
        if !self.files.iter().all(known) {
            return None;
        }
        let top = self.files.iter().copied().filter(|f| !f.contains('/'));
        let logs: Vec<&str> =
            top.filter(|f| self.sources.text(f).is_some_and(|t| is_changelog(f, &t))).collect();
        let usual = |f: &&&str| f.rsplit_once('.').is_some_and(|(stem, _)| CHANGELOGS.contains(&stem));
        let usual: Vec<&&str> = logs.iter().filter(usual).collect();
        match (logs.as_slice(), usual.as_slice()) {
            ([only], _) => Some(only),
            (_, [only]) => Some(only),
            _ => None,
        }
    }
}

fn is_changelog(file: &str, text: &str) -> bool {
    match ending(file) {
        Some("sql") => text.lines().next().is_some_and(|l| {
            let words = l.trim_start().strip_prefix("--").unwrap_or_default().trim_start().to_lowercase();
            words.starts_with("liquibase formatted sql")
        }),
        Some("xml") => text.contains("<databaseChangeLog"),
        Some("yaml" | "yml" | "json") => text.contains("databaseChangeLog"),
        _ => false,
    }
}

/// `0001_create_orders.sql`: a number, then anything but another ending.
fn numbered(name: &str) -> bool {
    let rest = name.trim_start_matches(|c: char| c.is_ascii_digit());
    rest.len() < name.len() && rest.trim_end_matches(".sql").chars().all(|c| c != '.')
}

/// `1_create_orders.up.sql` and `1_create_orders.down.sql`.
fn golang_migrate(folder: &Folder<'_>) -> bool {
    let stem = |f: &str, way: &str| f.strip_suffix(way).is_some_and(|s| numbered(s) && s.contains('_'));
    folder.all_flat(|_| true, |text| !MARKS.iter().any(|m| marked(text, m)))
        && folder.files.iter().all(|f| stem(f, ".up.sql") || stem(f, ".down.sql"))
        && folder.files.iter().any(|f| f.ends_with(".up.sql"))
}

/// `V1_2__create_orders.sql`, undo migrations (`U`) and repeatable ones (`R__`), in folders as the team likes.
fn flyway(folder: &Folder<'_>) -> bool {
    let kind = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or(path).strip_suffix(".sql")?;
        let (version, words) = name.get(1..)?.split_once("__")?;
        let counts = version.starts_with(|c: char| c.is_ascii_digit())
            && version.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '_'));
        let kind = name.chars().next()?;
        let fits = !words.is_empty() && if kind == 'R' { version.is_empty() } else { counts };
        (fits && matches!(kind, 'V' | 'U' | 'R')).then_some(kind)
    };
    folder.files.iter().all(|f| kind(f).is_some()) && folder.files.iter().any(|f| kind(f) == Some('V'))
}

/// Numbers that tell every file apart, and no mark of any tool: the order is certain, and nothing is to be undone.
fn numbered_sql(folder: &Folder<'_>) -> bool {
    if !folder.all_flat(numbered, |text| !MARKS.iter().any(|m| marked(text, m))) {
        return false;
    }
    let number = |f: &&str| {
        let digits: String = f.chars().take_while(char::is_ascii_digit).collect();
        digits.trim_start_matches('0').to_owned()
    };
    let mut numbers: Vec<String> = folder.files.iter().map(number).collect();
    numbers.sort();
    numbers.windows(2).all(|pair| pair[0] != pair[1])
}

/// Whether a comment of the text begins with a mark, written in lower case.
fn marked(text: &str, mark: &str) -> bool {
    let comments = text.lines().filter_map(|line| line.trim_start().strip_prefix("--"));
    comments.map(|c| c.trim_start().to_lowercase()).any(|c| c.starts_with(mark))
}

fn ending(path: &str) -> Option<&str> {
    path.rsplit('/').next().unwrap_or(path).rsplit_once('.').map(|(_, ending)| ending)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use ir::MemoryWorld;

    use super::*;

    fn found(files: &[(&str, &str)]) -> (Option<Stack>, Option<String>) {
        let world = MemoryWorld::with(files.iter().map(|(p, t)| (format!("m/{p}"), t)));
        let (sources, _) = Sources::open(&world, Path::new("m"));
        let scan = read(&sources, &mut Diagnostics::new());
        assert_eq!(claims(&sources), scan.stack.is_some());
        (scan.stack, scan.artifact)
    }

    const DBMATE: &str = "-- migrate:up\n-- migrate:down\n";
    const XML: &str = "<databaseChangeLog/>";

    #[test]
    fn every_tool_is_told_from_its_files() {
        let cases: &[(Stack, &[(&str, &str)])] = &[
            (Stack::Dbmate, &[("1_a.sql", "-- migrate:up\nSELECT 1;\n-- migrate:down\n"), ("README.md", "")]),
            (
                Stack::Dbmate,
                &[("20260101_a.sql", "-- why\n\n-- migrate:up transaction:false\n-- migrate:down\n")],
            ),
            (Stack::Goose, &[("00001_a.sql", "-- +goose Up\nSELECT 1;\n-- +goose Down\n")]),
            (Stack::GolangMigrate, &[("1_a.up.sql", ""), ("1_a.down.sql", ""), ("2_b.up.sql", "")]),
            (
                Stack::Flyway,
                &[("V1__a.sql", ""), ("V1_1__b.sql", ""), ("sub/V2.0__c.sql", ""), ("R__views.sql", "")],
            ),
            (Stack::Liquibase, &[("changelog.xml", XML), ("sql/1_a.sql", "")]),
            (Stack::Liquibase, &[("db.changelog-master.yaml", "databaseChangeLog: []"), ("b.xml", XML)]),
            (Stack::Liquibase, &[("orders.sql", "-- liquibase formatted SQL\n")]),
            (
                Stack::NumberedSql,
                &[("1.sql", ""), ("002-b.sql", "-- a word\n"), ("10_c.sql", ""), (".gitkeep", "")],
            ),
        ];
        for (stack, files) in cases {
            assert_eq!(found(files).0, Some(*stack), "{files:?}");
        }
        for tool in TOOLS {
            assert!(cases.iter().any(|(stack, _)| *stack == tool.stack), "no case for {:?}", tool.stack);
            assert!(tool.stack.migrates());
        }
        assert_eq!(found(cases[6].1).1.as_deref(), Some("db.changelog-master.yaml"));
    }

    #[test]
    fn a_folder_in_doubt_is_nobodys() {
        let cases: &[&[(&str, &str)]] = &[
            &[],
            &[("README.md", "")],
            // One file that the tool would pass over or refuse.
            &[("1_a.sql", "-- migrate:up")],
            &[("1_a.sql", DBMATE), ("2_b.sql", "SELECT 1;")],
            &[("1_a.sql", DBMATE), ("seeds/2_b.sql", DBMATE)],
            &[("1_a.sql", DBMATE), ("main.go", "")],
            &[("1_a.sql", "-- +goose Up"), ("2_b.go", "")],
            &[("1_a.sql", "-- migrate:up\n-- migrate:down\n-- +goose Up")],
            &[("1_a.up.sql", ""), ("2_b.sql", "")],
            &[("1_a.down.sql", "")],
            &[("V1__a.sql", ""), ("V2_b.sql", "")],
            &[("R__a.sql", "")],
            &[("V__a.sql", "")],
            &[("a.xml", XML), ("b.xml", XML)],
            &[("a.yaml", "kind: Deployment")],
            // Two files of one number have no order.
            &[("1_a.sql", ""), ("01_b.sql", "")],
            &[("a.sql", "")],
            &[("1_a.sql", "-- +migrate Up\n")],
            &[("0000_a.sql", "CREATE TABLE a ();\n--> statement-breakpoint\n")],
            &[("20260101_a/migration.sql", ""), ("migration_lock.toml", "")],
            &[("1_a/up.sql", ""), ("1_a/down.sql", "")],
            &[("é__.sql", ""), ("__.sql", ""), ("V.sql", "")],
        ];
        for files in cases {
            assert_eq!(found(files), (None, None), "{files:?}");
        }
        let world = MemoryWorld::with([("m/1_a.sql", vec![0xff, 0xfe])]);
        assert!(!claims(&Sources::open(&world, Path::new("m")).0), "what cannot be read is not claimed");
    }
}
