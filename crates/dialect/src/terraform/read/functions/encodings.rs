//! Functions that turn values into documents and digests, and documents back into values.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use indexmap::IndexMap;
use ir::Value;
use ir::yaml::{Data, Yaml};
use sha1::Digest as _;

use super::{Outcome, string, wrong};
use crate::reading::MOST_INSTANCES;
use crate::terraform::read::eval::later;
use crate::terraform::read::text;

pub(super) fn base64_encode(args: &[Value]) -> Outcome {
    Ok(Value::Str(to_base64(string(&args[0])?.as_bytes())))
}

pub(super) fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

pub(super) fn base64_decode(args: &[Value]) -> Outcome {
    let bytes = STANDARD.decode(string(&args[0])?).map_err(|_| wrong("the text is no base64"))?;
    String::from_utf8(bytes).map(Value::Str).map_err(|_| wrong("the bytes are no UTF-8 text"))
}

/// A digest as hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> Value {
    Value::Str(bytes.iter().map(|b| format!("{b:02x}")).collect())
}

pub(super) fn md5(args: &[Value]) -> Outcome {
    Ok(hex(&md5::Md5::digest(string(&args[0])?)))
}

pub(super) fn sha1(args: &[Value]) -> Outcome {
    Ok(hex(&sha1::Sha1::digest(string(&args[0])?)))
}

pub(super) fn sha256(args: &[Value]) -> Outcome {
    Ok(hex(&sha2::Sha256::digest(string(&args[0])?)))
}

pub(super) fn sha512(args: &[Value]) -> Outcome {
    Ok(hex(&sha2::Sha512::digest(string(&args[0])?)))
}

pub(super) fn base64_sha256(args: &[Value]) -> Outcome {
    Ok(Value::Str(to_base64(&sha2::Sha256::digest(string(&args[0])?))))
}

pub(super) fn base64_sha512(args: &[Value]) -> Outcome {
    Ok(Value::Str(to_base64(&sha2::Sha512::digest(string(&args[0])?))))
}

/// The first bytes of the namespaces that have names; all share the rest (RFC 9562, section 6.6).
const NAMESPACES: &[(&str, u8)] = &[("dns", 0x10), ("url", 0x11), ("oid", 0x12), ("x500", 0x14)];

pub(super) fn uuid_v5(args: &[Value]) -> Outcome {
    let (space, name) = (string(&args[0])?, string(&args[1])?);
    let named = NAMESPACES.iter().find(|(known, _)| *known == space);
    let digits = match named {
        Some((_, last)) => format!("6ba7b8{last:02x}9dad11d180b400c04fd430c8"),
        None => space.replace('-', ""),
    };
    let number = u128::from_str_radix(&digits, 16).ok().filter(|_| digits.len() == 32);
    let mut digest = sha1::Sha1::new();
    digest.update(number.ok_or_else(|| wrong("the namespace is no UUID"))?.to_be_bytes());
    digest.update(name);
    let mut bytes: [u8; 16] =
        digest.finalize()[..16].try_into().map_err(|_| wrong("a digest is long enough"))?;
    bytes[6] = bytes[6] & 0x0f | 0x50;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let Value::Str(hex) = hex(&bytes) else { return Err(wrong("a digest is text")) };
    Ok(Value::Str(format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])))
}

/// A document that stays open: what leads elsewhere in it is still seen.
pub(crate) fn jsonencode(value: Value) -> Value {
    match value {
        scalar @ (Value::Str(_) | Value::Int(_) | Value::Float(_) | Value::Bool(_) | Value::Null) => {
            text::json(&scalar).map_or(Value::Null, |j| Value::Str(text::print_json(&j)))
        }
        Value::Unknown(reason) => Value::Unknown(reason),
        other => Value::json(other),
    }
}

pub(super) fn json_encode(mut args: Vec<Value>) -> Outcome {
    Ok(jsonencode(args.swap_remove(0)))
}

pub(super) fn json_decode(mut args: Vec<Value>) -> Outcome {
    match text::plain(args.swap_remove(0)) {
        Value::Json(inner) => Ok(*inner),
        other => {
            let source = string(&other)?;
            serde_json::from_str(&source)
                .map(text::from_json)
                .map_err(|e| wrong(format!("the text is no JSON: {e}")))
        }
    }
}

pub(super) fn yaml_encode(args: &[Value]) -> Outcome {
    let document = text::json(&args[0]).ok_or_else(|| later(&args[0], "a document"))?;
    serde_saphyr::to_string(&document).map(Value::Str).map_err(|e| wrong(e.to_string()))
}

pub(super) fn yaml_decode(args: &[Value]) -> Outcome {
    let source = string(&args[0])?;
    let file = ir::SourceMap::default().add("", "");
    let (documents, diagnostics) = ir::yaml::parse(&source, file);
    match (documents.as_slice(), diagnostics.has_errors()) {
        ([one], false) => Ok(from_yaml(one)),
        ([], false) => Ok(Value::Null),
        _ => Err(wrong("the text is not one YAML document")),
    }
}

fn from_yaml(node: &Yaml) -> Value {
    match &node.data {
        Data::Null => Value::Null,
        Data::Bool(b) => Value::Bool(*b),
        Data::Int(n) => Value::Int(*n),
        Data::Float(n) => text::float(*n),
        Data::Str(s) => Value::from(s),
        Data::Seq(items) => Value::List(items.iter().map(from_yaml).collect()),
        Data::Map(entries) => Value::map(entries.iter().map(|(k, v)| (k.text.clone(), from_yaml(v)))),
    }
}

pub(super) fn csv_decode(args: &[Value]) -> Outcome {
    let source = string(&args[0])?;
    let mut reader = csv::Reader::from_reader(source.as_bytes());
    let broken = |e: csv::Error| wrong(format!("the text is no CSV: {e}"));
    let header = reader.headers().map_err(broken)?.clone();
    let mut rows = Vec::new();
    for record in reader.records().take(MOST_INSTANCES) {
        let record = record.map_err(broken)?;
        let row: IndexMap<String, Value> =
            header.iter().zip(&record).map(|(name, cell)| (name.to_owned(), Value::from(cell))).collect();
        rows.push(Value::Map(row));
    }
    Ok(Value::List(rows))
}
