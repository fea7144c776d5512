//! Releases that shift traffic: CodeDeploy between two target groups, or between two versions of a function.
//!
//! CodeDeploy watches alarms while it shifts and goes back by itself. The alarms here are its brakes; the ones
//! that wake people are the monitoring's.

use catalog::aws::{
    cloudwatch_metric_alarm, codedeploy_app, codedeploy_deployment_group, iam_role, lb, lb_listener,
    lb_target_group,
};
use ir::key::Handle;
use ir::{Block, NodeBuilder, Value};
use spec::Release;

use super::cluster::Cluster;
use super::edge::Edge;
use super::env::{number, one_of};
use super::identity::{RoleSpec, allow, role};
use super::task::Task;
use super::{Env, Statement};

/// Ways of shifting tasks that AWS predefines, by release.
/// Source: <https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html>
const TASK_CONFIGS: &[&str] = &[
    "CodeDeployDefault.ECSAllAtOnce",
    "CodeDeployDefault.ECSCanary10Percent5Minutes",
    "CodeDeployDefault.ECSCanary10Percent15Minutes",
    "CodeDeployDefault.ECSLinear10PercentEvery1Minutes",
    "CodeDeployDefault.ECSLinear10PercentEvery3Minutes",
];

/// What traffic is shifted between.
pub(crate) struct Shift<'s> {
    /// The cluster.
    pub cluster: &'s Cluster,
    /// The ECS service's name.
    pub service: &'s Value,
    /// Its task.
    pub task: &'s Task,
    /// The edge.
    pub edge: &'s Edge,
    /// Blue and green.
    pub targets: [&'s Handle<lb_target_group::M>; 2],
}

/// Adds what CodeDeploy needs to release a service's tasks.
pub(crate) fn shift_tasks(env: &mut Env, component: &str, name: &str, release: Release, shift: &Shift) {
    let alarms: Vec<Value> = ["blue", "green"]
        .iter()
        .zip(shift.targets)
        .map(|(color, targets)| {
            brake(env, component, name, color, shift.edge, targets).get(cloudwatch_metric_alarm::ALARM_NAME)
        })
        .collect();
    let statements = shift_statements(env, component, name, shift);
    let deployer = role(
        env,
        &RoleSpec {
            component,
            name: "release",
            suffix: &format!("{name}-release"),
            service: "codedeploy.amazonaws.com",
            purpose: &format!("Shifts traffic between versions of {name}"),
            statements: &statements,
        },
    );
    let app_name = env.name(name);
    let app = env.add(
        NodeBuilder::new(component, codedeploy_app::KIND, "this")
            .set(codedeploy_app::NAME, app_name)
            .set(codedeploy_app::COMPUTE_PLATFORM, "ECS")
            .purpose(format!("Releases of {name}")),
    );
    let config = env.input(
        component,
        "release_config",
        one_of("How traffic is shifted to a new version.", TASK_CONFIGS.iter().copied()),
        match release {
            Release::Canary => "CodeDeployDefault.ECSCanary10Percent5Minutes",
            Release::BlueGreen | Release::Rolling => "CodeDeployDefault.ECSAllAtOnce",
        },
    );
    let wait = env.input(
        component,
        "release_keep_minutes",
        number("Minutes that the old version is kept after a release, ready to go back to.", 0.0, 2880.0),
        15,
    );
    use codedeploy_deployment_group as group;
    use group::blue_green_deployment_config as swap;
    use group::load_balancer_info::target_group_pair_info as pair;
    let target = |handle: &Handle<lb_target_group::M>| {
        Block::new().set(pair::target_group::NAME, handle.get(lb_target_group::NAME))
    };
    let pair_info = Block::new()
        .block(
            pair::PROD_TRAFFIC_ROUTE,
            Block::new().set(
                pair::prod_traffic_route::LISTENER_ARNS,
                Value::List(vec![shift.edge.listener.get(lb_listener::ARN)]),
            ),
        )
        .block(pair::TARGET_GROUP, target(shift.targets[0]))
        .block(pair::TARGET_GROUP, target(shift.targets[1]));
    env.add(
        NodeBuilder::new(component, group::KIND, "this")
            .set(group::APP_NAME, app.get(codedeploy_app::NAME))
            .set(group::DEPLOYMENT_GROUP_NAME, name)
            .set(group::SERVICE_ROLE_ARN, deployer.get(iam_role::ARN))
            .set(group::DEPLOYMENT_CONFIG_NAME, config)
            .block(
                group::DEPLOYMENT_STYLE,
                Block::new()
                    .set(group::deployment_style::DEPLOYMENT_TYPE, "BLUE_GREEN")
                    .set(group::deployment_style::DEPLOYMENT_OPTION, "WITH_TRAFFIC_CONTROL"),
            )
            .block(
                group::BLUE_GREEN_DEPLOYMENT_CONFIG,
                Block::new()
                    .block(
                        swap::DEPLOYMENT_READY_OPTION,
                        Block::new().set(swap::deployment_ready_option::ACTION_ON_TIMEOUT, "CONTINUE_DEPLOYMENT"),
                    )
                    .block(
                        swap::TERMINATE_BLUE_INSTANCES_ON_DEPLOYMENT_SUCCESS,
                        Block::new()
                            .set(swap::terminate_blue_instances_on_deployment_success::ACTION, "TERMINATE")
                            .set(
                                swap::terminate_blue_instances_on_deployment_success::TERMINATION_WAIT_TIME_IN_MINUTES,
                                wait,
                            ),
                    ),
            )
            .block(
                group::ECS_SERVICE,
                Block::new()
                    .set(group::ecs_service::CLUSTER_NAME, shift.cluster.name.clone())
                    .set(group::ecs_service::SERVICE_NAME, shift.service.clone()),
            )
            .block(
                group::LOAD_BALANCER_INFO,
                Block::new().block(group::load_balancer_info::TARGET_GROUP_PAIR_INFO, pair_info),
            )
            .block(
                group::AUTO_ROLLBACK_CONFIGURATION,
                Block::new().set(group::auto_rollback_configuration::ENABLED, true).set(
                    group::auto_rollback_configuration::EVENTS,
                    Value::list(["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"]),
                ),
            )
            .block(
                group::ALARM_CONFIGURATION,
                Block::new()
                    .set(group::alarm_configuration::ENABLED, true)
                    .set(group::alarm_configuration::ALARMS, Value::List(alarms)),
            )
            .purpose(format!("Shifts traffic to a new version of {name} and back when an alarm rings")),
    );
}

/// What CodeDeploy may do, by the actions that a release of tasks takes.
fn shift_statements(env: &mut Env, component: &str, name: &str, shift: &Shift) -> Vec<Statement> {
    let below_cluster = |env: &mut Env, what: &str, rest: &str| {
        let parts = [
            Value::from(format!("{what}/")),
            shift.cluster.name.clone(),
            "/".into(),
            env.name(name),
            rest.into(),
        ];
        env.arn(component, "ecs", parts)
    };
    let service = below_cluster(env, "service", "");
    let task_sets = below_cluster(env, "task-set", "/*");
    let rules = env.arn(component, "elasticloadbalancing", ["listener-rule/app/*"]);
    let mut pass = allow(
        "PassTaskRoles",
        &["iam:PassRole"],
        vec![shift.task.execution_role.get(iam_role::ARN), shift.task.task_role.get(iam_role::ARN)],
    );
    pass.conditions = vec![("StringEquals", "iam:PassedToService", vec!["ecs-tasks.amazonaws.com".into()])];
    vec![
        // Descriptions have no narrower resource.
        allow(
            "Look",
            &[
                "cloudwatch:DescribeAlarms",
                "elasticloadbalancing:DescribeListeners",
                "elasticloadbalancing:DescribeRules",
                "elasticloadbalancing:DescribeTargetGroups",
            ],
            vec!["*".into()],
        ),
        allow(
            "Replace",
            &[
                "ecs:CreateTaskSet",
                "ecs:DeleteTaskSet",
                "ecs:DescribeServices",
                "ecs:UpdateServicePrimaryTaskSet",
            ],
            vec![service, task_sets],
        ),
        allow(
            "Shift",
            &["elasticloadbalancing:ModifyListener", "elasticloadbalancing:ModifyRule"],
            vec![shift.edge.listener.get(lb_listener::ARN), rules],
        ),
        pass,
    ]
}

/// The alarm that stops a release: the share of server errors from one of the two target groups.
fn brake(
    env: &mut Env,
    component: &str,
    name: &str,
    color: &str,
    edge: &Edge,
    targets: &Handle<lb_target_group::M>,
) -> Handle<cloudwatch_metric_alarm::M> {
    use alarm::metric_query as query;
    use cloudwatch_metric_alarm as alarm;
    let limit = env.input(
        component,
        "release_error_percent",
        number("Share of server errors that stops a release, percent.", 0.1, 100.0),
        5.0,
    );
    let dimensions = Value::map([
        ("LoadBalancer", edge.balancer.get(lb::ARN_SUFFIX)),
        ("TargetGroup", targets.get(lb_target_group::ARN_SUFFIX)),
    ]);
    let measure = |id: &str, metric: &str| {
        Block::new().set(query::ID, id).block(
            query::METRIC,
            Block::new()
                .set(query::metric::NAMESPACE, "AWS/ApplicationELB")
                .set(query::metric::METRIC_NAME, metric)
                .set(query::metric::PERIOD, 60)
                .set(query::metric::STAT, "Sum")
                .set(query::metric::DIMENSIONS, dimensions.clone()),
        )
    };
    let alarm_name = env.name(&format!("{name}-release-{color}"));
    env.add(
        NodeBuilder::new(component, alarm::KIND, "release")
            .key(color)
            .set(alarm::ALARM_NAME, alarm_name)
            .set(
                alarm::ALARM_DESCRIPTION,
                format!("Server errors of {name} during a release: CodeDeploy goes back"),
            )
            .set(alarm::COMPARISON_OPERATOR, "GreaterThanThreshold")
            .set(alarm::THRESHOLD, limit)
            .set(alarm::EVALUATION_PERIODS, 3)
            .set(alarm::DATAPOINTS_TO_ALARM, 2)
            .set(alarm::TREAT_MISSING_DATA, "notBreaching")
            .block(
                alarm::METRIC_QUERY,
                Block::new()
                    .set(query::ID, "share")
                    .set(query::EXPRESSION, "IF(requests > 0, 100 * errors / requests, 0)")
                    .set(query::LABEL, "Server errors, percent")
                    .set(query::RETURN_DATA, true),
            )
            .block(alarm::METRIC_QUERY, measure("errors", "HTTPCode_Target_5XX_Count"))
            .block(alarm::METRIC_QUERY, measure("requests", "RequestCount"))
            .purpose(format!("Stops a release of {name} when the {color} tasks fail requests")),
    )
}
