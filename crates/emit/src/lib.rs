//! The rest of the bundle: containers, pipelines, observability, secrets, documents, handoffs.
//!
//! A target never decides and never writes a file: it prints what the blueprint and the graph say from a small
//! model of its own format, and returns the files.

pub mod alerts;
pub mod containers;
pub mod document;
pub mod observability;
pub mod pipelines;
pub mod place;

use check::Report;
use cost::Estimate;
use deliver::Rehearsal;
use design::Blueprint;
use ir::{Bundle, Diagnostics, Stack};
use spec::Spec;

/// Everything a target may look at.
pub struct Context<'a> {
    /// What was asked.
    pub spec: &'a Spec,
    /// What was chosen.
    pub blueprint: &'a Blueprint,
    /// The resources.
    pub stacks: &'a [Stack],
    /// What they cost, one a stack.
    pub estimates: &'a [Estimate],
    /// What the checks said.
    pub report: &'a Report,
    /// What the rehearsal proved, one a stack.
    pub rehearsals: &'a [Rehearsal],
}

impl Context<'_> {
    /// Whether the words of the cloud that this is for are known to every target.
    #[must_use]
    pub fn on_aws(&self) -> bool {
        self.blueprint.provider == spec::Provider::Aws
    }

    /// Whether the commands that plan, apply and operate this are known: those of Terraform on AWS. Commands of another
    /// cloud or tool would do harm or nothing, so nothing that consists of them is written.
    #[must_use]
    pub fn is_operated(&self) -> bool {
        self.on_aws() && self.spec.deliver.iac == "terraform"
    }
}

/// When a part of the bundle is written. What the tests say is known to documents only: the evidence in the
/// context is empty before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Containers and pipelines.
    Pipeline,
    /// What watches it.
    Observability,
    /// Documents, handoffs, secrets' whereabouts.
    Document,
}

/// A part of the bundle.
pub struct Target {
    /// Its name in `--help` and in the lock.
    pub name: &'static str,
    /// When it is written.
    pub step: Step,
    /// Whether the spec asks for it.
    pub wanted: fn(&Context<'_>) -> bool,
    /// Its files.
    pub emit: fn(&Context<'_>) -> (Bundle, Diagnostics),
}

/// Every target, in the order they are written.
pub static TARGETS: &[&Target] = &[
    &containers::TARGET,
    &containers::compose::TARGET,
    &pipelines::TARGET,
    &observability::TARGET,
    &document::TARGET,
];
