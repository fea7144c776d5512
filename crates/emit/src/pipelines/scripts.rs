//! The shell that every CI system runs: one script a task, in `infra/pipeline`.
//!
//! Scripts rather than lines inside workflows, so that they can be linted, tested and run by hand, and so that
//! nothing is ever pasted into a command. They read `delivery.json` and know no application.

use ir::Bundle;

/// Where the scripts and their facts stand in the bundle.
pub const FOLDER: &str = "infra/pipeline";

/// Every script by name.
pub static SCRIPTS: &[(&str, &str)] = &[
    ("apply.sh", include_str!("scripts/apply.sh")),
    ("check.sh", include_str!("scripts/check.sh")),
    ("collect.sh", include_str!("scripts/collect.sh")),
    ("comment.sh", include_str!("scripts/comment.sh")),
    ("drift.sh", include_str!("scripts/drift.sh")),
    ("fetch.sh", include_str!("scripts/fetch.sh")),
    ("image.sh", include_str!("scripts/image.sh")),
    ("migrate.sh", include_str!("scripts/migrate.sh")),
    ("newer.sh", include_str!("scripts/newer.sh")),
    ("plan.sh", include_str!("scripts/plan.sh")),
    ("release.sh", include_str!("scripts/release.sh")),
    ("rollback.sh", include_str!("scripts/rollback.sh")),
    ("rotate.sh", include_str!("scripts/rotate.sh")),
    ("scan.sh", include_str!("scripts/scan.sh")),
    ("shift.sh", include_str!("scripts/shift.sh")),
    ("site.sh", include_str!("scripts/site.sh")),
    ("smoke.sh", include_str!("scripts/smoke.sh")),
    ("store.sh", include_str!("scripts/store.sh")),
    ("tasks.sh", include_str!("scripts/tasks.sh")),
    ("validate.sh", include_str!("scripts/validate.sh")),
];

/// What the scripts and Terraform leave behind. A saved plan and a state hold what the cloud says, so neither is
/// ever committed; the lock of provider versions is.
const LEFT_BEHIND: &str = ".terraform/\n*.tfplan\n*.tfstate\n*.tfstate.*\nrelease.auto.tfvars.json\n";

/// Adds them.
pub fn write(bundle: &mut Bundle) {
    bundle.add("infra/terraform/.gitignore", LEFT_BEHIND);
    for (name, text) in SCRIPTS {
        bundle.add_script(format!("{FOLDER}/{name}"), *text);
    }
}
