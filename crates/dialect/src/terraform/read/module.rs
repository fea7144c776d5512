//! A folder of files as one module: what it declares, by name, before anything is evaluated.
//!
//! One parsed module serves every call of it. Override files replace what other files declare, as Terraform merges them:
//! attributes by name, nested blocks by type. Must not know values.

use hcl_edit::expr::Expression;
use hcl_edit::structure::{Block, Body, Structure};
use indexmap::IndexMap;
use ir::{Diagnostic, Diagnostics, FileId, Mode, Span};

use super::parse::Piece;
use super::types::{self, Shape};

/// A module.
#[derive(Clone, Default)]
pub(crate) struct Module {
    /// Its folder.
    pub folder: String,
    /// Its parameters.
    pub variables: IndexMap<String, Variable>,
    /// Its named values.
    pub locals: IndexMap<String, Expression>,
    /// What it offers.
    pub outputs: IndexMap<String, Output>,
    /// Its resources and data sources.
    pub resources: IndexMap<ResourceName, Declared>,
    /// The modules it calls.
    pub calls: IndexMap<String, Declared>,
    /// Its `provider` blocks: the provider's name and the body.
    pub providers: Vec<(String, Body)>,
    /// Blocks that could not be used.
    pub lost: usize,
}

/// The name of a resource or data source in its module.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ResourceName {
    pub mode: Mode,
    pub kind: String,
    pub name: String,
}

/// A block that is evaluated later.
#[derive(Clone)]
pub(crate) struct Declared {
    pub body: Body,
    pub span: Span,
}

/// A parameter.
#[derive(Clone, Default)]
pub(crate) struct Variable {
    pub shape: Option<Shape>,
    pub default: Option<Expression>,
    pub nullable: bool,
    pub sensitive: bool,
    pub description: String,
}

/// What a module offers.
#[derive(Clone)]
pub(crate) struct Output {
    pub value: Expression,
    pub description: String,
    pub sensitive: bool,
}

impl Declared {
    /// An attribute.
    pub fn get(&self, name: &str) -> Option<&Expression> {
        self.body.get_attribute(name).map(|a| &a.value)
    }

    /// A string that is written as it is.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Expression::as_str)
    }
}

/// Whether a file replaces what other files declare.
pub(crate) fn overrides(file: &str) -> bool {
    let stem = file.strip_suffix(".json").unwrap_or(file);
    let stem = stem.strip_suffix(".tf").unwrap_or(stem);
    stem == "override" || stem.ends_with("_override")
}

impl Module {
    /// Adds the structures of one file.
    pub fn add(&mut self, file: FileId, pieces: Vec<Piece>, overrides: bool, diagnostics: &mut Diagnostics) {
        for piece in pieces {
            let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
            let span = Span { file, start: place(piece.span.start), end: place(piece.span.end) };
            match piece.structure {
                Structure::Block(block) => self.block(block, span, overrides, diagnostics),
                Structure::Attribute(attribute) => {
                    let summary = format!("`{}` stands outside every block", attribute.key.as_str());
                    self.lose(
                        Diagnostic::warning("terraform-block", summary).at(span, "not read"),
                        diagnostics,
                    );
                }
            }
        }
    }

    fn lose(&mut self, diagnostic: Diagnostic, diagnostics: &mut Diagnostics) {
        self.lost += 1;
        diagnostics.push(diagnostic);
    }

    fn block(&mut self, block: Block, span: Span, overrides: bool, diagnostics: &mut Diagnostics) {
        let labels: Vec<String> = block.labels.iter().map(|l| l.as_str().to_owned()).collect();
        let declared = |body| Declared { body, span };
        match (block.ident.as_str(), labels.as_slice()) {
            ("resource" | "data", [kind, name]) => {
                let mode = if block.ident.as_str() == "data" { Mode::Data } else { Mode::Managed };
                let name = ResourceName { mode, kind: kind.clone(), name: name.clone() };
                self.once(|m| &mut m.resources, name, declared(block.body), overrides, diagnostics);
            }
            ("module", [name]) => {
                self.once(|m| &mut m.calls, name.clone(), declared(block.body), overrides, diagnostics);
            }
            ("variable", [name]) => {
                let known = self
                    .variables
                    .entry(name.clone())
                    .or_insert_with(|| Variable { nullable: true, ..Variable::default() });
                known.read(block.body);
            }
            ("locals", []) => {
                for structure in block.body {
                    if let Structure::Attribute(attribute) = structure {
                        self.locals.insert(attribute.key.as_str().to_owned(), attribute.value);
                    }
                }
            }
            ("output", [name]) => {
                let mut output = self.outputs.shift_remove(name).filter(|_| overrides).unwrap_or(Output {
                    value: Expression::null(),
                    description: String::new(),
                    sensitive: false,
                });
                for structure in block.body {
                    let Structure::Attribute(attribute) = structure else { continue };
                    match attribute.key.as_str() {
                        "value" => output.value = attribute.value,
                        "description" => output.description = text_of(&attribute.value),
                        "sensitive" => output.sensitive = attribute.value.as_bool().unwrap_or(true),
                        _ => {}
                    }
                }
                self.outputs.insert(name.clone(), output);
            }
            ("provider", [name]) => self.providers.push((name.clone(), block.body)),
            // What they say is about the state, the tool or a run, and no part of what is made.
            ("terraform" | "moved" | "import" | "removed" | "check", _) => {}
            (other, _) => {
                let summary = format!("a `{other}` block is not read");
                let label = "not read";
                let diagnostic = Diagnostic::warning("terraform-block", summary)
                    .at(span, label)
                    .because("Its type or the number of its labels is none that Terraform's configuration has for infrastructure.");
                self.lose(diagnostic, diagnostics);
            }
        }
    }

    /// Adds a block, merges an override into it, or says that it stands twice.
    fn once<K: std::hash::Hash + Eq>(
        &mut self,
        of: impl Fn(&mut Module) -> &mut IndexMap<K, Declared>,
        name: K,
        declared: Declared,
        overrides: bool,
        diagnostics: &mut Diagnostics,
    ) {
        match of(self).get_mut(&name) {
            Some(known) if overrides => merge(&mut known.body, declared.body),
            Some(known) => {
                let first = known.span;
                let diagnostic =
                    Diagnostic::warning("terraform-duplicate", "a block stands twice under one name")
                        .at(declared.span, "the second, which is not read")
                        .related(first, "the first")
                        .help("rename one of the two");
                self.lose(diagnostic, diagnostics);
            }
            None => {
                of(self).insert(name, declared);
            }
        }
    }
}

impl Variable {
    fn read(&mut self, body: Body) {
        for structure in body {
            let Structure::Attribute(attribute) = structure else { continue };
            match attribute.key.as_str() {
                "type" => self.shape = Some(types::shape(&attribute.value)),
                "default" => self.default = Some(attribute.value),
                "nullable" => self.nullable = attribute.value.as_bool().unwrap_or(true),
                "sensitive" => self.sensitive = attribute.value.as_bool().unwrap_or(true),
                "description" => self.description = text_of(&attribute.value),
                _ => {}
            }
        }
    }
}

fn text_of(expression: &Expression) -> String {
    expression.as_str().unwrap_or_default().to_owned()
}

/// Attributes of the override replace those of the same name, blocks all those of the same type.
fn merge(into: &mut Body, from: Body) {
    let replaced: Vec<String> = from.blocks().map(|b| b.ident.as_str().to_owned()).collect();
    for name in replaced {
        if name != "lifecycle" {
            into.remove_blocks(&name);
        }
    }
    for structure in from {
        match structure {
            Structure::Attribute(attribute) => {
                into.remove_attribute(attribute.key.as_str());
                into.push(attribute);
            }
            Structure::Block(block) => into.push(block),
        }
    }
}
