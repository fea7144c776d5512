//! Checks that a bundle of Terraform refers only to what it declares.

use std::collections::{BTreeMap, BTreeSet};

use hcl_edit::expr::{Expression, Traversal, TraversalOperator};
use hcl_edit::structure::{Attribute, Block, Body};
use hcl_edit::visit::{Visit, visit_attr, visit_block, visit_traversal};
use ir::Bundle;

/// The provider that resources may name.
const REGIONAL: &str = "aws";

/// What one folder declares and refers to.
#[derive(Default)]
struct Folder {
    declared: BTreeSet<String>,
    used: BTreeSet<String>,
    outputs: BTreeSet<String>,
    variables: BTreeSet<String>,
    /// Variables without a default.
    required: BTreeSet<String>,
    /// By module call: source folder, arguments.
    calls: BTreeMap<String, (String, BTreeSet<String>)>,
    /// Names that a `for` expression binds.
    bound: BTreeSet<String>,
}

impl Visit for Folder {
    fn visit_block(&mut self, block: &Block) {
        let labels: Vec<&str> = block.labels.iter().map(|l| l.as_str()).collect();
        match (block.ident.as_str(), labels.as_slice()) {
            ("resource", [kind, name]) => _ = self.declared.insert(format!("{kind}.{name}")),
            ("data", [kind, name]) => _ = self.declared.insert(format!("data.{kind}.{name}")),
            ("variable", [name]) => {
                self.variables.insert((*name).to_owned());
                if !block.body.has_attribute("default") {
                    self.required.insert((*name).to_owned());
                }
                // Types are spelt like references.
                return;
            }
            ("output", [name]) => _ = self.outputs.insert((*name).to_owned()),
            ("locals", []) => {
                self.declared.extend(block.body.attributes().map(|a| format!("local.{}", a.key.as_str())));
            }
            ("module", [name]) => {
                let arguments = block.body.attributes().map(|a| a.key.as_str().to_owned());
                let arguments = arguments.filter(|a| a != "source" && a != "providers").collect();
                let source =
                    block.body.get_attribute("source").and_then(|a| a.value.as_str()).unwrap_or_default();
                self.calls.insert((*name).to_owned(), (source.to_owned(), arguments));
            }
            ("terraform", []) | ("provider", [_]) => return,
            _ => {}
        }
        visit_block(self, block);
    }

    fn visit_attr(&mut self, attribute: &Attribute) {
        // A resource's provider is named, not referred to; a nested block may have an argument of the same name.
        let root = |t: &Traversal| t.expr.as_variable().is_some_and(|root| root.as_str() == REGIONAL);
        let named = attribute.value.as_traversal().is_some_and(root);
        let skipped = match attribute.key.as_str() {
            "ignore_changes" | "providers" => true,
            "provider" => named,
            _ => false,
        };
        if !skipped {
            visit_attr(self, attribute);
        }
    }

    fn visit_for_expr(&mut self, each: &hcl_edit::expr::ForExpr) {
        self.bound
            .extend(each.intro.key_var.iter().chain([&each.intro.value_var]).map(|v| v.as_str().to_owned()));
        hcl_edit::visit::visit_for_expr(self, each);
    }

    fn visit_traversal(&mut self, traversal: &Traversal) {
        if let Expression::Variable(root) = &traversal.expr {
            let mut words = vec![root.as_str().to_owned()];
            for operator in &traversal.operators {
                match operator.value() {
                    TraversalOperator::GetAttr(name) => words.push(name.as_str().to_owned()),
                    _ => break,
                }
            }
            let length = match words[0].as_str() {
                "data" | "module" => 3,
                _ => 2,
            };
            words.truncate(length);
            self.used.insert(words.join("."));
        }
        visit_traversal(self, traversal);
    }
}

/// Stops at the first file that does not parse and the first name that nothing declares.
pub fn check(bundle: &Bundle) {
    let mut folders: BTreeMap<String, Folder> = BTreeMap::new();
    for (path, file) in bundle.iter() {
        let body: Body = file.text.parse().unwrap_or_else(|e| panic!("{path}: {e}\n{}", file.text));
        let (folder, name) = path.rsplit_once('/').expect("files stand in folders");
        let folder = folders.entry(folder.to_owned()).or_default();
        if name == "terraform.tfvars" {
            folder.used.extend(body.attributes().map(|a| format!("var.{}", a.key.as_str())));
        } else {
            folder.visit_body(&body);
        }
    }
    for (name, folder) in &folders {
        for used in &folder.used {
            let (root, rest) = used.split_once('.').unwrap_or((used, ""));
            let known = match root {
                "var" => folder.variables.contains(rest),
                "each" | "path" => true,
                "module" => {
                    let (call, output) = rest.split_once('.').expect("a call has outputs");
                    let source = &folder.calls.get(call).unwrap_or_else(|| panic!("{name}: {used}")).0;
                    folders[&resolve(name, source)].outputs.contains(output)
                }
                bound if folder.bound.contains(bound) => true,
                _ => folder.declared.contains(used),
            };
            assert!(known, "{name}: nothing declares `{used}`");
        }
        for (call, (source, arguments)) in &folder.calls {
            let module = &folders[&resolve(name, source)];
            assert!(arguments.is_subset(&module.variables), "{name}: call of {call} with {arguments:?}");
            assert!(
                module.required.is_subset(arguments),
                "{name}: call of {call} without {:?}",
                module.required
            );
        }
        for variable in &folder.variables {
            assert!(folder.used.contains(&format!("var.{variable}")), "{name}: `{variable}` is not used");
        }
    }
}

fn resolve(folder: &str, source: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').collect();
    for step in source.split('/') {
        match step {
            ".." => _ = parts.pop(),
            "." => {}
            name => parts.push(name),
        }
    }
    parts.join("/")
}
