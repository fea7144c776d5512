//! Where a thing is, in the words that commands need: names of clusters, databases, queues and log groups.
//!
//! Names are read from the graph, because the cloud's limits shorten some of them. Where the graph does not
//! say, a command holds a shell variable that tells its reader what to put there; nothing is guessed. It must
//! not know what the commands do.

use std::collections::BTreeMap;

use design::{EnvironmentDesign, ServiceDesign};
use ir::{Address, Node, Stack, Value};
use spec::UseTarget;

use crate::{Context, pipelines};

/// What commands about one part of one environment need.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// The environment.
    pub environment: String,
    /// The service, resource or component.
    pub subject: String,
    application: String,
    region: String,
    automated: bool,
    /// How the name of the security group begins that guards a service which may reach the resource.
    guest: Option<String>,
    /// Region and log group of each web application firewall.
    firewall_logs: Vec<(String, String)>,
    /// By kind.
    names: BTreeMap<String, String>,
    /// By kind and attribute.
    facts: BTreeMap<(&'static str, &'static str), String>,
}

/// Kinds whose names commands use, with the attribute that holds the name.
static NAMED: &[(&str, &str)] = &[
    ("aws_ecs_cluster", "name"),
    ("aws_ecs_service", "name"),
    ("aws_ecs_task_definition", "family"),
    ("aws_cloudwatch_log_group", "name"),
    ("aws_lambda_function", "function_name"),
    ("aws_db_instance", "identifier"),
    ("aws_rds_cluster", "cluster_identifier"),
    ("aws_docdb_cluster", "cluster_identifier"),
    ("aws_elasticache_replication_group", "replication_group_id"),
    ("aws_elasticache_cluster", "cluster_id"),
    ("aws_sqs_queue", "name"),
    ("aws_sns_topic", "name"),
    ("aws_mq_broker", "broker_name"),
    ("aws_msk_cluster", "cluster_name"),
    ("aws_opensearch_domain", "domain_name"),
    ("aws_scheduler_schedule", "name"),
    ("aws_codedeploy_app", "name"),
    ("aws_wafv2_web_acl", "name"),
    ("aws_backup_vault", "name"),
    ("aws_lb", "name"),
    ("aws_lb_target_group", "name"),
    ("aws_db_subnet_group", "name"),
    ("aws_docdb_subnet_group", "name"),
    ("aws_db_parameter_group", "name"),
    ("aws_rds_cluster_parameter_group", "name"),
    ("aws_docdb_cluster_parameter_group", "name"),
    ("aws_rds_cluster_instance", "identifier"),
    ("aws_docdb_cluster_instance", "identifier"),
];

/// What commands need to know besides names.
static FACTS: &[(&str, &str)] = &[
    ("aws_db_instance", "engine"),
    ("aws_db_instance", "instance_class"),
    ("aws_db_instance", "multi_az"),
    ("aws_db_instance", "performance_insights_enabled"),
    ("aws_rds_cluster", "engine"),
    ("aws_rds_cluster_instance", "instance_class"),
    ("aws_rds_cluster_instance", "performance_insights_enabled"),
    ("aws_docdb_cluster_instance", "instance_class"),
    ("aws_s3_bucket", "bucket"),
];

const SERVICE: &str = "service";
const RESOURCE: &str = "resource";

/// Kinds that an environment has one of, whichever component asks.
static SHARED: &[&str] = &["aws_ecs_cluster", "aws_lb", "aws_backup_vault", "aws_wafv2_web_acl"];

/// How AWS wants the name of a firewall's log to begin.
const FIREWALL_LOG: &str = "aws-waf-logs-";

impl Place {
    /// A component of an environment.
    pub fn of_component(context: &Context<'_>, environment: &str, component: &str) -> Self {
        let mut place = Self {
            environment: environment.to_owned(),
            subject: component.to_owned(),
            application: context.blueprint.name.clone(),
            region: context.blueprint.region.clone(),
            automated: (pipelines::TARGET.wanted)(context),
            ..Self::default()
        };
        if let Some(stack) = stack(context, environment) {
            place.region.clone_from(&stack.region);
            let shared = |node: &&Node| SHARED.contains(&node.kind().as_str());
            stack.graph.nodes().filter(shared).for_each(|node| place.learn(node));
            let groups = stack.graph.of_kind("aws_cloudwatch_log_group");
            let logs = groups.filter_map(|node| {
                let name = node.get("name").and_then(Value::text)?;
                let region = node.region.as_ref().unwrap_or(&stack.region);
                name.starts_with(FIREWALL_LOG).then(|| (region.clone(), name))
            });
            place.firewall_logs = logs.collect();
            place.learn_component(stack, component);
        }
        place
    }

    /// A service with what it uses, or a resource with those that use it.
    pub fn of_part(context: &Context<'_>, environment: &EnvironmentDesign, part: &str) -> Self {
        let Some(stack) = stack(context, &environment.name) else {
            return Self::of_component(context, &environment.name, part);
        };
        let service = environment.services.get(part);
        let what = if service.is_some() { SERVICE } else { RESOURCE };
        let mut place = Self::of_component(context, &environment.name, &component(stack, part, what));
        part.clone_into(&mut place.subject);
        for used in service.iter().flat_map(|s| &s.uses).filter(|u| u.target == UseTarget::Resource) {
            place.learn_component(stack, &component(stack, &used.name, RESOURCE));
        }
        if service.is_none() {
            let uses =
                |s: &ServiceDesign| s.uses.iter().any(|u| u.target == UseTarget::Resource && u.name == part);
            // Who takes messages out says more than who puts them in.
            let mut users: Vec<_> = environment.services.iter().filter(|(_, s)| uses(s)).collect();
            users.sort_by_key(|(_, s)| s.load.messages <= 0.0);
            for (name, _) in users {
                let user = component(stack, name, SERVICE);
                place.learn_component(stack, &user);
                place.guest = place.guest.take().or_else(|| guard(stack, &user));
            }
        }
        place
    }

    /// What an alarm watches.
    pub fn of_alarm(context: &Context<'_>, environment: &str, alarm: &Address) -> Self {
        let nothing = || Self::of_component(context, environment, &alarm.component);
        let Some(stack) = stack(context, environment) else { return nothing() };
        let part = context.blueprint.environments.get(environment).and_then(|design| {
            let services = design.services.keys().map(|name| (name, SERVICE));
            let mut parts = services.chain(design.resources.keys().map(|name| (name, RESOURCE)));
            let (name, _) = parts.find(|(name, what)| component(stack, name, what) == alarm.component)?;
            Some(Self::of_part(context, design, name))
        });
        let mut place = part.unwrap_or_else(nothing);
        let Some(node) = stack.graph.get(alarm) else { return place };
        if let Some(region) = &node.region {
            place.region.clone_from(region);
        }
        let watched = node.attrs.values().flat_map(Value::refs).filter_map(|r| stack.graph.get(&r.to));
        // What the alarm points at says more than what else is in its component.
        watched.filter(|n| n.kind().as_str() != "aws_sns_topic").for_each(|n| place.learn_anew(n));
        place
    }

    fn learn_component(&mut self, stack: &Stack, component: &str) {
        let own = stack.graph.nodes().filter(|node| node.address.component == component);
        own.for_each(|node| self.learn(node));
    }

    /// The first name of a kind wins.
    fn learn(&mut self, node: &Node) {
        if !self.names.contains_key(node.kind().as_str()) {
            self.learn_anew(node);
        }
    }

    fn learn_anew(&mut self, node: &Node) {
        let kind = node.kind().as_str();
        let attribute = NAMED.iter().find(|(named, _)| *named == kind).map(|(_, a)| *a);
        if let Some(name) = attribute.and_then(|a| node.get(a)).and_then(Value::text) {
            self.names.insert(kind.to_owned(), name);
        }
        for (known, attribute) in FACTS.iter().filter(|(known, _)| *known == kind) {
            if let Some(value) = node.get(attribute) {
                self.facts.insert((known, attribute), leading(value));
            }
        }
    }

    /// Whether there is a part of a kind.
    pub fn has(&self, kind: &str) -> bool {
        self.names.contains_key(kind)
    }

    /// What the graph says about the part of a kind: up to the first piece that only the cloud knows.
    pub fn fact(&self, kind: &'static str, attribute: &'static str) -> Option<&str> {
        self.facts.get(&(kind, attribute)).map(String::as_str)
    }

    /// How the name of the security group begins that guards a service which may reach the resource.
    pub fn guest(&self) -> Option<&str> {
        self.guest.as_deref()
    }

    /// Region and log group of each web application firewall of the environment.
    pub fn firewall_logs(&self) -> &[(String, String)] {
        &self.firewall_logs
    }

    /// Whether a pipeline delivers, and its scripts and workflows are there.
    pub fn automated(&self) -> bool {
        self.automated
    }

    /// The name of the part of a kind, or a shell variable that says what is missing.
    pub fn name(&self, kind: &str) -> String {
        let missing = || format!("\"${}\"", kind.trim_start_matches("aws_").to_uppercase());
        self.names.get(kind).cloned().unwrap_or_else(missing)
    }

    /// `<application>-<environment>`, how names begin.
    pub fn prefix(&self) -> String {
        format!("{}-{}", self.application, self.environment)
    }

    /// The region it is in.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The group that holds its logs, when the graph says.
    pub fn log_group(&self) -> Option<&str> {
        self.names.get("aws_cloudwatch_log_group").map(String::as_str)
    }

    /// An AWS command in the place's region; where no region is known, in the reader's own. The region comes
    /// first, so that more arguments can follow.
    pub fn aws(&self, command: &str) -> String {
        aws_in(&self.region, command)
    }
}

/// An AWS command in a region; where none is known, in the reader's own.
pub fn aws_in(region: &str, command: &str) -> String {
    if region.is_empty() { format!("aws {command}") } else { format!("aws --region {region} {command}") }
}

/// Roles of the components that services become.
const SERVICE_ROLES: &[&str] = &["service", "function", "site", "task"];

/// The component of a service or resource. It has the same name, unless that was taken: then it says what it is.
fn component(stack: &Stack, name: &str, what: &str) -> String {
    let longer = format!("{name}-{what}");
    let components = &stack.graph.components;
    let right = |role: &str| SERVICE_ROLES.contains(&role) == (what == SERVICE);
    let taken = components.get(name).is_none_or(|c| !right(&c.role));
    if taken && components.contains_key(&longer) { longer } else { name.to_owned() }
}

/// The component that a service became.
pub fn service_component(stack: &Stack, service: &str) -> String {
    component(stack, service, SERVICE)
}

/// The component that a resource became.
pub fn resource_component(stack: &Stack, resource: &str) -> String {
    component(stack, resource, RESOURCE)
}

/// The name of a component's security group, as far as it is known before it is created.
fn guard(stack: &Stack, component: &str) -> Option<String> {
    let mut groups = stack.graph.of_kind("aws_security_group");
    let group = groups.find(|node| node.address.component == component)?;
    group.get("name_prefix").map(leading)
}

/// A text up to the first piece that only the cloud knows, such as the number of the account.
fn leading(value: &Value) -> String {
    match value.known() {
        Value::Template(parts) => parts.iter().map_while(Value::text).collect(),
        _ => value.text().unwrap_or_default(),
    }
}

fn stack<'a>(context: &Context<'a>, environment: &str) -> Option<&'a Stack> {
    context.stacks.iter().find(|s| s.environment && s.name == environment)
}
