//! What vendors promise, by kind and configuration.
//!
//! One file a cloud under `data/slas`, one row a promise. A kind without a row has no published level: whoever multiplies
//! levels must say that it was left out. Must not know how levels are combined.

use std::sync::OnceLock;

use ir::Availability;
use serde::Deserialize;

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

/// A row of the table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    kind: String,
    configuration: String,
    uptime: Availability,
    evidence: Evidence,
    source: String,
    date: String,
}

/// The service level of a kind in a configuration, such as (`aws_db_instance`, `multi-az`); `None` when none is
/// published. Configurations are `multi-az`, `single-az`, or `-` where there is only one; a kind with only
/// one answers to every configuration.
#[must_use]
pub fn sla(kind: &str, configuration: &str) -> Option<Sla> {
    let fits = |r: &&Row| r.kind == kind && (r.configuration == configuration || r.configuration == "-");
    let row = rows().iter().find(fits)?;
    Some(Sla { uptime: row.uptime, evidence: row.evidence, source: &row.source, date: &row.date })
}

fn rows() -> &'static [Row] {
    static ROWS: OnceLock<Vec<Row>> = OnceLock::new();
    ROWS.get_or_init(|| {
        let parse = |(cloud, text): &(&str, &str)| -> Vec<Row> {
            serde_json::from_str(text).unwrap_or_else(|e| panic!("data/slas/{cloud}.json: {e}"))
        };
        TABLE.iter().flat_map(parse).collect()
    })
}

/// The data files by name; a test compares this list with the folder.
static TABLE: &[(&str, &str)] = &[
    ("aws", include_str!("../data/slas/aws.json")),
    ("azure", include_str!("../data/slas/azure.json")),
    ("gcp", include_str!("../data/slas/gcp.json")),
    ("mongodb", include_str!("../data/slas/mongodb.json")),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_list_is_the_folder() {
        assert_eq!(crate::folder("slas"), TABLE.iter().map(|(n, _)| (*n).to_owned()).collect());
    }

    #[test]
    fn every_row_is_a_level_of_a_known_kind_in_a_known_configuration() {
        let mut seen = BTreeSet::new();
        for row in rows() {
            assert!(crate::kind(&row.kind).is_some(), "{}", row.kind);
            assert!(["multi-az", "single-az", "-"].contains(&row.configuration.as_str()), "{row:?}");
            assert!(row.uptime.0 > 0.9 && row.uptime.0 <= 1.0, "{row:?}");
            assert!(!row.source.is_empty(), "{row:?}");
            assert!(seen.insert((&row.kind, &row.configuration)), "{row:?} twice");
        }
        for (kind, configuration) in &seen {
            let alone = configuration.as_str() != "-" || !seen.contains(&(kind, &"multi-az".to_owned()));
            assert!(alone, "{kind} has one level for everything and another for a configuration");
        }
    }

    #[test]
    fn more_zones_never_promise_less() {
        for row in rows().iter().filter(|r| r.configuration == "single-az") {
            let multi = sla(&row.kind, "multi-az").expect("whoever sells one zone sells two");
            assert!(multi.uptime >= row.uptime, "{}", row.kind);
        }
    }

    #[test]
    fn an_unknown_kind_or_configuration_has_no_level() {
        assert_eq!(sla("aws_vpc", "multi-az"), None);
        assert_eq!(sla("", ""), None);
        assert_eq!(sla("aws_db_instance", "three-az"), None);
        assert!(sla("aws_sqs_queue", "multi-az").is_some());
    }
}
