//! Secrets in a graph: only named, and only where the provider hides them.
//!
//! No message here ever shows the value it is about.

use catalog::AttrInfo;
use ir::{Diagnostics, Value};

use super::Place;

/// Reports secrets that would be readable, and literals where a secret belongs.
pub(super) fn check(place: &Place<'_>, name: &str, info: &AttrInfo, value: &Value, out: &mut Diagnostics) {
    if info.sensitive && crate::secrets::named(name) && is_literal(value) {
        out.push(
            place
                .error("secret-in-plain-text", format!("`{name}` is a secret and written in plain text"))
                .because("whoever reads the code or its history can read it")
                .help("refer to a secret store, or let the provider manage the password"),
        );
        return;
    }
    value.walk(&mut |part| match part {
        Value::Secret(secret) if !info.sensitive && !info.write_only => out.push(
            place
                .error(
                    "secret-in-the-open",
                    format!("the secret {} would be readable in `{name}`", secret.name),
                )
                .because("the provider does not treat this attribute as sensitive")
                .help("pass a reference to the secret store instead"),
        ),
        Value::Str(text) => {
            if let Some(what) = crate::secrets::shape(text) {
                out.push(
                    place
                        .error("secret-in-plain-text", format!("`{name}` holds what looks like {what}"))
                        .because("whoever reads the code or its history can read it")
                        .help("move it to a secret store, refer to it there, and revoke the old one"),
                );
            }
        }
        _ => {}
    });
}

/// Whether any text stands there; an empty one is no secret.
fn is_literal(value: &Value) -> bool {
    match value.known() {
        Value::Str(text) => !text.is_empty(),
        Value::Int(_) | Value::Float(_) => true,
        Value::List(items) => items.iter().any(is_literal),
        Value::Template(_) => value.text().is_some(),
        _ => false,
    }
}
