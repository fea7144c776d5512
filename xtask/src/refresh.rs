//! Fills `schema` in every kind's data file from what the provider says of itself.
//!
//! Terraform prints the schema of a provider that is installed. The others are read from the classes that are generated
//! from the same schemas, by `conformance/provider_schema.py`. The hand-written keys of a file are kept as they are. A
//! nested block listed under `omit` is left out: web ACL statements nest into themselves and would be larger than
//! everything else together. An attribute listed under `sensitive` is marked so where the source does not say it.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Map, Value, json};

/// A provider whose kinds are in the catalogue.
pub struct Provider {
    /// What the names of its kinds begin with, and its module of typed keys.
    pub prefix: &'static str,
    source: &'static str,
    version: &'static str,
    /// The npm package with its generated classes, where Terraform is not asked.
    package: Option<&'static str>,
}

/// All of them.
pub static PROVIDERS: &[Provider] = &[
    Provider { prefix: "aws", source: "hashicorp/aws", version: "5.100.0", package: None },
    Provider {
        prefix: "azurerm",
        source: "hashicorp/azurerm",
        version: "4.73.0",
        package: Some("@cdktn/provider-azurerm@16.1.0"),
    },
    Provider {
        prefix: "google",
        source: "hashicorp/google",
        version: "6.50.0",
        package: Some("@cdktf/provider-google@16.12.1"),
    },
    Provider {
        prefix: "mongodbatlas",
        source: "mongodb/mongodbatlas",
        version: "1.41.1",
        package: Some("@cdktf/provider-mongodbatlas@8.6.2"),
    },
];

/// The provider of a kind's data file.
pub fn provider_of(stem: &str) -> Option<&'static Provider> {
    let prefix = stem.split('_').next()?;
    PROVIDERS.iter().find(|p| p.prefix == prefix)
}

/// `refresh [PREFIX [FILE]]`: one provider or all; from a file in the shape of `terraform providers schema -json`.
pub fn run(args: &[String]) -> Result<(), String> {
    let wanted = args.first().map(String::as_str);
    if let Some(prefix) = wanted.filter(|w| PROVIDERS.iter().all(|p| p.prefix != *w)) {
        return Err(format!("no provider is called `{prefix}`"));
    }
    for provider in PROVIDERS.iter().filter(|p| wanted.is_none_or(|w| w == p.prefix)) {
        let schema = match (args.get(1), provider.package) {
            (Some(file), _) => crate::read_json(&PathBuf::from(file))?,
            (None, Some(package)) => ask_package(provider, package)?,
            (None, None) => ask_terraform(provider)?,
        };
        fill(provider, &schema)?;
    }
    Ok(())
}

fn fill(provider: &Provider, schema: &Value) -> Result<(), String> {
    let Provider { source, version, .. } = provider;
    let schemas = &schema["provider_schemas"][format!("registry.terraform.io/{source}")];
    for path in crate::kind_files()? {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if provider_of(&stem).is_none_or(|p| p.prefix != provider.prefix) {
            continue;
        }
        let mut file = crate::read_json(&path)?;
        let kind = file["kind"].as_str().ok_or_else(|| format!("{}: no `kind`", path.display()))?.to_owned();
        let group = if file["data"] == true { "data_source_schemas" } else { "resource_schemas" };
        let block = &schemas[group][&kind]["block"];
        if block.is_null() {
            return Err(format!("{}: {source} {version} has no {kind} in {group}", path.display()));
        }
        let listed = |key: &str| -> Vec<String> {
            file[key].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let by_hand = ByHand { omit: listed("omit"), sensitive: listed("sensitive") };
        let converted = convert(block, "", &by_hand);
        file["provider"] = json!(format!("{source} {version}"));
        file["schema"] = converted;
        let text = serde_json::to_string_pretty(&file).map_err(|e| e.to_string())? + "\n";
        std::fs::write(&path, text).map_err(|e| format!("{}: {e}", path.display()))?;
    }
    Ok(())
}

/// What a data file says of its schema by hand: paths joined with dots.
struct ByHand {
    omit: Vec<String>,
    sensitive: Vec<String>,
}

fn workshop(provider: &Provider) -> Result<PathBuf, String> {
    let name = format!("mainstay-schema-{}-{}", provider.prefix, std::process::id());
    let folder = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&folder).map_err(|e| e.to_string())?;
    Ok(folder)
}

fn output_of(program: &str, args: &[&str], folder: &Path) -> Result<Vec<u8>, String> {
    let output = Command::new(program).args(args).current_dir(folder).output();
    let output = output.map_err(|e| format!("{program}: {e}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ok(output.stdout)
}

fn ask_terraform(provider: &Provider) -> Result<Value, String> {
    let folder = workshop(provider)?;
    let asked = json!({"source": provider.source, "version": provider.version});
    let main = json!({"terraform": {"required_providers": {(provider.prefix): asked}}});
    std::fs::write(folder.join("main.tf.json"), main.to_string()).map_err(|e| e.to_string())?;
    output_of("terraform", &["init", "-no-color", "-input=false"], &folder)?;
    let text = output_of("terraform", &["providers", "schema", "-json"], &folder)?;
    let _ = std::fs::remove_dir_all(&folder);
    serde_json::from_slice(&text).map_err(|e| e.to_string())
}

fn ask_package(provider: &Provider, package: &str) -> Result<Value, String> {
    let folder = workshop(provider)?;
    let install = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--legacy-peer-deps", package];
    output_of("npm", &install, &folder)?;
    let name = package.rsplit_once('@').map_or(package, |(name, _)| name);
    let script = crate::root().join("conformance/provider_schema.py");
    let installed = format!("node_modules/{name}");
    let args = [&script.to_string_lossy(), installed.as_str(), provider.source];
    let text = output_of("python3", &args, &folder)?;
    let _ = std::fs::remove_dir_all(&folder);
    serde_json::from_slice(&text).map_err(|e| e.to_string())
}

/// `{"attributes": {name: "required string"}, "blocks": {name: {"nesting": "list 0..1", ...}}}`.
fn convert(block: &Value, path: &str, by_hand: &ByHand) -> Value {
    let mut attributes = Map::new();
    for (name, attribute) in block["attributes"].as_object().into_iter().flatten() {
        let mut words = Vec::new();
        let here = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        for flag in ["required", "optional", "computed", "sensitive", "deprecated", "write_only"] {
            let said = flag == "sensitive" && by_hand.sensitive.contains(&here);
            if attribute[flag] == true || said {
                words.push(flag.to_owned());
            }
        }
        words.push(type_text(&attribute["type"]));
        attributes.insert(name.clone(), json!(words.join(" ")));
    }
    let mut blocks = Map::new();
    for (name, nested) in block["block_types"].as_object().into_iter().flatten() {
        let here = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        if name == "timeouts" || by_hand.omit.contains(&here) {
            continue;
        }
        let low = nested["min_items"].as_u64().unwrap_or(0);
        let high = nested["max_items"].as_u64().map_or("*".to_owned(), |n| n.to_string());
        let mode = nested["nesting_mode"].as_str().unwrap_or("list");
        let range = if mode == "single" { "0..1".to_owned() } else { format!("{low}..{high}") };
        let mut entry = Map::new();
        entry.insert("nesting".into(), json!(format!("{mode} {range}")));
        if let Value::Object(inner) = convert(&nested["block"], &here, by_hand) {
            entry.extend(inner);
        }
        blocks.insert(name.clone(), Value::Object(entry));
    }
    let mut out = Map::new();
    out.insert("attributes".into(), Value::Object(attributes));
    if !blocks.is_empty() {
        out.insert("blocks".into(), Value::Object(blocks));
    }
    Value::Object(out)
}

/// Terraform's own notation: `list(object({name=string}))`.
fn type_text(ty: &Value) -> String {
    match ty {
        Value::String(name) => name.clone(),
        Value::Array(parts) => {
            let outer = parts.first().and_then(Value::as_str).unwrap_or("dynamic");
            let inner = parts.get(1).map_or("dynamic".to_owned(), type_text);
            format!("{outer}({inner})")
        }
        Value::Object(fields) => {
            let fields: Vec<String> = fields.iter().map(|(k, v)| format!("{k}={}", type_text(v))).collect();
            format!("{{{}}}", fields.join(","))
        }
        _ => "dynamic".to_owned(),
    }
}
