//! One environment from end to end: every topic in its order.
//!
//! Services first, because their load is what the resources see; then the floors of availability; then the
//! resources; then what surrounds them. The environment's cost is the sum of its decisions' costs: each dollar
//! belongs to exactly one decision.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use indexmap::IndexMap;
use ir::{Diagnostics, Usd};
use spec::{Spec, UseTarget};

use crate::blueprint::{Blueprint, Decision, Door, EnvironmentDesign, MonitoringDesign, NetworkDesign};
use crate::context::{Context, Preferences};
use crate::{
    availability, cloud, databases, load, network, operations, recovery, resources, routing, services,
    telemetry,
};

/// Days that logs are kept, where people depend on the environment and elsewhere.
const LOG_DAYS: (u32, u32) = (90, 14);

/// Designs the environment at a place of the spec's list. `None` when something has no feasible choice, which the
/// diagnostics say.
pub(crate) fn design(
    drafts: &Drafts<'_>,
    index: usize,
    preferences: Preferences,
    diagnostics: &mut Diagnostics,
) -> Option<(EnvironmentDesign, Vec<Decision>)> {
    let ctx = context(drafts.spec, index, preferences)?;
    let draft = drafts.draft(index, ctx.clone());
    let (mut design, mut decisions) = (draft.design.clone(), draft.decisions.clone());
    decisions.extend((ctx.cloud.edge)(&ctx, &mut design));
    decisions.extend(telemetry::design(&ctx, &mut design));
    decisions.extend(operations::design(&ctx, &design));
    design.monthly = decisions.iter().filter_map(|d| d.monthly).sum();
    diagnostics.extend(draft.said.clone());
    draft.complete.then_some((design, decisions))
}

/// Designs all environments of a spec, holding some things fixed.
pub(crate) type Designer = fn(&Drafts<'_>, Preferences) -> (Option<Blueprint>, Diagnostics);

/// A spec, and what was made for it before: a search that changes one preference does not choose again what the
/// preference has no say in.
pub(crate) struct Drafts<'s> {
    /// What is asked.
    pub spec: &'s Spec,
    made: RefCell<Vec<(usize, Preferences, Rc<Draft>)>>,
}

/// An environment without its edge: everything that the edge's preferences have no say in.
struct Draft {
    design: EnvironmentDesign,
    decisions: Vec<Decision>,
    said: Diagnostics,
    complete: bool,
}

impl<'s> Drafts<'s> {
    /// Nothing made yet.
    pub fn new(spec: &'s Spec) -> Self {
        Self { spec, made: RefCell::default() }
    }

    fn draft(&self, index: usize, ctx: Context<'_>) -> Rc<Draft> {
        let key = Preferences {
            products_differ: false,
            open_balancer: false,
            without_firewall: false,
            ..ctx.preferences.clone()
        };
        let before = |(i, p, _): &&(usize, Preferences, Rc<Draft>)| *i == index && *p == key;
        if let Some((.., draft)) = self.made.borrow().iter().find(before) {
            return Rc::clone(draft);
        }
        let draft = Rc::new(draft(index, ctx));
        self.made.borrow_mut().push((index, key, Rc::clone(&draft)));
        draft
    }
}

/// Everything but the its telemetry and its bookkeeping.
fn draft(index: usize, mut ctx: Context<'_>) -> Draft {
    let spec = ctx.spec;
    let mut said = recovery::check(&ctx);
    let mut decisions = Vec::new();

    let mut public = routing::routes(spec);
    let mut designed = IndexMap::new();
    for (name, service) in &spec.services {
        if let Some((design, decision)) =
            services::design(&ctx, name, service, public.remove(name.as_str()), &mut said)
        {
            ctx.computes.insert(name, design.compute.clone());
            designed.insert(name.clone(), design);
            decisions.push(decision);
        }
    }

    said.extend(databases::check(&ctx));
    let mut prepared = resources::prepare(&ctx);
    let paths = availability::paths(&ctx, &designed);
    let floors = availability::floors(&ctx, &paths, &prepared, &mut said);
    let mut chosen = IndexMap::new();
    let mut levels = BTreeMap::new();
    for (name, resource) in &spec.resources {
        let Some(candidates) = prepared.remove(name.as_str()) else { continue };
        let floor = floors.get(name.as_str()).copied();
        if let Some(found) = resources::choose(&ctx, name, resource, candidates, floor, &mut said) {
            chosen.insert(name.clone(), found.design);
            decisions.push(found.decision);
            levels.extend(found.uptime.map(|level| (name.as_str(), level)));
        }
    }
    let complete = designed.len() == spec.services.len() && chosen.len() == spec.resources.len();
    let (composed, decision) = availability::compose(&ctx, &paths, &levels, &mut said);
    decisions.push(decision);

    let egress = network::egress(&ctx);
    let endpoints = network::endpoints(&ctx);
    let (recovery, backups) = recovery::design(&ctx, &chosen);
    decisions.extend(services::interruptible(&ctx, designed.values()));
    decisions.push(egress.decision);
    let endpoints = endpoints.map(|taken| {
        decisions.push(taken.decision);
        taken.value
    });
    decisions.push(backups);
    let design = EnvironmentDesign {
        name: ctx.name.to_owned(),
        critical: ctx.critical,
        approvers: ctx.environment.approvers.iter().map(|a| a.value.clone()).collect(),
        network: NetworkDesign {
            cidr: network::cidr(index, spec.environments.len()),
            zones: ctx.zones(),
            egress: egress.value,
            endpoints: endpoints.unwrap_or_default(),
            door: Door::LoadBalancer,
            firewall: false,
            site_firewall: false,
            behind_sites: false,
        },
        services: designed,
        resources: chosen,
        recovery,
        availability: composed,
        log_days: if ctx.critical { LOG_DAYS.0 } else { LOG_DAYS.1 },
        // Both are paid by the month and looked at by people.
        monitoring: MonitoringDesign { task_metrics: ctx.critical, dashboard: ctx.critical },
        telemetry: None,
        monthly: Usd(0.0),
        budget: None,
    };
    Draft { design, decisions, said, complete }
}

fn context(spec: &Spec, index: usize, preferences: Preferences) -> Option<Context<'_>> {
    let (name, environment) = spec.environments.get_index(index)?;
    let mut readers: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut users: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (service_name, service) in &spec.services {
        for queue in load::queues(spec, service) {
            readers.entry(queue).or_default().push(service_name);
        }
        for used in service.uses.iter().filter(|u| u.target != UseTarget::Secret) {
            users.entry(&used.name).or_default().push(service_name);
        }
    }
    Some(Context {
        spec,
        name,
        cloud: cloud::of(spec.cloud.provider.value),
        environment,
        critical: is_critical(spec, index),
        region: spec.cloud.regions.first().map_or("", |r| r.value.as_str()),
        preferences,
        loads: load::loads(spec, environment),
        readers,
        users,
        computes: BTreeMap::new(),
    })
}

/// Whether people depend on the environment at a place of the spec's list.
pub(crate) fn is_critical(spec: &Spec, index: usize) -> bool {
    let last = index + 1 == spec.environments.len();
    spec.environments.get_index(index).is_some_and(|(_, e)| {
        let promised = e.availability.is_some() || e.rto.is_some() || e.rpo.is_some();
        last || promised || !e.approvers.is_empty()
    })
}
