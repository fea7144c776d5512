//! Who is told, and what they see.
//!
//! One topic of the environment takes every alarm, failed backup and budget warning and mails the owner; a
//! dashboard shows what the alarms watch. It runs last and looks at the finished graph, so that nothing that
//! was built can be forgotten. What is watched and from which value on is said in `alarms`.

use catalog::aws::{
    cloudwatch_dashboard, cloudwatch_event_rule, cloudwatch_event_target, iam_role, kms_key,
    prometheus_workspace, scheduler_schedule, sns_topic, sns_topic_policy, sns_topic_subscription,
};
use design::usage;
use ir::key::Handle;
use ir::{Block, NodeBuilder, Value};

use super::alarms::{Watched, lower_alarms};
use super::budget::lower_budget;
use super::env::{matching, number};
use super::identity::{RoleSpec, allow, role};
use super::keys::regional_key;
use super::policy::{Grant, Principal, resource_policy, tls_only};
use super::schedule::dead_letters;
use super::store::join;
use super::{Env, backup, telemetry};

const COMPONENT: &str = "monitoring";
/// Where CloudFront and other global services keep their metrics; alarms and their topic must stand there.
pub(crate) const GLOBAL_REGION: &str = "us-east-1";
/// Widgets on one dashboard: CloudWatch allows 500.
const WIDGETS: usize = usage::DASHBOARD_COMPONENTS;

/// The topics that alarms go to.
pub(crate) struct Topics {
    /// In the stack's region.
    pub home: Handle<sns_topic::M>,
    /// In the region of global services; the same as `home` where that is the stack's region.
    pub global: Handle<sns_topic::M>,
}

/// The notification topic, alarms, dashboards, reminders and the budget.
pub(crate) fn lower_monitoring(env: &mut Env) {
    env.component(COMPONENT, "monitoring", "Alarms, dashboards and who is told");
    let home = topic(env);
    let global = match needs_global_topic(env) {
        true => global_topic(env),
        false => home.clone(),
    };
    let topics = Topics { home, global };
    let watched = lower_alarms(env, &topics);
    if env.design.monitoring.dashboard {
        dashboards(env, &watched);
    }
    if backup::exists(env) {
        failed_backups(env, &topics.home);
    }
    if !env.spec.secrets.is_empty() {
        rotation_reminder(env, &topics.home);
    }
    telemetry::notify(env, &topics.home);
    lower_budget(env, &topics.home);
}

/// The owner's address as an input of a component, when the application has an owner.
pub(crate) fn owner(env: &mut Env, component: &str) -> Option<Value> {
    let owner = env.blueprint.owner.clone()?;
    let decl = matching("Address that is told about alarms.", r"^[^@\s]+@[^@\s]+$", "an e-mail address");
    Some(env.input(component, "owner", decl, owner))
}

fn topic(env: &mut Env) -> Handle<sns_topic::M> {
    let (name, key) = (env.name("alarms"), env.key_arn());
    let topic = env.add(
        NodeBuilder::new(COMPONENT, sns_topic::KIND, "this")
            .set(sns_topic::NAME, name)
            .set(sns_topic::KMS_MASTER_KEY_ID, key)
            .purpose("Takes every alarm of the environment")
            .usage("requests", usage::notifications()),
    );
    publishers(env, "this", &topic, None, &["cloudwatch.amazonaws.com", "budgets.amazonaws.com"], true);
    topic
}

fn needs_global_topic(env: &Env) -> bool {
    env.blueprint.region != GLOBAL_REGION && env.graph.of_kind("aws_cloudfront_distribution").next().is_some()
}

/// CloudWatch publishes only within a region, and only to a topic whose key lets it.
fn global_topic(env: &mut Env) -> Handle<sns_topic::M> {
    let purpose = "Encrypts alarms of global services";
    let key = regional_key(
        env,
        COMPONENT,
        "global",
        GLOBAL_REGION,
        &["cloudwatch.amazonaws.com"],
        purpose,
        usage::notifications(),
    );
    let name = env.name("alarms");
    let topic = env.add(
        NodeBuilder::new(COMPONENT, sns_topic::KIND, "global")
            .set(sns_topic::NAME, name)
            .set(sns_topic::KMS_MASTER_KEY_ID, key.get(kms_key::ARN))
            .region(GLOBAL_REGION)
            .purpose("Takes the alarms of global services")
            .usage("requests", usage::notifications()),
    );
    publishers(env, "global", &topic, Some(GLOBAL_REGION), &["cloudwatch.amazonaws.com"], false);
    topic
}

/// Who may publish to a topic, and that the owner reads it. Events and the rules about services tell only the topic
/// at home.
fn publishers(
    env: &mut Env,
    name: &str,
    topic: &Handle<sns_topic::M>,
    region: Option<&str>,
    services: &[&'static str],
    home: bool,
) {
    let arn = topic.get(sns_topic::ARN);
    let account = env.account(COMPONENT);
    let publish = |sid, service, conditions| Grant {
        sid,
        deny: false,
        principal: Principal::Service(service),
        actions: vec!["sns:Publish"],
        resources: vec![arn.clone()],
        conditions,
    };
    let mut grants = vec![tls_only("sns:Publish", vec![arn.clone()])];
    for service in services {
        let sid = if service.starts_with("budgets") { "Budgets" } else { "Alarms" };
        grants.push(publish(
            sid,
            service,
            vec![("StringEquals", "aws:SourceAccount", vec![account.clone()])],
        ));
    }
    if home {
        // EventBridge names no source when it publishes to a topic, so a condition would shut it out.
        grants.push(publish("Events", "events.amazonaws.com", Vec::new()));
        grants.extend(env.telemetry.as_ref().filter(|_| env.design.telemetry.is_some_and(|t| t.rules)).map(
            |workspace| Grant {
                actions: vec!["sns:GetTopicAttributes", "sns:Publish"],
                ..publish(
                    "Rules",
                    "aps.amazonaws.com",
                    vec![
                        ("ArnEquals", "aws:SourceArn", vec![workspace.get(prometheus_workspace::ARN)]),
                        ("StringEquals", "aws:SourceAccount", vec![account.clone()]),
                    ],
                )
            },
        ));
    }
    let in_region = |builder: NodeBuilder<sns_topic_policy::M>| match region {
        Some(region) => builder.region(region),
        None => builder,
    };
    env.add(
        in_region(NodeBuilder::new(COMPONENT, sns_topic_policy::KIND, name))
            .set(sns_topic_policy::ARN, arn.clone())
            .set(sns_topic_policy::POLICY, resource_policy(&grants))
            .purpose("Lets alarms in, and nobody without TLS"),
    );
    let Some(owner) = owner(env, COMPONENT) else { return };
    let mut builder = NodeBuilder::new(COMPONENT, sns_topic_subscription::KIND, name);
    if let Some(region) = region {
        builder = builder.region(region);
    }
    env.add(
        builder
            .set(sns_topic_subscription::TOPIC_ARN, arn)
            .set(sns_topic_subscription::PROTOCOL, "email")
            .set(sns_topic_subscription::ENDPOINT, owner)
            .purpose("Mails the owner, who confirms the subscription once"),
    );
}

fn failed_backups(env: &mut Env, topic: &Handle<sns_topic::M>) {
    let name = env.name("backup-failed");
    let pattern = Value::json(Value::map([
        ("source", Value::list(["aws.backup"])),
        ("detail-type", Value::list(["Backup Job State Change", "Copy Job State Change"])),
        ("detail", Value::map([("state", Value::list(["FAILED", "EXPIRED", "ABORTED"]))])),
    ]));
    let rule = env.add(
        NodeBuilder::new(COMPONENT, cloudwatch_event_rule::KIND, "backup_failed")
            .set(cloudwatch_event_rule::NAME, name)
            .set(cloudwatch_event_rule::DESCRIPTION, "A backup or its copy did not succeed")
            .set(cloudwatch_event_rule::EVENT_PATTERN, pattern)
            .purpose("Notices backups that failed, before somebody needs them"),
    );
    env.add(
        NodeBuilder::new(COMPONENT, cloudwatch_event_target::KIND, "backup_failed")
            .set(cloudwatch_event_target::RULE, rule.get(cloudwatch_event_rule::NAME))
            .set(cloudwatch_event_target::ARN, topic.get(sns_topic::ARN))
            .purpose("Tells the owner about failed backups"),
    );
}

/// Secrets of other parties cannot be rotated from here, so somebody is reminded to.
fn rotation_reminder(env: &mut Env, topic: &Handle<sns_topic::M>) {
    use scheduler_schedule::{flexible_time_window, target};
    let names: Vec<&str> = env.spec.secrets.keys().map(String::as_str).collect();
    let message = format!("Time to rotate the secrets of {}: {}", env.prefix(), names.join(", "));
    let key = env.key_arn();
    let lost = dead_letters(env, COMPONENT, "rotate-secrets");
    let statements = [
        allow("Publish", &["sns:Publish"], vec![topic.get(sns_topic::ARN)]),
        allow("Key", &["kms:Decrypt", "kms:GenerateDataKey"], vec![key]),
        allow("KeepFailures", &["sqs:SendMessage"], vec![lost.clone()]),
    ];
    let role = role(
        env,
        &RoleSpec {
            component: COMPONENT,
            name: "reminder",
            suffix: "reminder",
            service: "scheduler.amazonaws.com",
            purpose: "Lets the schedule remind the owner to rotate secrets",
            statements: &statements,
        },
    );
    let decl = number("Days between reminders to rotate the secrets that the operator provides.", 2.0, 365.0);
    let days = env.input(COMPONENT, "rotation_reminder_days", decl, 90);
    let text =
        env.input(COMPONENT, "rotation_reminder", super::env::text("What the reminder says."), message);
    let name = env.name_within(COMPONENT, "reminder_name", "rotate-secrets", 64);
    env.add(
        NodeBuilder::new(COMPONENT, scheduler_schedule::KIND, "reminder")
            .set(scheduler_schedule::NAME, name)
            .set(scheduler_schedule::DESCRIPTION, "Reminds the owner to rotate secrets")
            .set(scheduler_schedule::SCHEDULE_EXPRESSION, join(["rate(".into(), days, " days)".into()]))
            .block(
                scheduler_schedule::FLEXIBLE_TIME_WINDOW,
                Block::new().set(flexible_time_window::MODE, "OFF"),
            )
            .block(
                scheduler_schedule::TARGET,
                Block::new()
                    .set(target::ARN, topic.get(sns_topic::ARN))
                    .set(target::ROLE_ARN, role.get(iam_role::ARN))
                    .set(target::INPUT, text)
                    .block(
                        target::DEAD_LETTER_CONFIG,
                        Block::new().set(target::dead_letter_config::ARN, lost),
                    ),
            )
            .usage("runs", 1.0)
            .purpose("Reminds the owner to rotate the secrets of other parties"),
    );
}

/// One widget a component, in the order the components were built, two in a row.
fn dashboards(env: &mut Env, watched: &[Watched]) {
    let mut components: indexmap::IndexMap<&str, Vec<&Watched>> = indexmap::IndexMap::new();
    for one in watched {
        components.entry(&one.component).or_default().push(one);
    }
    let region = env.region(COMPONENT);
    let widgets: Vec<Value> = components
        .iter()
        .enumerate()
        .map(|(place, (component, metrics))| widget(place % WIDGETS, component, metrics, &region))
        .collect();
    for (number, part) in widgets.chunks(WIDGETS).enumerate() {
        let (node, suffix) = match number {
            0 => ("this".to_owned(), String::new()),
            _ => (format!("part_{}", number + 1), (number + 1).to_string()),
        };
        let name = env.name(&suffix);
        let body = Value::json(Value::map([("widgets", Value::List(part.to_vec()))]));
        env.add(
            NodeBuilder::new(COMPONENT, cloudwatch_dashboard::KIND, &node)
                .set(cloudwatch_dashboard::DASHBOARD_NAME, name)
                .set(cloudwatch_dashboard::DASHBOARD_BODY, body)
                .purpose("Shows what the alarms watch, one graph a component"),
        );
    }
}

fn widget(place: usize, component: &str, metrics: &[&Watched], region: &Value) -> Value {
    const WIDTH: i64 = 12;
    const HEIGHT: i64 = 6;
    let place = i64::try_from(place).expect("a dashboard holds a few hundred widgets");
    let series = metrics
        .iter()
        .map(|watched| {
            let mut line: Vec<Value> = vec![watched.namespace.into(), watched.metric.into()];
            for (name, value) in &watched.dimensions {
                line.extend([(*name).into(), value.clone()]);
            }
            let mut options = vec![("stat", Value::from(watched.statistic))];
            options.push(("yAxis", if watched.percent { "left" } else { "right" }.into()));
            if watched.global {
                options.push(("region", GLOBAL_REGION.into()));
            }
            line.push(Value::map(options));
            Value::List(line)
        })
        .collect();
    let properties = Value::map([
        ("title", Value::from(component)),
        ("region", region.clone()),
        ("view", "timeSeries".into()),
        ("period", 300.into()),
        ("metrics", Value::List(series)),
    ]);
    Value::map([
        ("type", Value::from("metric")),
        ("x", (place % 2 * WIDTH).into()),
        ("y", (place / 2 * HEIGHT).into()),
        ("width", WIDTH.into()),
        ("height", HEIGHT.into()),
        ("properties", properties),
    ])
}
