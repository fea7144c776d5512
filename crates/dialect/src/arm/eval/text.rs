//! Functions of texts.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ir::Value;

use super::functions::Made;
use super::values::{MOST_TEXT, from_json, join, json as to_json, unwrapped};

fn str(value: &Value) -> Result<&str, String> {
    match value {
        Value::Str(text) => Ok(text),
        _ => Err("it takes a text".to_owned()),
    }
}

/// A text, unless it is longer than any template.
fn bounded(text: String) -> Made {
    if text.len() > MOST_TEXT {
        Err("the text is longer than a template may be".to_owned())
    } else {
        Ok(Value::Str(text))
    }
}

/// `{0}` and its kin; what a value is given as beyond its number (`{0:D2}`) is known for whole numbers only.
pub(super) fn format(args: &[Value]) -> Made {
    let pattern = unwrapped(&args[0]);
    let pattern = match &pattern {
        Value::Str(text) => text.as_str(),
        _ => return Err(String::new()),
    };
    let mut parts: Vec<Value> = Vec::new();
    let mut plain = String::new();
    let mut rest = pattern;
    while let Some(at) = rest.find(['{', '}']) {
        plain.push_str(&rest[..at]);
        let mark = &rest[at..=at];
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix(mark) {
            plain.push_str(mark);
            rest = after;
            continue;
        }
        let end = rest.find('}').filter(|_| mark == "{").ok_or("its pattern is broken")?;
        let (number, shape) = match rest[..end].split_once(':') {
            Some((number, shape)) => (number, Some(shape)),
            None => (&rest[..end], None),
        };
        let value = number
            .trim()
            .parse::<usize>()
            .ok()
            .and_then(|n| args.get(n + 1))
            .ok_or("its pattern names no argument")?;
        parts.push(Value::Str(std::mem::take(&mut plain)));
        parts.push(match shape {
            None => value.clone(),
            Some(shape) => Value::Str(shaped(&unwrapped(value), shape)?),
        });
        rest = &rest[end + 1..];
    }
    plain.push_str(rest);
    parts.push(Value::Str(plain));
    Ok(join(parts))
}

fn shaped(value: &Value, shape: &str) -> Result<String, String> {
    let Value::Int(n) = value else {
        return Err("its pattern has a shape for what is no whole number".to_owned());
    };
    let zeros = shape.chars().all(|c| c == '0').then_some(shape.len());
    let digits = zeros.or_else(|| shape.strip_prefix(['D', 'd'])?.parse().ok()).filter(|d| *d <= 64);
    let digits = digits.ok_or("its pattern has a shape that is not worked out")?;
    Ok(format!("{n:0digits$}"))
}

pub(super) fn join_list(args: &[Value]) -> Made {
    let Value::List(items) = args[0].known() else { return Err(String::new()) };
    let mut parts = Vec::with_capacity(items.len() * 2);
    for (n, item) in items.iter().enumerate() {
        if n > 0 {
            parts.push(args[1].clone());
        }
        parts.push(item.clone());
    }
    Ok(join(parts))
}

pub(super) fn string(args: &[Value]) -> Made {
    Ok(match unwrapped(&args[0]) {
        text @ (Value::Str(_) | Value::Template(_) | Value::Ref(_) | Value::Secret(_)) => text,
        Value::Bool(b) => Value::Str(if b { "True" } else { "False" }.to_owned()),
        Value::Unknown(_) => return Err(String::new()),
        // A document is kept as one, with what it refers to.
        whole @ (Value::Map(_) | Value::List(_)) => Value::Json(Box::new(whole)),
        other => Value::Str(other.text().unwrap_or_default()),
    })
}

pub(super) fn json(args: &[Value]) -> Made {
    if let Value::Json(inner) = &args[0] {
        return Ok((**inner).clone());
    }
    let text = str(&args[0])?;
    serde_json::from_str(text).map(from_json).map_err(|_| "the text is no JSON".to_owned())
}

/// Between the texts of one separator, or of several.
pub(super) fn split(args: &[Value]) -> Made {
    let separators: Vec<String> = match unwrapped(&args[1]) {
        Value::Str(one) => vec![one],
        Value::List(many) => many.iter().filter_map(Value::text).collect(),
        _ => return Err(String::new()),
    };
    if let (Value::Ref(to), [separator]) = (args[0].known(), separators.as_slice())
        && separator == "/"
    {
        return Ok(Value::List(parts_of(to)));
    }
    let Some(text) = args[0].text() else { return split_open(&args[0], &separators) };
    let mut out = vec![text];
    for separator in separators.iter().filter(|s| !s.is_empty()) {
        out = out.iter().flat_map(|t| t.split(separator.as_str()).map(str::to_owned)).collect();
    }
    Ok(Value::list(out))
}

/// What stands between the slashes of an identifier, of which only the name is known here, or of an address, of which
/// the host is.
fn parts_of(to: &ir::Ref) -> Vec<Value> {
    let unknown = || Value::Unknown(format!("a part of an identifier of {}", to.to));
    let step = |name: &str| ir::Step::Attr(name.to_owned());
    if to.path == [step("id")] {
        // `/subscriptions/s/resourceGroups/g/providers/p`, then types and names in turn.
        let names = to.to.kind.as_str().split('/').count() - 1;
        let mut parts = vec![unknown(); 7 + 2 * names];
        let name = ir::Ref { to: to.to.clone(), path: vec![step("name")] };
        *parts.last_mut().expect("seven at least") = Value::Ref(name);
        return parts;
    }
    let mut host = to.clone();
    host.path.push(step("host()"));
    vec![unknown(), unknown(), Value::Ref(host), unknown()]
}

/// A text that is known in part, where no unknown part can hide a separator: names of resources have no slash in them.
fn split_open(value: &Value, separators: &[String]) -> Made {
    let (Value::Template(parts), [separator]) = (value.known(), separators) else {
        return Err(String::new());
    };
    let named = |p: &Value| matches!(p.known(), Value::Ref(r) if r.path.last() == Some(&ir::Step::Attr("name".to_owned())));
    if separator != "/" || !parts.iter().all(|p| p.text().is_some() || named(p)) {
        return Err(String::new());
    }
    let mut out: Vec<Vec<Value>> = vec![Vec::new()];
    for part in parts {
        match part.text() {
            Some(text) => {
                for (n, piece) in text.split('/').enumerate() {
                    if n > 0 {
                        out.push(Vec::new());
                    }
                    out.last_mut().expect("never empty").push(Value::from(piece));
                }
            }
            None => out.last_mut().expect("never empty").push(part.clone()),
        }
    }
    Ok(Value::List(out.into_iter().map(join).collect()))
}

pub(super) fn replace(args: &[Value]) -> Made {
    let (text, from, to) = (str(&args[0])?, str(&args[1])?, str(&args[2])?);
    if from.is_empty() {
        return Err("there is nothing to replace".to_owned());
    }
    let longest = text.matches(from).count().saturating_mul(to.len()).saturating_add(text.len());
    if longest > MOST_TEXT {
        return Err("the text is longer than a template may be".to_owned());
    }
    bounded(text.replace(from, to))
}

pub(super) fn pad_left(args: &[Value]) -> Made {
    let text = args[0].text().ok_or("it takes a text or a number")?;
    let Value::Int(width) = args[1] else { return Err("it takes a whole number".to_owned()) };
    let with = args.get(2).and_then(Value::text).and_then(|t| t.chars().next()).unwrap_or(' ');
    let width = usize::try_from(width).unwrap_or(0);
    if width > MOST_TEXT {
        return Err("the text is longer than a template may be".to_owned());
    }
    let missing = width.saturating_sub(text.chars().count());
    bounded(std::iter::repeat_n(with, missing).chain(text.chars()).collect())
}

pub(super) fn substring(args: &[Value]) -> Made {
    let text = str(&args[0])?;
    let at = |n: usize| match args.get(n) {
        Some(Value::Int(n)) => usize::try_from(*n).ok(),
        _ => None,
    };
    let start = at(1).ok_or("it takes a whole number")?;
    let length = if args.len() > 2 { at(2).ok_or("it takes a whole number")? } else { usize::MAX };
    if start > text.chars().count() {
        return Err("it begins after the end".to_owned());
    }
    bounded(text.chars().skip(start).take(length).collect())
}

pub(super) fn to_lower(args: &[Value]) -> Made {
    bounded(str(&args[0])?.to_lowercase())
}

pub(super) fn to_upper(args: &[Value]) -> Made {
    bounded(str(&args[0])?.to_uppercase())
}

pub(super) fn trim(args: &[Value]) -> Made {
    bounded(str(&args[0])?.trim().to_owned())
}

/// In any case, as Azure compares here.
pub(super) fn starts_with(args: &[Value]) -> Made {
    Ok(Value::Bool(str(&args[0])?.to_lowercase().starts_with(&str(&args[1])?.to_lowercase())))
}

/// In any case, as Azure compares here.
pub(super) fn ends_with(args: &[Value]) -> Made {
    Ok(Value::Bool(str(&args[0])?.to_lowercase().ends_with(&str(&args[1])?.to_lowercase())))
}

fn decoded(text: &str) -> Result<String, String> {
    let bytes = STANDARD.decode(text).map_err(|_| "the text is no base64")?;
    String::from_utf8(bytes).map_err(|_| "what it stands for is no text".to_owned())
}

pub(super) fn base64(args: &[Value]) -> Made {
    let text = match &args[0] {
        Value::Json(inner) => to_json(inner).ok_or("the document is not known")?,
        other => str(other)?.to_owned(),
    };
    bounded(STANDARD.encode(text))
}

pub(super) fn base64_to_string(args: &[Value]) -> Made {
    decoded(str(&args[0])?).map(Value::Str)
}

pub(super) fn base64_to_json(args: &[Value]) -> Made {
    json(&[Value::Str(decoded(str(&args[0])?)?)])
}

const DATA_URI: &str = "data:text/plain;charset=utf8;base64,";

pub(super) fn data_uri(args: &[Value]) -> Made {
    bounded(format!("{DATA_URI}{}", STANDARD.encode(str(&args[0])?)))
}

pub(super) fn data_uri_to_string(args: &[Value]) -> Made {
    let text = str(&args[0])?.strip_prefix("data:").ok_or("it is no data URI")?;
    match text.split_once(";base64,") {
        Some((_, encoded)) => decoded(encoded).map(Value::Str),
        None => Ok(Value::Str(text.split_once(',').ok_or("it is no data URI")?.1.to_owned())),
    }
}

pub(super) fn uri(args: &[Value]) -> Made {
    let (base, relative) = (str(&args[0])?, str(&args[1])?);
    let scheme = base.find("://").map_or(0, |n| n + 3);
    let base = match base[scheme..].rfind('/') {
        Some(slash) => base[..=scheme + slash].to_owned(),
        None => format!("{base}/"),
    };
    bounded(format!("{base}{}", relative.trim_start_matches('/')))
}

pub(super) fn uri_component(args: &[Value]) -> Made {
    let mut out = String::new();
    for byte in str(&args[0])?.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    bounded(out)
}

pub(super) fn uri_component_to_string(args: &[Value]) -> Made {
    let bytes = str(&args[0])?.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let coded = (bytes[at] == b'%').then(|| bytes.get(at + 1..at + 3)).flatten();
        let byte = coded.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        out.push(byte.unwrap_or(bytes[at]));
        at += if byte.is_some() { 3 } else { 1 };
    }
    String::from_utf8(out).map(Value::Str).map_err(|_| "what it stands for is no text".to_owned())
}
