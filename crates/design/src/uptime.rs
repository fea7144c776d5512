//! Published service levels as parts of a composed figure.

use catalog::{Evidence, Sla};
use ir::Availability;

use crate::blueprint::{AvailabilityPart, Fact};

/// A published service level of one named thing.
#[derive(Clone, Debug)]
pub(crate) struct Level {
    name: String,
    published: Sla,
}

/// The published level of a kind in a configuration, named for a reader; `None` when none is published.
pub(crate) fn level(name: impl Into<String>, kind: &str, configuration: &str) -> Option<Level> {
    catalog::sla(kind, configuration).map(|published| Level { name: name.into(), published })
}

impl Level {
    /// A level without a name.
    #[cfg(test)]
    pub fn of(published: Sla) -> Self {
        Self { name: String::new(), published }
    }

    /// What it is the level of.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Share of a month.
    pub fn share(&self) -> Availability {
        self.published.uptime
    }

    /// As a part of a composed figure.
    pub fn part(&self) -> AvailabilityPart {
        let Sla { source, date, .. } = &self.published;
        AvailabilityPart {
            name: self.name.clone(),
            sla: self.share(),
            source: if date.is_empty() { (*source).to_owned() } else { format!("{source}, {date}") },
            verified: self.verified(),
        }
    }

    /// As a fact of a decision.
    pub fn fact(&self) -> Fact {
        Fact {
            fact: format!("{} is promised {} of a month", self.name, self.share()),
            source: self.published.source.to_owned(),
            date: self.published.date.to_owned(),
            verified: self.verified(),
        }
    }

    fn verified(&self) -> bool {
        self.published.evidence == Evidence::Official
    }
}

/// The product of some levels.
pub(crate) fn product<'a>(levels: impl IntoIterator<Item = &'a Level>) -> Availability {
    levels.into_iter().fold(Availability(1.0), |sum, level| sum.and(level.share()))
}
