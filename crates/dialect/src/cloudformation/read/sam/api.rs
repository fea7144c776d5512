//! APIs: what functions and state machines answer, gathered into one definition an API.
//!
//! Events name a path and a method; the transform writes them into the OpenAPI document of the API that they name, or of
//! one that it makes for all that name none. Authorizers, usage plans and domain names are not written out.

use ir::Span;
use ir::yaml::Yaml;

use super::events::Target;
use super::{Origin, Sam, referred, same, tags, with_globals};
use crate::cloudformation::read::scope::section;
use crate::cloudformation::read::tree;

/// What is known of an API.
pub struct Api {
    http: bool,
    /// Where its resource is, or the first event that asks for one.
    key: Span,
    node: Yaml,
    properties: Yaml,
    routes: Vec<Route>,
}

/// A path, a method, and the operation that answers.
struct Route {
    path: String,
    method: String,
    operation: Yaml,
}

/// What answers.
pub enum Answer<'a> {
    /// A function.
    Function(&'a Target),
    /// A state machine, started with the role of this id.
    Machine(&'a str),
}

/// Properties of a REST API that it takes as they are.
pub const REST_API: &[&str] = &[
    "Name",
    "Description",
    "BinaryMediaTypes",
    "MinimumCompressionSize",
    "ApiKeySourceType",
    "DisableExecuteApiEndpoint",
    "FailOnWarnings",
    "Mode",
];
/// Properties of a REST API that its stage takes as they are.
pub const REST_STAGE: &[&str] = &[
    "CacheClusterEnabled",
    "CacheClusterSize",
    "Variables",
    "MethodSettings",
    "TracingEnabled",
    "AccessLogSetting",
    "CanarySetting",
];
/// Properties of an HTTP API that it takes as they are.
pub const HTTP_API: &[&str] = &["Name", "Description", "DisableExecuteApiEndpoint", "FailOnWarnings"];
/// Properties of an HTTP API that its stage takes as they are.
pub const HTTP_STAGE: &[&str] =
    &["DefaultRouteSettings", "RouteSettings", "StageVariables", "AccessLogSettings"];

const REST: &str = "ServerlessRestApi";
const HTTP: &str = "ServerlessHttpApi";

/// A REST API that the template has.
pub fn rest(sam: &mut Sam<'_>, origin: &Origin<'_>, properties: &Yaml) {
    declare(sam, origin, properties, false);
}

/// An HTTP API that the template has.
pub fn http(sam: &mut Sam<'_>, origin: &Origin<'_>, properties: &Yaml) {
    declare(sam, origin, properties, true);
}

fn declare(sam: &mut Sam<'_>, origin: &Origin<'_>, properties: &Yaml, http: bool) {
    let routes = sam.apis.shift_remove(origin.id).map_or(Vec::new(), |api| api.routes);
    let api =
        Api { http, key: origin.key, node: origin.node.clone(), properties: properties.clone(), routes };
    sam.apis.insert(origin.id.to_owned(), api);
}

/// Adds what an event answers, and the right to call it.
pub fn route(sam: &mut Sam<'_>, origin: &Origin<'_>, id: &str, said: &Yaml, http: bool, answer: Answer<'_>) {
    let named = said.get(if http { "ApiId" } else { "RestApiId" });
    let implicit = if http { HTTP } else { REST };
    let (api, reference) = match named {
        None => (Some(implicit), origin.reference(implicit)),
        Some(node) => (referred(node).or_else(|| node.as_str()), node.clone()),
    };
    let text = |name: &str| said.get(name).and_then(|node| sam.text(node));
    let path = text("Path").unwrap_or_else(|| "$default".to_owned());
    let method = text("Method").unwrap_or_else(|| "any".to_owned()).to_lowercase();
    let operation = operation(origin, http, &answer);
    if let Answer::Function(target) = answer {
        let stage = if http { String::new() } else { stage_name(sam, api.unwrap_or_default()) };
        let verb = if method == "any" { "*".to_owned() } else { method.to_uppercase() };
        let place = if path == "$default" { "*".to_owned() } else { format!("{verb}{}", any_part(&path)) };
        let pattern = format!(
            "arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{api}}/*/{place}"
        );
        let made = vec![
            ("Action", origin.text("lambda:InvokeFunction")),
            ("FunctionName", target.name(origin)),
            ("Principal", origin.text("apigateway.amazonaws.com")),
            ("SourceArn", origin.sub_with(&pattern, [("api", reference)])),
        ];
        let id = format!("{id}Permission{stage}");
        sam.make(origin, &id, "AWS::Lambda::Permission", origin.map(made));
    }
    let Some(api) = api else { return };
    let here = sam.root.get("Resources").and_then(|all| all.get(api)).and_then(|node| node.get("Type"));
    let serverless = here.and_then(Yaml::as_str).is_some_and(|ty| ty.starts_with("AWS::Serverless::"));
    if api != implicit && !serverless {
        return;
    }
    let key = origin.key;
    let entry = sam.apis.entry(api.to_owned()).or_insert_with(|| {
        let node = origin.map([]);
        let kind = if http { "HttpApi" } else { "Api" };
        let properties = with_globals(sam.root, kind, &node);
        Api { http, key, node, properties, routes: Vec::new() }
    });
    entry.routes.push(Route { path, method, operation });
}

/// A path whose parameters are anything.
fn any_part(path: &str) -> String {
    let part = |part: &str| if part.starts_with('{') { "*".to_owned() } else { part.to_owned() };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

fn operation(origin: &Origin<'_>, http: bool, answer: &Answer<'_>) -> Yaml {
    let mut integration = vec![("httpMethod", origin.text("POST"))];
    match answer {
        Answer::Function(target) => {
            let uri = format!(
                "arn:${{AWS::Partition}}:apigateway:${{AWS::Region}}:lambda:path/2015-03-31/functions/{}/invocations",
                target.within_text(origin)
            );
            integration.push(("type", origin.text("aws_proxy")));
            integration.push(("uri", origin.sub(&uri)));
            if http {
                integration.push(("payloadFormatVersion", origin.text("2.0")));
            }
        }
        Answer::Machine(role) => {
            let uri = "arn:${AWS::Partition}:apigateway:${AWS::Region}:states:action/StartExecution";
            integration.push(("type", origin.text("aws")));
            integration.push(("uri", origin.sub(uri)));
            integration.push(("credentials", origin.attribute(role, "Arn")));
        }
    }
    let integration = ("x-amazon-apigateway-integration", origin.map(integration));
    origin.map([integration, ("responses", origin.map([]))])
}

/// The letters and digits of the name of an API's stage, when it is known.
fn stage_name(sam: &Sam<'_>, api: &str) -> String {
    if api == REST {
        return "Prod".to_owned();
    }
    let found = section(sam.root, "Resources").iter().find(|(key, _)| key.text == api);
    let name = found.and_then(|(_, node)| sam.text(with_globals(sam.root, "Api", node).get("StageName")?));
    name.unwrap_or_default().chars().filter(char::is_ascii_alphanumeric).collect()
}

/// Makes the APIs, now that all events are known.
pub fn finish(sam: &mut Sam<'_>) {
    for (id, api) in std::mem::take(&mut sam.apis) {
        let origin = Origin { id: &id, key: api.key, node: &api.node };
        if api.http {
            finish_http(sam, &origin, &api);
        } else {
            finish_rest(sam, &origin, &api);
        }
    }
}

fn finish_rest(sam: &mut Sam<'_>, origin: &Origin<'_>, api: &Api) {
    let (id, properties) = (origin.id, &api.properties);
    let mut made = same(properties, REST_API);
    made.push(body(origin, api, ("swagger", "2.0")));
    if let Some(endpoint) = properties.get("EndpointConfiguration") {
        let types = endpoint.get("Type").unwrap_or(endpoint).clone();
        let mut endpoints = vec![("Types", origin.list([types]))];
        endpoints.extend(endpoint.get("VPCEndpointIds").map(|ids| ("VpcEndpointIds", ids.clone())));
        made.push(("EndpointConfiguration", origin.map(endpoints)));
    }
    made.extend(tags(origin, properties).map(|tags| ("Tags", tags)));
    sam.make(origin, id, "AWS::ApiGateway::RestApi", origin.map(made));
    let deployment = format!("{id}Deployment");
    let made = origin.map([("RestApiId", origin.reference(id))]);
    sam.make(origin, &deployment, "AWS::ApiGateway::Deployment", made);
    let name = properties.get("StageName").cloned().unwrap_or_else(|| origin.text("Prod"));
    let stage = format!("{id}{}Stage", stage_name(sam, id));
    let mut made = vec![
        ("RestApiId", origin.reference(id)),
        ("DeploymentId", origin.reference(&deployment)),
        ("StageName", name),
    ];
    made.extend(same(properties, REST_STAGE));
    made.extend(tags(origin, properties).map(|tags| ("Tags", tags)));
    sam.make(origin, &stage, "AWS::ApiGateway::Stage", origin.map(made));
    sam.aliases.insert(format!("{id}.Stage"), stage);
    sam.aliases.insert(format!("{id}.Deployment"), deployment);
}

fn finish_http(sam: &mut Sam<'_>, origin: &Origin<'_>, api: &Api) {
    let (id, properties) = (origin.id, &api.properties);
    let mut made = same(properties, HTTP_API);
    made.push(body(origin, api, ("openapi", "3.0.1")));
    sam.make(origin, id, "AWS::ApiGatewayV2::Api", origin.map(made));
    let name = properties.get("StageName").cloned().unwrap_or_else(|| origin.text("$default"));
    let words = match sam.text(&name).as_deref() {
        Some("$default") => "ApiGatewayDefault".to_owned(),
        Some(name) => name.chars().filter(char::is_ascii_alphanumeric).collect(),
        None => String::new(),
    };
    let mut made = vec![
        ("ApiId", origin.reference(id)),
        ("StageName", name),
        ("AutoDeploy", tree::truth(origin.span(), true)),
    ];
    made.extend(same(properties, HTTP_STAGE));
    made.extend(same(properties, &["Tags"]));
    let stage = format!("{id}{words}Stage");
    sam.make(origin, &stage, "AWS::ApiGatewayV2::Stage", origin.map(made));
    sam.aliases.insert(format!("{id}.Stage"), stage);
}

/// The definition: what the template says, with the routes that events add. One in a bucket stays there.
fn body(origin: &Origin<'_>, api: &Api, (version, number): (&str, &str)) -> (&'static str, Yaml) {
    if let Some(uri) = api.properties.get("DefinitionUri") {
        let place = match uri.as_str().and_then(|text| text.strip_prefix("s3://")?.split_once('/')) {
            Some((bucket, key)) => origin.map([("Bucket", origin.text(bucket)), ("Key", origin.text(key))]),
            None => uri.clone(),
        };
        return ("BodyS3Location", place);
    }
    let mut body = api.properties.get("DefinitionBody").cloned().unwrap_or_else(|| {
        let info =
            origin.map([("version", origin.text("1.0")), ("title", origin.reference("AWS::StackName"))]);
        origin.map([(version, origin.text(number)), ("info", info), ("paths", origin.map([]))])
    });
    if let Some(cors) = api.properties.get("CorsConfiguration").filter(|_| api.http) {
        tree::set(&mut body, "x-amazon-apigateway-cors", cors.clone());
    }
    if let Some(paths) = tree::get_mut(&mut body, "paths") {
        for route in &api.routes {
            let method = if route.method == "any" { "x-amazon-apigateway-any-method" } else { &route.method };
            if paths.get(&route.path).is_none() {
                tree::set(paths, &route.path, origin.map([]));
            }
            if let Some(path) = tree::get_mut(paths, &route.path).filter(|path| path.get(method).is_none()) {
                tree::set(path, method, route.operation.clone());
            }
        }
    }
    ("Body", body)
}
