//! Functions of text.

use ir::Value;
use regex::Regex;

use super::{Outcome, items, number, string, whole, wrong};
use crate::reading::MOST_INSTANCES;
use crate::terraform::read::eval::{Halt, MOST_TEXT, later, unknown};
use crate::terraform::read::text;

/// Text that is not longer than what is kept.
fn bounded(text: String) -> Outcome {
    if text.len() > MOST_TEXT {
        return Err(Halt::Later(format!("its text is longer than {MOST_TEXT} bytes")));
    }
    Ok(Value::Str(text))
}

fn texts(args: &[Value]) -> Result<Vec<String>, Halt> {
    args.iter().map(string).collect()
}

pub(super) fn lower(args: &[Value]) -> Outcome {
    bounded(string(&args[0])?.to_lowercase())
}

pub(super) fn upper(args: &[Value]) -> Outcome {
    bounded(string(&args[0])?.to_uppercase())
}

pub(super) fn title(args: &[Value]) -> Outcome {
    let mut start = true;
    let mut out = String::new();
    for c in string(&args[0])?.chars() {
        if start {
            out.extend(c.to_uppercase())
        } else {
            out.push(c)
        }
        start = c.is_whitespace();
    }
    bounded(out)
}

pub(super) fn chomp(args: &[Value]) -> Outcome {
    Ok(Value::Str(string(&args[0])?.trim_end_matches(['\n', '\r']).to_owned()))
}

pub(super) fn trim(args: &[Value]) -> Outcome {
    let [text, cutset] = texts(args)?.try_into().map_err(|_| wrong("two texts"))?;
    Ok(Value::Str(text.trim_matches(|c| cutset.contains(c)).to_owned()))
}

pub(super) fn trim_space(args: &[Value]) -> Outcome {
    Ok(Value::from(string(&args[0])?.trim()))
}

pub(super) fn trim_prefix(args: &[Value]) -> Outcome {
    let (text, prefix) = (string(&args[0])?, string(&args[1])?);
    Ok(Value::from(text.strip_prefix(&prefix).unwrap_or(&text)))
}

pub(super) fn trim_suffix(args: &[Value]) -> Outcome {
    let (text, suffix) = (string(&args[0])?, string(&args[1])?);
    Ok(Value::from(text.strip_suffix(&suffix).unwrap_or(&text)))
}

pub(super) fn starts_with(args: &[Value]) -> Outcome {
    Ok(Value::Bool(string(&args[0])?.starts_with(&string(&args[1])?)))
}

pub(super) fn ends_with(args: &[Value]) -> Outcome {
    Ok(Value::Bool(string(&args[0])?.ends_with(&string(&args[1])?)))
}

pub(super) fn contains(args: &[Value]) -> Outcome {
    Ok(Value::Bool(string(&args[0])?.contains(&string(&args[1])?)))
}

pub(super) fn reverse(args: &[Value]) -> Outcome {
    Ok(Value::Str(string(&args[0])?.chars().rev().collect()))
}

pub(super) fn substr(args: &[Value]) -> Outcome {
    let characters: Vec<char> = string(&args[0])?.chars().collect();
    let (offset, length) = (whole(&args[1])?, whole(&args[2])?);
    let total = i64::try_from(characters.len()).unwrap_or(i64::MAX);
    let start = if offset < 0 { (total + offset).max(0) } else { offset.min(total) };
    let end = if length < 0 { total } else { start.saturating_add(length).min(total) };
    let place = |at: i64| usize::try_from(at).unwrap_or(0);
    Ok(Value::Str(characters[place(start)..place(end)].iter().collect()))
}

pub(super) fn indent(args: &[Value]) -> Outcome {
    let spaces = usize::try_from(whole(&args[0])?).map_err(|_| wrong("an indent is not negative"))?;
    let text = string(&args[1])?;
    if spaces.saturating_mul(text.matches('\n').count()) > MOST_TEXT {
        return Err(Halt::Later(format!("its text is longer than {MOST_TEXT} bytes")));
    }
    bounded(text.replace('\n', &format!("\n{}", " ".repeat(spaces))))
}

pub(super) fn basename(args: &[Value]) -> Outcome {
    let path = string(&args[0])?;
    Ok(Value::from(path.trim_end_matches('/').rsplit('/').next().unwrap_or_default()))
}

pub(super) fn dirname(args: &[Value]) -> Outcome {
    let path = string(&args[0])?;
    Ok(Value::from(match path.rsplit_once('/') {
        Some(("", _)) => "/",
        Some((folder, _)) => folder,
        None => ".",
    }))
}

pub(super) fn split(args: &[Value]) -> Outcome {
    let (separator, text) = (string(&args[0])?, string(&args[1])?);
    if text.is_empty() {
        return Ok(Value::List(Vec::new()));
    }
    if separator.is_empty() {
        return Ok(Value::List(text.chars().map(|c| Value::Str(c.to_string())).collect()));
    }
    Ok(Value::list(text.split(&separator)))
}

/// Joins what may be unknown: the result is a template then.
pub(super) fn join(args: Vec<Value>) -> Outcome {
    let separator = Value::Str(string(&args[0])?);
    let mut parts = Vec::new();
    for list in &args[1..] {
        for item in items(list)? {
            if !parts.is_empty() {
                parts.push(separator.clone());
            }
            parts.push(item.clone());
        }
    }
    checked(parts)
}

/// Parts as one text: each must be something that text is made of.
fn checked(parts: Vec<Value>) -> Outcome {
    let odd = parts.iter().find(|p| matches!(p.known(), Value::Null | Value::List(_) | Value::Map(_)));
    if let Some(odd) = odd {
        return Err(unknown(odd).map_or_else(|| wrong("text is made of text"), Halt::Later));
    }
    match text::join(parts) {
        Value::Str(text) => bounded(text),
        template => Ok(template),
    }
}

pub(super) fn replace(args: &[Value]) -> Outcome {
    let [text, from, to] = texts(args)?.try_into().map_err(|_| wrong("three texts"))?;
    let pattern = from.strip_prefix('/').and_then(|p| p.strip_suffix('/')).filter(|_| from.len() > 1);
    let grows = text.len().saturating_add(1).saturating_mul(to.len() + 1);
    if grows > 64 * MOST_TEXT {
        return Err(Halt::Later(format!("its text is longer than {MOST_TEXT} bytes")));
    }
    match pattern {
        Some(pattern) => bounded(compiled(pattern)?.replace_all(&text, to.as_str()).into_owned()),
        None => bounded(text.replace(&from, &to)),
    }
}

fn compiled(pattern: &str) -> Result<Regex, Halt> {
    Regex::new(pattern).map_err(|_| wrong(format!("`{pattern}` is no regular expression")))
}

pub(super) fn regex(args: &[Value]) -> Outcome {
    let pattern = compiled(&string(&args[0])?)?;
    let text = string(&args[1])?;
    let found = pattern.captures(&text).ok_or_else(|| wrong("the regular expression does not match"))?;
    Ok(captured(&pattern, &found))
}

pub(super) fn regex_all(args: &[Value]) -> Outcome {
    let pattern = compiled(&string(&args[0])?)?;
    let text = string(&args[1])?;
    Ok(Value::List(
        pattern.captures_iter(&text).take(MOST_INSTANCES).map(|c| captured(&pattern, &c)).collect(),
    ))
}

/// The whole match, or its groups: by name where they have names.
fn captured(pattern: &Regex, found: &regex::Captures<'_>) -> Value {
    let group = |m: Option<regex::Match<'_>>| m.map_or(Value::Null, |m| Value::from(m.as_str()));
    let names: Vec<&str> = pattern.capture_names().flatten().collect();
    if !names.is_empty() {
        return Value::map(names.into_iter().map(|name| (name, group(found.name(name)))));
    }
    match found.len() {
        1 => group(found.get(0)),
        n => Value::List((1..n).map(|i| group(found.get(i))).collect()),
    }
}

pub(super) fn url_encode(args: &[Value]) -> Outcome {
    let mut out = String::new();
    for byte in string(&args[0])?.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            b' ' => out.push('+'),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    bounded(out)
}

/// `format`: what is unknown and stands where `%s` or `%v` is stays a part of a template.
pub(super) fn format(args: Vec<Value>) -> Outcome {
    let pattern = string(&args[0])?;
    checked(formatted(&pattern, &args[1..])?)
}

/// Longest that a directive may ask for, characters.
const MOST_WIDTH: usize = 1024;

fn formatted(pattern: &str, args: &[Value]) -> Result<Vec<Value>, Halt> {
    let mut parts: Vec<Value> = Vec::new();
    let mut plain = String::new();
    let mut rest = pattern.chars().peekable();
    let mut next = 0;
    while let Some(c) = rest.next() {
        if c != '%' {
            plain.push(c);
            continue;
        }
        let mut flags = String::new();
        let verb = loop {
            match rest.next() {
                Some(flag)
                    if flag.is_ascii_digit() || matches!(flag, '.' | '-' | '+' | ' ' | '#' | '[' | ']') =>
                {
                    flags.push(flag);
                }
                Some(verb) => break verb,
                None => return Err(wrong("a directive of the format has no end")),
            }
        };
        if verb == '%' {
            plain.push('%');
            continue;
        }
        if let Some((before, after)) = flags.split_once('[') {
            let (index, after) =
                after.split_once(']').ok_or_else(|| wrong("a directive names no argument"))?;
            next = index
                .parse::<usize>()
                .ok()
                .and_then(|i| i.checked_sub(1))
                .ok_or_else(|| wrong("a directive names no argument"))?;
            flags = format!("{before}{after}");
        }
        let argument =
            args.get(next).ok_or_else(|| wrong("the format has more directives than arguments"))?;
        next += 1;
        if unknown(argument).is_some() && flags.is_empty() && matches!(verb, 's' | 'v' | 'd') {
            parts.push(Value::Str(std::mem::take(&mut plain)));
            parts.push(argument.clone());
            continue;
        }
        plain.push_str(&directive(&flags, verb, argument)?);
    }
    parts.push(Value::Str(plain));
    Ok(parts)
}

fn directive(flags: &str, verb: char, argument: &Value) -> Result<String, Halt> {
    let signs: String = flags.chars().take_while(|c| !c.is_ascii_digit() && *c != '.').collect();
    let zero = flags[signs.len()..].starts_with('0');
    let (width, precision) =
        flags[signs.len()..].split_once('.').map_or((&flags[signs.len()..], None), |(w, p)| (w, Some(p)));
    let size = |digits: &str| {
        let size = if digits.is_empty() { Some(0) } else { digits.parse::<usize>().ok() };
        size.filter(|n| *n <= MOST_WIDTH).ok_or_else(|| wrong("a directive asks for too many characters"))
    };
    let (width, precision) = (size(width)?, precision.map(size).transpose()?);
    let sign = |n: f64| if n >= 0.0 && signs.contains('+') { "+" } else { "" };
    let text = match verb {
        'd' => {
            let n = whole(argument)?;
            format!("{}{n}", sign(number(argument)?))
        }
        'x' => format!("{:x}", whole(argument)?),
        'X' => format!("{:X}", whole(argument)?),
        'o' => format!("{:o}", whole(argument)?),
        'b' => format!("{:b}", whole(argument)?),
        'f' | 'F' => {
            let n = number(argument)?;
            format!("{}{n:.*}", sign(n), precision.unwrap_or(6))
        }
        'e' | 'g' | 'G' | 'E' => string(argument)?,
        't' => argument.as_bool().ok_or_else(|| later(argument, "an argument of `%t`"))?.to_string(),
        'q' => text::json(&Value::Str(string(argument)?)).map(|j| j.to_string()).unwrap_or_default(),
        's' | 'v' => {
            let whole = match argument.known() {
                Value::Null => "null".to_owned(),
                Value::List(_) | Value::Map(_) => text::json(argument)
                    .map(|j| j.to_string())
                    .ok_or_else(|| later(argument, "an argument of `%v`"))?,
                other => string(other)?,
            };
            precision.map_or(whole.clone(), |p| whole.chars().take(p).collect())
        }
        other => return Err(wrong(format!("`%{other}` is no directive"))),
    };
    let missing = width.saturating_sub(text.chars().count());
    Ok(match (signs.contains('-'), zero && verb != 's') {
        (true, _) => format!("{text}{}", " ".repeat(missing)),
        (false, true) => match text.strip_prefix(['-', '+']) {
            Some(digits) => format!("{}{}{digits}", &text[..1], "0".repeat(missing)),
            None => format!("{}{text}", "0".repeat(missing)),
        },
        (false, false) => format!("{}{text}", " ".repeat(missing)),
    })
}

pub(super) fn format_list(args: Vec<Value>) -> Outcome {
    let pattern = string(&args[0])?;
    let mut length = None;
    for argument in &args[1..] {
        match argument.known() {
            Value::List(items) if length.is_none_or(|n| n == items.len()) => length = Some(items.len()),
            Value::List(_) => return Err(wrong("the lists differ in length")),
            Value::Ref(_) | Value::Unknown(_) => return Err(later(argument, "a list")),
            _ => {}
        }
    }
    let each = (0..length.unwrap_or(1)).map(|i| {
        let row: Vec<Value> = args[1..]
            .iter()
            .map(|a| match a.known() {
                Value::List(items) => items[i].clone(),
                other => other.clone(),
            })
            .collect();
        checked(formatted(&pattern, &row)?)
    });
    each.collect::<Result<_, _>>().map(Value::List)
}
