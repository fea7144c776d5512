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

/// Accepted where people depend on the environment, for a part whose number of copies the designer decided: the
/// decision weighed a second copy against what was asked for, and its words are the reason.
static DECIDED: &[&str] = &[
    "database-multi-az",
    "cache-failover",
    "search-zone-awareness",
    "broker-single-instance",
    "service-single-task",
    "service-without-autoscaling",
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

/// The designer's answer to how a part of an environment runs, and in how many copies.
#[derive(Clone, Debug)]
pub struct PartDecision<'a> {
    /// Stack of the environment.
    pub stack: &'a str,
    /// Component that the part became.
    pub component: String,
    /// What was chosen, why, and where that is written down; without full stop.
    pub reason: String,
}

/// What exceptions depend on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Circumstances<'a> {
    /// Stacks of environments on which nobody depends.
    pub relaxed: &'a [&'a str],
    /// Decisions about parts of environments on which people depend.
    pub decisions: &'a [PartDecision<'a>],
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
    let relaxed = circumstances.relaxed.iter();
    let relaxed = relaxed.flat_map(|stack| RELAXED.iter().map(|row| exception(row, Some(stack))));
    let decided = circumstances.decisions.iter().flat_map(|decision| {
        DECIDED.iter().map(|rule| Exception {
            component: Some(decision.component.clone()),
            ..exception(&(rule, &decision.reason), Some(decision.stack))
        })
    });
    everywhere.chain(relaxed).chain(decided).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_exception_names_a_rule_and_appears_once() {
        let decided: Vec<(&str, &str)> = DECIDED.iter().map(|rule| (*rule, "as decided")).collect();
        for tables in [[RELAXED, EVERYWHERE, UNBUDGETED], [&decided, EVERYWHERE, UNBUDGETED]] {
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
        let reason = "one node, which is enough for the availability asked for".to_owned();
        let decision = PartDecision { stack: "live", component: "cache".to_owned(), reason: reason.clone() };
        let both = Circumstances { relaxed: &["test"], decisions: &[decision], budgeted: true };
        assert_eq!(of(both, "nat-single"), [Some("test".to_owned())]);
        assert_eq!(of(both, "cache-failover").len(), 2);
        let all = default_exceptions(&both);
        let decided = all.iter().find(|e| e.rule == "cache-failover" && e.stack.as_deref() == Some("live"));
        let decided = decided.expect("follows from the decision");
        assert_eq!((decided.component.as_deref(), &decided.reason), (Some("cache"), &reason));
        assert_eq!(of(both, "budget-missing"), []);
        assert_eq!(of(Circumstances { budgeted: false, ..both }, "budget-missing"), [None]);
        assert_eq!(of(Circumstances::default(), "cache-failover"), []);
    }
}
