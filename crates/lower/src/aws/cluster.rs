//! The ECS cluster that all tasks of an environment share.

use catalog::aws::{ecs_cluster, ecs_cluster_capacity_providers};
use design::{Compute, usage};
use ir::{Block, NodeBuilder, Value};

use super::Env;
use super::env::one_of;

const COMPONENT: &str = "cluster";

/// What the cluster offers to tasks.
#[derive(Clone)]
pub(crate) struct Cluster {
    /// Its name, known once its capacity providers are attached: a service must not start before.
    pub name: Value,
    /// Its ARN.
    pub arn: Value,
}

/// Adds the cluster; `None` when nothing runs as a task.
pub(crate) fn lower(env: &mut Env) -> Option<Cluster> {
    let tasks = |c: &Compute| {
        matches!(c, Compute::Containers(_) | Compute::ScheduledTask { .. } | Compute::OneShot { .. })
    };
    if !env.design.services.values().any(|s| tasks(&s.compute)) {
        return None;
    }
    env.component(COMPONENT, "cluster", "ECS cluster on Fargate");
    let insights = env.input(
        COMPONENT,
        "container_insights",
        one_of("How closely Container Insights watches tasks.", ["enabled", "enhanced", "disabled"]),
        if env.design.monitoring.task_metrics { "enabled" } else { "disabled" },
    );
    let name = env.name("");
    let cluster = env.add(
        NodeBuilder::new(COMPONENT, ecs_cluster::KIND, "this")
            .set(ecs_cluster::NAME, name)
            .block(
                ecs_cluster::SETTING,
                Block::new()
                    .set(ecs_cluster::setting::NAME, "containerInsights")
                    .set(ecs_cluster::setting::VALUE, insights),
            )
            .usage("metrics", usage::insights_metrics(env.design))
            .purpose("Runs the environment's tasks"),
    );
    use ecs_cluster_capacity_providers as providers;
    let attached = env.add(
        NodeBuilder::new(COMPONENT, providers::KIND, "this")
            .set(providers::CLUSTER_NAME, cluster.get(ecs_cluster::NAME))
            .set(providers::CAPACITY_PROVIDERS, Value::list(["FARGATE", "FARGATE_SPOT"]))
            .block(
                providers::DEFAULT_CAPACITY_PROVIDER_STRATEGY,
                Block::new()
                    .set(providers::default_capacity_provider_strategy::CAPACITY_PROVIDER, "FARGATE")
                    .set(providers::default_capacity_provider_strategy::WEIGHT, 1),
            )
            .purpose("Lets tasks run on Fargate, also on its interruptible capacity"),
    );
    Some(Cluster { name: attached.get(providers::CLUSTER_NAME), arn: cluster.get(ecs_cluster::ARN) })
}
