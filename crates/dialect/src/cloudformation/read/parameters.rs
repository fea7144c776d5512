//! Parameters: what a template asks for, and what it is given.
//!
//! A value comes from the user, from the parent stack, or from the parameter's default, in this order. A parameter
//! without a value is an unknown one, and a parameter that hides its value is a secret: its value is not read.

use indexmap::IndexMap;
use ir::yaml::{Key, Yaml};
use ir::{Diagnostic, InputDecl, InputType, SecretRef, Span, Validation, Value};

use super::evaluate::split_at_commas;
use super::session::Session;
use crate::reading::plain_secret;

/// A parameter and its value.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// As its component declares it.
    pub decl: InputDecl,
    /// Its type as the template names it.
    pub written: String,
    /// What it is set to.
    pub value: Value,
}

/// A value that a template is given.
#[derive(Clone, Debug)]
pub struct Given {
    /// The value.
    pub value: Value,
    /// Whether it stands in a file, where a secret is none.
    pub written: bool,
}

/// The parameters of a template by name.
pub fn read(
    section: &[(Key, Yaml)],
    given: &IndexMap<String, Given>,
    session: &Session,
) -> IndexMap<String, Parameter> {
    let one = |(key, node): &(Key, Yaml)| {
        (key.text.clone(), parameter(&key.text, key.span, node, given.get(&key.text), session))
    };
    section.iter().map(one).collect()
}

fn parameter(name: &str, at: Span, node: &Yaml, given: Option<&Given>, session: &Session) -> Parameter {
    let written = node.get("Type").and_then(Yaml::as_str).unwrap_or("String");
    let text = |key: &str| node.get(key).and_then(Yaml::scalar);
    let ssm = written.strip_prefix("AWS::SSM::Parameter::Value<").and_then(|t| t.strip_suffix('>'));
    let inner = ssm.unwrap_or(written);
    let ty = match inner {
        "Number" => InputType::Number,
        "CommaDelimitedList" => InputType::StringList,
        list if list.starts_with("List<") => InputType::StringList,
        _ => InputType::String,
    };
    let default = text("Default");
    let hidden = text("NoEcho").is_some_and(|t| t.eq_ignore_ascii_case("true"));
    let value = match (given, &default) {
        (Some(given), _) if hidden && given.value.has_unknown() => given.value.clone(),
        (Some(given), _) if hidden => hidden_value(name, given.written && has_text(&given.value)),
        (None, default) if hidden => hidden_value(name, default.as_ref().is_some_and(|d| !d.is_empty())),
        (given, default) if ssm.is_some() => {
            let path = given.and_then(|g| g.value.text()).or_else(|| default.clone()).unwrap_or_default();
            Value::Unknown(format!("the SSM parameter `{path}`, which only the cloud holds"))
        }
        (Some(given), _) => shaped(given.value.clone(), &ty),
        (None, Some(default)) => shaped(Value::from(default), &ty),
        (None, None) => Value::Unknown(format!("the parameter `{name}`, which has no value")),
    };
    let decl = InputDecl {
        ty,
        description: text("Description").unwrap_or_default(),
        validation: validation(node),
        from_pipeline: false,
    };
    refuse(name, at, &decl, &value, session);
    Parameter { decl, written: written.to_owned(), value }
}

fn hidden_value(name: &str, written: bool) -> Value {
    if written { plain_secret() } else { Value::Secret(SecretRef { name: name.to_owned() }) }
}

fn has_text(value: &Value) -> bool {
    value.text().is_some_and(|text| !text.is_empty())
}

/// A value as the parameter's type has it: everything that is given is a text at first.
fn shaped(value: Value, ty: &InputType) -> Value {
    match (ty, &value) {
        (InputType::StringList, Value::List(_) | Value::Unknown(_)) => value,
        (InputType::StringList, Value::Str(text)) => Value::list(text.split(',').map(str::trim)),
        (InputType::StringList, _) => split_at_commas(value),
        (InputType::Number, Value::Str(text)) => match text.trim().parse::<i64>() {
            Ok(n) => Value::Int(n),
            Err(_) => text.trim().parse::<f64>().map_or(value, Value::Float),
        },
        _ => value,
    }
}

fn validation(node: &Yaml) -> Option<Validation> {
    if let Some(allowed) = node.get("AllowedValues").and_then(Yaml::items) {
        return Some(Validation::OneOf(allowed.iter().filter_map(Yaml::scalar).collect()));
    }
    if let Some(pattern) = node.get("AllowedPattern").and_then(Yaml::as_str) {
        let words = node.get("ConstraintDescription").and_then(Yaml::scalar);
        let must_be = words.unwrap_or_else(|| format!("a text that matches {pattern}"));
        return Some(Validation::Matches { pattern: pattern.to_owned(), must_be });
    }
    let number = |key: &str| node.get(key).and_then(Yaml::scalar)?.parse::<f64>().ok();
    match (number("MinValue"), number("MaxValue")) {
        (None, None) => None,
        (low, high) => Some(Validation::Range(low.unwrap_or(f64::MIN), high.unwrap_or(f64::MAX))),
    }
}

/// Says so when CloudFormation would not take a value.
fn refuse(name: &str, at: Span, decl: &InputDecl, value: &Value, session: &Session) {
    let items = value.as_list().unwrap_or(std::slice::from_ref(value));
    let refused = items.iter().find_map(|item| {
        let text = item.text()?;
        let fits = match &decl.validation {
            Some(Validation::OneOf(allowed)) => allowed.contains(&text),
            Some(Validation::Range(low, high)) => {
                text.parse::<f64>().is_ok_and(|n| (*low..=*high).contains(&n))
            }
            _ => decl.ty != InputType::Number || text.trim().parse::<f64>().is_ok(),
        };
        (!fits).then_some(text)
    });
    if let Some(text) = refused {
        let mut said =
            Diagnostic::warning("refused-value", format!("`{name}` does not take the value `{text}`"))
                .at(at, "declared here");
        if let Some(Validation::OneOf(allowed)) = &decl.validation {
            said = said.help(format!("give one of {}", allowed.join(", ")));
        }
        session.say(said);
    }
}
