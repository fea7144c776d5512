//! What the reader of CloudFormation templates makes of them, as graphs in their own vocabulary.

mod agreement;
mod functions;
mod hostile;
mod places;
mod serverless;

use std::path::{Path, PathBuf};

use dialect::cloudformation::read::foreign;
use dialect::{Options, Place, Reading};
use ir::{Diagnostics, MemoryWorld, Node, Stack, Step, Value};

/// Reads a folder of files.
pub fn read(files: &[(&str, &str)], variables: &[(&str, &str)]) -> (Reading, Diagnostics) {
    let variables = variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    let options = Options { variables, var_files: Vec::new() };
    read_with(files, &options, "")
}

pub fn read_with(files: &[(&str, &str)], options: &Options, root: &str) -> (Reading, Diagnostics) {
    let world = MemoryWorld::with(files.iter().map(|(path, text)| (PathBuf::from(path), *text)));
    foreign(&Place { world: &world, root: Path::new(root), options })
}

/// The only stack of a reading.
pub fn only(reading: &Reading) -> &Stack {
    let [stack] = reading.stacks.as_slice() else { panic!("{} stacks", reading.stacks.len()) };
    stack
}

pub fn named<'a>(stack: &'a Stack, name: &str) -> &'a Node {
    let found = stack.graph.nodes().find(|n| n.address.name == name);
    found.unwrap_or_else(|| panic!("no {name} among {:?}", names(stack)))
}

pub fn names(stack: &Stack) -> Vec<&str> {
    stack.graph.nodes().map(|n| n.address.name.as_str()).collect()
}

pub fn ids(diagnostics: &Diagnostics) -> Vec<&'static str> {
    diagnostics.iter().map(|d| d.id).collect()
}

/// A value in a few signs: `X.A` is a reference, `?` an unknown, `<p=v>` a parameter, `{n}` a secret.
pub fn show(value: &Value) -> String {
    let all = |items: &[Value], between: &str| items.iter().map(show).collect::<Vec<_>>().join(between);
    match value {
        Value::Str(text) => text.clone(),
        Value::List(items) => format!("[{}]", all(items, ", ")),
        Value::Template(parts) => format!("\"{}\"", all(parts, "+")),
        Value::Map(entries) => {
            let entries: Vec<_> = entries.iter().map(|(k, v)| format!("{k}: {}", show(v))).collect();
            format!("({})", entries.join(", "))
        }
        Value::Ref(r) => {
            let mut text = if r.to.mode == ir::Mode::Data {
                r.to.kind.to_string()
            } else if r.to.component.is_empty() {
                r.to.name.clone()
            } else {
                format!("{}/{}", r.to.component, r.to.name)
            };
            for step in &r.path {
                match step {
                    Step::Attr(name) => text.push_str(&format!(".{name}")),
                    Step::Index(i) => text.push_str(&format!("[{i}]")),
                }
            }
            text
        }
        Value::Json(inner) => format!("json{}", show(inner)),
        Value::Input(input) => format!("<{}={}>", input.name, show(&input.value)),
        Value::Secret(secret) => format!("{{{}}}", secret.name),
        Value::Unknown(_) => "?".to_owned(),
        Value::Null => "null".to_owned(),
        other => other.text().expect("a scalar"),
    }
}

pub fn shown(node: &Node, property: &str) -> String {
    node.attrs.get(property).map_or_else(|| "-".to_owned(), show)
}
