//! The providers that roots and modules ask for: which, in what version, set to what, and where state is kept.
//!
//! One row a provider; a root asks for those whose kinds it holds. Who is meant (an account, a project, a
//! subscription) is the environment's to say, as credentials are. Must not know modules' contents.

use std::collections::BTreeSet;

use hcl_edit::expr::Expression;
use hcl_edit::structure::Structure;
use ir::{Address, Stack};

use super::hcl::{self, Piece};

/// Version of Terraform: the first whose S3 backend locks without a table.
const TERRAFORM: &str = ">= 1.10";

/// A provider of Terraform.
pub(crate) struct Provider {
    /// What its kinds begin with.
    pub name: &'static str,
    source: &'static str,
    /// The version that a root takes: the one that the catalogue's schemas come from, so that no run meets another
    /// one than was checked. Hashes of its packages are the registry's to give: the lock file is made at the first setup.
    version: &'static str,
    /// What it is set to for a stack and a region; nothing where its block would be empty.
    settings: fn(&Stack, &str) -> Vec<Structure>,
    /// The backend that keeps state in its cloud.
    backend: Option<Backend>,
}

/// A backend of Terraform.
#[derive(Clone, Copy)]
pub(crate) struct Backend {
    /// Its name.
    pub name: &'static str,
    /// What it is set to, by the place of the stack among others and the region of the bucket.
    settings: fn(folder: Vec<Piece>, region: &str) -> Vec<Structure>,
    /// What only the account knows: the setting, and the environment variable that pipelines keep it in.
    pub named: &'static [(&'static str, &'static str)],
}

const S3: Backend = Backend { name: "s3", settings: s3, named: &[("bucket", "TF_STATE_BUCKET")] };
const AZURE_BLOB: Backend = Backend {
    name: "azurerm",
    settings: blob,
    named: &[
        ("resource_group_name", "TF_STATE_RESOURCE_GROUP"),
        ("storage_account_name", "TF_STATE_STORAGE_ACCOUNT"),
    ],
};
const GCS: Backend = Backend { name: "gcs", settings: gcs, named: &[("bucket", "TF_STATE_BUCKET")] };

/// Where the stacks of an application keep their state.
pub(crate) struct State<'s> {
    /// How.
    pub backend: Backend,
    /// The region of the bucket: the one that the first stack is in.
    region: &'s str,
}

impl<'s> State<'s> {
    /// The state of these stacks: with the first cloud among them.
    pub fn new(stacks: &'s [Stack]) -> Self {
        let addresses = stacks.iter().flat_map(|s| s.graph.nodes()).map(|n| &n.address);
        let backend = of(addresses).iter().find_map(|p| p.backend).unwrap_or(S3);
        Self { backend, region: stacks.first().map_or("", |s| s.region.as_str()) }
    }

    /// The `backend` block of one of them.
    pub fn block(&self, stack: &Stack) -> Structure {
        let folder = Piece::Text(format!("{}{}", application(stack), stack.name));
        hcl::block("backend", &[self.backend.name], self.settings(vec![folder]))
    }

    /// What the backend is set to for what is kept under a folder.
    pub fn settings(&self, folder: Vec<Piece>) -> Vec<Structure> {
        (self.backend.settings)(folder, self.region)
    }
}

/// What the places of a stack's state begin with.
pub(crate) fn application(stack: &Stack) -> String {
    stack.tags.get("Application").map(|a| format!("{a}/")).unwrap_or_default()
}

/// Every provider that is known, the clouds in the order in which one of them is taken to keep state.
static PROVIDERS: &[Provider] = &[
    Provider {
        name: REGIONAL,
        source: "hashicorp/aws",
        version: "5.100.0",
        settings: aws,
        backend: Some(S3),
    },
    Provider {
        name: "azurerm",
        source: "hashicorp/azurerm",
        version: "4.73.0",
        settings: azurerm,
        backend: Some(AZURE_BLOB),
    },
    Provider {
        name: "google",
        source: "hashicorp/google",
        version: "6.50.0",
        settings: google,
        backend: Some(GCS),
    },
    Provider {
        name: "mongodbatlas",
        source: "mongodb/mongodbatlas",
        version: "1.41.1",
        settings: |_, _| Vec::new(),
        backend: None,
    },
];

/// The provider whose kinds may stand in other regions than their stack's, through a second configuration of it.
pub(crate) const REGIONAL: &str = "aws";

/// The providers of some blocks.
pub(crate) fn of<'b>(blocks: impl Iterator<Item = &'b Address>) -> Vec<&'static Provider> {
    let names: BTreeSet<&str> = blocks.filter_map(|block| block.kind.as_str().split('_').next()).collect();
    PROVIDERS.iter().filter(|provider| names.contains(provider.name)).collect()
}

impl Provider {
    /// Whether it is a cloud's, rather than of a service that runs in one.
    pub fn is_cloud(&self) -> bool {
        self.backend.is_some()
    }
}

/// The `provider` block for a region, under an alias when it is not the default one.
pub(crate) fn block(
    provider: &Provider,
    alias: Option<&str>,
    stack: &Stack,
    region: &str,
) -> Option<Structure> {
    let mut body: Vec<Structure> = alias.map(|alias| hcl::attr("alias", alias)).into_iter().collect();
    body.extend((provider.settings)(stack, region));
    (!body.is_empty()).then(|| hcl::block("provider", &[provider.name], body))
}

/// Whether a root takes one version of each provider, or a module allows those that it was written for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pin {
    /// One version.
    Exact,
    /// Every later version with the same major number.
    Range,
}

/// `versions.tf`; a module says which provider aliases it must be given.
pub(crate) fn versions(providers: &[&Provider], pin: Pin, aliases: &[&String]) -> Structure {
    let required = providers.iter().map(|provider| {
        let version = match pin {
            Pin::Exact => provider.version.to_owned(),
            Pin::Range => range(provider.version),
        };
        let mut entry = vec![
            ("source".to_owned(), Expression::from(provider.source)),
            ("version".to_owned(), Expression::from(version)),
        ];
        if provider.name == REGIONAL && !aliases.is_empty() {
            let list = hcl::array(aliases.iter().map(|alias| hcl::path(&[REGIONAL, alias])));
            entry.push(("configuration_aliases".to_owned(), list));
        }
        hcl::attr(provider.name, hcl::object(entry))
    });
    let mut body = vec![hcl::attr("required_version", TERRAFORM)];
    if !providers.is_empty() {
        body.push(hcl::block("required_providers", &[], required.collect()));
    }
    hcl::block("terraform", &[], body)
}

fn range(version: &str) -> String {
    let (minor, _) = version.rsplit_once('.').unwrap_or((version, ""));
    format!("~> {minor}")
}

fn aws(stack: &Stack, region: &str) -> Vec<Structure> {
    let mut body = vec![hcl::attr("region", region)];
    if !stack.tags.is_empty() {
        let tags = hcl::object(stack.tags.iter().map(|(k, v)| (k.clone(), hcl::string(v))));
        body.push(hcl::block("default_tags", &[], vec![hcl::attr("tags", tags)]));
    }
    body
}

/// Storage is reached with the caller's own rights: accounts whose keys are switched off know no other way.
fn azurerm(_: &Stack, _: &str) -> Vec<Structure> {
    vec![hcl::attr("storage_use_azuread", true), hcl::block("features", &[], Vec::new())]
}

fn google(stack: &Stack, region: &str) -> Vec<Structure> {
    let mut body = vec![hcl::attr("region", region)];
    if !stack.tags.is_empty() {
        let labels = stack.tags.iter().map(|(k, v)| (label(k), hcl::string(&label(v))));
        body.push(hcl::attr("default_labels", hcl::object(labels)));
    }
    body
}

/// A tag's key or value as a label of Google Cloud: lower-case letters, digits, `_` and `-`, 63 of them at most.
pub(crate) fn label(text: &str) -> String {
    let allowed = |c: char| c.is_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
    let lower = text.chars().flat_map(char::to_lowercase);
    lower.map(|c| if allowed(c) { c } else { '-' }).take(63).collect()
}

fn s3(folder: Vec<Piece>, region: &str) -> Vec<Structure> {
    vec![
        hcl::attr("key", state_file(folder)),
        hcl::attr("region", region),
        hcl::attr("encrypt", true),
        hcl::attr("use_lockfile", true),
    ]
}

fn blob(folder: Vec<Piece>, _: &str) -> Vec<Structure> {
    vec![
        hcl::attr("container_name", "state"),
        hcl::attr("key", state_file(folder)),
        hcl::attr("use_azuread_auth", true),
    ]
}

fn gcs(folder: Vec<Piece>, _: &str) -> Vec<Structure> {
    vec![hcl::attr("prefix", hcl::template(folder))]
}

fn state_file(mut folder: Vec<Piece>) -> Expression {
    folder.push(Piece::Text("/terraform.tfstate".to_owned()));
    hcl::template(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_take_the_providers_that_the_schemas_come_from() {
        for info in catalog::kinds::all() {
            let name = info.kind.split('_').next().expect("a kind has a provider");
            let known = PROVIDERS.iter().find(|p| p.name == name).unwrap_or_else(|| panic!("{}", info.kind));
            assert_eq!(info.provider, format!("{} {}", known.source, known.version), "{}", info.kind);
        }
    }

    #[test]
    fn any_tag_is_a_label() {
        for (tag, expected) in [("ManagedBy", "managedby"), ("Caf\u{c9} 1/2", "caf\u{e9}-1-2"), ("", "")] {
            assert_eq!(label(tag), expected);
        }
        assert_eq!(label(&"A".repeat(80)).len(), 63);
    }
}
