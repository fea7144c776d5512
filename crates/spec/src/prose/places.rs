//! Names of places and regions, and what each cloud calls the region there.
//!
//! Identifiers are the clouds' own, from their public region lists; a place where a cloud has no region has no
//! identifier, and the reader says so instead of taking a neighbour.

use crate::model::Provider;

/// A place with the identifiers of AWS, Azure and Google Cloud.
pub(super) struct Place {
    /// What people call it, lower case.
    pub names: &'static [&'static str],
    aws: &'static str,
    azure: &'static str,
    gcp: &'static str,
}

impl Place {
    /// The region's identifier, when the cloud has one there. `any` is asked for by AWS's name.
    pub fn region(&self, provider: Provider) -> Option<&'static str> {
        let id = match provider {
            Provider::Aws | Provider::Any => self.aws,
            Provider::Azure => self.azure,
            Provider::Gcp => self.gcp,
        };
        (!id.is_empty()).then_some(id)
    }

    /// Which cloud calls its region by this identifier.
    fn owner(&self, id: &str) -> Option<Provider> {
        [(Provider::Aws, self.aws), (Provider::Azure, self.azure), (Provider::Gcp, self.gcp)]
            .into_iter()
            .find(|(_, i)| !id.is_empty() && *i == id)
            .map(|(p, _)| p)
    }
}

/// Which cloud a region identifier belongs to.
pub(super) fn owner(id: &str) -> Option<(Provider, &'static Place)> {
    PLACES.iter().find_map(|p| p.owner(id).map(|o| (o, p)))
}

/// A place with several regions in it.
pub(super) struct Area {
    /// What people call it, lower case.
    pub names: &'static [&'static str],
    /// The name of the place in it that is taken when the text says no more.
    pub place: &'static str,
}

/// Every area.
pub(super) static WIDE: &[Area] = &[
    Area { names: &["europe", "eu", "european union", "eea"], place: "ireland" },
    Area { names: &["us", "usa", "u.s", "united states", "america", "north america"], place: "virginia" },
    Area { names: &["asia", "apac"], place: "singapore" },
];

/// Every place.
pub(super) static PLACES: &[Place] = &[
    Place { names: &["ireland", "dublin"], aws: "eu-west-1", azure: "northeurope", gcp: "" },
    Place {
        names: &["frankfurt", "germany"],
        aws: "eu-central-1",
        azure: "germanywestcentral",
        gcp: "europe-west3",
    },
    Place { names: &["london", "uk", "england"], aws: "eu-west-2", azure: "uksouth", gcp: "europe-west2" },
    Place { names: &["paris", "france"], aws: "eu-west-3", azure: "francecentral", gcp: "europe-west9" },
    Place {
        names: &["stockholm", "sweden"],
        aws: "eu-north-1",
        azure: "swedencentral",
        gcp: "europe-north2",
    },
    Place {
        names: &["zurich", "switzerland"],
        aws: "eu-central-2",
        azure: "switzerlandnorth",
        gcp: "europe-west6",
    },
    Place { names: &["milan", "italy"], aws: "eu-south-1", azure: "italynorth", gcp: "europe-west8" },
    Place { names: &["madrid", "spain"], aws: "eu-south-2", azure: "spaincentral", gcp: "europe-southwest1" },
    Place { names: &["warsaw", "poland"], aws: "", azure: "polandcentral", gcp: "europe-central2" },
    Place { names: &["netherlands", "amsterdam"], aws: "", azure: "westeurope", gcp: "europe-west4" },
    Place { names: &["belgium"], aws: "", azure: "", gcp: "europe-west1" },
    Place { names: &["virginia", "us-east"], aws: "us-east-1", azure: "eastus", gcp: "us-east4" },
    Place { names: &["ohio"], aws: "us-east-2", azure: "", gcp: "us-east5" },
    Place { names: &["oregon", "us-west"], aws: "us-west-2", azure: "", gcp: "us-west1" },
    Place { names: &["california"], aws: "us-west-1", azure: "westus", gcp: "us-west2" },
    Place { names: &["iowa"], aws: "", azure: "centralus", gcp: "us-central1" },
    Place { names: &["montreal", "canada"], aws: "ca-central-1", azure: "", gcp: "northamerica-northeast1" },
    Place { names: &["toronto"], aws: "", azure: "canadacentral", gcp: "northamerica-northeast2" },
    Place { names: &["tokyo", "japan"], aws: "ap-northeast-1", azure: "japaneast", gcp: "asia-northeast1" },
    Place {
        names: &["seoul", "korea"],
        aws: "ap-northeast-2",
        azure: "koreacentral",
        gcp: "asia-northeast3",
    },
    Place { names: &["singapore"], aws: "ap-southeast-1", azure: "southeastasia", gcp: "asia-southeast1" },
    Place {
        names: &["sydney", "australia"],
        aws: "ap-southeast-2",
        azure: "australiaeast",
        gcp: "australia-southeast1",
    },
    Place { names: &["mumbai", "india"], aws: "ap-south-1", azure: "westindia", gcp: "asia-south1" },
    Place { names: &["hong kong"], aws: "ap-east-1", azure: "eastasia", gcp: "asia-east2" },
    Place {
        names: &["sao paulo", "são paulo", "brazil"],
        aws: "sa-east-1",
        azure: "brazilsouth",
        gcp: "southamerica-east1",
    },
];
