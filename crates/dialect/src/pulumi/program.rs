//! Graphs as Pulumi programs in TypeScript: one for all environments, one for each other stack.
//!
//! A component is a class of its own, `index.ts` makes them one after another, and each environment is a stack with a
//! configuration. What the pipeline knows is configuration that it sets; secrets are set as secrets. Components that
//! need each other are split first. Must not choose anything about the infrastructure.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use ir::{Bundle, Diagnostics, Stack, Value};
use serde_json::json;

use super::component;
use super::scope::{self, is_input};
use crate::model::family::Form;
use crate::model::term::{Given, Module, Port};
use crate::model::vocabulary::HOUSE;
use crate::model::{Model, families, names, split};
use crate::typescript::{Entry, Expr, Stmt, camel, print};

/// Where everything stands in the bundle.
const FOLDER: &str = "infra/pulumi";
/// What a program can say.
const FORM: Form = Form { dialect: "Pulumi", loops: true, modules: true, roots: false };
/// What a level of a program is indented by, as Pulumi's own templates have it.
const STEP: usize = 4;
/// A value that this many components are given under one name is configured once.
const SHARED_FROM: usize = 3;
/// Version of Pulumi's own package.
const PULUMI: &str = "3.248.0";
/// Version of the compiler.
const TYPESCRIPT: &str = "~5.9.0";
/// Version of the types of Node.js.
const NODE_TYPES: &str = "^22.0.0";

/// Writes the stacks of one application.
#[must_use]
pub fn write(stacks: &[Stack]) -> (Bundle, Diagnostics) {
    let mut bundle = Bundle::new();
    let mut diagnostics = Diagnostics::new();
    for stacks in families(stacks) {
        let stacks = split::in_turn(&stacks);
        let model = Model::new(stacks.iter().collect(), &HOUSE, FORM, &mut diagnostics);
        Program::new(&model).write(&mut bundle, &mut diagnostics);
    }
    (bundle, diagnostics)
}

struct Program<'p, 'a> {
    model: &'p Model<'a>,
    /// The project's name, which its configuration begins with.
    project: String,
    folder: String,
    /// The components, each after those it needs.
    order: Vec<&'p Module>,
    /// Variables that all components which have them are given alike.
    shared: BTreeSet<&'p str>,
}

impl<'p, 'a> Program<'p, 'a> {
    fn new(model: &'p Model<'a>) -> Self {
        let first = model.family.stacks[0];
        let application = first.tags.get("Application").map_or("application", String::as_str);
        let application = names::snake(application).replace('_', "-");
        let (project, folder) = if first.environment {
            (application, FOLDER.to_owned())
        } else {
            let name = names::snake(&first.name).replace('_', "-");
            (format!("{application}-{name}"), format!("{FOLDER}/{}", first.name))
        };
        Self { model, project, folder, order: in_order(model), shared: shared(model) }
    }

    fn write(&self, bundle: &mut Bundle, diagnostics: &mut Diagnostics) {
        let folder = &self.folder;
        for module in &self.model.modules {
            let unit = component::unit(&module.name);
            let token = format!("{}:components:{}", self.project, component::class(&module.name));
            let home = vec![".."; folder.split('/').count() + 1].join("/");
            let file = component::print(self.model, module, &self.shared, &token, &home, diagnostics);
            bundle.add(format!("{folder}/components/{unit}.ts"), print(&file, STEP));
        }
        bundle.add(format!("{folder}/index.ts"), print(&self.index(), STEP));
        let description = match self.model.family.stacks[0].environment {
            true => format!("Infrastructure of {}", self.project),
            false => format!("What all environments share: {}", self.project),
        };
        let project = json!({
            "name": self.project,
            "description": description,
            "runtime": { "name": "nodejs", "options": { "packagemanager": "npm" } },
        });
        bundle.add(format!("{folder}/Pulumi.yaml"), yaml(&project));
        for (i, stack) in self.model.family.stacks.iter().enumerate() {
            let config = json!({ "config": self.config(i) });
            bundle.add(format!("{folder}/Pulumi.{}.yaml", stack.name), yaml(&config));
        }
        bundle.add(format!("{folder}/package.json"), pretty(&self.package()));
        bundle.add(format!("{folder}/tsconfig.json"), pretty(&compiler()));
        bundle.add(format!("{folder}/.gitignore"), "bin/\nnode_modules/\n");
    }

    /// The program: configuration, components, what people are shown.
    fn index(&self) -> Vec<Stmt> {
        let import = |name: &str, from: &str| Stmt::Import(name.to_owned(), from.to_owned());
        let mut file = vec![import("* as pulumi", "@pulumi/pulumi")];
        for module in &self.model.modules {
            let class = component::class(&module.name);
            let mut wanted = vec![class.clone()];
            if self.has_settings(module) {
                wanted.push(format!("{class}Settings"));
            }
            let from = format!("./components/{}", component::unit(&module.name));
            file.push(import(&format!("{{ {} }}", wanted.join(", ")), &from));
        }
        file.extend([
            Stmt::Blank,
            constant("config", Expr::New(Box::new(Expr::path("pulumi.Config")), vec![])),
        ]);
        for name in &self.shared {
            let value = self.model.modules.iter().find_map(|m| m.variables.get(*name)).map(|v| &v.ty);
            file.push(constant(&camel(name), asked(value, &camel(name))));
        }
        for module in &self.order {
            file.push(Stmt::Blank);
            file.extend(self.made(module));
        }
        let mut exports = Vec::new();
        for module in &self.model.modules {
            for name in module.outputs.keys() {
                let own = names::joined(&names::snake(&module.name), name);
                exports.push(Stmt::Export(camel(&own), self.shown(&module.name, name)));
            }
        }
        if !exports.is_empty() {
            file.push(Stmt::Blank);
            file.extend(exports);
        }
        file
    }

    /// A component, with the settings that it has.
    fn made(&self, module: &Module) -> Vec<Stmt> {
        let class = component::class(&module.name);
        let variable = self.variable(&module.name);
        let mut out = Vec::new();
        let mut entries = Vec::new();
        let settings = format!("{variable}Settings");
        let key = Expr::str(camel(component::unit(&module.name)));
        if self.is_partial(module) {
            let ty = if self.has_settings(module) { format!("{class}Settings") } else { "object".to_owned() };
            let get = Expr::Name(format!("config.getObject<{ty}>"));
            out.push(constant(&settings, get.call(vec![key])));
        } else if self.has_settings(module) {
            let get = Expr::Name(format!("config.requireObject<{class}Settings>"));
            out.push(constant(&settings, get.call(vec![key])));
        }
        if self.has_settings(module) {
            entries.push(Entry::Spread(Expr::Name(settings.clone())));
        }
        for (name, variable) in &module.variables {
            if self.shared.contains(name.as_str()) {
                entries.push(Entry::Pair(camel(name), Expr::Name(camel(name))));
            } else if is_input(&variable.given) {
                let key = Expr::str(camel(&names::joined(&names::snake(&module.name), name)));
                let get = if variable.secret() { "config.requireSecret" } else { "config.require" };
                entries.push(Entry::Pair(camel(name), Expr::path(get).call(vec![key])));
            }
        }
        for (port, name) in self.model.wiring.inputs.get(&module.name).into_iter().flatten() {
            entries.push(Entry::Pair(camel(name), self.carried(port, module)));
        }
        let mut arguments = vec![Expr::str(component::unit(&module.name)), Expr::Object(entries)];
        let waits: Vec<Expr> =
            component::waits_for(module).into_iter().filter_map(|c| self.awaited(c)).collect();
        if !waits.is_empty() {
            let waits = Entry::Pair("dependsOn".to_owned(), Expr::Array(waits));
            arguments.push(Expr::Object(vec![waits]));
        }
        let new = Expr::New(Box::new(Expr::path(&class)), arguments);
        let value = match self.is_partial(module) {
            true => Expr::choose(Expr::Name(settings), new, Expr::undefined()),
            false => new,
        };
        out.push(constant(&variable, value));
        out
    }

    fn awaited(&self, component: &str) -> Option<Expr> {
        let module = self.model.modules.iter().find(|m| m.name == component)?;
        let variable = Expr::Name(self.variable(component));
        if !self.is_partial(module) {
            return Some(variable);
        }
        let some = Expr::Array(vec![variable.clone()]);
        Some(Expr::Spread(Box::new(Expr::choose(variable, some, Expr::Array(Vec::new())))))
    }

    /// What another component shows, as this one is given it.
    fn carried(&self, port: &Port, to: &Module) -> Expr {
        let component = &port.block.component;
        let Some(output) = self.model.wiring.outputs.get(component).and_then(|o| o.get(port)) else {
            return Expr::undefined();
        };
        let (variable, name) = (Expr::Name(self.variable(component)), component::property(output));
        let producer = self.model.modules.iter().find(|m| m.name == *component);
        // Whether what is carried is there wherever it is taken; not so only for whole components or flags.
        let stacks = self.model.family.block(&port.block).unwrap_or_default();
        let there = to.present.iter().all(|v| stacks.get(*v).is_some_and(|s| !s.is_empty()));
        let partial = producer.is_some_and(|p| self.is_partial(p));
        let conditional = producer.is_some_and(|p| component::may_be_nothing(p, port));
        match (partial, there) {
            (true, true) => {
                let value = Expr::Sure(Box::new(variable)).member(&name);
                if conditional { Expr::Sure(Box::new(value)) } else { value }
            }
            (true, false) => Expr::Maybe(Box::new(variable), name),
            (false, true) if conditional => Expr::Sure(Box::new(variable.member(&name))),
            (false, _) => variable.member(&name),
        }
    }

    fn shown(&self, component: &str, output: &str) -> Expr {
        let variable = Expr::Name(self.variable(component));
        let name = component::property(output);
        let partial = self.model.modules.iter().any(|m| m.name == component && self.is_partial(m));
        if partial { Expr::Maybe(Box::new(variable), name) } else { variable.member(&name) }
    }

    /// Whether only some stacks have a component.
    fn is_partial(&self, module: &Module) -> bool {
        module.present.len() < self.model.family.stacks.len()
    }

    fn has_settings(&self, module: &Module) -> bool {
        !component::settings(module, &self.shared).is_empty() || !module.aliases.is_empty()
    }

    /// What a component is called in the program.
    fn variable(&self, component: &str) -> String {
        let name = camel(component::unit(component));
        let shared = self.shared.iter().any(|s| camel(s) == name);
        if shared || matches!(name.as_str(), "config" | "pulumi") { format!("{name}Component") } else { name }
    }

    /// A stack's configuration.
    fn config(&self, stack: usize) -> serde_json::Map<String, serde_json::Value> {
        let own = self.model.family.stacks[stack];
        let mut config = provider_settings(own);
        for name in &self.shared {
            let given = self.model.modules.iter().find_map(|m| m.variables.get(*name)?.given[stack].as_ref());
            if let Some(Given::Value(value)) = given {
                config.insert(format!("{}:{}", self.project, camel(name)), scope::json(value, false));
            }
        }
        for module in self.model.modules.iter().filter(|m| m.present.contains(&stack)) {
            let mut settings = serde_json::Map::new();
            for (name, variable) in component::settings(module, &self.shared) {
                let Some(Given::Value(value)) = &variable.given[stack] else { continue };
                if variable.default(&module.present) != Some(value) {
                    settings.insert(camel(name), component::setting(module, name, value));
                }
            }
            for (alias, regions) in &module.aliases {
                let region = regions[stack].as_ref().unwrap_or(&own.region);
                settings.insert(component::region_argument(alias), region.as_str().into());
            }
            if self.has_settings(module) || self.is_partial(module) {
                let key = format!("{}:{}", self.project, camel(component::unit(&module.name)));
                config.insert(key, settings.into());
            }
        }
        config
    }

    fn package(&self) -> serde_json::Value {
        let mut dependencies = BTreeMap::from([("@pulumi/pulumi".to_owned(), PULUMI.to_owned())]);
        for address in self.model.modules.iter().flat_map(|m| m.resources.keys()) {
            let package = address.kind.as_str().split('_').next().and_then(catalog::pulumi::package);
            dependencies.extend(package.map(|p| (p.package.clone(), p.version.clone())));
        }
        json!({
            "name": self.project,
            "private": true,
            "main": "index.ts",
            "scripts": { "check": "tsc --noEmit" },
            "dependencies": dependencies,
            "devDependencies": { "@types/node": NODE_TYPES, "typescript": TYPESCRIPT },
        })
    }
}

/// The modules of a model, each after those that it needs.
fn in_order<'m>(model: &'m Model<'_>) -> Vec<&'m Module> {
    let needs = |module: &'m Module| -> BTreeSet<&'m str> {
        let ports = model.wiring.inputs.get(&module.name).into_iter().flatten();
        let carried = ports.map(|(port, _)| port.block.component.as_str());
        carried.chain(component::waits_for(module)).collect()
    };
    let mut left: Vec<&Module> = model.modules.iter().collect();
    let mut order = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let ready = left
            .iter()
            .position(|m| !left.iter().any(|o| o.name != m.name && needs(m).contains(o.name.as_str())));
        order.push(left.remove(ready.unwrap_or(0)));
    }
    order
}

/// How many components take a value, and what each stack gives all of them alike.
type Told<'a> = (usize, Option<Vec<Option<&'a Value>>>);

/// Names of plain values that every component which takes them is given alike, in every stack.
fn shared<'m>(model: &'m Model<'_>) -> BTreeSet<&'m str> {
    let stacks = model.family.stacks.len();
    let mut values: BTreeMap<&str, Told<'_>> = BTreeMap::new();
    for module in &model.modules {
        for (name, variable) in &module.variables {
            let told = variable.default(&module.present).is_none();
            let given: Vec<Option<&Value>> = (0..stacks)
                .map(|v| match &variable.given[v] {
                    Some(Given::Value(value)) if told && is_plain(value) => Some(value),
                    _ => None,
                })
                .collect();
            let whole = module.present.iter().all(|v| given[*v].is_some());
            let entry = values.entry(name).or_insert_with(|| (0, Some(vec![None; stacks])));
            entry.0 += 1;
            entry.1 = entry.1.take().filter(|_| whole).and_then(|known| {
                let both = known.iter().zip(&given);
                both.map(|(a, b)| match (a, b) {
                    (Some(a), Some(b)) if a != b => None,
                    (a, b) => Some(a.or(*b)),
                })
                .collect()
            });
        }
    }
    let often = |(name, (times, given)): (&'m str, Told<'_>)| {
        (times >= SHARED_FROM && given.is_some_and(|g| g.iter().all(Option::is_some))).then_some(name)
    };
    values.into_iter().filter_map(often).collect()
}

fn is_plain(value: &Value) -> bool {
    let tags =
        value.as_map().is_some_and(|m| !m.is_empty() && m.values().all(|v| matches!(v, Value::Str(_))));
    tags || matches!(value, Value::Str(_) | Value::Int(_) | Value::Float(_) | Value::Bool(_))
}

fn constant(name: &str, value: Expr) -> Stmt {
    Stmt::Const { name: name.to_owned(), ty: None, value }
}

/// A configured value of a type.
fn asked(ty: Option<&crate::model::term::Ty>, key: &str) -> Expr {
    use crate::model::term::Ty;
    let method = match ty {
        Some(Ty::Number) => "config.requireNumber",
        Some(Ty::Bool) => "config.requireBoolean",
        Some(Ty::Map(_)) => "config.requireObject<Record<string, string>>",
        _ => "config.require",
    };
    Expr::Name(method.to_owned()).call(vec![Expr::str(key)])
}

/// What the providers of a stack are set to.
fn provider_settings(stack: &Stack) -> serde_json::Map<String, serde_json::Value> {
    let prefixes: BTreeSet<&str> =
        stack.graph.nodes().filter_map(|n| n.address.kind.as_str().split('_').next()).collect();
    let mut config = serde_json::Map::new();
    if prefixes.contains("aws") {
        config.insert("aws:region".to_owned(), stack.region.as_str().into());
        if !stack.tags.is_empty() {
            config.insert("aws:defaultTags".to_owned(), json!({ "tags": stack.tags }));
        }
    }
    if prefixes.contains("azurerm") {
        config.insert("azure:storageUseAzuread".to_owned(), true.into());
    }
    if prefixes.contains("google") {
        config.insert("gcp:region".to_owned(), stack.region.as_str().into());
        if !stack.tags.is_empty() {
            let label = crate::terraform::write::providers::label;
            let labels: IndexMap<String, String> =
                stack.tags.iter().map(|(k, v)| (label(k), label(v))).collect();
            config.insert("gcp:defaultLabels".to_owned(), json!(labels));
        }
    }
    config
}

fn compiler() -> serde_json::Value {
    json!({
        "compilerOptions": {
            "strict": true,
            "outDir": "bin",
            "target": "es2020",
            "module": "commonjs",
            "moduleResolution": "node",
            "sourceMap": true,
            "pretty": true,
            "noFallthroughCasesInSwitch": true,
            "noImplicitReturns": true,
            "forceConsistentCasingInFileNames": true,
            "skipLibCheck": true
        },
        "files": ["index.ts"]
    })
}

fn yaml(value: &serde_json::Value) -> String {
    serde_saphyr::to_string(value).expect("a tree of plain values prints")
}

fn pretty(value: &serde_json::Value) -> String {
    serde_json::to_string_pretty(value).expect("a tree of plain values prints") + "\n"
}
