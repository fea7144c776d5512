//! Autoscaling of services.
//!
//! Target tracking on what the load is made of: CPU always, requests a task behind the load balancer, backlog a
//! task for queue readers. The largest answer wins, so that the signals need not know each other.

use appautoscaling_policy::target_tracking_scaling_policy_configuration as tracking;
use catalog::aws::{appautoscaling_policy, appautoscaling_target, lb, lb_target_group};
use design::ContainersDesign;
use ir::key::Handle;
use ir::{Block, NodeBuilder, Value};

use super::Env;
use super::env::number;

/// What a policy may look at.
pub(crate) struct Signals<'s> {
    /// The cluster's and the service's names.
    pub cluster: Value,
    /// The ECS service's name.
    pub service: Value,
    /// Load balancer and target group, where requests are counted.
    pub requests: Option<(&'s Handle<lb::M>, &'s Handle<lb_target_group::M>)>,
    /// Name of the queue that is read.
    pub queue: Option<Value>,
}

/// Adds the scalable target and its policies. `min` and `max` are the values of the component's inputs.
pub(crate) fn scale(
    env: &mut Env,
    component: &str,
    design: &ContainersDesign,
    bounds: [Value; 2],
    signals: Signals,
) {
    let [min, max] = bounds;
    let resource = Value::Template(vec![
        "service/".into(),
        signals.cluster.clone(),
        "/".into(),
        signals.service.clone(),
    ]);
    let target = env.add(
        NodeBuilder::new(component, appautoscaling_target::KIND, "this")
            .set(appautoscaling_target::SERVICE_NAMESPACE, "ecs")
            .set(appautoscaling_target::RESOURCE_ID, resource)
            .set(appautoscaling_target::SCALABLE_DIMENSION, "ecs:service:DesiredCount")
            .set(appautoscaling_target::MIN_CAPACITY, min)
            .set(appautoscaling_target::MAX_CAPACITY, max)
            .purpose("Bounds of the number of tasks"),
    );
    let cpu = env.input(
        component,
        "target_cpu",
        number("CPU use that autoscaling aims at, percent.", 10.0, 95.0),
        design.target_cpu,
    );
    let metric = predefined("ECSServiceAverageCPUUtilization", None);
    policy(env, component, &target, "cpu", cpu, metric, "Keeps CPU use near its target");
    if let (Some((balancer, group)), Some(requests)) = (signals.requests, design.target_requests) {
        let aim = env.input(
            component,
            "target_requests",
            number("Requests a minute and task that autoscaling aims at.", 1.0, 1e9),
            requests,
        );
        let label = Value::Template(vec![
            balancer.get(lb::ARN_SUFFIX),
            "/".into(),
            group.get(lb_target_group::ARN_SUFFIX),
        ]);
        let metric = predefined("ALBRequestCountPerTarget", Some(label));
        policy(env, component, &target, "requests", aim, metric, "Keeps requests a task near their target");
    }
    if let (Some(queue), Some(backlog)) = (signals.queue, design.target_backlog) {
        let aim = env.input(
            component,
            "target_backlog",
            number("Waiting messages a task that autoscaling aims at.", 1.0, 1e9),
            backlog,
        );
        let metric = backlog_metric(queue, signals.cluster, signals.service);
        policy(
            env,
            component,
            &target,
            "backlog",
            aim,
            metric,
            "Keeps waiting messages a task near their target",
        );
    }
}

fn policy(
    env: &mut Env,
    component: &str,
    target: &Handle<appautoscaling_target::M>,
    name: &str,
    aim: Value,
    configuration: Block<tracking::M>,
    purpose: &str,
) {
    use appautoscaling_policy as policy;
    env.add(
        NodeBuilder::new(component, policy::KIND, name)
            .set(policy::NAME, name)
            .set(policy::POLICY_TYPE, "TargetTrackingScaling")
            .set(policy::SERVICE_NAMESPACE, target.get(appautoscaling_target::SERVICE_NAMESPACE))
            .set(policy::RESOURCE_ID, target.get(appautoscaling_target::RESOURCE_ID))
            .set(policy::SCALABLE_DIMENSION, target.get(appautoscaling_target::SCALABLE_DIMENSION))
            .block(
                policy::TARGET_TRACKING_SCALING_POLICY_CONFIGURATION,
                configuration
                    .set(tracking::TARGET_VALUE, aim)
                    // Out fast, in slowly: a second peak finds the tasks of the first.
                    .set(tracking::SCALE_OUT_COOLDOWN, 60)
                    .set(tracking::SCALE_IN_COOLDOWN, 300),
            )
            .purpose(purpose),
    );
}

fn predefined(metric: &str, label: Option<Value>) -> Block<tracking::M> {
    use tracking::predefined_metric_specification as predefined;
    Block::new().block(
        tracking::PREDEFINED_METRIC_SPECIFICATION,
        Block::new()
            .set(predefined::PREDEFINED_METRIC_TYPE, metric)
            .set_opt(predefined::RESOURCE_LABEL, label),
    )
}

/// Waiting messages divided by running tasks: a queue's length alone says nothing about how long it takes.
fn backlog_metric(queue: Value, cluster: Value, service: Value) -> Block<tracking::M> {
    use metrics::metric_stat as stat;
    use stat::metric as measured;
    use tracking::customized_metric_specification::metrics;
    let dimension = |name: &str, value: Value| {
        Block::new().set(measured::dimensions::NAME, name).set(measured::dimensions::VALUE, value)
    };
    let waiting = Block::new()
        .set(measured::NAMESPACE, "AWS/SQS")
        .set(measured::METRIC_NAME, "ApproximateNumberOfMessagesVisible")
        .block(measured::DIMENSIONS, dimension("QueueName", queue));
    // Every running task reports its CPU use once a minute, so the samples are the tasks; unlike the count of
    // Container Insights they are there in every environment and cost nothing.
    let running = Block::new()
        .set(measured::NAMESPACE, "AWS/ECS")
        .set(measured::METRIC_NAME, "CPUUtilization")
        .block(measured::DIMENSIONS, dimension("ClusterName", cluster))
        .block(measured::DIMENSIONS, dimension("ServiceName", service));
    let query = |id: &str, statistic: &str, metric| {
        Block::new()
            .set(metrics::ID, id)
            .block(metrics::METRIC_STAT, Block::new().block(stat::METRIC, metric).set(stat::STAT, statistic))
            .set(metrics::RETURN_DATA, false)
    };
    let specification = Block::new()
        .block(tracking::customized_metric_specification::METRICS, query("waiting", "Maximum", waiting))
        .block(tracking::customized_metric_specification::METRICS, query("running", "SampleCount", running))
        .block(
            tracking::customized_metric_specification::METRICS,
            Block::new()
                .set(metrics::ID, "backlog")
                .set(metrics::LABEL, "Waiting messages a task")
                .set(metrics::EXPRESSION, "waiting / IF(running > 1, running, 1)")
                .set(metrics::RETURN_DATA, true),
        );
    Block::new().block(tracking::CUSTOMIZED_METRIC_SPECIFICATION, specification)
}
