//! Azure Resource Manager: what its two dialects, ARM JSON and Bicep, have in common, and ARM JSON itself.
//!
//! Both are read into one model of a template, worked out by one evaluator, and deployed into one graph that speaks
//! Azure's own vocabulary.

pub(crate) mod deploy;
pub(crate) mod eval;
pub(crate) mod names;
pub mod read;
mod spelling;
pub(crate) mod template;

use crate::maps::Vocabulary;

/// The vocabulary of Azure Resource Manager: types such as `Microsoft.App/containerApps`, and what a template knows of where
/// it is deployed.
pub static VOCABULARY: Vocabulary = Vocabulary::new(
    "arm",
    "Azure Resource Manager",
    &[("group", GROUPS), ("subscription", SUBSCRIPTIONS), ("tenant", TENANTS)],
    |kind| kind.contains('/') && kind.contains('.'),
    spelling::FUNCTIONS,
);

/// The type of a deployment within a deployment.
pub(crate) const DEPLOYMENTS: &str = "Microsoft.Resources/deployments";
/// The type of a resource group.
pub(crate) const GROUPS: &str = "Microsoft.Resources/resourceGroups";
/// What stands for a subscription: nothing that a template makes.
pub(crate) const SUBSCRIPTIONS: &str = "Microsoft.Resources/subscriptions";
/// What stands for a tenant.
pub(crate) const TENANTS: &str = "Microsoft.Resources/tenants";
