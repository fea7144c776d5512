//! Functions that read files, none of which stands outside the folder.

use ir::Value;
use ir::world::EntryKind;
use sha1::Digest as _;

use super::encodings::{hex, to_base64};
use super::{Outcome, string, wrong};
use crate::terraform::read::eval::{Halt, MOST_TEXT, Scope};
use crate::terraform::read::folder::{self, Refusal};
use crate::terraform::read::{template, text};

/// The path in the folder of a path that Terraform would read, which counts from the root module.
fn place(scope: &Scope<'_, '_>, path: &Value) -> Result<String, Halt> {
    let path = string(path)?;
    let from_root = path.strip_prefix('/').filter(|_| scope.context.added.is_some());
    from_root
        .map_or_else(
            || folder::follow(scope.instance.root, &path),
            |rest| folder::follow("", rest.trim_start_matches('/')),
        )
        .ok_or_else(|| Halt::Later(format!("`{path}` leads out of the folder that is read")))
}

fn bytes(scope: &Scope<'_, '_>, path: &Value) -> Result<Vec<u8>, Halt> {
    let place = place(scope, path)?;
    scope.context.folder.bytes(&place).map_err(|refusal| refused(&place, refusal))
}

fn refused(place: &str, refusal: Refusal) -> Halt {
    Halt::Later(match refusal {
        Refusal::Missing => format!("the file `{place}` is not there yet"),
        Refusal::TooLarge(size) => format!("the file `{place}` has {size} bytes, more than is read"),
        Refusal::Unreadable(reason) => format!("the file `{place}` cannot be read: {reason}"),
    })
}

/// A file by its path: its text is looked at only where something has to.
pub(super) fn file(scope: &Scope<'_, '_>, args: &[Value]) -> Outcome {
    let place = place(scope, &args[0])?;
    match scope.context.folder.kind(&place) {
        Some(EntryKind::File) => Ok(Value::File(place)),
        Some(EntryKind::Folder | EntryKind::Other) => Err(Halt::Later(format!("`{place}` is no file"))),
        None => Err(refused(&place, Refusal::Missing)),
    }
}

/// The value with the text of every file in it.
pub(super) fn settled(scope: &Scope<'_, '_>, value: Value) -> Outcome {
    let mut files = false;
    value.walk(&mut |v| files |= matches!(v, Value::File(_)));
    let value = if files { with_texts(scope, value)? } else { value };
    Ok(text::plain(value))
}

fn with_texts(scope: &Scope<'_, '_>, value: Value) -> Outcome {
    let all =
        |items: Vec<Value>| items.into_iter().map(|v| with_texts(scope, v)).collect::<Result<Vec<_>, _>>();
    Ok(match value {
        Value::File(place) => {
            let text = scope.context.folder.text(&place).map_err(|refusal| refused(&place, refusal))?;
            if text.len() > MOST_TEXT {
                return Err(refused(&place, Refusal::TooLarge(text.len() as u64)));
            }
            scope.context.spend(text.len() / 64)?;
            Value::Str(text)
        }
        Value::List(items) => Value::List(all(items)?),
        Value::Template(items) => Value::Template(all(items)?),
        Value::Map(entries) => {
            let entries = entries.into_iter().map(|(k, v)| Ok((k, with_texts(scope, v)?)));
            Value::Map(entries.collect::<Result<_, Halt>>()?)
        }
        Value::Json(inner) => Value::json(with_texts(scope, *inner)?),
        other => other,
    })
}

pub(super) fn exists(scope: &Scope<'_, '_>, args: &[Value]) -> Outcome {
    let place = place(scope, &args[0])?;
    Ok(Value::Bool(scope.context.folder.kind(&place) == Some(EntryKind::File)))
}

pub(super) fn base64(scope: &Scope<'_, '_>, args: &[Value]) -> Outcome {
    let bytes = bytes(scope, &args[0])?;
    if bytes.len() > MOST_TEXT {
        return Err(Halt::Later(format!("its text is longer than {MOST_TEXT} bytes")));
    }
    Ok(Value::Str(to_base64(&bytes)))
}

pub(super) fn md5(scope: &Scope<'_, '_>, args: &[Value]) -> Outcome {
    Ok(hex(&md5::Md5::digest(bytes(scope, &args[0])?)))
}

pub(super) fn sha1(scope: &Scope<'_, '_>, args: &[Value]) -> Outcome {
    Ok(hex(&sha1::Sha1::digest(bytes(scope, &args[0])?)))
}

pub(super) fn sha256(scope: &Scope<'_, '_>, args: &[Value]) -> Outcome {
    Ok(hex(&sha2::Sha256::digest(bytes(scope, &args[0])?)))
}

pub(super) fn sha512(scope: &Scope<'_, '_>, args: &[Value]) -> Outcome {
    Ok(hex(&sha2::Sha512::digest(bytes(scope, &args[0])?)))
}

pub(super) fn base64_sha256(scope: &Scope<'_, '_>, args: &[Value]) -> Outcome {
    Ok(Value::Str(to_base64(&sha2::Sha256::digest(bytes(scope, &args[0])?))))
}

pub(super) fn base64_sha512(scope: &Scope<'_, '_>, args: &[Value]) -> Outcome {
    Ok(Value::Str(to_base64(&sha2::Sha512::digest(bytes(scope, &args[0])?))))
}

pub(super) fn template(scope: &Scope<'_, '_>, args: &[Value]) -> Outcome {
    let place = place(scope, &args[0])?;
    let source = scope.context.folder.text(&place).map_err(|refusal| refused(&place, refusal))?;
    filled(scope, &source, &args[1])
}

pub(super) fn template_string(scope: &Scope<'_, '_>, args: &[Value]) -> Outcome {
    filled(scope, &string(&args[0])?, &args[1])
}

fn filled(scope: &Scope<'_, '_>, source: &str, values: &Value) -> Outcome {
    let entries = values.as_map().ok_or_else(|| super::later(values, "what fills a template"))?;
    let names: Vec<(String, Value)> = entries.iter().map(|(k, v)| (k.clone(), v.clone())).collect();
    template::of_file(scope, source, &names)
}

/// Deepest folder that `fileset` looks into, and most files that it gives.
const MOST_SET: (usize, usize) = (16, 10_000);

pub(super) fn set(scope: &Scope<'_, '_>, args: &[Value]) -> Outcome {
    let start = place(scope, &args[0])?;
    let pattern = string(&args[1])?;
    let pattern = globs(&pattern)?;
    let mut found = Vec::new();
    let mut waiting = vec![String::new()];
    while let Some(inner) = waiting.pop() {
        let whole = [start.as_str(), inner.as_str()]
            .iter()
            .filter(|p| !p.is_empty())
            .copied()
            .collect::<Vec<_>>()
            .join("/");
        for entry in scope.context.folder.entries(&whole).iter().flat_map(|e| e.iter()) {
            let path = folder::beside(&inner, &entry.name);
            scope.context.spend(1)?;
            match entry.kind {
                EntryKind::Folder if path.matches('/').count() < MOST_SET.0 => waiting.push(path),
                EntryKind::File if found.len() < MOST_SET.1 && pattern.is_match(&path) => {
                    found.push(Value::Str(path))
                }
                _ => {}
            }
        }
    }
    Ok(crate::terraform::read::types::set(found))
}

/// A pattern of paths as a regular expression: `**` crosses folders, `*` and `?` do not.
fn globs(pattern: &str) -> Result<regex::Regex, Halt> {
    let mut out = String::from("^");
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        let (matched, length) = match c {
            '*' if rest.starts_with("**/") => ("(?:.*/)?".to_owned(), 3),
            '*' if rest.starts_with("**") => (".*".to_owned(), 2),
            '*' => ("[^/]*".to_owned(), 1),
            '?' => ("[^/]".to_owned(), 1),
            '{' => ("(?:".to_owned(), 1),
            '}' => (")".to_owned(), 1),
            ',' => ("|".to_owned(), 1),
            '[' | ']' => (c.to_string(), 1),
            other => (regex::escape(other.encode_utf8(&mut [0; 4])), other.len_utf8()),
        };
        out.push_str(&matched);
        rest = &rest[length..];
    }
    out.push('$');
    regex::Regex::new(&out).map_err(|_| wrong(format!("`{pattern}` is no pattern of paths")))
}
