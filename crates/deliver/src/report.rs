//! What a rehearsal proved.

use serde::Serialize;

/// Everything the rehearsal of one stack tried.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Rehearsal {
    /// Which stack.
    pub stack: String,
    /// Resources deployed.
    pub resources: usize,
    /// Steps executed in all trials together.
    pub steps: usize,
    /// What was tried, in order.
    pub trials: Vec<Trial>,
}

/// One thing that was tried.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Trial {
    /// Such as `deploy`, `second apply does nothing`, `roll back after failure at every step`, `destroy`.
    pub name: String,
    /// How often, such as once for every step that was made to fail.
    pub runs: usize,
    /// What went wrong, if anything did.
    pub failures: Vec<String>,
}

impl Rehearsal {
    /// Whether everything held.
    #[must_use]
    pub fn passed(&self) -> bool {
        !self.trials.is_empty() && self.trials.iter().all(|t| t.failures.is_empty())
    }
}
