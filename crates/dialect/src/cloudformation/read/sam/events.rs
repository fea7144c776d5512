//! What sets off a function or a state machine: subscriptions, rules, schedules, and the rights that they need.

use ir::yaml::{Data, Yaml};

use super::policies::small_role;
use super::{Origin, Sam, api, referred, same};
use crate::cloudformation::read::tree;

/// What events reach: a function, or the alias that it publishes.
pub struct Target {
    /// The logical id of the alias.
    pub alias: Option<String>,
}

impl Target {
    /// What permissions and mappings call it.
    pub fn name(&self, origin: &Origin<'_>) -> Yaml {
        origin.reference(self.alias.as_deref().unwrap_or(origin.id))
    }

    /// Its ARN.
    pub fn arn(&self, origin: &Origin<'_>) -> Yaml {
        match &self.alias {
            Some(alias) => origin.reference(alias),
            None => origin.attribute(origin.id, "Arn"),
        }
    }

    /// Its ARN inside `Fn::Sub`.
    pub fn within_text(&self, origin: &Origin<'_>) -> String {
        self.alias.as_ref().map_or_else(|| format!("${{{}.Arn}}", origin.id), |alias| format!("${{{alias}}}"))
    }
}

/// Properties of events that event source mappings take as they are.
const MAPPING: &[&str] = &[
    "Topics",
    "Queues",
    "StartingPosition",
    "StartingPositionTimestamp",
    "BatchSize",
    "Enabled",
    "MaximumBatchingWindowInSeconds",
    "FilterCriteria",
    "FunctionResponseTypes",
    "ScalingConfig",
    "MaximumRetryAttempts",
    "BisectBatchOnFunctionError",
    "MaximumRecordAgeInSeconds",
    "ParallelizationFactor",
    "DestinationConfig",
    "TumblingWindowInSeconds",
    "SourceAccessConfigurations",
    "KmsKeyArn",
    "ProvisionedPollerConfig",
    "MetricsConfig",
];

/// Makes what an event of a function is.
pub fn function(sam: &mut Sam<'_>, origin: &Origin<'_>, event: &str, node: &Yaml, target: &Target) {
    let id = format!("{}{event}", origin.id);
    let empty = origin.map([]);
    let said = node.get("Properties").unwrap_or(&empty);
    match node.get("Type").and_then(Yaml::as_str).unwrap_or_default() {
        "SQS" | "Kinesis" | "DynamoDB" | "MSK" | "MQ" | "DocumentDB" | "SelfManagedKafka" => {
            let source = ["Queue", "Stream", "Broker", "Cluster"].iter().find_map(|name| said.get(name));
            mapping(sam, origin, &id, said, source.cloned(), target);
        }
        "SNS" => topic(sam, origin, &id, said, target),
        "S3" => {
            let account = Some(("SourceAccount", origin.reference("AWS::AccountId")));
            permit(sam, origin, &id, "s3.amazonaws.com", account, target);
        }
        "Schedule" | "EventBridgeRule" | "CloudWatchEvent" => {
            let mut to = vec![("Id", origin.text(&format!("{id}LambdaTarget"))), ("Arn", target.arn(origin))];
            rule(sam, origin, &id, said, &mut to);
            let arn = Some(("SourceArn", origin.attribute(&id, "Arn")));
            permit(sam, origin, &id, "events.amazonaws.com", arn, target);
        }
        "ScheduleV2" => {
            let resource = target.arn(origin);
            let (name, action) = (format!("{id}LambdaPolicy"), "lambda:InvokeFunction");
            schedule(sam, origin, &id, said, (&name, action, resource));
        }
        "CloudWatchLogs" => {
            let group = said.get("LogGroupName").cloned().unwrap_or(empty.clone());
            let pattern = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:${group}:*";
            let source = Some(("SourceArn", origin.sub_with(pattern, [("group", group)])));
            permit(sam, origin, &id, "logs.amazonaws.com", source, target);
            let mut made = same(said, &["LogGroupName", "FilterPattern"]);
            made.push(("DestinationArn", target.arn(origin)));
            sam.make(origin, &id, "AWS::Logs::SubscriptionFilter", origin.map(made));
        }
        "IoTRule" => {
            let call = origin.map([("Lambda", origin.map([("FunctionArn", target.arn(origin))]))]);
            let mut payload = same(said, &["Sql", "AwsIotSqlVersion"]);
            payload.push(("RuleDisabled", tree::truth(origin.span(), false)));
            payload.push(("Actions", origin.list([call])));
            let made = origin.map([("TopicRulePayload", origin.map(payload))]);
            sam.make(origin, &id, "AWS::IoT::TopicRule", made);
            let pattern = "arn:${AWS::Partition}:iot:${AWS::Region}:${AWS::AccountId}:rule/${rule}";
            let source = Some(("SourceArn", origin.sub_with(pattern, [("rule", origin.reference(&id))])));
            permit(sam, origin, &id, "iot.amazonaws.com", source, target);
        }
        "Cognito" => {
            let pool = said.get("UserPool").and_then(referred).map(|pool| origin.attribute(pool, "Arn"));
            let id = format!("{}Cognito", target.alias.as_deref().unwrap_or(origin.id));
            permit(sam, origin, &id, "cognito-idp.amazonaws.com", pool.map(|arn| ("SourceArn", arn)), target);
        }
        "AlexaSkill" => {
            let skill = said.get("SkillId").map(|skill| ("EventSourceToken", skill.clone()));
            permit(sam, origin, &id, "alexa-appkit.amazon.com", skill, target);
        }
        "Api" => api::route(sam, origin, &id, said, false, api::Answer::Function(target)),
        "HttpApi" => api::route(sam, origin, &id, said, true, api::Answer::Function(target)),
        other => sam.leave(origin, &format!("Events.{event} ({other})")),
    }
}

fn mapping(
    sam: &mut Sam<'_>,
    origin: &Origin<'_>,
    id: &str,
    said: &Yaml,
    source: Option<Yaml>,
    target: &Target,
) {
    let mut made: Vec<(&str, Yaml)> = source.map(|arn| ("EventSourceArn", arn)).into_iter().collect();
    made.push(("FunctionName", target.name(origin)));
    made.extend(same(said, MAPPING));
    if let Some(servers) = said.get("KafkaBootstrapServers") {
        let endpoints = origin.map([("KafkaBootstrapServers", servers.clone())]);
        made.push(("SelfManagedEventSource", origin.map([("Endpoints", endpoints)])));
    }
    sam.make(origin, id, "AWS::Lambda::EventSourceMapping", origin.map(made));
}

fn topic(sam: &mut Sam<'_>, origin: &Origin<'_>, id: &str, said: &Yaml, target: &Target) {
    let mut made = said.get("Topic").map(|topic| ("TopicArn", topic.clone())).into_iter().collect::<Vec<_>>();
    made.extend(same(said, &["FilterPolicy", "FilterPolicyScope", "Region", "RedrivePolicy"]));
    let through = said.get("SqsSubscription").filter(|node| !matches!(node.data, Data::Bool(false)));
    let Some(through) = through else {
        made.push(("Protocol", origin.text("lambda")));
        made.push(("Endpoint", target.arn(origin)));
        sam.make(origin, id, "AWS::SNS::Subscription", origin.map(made));
        let source = said.get("Topic").map(|topic| ("SourceArn", topic.clone()));
        return permit(sam, origin, id, "sns.amazonaws.com", source, target);
    };
    let queue = format!("{id}Queue");
    let (arn, url) = match (through.get("QueueArn"), through.get("QueueUrl")) {
        (Some(arn), Some(url)) => (arn.clone(), url.clone()),
        _ => {
            sam.make(origin, &queue, "AWS::SQS::Queue", origin.map([]));
            (origin.attribute(&queue, "Arn"), origin.reference(&queue))
        }
    };
    made.push(("Protocol", origin.text("sqs")));
    made.push(("Endpoint", arn.clone()));
    sam.make(origin, id, "AWS::SNS::Subscription", origin.map(made));
    mapping(sam, origin, &format!("{id}EventSourceMapping"), through, Some(arn.clone()), target);
    let mut statement = vec![
        ("Effect", origin.text("Allow")),
        ("Principal", origin.text("*")),
        ("Action", origin.text("sqs:SendMessage")),
        ("Resource", arn),
    ];
    if let Some(topic) = said.get("Topic") {
        let from = origin.map([("aws:SourceArn", topic.clone())]);
        statement.push(("Condition", origin.map([("ArnEquals", from)])));
    }
    let statements = origin.list([origin.map(statement)]);
    let document = origin.map([("Version", origin.text("2012-10-17")), ("Statement", statements)]);
    let made = origin.map([("PolicyDocument", document), ("Queues", origin.list([url]))]);
    sam.make(origin, &format!("{id}QueuePolicy"), "AWS::SQS::QueuePolicy", made);
}

/// Lets a service call the function.
pub fn permit(
    sam: &mut Sam<'_>,
    origin: &Origin<'_>,
    id: &str,
    service: &str,
    source: Option<(&str, Yaml)>,
    target: &Target,
) {
    let mut made = vec![
        ("Action", origin.text("lambda:InvokeFunction")),
        ("FunctionName", target.name(origin)),
        ("Principal", origin.text(service)),
    ];
    made.extend(source);
    sam.make(origin, &format!("{id}Permission"), "AWS::Lambda::Permission", origin.map(made));
}

/// A rule that sends events, or the hour, to a target.
pub fn rule(sam: &mut Sam<'_>, origin: &Origin<'_>, id: &str, said: &Yaml, to: &mut Vec<(&str, Yaml)>) {
    to.extend(same(said, &["Input", "InputPath", "InputTransformer", "RetryPolicy"]));
    if let Some(arn) = said.get("DeadLetterConfig").and_then(|letter| letter.get("Arn")) {
        to.push(("DeadLetterConfig", origin.map([("Arn", arn.clone())])));
    }
    let mut made = Vec::new();
    for (from, name) in [
        ("Schedule", "ScheduleExpression"),
        ("Pattern", "EventPattern"),
        ("EventBusName", "EventBusName"),
        ("Name", "Name"),
        ("RuleName", "Name"),
        ("Description", "Description"),
        ("State", "State"),
    ] {
        made.extend(said.get(from).map(|value| (name, value.clone())));
    }
    made.extend(state(origin, said));
    made.push(("Targets", origin.list([origin.map(std::mem::take(to))])));
    sam.make(origin, id, "AWS::Events::Rule", origin.map(made));
}

/// A schedule and the role that it calls its target with.
pub fn schedule(
    sam: &mut Sam<'_>,
    origin: &Origin<'_>,
    id: &str,
    said: &Yaml,
    (policy, action, resource): (&str, &str, Yaml),
) {
    let mut made = same(
        said,
        &[
            "ScheduleExpression",
            "ScheduleExpressionTimezone",
            "StartDate",
            "EndDate",
            "GroupName",
            "KmsKeyArn",
            "Description",
            "State",
        ],
    );
    made.extend(state(origin, said));
    let window = said.get("FlexibleTimeWindow").cloned();
    made.push(("FlexibleTimeWindow", window.unwrap_or_else(|| origin.map([("Mode", origin.text("OFF"))]))));
    made.push(("Name", said.get("Name").cloned().unwrap_or_else(|| origin.text(id))));
    let role = format!("{id}Role");
    let own = said.get("RoleArn").cloned();
    let mut target = vec![
        ("Arn", resource.clone()),
        ("RoleArn", own.clone().unwrap_or_else(|| origin.attribute(&role, "Arn"))),
    ];
    target.extend(same(said, &["Input", "RetryPolicy"]));
    if let Some(arn) = said.get("DeadLetterConfig").and_then(|letter| letter.get("Arn")) {
        target.push(("DeadLetterConfig", origin.map([("Arn", arn.clone())])));
    }
    made.push(("Target", origin.map(target)));
    sam.make(origin, id, "AWS::Scheduler::Schedule", origin.map(made));
    if own.is_none() {
        small_role(sam, origin, &role, "scheduler.amazonaws.com", (policy, action, resource));
    }
}

fn state(origin: &Origin<'_>, said: &Yaml) -> Option<(&'static str, Yaml)> {
    match said.get("Enabled")?.data {
        Data::Bool(true) => Some(("State", origin.text("ENABLED"))),
        Data::Bool(false) => Some(("State", origin.text("DISABLED"))),
        _ => None,
    }
}
