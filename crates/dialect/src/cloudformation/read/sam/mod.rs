//! SAM: serverless resources as the resources that the transform makes of them.
//!
//! The transform is CloudFormation's own, and what it makes is documented as "generated resources": their logical ids are
//! what other resources of a template refer to. Ids that end in a hash of uploaded code stand without it, because no
//! code was uploaded. Checked against aws-sam-translator 1.115.0, which is the transform.

mod api;
mod events;
mod function;
mod machine;
mod policies;

use std::collections::HashMap;

use indexmap::IndexMap;
use ir::yaml::{Data, Key, Yaml};
use ir::{Diagnostic, Span};

use super::parameters::Parameter;
use super::scope::section;
use super::session::Session;
use super::tree;

/// The template with its serverless resources written out, and names that SAM lets people use for what it makes.
pub fn expanded(
    root: Yaml,
    parameters: &IndexMap<String, Parameter>,
    session: &Session,
) -> (Yaml, HashMap<String, String>) {
    let mut sam = Sam {
        root: &root,
        session,
        parameters,
        made: IndexMap::new(),
        aliases: HashMap::new(),
        apis: IndexMap::new(),
    };
    for (key, node) in section(&root, "Resources") {
        let Some(kind) =
            node.get("Type").and_then(Yaml::as_str).and_then(|t| t.strip_prefix("AWS::Serverless::"))
        else {
            sam.made.entry(key.text.clone()).or_insert_with(|| (key.span, node.clone()));
            continue;
        };
        let properties = with_globals(&root, kind, node);
        let origin = Origin { id: &key.text, key: key.span, node };
        unread(&sam, &origin, kind, &properties);
        match kind {
            "Function" => function::add(&mut sam, &origin, &properties),
            "Api" => api::rest(&mut sam, &origin, &properties),
            "HttpApi" => api::http(&mut sam, &origin, &properties),
            "SimpleTable" => table(&mut sam, &origin, &properties),
            "LayerVersion" => layer(&mut sam, &origin, &properties),
            "StateMachine" => machine::add(&mut sam, &origin, &properties),
            _ => {
                session.say(
                    Diagnostic::note(
                        "sam-not-expanded",
                        format!("what AWS::Serverless::{kind} makes is not known"),
                    )
                    .at(key.span, "kept as one resource"),
                );
                sam.made.insert(key.text.clone(), (key.span, node.clone()));
            }
        }
    }
    for (key, node) in section(&root, "Resources") {
        function::changes(&mut sam, &Origin { id: &key.text, key: key.span, node });
    }
    api::finish(&mut sam);
    let Sam { made, aliases, .. } = sam;
    let resources = made.into_iter().map(|(text, (span, node))| (Key { text, span }, node)).collect();
    let span = root.span;
    let mut root = root;
    tree::set(&mut root, "Resources", Yaml { data: Data::Map(resources), span, tag: None });
    (root, aliases)
}

/// What is being made.
pub struct Sam<'a> {
    root: &'a Yaml,
    session: &'a Session,
    parameters: &'a IndexMap<String, Parameter>,
    /// Resources by logical id, with the place of their name.
    made: IndexMap<String, (Span, Yaml)>,
    aliases: HashMap<String, String>,
    /// What functions and state machines answer, by the logical id of the API.
    apis: IndexMap<String, api::Api>,
}

/// The serverless resource that something is made of.
pub struct Origin<'a> {
    id: &'a str,
    key: Span,
    node: &'a Yaml,
}

impl Origin<'_> {
    fn span(&self) -> Span {
        self.node.span
    }

    fn text(&self, value: &str) -> Yaml {
        tree::text(self.span(), value)
    }

    fn map<'e>(&self, entries: impl IntoIterator<Item = (&'e str, Yaml)>) -> Yaml {
        tree::map(self.span(), entries)
    }

    fn list(&self, items: impl IntoIterator<Item = Yaml>) -> Yaml {
        tree::list(self.span(), items)
    }

    fn reference(&self, name: &str) -> Yaml {
        tree::reference(self.span(), name)
    }

    fn attribute(&self, name: &str, attribute: &str) -> Yaml {
        tree::attribute(self.span(), name, attribute)
    }

    fn sub(&self, template: &str) -> Yaml {
        tree::sub(self.span(), template)
    }

    /// `Fn::Sub` of a text and its variables.
    fn sub_with<'e>(&self, template: &str, variables: impl IntoIterator<Item = (&'e str, Yaml)>) -> Yaml {
        tree::call("Fn::Sub", self.list([self.text(template), self.map(variables)]))
    }
}

impl Sam<'_> {
    /// Adds a resource. One of the same id that another made stays as it is.
    fn make(&mut self, origin: &Origin<'_>, id: &str, kind: &str, properties: Yaml) {
        let mut entries = vec![("Type", origin.text(kind)), ("Properties", properties)];
        let main = id == origin.id;
        let beside: &[&str] = if main {
            &["Condition", "DependsOn", "DeletionPolicy", "UpdateReplacePolicy", "Metadata"]
        } else {
            &["Condition"]
        };
        entries.extend(beside.iter().filter_map(|name| Some((*name, origin.node.get(name)?.clone()))));
        self.made.entry(id.to_owned()).or_insert_with(|| (origin.key, origin.map(entries)));
    }

    /// The text of a node, also when a parameter gives it.
    fn text(&self, node: &Yaml) -> Option<String> {
        match tree::called(node) {
            Some(("Ref", name)) => self.parameters.get(name.as_str()?)?.value.text(),
            Some(_) => None,
            None => node.scalar(),
        }
    }

    /// Says that a property of a serverless resource is not written out.
    fn leave(&self, origin: &Origin<'_>, property: &str) {
        self.session.lose(
            Diagnostic::warning(
                "sam-property-not-read",
                format!("`{property}` of `{}` is not expanded", origin.id),
            )
            .at(origin.key, "what it makes is missing"),
        );
    }
}

/// The properties that are read, by the type without its beginning.
const READ: &[(&str, &[&[&str]])] = &[
    (
        "Function",
        &[
            function::SAME,
            &["AutoPublishAlias", "CodeUri", "DeadLetterQueue", "DeploymentPreference", "EventInvokeConfig"],
            &["FunctionUrlConfig", "ImageUri", "InlineCode", "ProvisionedConcurrencyConfig"],
            &["Events", "Tags", "Tracing"],
            policies::READ,
        ],
    ),
    (
        "Api",
        &[
            api::REST_API,
            api::REST_STAGE,
            &["DefinitionBody", "DefinitionUri", "EndpointConfiguration", "StageName", "Tags"],
        ],
    ),
    (
        "HttpApi",
        &[
            api::HTTP_API,
            api::HTTP_STAGE,
            &["CorsConfiguration", "DefinitionBody", "DefinitionUri", "StageName", "Tags"],
        ],
    ),
    ("SimpleTable", &[TABLE_SAME, &["PrimaryKey", "Tags"]]),
    ("LayerVersion", &[LAYER_SAME, &["ContentUri", "RetentionPolicy"]]),
    (
        "StateMachine",
        &[
            &["Definition", "DefinitionSubstitutions", "DefinitionUri", "Logging", "Name", "Type"],
            &["Events", "Tags", "Tracing"],
            policies::READ,
        ],
    ),
];

/// Properties that a table takes as they are.
const TABLE_SAME: &[&str] =
    &["ProvisionedThroughput", "TableName", "SSESpecification", "PointInTimeRecoverySpecification"];

/// Properties that a layer takes as they are.
const LAYER_SAME: &[&str] =
    &["LayerName", "Description", "CompatibleArchitectures", "CompatibleRuntimes", "LicenseInfo"];

/// Says which properties of a serverless resource nothing is made of.
fn unread(sam: &Sam<'_>, origin: &Origin<'_>, kind: &str, properties: &Yaml) {
    let Some((_, read)) = READ.iter().find(|(name, _)| *name == kind) else { return };
    for (key, _) in properties.entries().unwrap_or_default() {
        if !read.iter().any(|names| names.contains(&key.text.as_str())) {
            sam.leave(origin, &key.text);
        }
    }
}

/// The logical id that a reference names.
fn referred(node: &Yaml) -> Option<&str> {
    match tree::called(node)? {
        ("Ref", name) => name.as_str(),
        ("Fn::GetAtt", argument) => match argument.as_str() {
            Some(text) => text.split('.').next(),
            None => argument.items()?.first()?.as_str(),
        },
        _ => None,
    }
}

/// The properties that `names` lists, as they are.
fn same<'n>(properties: &Yaml, names: &[&'n str]) -> Vec<(&'n str, Yaml)> {
    names.iter().filter_map(|name| Some((*name, properties.get(name)?.clone()))).collect()
}

/// Tags as CloudFormation lists them.
fn tags(origin: &Origin<'_>, properties: &Yaml) -> Option<Yaml> {
    let entries = properties.get("Tags")?.entries()?;
    let tag =
        |(key, value): &(Key, Yaml)| origin.map([("Key", origin.text(&key.text)), ("Value", value.clone())]);
    Some(origin.list(entries.iter().map(tag)))
}

/// The properties of a resource, with those that the template says for all of its type.
fn with_globals(root: &Yaml, kind: &str, node: &Yaml) -> Yaml {
    let own = node.get("Properties").cloned().unwrap_or_else(|| tree::map(node.span, []));
    match root.get("Globals").and_then(|globals| globals.get(kind)) {
        Some(global) => merged(global, own),
        None => own,
    }
}

/// Mappings are put together key by key, lists behind each other; of everything else the nearer counts.
fn merged(global: &Yaml, own: Yaml) -> Yaml {
    let function = |node: &Yaml| tree::called(node).is_some();
    let Yaml { data, span, tag } = own;
    let data = match (&global.data, data) {
        (Data::Map(outer), Data::Map(inner)) if !function(global) => {
            let mut entries: Vec<(Key, Yaml)> = outer.clone();
            for (key, value) in inner {
                match entries.iter_mut().find(|(k, _)| k.text == key.text) {
                    Some((_, old)) if function(&value) => *old = value,
                    Some((_, old)) => *old = merged(&old.clone(), value),
                    None => entries.push((key, value)),
                }
            }
            Data::Map(entries)
        }
        (Data::Seq(outer), Data::Seq(inner)) => Data::Seq(outer.iter().cloned().chain(inner).collect()),
        (_, inner) => inner,
    };
    Yaml { data, span, tag }
}

fn table(sam: &mut Sam<'_>, origin: &Origin<'_>, properties: &Yaml) {
    let key = properties.get("PrimaryKey");
    let part = |name: &str| key.and_then(|k| k.get(name)).and_then(Yaml::as_str);
    let name = origin.text(part("Name").unwrap_or("id"));
    let ty = match part("Type") {
        Some("Number") => "N",
        Some("Binary") => "B",
        _ => "S",
    };
    let attribute = origin.map([("AttributeName", name.clone()), ("AttributeType", origin.text(ty))]);
    let schema = origin.map([("AttributeName", name), ("KeyType", origin.text("HASH"))]);
    let mut made =
        vec![("AttributeDefinitions", origin.list([attribute])), ("KeySchema", origin.list([schema]))];
    if properties.get("ProvisionedThroughput").is_none() {
        made.push(("BillingMode", origin.text("PAY_PER_REQUEST")));
    }
    made.extend(same(properties, TABLE_SAME));
    made.extend(tags(origin, properties).map(|tags| ("Tags", tags)));
    sam.make(origin, origin.id, "AWS::DynamoDB::Table", origin.map(made));
}

fn layer(sam: &mut Sam<'_>, origin: &Origin<'_>, properties: &Yaml) {
    let mut made = same(properties, LAYER_SAME);
    if properties.get("LayerName").is_none() {
        made.push(("LayerName", origin.text(origin.id)));
    }
    let uri = properties.get("ContentUri");
    made.extend(uri.and_then(|uri| function::place(origin, uri)).map(|place| ("Content", place)));
    sam.make(origin, origin.id, "AWS::Lambda::LayerVersion", origin.map(made));
    let policy = properties.get("RetentionPolicy").and_then(|policy| sam.text(policy));
    if policy.is_none_or(|policy| policy == "Retain")
        && let Some((_, node)) = sam.made.get_mut(origin.id)
    {
        tree::set(node, "DeletionPolicy", origin.text("Retain"));
    }
}
