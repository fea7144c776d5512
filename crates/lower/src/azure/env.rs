//! The environment under construction: what every part of the Azure lowering reads and adds to.
//!
//! Names, inputs and places are made here once, so that all components agree on them. What is in another stack is found
//! by its name, which is made here too. It must not know any service of Azure: what is built is the business of the
//! module that builds it.

use std::collections::BTreeMap;

use catalog::azurerm::{
    cdn_frontdoor_profile, container_app_environment, data_client_config, log_analytics_workspace,
    management_lock, servicebus_namespace, subnet,
};
use design::{Blueprint, EnvironmentDesign};
use ir::key::Handle;
use ir::{Diagnostics, Graph, InputDecl, Lifecycle, NodeBuilder, Value};
use spec::Spec;

pub(crate) use crate::inputs::{flag, matching, number, one_of, text};
use crate::names::{component_names, digest, shortened};

/// Components that are not named after a service or resource.
pub(crate) const RESERVED: &[&str] = &["network", "logs", "cluster", "bus", "edge", "monitoring", "budget"];

/// One environment while it is lowered.
pub(crate) struct Env<'a> {
    /// What was asked.
    pub spec: &'a Spec,
    /// What was chosen.
    pub blueprint: &'a Blueprint,
    /// What was chosen for this environment.
    pub design: &'a EnvironmentDesign,
    /// The graph so far.
    pub graph: Graph,
    /// What there is to say.
    pub diagnostics: Diagnostics,
    /// Set by the network, which is lowered first.
    pub network: Option<Network>,
    /// Where logs are kept; set right after the network.
    pub workspace: Option<Handle<log_analytics_workspace::M>>,
    /// What says where telemetry goes, where any is collected.
    pub telemetry: Option<Value>,
    /// The namespace of queues and topics, made for the first of them.
    pub bus: Option<Handle<servicebus_namespace::M>>,
    /// Where containers run; set before services are lowered, where any are.
    pub cluster: Option<Handle<container_app_environment::M>>,
    /// Content delivery; set when the first part of it is made.
    pub front_door: Option<Handle<cdn_frontdoor_profile::M>>,
    services: BTreeMap<String, String>,
    resources: BTreeMap<String, String>,
    /// Characters of the longest `<application>-<environment>` of the blueprint.
    longest_prefix: usize,
}

/// What the network offers to everything inside it.
#[derive(Clone)]
pub(crate) struct Network {
    /// Where containers run.
    pub apps: Handle<subnet::M>,
    /// Where private endpoints stand, where there are any.
    pub endpoints: Option<Handle<subnet::M>>,
    /// Where servers of PostgreSQL stand, where there are any.
    pub postgres: Option<Handle<subnet::M>>,
    /// Where servers of MySQL stand, where there are any.
    pub mysql: Option<Handle<subnet::M>>,
    /// Names of the private zones that the network resolves, by what stands in them.
    pub zones: BTreeMap<&'static str, Value>,
}

impl<'a> Env<'a> {
    /// An environment with nothing in it.
    pub fn new(spec: &'a Spec, blueprint: &'a Blueprint, design: &'a EnvironmentDesign) -> Self {
        let prefix = |e: &EnvironmentDesign| blueprint.name.chars().count() + 1 + e.name.chars().count();
        let (services, resources) = component_names(blueprint, RESERVED);
        Self {
            spec,
            blueprint,
            design,
            graph: Graph::new(),
            diagnostics: Diagnostics::new(),
            network: None,
            workspace: None,
            telemetry: None,
            bus: None,
            cluster: None,
            front_door: None,
            services,
            resources,
            longest_prefix: blueprint.environments.values().map(prefix).max().unwrap_or(0),
        }
    }

    /// `<application>-<environment>`.
    pub fn prefix(&self) -> String {
        format!("{}-{}", self.blueprint.name, self.design.name)
    }

    /// Declares a component with the inputs that all have; a second call with the same name changes nothing of weight.
    pub fn component(&mut self, name: &str, role: &str, description: impl Into<String>) {
        self.graph.component(name, role, description);
        let (prefix, group) = (self.prefix(), group_name(self.blueprint, &self.design.name));
        let words = "Application and environment: begins the name of every resource.";
        self.input(name, "name", text(words), prefix);
        self.input(name, "resource_group", text("Resource group that it stands in."), group);
        let decl = matching("Region that it stands in.", "^[a-z0-9]+$", "a region such as westeurope");
        self.input(name, "location", decl, self.blueprint.region.as_str());
    }

    /// The component of a service.
    pub fn service_component(&self, service: &str) -> String {
        self.services.get(service).cloned().unwrap_or_else(|| service.to_owned())
    }

    /// The component of a resource.
    pub fn resource_component(&self, resource: &str) -> String {
        self.resources.get(resource).cloned().unwrap_or_else(|| resource.to_owned())
    }

    /// `<application>-<environment>-<suffix>`, or without the suffix when it is empty, over the input `name`
    /// that [`Env::component`] declares.
    pub fn name(&self, suffix: &str) -> Value {
        let input = declared("name", self.prefix());
        if suffix.is_empty() { input } else { Value::Template(vec![input, format!("-{suffix}").into()]) }
    }

    /// As [`Env::name`], for names that Azure limits to `limit` characters. When the name does not fit in every
    /// environment of the blueprint, it is cut, told apart by a digest, and becomes the input `input`: modules
    /// are shared by environments, so all of them must have the same shape.
    pub fn name_within(&mut self, component: &str, input: &str, suffix: &str, limit: usize) -> Value {
        let after = if suffix.is_empty() { 0 } else { suffix.chars().count() + 1 };
        if self.longest_prefix + after <= limit {
            return self.name(suffix);
        }
        let full = format!("{}-{suffix}", self.prefix());
        let decl = text(format!("Name of at most {limit} characters, told apart by a digest."));
        self.input(component, input, decl, shortened(&full, limit))
    }

    /// A name that nobody else in all of Azure has, as the input `input` of a component.
    pub fn global_name(&mut self, component: &str, input: &str, suffix: &str, letters: Letters) -> Value {
        let full = format!("{}-{suffix}", self.prefix());
        let decl = text("Name that nobody else in all of Azure may have.");
        self.input(component, input, decl, unique(self.blueprint, &full, letters))
    }

    /// The resource group, over the input that [`Env::component`] declares.
    pub fn group(&self) -> Value {
        declared("resource_group", group_name(self.blueprint, &self.design.name))
    }

    /// The region, over the input that [`Env::component`] declares.
    pub fn location(&self) -> Value {
        declared("location", self.blueprint.region.clone())
    }

    /// The id of the environment's resource group.
    pub fn group_id(&mut self, component: &str) -> Value {
        let subscription = subscription(&mut self.graph, component);
        crate::names::join([subscription, "/resourceGroups/".into(), self.group()])
    }

    /// The id of the private zone that names of a sort stand in. Its name is told by what ties it to the network, so
    /// that whatever needs the zone waits until the network resolves it.
    pub fn zone_id(&mut self, component: &str, sort: &str) -> Value {
        let name =
            self.network().zones.get(sort).cloned().expect("a zone is made for every sort that there is");
        let group = self.group_id(component);
        crate::names::join([group, "/providers/Microsoft.Network/privateDnsZones/".into(), name])
    }

    /// Declares an input of a component and returns the value that stands for it.
    pub fn input(&mut self, component: &str, name: &str, decl: InputDecl, value: impl Into<Value>) -> Value {
        self.graph.input(component, name, decl, value)
    }

    /// Adds a node.
    pub fn add<M>(&mut self, builder: NodeBuilder<M>) -> Handle<M> {
        self.graph.add(builder)
    }

    /// The network. It is lowered before everything that asks.
    pub fn network(&self) -> Network {
        self.network.clone().expect("the network is lowered first")
    }

    /// The workspace of logs, which is lowered right after the network.
    pub fn workspace_id(&self) -> Value {
        let workspace = self.workspace.as_ref().expect("logs are lowered right after the network");
        workspace.get(log_analytics_workspace::ID)
    }

    /// Has Azure itself refuse to delete what holds data, and with it the backups, where the design protects it. Who
    /// deploys may set the lock and not take it away.
    pub fn lock(&mut self, component: &str, resource: &str, id: Value) {
        if !self.design.recovery.protect {
            return;
        }
        self.add(
            NodeBuilder::new(component, management_lock::KIND, "this")
                .set(management_lock::NAME, "keep")
                .set(management_lock::SCOPE, id)
                .set(management_lock::LOCK_LEVEL, "CanNotDelete")
                .set(management_lock::NOTES, "Holds data: take the lock away by hand before deleting it")
                .purpose(format!("Refuses to delete {resource}")),
        );
    }

    /// Refuses to destroy what holds data, where every environment asks for it: environments share their modules, and
    /// code cannot refuse a deletion in one of them only.
    pub fn protection(&self) -> Lifecycle {
        let prevent_destroy = self.blueprint.environments.values().all(|e| e.recovery.protect);
        Lifecycle { prevent_destroy, ..Lifecycle::default() }
    }

    /// Whether copies are asked for in the one region that Azure copies to.
    pub fn copied_to_pair(&self) -> bool {
        let pair = catalog::regions::region(&self.blueprint.region).and_then(|r| r.pair.as_deref());
        let asked = self.design.recovery.copy_region.as_deref();
        asked.is_some() && asked == pair
    }

    /// Whether the environment stands in more than one zone.
    pub fn zonal(&self) -> bool {
        self.design.network.zones > 1
    }
}

fn declared(name: &str, value: String) -> Value {
    Value::Input(Box::new(ir::Input { name: name.into(), value: value.into() }))
}

/// Which letters a name may have.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Letters {
    /// Lower-case letters and digits, at most 24, as storage accounts want them.
    Plain,
    /// Also dashes, at most so many.
    Dashed(usize),
}

/// A name that nobody else has: its end is a digest of the application and its owner, so that two applications of one
/// name do not meet.
pub(crate) fn unique(blueprint: &Blueprint, full: &str, letters: Letters) -> String {
    let owner = blueprint.owner.as_deref().unwrap_or_default();
    let end = format!("{:06x}", digest(&format!("{owner}/{}/{full}", blueprint.name)) & 0x00ff_ffff);
    match letters {
        Letters::Plain => {
            let plain = full.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase());
            plain.take(24 - end.len()).chain(end.chars()).collect()
        }
        Letters::Dashed(limit) => {
            let kept: String = full.chars().take(limit - end.len() - 1).collect();
            format!("{}-{end}", kept.trim_end_matches('-'))
        }
    }
}

/// The resource group of a stack.
pub(crate) fn group_name(blueprint: &Blueprint, stack: &str) -> String {
    format!("rg-{}-{stack}", blueprint.name)
}

/// `/subscriptions/<id>` of the subscription that is deployed to, read by the component itself.
pub(crate) fn subscription(graph: &mut Graph, component: &str) -> Value {
    let id = client(graph, component).get(data_client_config::SUBSCRIPTION_ID);
    Value::Template(vec!["/subscriptions/".into(), id])
}

/// Who deploys and where, added to the component when it is first asked for.
pub(crate) fn client(graph: &mut Graph, component: &str) -> Handle<data_client_config::M> {
    let builder = NodeBuilder::data(component, data_client_config::KIND, "current")
        .purpose("The tenant and subscription that are deployed to");
    let handle = builder.handle();
    if graph.get(&handle.address).is_none() {
        graph.insert(builder.build());
    }
    handle
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned_by(owner: &str) -> Blueprint {
        Blueprint {
            name: "shop".into(),
            owner: Some(owner.into()),
            provider: spec::Provider::Azure,
            region: "westeurope".into(),
            environments: indexmap::IndexMap::new(),
            decisions: Vec::new(),
            budget: None,
            images: Vec::new(),
            shared: ir::Usd(0.0),
            clouds: Vec::new(),
        }
    }

    #[test]
    fn names_for_all_of_azure_fit_and_differ_by_owner() {
        let (one, other) = (owned_by("a@shop.example"), owned_by("b@shop.example"));
        for full in
            ["shop-production-uploads", "x", "a-very-long-application-production-and-its-bucket", "größe"]
        {
            let plain = unique(&one, full, Letters::Plain);
            assert!(plain.len() <= 24 && plain.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()));
            let dashed = unique(&one, full, Letters::Dashed(24));
            assert!(dashed.chars().count() <= 24 && !dashed.contains("--"), "{dashed}");
            assert_ne!(unique(&other, full, Letters::Plain), plain);
        }
    }
}
