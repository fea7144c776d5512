//! The environment under construction: what every part of the Google Cloud lowering reads and adds to.
//!
//! Names, inputs and places are made here once, so that all components agree on them. What is in another stack is found
//! by its name, which is made here too. It must not know any service of Google Cloud: what is built is the business of
//! the module that builds it.

use std::collections::BTreeMap;

use catalog::google::{
    compute_global_address, compute_network, compute_subnetwork, data_client_config, data_project,
    dns_managed_zone, network_connectivity_service_connection_policy as connection_policy,
    service_networking_connection as peering,
};
use design::{Blueprint, EnvironmentDesign};
use ir::key::Handle;
use ir::{Diagnostics, Graph, InputDecl, Lifecycle, NodeBuilder, TypedKind, Value};
use spec::Spec;

pub(crate) use crate::inputs::{flag, matching, number, one_of, text};
use crate::names::{component_names, shortened};

/// Components that are not named after a service or resource.
pub(crate) const RESERVED: &[&str] = &["network", "logs", "edge", "monitoring", "budget"];

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
    /// Public services and sites that nothing but plain HTTP reaches.
    pub plain_http: Vec<String>,
    /// Set by the network, which is lowered first.
    pub network: Option<Network>,
    services: BTreeMap<String, String>,
    resources: BTreeMap<String, String>,
    /// Characters of the longest `<application>-<environment>` of the blueprint.
    longest_prefix: usize,
}

/// What the network offers to everything inside it.
#[derive(Clone)]
pub(crate) struct Network {
    /// The network.
    pub network: Handle<compute_network::M>,
    /// Where services and jobs get their addresses.
    pub services: Handle<compute_subnetwork::M>,
    /// Where names of stores are kept.
    pub zone: Handle<dns_managed_zone::M>,
    /// The addresses that databases get, and the connection to where they stand; where there are any.
    pub peering: Option<(Handle<compute_global_address::M>, Handle<peering::M>)>,
    /// Where endpoints of caches stand, and what lets them be placed there; where there are any.
    pub endpoints: Option<(Handle<compute_subnetwork::M>, Handle<connection_policy::M>)>,
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
            plain_http: Vec::new(),
            network: None,
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
        let prefix = self.prefix();
        let words = "Application and environment: begins the name of every resource.";
        self.input(name, "name", text(words), prefix);
        declare_region(&mut self.graph, name, self.blueprint);
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

    /// As [`Env::name`], for names that Google limits to `limit` characters. When the name does not fit in every
    /// environment of the blueprint, it is cut, told apart by a digest, and becomes the input `input`: modules
    /// are shared by environments, so all of them must have the same shape.
    pub fn name_within(&mut self, component: &str, input: &str, suffix: &str, limit: usize) -> Value {
        if self.fits(suffix, limit) {
            return self.name(suffix);
        }
        let full = format!("{}-{suffix}", self.prefix());
        let decl = text(format!("Name of at most {limit} characters, told apart by a digest."));
        self.input(component, input, decl, shortened(&full, limit))
    }

    /// Whether a name fits in every environment without being cut.
    pub fn fits(&self, suffix: &str, limit: usize) -> bool {
        let after = if suffix.is_empty() { 0 } else { suffix.chars().count() + 1 };
        self.longest_prefix + after <= limit
    }

    /// A bucket's name: globally unique through the project's number, at most 63 characters.
    pub fn bucket_name(&mut self, component: &str, suffix: &str) -> Value {
        let name = self.name_within(component, "bucket_prefix", suffix, 63 - 13);
        let number = project_number(&mut self.graph, component);
        crate::names::join([name, "-".into(), number])
    }

    /// The region, over the input that [`Env::component`] declares.
    pub fn region(&self) -> Value {
        declared("region", self.blueprint.region.clone())
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

    /// The project's id, read by the component itself.
    pub fn project(&mut self, component: &str) -> Value {
        project(&mut self.graph, component)
    }

    /// Refuses to destroy what holds data, where every environment asks for it: environments share their modules, and
    /// code cannot refuse a deletion in one of them only.
    pub fn protection(&self) -> Lifecycle {
        let prevent_destroy = self.blueprint.environments.values().all(|e| e.recovery.protect);
        Lifecycle { prevent_destroy, ..Lifecycle::default() }
    }

    /// The input that makes the cloud itself refuse a deletion.
    pub fn deletion_protection(&mut self, component: &str) -> Value {
        let decl = flag("Whether the cloud refuses to delete the store.");
        self.input(component, "deletion_protection", decl, self.design.recovery.protect)
    }
}

/// An input of a component, by a name that the component declares.
pub(crate) fn declared(name: &str, value: String) -> Value {
    Value::Input(Box::new(ir::Input { name: name.into(), value: value.into() }))
}

/// Declares a component's input `region`.
pub(crate) fn declare_region(graph: &mut Graph, component: &str, blueprint: &Blueprint) -> Value {
    let decl =
        matching("Region that it stands in.", "^[a-z]+-[a-z]+[0-9]+$", "a region such as europe-west1");
    graph.input(component, "region", decl, blueprint.region.as_str())
}

/// The project's id, read by the component itself.
pub(crate) fn project(graph: &mut Graph, component: &str) -> Value {
    let purpose = "The project that is deployed to, as the provider knows it";
    current(graph, component, data_client_config::KIND, purpose).get(data_client_config::PROJECT)
}

/// The project's number, which names of Google's own identities are made of.
pub(crate) fn project_number(graph: &mut Graph, component: &str) -> Value {
    described(graph, component).get(data_project::NUMBER)
}

/// The account that pays for the project.
pub(crate) fn billing_account(graph: &mut Graph, component: &str) -> Value {
    described(graph, component).get(data_project::BILLING_ACCOUNT)
}

fn described(graph: &mut Graph, component: &str) -> Handle<data_project::M> {
    current(graph, component, data_project::KIND, "What Google Cloud knows of the project")
}

/// The data source `current` of a kind, added to the component when it is first asked for.
fn current<M>(graph: &mut Graph, component: &str, kind: TypedKind<M>, purpose: &str) -> Handle<M> {
    let builder = NodeBuilder::data(component, kind, "current").purpose(purpose);
    let handle = builder.handle();
    if graph.get(&handle.address).is_none() {
        graph.insert(builder.build());
    }
    handle
}
