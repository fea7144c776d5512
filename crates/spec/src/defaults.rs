//! What every front end assumes when nothing is said, in one place so that they all assume the same.
//!
//! The reasons hold whatever was read, so nothing here may name a file, a sentence or a format.

use indexmap::IndexMap;
use ir::Spanned;

use crate::model::{Assumption, Cloud, Environment, Provider};

/// Staging with a tenth of the load, and production.
pub fn environments(assumptions: &mut Vec<Assumption>) -> IndexMap<String, Environment> {
    assumptions.push(Assumption {
        subject: "environments".into(),
        assumed: "staging at 10% of the load, and production".into(),
        because: "a change is tried somewhere before it reaches users".into(),
    });
    IndexMap::from([("staging".into(), environment(STAGING_SCALE)), ("production".into(), environment(1.0))])
}

/// Share of production's load that a place for testers carries.
pub const STAGING_SCALE: f64 = 0.1;

/// An environment that promises nothing, at a share of the load.
#[must_use]
pub fn environment(scale: f64) -> Environment {
    Environment {
        scale: Spanned::bare(scale),
        availability: None,
        rto: None,
        rpo: None,
        approvers: Vec::new(),
        span: None,
    }
}

/// The region assumed on a cloud, in western Europe on each.
#[must_use]
pub fn region(provider: Provider) -> &'static str {
    match provider {
        Provider::Aws | Provider::Any => "eu-west-1",
        Provider::Azure => "westeurope",
        Provider::Gcp => "europe-west1",
    }
}

/// AWS, and the cloud's home region, unless said otherwise.
pub fn cloud(
    provider: Option<Spanned<Provider>>,
    regions: Vec<Spanned<String>>,
    assumptions: &mut Vec<Assumption>,
) -> Cloud {
    let provider = provider.unwrap_or_else(|| {
        assumptions.push(Assumption {
            subject: "cloud.provider".into(),
            assumed: "aws".into(),
            because: "no cloud was named".into(),
        });
        Spanned::bare(Provider::Aws)
    });
    let regions = if regions.is_empty() {
        let region = region(*provider);
        assumptions.push(Assumption {
            subject: "cloud.regions".into(),
            assumed: format!("[{region}]"),
            because:
                "no region was named; set it to the one nearest to the users, or where the data must stay"
                    .into(),
        });
        vec![Spanned::bare(region.to_owned())]
    } else {
        regions
    };
    Cloud { provider, regions }
}
