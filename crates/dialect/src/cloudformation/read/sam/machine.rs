//! `AWS::Serverless::StateMachine`: the state machine, its role, and what starts it.

use ir::yaml::Yaml;

use super::policies::{self, Role, small_role};
use super::{Origin, Sam, api, events, same, tags};

/// Makes everything that a state machine is.
pub fn add(sam: &mut Sam<'_>, origin: &Origin<'_>, properties: &Yaml) {
    let role = format!("{}Role", origin.id);
    let mut made = Vec::new();
    for (from, to) in [
        ("Name", "StateMachineName"),
        ("Type", "StateMachineType"),
        ("Definition", "Definition"),
        ("DefinitionSubstitutions", "DefinitionSubstitutions"),
        ("Logging", "LoggingConfiguration"),
        ("Tracing", "TracingConfiguration"),
    ] {
        made.extend(properties.get(from).map(|value| (to, value.clone())));
    }
    if let Some(uri) = properties.get("DefinitionUri").filter(|uri| uri.get("Bucket").is_some()) {
        made.push(("DefinitionS3Location", origin.map(same(uri, &["Bucket", "Key", "Version"]))));
    }
    made.push(("RoleArn", properties.get("Role").cloned().unwrap_or_else(|| origin.attribute(&role, "Arn"))));
    made.extend(tags(origin, properties).map(|tags| ("Tags", tags)));
    sam.make(origin, origin.id, "AWS::StepFunctions::StateMachine", origin.map(made));
    if properties.get("Role").is_none() {
        let traced = properties.get("Tracing").and_then(|tracing| tracing.get("Enabled"));
        let traced = traced.and_then(|on| sam.text(on)).is_some_and(|on| on == "true");
        let managed = if traced { vec!["AWSXrayWriteOnlyAccess"] } else { Vec::new() };
        let role = Role { id: role, service: "states.amazonaws.com", managed, own: Vec::new() };
        policies::role(sam, origin, properties, role);
    }
    for (event, node) in properties.get("Events").and_then(Yaml::entries).unwrap_or_default() {
        starts(sam, origin, &event.text, node);
    }
}

fn starts(sam: &mut Sam<'_>, origin: &Origin<'_>, event: &str, node: &Yaml) {
    let id = format!("{}{event}", origin.id);
    let empty = origin.map([]);
    let said = node.get("Properties").unwrap_or(&empty);
    let machine = || origin.reference(origin.id);
    let action = "states:StartExecution";
    let role = format!("{id}Role");
    let policy = format!("{role}StartExecutionPolicy");
    match node.get("Type").and_then(Yaml::as_str).unwrap_or_default() {
        "Schedule" | "EventBridgeRule" | "CloudWatchEvent" => {
            let own = said.get("RoleArn").cloned();
            let mut to = vec![
                ("Id", origin.text(&format!("{id}StepFunctionsTarget"))),
                ("Arn", machine()),
                ("RoleArn", own.clone().unwrap_or_else(|| origin.attribute(&role, "Arn"))),
            ];
            events::rule(sam, origin, &id, said, &mut to);
            if own.is_none() {
                small_role(sam, origin, &role, "events.amazonaws.com", (&policy, action, machine()));
            }
        }
        "ScheduleV2" => {
            let name = format!("{id}StartExecutionPolicy");
            events::schedule(sam, origin, &id, said, (&name, action, machine()));
        }
        "Api" => {
            small_role(sam, origin, &role, "apigateway.amazonaws.com", (&policy, action, machine()));
            api::route(sam, origin, &id, said, false, api::Answer::Machine(&role));
        }
        other => sam.leave(origin, &format!("Events.{event} ({other})")),
    }
}
