//! What a check found.

use ir::{Address, Confidence};
use serde::Serialize;

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Worth tidying.
    Low,
    /// Mend soon.
    Medium,
    /// Mend before production.
    High,
    /// Mend now.
    Critical,
}

/// What it endangers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Category {
    /// Confidentiality and integrity.
    Security,
    /// Availability and data.
    Reliability,
    /// Money.
    Cost,
    /// Seeing and operating it.
    Operability,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// Kebab-case id of the rule.
    pub rule: &'static str,
    /// How much it matters.
    pub level: Level,
    /// How sure.
    pub confidence: Confidence,
    /// What it endangers.
    pub category: Category,
    /// Which stack.
    pub stack: String,
    /// Which resource, as Terraform prints it.
    #[serde(serialize_with = "printed")]
    pub address: Address,
    /// Attribute, when there is one.
    pub attribute: Option<String>,
    /// What is wrong, one line.
    pub summary: String,
    /// What to do.
    pub fix: String,
    /// The written-down reason why it stays, if it does.
    pub accepted: Option<String>,
}

fn printed<S: serde::Serializer>(address: &Address, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(address)
}

/// A finding that is accepted, with its reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Exception {
    /// Rule.
    pub rule: String,
    /// Stack it holds for; `None`: all.
    pub stack: Option<String>,
    /// Component it holds for; `None`: all.
    pub component: Option<String>,
    /// Why.
    pub reason: String,
}

/// What one rule says about one resource.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// As it should be.
    Pass,
    /// Not as it should be: attribute and what is wrong.
    Fail {
        /// The attribute at fault.
        attribute: Option<String>,
        /// What is wrong, one line without a full stop.
        summary: String,
    },
    /// A value it depends on is unknown; the reason.
    CannotTell(String),
}

impl Verdict {
    /// Not as it should be, because of one attribute.
    pub fn fail(attribute: &str, summary: impl Into<String>) -> Self {
        Self::Fail { attribute: Some(attribute.to_owned()), summary: summary.into() }
    }

    /// Something that should stand beside the resource is missing.
    pub fn missing(summary: impl Into<String>) -> Self {
        Self::Fail { attribute: None, summary: summary.into() }
    }

    /// [`Verdict::Pass`] when `ok`, otherwise a failure of `attribute`.
    pub fn when(ok: bool, attribute: &str, summary: impl Into<String>) -> Self {
        if ok { Self::Pass } else { Self::fail(attribute, summary) }
    }
}

/// Everything the rules said.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Report {
    /// Findings, accepted ones included, in a stable order.
    pub findings: Vec<Finding>,
    /// How many rules ran.
    pub rules: usize,
    /// How many resources were looked at.
    pub resources: usize,
    /// How many verdicts passed.
    pub passed: usize,
    /// Rule, resource and reason for every verdict that could not be reached.
    pub cannot_tell: Vec<(String, String, String)>,
}

impl Report {
    /// The findings nobody accepted.
    pub fn open(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|f| f.accepted.is_none())
    }
}
