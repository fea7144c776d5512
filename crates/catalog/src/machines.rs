//! Sizes one can rent: instance classes of databases and caches.

/// A size.
#[derive(Clone, Debug, PartialEq)]
pub struct Machine {
    /// Such as `db.t4g.medium`; also the item of its price id (`rds-postgres/db.t4g.medium`).
    pub name: &'static str,
    /// vCPUs.
    pub vcpus: f64,
    /// GiB.
    pub memory_gib: f64,
    /// Burstable: sustained use above its baseline costs credits.
    pub burstable: bool,
    /// Share of a vCPU it may use for ever, when burstable; 1 otherwise.
    pub baseline: f64,
}

/// The sizes of a family, smallest first. Families: `rds` (also Aurora), `elasticache`, `docdb`, `mq`, `msk`,
/// `opensearch`.
#[must_use]
pub fn machines(family: &str) -> &'static [Machine] {
    let _ = family;
    &[]
}
