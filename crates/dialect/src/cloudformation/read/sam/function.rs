//! `AWS::Serverless::Function`: the function, its role, its alias, and how it is released.

use ir::yaml::Yaml;

use super::events::{self, Target};
use super::policies::{self, Role, allows};
use super::{Origin, Sam, referred, same, tags};
use crate::cloudformation::read::tree;

/// Properties that the function takes as they are.
pub const SAME: &[&str] = &[
    "FunctionName",
    "Handler",
    "Runtime",
    "Description",
    "MemorySize",
    "Timeout",
    "KmsKeyArn",
    "ReservedConcurrentExecutions",
    "Architectures",
    "EphemeralStorage",
    "ImageConfig",
    "PackageType",
    "FileSystemConfigs",
    "Environment",
    "VpcConfig",
    "Layers",
    "SnapStart",
    "RuntimeManagementConfig",
    "LoggingConfig",
    "CodeSigningConfigArn",
    "RecursiveLoop",
];

/// Makes everything that a function is.
pub fn add(sam: &mut Sam<'_>, origin: &Origin<'_>, properties: &Yaml) {
    let role = format!("{}Role", origin.id);
    let mut made = Vec::new();
    made.extend(code(origin, properties).map(|code| ("Code", code)));
    made.extend(same(properties, SAME));
    made.push(("Role", properties.get("Role").cloned().unwrap_or_else(|| origin.attribute(&role, "Arn"))));
    made.extend(tags(origin, properties).map(|tags| ("Tags", tags)));
    if let Some(mode) = properties.get("Tracing") {
        made.push(("TracingConfig", origin.map([("Mode", mode.clone())])));
    }
    let letter = properties.get("DeadLetterQueue").and_then(|queue| queue.get("TargetArn"));
    if let Some(arn) = letter {
        made.push(("DeadLetterConfig", origin.map([("TargetArn", arn.clone())])));
    }
    sam.make(origin, origin.id, "AWS::Lambda::Function", origin.map(made));
    if properties.get("Role").is_none() {
        policies::role(sam, origin, properties, own_role(sam, origin, properties, role));
    }
    let target = target(sam, origin, properties);
    url(sam, origin, properties, &target);
    if let Some(config) = properties.get("EventInvokeConfig") {
        let qualifier = target
            .alias
            .as_deref()
            .map_or_else(|| origin.text("$LATEST"), |alias| origin.attribute(alias, "Name"));
        let mut made = vec![("FunctionName", origin.reference(origin.id)), ("Qualifier", qualifier)];
        made.extend(same(config, &["MaximumEventAgeInSeconds", "MaximumRetryAttempts", "DestinationConfig"]));
        let id = format!("{}EventInvokeConfig", origin.id);
        sam.make(origin, &id, "AWS::Lambda::EventInvokeConfig", origin.map(made));
    }
    for (event, node) in properties.get("Events").and_then(Yaml::entries).unwrap_or_default() {
        events::function(sam, origin, &event.text, node, &target);
    }
}

fn own_role(sam: &Sam<'_>, origin: &Origin<'_>, properties: &Yaml, id: String) -> Role {
    let mut managed = vec!["AWSLambdaBasicExecutionRole"];
    if properties.get("Tracing").and_then(|t| sam.text(t)).is_some_and(|mode| mode == "Active") {
        managed.push("AWSXrayWriteOnlyAccess");
    }
    if properties.get("VpcConfig").is_some() {
        managed.push("AWSLambdaVPCAccessExecutionRole");
    }
    for (_, event) in properties.get("Events").and_then(Yaml::entries).unwrap_or_default() {
        let needed = match event.get("Type").and_then(Yaml::as_str) {
            Some("DynamoDB") => "AWSLambdaDynamoDBExecutionRole",
            Some("Kinesis") => "AWSLambdaKinesisExecutionRole",
            Some("SQS") => "AWSLambdaSQSQueueExecutionRole",
            Some("MSK") => "AWSLambdaMSKExecutionRole",
            _ => continue,
        };
        if !managed.contains(&needed) {
            managed.push(needed);
        }
    }
    let mut own = Vec::new();
    if let Some(letter) = properties.get("DeadLetterQueue")
        && let Some(arn) = letter.get("TargetArn")
    {
        let topic = letter.get("Type").and_then(Yaml::as_str) == Some("SNS");
        let action = if topic { "sns:Publish" } else { "sqs:SendMessage" };
        let statement = allows(origin, &[action], [arn.clone()]);
        let document =
            origin.map([("Version", origin.text("2012-10-17")), ("Statement", origin.list([statement]))]);
        own.push(
            origin.map([("PolicyName", origin.text("DeadLetterQueuePolicy")), ("PolicyDocument", document)]),
        );
    }
    Role { id, service: "lambda.amazonaws.com", managed, own }
}

/// Where the code is, when the template says it. A folder on a disk is uploaded first, and nobody knows where to.
fn code(origin: &Origin<'_>, properties: &Yaml) -> Option<Yaml> {
    if let Some(text) = properties.get("InlineCode") {
        return Some(origin.map([("ZipFile", text.clone())]));
    }
    if let Some(image) = properties.get("ImageUri") {
        return Some(origin.map([("ImageUri", image.clone())]));
    }
    place(origin, properties.get("CodeUri")?)
}

/// A place in a bucket.
pub fn place(origin: &Origin<'_>, uri: &Yaml) -> Option<Yaml> {
    if let Some(text) = uri.as_str() {
        let (bucket, key) = text.strip_prefix("s3://")?.split_once('/')?;
        return Some(origin.map([("S3Bucket", origin.text(bucket)), ("S3Key", origin.text(key))]));
    }
    let part = |from: &str, to: &'static str| Some((to, uri.get(from)?.clone()));
    let parts = [part("Bucket", "S3Bucket"), part("Key", "S3Key"), part("Version", "S3ObjectVersion")];
    uri.get("Bucket").map(|_| origin.map(parts.into_iter().flatten()))
}

/// The alias that events reach, with its version and its releases; the function itself where there is none.
fn target(sam: &mut Sam<'_>, origin: &Origin<'_>, properties: &Yaml) -> Target {
    let id = origin.id;
    let Some(name) = properties.get("AutoPublishAlias") else { return Target { alias: None } };
    let version = format!("{id}Version");
    let words: String =
        sam.text(name).unwrap_or_default().chars().filter(char::is_ascii_alphanumeric).collect();
    let alias = format!("{id}Alias{words}");
    let of = || ("FunctionName", origin.reference(id));
    sam.make(origin, &version, "AWS::Lambda::Version", origin.map([of()]));
    if let Some((_, node)) = sam.made.get_mut(&version) {
        tree::set(node, "DeletionPolicy", origin.text("Retain"));
    }
    let mut made =
        vec![("Name", name.clone()), of(), ("FunctionVersion", origin.attribute(&version, "Version"))];
    made.extend(same(properties, &["ProvisionedConcurrencyConfig"]));
    sam.make(origin, &alias, "AWS::Lambda::Alias", origin.map(made));
    sam.aliases.insert(format!("{id}.Version"), version);
    sam.aliases.insert(format!("{id}.Alias"), alias.clone());
    if let Some(release) = properties.get("DeploymentPreference") {
        releases(sam, origin, release);
    }
    Target { alias: Some(alias) }
}

fn releases(sam: &mut Sam<'_>, origin: &Origin<'_>, release: &Yaml) {
    let said = |name: &str| release.get(name).and_then(Yaml::scalar);
    if said("Enabled").is_some_and(|enabled| enabled == "false") {
        return;
    }
    let application = "ServerlessDeploymentApplication";
    let platform = origin.map([("ComputePlatform", origin.text("Lambda"))]);
    sam.make(origin, application, "AWS::CodeDeploy::Application", platform);
    let role = release.get("Role").cloned().unwrap_or_else(|| {
        let empty = origin.map([]);
        let role = Role {
            id: "CodeDeployServiceRole".to_owned(),
            service: "codedeploy.amazonaws.com",
            managed: vec!["AWSCodeDeployRoleForLambda"],
            own: Vec::new(),
        };
        policies::role(sam, origin, &empty, role);
        origin.attribute("CodeDeployServiceRole", "Arn")
    });
    let events = ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"];
    let events = origin.list(events.map(|event| origin.text(event)));
    let style = origin.map([
        ("DeploymentType", origin.text("BLUE_GREEN")),
        ("DeploymentOption", origin.text("WITH_TRAFFIC_CONTROL")),
    ]);
    let mut made = vec![
        ("ApplicationName", origin.reference(application)),
        (
            "AutoRollbackConfiguration",
            origin.map([("Enabled", tree::truth(origin.span(), true)), ("Events", events)]),
        ),
        ("DeploymentStyle", style),
        ("ServiceRoleArn", role),
    ];
    if let Some(ty) = release.get("Type") {
        let known = ["Canary", "Linear", "AllAtOnce"];
        let name = match sam.text(ty) {
            Some(name) if known.iter().any(|k| name.starts_with(k)) => {
                origin.text(&format!("CodeDeployDefault.Lambda{name}"))
            }
            _ => ty.clone(),
        };
        made.push(("DeploymentConfigName", name));
    }
    if let Some(alarms) = release.get("Alarms").and_then(Yaml::items) {
        let alarms = alarms.iter().map(|alarm| origin.map([("Name", alarm.clone())]));
        made.push((
            "AlarmConfiguration",
            origin.map([("Enabled", tree::truth(origin.span(), true)), ("Alarms", origin.list(alarms))]),
        ));
    }
    let id = format!("{}DeploymentGroup", origin.id);
    sam.make(origin, &id, "AWS::CodeDeploy::DeploymentGroup", origin.map(made));
}

fn url(sam: &mut Sam<'_>, origin: &Origin<'_>, properties: &Yaml, target: &Target) {
    let Some(config) = properties.get("FunctionUrlConfig") else { return };
    let id = origin.id;
    let mut made = vec![("TargetFunctionArn", target.name(origin))];
    made.extend(same(config, &["AuthType", "Cors", "InvokeMode"]));
    sam.make(origin, &format!("{id}Url"), "AWS::Lambda::Url", origin.map(made));
    let open = config.get("AuthType").and_then(|ty| sam.text(ty)).is_some_and(|ty| ty == "NONE");
    if open {
        let everyone = |action: &str| {
            vec![
                ("Action", origin.text(action)),
                ("FunctionName", target.name(origin)),
                ("Principal", origin.text("*")),
            ]
        };
        let mut url = everyone("lambda:InvokeFunctionUrl");
        url.push(("FunctionUrlAuthType", origin.text("NONE")));
        sam.make(origin, &format!("{id}UrlPublicPermissions"), "AWS::Lambda::Permission", origin.map(url));
        let mut invoke = everyone("lambda:InvokeFunction");
        invoke.push(("InvokedViaFunctionUrl", tree::truth(origin.span(), true)));
        sam.make(
            origin,
            &format!("{id}URLInvokeAllowPublicAccess"),
            "AWS::Lambda::Permission",
            origin.map(invoke),
        );
    }
}

/// What a function's events change in other resources: buckets tell of their objects, user pools of their users.
pub fn changes(sam: &mut Sam<'_>, origin: &Origin<'_>) {
    if origin.node.get("Type").and_then(Yaml::as_str) != Some("AWS::Serverless::Function") {
        return;
    }
    let Some(properties) = origin.node.get("Properties") else { return };
    let alias = sam.aliases.get(&format!("{}.Alias", origin.id)).cloned();
    let target = Target { alias };
    for (event, node) in properties.get("Events").and_then(Yaml::entries).unwrap_or_default() {
        let Some(said) = node.get("Properties") else { continue };
        match node.get("Type").and_then(Yaml::as_str) {
            Some("S3") => bucket(sam, origin, &event.text, said, &target),
            Some("Cognito") => pool(sam, origin, said, &target),
            _ => {}
        }
    }
}

fn bucket(sam: &mut Sam<'_>, origin: &Origin<'_>, event: &str, said: &Yaml, target: &Target) {
    let Some((_, bucket)) = said.get("Bucket").and_then(referred).and_then(|id| sam.made.get_mut(id)) else {
        return;
    };
    let permission = origin.text(&format!("{}{event}Permission", origin.id));
    let mut waits: Vec<Yaml> = match bucket.get("DependsOn") {
        Some(waits) => waits.items().map_or_else(|| vec![waits.clone()], <[Yaml]>::to_vec),
        None => Vec::new(),
    };
    waits.push(permission);
    tree::set(bucket, "DependsOn", origin.list(waits));
    let events = said.get("Events").cloned().unwrap_or_else(|| origin.list([]));
    let events = events.items().map_or_else(|| vec![events.clone()], <[Yaml]>::to_vec);
    let told = events.into_iter().map(|event| {
        let mut one = vec![("Event", event), ("Function", target.arn(origin))];
        one.extend(same(said, &["Filter"]));
        origin.map(one)
    });
    let Some(configurations) = into(origin, bucket, "Properties")
        .and_then(|properties| into(origin, properties, "NotificationConfiguration"))
        .and_then(|told| into(origin, told, "LambdaConfigurations"))
    else {
        return;
    };
    let all: Vec<Yaml> = configurations.items().unwrap_or_default().iter().cloned().chain(told).collect();
    *configurations = origin.list(all);
}

fn pool(sam: &mut Sam<'_>, origin: &Origin<'_>, said: &Yaml, target: &Target) {
    let Some((_, pool)) = said.get("UserPool").and_then(referred).and_then(|id| sam.made.get_mut(id)) else {
        return;
    };
    let properties = into(origin, pool, "Properties");
    let Some(config) = properties.and_then(|properties| into(origin, properties, "LambdaConfig")) else {
        return;
    };
    let triggers = said.get("Trigger");
    for trigger in triggers.map_or(&[][..], |t| t.items().unwrap_or(std::slice::from_ref(t))) {
        if let Some(name) = trigger.as_str() {
            tree::set(config, name, target.arn(origin));
        }
    }
}

/// What is under a key, a mapping when nothing was; nothing where no key can stand.
fn into<'n>(origin: &Origin<'_>, node: &'n mut Yaml, name: &str) -> Option<&'n mut Yaml> {
    if node.get(name).is_none() {
        tree::set(node, name, origin.map([]));
    }
    tree::get_mut(node, name)
}
