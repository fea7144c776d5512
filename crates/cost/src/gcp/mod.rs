//! What kinds of Google Cloud cost, one file a family.
//!
//! Google charges by what is used where others charge by what stands there, so nothing here is shared with other
//! clouds but the sheet. Must not know any other cloud.

mod compute;
mod database;
mod messaging;
mod network;
mod operations;
mod storage;

use crate::billing::Kinds;
use crate::read::Known;

/// The families.
pub(crate) static FAMILIES: &[Kinds] =
    &[compute::KINDS, database::KINDS, messaging::KINDS, network::KINDS, operations::KINDS, storage::KINDS];

/// The families' sources, for a test that looks every price up.
#[cfg(test)]
pub(crate) static SOURCES: &[&str] = &[
    include_str!("compute.rs"),
    include_str!("database.rs"),
    include_str!("messaging.rs"),
    include_str!("network.rs"),
    include_str!("operations.rs"),
    include_str!("storage.rs"),
];

/// A quantity of something that there are several of.
fn times(a: Known<f64>, b: Known<f64>) -> Known<f64> {
    Ok(a? * b?)
}

/// vCPUs as Kubernetes writes them: `2` or `500m`.
fn cpus(text: &str) -> Known<f64> {
    let number = |digits: &str| digits.parse::<f64>().ok();
    let cpus = match text.strip_suffix('m') {
        Some(thousandths) => number(thousandths).map(|n| n / 1000.0),
        None => number(text),
    };
    cpus.ok_or_else(|| format!("`{text}` is no number of vCPUs"))
}

/// GiB as Kubernetes writes memory: `512Mi`, `2Gi`, `1G`, or bytes.
fn gib(text: &str) -> Known<f64> {
    /// Suffixes and how many bytes each stands for.
    const UNITS: &[(&str, f64)] = &[
        ("Ki", 1024.0),
        ("Mi", 1_048_576.0),
        ("Gi", 1_073_741_824.0),
        ("Ti", 1_099_511_627_776.0),
        ("k", 1e3),
        ("M", 1e6),
        ("G", 1e9),
        ("T", 1e12),
        ("", 1.0),
    ];
    let bytes = UNITS.iter().find_map(|(suffix, bytes)| {
        let number: f64 = text.strip_suffix(suffix)?.parse().ok()?;
        Some(number * bytes)
    });
    bytes.map(|b| b / 1_073_741_824.0).ok_or_else(|| format!("`{text}` is no amount of memory"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_kubernetes_writes_them() {
        assert_eq!((cpus("2"), cpus("500m"), cpus("0.5")), (Ok(2.0), Ok(0.5), Ok(0.5)));
        assert_eq!((gib("512Mi"), gib("2Gi"), gib("1073741824")), (Ok(0.5), Ok(2.0), Ok(1.0)));
        for wrong in ["", "m", "Gi", "two", "1 Gi", "1Xi"] {
            assert!(cpus(wrong).is_err() && gib(wrong).is_err(), "{wrong}");
        }
    }
}
