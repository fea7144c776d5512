//! One template: parameters, conditions, resources, outputs, and what each stack gives the parameters.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use ir::graph::Validation;
use ir::{Address, Diagnostics, Mode, Value};

use super::terms::{ENVIRONMENT, Scope, constant, is_parameter, pascal, sometimes_nothing};
use super::yaml::Yaml;
use crate::cloudformation::VOCABULARY;
use crate::model::Model;
use crate::model::term::{Given, Item, Module, Repeat, Resource, Term, Ty, Variable};

/// Most resources of a template.
const MOST_RESOURCES: usize = 500;
/// Most parameters of a template.
const MOST_PARAMETERS: usize = 200;
/// Most outputs of a template.
const MOST_OUTPUTS: usize = 200;

/// A template and what each stack gives its parameters.
pub struct Template {
    pub text: Yaml,
    pub parameters: Vec<IndexMap<String, String>>,
}

/// A module as a template.
pub fn template(model: &Model<'_>, module: &Module, diagnostics: &mut Diagnostics) -> Template {
    let parameters = parameters(module);
    let ids = ids(model, module, parameters.values().cloned().collect());
    let stacks: Vec<&str> = model.family.stacks.iter().map(|s| s.name.as_str()).collect();
    let mut scope =
        Scope { module, parameters, ids: &ids, stacks, conditions: IndexMap::new(), by_environment: false };
    let mut resources = IndexMap::new();
    for (address, resource) in &module.resources {
        if address.mode == Mode::Managed {
            resources.insert(ids[address].clone(), printed(resource, &mut scope));
        }
    }
    let mut outputs = IndexMap::new();
    for (name, (description, term)) in &module.outputs {
        if let Some(value) = scope.value(term) {
            let value = match value {
                list @ Yaml::List(_) => Yaml::call("!Join", Yaml::List(vec![Yaml::text(","), list])),
                value => value,
            };
            let mut output =
                IndexMap::from_iter([("Description".to_owned(), Yaml::text(sentence(description)))]);
            output.insert("Value".to_owned(), value);
            if let Some(condition) = depends(term, module) {
                output.insert("Condition".to_owned(), Yaml::text(scope.condition(&condition)));
            }
            outputs.insert(pascal(name), Yaml::Map(output));
        }
    }
    let used = used(&resources, &outputs, &scope.conditions);
    let mut declared = IndexMap::new();
    if scope.by_environment {
        declared.insert(ENVIRONMENT.to_owned(), environment(&scope.stacks));
    }
    let mut given: Vec<IndexMap<String, String>> = vec![IndexMap::new(); model.family.stacks.len()];
    if scope.by_environment {
        for (own, name) in given.iter_mut().zip(&scope.stacks) {
            own.insert(ENVIRONMENT.to_owned(), (*name).to_owned());
        }
    }
    for (name, variable) in &module.variables {
        let parameter = scope.parameters[name.as_str()].clone();
        if !is_parameter(&variable.ty) || !used.contains(&parameter) || declared.contains_key(&parameter) {
            continue;
        }
        // Where some stacks have no place for it, what the others say stands for all.
        let fallback = variable.given.iter().flatten().find_map(|given| match given {
            Given::Value(value) if *value != Value::Null => Some(value),
            _ => None,
        });
        let absent = module.present.iter().any(|v| variable.given[*v].is_none());
        let default = match variable.default(&module.present) {
            Some(Value::Null) if !sometimes_nothing(variable) => fallback.filter(|_| absent),
            default => default,
        };
        declared.insert(parameter.clone(), declaration(variable, default));
        for v in &module.present {
            if let Some(Given::Value(value)) = &variable.given[*v]
                && default != Some(value)
                && *value != Value::Null
            {
                given[*v].insert(parameter.clone(), flat(value));
            }
        }
    }
    super::over(MOST_RESOURCES, resources.len(), "resources", diagnostics);
    super::over(MOST_PARAMETERS, declared.len(), "parameters", diagnostics);
    super::over(MOST_OUTPUTS, outputs.len(), "outputs", diagnostics);
    let mut text = IndexMap::new();
    text.insert("AWSTemplateFormatVersion".to_owned(), Yaml::text("2010-09-09"));
    text.insert("Description".to_owned(), Yaml::text(description(model)));
    let sections = [
        ("Parameters", declared),
        ("Conditions", scope.conditions),
        ("Resources", resources),
        ("Outputs", outputs),
    ];
    for (name, section) in sections {
        if !section.is_empty() {
            text.insert(name.to_owned(), Yaml::Map(section));
        }
    }
    Template { text: Yaml::Map(text), parameters: given }
}

fn description(model: &Model<'_>) -> String {
    let roles: Vec<&str> = model.family.stacks[0]
        .graph
        .components
        .keys()
        .map(String::as_str)
        .filter(|n| !n.is_empty())
        .collect();
    let what = if model.family.stacks.iter().any(|s| s.environment) {
        "One environment"
    } else {
        match model.family.stacks[0].name.as_str() {
            "bootstrap" => "What is there before everything else",
            _ => "What all environments share",
        }
    };
    if roles.is_empty() { what.to_owned() } else { format!("{what}: {}", roles.join(", ")) }
}

fn sentence(text: &str) -> String {
    if text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}

/// The parameter of each variable. Variables that every stack gives the same and that are described the same are one: it
/// is called by the words that their names end in.
fn parameters(module: &Module) -> BTreeMap<&str, String> {
    let mut groups: Vec<Vec<(&str, &Variable)>> = Vec::new();
    for (name, variable) in &module.variables {
        let same = |group: &&mut Vec<(&str, &Variable)>| *group[0].1 == *variable && !variable.secret();
        match groups.iter_mut().find(same) {
            Some(group) => group.push((name, variable)),
            None => groups.push(vec![(name, variable)]),
        }
    }
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut out = BTreeMap::new();
    for group in groups {
        let own = group[0].0;
        let mut words: Vec<&str> = own.split('_').collect();
        for (name, _) in &group[1..] {
            let other: Vec<&str> = name.split('_').collect();
            let common = words.iter().rev().zip(other.iter().rev()).take_while(|(a, b)| a == b).count();
            words.drain(..words.len() - common);
        }
        let shared = pascal(&words.join("_"));
        let numbered = (2..).map(|n| format!("{}{n}", pascal(own)));
        let mut candidates = [shared, pascal(own)].into_iter().chain(numbered);
        let free = |name: &String| !name.is_empty() && *name != ENVIRONMENT && !taken.contains(name);
        let parameter = candidates.find(free).unwrap_or_default();
        taken.insert(parameter.clone());
        out.extend(group.into_iter().map(|(name, _)| (name, parameter.clone())));
    }
    out
}

/// Logical ids: what blocks are called, told apart by their types and then by numbers.
fn ids(model: &Model<'_>, module: &Module, mut taken: BTreeSet<String>) -> BTreeMap<Address, String> {
    taken.insert(ENVIRONMENT.to_owned());
    let mut ids = BTreeMap::new();
    for address in module.resources.keys().filter(|a| a.mode == Mode::Managed) {
        let plain = pascal(&model.family.subject(address));
        let plain = if plain.is_empty() { "Resource".to_owned() } else { plain };
        let typed = format!("{plain}{}", address.kind.as_str().split("::").nth(1).unwrap_or_default());
        let numbered = (2..).map(|n| format!("{typed}{n}"));
        let id = [plain, typed.clone()].into_iter().chain(numbered).find(|id| !taken.contains(id));
        let id = id.unwrap_or_default();
        taken.insert(id.clone());
        ids.insert(address.clone(), id);
    }
    ids
}

fn printed(resource: &Resource, scope: &mut Scope<'_>) -> Yaml {
    let mut out = IndexMap::new();
    out.insert("Type".to_owned(), Yaml::text(resource.address.kind.as_str()));
    if let Repeat::When(flag) = &resource.repeat {
        out.insert("Condition".to_owned(), Yaml::text(scope.condition(flag)));
    }
    let mut properties = IndexMap::new();
    let mut deletion = None;
    for item in &resource.items {
        let Item::Attr(name, term) = item else { continue };
        if name == "DeletionPolicy" {
            deletion = Some(policy(term));
        } else if let Some(value) = scope.value(term) {
            properties.insert(name.clone(), value);
        }
    }
    // What a property refers to is waited for anyway.
    let mut named = BTreeSet::new();
    properties.values().for_each(|value| names(value, &mut named));
    let waits: Vec<Yaml> = resource
        .depends_on
        .iter()
        .filter_map(|to| scope.ids.get(to))
        .filter(|id| !named.iter().any(|name| name.split('.').next() == Some(id.as_str())))
        .map(Yaml::text)
        .collect();
    match waits.as_slice() {
        [] => {}
        [one] => _ = out.insert("DependsOn".to_owned(), one.clone()),
        _ => _ = out.insert("DependsOn".to_owned(), Yaml::List(waits)),
    }
    let kept = crate::maps::holds_data(&VOCABULARY, resource.address.kind.as_str());
    let (on_deletion, on_replacement) = match (resource.prevent_destroy, deletion) {
        (true, snapshot) => (Some("Retain"), Some(snapshot.unwrap_or("Retain"))),
        (false, Some(policy)) => (Some(policy), Some(policy)),
        (false, None) if kept => (Some("Delete"), Some("Retain")),
        (false, None) => (None, None),
    };
    for (name, policy) in [("DeletionPolicy", on_deletion), ("UpdateReplacePolicy", on_replacement)] {
        if let Some(policy) = policy {
            out.insert(name.to_owned(), Yaml::text(policy));
        }
    }
    if !properties.is_empty() {
        out.insert("Properties".to_owned(), Yaml::Map(properties));
    }
    Yaml::Map(out)
}

/// What is done to the data of a resource that goes. It cannot hang on a parameter: where stacks differ, the one that
/// keeps the data holds for all.
fn policy(term: &Term) -> &'static str {
    match term {
        Term::Literal(value) if value.text().as_deref() == Some("Delete") => "Delete",
        _ => "Snapshot",
    }
}

/// The flag of the resource that a term leads to.
fn depends(term: &Term, module: &Module) -> Option<Term> {
    let Term::Ref(r) = term else { return None };
    match &module.resources.get(&r.block)?.repeat {
        Repeat::When(flag) => Some(flag.clone()),
        _ => None,
    }
}

/// Every name that functions of the template name.
fn used(
    resources: &IndexMap<String, Yaml>,
    outputs: &IndexMap<String, Yaml>,
    conditions: &IndexMap<String, Yaml>,
) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    resources.values().chain(outputs.values()).chain(conditions.values()).for_each(|v| names(v, &mut found));
    found
}

/// Every name that functions of a value name.
fn names(value: &Yaml, into: &mut BTreeSet<String>) {
    match value {
        Yaml::Call("!Ref" | "!GetAtt", name) => {
            if let Yaml::Text(name) = &**name {
                into.insert(name.clone());
            }
        }
        Yaml::Call("!Sub", text) => {
            let text = match &**text {
                Yaml::List(items) => {
                    items.iter().skip(1).for_each(|v| names(v, into));
                    items.first()
                }
                text => Some(text),
            };
            if let Some(Yaml::Text(text)) = text {
                let found = text.split("${").skip(1).filter_map(|rest| rest.split('}').next());
                into.extend(found.map(str::to_owned));
            }
        }
        Yaml::Call(_, inner) => names(inner, into),
        Yaml::List(items) => items.iter().for_each(|v| names(v, into)),
        Yaml::Map(entries) => entries.values().for_each(|v| names(v, into)),
        _ => {}
    }
}

fn environment(stacks: &[&str]) -> Yaml {
    Yaml::map([
        ("Description", Yaml::text("Which environment it is.")),
        ("Type", Yaml::text("String")),
        ("AllowedValues", Yaml::List(stacks.iter().map(|s| Yaml::text(*s)).collect())),
    ])
}

fn declaration(variable: &Variable, default: Option<&Value>) -> Yaml {
    let mut out = IndexMap::new();
    out.insert("Description".to_owned(), Yaml::text(sentence(&variable.description)));
    let ty = match &variable.ty {
        Ty::Number => "Number",
        Ty::List(_) | Ty::Set(_) => "CommaDelimitedList",
        _ => "String",
    };
    let optional = default == Some(&Value::Null);
    // Nothing is an empty text, which only a text can be.
    out.insert("Type".to_owned(), Yaml::text(if optional && ty == "Number" { "String" } else { ty }));
    match default {
        Some(Value::Null) => _ = out.insert("Default".to_owned(), Yaml::text("")),
        Some(value) => {
            let text = match (value, ty) {
                (Value::Int(_) | Value::Float(_), "Number") => constant(value),
                _ => None,
            };
            out.insert("Default".to_owned(), text.unwrap_or_else(|| Yaml::text(flat(value))));
        }
        None => {}
    }
    if variable.secret() {
        out.insert("NoEcho".to_owned(), Yaml::Bool(true));
    }
    let mut allowed: Option<Vec<Yaml>> =
        (variable.ty == Ty::Bool).then(|| vec![Yaml::text("true"), Yaml::text("false")]);
    match &variable.validation {
        Some(Validation::OneOf(options)) if ty != "CommaDelimitedList" => {
            let option = |text: &String| match text.parse::<i64>() {
                Ok(n) if ty == "Number" => Yaml::Int(n),
                _ => Yaml::text(text),
            };
            allowed = Some(options.iter().map(option).collect());
        }
        Some(Validation::Range(low, high)) if ty == "Number" && !optional => {
            out.insert("MinValue".to_owned(), whole(*low));
            out.insert("MaxValue".to_owned(), whole(*high));
        }
        Some(Validation::Matches { pattern, must_be }) if ty == "String" => {
            let pattern = if pattern.ends_with('$') { pattern.clone() } else { format!("{pattern}.*") };
            let pattern = if optional { format!("^$|{pattern}") } else { pattern };
            out.insert("AllowedPattern".to_owned(), Yaml::text(pattern));
            out.insert("ConstraintDescription".to_owned(), Yaml::text(format!("must be {must_be}")));
        }
        _ => {}
    }
    if let Some(mut values) = allowed {
        if optional {
            values.push(Yaml::text(""));
        }
        out.insert("AllowedValues".to_owned(), Yaml::List(values));
    }
    Yaml::Map(out)
}

fn whole(n: f64) -> Yaml {
    if n.fract() == 0.0 && n.abs() < 9e15 { Yaml::Int(n as i64) } else { Yaml::Float(n) }
}

/// A value as parameters are given: texts, with commas between the items of a list.
fn flat(value: &Value) -> String {
    match value.known() {
        Value::List(items) => items.iter().map(flat).collect::<Vec<_>>().join(","),
        other => other.text().unwrap_or_default(),
    }
}
