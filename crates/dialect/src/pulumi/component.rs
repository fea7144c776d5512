//! A component as a class: its settings, what it is given, its resources and what it shows.
//!
//! Resources stand in the order in which they need each other, as a program is read from top to bottom. Must not know
//! stacks' values.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use ir::{Address, Diagnostic, Diagnostics, Mode, Value};

use super::names::{self, Token};
use super::scope::{self, KEY, Place, ROW, Scope, constant, is_input, local};
use crate::model::term::{Item, Module, Port, Repeat, Resource, Shape, Term, Ty, Variable};
use crate::model::{Model, types, wire};
use crate::typescript::{Entry, Expr, Field, Piece, Stmt, camel, is_identifier, pascal};

/// Names in a constructor that no resource may take.
const TAKEN: &[&str] = &[
    "name",
    "args",
    "opts",
    KEY,
    ROW,
    "item",
    "it",
    "pulumi",
    "fs",
    "path",
    "aws",
    "azure",
    "gcp",
    "mongodbatlas",
];

/// What a component's class is called.
pub(super) fn class(component: &str) -> String {
    pascal(unit(component))
}

/// What a component is called in file names.
pub(super) fn unit(component: &str) -> &str {
    if component.is_empty() { "main" } else { component }
}

/// The argument that says where resources outside the stack's region stand.
pub(super) fn region_argument(alias: &str) -> String {
    camel(&format!("{alias}_region"))
}

/// The variables of a module that stacks' configurations set, and not all components together.
pub(super) fn settings<'m>(module: &'m Module, shared: &BTreeSet<&str>) -> Vec<(&'m String, &'m Variable)> {
    let own = |(name, variable): &(&String, &Variable)| {
        !is_input(&variable.given) && !shared.contains(name.as_str())
    };
    module.variables.iter().filter(own).collect()
}

/// The file of a component. `shared` names the variables that the program sets for many components.
pub(super) fn print(
    model: &Model<'_>,
    module: &Module,
    shared: &BTreeSet<&str>,
    token: &str,
    home: &str,
    diagnostics: &mut Diagnostics,
) -> Vec<Stmt> {
    let none = IndexMap::new();
    let inputs = model.wiring.inputs.get(&module.name).unwrap_or(&none);
    let order = in_order(module);
    let variables = variables(model, module);
    let shows: Vec<&Port> =
        model.wiring.outputs.get(&module.name).into_iter().flatten().map(|(p, _)| p).collect();
    let base = Scope {
        module,
        family: &model.family,
        inputs,
        shown: &shows,
        variables: &variables,
        resource: None,
        home,
    };
    let mut body = vec![
        Stmt::Do(Expr::path("super").call(vec![
            Expr::str(token),
            Expr::path("name"),
            Expr::Object(Vec::new()),
            Expr::path("opts"),
        ])),
        Stmt::Blank,
    ];
    for (name, variable) in &module.variables {
        if let Some(default) = variable.default(&module.present).filter(|d| **d != Value::Null) {
            let given = Expr::path("args").member(&camel(name));
            let value = Expr::Binary(Box::new(given), "??", Box::new(constant(default)));
            body.push(Stmt::Const { name: camel(name), ty: None, value });
        }
    }
    let mut made: BTreeSet<&str> = BTreeSet::new();
    for address in order {
        let resource = &module.resources[address];
        let scope = Scope { resource: Some(resource), ..base };
        locals(resource, &base, &mut made, &mut body);
        body.extend(statements(resource, &scope, diagnostics));
    }
    let mut fields = Vec::new();
    let mut outputs = Vec::new();
    for (name, doc, ty, optional, value) in shown(model, module, &base) {
        let doc = format!("{}.", doc.trim_end_matches('.'));
        fields.push(Field { doc, modifiers: "public readonly ", name: name.clone(), optional, ty });
        body.push(Stmt::Assign(Expr::path("this").member(&name), value));
        outputs.push(Entry::Pair(name.clone(), Expr::path("this").member(&name)));
    }
    body.push(Stmt::Do(Expr::path("this.registerOutputs").call(vec![Expr::Object(outputs)])));

    let name = class(&module.name);
    let args = format!("{name}Args");
    let mut file = imports(module);
    file.push(Stmt::Blank);
    let own = settings(module, shared);
    let mut extends = Vec::new();
    if !own.is_empty() || !module.aliases.is_empty() {
        let mut all: Vec<Field> = own.iter().map(|(name, v)| field(module, name, v)).collect();
        all.extend(module.aliases.keys().map(|alias| Field {
            doc: "Region of what stands elsewhere than the stack.".to_owned(),
            modifiers: "",
            name: region_argument(alias),
            optional: false,
            ty: "string".to_owned(),
        }));
        extends.push(format!("{name}Settings"));
        let doc = format!("What a stack's configuration says about {}.", unit(&module.name));
        file.push(Stmt::Interface { doc, name: format!("{name}Settings"), extends: Vec::new(), fields: all });
        file.push(Stmt::Blank);
    }
    let other = module.variables.iter().filter(|(n, _)| !own.iter().any(|(own, _)| own == n));
    let mut given: Vec<Field> = other.map(|(name, v)| field(module, name, v)).collect();
    given.extend(inputs.iter().map(|(port, name)| Field {
        doc: sentence(model, port),
        modifiers: "",
        name: camel(name),
        optional: base.may_lack(port),
        ty: carried(&port_type(model, port), port.shape, "Input"),
    }));
    let doc = format!("What {} is given.", unit(&module.name));
    file.push(Stmt::Interface { doc, name: args.clone(), extends, fields: given });
    file.push(Stmt::Blank);
    let described = model.family.stacks.iter().find_map(|s| s.graph.components.get(&module.name));
    let doc = described.map(|c| c.description.clone()).filter(|d| !d.is_empty());
    file.push(Stmt::Class {
        doc: doc.map_or_else(|| format!("The component {}.", unit(&module.name)), |d| format!("{d}.")),
        name,
        base: "pulumi.ComponentResource".to_owned(),
        fields,
        parameters: vec![
            "name: string".to_owned(),
            format!("args: {args}"),
            "opts?: pulumi.ComponentResourceOptions".to_owned(),
        ],
        body,
    });
    file
}

fn imports(module: &Module) -> Vec<Stmt> {
    let mut files = false;
    wire::visit_module(module, &mut |term| files |= matches!(term, Term::File(_)));
    let packages: BTreeSet<&'static str> =
        module.resources.keys().filter_map(|a| Some(names::token(a)?.package)).collect();
    let of_node = ["fs", "path"].into_iter().filter(|_| files).map(|m| (m.to_owned(), m.to_owned()));
    let of_pulumi = packages.into_iter().chain(["pulumi"]).map(|p| (p.to_owned(), format!("@pulumi/{p}")));
    of_node.chain(of_pulumi).map(|(name, from)| Stmt::Import(format!("* as {name}"), from)).collect()
}

fn field(module: &Module, name: &str, variable: &Variable) -> Field {
    let table = tables(module).contains(name);
    let ty = typescript(&variable.ty, table);
    Field {
        doc: variable.description.clone(),
        modifiers: "",
        name: camel(name),
        optional: variable.default(&module.present).is_some(),
        ty: if is_input(&variable.given) { format!("pulumi.Input<{ty}>") } else { ty },
    }
}

/// The variables that blocks are repeated over: their columns are the program's own names.
pub(super) fn tables(module: &Module) -> BTreeSet<&str> {
    let repeats = module.resources.values().filter_map(|r| match &r.repeat {
        Repeat::Table(Term::Var(name)) => Some(name.as_str()),
        _ => None,
    });
    repeats.collect()
}

fn typescript(ty: &Ty, table: bool) -> String {
    match ty {
        Ty::String => "string".to_owned(),
        Ty::Number => "number".to_owned(),
        Ty::Bool => "boolean".to_owned(),
        Ty::List(item) | Ty::Set(item) => {
            let item = typescript(item, table);
            if is_identifier(&item) { format!("{item}[]") } else { format!("Array<{item}>") }
        }
        Ty::Map(item) => format!("Record<string, {}>", typescript(item, table)),
        Ty::Object(fields) => {
            let field = |(name, ty): &(String, Ty)| {
                let name = if table { camel(name) } else { name.clone() };
                let name = if is_identifier(&name) { name } else { crate::typescript::quoted(&name) };
                format!("{name}: {}", typescript(ty, table))
            };
            format!("{{ {} }}", fields.iter().map(field).collect::<Vec<_>>().join("; "))
        }
        Ty::Any => "any".to_owned(),
    }
}

/// The type of what is carried from one component to another.
fn carried(ty: &Ty, shape: Shape, wrapper: &str) -> String {
    let one = format!("pulumi.{wrapper}<{}>", typescript(ty, false));
    match shape {
        Shape::One => one,
        Shape::All => format!("{one}[]"),
        Shape::ByKey => format!("Record<string, {one}>"),
    }
}

fn port_type(model: &Model<'_>, port: &Port) -> Ty {
    types::of_attribute(model.family.vocabulary, &port.block, &port.path)
}

fn sentence(model: &Model<'_>, port: &Port) -> String {
    wire::port_sentence(port, &model.family)
}

/// What the class shows: name, sentence, type, whether it may be nothing, value.
fn shown(
    model: &Model<'_>,
    module: &Module,
    scope: &Scope<'_, '_>,
) -> Vec<(String, String, String, bool, Expr)> {
    let mut all = Vec::new();
    let ports = model.wiring.outputs.get(&module.name);
    for (name, (doc, term)) in &module.outputs {
        let carries = ports.into_iter().flatten().find(|(_, n)| *n == name).map(|(port, _)| port);
        let (ty, optional, value) = match carries {
            Some(port) => {
                let ty = carried(&port_type(model, port), port.shape, "Output");
                (ty, may_be_nothing(module, port), scope.port(port))
            }
            None => {
                let value = Expr::path("pulumi.output").call(vec![scope.plain(term)]);
                ("pulumi.Output<any>".to_owned(), false, value)
            }
        };
        all.push((property(name), doc.clone(), ty, optional, value));
    }
    for (port, name) in ports.into_iter().flatten() {
        if !module.outputs.contains_key(name) {
            let ty = carried(&port_type(model, port), port.shape, "Output");
            all.push((
                property(name),
                sentence(model, port),
                ty,
                may_be_nothing(module, port),
                scope.port(port),
            ));
        }
    }
    all
}

/// Whether what a component shows in a port stands under a condition.
pub(super) fn may_be_nothing(module: &Module, port: &Port) -> bool {
    port.shape == Shape::One
        && matches!(module.resources.get(&port.block).map(|r| &r.repeat), Some(Repeat::When(_)))
}

/// What an output is called: every component has an `urn` already.
pub(super) fn property(output: &str) -> String {
    match camel(output) {
        urn if urn == "urn" => "urn_".to_owned(),
        name => name,
    }
}

/// What each resource is called in the constructor.
fn variables(model: &Model<'_>, module: &Module) -> BTreeMap<Address, String> {
    let mut taken: BTreeSet<String> = TAKEN.iter().map(|t| (*t).to_owned()).collect();
    taken.extend(module.variables.keys().map(|name| camel(name)));
    taken.extend(module.locals.iter().map(|(name, _)| local(name)));
    let mut found = BTreeMap::new();
    for address in module.resources.keys() {
        let plain = camel(&model.family.subject(address));
        let options = std::iter::once(plain.clone())
            .chain(std::iter::once(camel(&format!("{}_{}", address.kind, address.name))))
            .chain((2u32..).map(|n| format!("{plain}{n}")));
        let name = options.into_iter().find(|n| !taken.contains(n)).unwrap_or(plain);
        taken.insert(name.clone());
        found.insert(address.clone(), name);
    }
    found
}

/// The blocks of a module, each after those that it refers to.
fn in_order(module: &Module) -> Vec<&Address> {
    let needs: IndexMap<&Address, BTreeSet<&Address>> =
        module.resources.iter().map(|(address, resource)| (address, needed(module, resource))).collect();
    let mut order: Vec<&Address> = Vec::with_capacity(needs.len());
    let mut left: Vec<&Address> = needs.keys().copied().collect();
    while !left.is_empty() {
        let ready = left.iter().position(|a| needs[a].iter().all(|to| to == a || !left.contains(to)));
        // Blocks that need each other stand as they come.
        order.push(left.remove(ready.unwrap_or(0)));
    }
    order
}

fn needed<'m>(module: &'m Module, resource: &'m Resource) -> BTreeSet<&'m Address> {
    let mut found: BTreeSet<&Address> = resource.depends_on.iter().collect();
    let mut tables: BTreeSet<&str> = resource.lookups.values().map(String::as_str).collect();
    let mut visit = |term: &'m Term| match term {
        Term::Ref(r) => _ = found.insert(&r.block),
        Term::All { block, .. } => _ = found.insert(block),
        Term::Local(name) => _ = tables.insert(name),
        _ => {}
    };
    wire::visit_resource(resource, &mut visit);
    let rows: Vec<&Term> = module
        .locals
        .iter()
        .filter(|(name, _)| tables.contains(name.as_str()))
        .map(|(_, term)| term)
        .collect();
    for term in rows {
        wire::visit_term(term, &mut |term| match term {
            Term::Ref(r) => _ = found.insert(&r.block),
            Term::All { block, .. } => _ = found.insert(block),
            _ => {}
        });
    }
    found.retain(|address| module.resources.contains_key(*address));
    found
}

/// The tables that a resource is the first to use.
fn locals<'m>(
    resource: &'m Resource,
    scope: &Scope<'m, '_>,
    made: &mut BTreeSet<&'m str>,
    body: &mut Vec<Stmt>,
) {
    let mut used: BTreeSet<&str> = resource.lookups.values().map(String::as_str).collect();
    wire::visit_resource(resource, &mut |term| {
        if let Term::Local(name) = term {
            used.insert(name);
        }
    });
    let table = matches!(&resource.repeat, Repeat::Table(_));
    for (name, term) in &scope.module.locals {
        if used.contains(name.as_str()) && made.insert(name) {
            let value = if table && !resource.lookups.values().any(|l| l == name) {
                rows(term, scope)
            } else {
                scope.plain(term)
            };
            body.push(Stmt::Const { name: local(name), ty: None, value });
        }
    }
}

/// A table whose columns are the program's own names.
fn rows(term: &Term, scope: &Scope<'_, '_>) -> Expr {
    let Term::Map(rows) = term else { return scope.plain(term) };
    let row = |(key, row): &(String, Term)| {
        let value = match row {
            Term::Map(fields) => {
                let field = |(name, t): &(String, Term)| Entry::Pair(camel(name), scope.plain(t));
                Expr::Object(fields.iter().map(field).collect())
            }
            other => scope.plain(other),
        };
        Entry::Pair(key.clone(), value)
    };
    Expr::Object(rows.iter().map(row).collect())
}

fn statements(resource: &Resource, scope: &Scope<'_, '_>, diagnostics: &mut Diagnostics) -> Vec<Stmt> {
    let address = &resource.address;
    let Some(token) = names::token(address) else {
        diagnostics.push(
            Diagnostic::error("kind-without-name", format!("`{}` has no name in Pulumi", address.kind))
                .because("The catalogue does not say which resource of which package it is.")
                .help("write this stack in Terraform, which takes every kind"),
        );
        return Vec::new();
    };
    let variable = scope.variables[address].clone();
    let made = made(resource, &token, scope, diagnostics);
    let class = match address.mode {
        Mode::Managed => token.path.clone(),
        Mode::Data => format!("pulumi.Output<{}Result>", result(&token.path)),
    };
    let keyed = |names: &str, list: Expr| {
        if !is_used(address, scope) {
            return vec![Stmt::For { name: names.to_owned(), list, body: vec![Stmt::Do(made.clone())] }];
        }
        vec![
            Stmt::Const {
                name: variable.clone(),
                ty: Some(format!("Record<string, {class}>")),
                value: Expr::Object(Vec::new()),
            },
            Stmt::For {
                name: names.to_owned(),
                list,
                body: vec![Stmt::Assign(Expr::Name(variable.clone()).index(Expr::path(KEY)), made.clone())],
            },
        ]
    };
    let pairs = |table: Expr| {
        let mut row = false;
        wire::visit_resource(resource, &mut |term| {
            row |= matches!(term, Term::EachValue(name) if !resource.lookups.contains_key(name));
        });
        match row {
            true => keyed("[key, value]", Expr::path("Object.entries").call(vec![table])),
            false => keyed(KEY, Expr::path("Object.keys").call(vec![table])),
        }
    };
    let used = is_used(address, scope);
    match &resource.repeat {
        Repeat::Once if !used => vec![Stmt::Do(made)],
        Repeat::Once => vec![Stmt::Const { name: variable, ty: None, value: made }],
        Repeat::When(flag) if !used => vec![Stmt::If(scope.plain(flag), vec![Stmt::Do(made)])],
        Repeat::When(flag) => {
            let value = Expr::choose(scope.plain(flag), made, Expr::undefined());
            vec![Stmt::Const { name: variable, ty: None, value }]
        }
        Repeat::Keys(keys) => keyed(KEY, scope.plain(keys)),
        Repeat::Table(table) if is_set(table, scope.module) => keyed(KEY, scope.plain(table)),
        Repeat::Table(table) => pairs(scope.plain(table)),
    }
}

/// Whether anything refers to a resource: only then does it need a name.
fn is_used(address: &Address, scope: &Scope<'_, '_>) -> bool {
    let mut used = scope.shown.iter().any(|port| port.block == *address)
        || scope.module.resources.values().any(|r| r.depends_on.contains(address));
    wire::visit_module(scope.module, &mut |term| match term {
        Term::Ref(r) => used |= r.block == *address,
        Term::All { block, .. } => used |= block == address,
        _ => {}
    });
    used
}

fn is_set(table: &Term, module: &Module) -> bool {
    matches!(table, Term::Var(name)
        if module.variables.get(name).is_some_and(|v| matches!(v.ty, Ty::Set(_) | Ty::List(_))))
}

/// The name of what a function returns: `aws.iam.getPolicyDocument` returns `aws.iam.GetPolicyDocument...`.
fn result(function: &str) -> String {
    match function.rsplit_once(".get") {
        Some((before, name)) => format!("{before}.Get{name}"),
        None => function.to_owned(),
    }
}

fn made(resource: &Resource, token: &Token, scope: &Scope<'_, '_>, diagnostics: &mut Diagnostics) -> Expr {
    let address = &resource.address;
    let mut entries = object(&resource.items, address, &[], scope, diagnostics);
    if let Some(alias) = &resource.alias
        && catalog::pulumi::names(address).is_some_and(|n| n.regional)
    {
        entries.push(Entry::Pair("region".to_owned(), Expr::path("args").member(&region_argument(alias))));
    }
    let parent = Entry::Pair("parent".to_owned(), Expr::path("this"));
    if address.mode == Mode::Data {
        let call = Expr::path(&format!("{}Output", token.path));
        return call.call(vec![Expr::Object(entries), Expr::Object(vec![parent])]);
    }
    let mut options = vec![parent];
    if resource.prevent_destroy {
        options.push(Entry::Pair("protect".to_owned(), Expr::bool(true)));
    }
    if !resource.ignore_changes.is_empty() {
        let paths = resource.ignore_changes.iter().map(|path| Expr::str(ignored(address, path)));
        options.push(Entry::Pair("ignoreChanges".to_owned(), Expr::Array(paths.collect())));
    }
    let waits: Vec<Expr> = resource.depends_on.iter().filter_map(|to| awaited(to, scope)).collect();
    if !waits.is_empty() {
        options.push(Entry::Pair("dependsOn".to_owned(), Expr::Array(waits)));
    }
    let subject = scope.family.subject(address).replace('_', "-");
    let mut pieces = vec![Piece::Value(Expr::path("name")), Piece::Text(format!("-{subject}"))];
    if !matches!(resource.repeat, Repeat::Once | Repeat::When(_)) {
        pieces.extend([Piece::Text("-".to_owned()), Piece::Value(Expr::path(KEY))]);
    }
    let arguments = vec![Expr::template(None, pieces), Expr::Object(entries), Expr::Object(options)];
    Expr::New(Box::new(Expr::path(&token.path)), arguments)
}

/// The resources of this component that one waits for; those of others are waited for by the component as a whole.
fn awaited(to: &Address, scope: &Scope<'_, '_>) -> Option<Expr> {
    let resource = scope.module.resources.get(to).filter(|r| r.address.mode == Mode::Managed)?;
    let variable = Expr::Name(scope.variables.get(to)?.clone());
    Some(match resource.repeat {
        Repeat::Once => variable,
        Repeat::When(_) => {
            let some = Expr::Array(vec![variable.clone()]);
            Expr::Spread(Box::new(Expr::choose(variable, some, Expr::Array(Vec::new()))))
        }
        Repeat::Keys(_) | Repeat::Table(_) => {
            Expr::Spread(Box::new(Expr::path("Object.values").call(vec![variable])))
        }
    })
}

/// A path of ignored changes in the package's names.
fn ignored(address: &Address, path: &str) -> String {
    let mut names = Vec::new();
    let mut out = String::new();
    let mut object = false;
    for step in path.split('.') {
        if let Ok(index) = step.parse::<u64>() {
            if !object {
                out.push_str(&format!("[{index}]"));
            }
            continue;
        }
        names.push(step.to_owned());
        let property = names::property(address, &names);
        object = property.as_ref().is_some_and(|p| p.object);
        if !out.is_empty() {
            out.push('.');
        }
        out.push_str(&property.map_or_else(|| camel(step), |p| p.name));
    }
    out
}

/// When a nested block stands, and its body.
type Nested<'a> = (&'a Option<Term>, &'a Vec<Item>);

/// The entries of a resource or nested block.
fn object(
    items: &[Item],
    address: &Address,
    around: &[String],
    scope: &Scope<'_, '_>,
    diagnostics: &mut Diagnostics,
) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut blocks: IndexMap<&str, Vec<Nested<'_>>> = IndexMap::new();
    for item in items {
        match item {
            Item::Attr(name, term) => {
                let path: Vec<String> = around.iter().cloned().chain([name.clone()]).collect();
                let Some(property) = names::property(address, &path) else {
                    say_missing(address, &path, diagnostics);
                    continue;
                };
                let place = Place { path: Some((address, path)), ty: property.ty.clone() };
                let value = scope.expr(term, &place);
                let value = if property.object { first(value) } else { value };
                let value = match term {
                    // Nothing is given only where this does not stand.
                    Term::Var(name) if property.required && scope.may_be_nothing(name) => {
                        Expr::Sure(Box::new(value))
                    }
                    _ => value,
                };
                let value = match (property.words, &value) {
                    (Some(words), value) if !matches!(value, Expr::Str(_)) => {
                        Expr::As(Box::new(value.clone()), format!("pulumi.Input<{words}>"))
                    }
                    _ => value,
                };
                entries.push(Entry::Pair(property.name, value));
            }
            Item::Block(name, flag, body) => blocks.entry(name).or_default().push((flag, body)),
        }
    }
    for (name, bodies) in blocks {
        let path: Vec<String> = around.iter().cloned().chain([name.to_owned()]).collect();
        let Some(property) = names::property(address, &path) else {
            say_missing(address, &path, diagnostics);
            continue;
        };
        let mut all: Vec<(&Option<Term>, Expr)> = Vec::new();
        for (flag, body) in bodies {
            all.push((flag, Expr::Object(object(body, address, &path, scope, diagnostics))));
        }
        let value = match all.as_slice() {
            [(None, value)] if property.object => value.clone(),
            [(Some(flag), value)] if property.object => {
                Expr::choose(scope.plain(flag), value.clone(), Expr::undefined())
            }
            all => {
                let item = |(flag, value): &(&Option<Term>, Expr)| match flag {
                    None => value.clone(),
                    Some(flag) => {
                        let some = Expr::Array(vec![value.clone()]);
                        Expr::Spread(Box::new(Expr::choose(scope.plain(flag), some, Expr::Array(Vec::new()))))
                    }
                };
                let list = Expr::Array(all.iter().map(item).collect());
                if property.object { list.index(Expr::Number("0".to_owned())) } else { list }
            }
        };
        entries.push(Entry::Pair(property.name, value));
    }
    entries
}

/// The only item of a list that is an object in the package.
fn first(value: Expr) -> Expr {
    match value {
        Expr::Array(mut items) if items.len() == 1 && !matches!(items[0], Expr::Spread(_)) => items.remove(0),
        other => other.index(Expr::Number("0".to_owned())),
    }
}

fn say_missing(address: &Address, path: &[String], diagnostics: &mut Diagnostics) {
    let package = address.kind.as_str().split('_').next().and_then(catalog::pulumi::package);
    let version = package.map_or_else(String::new, |p| format!("{} {}", p.package, p.version));
    diagnostics.push(
        Diagnostic::warning("no-such-property", format!("`{}` of `{address}` is left out", path.join(".")))
            .because(format!("{version} has no such property."))
            .help("set it by hand where it is needed"),
    );
}

/// Whether anything of a component waits for another as a whole.
pub(super) fn waits_for(module: &Module) -> BTreeSet<&str> {
    let all = module.resources.values().flat_map(|r| &r.depends_on);
    all.map(|to| to.component.as_str()).filter(|component| *component != module.name).collect()
}

/// A setting's name as an entry of configuration.
pub(super) fn setting(module: &Module, name: &str, value: &Value) -> serde_json::Value {
    scope::json(value, tables(module).contains(name))
}
