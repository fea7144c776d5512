//! Terragrunt units as graphs: one stack a unit.
//!
//! A unit says which module it runs and with which values, most of which stand in files that it includes. The files are
//! Terraform's language with other blocks and more functions, so Terraform's evaluator reads them. What other units put
//! out is unknown: mocks are no values. Must not know what modules are made of.

use std::collections::{BTreeMap, BTreeSet};

use hcl_edit::expr::Expression;
use hcl_edit::structure::{Block, Body};
use indexmap::IndexMap;
use ir::world::EntryKind;
use ir::{Diagnostic, Diagnostics, FileId, Span, Value};

use crate::reading::{MOST_MODULES, Place, Reading};
use crate::terraform::read::eval::{Context, Halt, Outcome, or_unknown};
use crate::terraform::read::folder::{Folder, beside, follow, way};
use crate::terraform::read::instance::{Given, Instance};
use crate::terraform::read::load::{self, Loaded};
use crate::terraform::read::module::Module;
use crate::terraform::read::{self, Root, parse, text};

/// The file of a unit.
const UNIT: &str = "terragrunt.hcl";
/// What the file of a root is called that units include, newest first.
const ROOTS: &[&str] = &["root.hcl", UNIT];

/// Whether Terragrunt units stand here.
#[must_use]
pub fn recognises(place: &Place<'_>) -> bool {
    match place.world.kind(place.root) {
        Some(EntryKind::File) => place.root.file_name().is_some_and(|name| name == UNIT),
        Some(EntryKind::Folder) => {
            let folder = Folder::new(place.world, place.root);
            folder.folders().0.iter().any(|path| is_unit(&folder, path))
        }
        Some(EntryKind::Other) | None => false,
    }
}

fn is_unit(folder: &Folder<'_>, path: &str) -> bool {
    folder.kind(&beside(path, UNIT)) == Some(EntryKind::File)
}

/// Reads every unit.
#[must_use]
pub fn read(place: &Place<'_>) -> (Reading, Diagnostics) {
    let is_file = place.world.kind(place.root) == Some(EntryKind::File);
    let base = if is_file { place.root.parent().unwrap_or(place.root) } else { place.root };
    let folder = Folder::new(place.world, base);
    let mut session = Session {
        folder: &folder,
        reading: Reading::default(),
        diagnostics: Diagnostics::new(),
        files: BTreeMap::new(),
    };
    let all = if is_file { vec![String::new()] } else { folder.folders().0 };
    let mut units: Vec<(String, Config)> = Vec::new();
    let mut included: BTreeSet<String> = BTreeSet::new();
    for path in all.into_iter().filter(|path| is_unit(&folder, path)) {
        let file = beside(&path, UNIT);
        let config = session.config(&file, &path, 0);
        included.extend(config.includes.iter().filter(|include| **include != file).cloned());
        units.push((path, config));
    }
    // What others include and runs no module is a root, and no unit.
    units.retain(|(path, config)| {
        config.source.is_some() || (!included.contains(&beside(path, UNIT)) && load::has_code(&folder, path))
    });
    let Session { mut reading, mut diagnostics, .. } = session;
    let mut runs: Vec<(String, String, Config)> = Vec::new();
    for (path, config) in units {
        match target(&path, config.source.as_ref()) {
            Ok(module) if load::has_code(&folder, &module) => runs.push((path, module, config)),
            Ok(module) => absent(
                &folder,
                &path,
                &config,
                &format!("`{module}` holds no Terraform files"),
                &mut reading,
                &mut diagnostics,
            ),
            Err(reason) => absent(&folder, &path, &config, &reason, &mut reading, &mut diagnostics),
        }
    }
    let mut loaded = Loaded::default();
    let sources: BTreeSet<String> = runs.iter().map(|(_, module, _)| module.clone()).collect();
    load::load(
        &folder,
        &sources.into_iter().collect::<Vec<_>>(),
        None,
        &mut loaded,
        &mut reading,
        &mut diagnostics,
    );
    let paths: Vec<String> = runs.iter().map(|(path, ..)| path.clone()).collect();
    let names = read::names(&folder, &paths);
    for ((path, module, config), name) in runs.iter().zip(names) {
        let Some(module) = loaded.modules.get(module) else { continue };
        let module =
            generated(module, config, &folder.shown(&beside(path, UNIT)), &mut reading, &mut diagnostics);
        let mut values = config.inputs.clone();
        for (name, text) in &place.options.variables {
            values.insert(name.clone(), Value::from(text));
        }
        let environment = path.split('/').any(|part| read::ENVIRONMENTS.contains(&part));
        let root = Root { name, environment, folder: path, module: &module, given: Given::Values(values) };
        read::stack(&folder, &loaded.modules, root, &mut reading, &mut diagnostics);
    }
    load::say_absent(&loaded.modules, &mut reading.counts, &mut diagnostics);
    (reading, diagnostics)
}

/// The folder of the module that a unit runs: its own without a source.
fn target(unit: &str, source: Option<&Value>) -> Result<String, String> {
    let Some(source) = source else { return Ok(unit.to_owned()) };
    let Some(source) = text::of(source) else { return Err("its source is not known".to_owned()) };
    // Two slashes only say which part of a repository is copied.
    let plain = source.replace("//", "/");
    let local = source.starts_with("./")
        || source.starts_with("../")
        || source.starts_with('/')
        || source == "."
        || source == "..";
    match (local, plain.strip_prefix('/')) {
        (true, Some(rest)) => follow("", rest),
        (true, None) => follow(unit, &plain),
        (false, _) => return Err(format!("the module `{source}` is not in this folder")),
    }
    .ok_or_else(|| format!("the module `{source}` is outside the folder that is read"))
}

fn absent(
    folder: &Folder<'_>,
    unit: &str,
    config: &Config,
    reason: &str,
    reading: &mut Reading,
    diagnostics: &mut Diagnostics,
) {
    reading.counts.lost += 1;
    let shown = folder.shown(&beside(unit, UNIT));
    diagnostics.push(
        Diagnostic::note("module-elsewhere", format!("the module of the unit `{shown}` is not read"))
            .at(config.span, "this unit")
            .because(format!("{reason}.")),
    );
}

/// The module with the files that Terragrunt generates beside it.
fn generated(
    module: &Module,
    config: &Config,
    unit: &str,
    reading: &mut Reading,
    diagnostics: &mut Diagnostics,
) -> Module {
    let mut module = module.clone();
    for (name, contents) in &config.generates {
        let Some(source) = text::of(contents) else {
            reading.counts.lost += 1;
            continue;
        };
        let (pieces, broken) = parse::pieces(&source);
        reading.counts.lost += broken.len();
        let file = reading.sources.add(format!("{unit}: generate \"{name}\""), source);
        // A generated file replaces what the module has: it is written over the copy.
        module.add(file, pieces, true, diagnostics);
    }
    module
}

/// What a file and those that it includes say.
#[derive(Clone, Default)]
struct Config {
    locals: IndexMap<String, Value>,
    inputs: IndexMap<String, Value>,
    source: Option<Value>,
    generates: IndexMap<String, Value>,
    /// The files that were included, also by those.
    includes: BTreeSet<String>,
    span: Option<Span>,
}

/// What reading all units shares.
struct Session<'f> {
    folder: &'f Folder<'f>,
    reading: Reading,
    diagnostics: Diagnostics,
    /// The files that were parsed already, by their path.
    files: BTreeMap<String, FileId>,
}

impl Session<'_> {
    /// Evaluates a file for a unit. `unit` is the folder whose file was read first.
    fn config(&mut self, file: &str, unit: &str, depth: usize) -> Config {
        let mut config = Config::default();
        if depth > MOST_MODULES {
            self.diagnostics.push(
                Diagnostic::error("module-depth", format!("`{}` includes itself", self.folder.shown(file)))
                    .because("A file that includes itself, also by way of others, never ends.")
                    .help("include each file once, from below"),
            );
            return config;
        }
        let Some((body, id, size)) = self.body(file) else { return config };
        config.span = Some(Span { file: id, start: 0, end: size });
        let here = file.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        let module = Module { folder: here.clone(), locals: locals(&body), ..Module::default() };
        let folder = self.folder;
        let session = std::cell::RefCell::new(self);
        let included = std::cell::RefCell::new(Vec::<String>::new());
        let added = |name: &str, arguments: &[Value]| {
            let place = Surroundings { folder, here: &here, unit, included: &included };
            match name {
                "read_terragrunt_config" => Some(read_config(&session, arguments, unit, &here, depth)),
                _ => place.call(name, arguments),
            }
        };
        let mut context = Context::new(folder);
        context.added = Some(&added);
        let modules = BTreeMap::new();
        let instance = Instance::new(
            &context,
            &modules,
            &module,
            String::new(),
            &here,
            0,
            Given::Values(IndexMap::new()),
        );
        let eval = |e: &Expression| or_unknown(context.keep(|| instance.scope(&context, &[]).eval(e)));
        let mut parents: IndexMap<String, Value> = IndexMap::new();
        let mut deep = false;
        for include in body.get_blocks("include") {
            let path = include.body.get_attribute("path").map(|a| eval(&a.value));
            let Some(target) = path.as_ref().and_then(text::of).and_then(|path| resolve(&here, &path)) else {
                continue;
            };
            let parent = session.borrow_mut().config(&target, unit, depth + 1);
            included.borrow_mut().push(target.clone());
            config.includes.insert(target);
            config.includes.extend(parent.includes.iter().cloned());
            let label = include.labels.first().map_or(String::new(), |l| l.as_str().to_owned());
            deep |=
                include.body.get_attribute("merge_strategy").and_then(|a| a.value.as_str()) == Some("deep");
            parents.insert(label, said(&parent));
            merge(&mut config, parent, deep);
        }
        let include = match parents.get("") {
            Some(only) => only.clone(),
            None => Value::Map(parents),
        };
        let names = vec![("include".to_owned(), include), ("dependency".to_owned(), dependencies(&body))];
        let _ = context.names.set(names);
        config.locals = module.locals.iter().map(|(name, e)| (name.clone(), eval(e))).collect();
        let mut own = Config::default();
        if let Some(Value::Map(inputs)) = body.get_attribute("inputs").map(|a| eval(&a.value)) {
            own.inputs = inputs;
        }
        own.source = body
            .get_blocks("terraform")
            .filter_map(|block| block.body.get_attribute("source"))
            .map(|a| eval(&a.value))
            .next();
        for block in body.get_blocks("generate") {
            if let (Some(label), Some(contents)) =
                (block.labels.first(), block.body.get_attribute("contents"))
            {
                own.generates.insert(label.as_str().to_owned(), eval(&contents.value));
            }
        }
        let said = context.diagnostics.take();
        drop(instance);
        merge(&mut config, own, deep);
        let session = session.into_inner();
        session.diagnostics.extend(said);
        config
    }

    /// The structures of a file, its id and its length; `None` when it is not there.
    fn body(&mut self, file: &str) -> Option<(Body, FileId, u32)> {
        let Ok(source) = self.folder.text(file) else {
            self.reading.counts.lost += 1;
            let shown = self.folder.shown(file);
            self.diagnostics
                .push(Diagnostic::warning("file-unreadable", format!("`{shown}` cannot be read")));
            return None;
        };
        let size = u32::try_from(source.len()).unwrap_or(u32::MAX);
        let (pieces, broken) = parse::pieces(&source);
        let first = !self.files.contains_key(file);
        let id = match self.files.get(file) {
            Some(id) => *id,
            None => self.reading.sources.add(self.folder.shown(file), source),
        };
        self.files.insert(file.to_owned(), id);
        if first {
            self.reading.counts.files += 1;
            self.reading.counts.lost += broken.len();
            self.diagnostics.extend(load::mistakes(broken, id));
        }
        Some((pieces.into_iter().map(|p| p.structure).collect(), id, size))
    }
}

/// `read_terragrunt_config`: what another file says, for the same unit.
fn read_config(
    session: &std::cell::RefCell<&mut Session<'_>>,
    arguments: &[Value],
    unit: &str,
    here: &str,
    depth: usize,
) -> Outcome {
    let known = arguments.first().and_then(text::of);
    let path = known.ok_or_else(|| Halt::Later("which file is read is not known".to_owned()))?;
    let target = resolve(here, &path)
        .ok_or_else(|| Halt::Later(format!("`{path}` leads out of the folder that is read")))?;
    let Ok(mut session) = session.try_borrow_mut() else {
        return Err(Halt::Later(format!("`{path}` is read while it is read")));
    };
    if session.folder.kind(&target) != Some(EntryKind::File) {
        return arguments.get(1).cloned().ok_or_else(|| Halt::Wrong(format!("`{path}` is not there")));
    }
    let config = session.config(&target, unit, depth + 1);
    Ok(said(&config))
}

/// What other files see of one.
fn said(config: &Config) -> Value {
    Value::map([("locals", Value::Map(config.locals.clone())), ("inputs", Value::Map(config.inputs.clone()))])
}

fn locals(body: &Body) -> IndexMap<String, Expression> {
    let blocks = body.get_blocks("locals").flat_map(|block| block.body.attributes());
    blocks.map(|a| (a.key.as_str().to_owned(), a.value.clone())).collect()
}

/// What a unit sees of the units it depends on: their outputs are known once those were applied.
fn dependencies(body: &Body) -> Value {
    let one = |block: &Block| {
        let name = block.labels.first()?.as_str().to_owned();
        let outputs = Value::Unknown(format!("it is an output of the unit `{name}`"));
        Some((name, Value::map([("outputs", outputs)])))
    };
    Value::map(body.get_blocks("dependency").filter_map(one))
}

/// What is said nearer to the unit wins.
fn merge(into: &mut Config, from: Config, deep: bool) {
    for (name, value) in from.inputs {
        match (into.inputs.get_mut(&name), value) {
            (Some(Value::Map(known)), Value::Map(entries)) if deep => known.extend(entries),
            (_, value) => {
                into.inputs.insert(name, value);
            }
        }
    }
    into.source = from.source.or(into.source.take());
    into.generates.extend(from.generates);
}

/// Where a path leads: those that begin with `/` count from the folder that is read.
fn resolve(here: &str, path: &str) -> Option<String> {
    match path.strip_prefix('/') {
        Some(rest) => follow("", rest.trim_start_matches('/')),
        None => follow(here, path),
    }
}

/// What Terragrunt's functions look at.
struct Surroundings<'s> {
    folder: &'s Folder<'s>,
    /// The folder of the file that calls.
    here: &'s str,
    unit: &'s str,
    included: &'s std::cell::RefCell<Vec<String>>,
}

impl Surroundings<'_> {
    fn call(&self, name: &str, arguments: &[Value]) -> Option<Outcome> {
        let path = |folder: &str| Ok(Value::Str(format!("/{folder}").trim_end_matches('/').to_owned()));
        // In an included file that is its own folder, in the unit the folder of what it includes.
        let include = || match self.included.borrow().last() {
            Some(file) if self.here == self.unit => parent(file).unwrap_or_default().to_owned(),
            _ => self.here.to_owned(),
        };
        let later = |reason: &str| Err(Halt::Later(reason.to_owned()));
        Some(match name {
            "find_in_parent_folders" => self.find(arguments),
            "get_terragrunt_dir" | "get_original_terragrunt_dir" | "get_working_dir" => path(self.unit),
            "get_parent_terragrunt_dir" => path(&include()),
            "path_relative_to_include" => Ok(Value::Str(way(&include(), self.unit))),
            "path_relative_from_include" => Ok(Value::Str(way(self.unit, &include()))),
            "get_repo_root" => path(&self.repository()),
            "get_path_from_repo_root" => Ok(Value::Str(way(&self.repository(), self.unit))),
            "get_path_to_repo_root" => Ok(Value::Str(way(self.unit, &self.repository()))),
            "get_env" => match arguments.get(1) {
                Some(default) => Ok(default.clone()),
                None => later("it depends on the environment that Terragrunt runs in"),
            },
            "mark_as_read" => Ok(arguments.first().cloned().unwrap_or(Value::Null)),
            "get_platform"
            | "run_cmd"
            | "get_terraform_command"
            | "get_terraform_cli_args"
            | "get_terraform_commands_that_need_vars"
            | "get_terraform_commands_that_need_input"
            | "get_terraform_commands_that_need_locking"
            | "get_terraform_commands_that_need_parallelism"
            | "get_default_retryable_errors"
            | "get_terragrunt_source_cli_flag" => later("it depends on how Terragrunt runs"),
            "get_aws_account_id"
            | "get_aws_account_alias"
            | "get_aws_caller_identity_arn"
            | "get_aws_caller_identity_user_id" => later("it depends on the account that Terragrunt runs in"),
            "sops_decrypt_file" => later("no reader decrypts"),
            _ => return None,
        })
    }

    /// The nearest file of a name above the unit.
    fn find(&self, arguments: &[Value]) -> Outcome {
        let wanted: Vec<String> = match arguments.first() {
            Some(name) => vec![
                text::of(name)
                    .ok_or_else(|| Halt::Later("which file is looked for is not known".to_owned()))?,
            ],
            None => ROOTS.iter().map(|name| (*name).to_owned()).collect(),
        };
        let mut at = parent(self.unit);
        while let Some(folder) = at {
            for name in &wanted {
                let candidate = follow(folder, name);
                if let Some(found) = candidate.filter(|path| self.folder.kind(path).is_some()) {
                    return Ok(Value::Str(format!("/{found}")));
                }
            }
            at = parent(folder);
        }
        arguments
            .get(1)
            .cloned()
            .ok_or_else(|| Halt::Wrong(format!("no folder above holds `{}`", wanted.join("` or `"))))
    }

    /// The folder of the repository, as far as it lies in what is read.
    fn repository(&self) -> String {
        let mut at = Some(self.unit);
        while let Some(folder) = at {
            if self.folder.kind(&beside(folder, ".git")).is_some() {
                return folder.to_owned();
            }
            at = parent(folder);
        }
        String::new()
    }
}

/// The folder above a path; `None` above the folder that is read.
fn parent(path: &str) -> Option<&str> {
    match path.rsplit_once('/') {
        Some((folder, _)) => Some(folder),
        None if path.is_empty() => None,
        None => Some(""),
    }
}
