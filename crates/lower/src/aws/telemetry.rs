//! What services measure and trace: the collector beside each of them, and where its metrics are kept and judged.
//!
//! A managed workspace evaluates the very rules that the bundle holds for a Prometheus of one's own, and tells the
//! topic that the platform's alarms tell. What the collector forwards is said in a file of the bundle, which becomes
//! a setting of its container: a change of it is a release like any other, and is taken back like any other. Must
//! not know what the rules say.

use catalog::aws::{
    cloudwatch_log_group, prometheus_alert_manager_definition, prometheus_rule_group_namespace,
    prometheus_workspace, sns_topic,
};
use design::telemetry::{ALERT_LABELS, Notice, PAGES, TICKETS};
use design::{ServiceDesign, signals, telemetry, usage};
use indexmap::IndexMap;
use ir::key::Handle;
use ir::{Block, NodeBuilder, Value};

use super::Env;
use super::identity::{allow, below};
use super::store::join;
use super::wiring::Wiring;

const COMPONENT: &str = "telemetry";
/// The collector's container. Names of services have no underscore, so none has this one.
const CONTAINER: &str = "telemetry_collector";
/// Where the collector listens, on the task's own loopback.
const PORT: u16 = 4318;
/// Where it listens beside a program that has taken [`PORT`] for itself.
const OTHER_PORT: u16 = 4319;

/// Adds the workspace, its log and the rules of every service that reports; nothing where nothing is collected.
pub(crate) fn lower(env: &mut Env) {
    let Some(design) = env.design.telemetry else { return };
    env.component(COMPONENT, "telemetry", "Where the metrics of services are kept and judged");
    // Services of AWS write to groups of this name without a policy of their own.
    let log_name = join(["/aws/vendedlogs/prometheus/".into(), env.name("")]);
    let purpose = "Keeps what went wrong with rules and notifications";
    let logs =
        env.log_group(COMPONENT, "this", log_name, purpose, usage::telemetry::log(env.design.log_days));
    let (alias, environment) = (env.name(""), env.design);
    let workspace = env.add(
        NodeBuilder::new(COMPONENT, prometheus_workspace::KIND, "this")
            .set(prometheus_workspace::ALIAS, alias)
            .block(
                prometheus_workspace::LOGGING_CONFIGURATION,
                Block::new().set(
                    prometheus_workspace::logging_configuration::LOG_GROUP_ARN,
                    below(logs.get(cloudwatch_log_group::ARN), ":*"),
                ),
            )
            .usage("samples", usage::telemetry::samples(environment))
            .usage("reads", usage::telemetry::reads(environment))
            .usage("gib", usage::telemetry::stored_gib(environment))
            .purpose("Keeps what services measure and evaluates the rules about it"),
    );
    if design.rules {
        let reporting = |(_, service): &(&String, &ServiceDesign)| {
            telemetry::collectable(service) && signals::reports(environment, service)
        };
        for (name, _) in environment.services.iter().filter(reporting) {
            env.add(
                NodeBuilder::new(COMPONENT, prometheus_rule_group_namespace::KIND, "this")
                    .key(name)
                    .set(prometheus_rule_group_namespace::NAME, name)
                    .set(
                        prometheus_rule_group_namespace::WORKSPACE_ID,
                        workspace.get(prometheus_workspace::ID),
                    )
                    .set(prometheus_rule_group_namespace::DATA, Value::File(telemetry::rules_path(name)))
                    .purpose(format!("Judges what {name} reports")),
            );
        }
    }
    env.telemetry = Some(workspace);
}

/// Tells the topic about alerts, as the Alertmanager of the bundle tells people.
pub(crate) fn notify(env: &mut Env, topic: &Handle<sns_topic::M>) {
    let (Some(workspace), Some(design)) = (env.telemetry.clone(), env.design.telemetry) else { return };
    if !design.rules {
        return;
    }
    let region = env.region(COMPONENT);
    let application = &env.blueprint.name;
    let receiver = |notice: &Notice| {
        let sns = Value::map([
            ("topic_arn", topic.get(sns_topic::ARN)),
            ("sigv4", Value::map([("region", region.clone())])),
            ("send_resolved", true.into()),
            ("subject", notice.subject(application).into()),
            ("attributes", Value::map([("severity", notice.severity)])),
        ]);
        Value::map([("name", Value::from(notice.receiver)), ("sns_configs", Value::List(vec![sns]))])
    };
    let labels = || Value::list(ALERT_LABELS.iter().copied());
    let mut group = vec![Value::from("alertname")];
    group.extend(ALERT_LABELS.iter().map(|label| Value::from(*label)));
    let mut route = IndexMap::from([("receiver".to_owned(), TICKETS.receiver.into())]);
    route.insert("group_by".to_owned(), Value::List(group));
    route.extend(times(&TICKETS));
    // An environment that nobody depends on never wakes anybody.
    let pages = env.design.critical.then(|| {
        let mut pages = IndexMap::from([("receiver".to_owned(), PAGES.receiver.into())]);
        pages.insert("matchers".to_owned(), Value::list([PAGES.matcher()]));
        pages.extend(times(&PAGES));
        Value::Map(pages)
    });
    let receivers = pages.iter().map(|_| receiver(&PAGES)).chain([receiver(&TICKETS)]).collect();
    route.insert("routes".to_owned(), Value::List(pages.into_iter().collect()));
    let inhibition = Value::map([
        ("source_matchers", Value::list([PAGES.matcher()])),
        ("target_matchers", Value::list([TICKETS.matcher()])),
        ("equal", labels()),
    ]);
    let configuration = Value::map([
        ("route", Value::Map(route)),
        ("inhibit_rules", Value::List(vec![inhibition])),
        ("receivers", Value::List(receivers)),
    ]);
    // The service reads YAML, of which JSON is a part.
    let definition = Value::json(Value::map([("alertmanager_config", Value::json(configuration))]));
    env.add(
        NodeBuilder::new(COMPONENT, prometheus_alert_manager_definition::KIND, "this")
            .set(prometheus_alert_manager_definition::WORKSPACE_ID, workspace.get(prometheus_workspace::ID))
            .set(prometheus_alert_manager_definition::DEFINITION, definition)
            .purpose("Tells the owner about alerts: pages at once, tickets in groups"),
    );
}

fn times(notice: &Notice) -> [(String, Value); 3] {
    [
        ("group_wait", notice.group_wait),
        ("group_interval", notice.group_interval),
        ("repeat_interval", notice.repeat_interval),
    ]
    .map(|(name, time)| (name.to_owned(), time.into()))
}

/// Whether a collector runs beside a service here.
fn collected(env: &Env, service: &ServiceDesign) -> Option<Handle<prometheus_workspace::M>> {
    env.telemetry.clone().filter(|_| telemetry::collectable(service))
}

/// Tells a program how to report, in the variables that every SDK of OpenTelemetry reads, and lets its task send.
pub(crate) fn report(env: &Env, name: &str, service: &ServiceDesign, wiring: &mut Wiring) {
    let (Some(workspace), Some(design)) = (collected(env, service), env.design.telemetry) else { return };
    let attributes =
        format!("deployment.environment.name={},service.namespace={}", env.design.name, env.blueprint.name);
    let settings = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://localhost:{}", port(service))),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf".to_owned()),
        // Output goes to the platform's log; the collector takes none.
        ("OTEL_LOGS_EXPORTER", "none".to_owned()),
        ("OTEL_RESOURCE_ATTRIBUTES", attributes),
        // Rules know the names of today; libraries from before they were stable write others unless told.
        ("OTEL_SEMCONV_STABILITY_OPT_IN", "http,rpc,messaging".to_owned()),
        ("OTEL_SERVICE_NAME", name.to_owned()),
        ("OTEL_TRACES_SAMPLER", "parentbased_traceidratio".to_owned()),
        ("OTEL_TRACES_SAMPLER_ARG", design.sampling.to_string()),
    ];
    wiring.env.extend(settings.map(|(name, value)| (name.to_owned(), value.into())));
    wiring.statements.extend([
        allow("SendMetrics", &["aps:RemoteWrite"], vec![workspace.get(prometheus_workspace::ARN)]),
        // A trace has no name before it exists.
        allow("SendTraces", &["xray:PutTelemetryRecords", "xray:PutTraceSegments"], vec!["*".into()]),
    ]);
}

fn port(service: &ServiceDesign) -> u16 {
    if service.port == Some(PORT) { OTHER_PORT } else { PORT }
}

/// The collector's container beside a program; `None` where nothing is collected.
pub(crate) fn container(
    env: &Env,
    service: &ServiceDesign,
    log_configuration: Value,
    region: Value,
) -> Option<Value> {
    let workspace = collected(env, service)?;
    let endpoint =
        join([workspace.get(prometheus_workspace::PROMETHEUS_ENDPOINT), "api/v1/remote_write".into()]);
    let settings = [
        ("AOT_CONFIG_CONTENT", Value::File(telemetry::COLLECTOR_PATH.into())),
        ("AWS_REGION", region),
        ("DEPLOYMENT_ENVIRONMENT", env.design.name.as_str().into()),
        ("METRICS_ENDPOINT", endpoint),
        ("OTLP_PORT", port(service).to_string().into()),
    ];
    let pair = |(name, value): (&str, Value)| Value::map([("name", Value::from(name)), ("value", value)]);
    let health = Value::map([
        ("command", Value::list(["CMD", "/healthcheck"])),
        ("interval", 30.into()),
        ("timeout", 5.into()),
        ("retries", 3.into()),
        ("startPeriod", 10.into()),
    ]);
    Some(Value::map([
        ("name", Value::from(CONTAINER)),
        ("image", telemetry::COLLECTOR_IMAGE.into()),
        // A program that nobody watches still serves; the collector is started again beside it.
        ("essential", false.into()),
        ("restartPolicy", Value::map([("enabled", Value::from(true)), ("restartAttemptPeriod", 60.into())])),
        ("memory", telemetry::COLLECTOR_MIB.into()),
        ("environment", Value::List(settings.map(pair).into())),
        ("healthCheck", health),
        ("readonlyRootFilesystem", true.into()),
        ("stopTimeout", STOP_SECONDS.into()),
        ("logConfiguration", log_configuration),
    ]))
}

/// What makes ECS start the collector before the program and stop it after, so that the last report still leaves;
/// `None` where nothing is collected.
pub(crate) fn dependency(env: &Env, service: &ServiceDesign) -> Option<Value> {
    collected(env, service)?;
    let first = Value::map([("containerName", CONTAINER), ("condition", "START")]);
    Some(Value::List(vec![first]))
}

/// Seconds in which the collector sends what it still has.
const STOP_SECONDS: i64 = 30;
