//! The section on taking an environment down: what refuses, where that is written, and what must be empty.
//!
//! Read from the graph, because protection differs from one environment to the next and values stand in files,
//! not in variables of a root. It must not know why a thing is protected.

use std::collections::BTreeSet;

use ir::{Address, Mode, Node, Stack, Value, names};

use super::deployment::{automated, in_environment, plan};
use super::markdown::Document;
use crate::Context;

/// Attributes that refuse a destroy while they are true.
const PROTECTIONS: &[&str] =
    &["deletion_protection", "deletion_protection_enabled", "enable_deletion_protection"];

/// Kinds that can be destroyed only when nothing is in them, with what that is.
const EMPTIED: &[(&str, &str)] =
    &[("aws_s3_bucket", "every version of every object"), ("aws_backup_vault", "every recovery point")];

/// The section.
pub fn write(context: &Context<'_>, doc: &mut Document) {
    doc.heading(2, "Taking an environment down");
    doc.para("What holds data that people depend on refuses to be destroyed. That is lifted first, in a change of its own, so that no single command can lose data.");
    for stack in context.stacks.iter().filter(|s| s.environment) {
        doc.heading(3, &format!("Removing {}", stack.name));
        let mut steps = Vec::new();
        let switched = switched(stack);
        if !switched.is_empty() {
            let file = format!("infra/terraform/envs/{}/main.tf", stack.name);
            steps.push(format!(
                "In `{file}` set to `false`, adding the line where the module's default stands: {}",
                switched.into_iter().collect::<Vec<_>>().join(", ")
            ));
        }
        let locked = locked(context, stack);
        if !locked.is_empty() {
            steps.push(format!("Take the line `prevent_destroy` out of {}, in `infra/terraform/modules`. Environments share modules: put it back afterwards, if another one is left", locked.join(", ")));
        }
        if !steps.is_empty() {
            steps.push("Deploy that".to_owned());
        }
        steps.extend(emptied(stack));
        steps.push("Look at what will be destroyed, then apply it".to_owned());
        if automated(context) {
            steps.push("Take the environment out of the spec and generate again, or the next deployment creates it anew".to_owned());
        }
        doc.steps(steps);
        doc.code("sh", &plan(context, stack, " -destroy", false));
    }
}

fn managed(stack: &Stack) -> impl Iterator<Item = &Node> {
    stack.graph.nodes().filter(|n| n.address.mode == Mode::Managed)
}

/// The arguments that protect something, with the modules they are given to.
fn switched(stack: &Stack) -> BTreeSet<String> {
    let argument = |node: &Node| {
        let attr = PROTECTIONS.iter().find(|a| node.get(a).and_then(Value::as_bool) == Some(true))?;
        let place = match node.attrs.get(*attr) {
            Some(Value::Input(input)) => {
                format!("`{}` of `module.{}`", input.name, names::snake(&node.address.component))
            }
            _ => format!("`{attr}` of `{}`, which stands in its module", in_environment(&node.address)),
        };
        Some(place)
    };
    managed(stack).filter_map(argument).collect()
}

/// What the modules refuse to destroy. Environments share a module, and Terraform reads this setting before any
/// variable, so it is there only where every environment that has the resource asks for it.
fn locked(context: &Context<'_>, stack: &Stack) -> Vec<String> {
    let everywhere = |address: &Address| {
        let mut same = context
            .stacks
            .iter()
            .filter(|s| s.environment)
            .flat_map(managed)
            .filter(|n| n.address.without_key() == *address);
        same.all(|n| n.lifecycle.prevent_destroy)
    };
    let asked: BTreeSet<Address> =
        managed(stack).filter(|n| n.lifecycle.prevent_destroy).map(|n| n.address.without_key()).collect();
    asked.iter().filter(|a| everywhere(a)).map(|a| format!("`{}`", in_environment(a))).collect()
}

/// What has to be emptied by hand.
fn emptied(stack: &Stack) -> Vec<String> {
    let of_kind = |(kind, what): &(&str, &str)| {
        let full = stack
            .graph
            .of_kind(kind)
            .filter(|n| n.get("force_destroy").and_then(Value::as_bool) != Some(true));
        let names: BTreeSet<String> = full.map(|n| format!("`{}`", in_environment(&n.address))).collect();
        let names: Vec<String> = names.into_iter().collect();
        (!names.is_empty()).then(|| format!("Delete {what} in {}", names.join(", ")))
    };
    EMPTIED.iter().filter_map(of_kind).collect()
}
