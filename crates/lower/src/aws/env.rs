//! The environment under construction: what every part of the AWS lowering reads and adds to.
//!
//! Names, inputs, permissions and the data sources that each component needs are made here once, so that all
//! components agree on them. It must not know any service of AWS beyond those: what is built is the business
//! of the module that builds it.

use std::collections::BTreeMap;

use catalog::aws::{
    cloudwatch_log_group, data_caller_identity, data_partition, data_region, kms_key, prometheus_workspace,
    security_group, service_discovery_private_dns_namespace, subnet, vpc,
};
use design::usage::Log;
use design::{Blueprint, EnvironmentDesign};
use ir::key::Handle;
use ir::{Diagnostics, Graph, InputDecl, InputType, NodeBuilder, TypedKind, Validation, Value};
use spec::Spec;

use crate::inputs::decl;
pub(crate) use crate::inputs::{flag, matching, number, one_of, text};
use crate::names::{component_names, shortened};

/// Components that are not named after a service or resource.
pub(crate) const RESERVED: &[&str] = &[
    "network",
    "keys",
    "secrets",
    "cluster",
    "edge",
    "backup",
    "monitoring",
    "budget",
    "logs",
    "cdn",
    "telemetry",
];

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
    /// Public services that nothing but plain HTTP reaches.
    pub plain_http: Vec<String>,
    /// Set by the network, which is lowered first.
    pub network: Option<Network>,
    /// The environment's key, set right after the network.
    pub kms: Option<Handle<kms_key::M>>,
    /// Where metrics of services are kept; set before services are lowered, where any are collected.
    pub telemetry: Option<Handle<prometheus_workspace::M>>,
    services: BTreeMap<String, String>,
    resources: BTreeMap<String, String>,
    /// Characters of the longest `<application>-<environment>` of the blueprint.
    longest_prefix: usize,
}

/// What the network offers to everything inside it.
#[derive(Clone)]
pub(crate) struct Network {
    /// The VPC.
    pub vpc: Handle<vpc::M>,
    /// Subnets with a route to the internet, one a zone.
    pub public: Vec<Handle<subnet::M>>,
    /// Subnets that reach the internet through NAT, one a zone.
    pub private: Vec<Handle<subnet::M>>,
    /// Subnets with no way out, one a zone: data stores live here.
    pub data: Vec<Handle<subnet::M>>,
    /// Where services and stores get names.
    pub namespace: Handle<service_discovery_private_dns_namespace::M>,
    /// Guards the interface endpoints; `None` without any.
    pub endpoints: Option<Handle<security_group::M>>,
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
            kms: None,
            telemetry: None,
            services,
            resources,
            longest_prefix: blueprint.environments.values().map(prefix).max().unwrap_or(0),
        }
    }

    /// `<application>-<environment>`.
    pub fn prefix(&self) -> String {
        format!("{}-{}", self.blueprint.name, self.design.name)
    }

    /// Declares a component with its `name` input; a second call with the same name changes nothing of weight.
    pub fn component(&mut self, name: &str, role: &str, description: impl Into<String>) {
        self.graph.component(name, role, description);
        let prefix = self.prefix();
        self.input(
            name,
            "name",
            text("Application and environment: begins the name of every resource."),
            prefix,
        );
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
        let input = Value::Input(Box::new(ir::Input { name: "name".into(), value: self.prefix().into() }));
        if suffix.is_empty() { input } else { Value::Template(vec![input, format!("-{suffix}").into()]) }
    }

    /// As [`Env::name`], for names that AWS limits to `limit` characters. When the name does not fit in every
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

    /// A bucket's name: globally unique through the account's number, at most 63 characters.
    pub fn bucket_name(&mut self, component: &str, suffix: &str) -> Value {
        let name = self.name_within(component, "bucket_prefix", suffix, 63 - 13);
        let account = self.account(component);
        Value::Template(vec![name, "-".into(), account])
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

    /// The ARN of the environment's key, which is lowered right after the network.
    pub fn key_arn(&self) -> Value {
        self.kms.as_ref().expect("keys are lowered right after the network").get(kms_key::ARN)
    }

    /// The account's number, read by the component itself.
    pub fn account(&mut self, component: &str) -> Value {
        account(&mut self.graph, component)
    }

    /// The partition, such as `aws`, read by the component itself.
    pub fn partition(&mut self, component: &str) -> Value {
        partition(&mut self.graph, component)
    }

    /// The region's name, read by the component itself.
    pub fn region(&mut self, component: &str) -> Value {
        region(&mut self.graph, component)
    }

    /// `arn:<partition>:<service>:<region>:<account>:<rest>`.
    pub fn arn<V: Into<Value>>(
        &mut self,
        component: &str,
        service: &str,
        rest: impl IntoIterator<Item = V>,
    ) -> Value {
        arn(&mut self.graph, component, service, rest)
    }

    /// The name of the private DNS namespace, `<application>-<environment>.internal`.
    pub fn namespace_name(&self) -> Value {
        self.network().namespace.get(service_discovery_private_dns_namespace::NAME)
    }

    /// A log group encrypted with the environment's key; retention is the component's input `log_days`.
    pub fn log_group(
        &mut self,
        component: &str,
        name: &str,
        log_name: Value,
        purpose: &str,
        log: Log,
    ) -> Handle<cloudwatch_log_group::M> {
        let key = self.key_arn();
        let builder = self.log_group_builder(component, name, log_name, purpose, log);
        self.add(builder.set(cloudwatch_log_group::KMS_KEY_ID, key))
    }

    /// A log group in another region, where the environment's key is not: CloudWatch's own key encrypts it.
    pub fn log_group_in(
        &mut self,
        component: &str,
        name: &str,
        log_name: Value,
        purpose: &str,
        log: Log,
        region: &str,
    ) -> Handle<cloudwatch_log_group::M> {
        let builder = self.log_group_builder(component, name, log_name, purpose, log);
        self.add(builder.region(region))
    }

    fn log_group_builder(
        &mut self,
        component: &str,
        name: &str,
        log_name: Value,
        purpose: &str,
        log: Log,
    ) -> NodeBuilder<cloudwatch_log_group::M> {
        let days = self.input(component, "log_days", log_days(), self.design.log_days);
        NodeBuilder::new(component, cloudwatch_log_group::KIND, name)
            .set(cloudwatch_log_group::NAME, log_name)
            .set(cloudwatch_log_group::RETENTION_IN_DAYS, days)
            .usage("ingest_gib", log.written_gib)
            .usage("storage_gib", log.kept_gib)
            .purpose(purpose)
    }
}

/// A list of the ids of subnets.
pub(crate) fn subnet_ids(subnets: &[Handle<subnet::M>]) -> Value {
    Value::List(subnets.iter().map(|s| s.get(subnet::ID)).collect())
}

/// Retention of logs. CloudWatch accepts only these numbers of days.
fn log_days() -> InputDecl {
    const DAYS: &[&str] = &[
        "1", "3", "5", "7", "14", "30", "60", "90", "120", "150", "180", "365", "400", "545", "731", "1096",
        "1827", "2192", "2557", "2922", "3288", "3653",
    ];
    let validation = Validation::OneOf(DAYS.iter().map(|d| (*d).to_owned()).collect());
    decl(InputType::Number, "Days that logs are kept.", Some(validation))
}

/// The account's number, read by the component itself.
pub(crate) fn account(graph: &mut Graph, component: &str) -> Value {
    current(graph, component, data_caller_identity::KIND, "The account that is deployed to")
        .get(data_caller_identity::ACCOUNT_ID)
}

/// The partition, such as `aws`, read by the component itself.
pub(crate) fn partition(graph: &mut Graph, component: &str) -> Value {
    current(graph, component, data_partition::KIND, "The partition that ARNs begin with")
        .get(data_partition::PARTITION)
}

/// The region's name, read by the component itself.
pub(crate) fn region(graph: &mut Graph, component: &str) -> Value {
    current(graph, component, data_region::KIND, "The region that is deployed to").get(data_region::NAME)
}

/// `arn:<partition>:<service>:<region>:<account>:<rest>`.
pub(crate) fn arn<V: Into<Value>>(
    graph: &mut Graph,
    component: &str,
    service: &str,
    rest: impl IntoIterator<Item = V>,
) -> Value {
    let mut parts = vec![
        "arn:".into(),
        partition(graph, component),
        format!(":{service}:").into(),
        region(graph, component),
        ":".into(),
        account(graph, component),
        ":".into(),
    ];
    parts.extend(rest.into_iter().map(Into::into));
    Value::Template(parts)
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
