//! What the readers of ARM JSON and Bicep make of templates: the graph in Azure's own vocabulary, as text.

mod hostile;
mod json;
mod language;

use std::path::Path;

use dialect::{Options, Place, Reading};
use ir::{Address, Diagnostics, MemoryWorld, Step, Value};

/// Reads a folder with the reader of a dialect, into Azure's own vocabulary.
pub fn read(dialect: &str, files: &[(&str, &str)]) -> (Reading, Diagnostics) {
    let world = MemoryWorld::with(files.iter().map(|(p, t)| (*p, *t)));
    let options = Options::default();
    let place = Place { world: &world, root: Path::new(""), options: &options };
    let reader = ::dialect::READERS.iter().find(|r| r.name == dialect).expect("registered");
    assert!((reader.recognises)(&place), "{dialect} does not recognise it");
    match dialect {
        "bicep" => ::dialect::bicep::read::foreign(&place),
        _ => ::dialect::arm::read::foreign(&place),
    }
}

/// Ids of what was said.
pub fn ids(diagnostics: &Diagnostics) -> Vec<&'static str> {
    diagnostics.iter().map(|d| d.id).collect()
}

/// Every node with its attributes, a line each: `address.path = value`.
pub fn shown(reading: &Reading) -> String {
    let mut out = String::new();
    for stack in &reading.stacks {
        for node in stack.graph.nodes() {
            let before = node.address.to_string();
            out.push_str(&format!("{before}\n"));
            for (name, value) in &node.attrs {
                lines(&format!("  {name}"), value, &mut out);
            }
            for needs in &node.depends_on {
                out.push_str(&format!("  after {needs}\n"));
            }
        }
        for (component, declared) in &stack.graph.components {
            for (name, (_, value)) in &declared.outputs {
                lines(&format!("output {component}.{name}"), value, &mut out);
            }
        }
    }
    out
}

fn lines(before: &str, value: &Value, out: &mut String) {
    match value {
        Value::Map(entries) => entries.iter().for_each(|(k, v)| lines(&format!("{before}.{k}"), v, out)),
        Value::List(items) => {
            items.iter().enumerate().for_each(|(n, v)| lines(&format!("{before}[{n}]"), v, out));
        }
        other => out.push_str(&format!("{before} = {}\n", word(other))),
    }
}

fn word(value: &Value) -> String {
    match value {
        Value::Str(text) => format!("'{text}'"),
        Value::Ref(to) => format!("{}{}", short(&to.to), path(&to.path)),
        Value::Template(parts) => parts.iter().map(word).collect::<Vec<_>>().join(" + "),
        Value::Input(input) => format!("{}={}", input.name, word(&input.value)),
        Value::Secret(secret) => format!("secret {}", secret.name),
        Value::Unknown(reason) => format!("? {reason}"),
        Value::Json(inner) => {
            let mut text = String::new();
            lines("json", inner, &mut text);
            text.trim().to_owned()
        }
        other => other.text().unwrap_or_else(|| format!("{other:?}")),
    }
}

fn short(address: &Address) -> String {
    address.to_string()
}

fn path(steps: &[Step]) -> String {
    let step = |s: &Step| match s {
        Step::Attr(name) => format!(".{name}"),
        Step::Index(n) => format!("[{n}]"),
    };
    steps.iter().map(step).collect()
}

/// Asserts that each line stands in what was read.
pub fn has(reading: &Reading, expected: &[&str]) {
    let text = shown(reading);
    for line in expected {
        assert!(text.lines().any(|l| l.trim() == *line), "{line}\nis missing in\n{text}");
    }
}
