//! What every front end assumes when nothing is said, in one place so that they all assume the same.

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
    let environment = |scale| Environment {
        scale: Spanned::bare(scale),
        availability: None,
        rto: None,
        rpo: None,
        approvers: Vec::new(),
        span: None,
    };
    IndexMap::from([("staging".into(), environment(0.1)), ("production".into(), environment(1.0))])
}

/// The region assumed on AWS.
pub const REGION: &str = "eu-west-1";

/// AWS in Ireland, unless said otherwise.
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
        assumptions.push(Assumption {
            subject: "cloud.regions".into(),
            assumed: format!("[{REGION}]"),
            because:
                "no region was named; set it to the one nearest to the users, or where the data must stay"
                    .into(),
        });
        vec![Spanned::bare(REGION.to_owned())]
    } else {
        regions
    };
    Cloud { provider, regions }
}
