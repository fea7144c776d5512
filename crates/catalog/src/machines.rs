//! Sizes one can rent: instance classes of databases and caches.
//!
//! One file a family under `data/machines`, cheapest first, naming the price file that lists the same sizes.
//! Must not know who needs how much.

use std::sync::OnceLock;

use serde::Deserialize;

use crate::prices::Evidence;

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
    /// Share of each vCPU it may use for ever, when burstable; 1 otherwise.
    pub baseline: f64,
}

/// A family of sizes.
#[derive(Debug)]
pub struct Family {
    /// Such as `rds`.
    pub name: &'static str,
    /// Where the sizes are published.
    pub source: &'static str,
    /// When they were read there, `YYYY-MM`.
    pub date: &'static str,
    /// How well they are known.
    pub evidence: Evidence,
    /// The first part of the price ids that cover every size, such as `rds-postgres`. Other engines may leave
    /// some out.
    pub priced_by: &'static str,
    /// The sizes, cheapest first.
    pub machines: Vec<Machine>,
}

/// A file under `data/machines`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FamilyFile {
    family: &'static str,
    source: &'static str,
    date: &'static str,
    evidence: Evidence,
    priced_by: &'static str,
    machines: Vec<Row>,
}

/// A size as written in a file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: &'static str,
    vcpus: f64,
    memory_gib: f64,
    baseline: Option<f64>,
}

/// The sizes of a family, cheapest first; none for a family nobody wrote down. Families: `rds`, `aurora`,
/// `elasticache`, `docdb`, `mq` (RabbitMQ), `msk`, `opensearch`; `flexible-postgres`, `flexible-mysql`,
/// `managed-redis`; `cloud-sql`, `memorystore` (Valkey).
#[must_use]
pub fn machines(family: &str) -> &'static [Machine] {
    families().iter().find(|f| f.name == family).map_or(&[], |f| f.machines.as_slice())
}

/// Every family.
#[must_use]
pub fn families() -> &'static [Family] {
    static FAMILIES: OnceLock<Vec<Family>> = OnceLock::new();
    FAMILIES.get_or_init(|| TABLE.iter().map(|(name, text)| family(name, text)).collect())
}

fn family(name: &str, text: &'static str) -> Family {
    let file: FamilyFile =
        serde_json::from_str(text).unwrap_or_else(|e| panic!("data/machines/{name}.json: {e}"));
    assert_eq!(file.family, name, "data/machines/{name}.json names another family");
    let machine = |row: Row| Machine {
        name: row.name,
        vcpus: row.vcpus,
        memory_gib: row.memory_gib,
        burstable: row.baseline.is_some(),
        baseline: row.baseline.unwrap_or(1.0),
    };
    Family {
        name: file.family,
        source: file.source,
        date: file.date,
        evidence: file.evidence,
        priced_by: file.priced_by,
        machines: file.machines.into_iter().map(machine).collect(),
    }
}

/// Lists data files by name next to their text.
macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../data/machines/", $name, ".json")))),*]
    };
}

/// The data files by name; a test compares this list with the folder.
static TABLE: &[(&str, &str)] = files![
    "atlas",
    "aurora",
    "cloud-sql",
    "docdb",
    "elasticache",
    "flexible-mysql",
    "flexible-postgres",
    "managed-redis",
    "memorystore",
    "mq",
    "msk",
    "opensearch",
    "rds"
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_list_is_the_folder() {
        assert_eq!(crate::folder("machines"), TABLE.iter().map(|(n, _)| (*n).to_owned()).collect());
    }

    #[test]
    fn sizes_are_sane_priced_and_sorted_by_price() {
        for family in families() {
            let mut seen = BTreeSet::new();
            let mut last = 0.0;
            assert!(!family.machines.is_empty(), "{}", family.name);
            for machine in &family.machines {
                let name = machine.name;
                assert!(seen.insert(name), "{name} twice");
                assert!(machine.vcpus >= 1.0 && machine.memory_gib >= 0.5, "{name}");
                assert!(machine.baseline > 0.0 && machine.baseline <= 1.0, "{name}");
                assert_eq!(machine.burstable, machine.baseline < 1.0, "{name}");
                let id = format!("{}/{name}", family.priced_by);
                let priced = |region: &str| crate::price(region, &id);
                let homes = crate::regions::clouds().iter().find_map(|c| priced(&c.home));
                let usd = homes.unwrap_or_else(|| panic!("{id} has no price at home")).usd;
                let europe = ["eu-west-1", "westeurope", "europe-west1"].iter().find_map(|r| priced(r));
                assert!(europe.is_some(), "{id} in Europe");
                assert!(usd >= last, "{id} is cheaper than the size before it");
                last = usd;
            }
        }
    }

    #[test]
    fn a_family_nobody_wrote_down_is_empty() {
        assert!(machines("mainframe").is_empty());
        assert!(machines("").is_empty());
    }
}
