//! How results look on a terminal, in a pull request and to a program.
//!
//! Views only read. Text is laid out by [`table`], messages by [`messages`]; JSON comes from the values
//! themselves.

pub mod blueprint;
pub mod findings;
pub mod messages;
pub mod money;
pub mod proof;
pub mod reading;
pub mod report;
pub mod table;
pub mod translation;

/// SARIF 2.1.0 around results of some rules.
fn sarif(rules: &std::collections::BTreeSet<&str>, results: Vec<serde_json::Value>) -> serde_json::Value {
    let rules: Vec<serde_json::Value> = rules.iter().map(|id| serde_json::json!({"id": id})).collect();
    serde_json::json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "mainstay", "version": env!("CARGO_PKG_VERSION"), "rules": rules}},
            "results": results,
        }],
    })
}

/// A number of things, as in "1 secret" and "2 secrets".
#[must_use]
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
