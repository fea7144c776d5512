//! Templates as Bicep.
//!
//! `main.bicep` deploys a module a component, and a file of parameters an environment says what differs. Functions that have
//! an operator are printed as it. Must not decide anything: the templates are composed before.

use std::fmt::Write;

use ir::{Bundle, Diagnostics, Stack, Value};

use crate::arm::shapes;
use crate::arm::template::{
    Entry, Expr, Form, Over, Parameter, Repeat, Resource, Source, TargetScope, Template,
};
use crate::arm::write::compose::{Composition, compose};
use crate::maps;
use crate::model::families;

/// Where everything stands in the bundle.
const FOLDER: &str = "infra/bicep";

/// Writes the stacks of one application.
#[must_use]
pub fn write(stacks: &[Stack]) -> (Bundle, Diagnostics) {
    let mut bundle = Bundle::new();
    let mut diagnostics = Diagnostics::new();
    let (there, gaps): (Vec<Stack>, Vec<Vec<maps::Gap>>) = stacks.iter().map(shapes::into).unzip();
    diagnostics.extend(maps::diagnostics(&crate::arm::VOCABULARY, &gaps.concat()));
    for family in families(&there) {
        let environments = family.iter().any(|stack| stack.environment);
        let folder = if environments { FOLDER.to_owned() } else { format!("{FOLDER}/{}", family[0].name) };
        let composition = compose(&family, "Bicep", &mut diagnostics);
        write_family(&composition, &folder, &mut bundle);
    }
    (bundle, diagnostics)
}

fn write_family(composition: &Composition, folder: &str, bundle: &mut Bundle) {
    bundle.add(format!("{folder}/main.bicep"), template(&composition.main));
    for (file, module) in &composition.modules {
        bundle.add(format!("{folder}/modules/{file}.bicep"), template(module));
    }
    for (stack, given) in &composition.settings {
        let mut out = String::from("using 'main.bicep'\n");
        for (name, value) in given {
            let _ = writeln!(out, "\nparam {name} = {}", expression(value, 0));
        }
        bundle.add(format!("{folder}/{stack}.bicepparam"), out);
    }
}

fn template(template: &Template) -> String {
    let mut parts: Vec<String> = Vec::new();
    if template.scope == TargetScope::Above {
        parts.push("targetScope = 'subscription'\n".to_owned());
    }
    parts.extend(template.parameters.iter().map(|(name, p)| parameter(name, p)));
    parts.extend(template.variables.iter().map(|(name, v)| format!("var {name} = {}\n", expression(v, 0))));
    parts.extend(template.resources.iter().map(resource));
    for (name, output) in &template.outputs {
        let mut out = decorator("description", &output.description);
        let _ = writeln!(
            out,
            "output {name} {} = {}",
            type_of(&output.value, template),
            expression(&output.value, 0)
        );
        parts.push(out);
    }
    parts.join("\n")
}

fn decorator(name: &str, text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("@{name}({})\n", quoted(text)) }
}

fn parameter(name: &str, parameter: &Parameter) -> String {
    let mut out = decorator("description", &parameter.description);
    if parameter.secure {
        out.push_str("@secure()\n");
    }
    if !parameter.allowed.is_empty() {
        let items: Vec<String> =
            parameter.allowed.iter().map(|a| format!("  {}\n", expression(a, 1))).collect();
        let _ = writeln!(out, "@allowed([\n{}])", items.concat());
    }
    for (word, limit) in [("minValue", parameter.range.0), ("maxValue", parameter.range.1)] {
        if let Some(limit) = limit {
            let _ = writeln!(out, "@{word}({limit})");
        }
    }
    let _ = write!(out, "param {name} {}", parameter.ty);
    if parameter.nullable && parameter.default.is_none() {
        out.push('?');
    }
    if let Some(default) = &parameter.default {
        let _ = write!(out, " = {}", expression(default, 0));
    }
    out.push('\n');
    out
}

fn resource(resource: &Resource) -> String {
    let symbol = resource.symbol.as_deref().unwrap_or("unnamed");
    let mut out = match &resource.deploys {
        Some(deploys) => {
            let path = match &deploys.source {
                Source::File(path) => format!("{path}.bicep"),
                Source::Elsewhere(path) => path.clone(),
                Source::Inner(template) | Source::Outer(template) => format!("{}.bicep", template.path),
            };
            format!("module {symbol} {} = ", quoted(&path))
        }
        None => {
            let version = resource.api.as_ref().and_then(Expr::text).unwrap_or_default();
            let existing = if resource.existing { "existing " } else { "" };
            format!("resource {symbol} {} {existing}= ", quoted(&format!("{}@{version}", resource.kind)))
        }
    };
    if let Some(repeat) = &resource.repeat {
        let _ = write!(out, "[{}: ", turns(repeat, 0));
    }
    if let Some(condition) = &resource.condition {
        let _ = write!(out, "if ({}) ", expression(condition, 0));
    }
    out.push_str("{\n");
    let mut line = |key: &str, value: &Expr| {
        let _ = writeln!(out, "  {}: {}", self::key(key), expression(value, 1));
    };
    for (key, value) in [("parent", &resource.parent), ("scope", &resource.scope), ("name", &resource.name)] {
        if let Some(value) = value {
            line(key, value);
        }
    }
    for (key, value) in &resource.body {
        line(key, value);
    }
    if let Some(deploys) = resource.deploys.as_ref().filter(|d| !d.arguments.is_empty()) {
        out.push_str("  params: {\n");
        for (key, value) in &deploys.arguments {
            let _ = writeln!(out, "    {}: {}", self::key(key), expression(value, 2));
        }
        out.push_str("  }\n");
    }
    if !resource.depends_on.is_empty() {
        out.push_str("  dependsOn: [\n");
        for need in &resource.depends_on {
            let _ = writeln!(out, "    {}", expression(need, 2));
        }
        out.push_str("  ]\n");
    }
    out.push('}');
    if resource.repeat.is_some() {
        out.push(']');
    }
    out.push('\n');
    out
}

fn turns(repeat: &Repeat, depth: usize) -> String {
    let list = match &repeat.over {
        Over::Each(list) => expression(list, depth),
        Over::Times(count) => format!("range(0, {})", expression(count, depth)),
    };
    let item = repeat.binds.0.as_deref().unwrap_or("item");
    match &repeat.binds.1 {
        Some(number) => format!("for ({item}, {number}) in {list}"),
        None => format!("for {item} in {list}"),
    }
}

/// What kind of value an output gives.
fn type_of(value: &Expr, template: &Template) -> &'static str {
    match &value.form {
        Form::Array(_) | Form::Loop(..) => "array",
        Form::Object(_) => "object",
        Form::Literal(Value::Bool(_)) => "bool",
        Form::Literal(Value::Int(_)) => "int",
        Form::Call(name, args) if name == "if" => type_of(&args[1], template),
        Form::Call(name, _) if matches!(name.as_str(), "concat" | "map") => "array",
        Form::Call(name, _) if matches!(name.as_str(), "union" | "toObject") => "object",
        Form::Name(name) => match template.parameters.get(name).map(|p| p.ty.as_str()) {
            Some("int") => "int",
            Some("bool") => "bool",
            Some("array") => "array",
            Some("object") => "object",
            _ => "string",
        },
        _ => "string",
    }
}

/// Operators of two sides by the function that each is, with how tightly it binds.
const OPERATORS: &[(&str, &str, u8)] = &[
    ("coalesce", "??", 1),
    ("or", "||", 2),
    ("and", "&&", 3),
    ("equals", "==", 4),
    ("less", "<", 5),
    ("lessOrEquals", "<=", 5),
    ("greater", ">", 5),
    ("greaterOrEquals", ">=", 5),
    ("add", "+", 6),
    ("sub", "-", 6),
    ("mul", "*", 7),
    ("div", "/", 7),
    ("mod", "%", 7),
];

/// An expression; lines after the first are indented by so many levels.
pub(crate) fn expression(expr: &Expr, depth: usize) -> String {
    let list = |args: &[Expr]| args.iter().map(|a| expression(a, depth)).collect::<Vec<_>>().join(", ");
    match &expr.form {
        Form::Literal(value) => literal(value),
        Form::Array(items) => entries(items, depth, ("[", "]")),
        Form::Object(items) => entries(items, depth, ("{", "}")),
        Form::Join(parts) => joined(parts, depth),
        Form::Name(name) => name.clone(),
        Form::Call(name, args) => match (name.as_str(), args.as_slice()) {
            ("if", [condition, yes, no]) => {
                format!(
                    "{} ? {} : {}",
                    tight(condition, depth, 1),
                    tight(yes, depth, 1),
                    expression(no, depth)
                )
            }
            ("not", [of]) => format!("!{}", tight(of, depth, 9)),
            (_, args) => match OPERATORS.iter().find(|(function, ..)| function == name) {
                Some((_, mark, binds)) if args.len() > 1 => {
                    let parts: Vec<String> = args.iter().map(|a| tight(a, depth, binds + 1)).collect();
                    parts.join(&format!(" {mark} "))
                }
                _ => format!("{name}({})", list(args)),
            },
        },
        Form::Method(base, name, args) => format!("{}.{name}({})", tight(base, depth, 9), list(args)),
        Form::Member(base, name, safe) => {
            let base = tight(base, depth, 9);
            match (is_name(name), safe) {
                (true, false) => format!("{base}.{name}"),
                (true, true) => format!("{base}.?{name}"),
                (false, _) => format!("{base}[{}]", quoted(name)),
            }
        }
        Form::Index(base, index, safe) => {
            let mark = if *safe { "?" } else { "" };
            format!("{}[{mark}{}]", tight(base, depth, 9), expression(index, depth))
        }
        Form::Lambda(names, body) => match names.as_slice() {
            [one] => format!("{one} => {}", expression(body, depth)),
            many => format!("({}) => {}", many.join(", "), expression(body, depth)),
        },
        Form::Loop(repeat, filter, body) => {
            let filter =
                filter.as_ref().map(|f| format!("if ({}) ", expression(f, depth))).unwrap_or_default();
            format!("[{}: {filter}{}]", turns(repeat, depth), expression(body, depth))
        }
        Form::Broken(_) => "null".to_owned(),
    }
}

/// An expression within one that binds so tightly.
fn tight(expr: &Expr, depth: usize, around: u8) -> String {
    let own = match &expr.form {
        Form::Call(name, args) if name == "if" && args.len() == 3 => 0,
        Form::Call(name, _) if name == "not" => 8,
        Form::Call(name, args) if args.len() > 1 => {
            OPERATORS.iter().find(|(function, ..)| function == name).map_or(9, |(.., binds)| *binds)
        }
        Form::Lambda(..) => 0,
        _ => 9,
    };
    let text = expression(expr, depth);
    if own < around { format!("({text})") } else { text }
}

fn entries(items: &[Entry], depth: usize, (open, close): (&str, &str)) -> String {
    if items.is_empty() {
        return format!("{open}{close}");
    }
    let pad = "  ".repeat(depth + 1);
    let mut out = format!("{open}\n");
    for item in items {
        let value = expression(&item.value, depth + 1);
        let _ = match &item.key {
            _ if item.spread => writeln!(out, "{pad}...{value}"),
            Some(key) => {
                let key = key.text().map_or_else(|| expression(key, depth + 1), self::key);
                writeln!(out, "{pad}{key}: {value}")
            }
            None => writeln!(out, "{pad}{value}"),
        };
    }
    out.push_str(&"  ".repeat(depth));
    out.push_str(close);
    out
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn key(text: &str) -> String {
    if is_name(text) { text.to_owned() } else { quoted(text) }
}

fn literal(value: &Value) -> String {
    match value {
        Value::Str(text) => long(text).unwrap_or_else(|| quoted(text)),
        Value::Bool(b) => b.to_string(),
        Value::Int(n) => n.to_string(),
        Value::Float(n) => format!("json('{n}')"),
        _ => "null".to_owned(),
    }
}

/// Text of several lines as it stands.
fn long(text: &str) -> Option<String> {
    let plain = text.contains('\n') && !text.contains("'''") && !text.ends_with('\'') && !text.contains('\r');
    plain.then(|| format!("'''\n{text}'''"))
}

fn quoted(text: &str) -> String {
    format!("'{}'", escaped(text))
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\'' => out.push_str("\\'"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' if rest.peek() == Some(&'{') => out.push_str("\\$"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

fn joined(parts: &[Expr], depth: usize) -> String {
    let mut out = String::from("'");
    for part in parts {
        match (&part.form, part.text()) {
            (_, Some(text)) => out.push_str(&escaped(text)),
            (Form::Join(inner), _) => {
                let inner = joined(inner, depth);
                out.push_str(&inner[1..inner.len() - 1]);
            }
            _ => {
                let _ = write!(out, "${{{}}}", expression(part, depth));
            }
        }
    }
    out.push('\'');
    out
}
