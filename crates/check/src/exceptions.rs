//! Findings that Mainstay accepts in its own designs, each with its reason.
//!
//! They are data, so that a reader can disagree with one by name. They are applied to designs of ours only;
//! foreign code is checked without them.

use crate::finding::Exception;

/// Accepted where nobody depends on the environment.
static RELAXED: &[(&str, &str)] = &[
    (
        "database-multi-az",
        "the environment is not critical: a zone's failure costs a restore, a standby costs double",
    ),
    ("database-deletion-protection", "the environment is made to be thrown away"),
    ("database-final-snapshot", "the environment holds no data that must survive it"),
    ("database-backup-retention", "the environment holds no data that must survive it"),
    ("cache-failover", "the environment is not critical: a failed node is replaced within minutes"),
    ("search-zone-awareness", "the environment is not critical: one zone is enough"),
    ("broker-single-instance", "the environment is not critical: one broker is enough"),
    ("service-single-task", "the environment is not critical: one task carries its load"),
    ("service-without-autoscaling", "the environment is not critical: its load is known and small"),
    ("nat-single", "the environment is not critical: one NAT gateway serves all zones"),
    ("load-balancer-deletion-protection", "the environment is made to be thrown away"),
    ("dynamodb-deletion-protection", "the environment is made to be thrown away"),
    ("database-without-alarm", "nobody is woken for the environment"),
    ("dashboard-missing", "nobody watches the environment"),
    ("container-insights", "nobody watches the environment: what services report by themselves is enough"),
    ("load-balancer-without-firewall", "the environment carries no traffic of users"),
    ("distribution-without-firewall", "the environment carries no traffic of users"),
];

/// Accepted everywhere.
static EVERYWHERE: &[(&str, &str)] = &[
    (
        "bucket-access-logging",
        "object access is recorded by the account's trail; server logs would repeat it",
    ),
    (
        "secret-rotation",
        "a secret of another provider can only be rotated there; database passwords are managed",
    ),
    (
        "log-group-customer-key",
        "logs are encrypted with the service's key; a key of one's own adds cost and no boundary",
    ),
    ("secret-customer-key", "secrets stay in one account, where the service's key gives the same boundary"),
];

/// The exceptions of our own designs: those that hold everywhere, and those of every stack in `relaxed`, the
/// environments on which nobody depends.
#[must_use]
pub fn default_exceptions(relaxed: &[&str]) -> Vec<Exception> {
    let exception = |(rule, reason): &(&str, &str), stack: Option<&str>| Exception {
        rule: (*rule).to_owned(),
        stack: stack.map(str::to_owned),
        component: None,
        reason: (*reason).to_owned(),
    };
    let everywhere = EVERYWHERE.iter().map(|row| exception(row, None));
    let by_stack = relaxed.iter().flat_map(|stack| RELAXED.iter().map(|row| exception(row, Some(stack))));
    everywhere.chain(by_stack).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_exception_names_a_rule_and_appears_once() {
        let mut seen = std::collections::BTreeSet::new();
        for (rule, reason) in RELAXED.iter().chain(EVERYWHERE) {
            assert!(crate::RULES.iter().any(|r| r.id == *rule), "no rule is called {rule}");
            assert!(seen.insert(rule), "{rule} is excepted twice");
            assert!(!reason.ends_with('.') && !reason.is_empty(), "{rule}");
        }
    }
}
