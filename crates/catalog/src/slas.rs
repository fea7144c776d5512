//! What vendors promise, by kind and configuration.

use ir::Availability;

use crate::prices::Evidence;

/// A published service level.
#[derive(Clone, Debug, PartialEq)]
pub struct Sla {
    /// Monthly uptime.
    pub uptime: Availability,
    /// How well it is known.
    pub evidence: Evidence,
    /// Where it was published.
    pub source: &'static str,
    /// When, or empty when the page has no date.
    pub date: &'static str,
}

/// The service level of a kind in a configuration, such as (`aws_db_instance`, `multi-az`); `None` when none is
/// published. Configurations are `multi-az`, `single-az`, or `-` where there is only one.
#[must_use]
pub fn sla(kind: &str, configuration: &str) -> Option<Sla> {
    let _ = (kind, configuration);
    None
}
