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
    ("load-balancer-without-firewall", "the environment carries no traffic of users"),
    ("distribution-without-firewall", "the environment carries no traffic of users"),
];

/// Accepted where people depend on the environment: how many copies there are is the designer's answer to the
/// availability that was asked for.
static CHOSEN: &[(&str, &str)] = &[
    ("database-multi-az", "the availability asked for is met without a standby; a higher one buys it"),
    ("cache-failover", "the availability asked for is met with one node; a higher one buys the second"),
    ("search-zone-awareness", "the availability asked for is met in one zone; a higher one buys the others"),
    (
        "broker-single-instance",
        "the availability asked for is met with one broker; a higher one buys the second",
    ),
    ("service-single-task", "the availability asked for is met with one task, or the work allows only one"),
    ("service-without-autoscaling", "its load is known and small, or the work allows only one task"),
];

/// Accepted while nobody has said what the application may cost.
static UNBUDGETED: &[(&str, &str)] =
    &[("budget-missing", "nobody has said what it may cost: `budget` in the spec adds the alarm")];

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
    (
        "cache-without-authentication",
        "a password would lie in the state; the guard lets only the services in that use the cache",
    ),
    (
        "distribution-old-tls",
        "without a host of its own it has CloudFront's certificate, whose TLS version nobody can set",
    ),
    ("secret-customer-key", "secrets stay in one account, where the service's key gives the same boundary"),
];

/// What exceptions depend on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Circumstances<'a> {
    /// Stacks of environments on which nobody depends.
    pub relaxed: &'a [&'a str],
    /// Stacks of environments on which people depend.
    pub critical: &'a [&'a str],
    /// Whether somebody has said what the application may cost.
    pub budgeted: bool,
}

/// The exceptions of our own designs.
#[must_use]
pub fn default_exceptions(circumstances: &Circumstances<'_>) -> Vec<Exception> {
    let exception = |(rule, reason): &(&str, &str), stack: Option<&str>| Exception {
        rule: (*rule).to_owned(),
        stack: stack.map(str::to_owned),
        component: None,
        reason: (*reason).to_owned(),
    };
    let unbudgeted = if circumstances.budgeted { &[] } else { UNBUDGETED };
    let everywhere = EVERYWHERE.iter().chain(unbudgeted).map(|row| exception(row, None));
    let by_stack = |stacks: &[&str], table: &'static [(&str, &str)]| -> Vec<Exception> {
        stacks.iter().flat_map(|stack| table.iter().map(|row| exception(row, Some(stack)))).collect()
    };
    everywhere
        .chain(by_stack(circumstances.relaxed, RELAXED))
        .chain(by_stack(circumstances.critical, CHOSEN))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_exception_names_a_rule_and_appears_once() {
        for tables in [[RELAXED, EVERYWHERE, UNBUDGETED], [CHOSEN, EVERYWHERE, UNBUDGETED]] {
            let mut seen = std::collections::BTreeSet::new();
            for (rule, reason) in tables.into_iter().flatten() {
                assert!(crate::RULES.iter().any(|r| r.id == *rule), "no rule is called {rule}");
                assert!(seen.insert(rule), "{rule} is excepted twice");
                assert!(!reason.ends_with('.') && !reason.is_empty(), "{rule}");
            }
        }
    }

    #[test]
    fn an_exception_holds_only_in_its_circumstances() {
        let of = |circumstances: Circumstances<'_>, rule: &str| -> Vec<Option<String>> {
            let all = default_exceptions(&circumstances).into_iter();
            all.filter(|e| e.rule == rule).map(|e| e.stack).collect()
        };
        let both = Circumstances { relaxed: &["test"], critical: &["live"], budgeted: true };
        assert_eq!(of(both, "nat-single"), [Some("test".to_owned())]);
        assert_eq!(of(both, "cache-failover").len(), 2);
        assert_eq!(of(both, "budget-missing"), []);
        assert_eq!(of(Circumstances { budgeted: false, ..both }, "budget-missing"), [None]);
        assert_eq!(of(Circumstances::default(), "cache-failover"), []);
    }
}
