//! Templates as JSON into the model.
//!
//! Azure Resource Manager takes comments and strings over several lines, so the text is made plain JSON first, byte for byte
//! in place, and then read as the YAML that JSON is, because that tree knows where everything stands. Keys of a template
//! are found in any case. Must not evaluate anything.

use std::rc::Rc;

use indexmap::IndexMap;
use ir::yaml::{Data, Yaml};
use ir::{Diagnostic, Diagnostics, FileId, Value};

use super::expression;
use crate::arm::template::{
    Deploys, Entry, Expr, Form, Function, Output, Over, Parameter, Repeat, Resource, Source, TargetScope,
    Template,
};

/// Reads a file; `None` when it holds nothing that could be read.
pub(crate) fn parse(text: &str, file: FileId, diagnostics: &mut Diagnostics) -> Option<Yaml> {
    let (documents, said) = ir::yaml::parse(&plain(text), file);
    let broken = said.has_errors();
    for mut diagnostic in said {
        if diagnostic.id == "invalid-yaml" {
            diagnostic.id = "invalid-json";
            diagnostic.summary = "the file is not valid JSON".to_owned();
            diagnostic.help = Some("check the quotes, the commas and the brackets at this line".to_owned());
        }
        diagnostics.push(diagnostic);
    }
    let root = documents.into_iter().next();
    if broken { root.filter(|r| r.entries().is_some()) } else { root }
}

/// The same text with comments and tabs as spaces and pairs of surrogates as the characters they mean, each byte where it was.
fn plain(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => at = string(bytes, &mut out, at + 1),
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                let end = bytes[at..].iter().position(|b| *b == b'\n').map_or(bytes.len(), |n| at + n);
                blank(&mut out[at..end]);
                at = end;
            }
            b'/' if bytes.get(at + 1) == Some(&b'*') => {
                let end = text[at + 2..].find("*/").map_or(bytes.len(), |n| at + n + 4);
                blank(&mut out[at..end]);
                at = end;
            }
            b'\t' => {
                out[at] = b' ';
                at += 1;
            }
            0xef if at == 0 && text.starts_with('\u{feff}') => {
                out[..3].fill(b' ');
                at = 3;
            }
            _ => at += 1,
        }
    }
    String::from_utf8(out).expect("whole characters are replaced by spaces")
}

fn blank(part: &mut [u8]) {
    part.iter_mut().filter(|b| **b != b'\n' && **b != b'\r').for_each(|b| *b = b' ');
}

/// Passes a string; the place after it.
fn string(bytes: &[u8], out: &mut [u8], mut at: usize) -> usize {
    while at < bytes.len() {
        match bytes[at] {
            b'"' => return at + 1,
            b'\\' => {
                if let Some(character) = surrogates(&bytes[at..]) {
                    // A line that is continued stands for nothing: it fills what YAML's spelling is shorter.
                    let spelt = format!("\\\n\\U{:08X}", u32::from(character));
                    out[at..at + 12].copy_from_slice(spelt.as_bytes());
                    at += 12;
                } else {
                    at += 2;
                }
            }
            _ => at += 1,
        }
    }
    at
}

fn surrogates(bytes: &[u8]) -> Option<char> {
    let unit = |at: usize| {
        let hex = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
        u16::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()
    };
    char::decode_utf16([unit(0)?, unit(6)?]).next()?.ok()
}

/// A value of a mapping by its key in any case.
pub(crate) fn entry<'y>(yaml: &'y Yaml, key: &str) -> Option<&'y Yaml> {
    yaml.entries()?.iter().find(|(k, _)| k.text.eq_ignore_ascii_case(key)).map(|(_, v)| v)
}

/// The template that a document is.
pub(crate) fn template(root: &Yaml, path: &str, diagnostics: &mut Diagnostics) -> Template {
    let schema = entry(root, "$schema").and_then(Yaml::as_str).unwrap_or_default().to_ascii_lowercase();
    let above = ["subscription", "managementgroup", "tenant"].iter().any(|s| schema.contains(s));
    let mut template = Template {
        path: path.to_owned(),
        scope: if above { TargetScope::Above } else { TargetScope::ResourceGroup },
        ..Template::default()
    };
    for (name, declared) in pairs(root, "parameters") {
        template.parameters.insert(name, parameter(declared));
    }
    template.variables = variables(root);
    for namespace in entry(root, "functions").and_then(Yaml::items).unwrap_or_default() {
        let space = entry(namespace, "namespace").and_then(Yaml::as_str).unwrap_or_default();
        for (name, member) in pairs(namespace, "members") {
            let parameters = entry(member, "parameters").and_then(Yaml::items).unwrap_or_default();
            let parameters =
                parameters.iter().filter_map(|p| Some(entry(p, "name")?.as_str()?.to_owned())).collect();
            let Some(body) = entry(member, "output").and_then(|o| entry(o, "value")) else { continue };
            let function = Function { parameters, body: expr(body) };
            template.functions.insert(format!("{space}.{name}").to_ascii_lowercase(), function);
        }
    }
    resources(root, None, &mut template.resources, diagnostics);
    for (name, output) in pairs(root, "outputs") {
        let looped = entry(output, "copy").and_then(|copy| loop_of(copy, "outputs"));
        let Some(value) = looped.or_else(|| entry(output, "value").map(expr)) else { continue };
        let description = description(output);
        let condition = entry(output, "condition").map(expr);
        template.outputs.insert(name, Output { description, condition, value });
    }
    template
}

fn pairs<'y>(yaml: &'y Yaml, key: &str) -> impl Iterator<Item = (String, &'y Yaml)> {
    let entries = entry(yaml, key).and_then(Yaml::entries).unwrap_or_default();
    entries.iter().map(|(k, v)| (k.text.clone(), v))
}

fn description(yaml: &Yaml) -> String {
    let text = entry(yaml, "metadata").and_then(|m| entry(m, "description")).and_then(Yaml::as_str);
    text.unwrap_or_default().to_owned()
}

fn parameter(yaml: &Yaml) -> Parameter {
    let written = entry(yaml, "type").and_then(Yaml::as_str).unwrap_or_default().to_ascii_lowercase();
    let ty = match written.strip_prefix("secure") {
        Some(rest) => rest.to_owned(),
        None => written.clone(),
    };
    let whole = |key: &str| match entry(yaml, key)?.data {
        Data::Int(n) => Some(n),
        _ => None,
    };
    Parameter {
        ty,
        secure: written.starts_with("secure"),
        default: entry(yaml, "defaultValue").map(expr),
        allowed: entry(yaml, "allowedValues")
            .and_then(Yaml::items)
            .unwrap_or_default()
            .iter()
            .map(expr)
            .collect(),
        range: (whole("minValue"), whole("maxValue")),
        description: description(yaml),
        nullable: matches!(entry(yaml, "nullable").map(|n| &n.data), Some(Data::Bool(true))),
        span: Some(yaml.span),
    }
}

/// Variables, and those that `copy` makes.
fn variables(root: &Yaml) -> IndexMap<String, Expr> {
    let mut out = IndexMap::new();
    for (name, value) in pairs(root, "variables") {
        if name.eq_ignore_ascii_case("copy") {
            out.extend(value.items().unwrap_or_default().iter().filter_map(copied));
        } else {
            out.insert(name, expr(value));
        }
    }
    out
}

/// An entry of a `copy` among properties or variables.
fn copied(copy: &Yaml) -> Option<(String, Expr)> {
    let name = entry(copy, "name")?.as_str()?.to_owned();
    Some((name.clone(), loop_of(copy, &name)?))
}

fn loop_of(copy: &Yaml, name: &str) -> Option<Expr> {
    let repeat = repeat(copy, name)?;
    let input = expr(entry(copy, "input")?);
    Some(Expr { form: Form::Loop(Box::new(repeat), None, Box::new(input)), span: copy.span })
}

fn repeat(copy: &Yaml, fallback: &str) -> Option<Repeat> {
    let name = entry(copy, "name").and_then(Yaml::as_str).unwrap_or(fallback).to_owned();
    let over = Over::Times(expr(entry(copy, "count")?));
    Some(Repeat { name, binds: (None, None), over })
}

/// A value and the expressions in it.
pub(crate) fn expr(yaml: &Yaml) -> Expr {
    let span = yaml.span;
    let form =
        match &yaml.data {
            Data::Null => Form::Literal(Value::Null),
            Data::Bool(b) => Form::Literal(Value::Bool(*b)),
            Data::Int(n) => Form::Literal(Value::Int(*n)),
            Data::Float(n) => Form::Literal(Value::Float(*n)),
            Data::Str(text) => return expression::parse(text, span),
            Data::Seq(items) => Form::Array(
                items.iter().map(|v| Entry { key: None, spread: false, value: expr(v) }).collect(),
            ),
            Data::Map(entries) => {
                let mut out = Vec::with_capacity(entries.len());
                for (key, value) in entries {
                    match value.items().filter(|_| key.text.eq_ignore_ascii_case("copy")) {
                        Some(copies) => out.extend(copies.iter().filter_map(copied).map(|(name, value)| {
                            Entry { key: Some(Expr::literal(name, key.span)), spread: false, value }
                        })),
                        None => out.push(Entry {
                            key: Some(expression::parse(&key.text, key.span)),
                            spread: false,
                            value: expr(value),
                        }),
                    }
                }
                Form::Object(out)
            }
        };
    Expr { form, span }
}

/// A list of resources, or an object of them by symbolic name.
fn resources(owner: &Yaml, within: Option<usize>, into: &mut Vec<Resource>, diagnostics: &mut Diagnostics) {
    let Some(all) = entry(owner, "resources") else { return };
    let named: Vec<(Option<&str>, &Yaml)> = match &all.data {
        Data::Seq(items) => items.iter().map(|r| (None, r)).collect(),
        Data::Map(named) => named.iter().map(|(symbol, r)| (Some(symbol.text.as_str()), r)).collect(),
        _ => Vec::new(),
    };
    for (symbol, yaml) in named {
        let Some(resource) = resource(yaml, symbol, within, diagnostics) else { continue };
        into.push(resource);
        let place = into.len() - 1;
        resources(yaml, Some(place), into, diagnostics);
    }
}

const OWN: &[&str] = &[
    "type",
    "apiversion",
    "name",
    "existing",
    "condition",
    "copy",
    "scope",
    "resourcegroup",
    "subscriptionid",
    "dependson",
    "resources",
    "comments",
    "metadata",
    "@options",
];

fn resource(
    yaml: &Yaml,
    symbol: Option<&str>,
    within: Option<usize>,
    diagnostics: &mut Diagnostics,
) -> Option<Resource> {
    let Some(kind) = entry(yaml, "type").and_then(Yaml::as_str) else {
        diagnostics.push(
            Diagnostic::warning("not-a-resource", "a resource has no type")
                .at(yaml.span, "no `type` stands here")
                .because("What is created is known by the type alone, so this part was left out.")
                .help("write the type, such as `Microsoft.Storage/storageAccounts`"),
        );
        return None;
    };
    let field = |key: &str| entry(yaml, key).map(expr);
    let deployment = kind.eq_ignore_ascii_case(crate::arm::DEPLOYMENTS);
    let body = yaml.entries().unwrap_or_default().iter();
    let body = body.filter(|(k, _)| !OWN.contains(&k.text.to_ascii_lowercase().as_str()));
    Some(Resource {
        symbol: symbol.map(str::to_owned),
        kind: kind.to_owned(),
        api: field("apiVersion"),
        name: field("name"),
        existing: matches!(entry(yaml, "existing").map(|e| &e.data), Some(Data::Bool(true))),
        condition: field("condition"),
        repeat: entry(yaml, "copy").and_then(|copy| repeat(copy, "copy")),
        parent: None,
        scope: field("scope"),
        group: field("resourceGroup"),
        depends_on: entry(yaml, "dependsOn")
            .and_then(Yaml::items)
            .unwrap_or_default()
            .iter()
            .map(expr)
            .collect(),
        deploys: if deployment { deploys(yaml, diagnostics) } else { None },
        body: if deployment { Vec::new() } else { body.map(|(k, v)| (k.text.clone(), expr(v))).collect() },
        within,
        span: yaml.span,
    })
}

fn deploys(yaml: &Yaml, diagnostics: &mut Diagnostics) -> Option<Deploys> {
    let properties = entry(yaml, "properties")?;
    let arguments =
        pairs(properties, "parameters").filter_map(|(name, given)| Some((name, argument(given)?))).collect();
    let source = match entry(properties, "template") {
        Some(nested) => {
            let scope = entry(properties, "expressionEvaluationOptions").and_then(|o| entry(o, "scope"));
            let inner = scope.and_then(Yaml::as_str).is_some_and(|s| s.eq_ignore_ascii_case("inner"));
            let nested = Rc::new(template(nested, "", diagnostics));
            if inner { Source::Inner(nested) } else { Source::Outer(nested) }
        }
        None => {
            let link = entry(properties, "templateLink")?;
            let local = entry(link, "relativePath").and_then(Yaml::as_str).filter(|p| !p.starts_with('['));
            let uri =
                entry(link, "uri").or_else(|| entry(link, "id")).and_then(Yaml::as_str).unwrap_or_default();
            match local {
                Some(path) => Source::File(path.to_owned()),
                None if !uri.is_empty() && !uri.contains("://") && !uri.starts_with(['[', '/']) => {
                    Source::File(uri.trim_start_matches("./").to_owned())
                }
                None => Source::Elsewhere(uri.to_owned()),
            }
        }
    };
    Some(Deploys { source, arguments })
}

/// What a parameter is given: a value, or the name of a secret in a vault.
pub(crate) fn argument(given: &Yaml) -> Option<Expr> {
    if let Some(value) = entry(given, "value") {
        return Some(expr(value));
    }
    let reference = entry(given, "reference")?;
    let secret = expr(entry(reference, "secretName")?);
    let vault = entry(reference, "keyVault").and_then(|v| entry(v, "id")).map(expr);
    let args = vault.into_iter().chain([secret]).collect();
    Some(Expr::call("keyVaultSecret", args, given.span))
}

/// The values that a file of parameters gives.
pub(crate) fn arguments(root: &Yaml) -> Vec<(String, Expr)> {
    let plain = entry(root, "parameters").is_none();
    let given = if plain { root.entries() } else { entry(root, "parameters").and_then(Yaml::entries) };
    let given = given.unwrap_or_default().iter();
    given
        .filter(|(key, _)| !(plain && (key.text.starts_with('$') || key.text == "contentVersion")))
        .filter_map(|(key, value)| {
            Some((key.text.clone(), argument(value).or_else(|| plain.then(|| expr(value)))?))
        })
        .collect()
}
