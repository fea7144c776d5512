//! Every service of an environment, each by what it runs on.

use design::Compute;

use super::Env;
use super::cluster::Cluster;
use super::edge::Edge;
use super::wiring::{Catalogue, wire};
use super::{fargate, function, schedule};

/// Adds all services except static sites, which need the others to exist.
pub(crate) fn lower(env: &mut Env, offers: &Catalogue, cluster: Option<&Cluster>, edge: Option<&Edge>) {
    let design = env.design;
    for (name, service) in &design.services {
        let wiring = wire(env, name, service, offers);
        let cluster = || cluster.expect("the cluster exists when anything runs as a task");
        match &service.compute {
            Compute::Containers(task) => fargate::lower(env, name, service, task, &wiring, cluster(), edge),
            Compute::Function(function) => function::lower(env, name, service, function, &wiring, edge),
            Compute::ScheduledTask { size, cron, duration_seconds } => {
                let when = (*size, cron.as_str(), *duration_seconds);
                schedule::lower_scheduled(env, name, service, when, &wiring, cluster());
            }
            Compute::OneShot { size } => schedule::lower_once(env, name, service, *size, &wiring, cluster()),
            // Sites come after everything that they lead to.
            Compute::StaticSite { .. } => {}
        }
    }
}
