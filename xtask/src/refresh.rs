//! Fills `schema` in every kind's data file from `terraform providers schema -json`.
//!
//! The hand-written keys of a file are kept as they are. A nested block listed under `omit` is left out:
//! web ACL statements nest into themselves and would be larger than everything else together.

use std::path::PathBuf;
use std::process::Command;

use serde_json::{Map, Value, json};

const PROVIDER: &str = "hashicorp/aws";
const VERSION: &str = "5.100.0";

pub fn run(args: &[String]) -> Result<(), String> {
    let schema = match args.first() {
        Some(file) => crate::read_json(&PathBuf::from(file))?,
        None => ask_terraform()?,
    };
    let provider = &schema["provider_schemas"][format!("registry.terraform.io/{PROVIDER}")];
    for path in crate::kind_files()? {
        let mut file = crate::read_json(&path)?;
        let kind = file["kind"].as_str().ok_or_else(|| format!("{}: no `kind`", path.display()))?.to_owned();
        let group = if file["data"] == true { "data_source_schemas" } else { "resource_schemas" };
        let block = &provider[group][&kind]["block"];
        if block.is_null() {
            return Err(format!("{}: {PROVIDER} {VERSION} has no {kind} in {group}", path.display()));
        }
        let omit: Vec<&str> =
            file["omit"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let converted = convert(block, "", &omit);
        file["provider"] = json!(format!("{PROVIDER} {VERSION}"));
        file["schema"] = converted;
        let text = serde_json::to_string_pretty(&file).map_err(|e| e.to_string())? + "\n";
        std::fs::write(&path, text).map_err(|e| format!("{}: {e}", path.display()))?;
    }
    Ok(())
}

fn ask_terraform() -> Result<Value, String> {
    let folder = std::env::temp_dir().join(format!("mainstay-schema-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(|e| e.to_string())?;
    let main =
        json!({"terraform": {"required_providers": {"aws": {"source": PROVIDER, "version": VERSION}}}});
    std::fs::write(folder.join("main.tf.json"), main.to_string()).map_err(|e| e.to_string())?;
    let terraform = |args: &[&str]| {
        let output = Command::new("terraform").args(args).current_dir(&folder).output();
        let output = output.map_err(|e| format!("terraform: {e}"))?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        Ok(output.stdout)
    };
    terraform(&["init", "-no-color", "-input=false"])?;
    let text = terraform(&["providers", "schema", "-json"])?;
    let _ = std::fs::remove_dir_all(&folder);
    serde_json::from_slice(&text).map_err(|e| e.to_string())
}

/// `{"attributes": {name: "required string"}, "blocks": {name: {"nesting": "list 0..1", ...}}}`.
fn convert(block: &Value, path: &str, omit: &[&str]) -> Value {
    let mut attributes = Map::new();
    for (name, attribute) in block["attributes"].as_object().into_iter().flatten() {
        let mut words = Vec::new();
        for flag in ["required", "optional", "computed", "sensitive", "deprecated", "write_only"] {
            if attribute[flag] == true {
                words.push(flag.to_owned());
            }
        }
        words.push(type_text(&attribute["type"]));
        attributes.insert(name.clone(), json!(words.join(" ")));
    }
    let mut blocks = Map::new();
    for (name, nested) in block["block_types"].as_object().into_iter().flatten() {
        let here = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        if name == "timeouts" || omit.contains(&here.as_str()) {
            continue;
        }
        let low = nested["min_items"].as_u64().unwrap_or(0);
        let high = nested["max_items"].as_u64().map_or("*".to_owned(), |n| n.to_string());
        let mode = nested["nesting_mode"].as_str().unwrap_or("list");
        let range = if mode == "single" { "0..1".to_owned() } else { format!("{low}..{high}") };
        let mut entry = Map::new();
        entry.insert("nesting".into(), json!(format!("{mode} {range}")));
        if let Value::Object(inner) = convert(&nested["block"], &here, omit) {
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
