//! Writes `crates/catalog/data/schemas/cloudformation.jsonl` from the resource schemas in the package `cfn-lint`: one line
//! for each type that a file of `data/dialects/cloudformation` names.
//!
//! Only what maps and printers ask for is kept: properties, what they hold, which are required, fixed at creation, or known
//! after it. Descriptions, patterns and limits are left to the judges.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Map, Value, json};

/// Types of which a snapshot can be taken on deletion: what is an attribute of the resource there stands beside its
/// properties here, because Terraform has an attribute for it. From "DeletionPolicy attribute" of the CloudFormation
/// User Guide, 2026-11.
static SNAPSHOTS: &[&str] = &[
    "AWS::DocDB::DBCluster",
    "AWS::EC2::Volume",
    "AWS::ElastiCache::CacheCluster",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::Neptune::DBCluster",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::Redshift::Cluster",
];

pub fn run(args: &[String]) -> Result<(), String> {
    let [folder] = args else {
        return Err("usage: cargo xtask schemas FOLDER, the folder `cfnlint` of the installed package".into());
    };
    let schemas = Path::new(folder).join("data/schemas");
    let index = schemas.join("providers/us_east_1.py");
    let index = std::fs::read_to_string(&index).map_err(|e| format!("{}: {e}", index.display()))?;
    let mut lines = String::new();
    for name in wanted()? {
        let line = index.lines().find_map(|l| l.trim().strip_prefix(&format!("\"{name}\": \"")));
        let file = line.and_then(|l| l.split('"').next()).ok_or_else(|| format!("no schema of {name}"))?;
        let schema = crate::read_json(&schemas.join(format!("resources/{file}.json")))?;
        lines.push_str(&Extract::of(&name, &schema)?.to_string());
        lines.push('\n');
    }
    let target = crate::root().join("crates/catalog/data/schemas/cloudformation.jsonl");
    std::fs::write(&target, lines).map_err(|e| format!("{}: {e}", target.display()))
}

/// The types that maps name, those that only read values of the cloud aside.
fn wanted() -> Result<BTreeSet<String>, String> {
    let mut names = BTreeSet::new();
    for path in crate::json_files("crates/catalog/data/dialects/cloudformation")? {
        let file = crate::read_json(&path)?;
        if file["data"] != true {
            names.extend(file["type"].as_str().map(str::to_owned));
        }
        names.extend(file["companions"].as_object().into_iter().flatten().map(|(name, _)| name.clone()));
    }
    Ok(names)
}

/// A schema being shortened: the objects that were met, by name.
struct Extract<'a> {
    definitions: &'a Value,
    objects: BTreeMap<String, Value>,
}

impl<'a> Extract<'a> {
    fn of(name: &str, schema: &'a Value) -> Result<Value, String> {
        let mut extract = Extract { definitions: &schema["definitions"], objects: BTreeMap::new() };
        let read_only = pointers(&schema["readOnlyProperties"]);
        let mut properties = extract.properties(name.rsplit("::").next().unwrap_or_default(), schema)?;
        properties.retain(|name, _| !read_only.contains(name));
        if SNAPSHOTS.contains(&name) {
            properties.insert("DeletionPolicy".into(), json!("string(Delete|Snapshot)"));
            properties.sort_keys();
        }
        let mut line = Map::new();
        line.insert("type".into(), json!(name));
        for (key, values) in [
            ("identifier", pointers(&schema["primaryIdentifier"])),
            ("create_only", pointers(&schema["createOnlyProperties"])),
            ("read_only", read_only),
        ] {
            if !values.is_empty() {
                line.insert(key.into(), json!(values));
            }
        }
        line.insert("properties".into(), Value::Object(properties));
        if !extract.objects.is_empty() {
            line.insert("objects".into(), json!(extract.objects));
        }
        Ok(Value::Object(line))
    }

    /// Property, then what it holds; `owner` names objects that have no name of their own.
    fn properties(&mut self, owner: &str, schema: &Value) -> Result<Map<String, Value>, String> {
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let mut out = BTreeMap::new();
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let shape = self.shape(&format!("{owner}{name}"), property)?;
            let flag = if required.contains(&name.as_str()) { "required " } else { "" };
            out.insert(name.clone(), json!(format!("{flag}{shape}")));
        }
        Ok(out.into_iter().collect())
    }

    fn shape(&mut self, name: &str, schema: &Value) -> Result<String, String> {
        if let Some(reference) = schema["$ref"].as_str() {
            let name = reference.strip_prefix("#/definitions/").ok_or_else(|| format!("`{reference}`"))?;
            return self.shape(name, &self.definitions[name]);
        }
        // A type that may be several is the first that says more than text.
        let types: Vec<&str> = match &schema["type"] {
            Value::String(one) => vec![one],
            Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let holds = schema["properties"].is_object();
        Ok(match types.as_slice() {
            ["array"] => format!("list({})", self.shape(&format!("{name}Item"), &schema["items"])?),
            [] | ["object"] if holds => {
                if !self.objects.contains_key(name) {
                    self.objects.insert(name.to_owned(), Value::Null);
                    let properties = self.properties(name, schema)?;
                    self.objects.insert(name.to_owned(), Value::Object(properties));
                }
                name.to_owned()
            }
            ["object"] => match schema["patternProperties"].as_object().and_then(|p| p.values().next()) {
                Some(item) => format!("map({})", self.shape(&format!("{name}Item"), item)?),
                None => "json".to_owned(),
            },
            ["string"] => {
                let values: Vec<&str> =
                    schema["enum"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
                if values.is_empty() { "string".to_owned() } else { format!("string({})", values.join("|")) }
            }
            ["integer"] | ["number"] | ["boolean"] => types[0].to_owned(),
            _ => "json".to_owned(),
        })
    }
}

/// `/properties/A/B` as `A.B`, without those that lead into lists.
fn pointers(list: &Value) -> Vec<String> {
    let texts = list.as_array().into_iter().flatten().filter_map(Value::as_str);
    let paths = texts.filter_map(|t| t.strip_prefix("/properties/")).map(|t| t.replace('/', "."));
    paths.filter(|p| !p.contains('*')).collect()
}
