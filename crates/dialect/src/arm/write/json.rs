//! Templates as JSON, with symbolic names.
//!
//! What Bicep leaves to its compiler is said here: expressions in brackets, identifiers and answers of resources as functions,
//! loops as copies, and what has to be there before. Must not decide anything: the templates are composed before.

use std::collections::BTreeSet;

use ir::Value;
use serde_json::{Map, Value as Json, json};

use super::scope::member;
use crate::arm::template::{
    Deploys, Entry, Expr, Form, Over, Parameter, Repeat, Resource, Source, TargetScope, Template,
};

/// What names mean at a place of a template.
#[derive(Clone)]
pub(super) struct Names<'t> {
    template: &'t Template,
    /// Items and numbers of loops and functions around the place, as they are spelt.
    locals: Vec<(String, String)>,
}

/// A template, with those that it deploys given by `within`.
pub(super) fn template(template: &Template, within: &dyn Fn(&str) -> Option<Json>) -> Json {
    let names = Names { template, locals: Vec::new() };
    let schema = match template.scope {
        TargetScope::Above => "2018-05-01/subscriptionDeploymentTemplate.json#",
        TargetScope::ResourceGroup => "2019-04-01/deploymentTemplate.json#",
    };
    let mut out = Map::new();
    out.insert("$schema".into(), json!(format!("https://schema.management.azure.com/schemas/{schema}")));
    out.insert("languageVersion".into(), json!("2.0"));
    out.insert("contentVersion".into(), json!("1.0.0.0"));
    let parameters: Map<String, Json> =
        template.parameters.iter().map(|(name, p)| (name.clone(), parameter(p, &names))).collect();
    let mut variables = Map::new();
    for (name, value) in &template.variables {
        names.entry(name, value, &mut variables);
    }
    let mut resources = Map::new();
    for resource in &template.resources {
        let symbol = resource.symbol.clone().unwrap_or_default();
        resources.insert(symbol, names.resource(resource, within));
    }
    let mut outputs = Map::new();
    for (name, output) in &template.outputs {
        outputs.insert(name.clone(), names.output(&output.value, &output.description));
    }
    for (name, section) in [("parameters", parameters), ("variables", variables)] {
        if !section.is_empty() {
            out.insert(name.into(), Json::Object(section));
        }
    }
    out.insert("resources".into(), Json::Object(resources));
    if !outputs.is_empty() {
        out.insert("outputs".into(), Json::Object(outputs));
    }
    Json::Object(out)
}

fn parameter(parameter: &Parameter, names: &Names<'_>) -> Json {
    let ty = match (parameter.secure, parameter.ty.as_str()) {
        (true, "object") => "secureObject",
        (true, _) => "secureString",
        (false, ty) => ty,
    };
    let mut out = Map::new();
    out.insert("type".into(), json!(ty));
    if parameter.nullable && parameter.default.is_none() {
        out.insert("nullable".into(), json!(true));
    }
    if let Some(default) = &parameter.default {
        out.insert("defaultValue".into(), names.value(default));
    }
    if !parameter.allowed.is_empty() {
        out.insert("allowedValues".into(), parameter.allowed.iter().map(|a| names.value(a)).collect());
    }
    for (word, limit) in [("minValue", parameter.range.0), ("maxValue", parameter.range.1)] {
        if let Some(limit) = limit {
            out.insert(word.into(), json!(limit));
        }
    }
    if !parameter.description.is_empty() {
        out.insert("metadata".into(), json!({ "description": parameter.description }));
    }
    Json::Object(out)
}

impl Names<'_> {
    fn with(&self, locals: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut out = self.clone();
        out.locals.extend(locals);
        out
    }

    fn find(&self, symbol: &str) -> Option<&Resource> {
        let local = self.locals.iter().any(|(name, _)| name == symbol);
        self.template.resources.iter().find(|r| !local && r.symbol.as_deref() == Some(symbol))
    }

    fn resource(&self, resource: &Resource, within: &dyn Fn(&str) -> Option<Json>) -> Json {
        let inside = match &resource.repeat {
            Some(repeat) => self.with(self.turn(repeat, "copyIndex()")),
            None => self.clone(),
        };
        let mut out = Map::new();
        if let Some(repeat) = &resource.repeat {
            let count = self.bracketed(&self.count(repeat));
            out.insert("copy".into(), json!({ "name": resource.symbol, "count": count }));
        }
        if let Some(condition) = &resource.condition {
            out.insert("condition".into(), inside.value(condition));
        }
        if resource.existing {
            out.insert("existing".into(), json!(true));
        }
        out.insert("type".into(), json!(resource.kind));
        let version = resource.api.as_ref().map(|api| inside.value(api));
        out.insert("apiVersion".into(), version.unwrap_or_else(|| json!(DEPLOYMENTS_VERSION)));
        match (&resource.scope, &resource.deploys) {
            (Some(Expr { form: Form::Call(_, args), .. }), Some(_)) => {
                out.insert("resourceGroup".into(), args.last().map_or(Json::Null, |name| inside.value(name)));
            }
            (Some(group), Some(_)) => {
                let name = member(group.clone(), "name");
                out.insert("resourceGroup".into(), inside.value(&name));
            }
            (Some(scope), None) => {
                let scope = inside.identifier(scope);
                out.insert("scope".into(), json!(format!("[{scope}]")));
            }
            _ => {}
        }
        let parts = inside.name_parts(resource);
        let name = match parts.as_slice() {
            [] => json!(resource.symbol),
            [_] => resource.name.as_ref().map_or(Json::Null, |n| inside.value(n)),
            many => {
                let pattern: Vec<String> = (0..many.len()).map(|n| format!("{{{n}}}")).collect();
                json!(format!("[format({}, {})]", quoted(&pattern.join("/")), many.join(", ")))
            }
        };
        out.insert("name".into(), name);
        if let Some(deploys) = &resource.deploys {
            if resource.scope.is_none() && self.template.scope == TargetScope::Above {
                out.insert("location".into(), json!("[deployment().location]"));
            }
            out.insert("properties".into(), inside.deployment(deploys, within));
        }
        for (key, value) in &resource.body {
            inside.entry(key, value, &mut out);
        }
        let needs = self.needs(resource);
        if !needs.is_empty() && !resource.existing {
            out.insert("dependsOn".into(), json!(needs));
        }
        Json::Object(out)
    }

    fn deployment(&self, deploys: &Deploys, within: &dyn Fn(&str) -> Option<Json>) -> Json {
        let mut out = Map::new();
        out.insert("mode".into(), json!("Incremental"));
        if let Source::File(path) = &deploys.source {
            match within(path) {
                Some(template) => {
                    out.insert("expressionEvaluationOptions".into(), json!({ "scope": "inner" }));
                    out.insert("template".into(), template);
                }
                None => {
                    _ = out.insert("templateLink".into(), json!({ "relativePath": format!("{path}.json") }))
                }
            }
        }
        let mut arguments = Map::new();
        for (name, value) in &deploys.arguments {
            arguments.insert(name.clone(), json!({ "value": self.value(value) }));
        }
        if !arguments.is_empty() {
            out.insert("parameters".into(), Json::Object(arguments));
        }
        Json::Object(out)
    }

    fn output(&self, value: &Expr, description: &str) -> Json {
        let mut out = Map::new();
        let ty = match &value.form {
            Form::Loop(..) | Form::Array(_) => "array",
            Form::Object(_) => "object",
            Form::Call(name, args) if name == "if" => match &args[1].form {
                Form::Array(_) | Form::Loop(..) => "array",
                _ => "string",
            },
            Form::Name(name) => self.template.parameters.get(name).map_or("string", |p| p.ty.as_str()),
            _ => "string",
        };
        out.insert("type".into(), json!(ty));
        if !description.is_empty() {
            out.insert("metadata".into(), json!({ "description": description }));
        }
        match &value.form {
            Form::Loop(repeat, _, body) => {
                let inside = self.with(self.turn(repeat, "copyIndex()"));
                let copy =
                    json!({ "count": self.bracketed(&self.count(repeat)), "input": inside.value(body) });
                out.insert("copy".into(), copy);
            }
            _ => _ = out.insert("value".into(), self.value(value)),
        }
        Json::Object(out)
    }

    /// What the item and the number of a loop are.
    fn turn(&self, repeat: &Repeat, number: &str) -> Vec<(String, String)> {
        let item = match &repeat.over {
            Over::Each(list) => format!("{}[{number}]", self.inline(list)),
            Over::Times(_) => number.to_owned(),
        };
        let names = [(&repeat.binds.0, item), (&repeat.binds.1, number.to_owned())];
        names.into_iter().filter_map(|(name, spelt)| Some((name.clone()?, spelt))).collect()
    }

    fn count(&self, repeat: &Repeat) -> String {
        match &repeat.over {
            Over::Each(list) => format!("length({})", self.inline(list)),
            Over::Times(count) => self.inline(count),
        }
    }

    fn bracketed(&self, inline: &str) -> String {
        format!("[{inline}]")
    }

    /// An entry of an object; a loop is a copy beside it.
    fn entry(&self, key: &str, value: &Expr, into: &mut Map<String, Json>) {
        let Form::Loop(repeat, None, body) = &value.form else {
            into.insert(key.to_owned(), self.value(value));
            return;
        };
        let number = format!("copyIndex({})", quoted(key));
        let inside = self.with(self.turn(repeat, &number));
        let copy =
            json!({ "name": key, "count": self.bracketed(&self.count(repeat)), "input": inside.value(body) });
        match into.entry("copy").or_insert_with(|| json!([])) {
            Json::Array(copies) => copies.push(copy),
            other => *other = json!([copy]),
        }
    }

    /// A value: plain JSON where it can be, an expression where it must.
    fn value(&self, expr: &Expr) -> Json {
        match &expr.form {
            Form::Literal(Value::Str(text)) if text.starts_with('[') => json!(format!("[{text}")),
            Form::Literal(Value::Str(text)) => json!(text),
            Form::Literal(Value::Bool(b)) => json!(b),
            Form::Literal(Value::Int(n)) => json!(n),
            Form::Literal(Value::Null) => json!("[null()]"),
            Form::Array(items) if !items.iter().any(|i| i.spread) => {
                items.iter().map(|item| self.value(&item.value)).collect()
            }
            Form::Object(entries) if !entries.iter().any(|e| e.spread) => {
                let mut out = Map::new();
                for entry in entries {
                    let key = match &entry.key {
                        Some(key) => {
                            key.text().map_or_else(|| format!("[{}]", self.inline(key)), str::to_owned)
                        }
                        None => continue,
                    };
                    self.entry(&key, &entry.value, &mut out);
                }
                Json::Object(out)
            }
            _ => json!(format!("[{}]", self.inline(expr))),
        }
    }

    /// An expression within brackets.
    fn inline(&self, expr: &Expr) -> String {
        let all = |args: &[Expr]| args.iter().map(|a| self.inline(a)).collect::<Vec<_>>().join(", ");
        match &expr.form {
            Form::Literal(value) => match value {
                Value::Str(text) => quoted(text),
                Value::Bool(b) => format!("{b}()"),
                Value::Int(n) => n.to_string(),
                Value::Float(n) => format!("json('{n}')"),
                _ => "null()".to_owned(),
            },
            Form::Array(items) => self.inline_entries("createArray", items),
            Form::Object(items) => self.inline_entries("createObject", items),
            Form::Join(parts) => {
                let mut pattern = String::new();
                let mut args = Vec::new();
                for part in parts {
                    match part.text() {
                        Some(text) => pattern.push_str(&text.replace('{', "{{").replace('}', "}}")),
                        None => {
                            pattern.push_str(&format!("{{{}}}", args.len()));
                            args.push(self.inline(part));
                        }
                    }
                }
                args.insert(0, quoted(&pattern));
                format!("format({})", args.join(", "))
            }
            Form::Call(name, args) => format!("{name}({})", all(args)),
            Form::Lambda(names, body) => {
                let spelt = |n: &String| (n.clone(), format!("lambdaVariables({})", quoted(n)));
                let inside = self.with(names.iter().map(spelt));
                let names: Vec<String> = names.iter().map(|n| quoted(n)).collect();
                format!("lambda({}, {})", names.join(", "), inside.inline(body))
            }
            Form::Loop(repeat, _, body) => {
                let item = repeat.binds.0.clone().unwrap_or_default();
                let list = match &repeat.over {
                    Over::Each(list) => self.inline(list),
                    Over::Times(count) => format!("range(0, {})", self.inline(count)),
                };
                let inside = self.with([(item.clone(), format!("lambdaVariables({})", quoted(&item)))]);
                format!("map({list}, lambda({}, {}))", quoted(&item), inside.inline(body))
            }
            Form::Name(_) | Form::Member(..) | Form::Index(..) | Form::Method(..) => self.path(expr),
            Form::Broken(_) => "null()".to_owned(),
        }
    }

    fn inline_entries(&self, function: &str, items: &[Entry]) -> String {
        let mut args = Vec::new();
        for item in items {
            args.extend(item.key.as_ref().map(|key| self.inline(key)));
            args.push(self.inline(&item.value));
        }
        format!("{function}({})", args.join(", "))
    }

    /// A way into a value. What it begins with says how it is spelt.
    fn path(&self, expr: &Expr) -> String {
        let mut steps = Vec::new();
        let mut base = expr;
        loop {
            match &base.form {
                Form::Member(inner, name, _) => {
                    steps.push(Step::Member(name));
                    base = inner;
                }
                Form::Index(inner, index, _) => {
                    steps.push(Step::Index(index));
                    base = inner;
                }
                Form::Method(inner, name, _) => {
                    steps.push(Step::Method(name));
                    base = inner;
                }
                _ => break,
            }
        }
        steps.reverse();
        let Form::Name(symbol) = &base.form else { return self.follow(self.inline(base), &steps) };
        if let Some((_, spelt)) = self.locals.iter().rev().find(|(name, _)| name == symbol) {
            return self.follow(spelt.clone(), &steps);
        }
        if self.template.parameters.contains_key(symbol) {
            return self.follow(format!("parameters({})", quoted(symbol)), &steps);
        }
        if self.template.variables.contains_key(symbol) {
            return self.follow(format!("variables({})", quoted(symbol)), &steps);
        }
        let Some(resource) = self.find(symbol) else { return "null()".to_owned() };
        let (instance, rest) = match (&resource.repeat, steps.split_first()) {
            (Some(_), Some((Step::Index(index), rest))) => (Some(self.inline(index)), rest),
            _ => (None, steps.as_slice()),
        };
        self.of_resource(symbol, resource, instance.as_deref(), rest)
    }

    fn of_resource(
        &self,
        symbol: &str,
        resource: &Resource,
        instance: Option<&str>,
        steps: &[Step<'_>],
    ) -> String {
        let called = match instance {
            Some(index) => format!("format({}, {index})", quoted(&format!("{symbol}[{{0}}]"))),
            None => quoted(symbol),
        };
        let version =
            resource.api.as_ref().map_or_else(|| quoted(DEPLOYMENTS_VERSION), |api| self.inline(api));
        match steps {
            [] => self.id(resource, instance),
            [Step::Member("id"), rest @ ..] => self.follow(self.id(resource, instance), rest),
            [Step::Member("name"), rest @ ..] => {
                let own = self.at(resource, instance).name_parts(resource).pop();
                self.follow(own.unwrap_or_else(|| quoted(symbol)), rest)
            }
            [Step::Member("outputs"), Step::Member(output), rest @ ..] if resource.deploys.is_some() => {
                self.follow(format!("reference({called}).outputs.{output}.value"), rest)
            }
            [Step::Member("properties"), rest @ ..] => self.follow(format!("reference({called})"), rest),
            [Step::Method(function), rest @ ..] => {
                self.follow(format!("{function}({called}, {version})"), rest)
            }
            rest => self.follow(format!("reference({called}, {version}, 'full')"), rest),
        }
    }

    fn follow(&self, base: String, steps: &[Step<'_>]) -> String {
        steps.iter().fold(base, |base, step| match step {
            Step::Member(name) if name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') => {
                format!("{base}.{name}")
            }
            Step::Member(name) => format!("{base}[{}]", quoted(name)),
            Step::Index(index) => format!("{base}[{}]", self.inline(index)),
            Step::Method(name) => format!("{name}({base})"),
        })
    }

    /// What names mean for one instance of a resource.
    fn at(&self, resource: &Resource, instance: Option<&str>) -> Self {
        match (&resource.repeat, instance) {
            (Some(repeat), Some(index)) => self.with(self.turn(repeat, index)),
            _ => self.clone(),
        }
    }

    /// The names that lead to a resource, its own last.
    fn name_parts(&self, resource: &Resource) -> Vec<String> {
        let mut parts = match &resource.parent {
            Some(parent) => {
                let (symbol, instance) = match &parent.form {
                    Form::Name(symbol) => (symbol.as_str(), None),
                    Form::Index(base, index, _) => match &base.form {
                        Form::Name(symbol) => (symbol.as_str(), Some(self.inline(index))),
                        _ => ("", None),
                    },
                    _ => ("", None),
                };
                match self.find(symbol) {
                    Some(owner) => self.at(owner, instance.as_deref()).name_parts(owner),
                    None => Vec::new(),
                }
            }
            None => Vec::new(),
        };
        parts.extend(resource.name.as_ref().map(|name| self.inline(name)));
        parts
    }

    /// The identifier of a resource.
    fn id(&self, resource: &Resource, instance: Option<&str>) -> String {
        let inside = self.at(resource, instance);
        let mut names = inside.name_parts(resource);
        // A name of several parts that was put together before is taken apart again.
        let wanted = resource.kind.split('/').count() - 1;
        if names.len() == 1 && wanted > 1 {
            let whole = names.remove(0);
            names = (0..wanted).map(|n| format!("split({whole}, '/')[{n}]")).collect();
        }
        names.insert(0, quoted(&resource.kind));
        if let Some(scope) = resource.scope.as_ref().filter(|_| resource.deploys.is_none()) {
            names.insert(0, inside.identifier(scope));
            return format!("extensionResourceId({})", names.join(", "));
        }
        let function = match self.template.scope {
            TargetScope::Above => "subscriptionResourceId",
            TargetScope::ResourceGroup => "resourceId",
        };
        format!("{function}({})", names.join(", "))
    }

    /// The identifier of what an expression stands for.
    fn identifier(&self, expr: &Expr) -> String {
        match &expr.form {
            Form::Name(_) | Form::Index(..) => self.path(expr),
            _ => format!("{}.id", self.inline(expr)),
        }
    }

    /// The symbolic names of everything that a resource names.
    fn needs(&self, resource: &Resource) -> Vec<String> {
        let mut found = BTreeSet::new();
        let exprs = [&resource.name, &resource.parent, &resource.scope, &resource.condition];
        exprs.into_iter().flatten().for_each(|e| self.named(e, &mut found));
        resource.body.iter().for_each(|(_, e)| self.named(e, &mut found));
        resource.depends_on.iter().for_each(|e| self.named(e, &mut found));
        let arguments = resource.deploys.iter().flat_map(|d| &d.arguments);
        arguments.for_each(|(_, e)| self.named(e, &mut found));
        let own = resource.symbol.as_deref();
        found.into_iter().filter(|s| Some(s.as_str()) != own).collect()
    }

    fn named(&self, expr: &Expr, into: &mut BTreeSet<String>) {
        match &expr.form {
            Form::Name(symbol) => {
                if let Some(resource) = self.find(symbol) {
                    if resource.existing {
                        resource.parent.iter().for_each(|p| self.named(p, into));
                    } else {
                        into.insert(symbol.clone());
                    }
                }
            }
            Form::Array(items) | Form::Object(items) => {
                for item in items {
                    item.key.iter().for_each(|k| self.named(k, into));
                    self.named(&item.value, into);
                }
            }
            Form::Join(parts) | Form::Call(_, parts) => parts.iter().for_each(|p| self.named(p, into)),
            Form::Method(base, _, args) => {
                self.named(base, into);
                args.iter().for_each(|a| self.named(a, into));
            }
            Form::Member(base, ..) => self.named(base, into),
            Form::Index(base, index, _) => {
                self.named(base, into);
                self.named(index, into);
            }
            Form::Lambda(_, body) => self.named(body, into),
            Form::Loop(repeat, filter, body) => {
                {
                    let (Over::Each(list) | Over::Times(list)) = &repeat.over;
                    self.named(list, into);
                }
                filter.iter().for_each(|f| self.named(f, into));
                self.named(body, into);
            }
            Form::Literal(_) | Form::Broken(_) => {}
        }
    }
}

enum Step<'e> {
    Member(&'e str),
    Index(&'e Expr),
    Method(&'e str),
}

/// The version of the interface for deployments.
const DEPLOYMENTS_VERSION: &str = "2022-09-01";

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
