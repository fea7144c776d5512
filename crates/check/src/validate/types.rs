//! Whether a value fits a type, converting as Terraform converts.
//!
//! Numbers and truth values become strings and back where the text reads as one; a set takes a list; an
//! object takes a map with its fields. Nothing is converted here, it is only said whether it could be.

use catalog::Type;
use ir::Value;

/// Why a value does not fit.
pub(super) struct Mismatch {
    /// Way from the attribute to the value, such as `0.cidr_block`; empty for the attribute itself.
    pub path: String,
    /// What fits, in words.
    pub expected: String,
    /// What is there, in words; never the value.
    pub found: String,
}

/// Whether `value` can be converted to `ty`. What is not known yet fits everything.
pub(super) fn accepts(ty: &Type, value: &Value) -> Result<(), Mismatch> {
    let wrong =
        |value: &Value| Err(Mismatch { path: String::new(), expected: words(ty), found: what(value) });
    match (ty, value.known()) {
        (Type::Any, _) | (_, Value::Null | Value::Ref(_) | Value::Unknown(_)) => Ok(()),
        (Type::String, Value::Map(_) | Value::List(_)) => wrong(value),
        (Type::String, _) => Ok(()),
        (Type::Number, Value::Int(_) | Value::Float(_)) => Ok(()),
        (Type::Number, Value::Str(text)) if text.parse::<f64>().is_ok_and(f64::is_finite) => Ok(()),
        (Type::Bool, Value::Bool(_)) => Ok(()),
        (Type::Bool, Value::Str(text)) if text == "true" || text == "false" => Ok(()),
        (Type::Number | Type::Bool, Value::Template(_)) if value.has_unknown() => Ok(()),
        (Type::List(item) | Type::Set(item), Value::List(items)) => {
            each(items.iter().enumerate().map(|(i, v)| (i.to_string(), v)), item)
        }
        (Type::Map(item), Value::Map(entries)) => each(entries.iter().map(|(k, v)| (k.clone(), v)), item),
        (Type::Object(fields), Value::Map(entries)) => {
            for (name, value) in entries {
                let Some(ty) = fields.get(name) else {
                    let expected =
                        format!("an object of {}", fields.keys().cloned().collect::<Vec<_>>().join(", "));
                    return Err(Mismatch {
                        path: name.clone(),
                        expected,
                        found: format!("the field `{name}`"),
                    });
                };
                accepts(ty, value).map_err(|m| m.under(name))?;
            }
            Ok(())
        }
        (_, other) => wrong(other),
    }
}

fn each<'a>(items: impl Iterator<Item = (String, &'a Value)>, ty: &Type) -> Result<(), Mismatch> {
    for (step, value) in items {
        accepts(ty, value).map_err(|m| m.under(&step))?;
    }
    Ok(())
}

impl Mismatch {
    fn under(self, step: &str) -> Self {
        let path = if self.path.is_empty() { step.to_owned() } else { format!("{step}.{}", self.path) };
        Self { path, ..self }
    }
}

/// A type in words.
fn words(ty: &Type) -> String {
    match ty {
        Type::String => "a string".to_owned(),
        Type::Number => "a number".to_owned(),
        Type::Bool => "true or false".to_owned(),
        Type::List(_) | Type::Set(_) => "a list".to_owned(),
        Type::Map(_) => "a map".to_owned(),
        Type::Object(_) => "an object".to_owned(),
        Type::Any => "anything".to_owned(),
    }
}

/// What a value is, in words that never show it.
pub(super) fn what(value: &Value) -> String {
    match value.known() {
        Value::Null => "nothing",
        Value::Bool(_) => "a truth value",
        Value::Int(_) | Value::Float(_) => "a number",
        Value::Str(_) | Value::Template(_) | Value::File(_) => "a string",
        Value::Json(_) => "a JSON document",
        Value::List(_) => "a list",
        Value::Map(_) => "a map",
        Value::Ref(_) => "a reference",
        Value::Secret(_) => "a secret",
        Value::Input(_) | Value::Unknown(_) => "an unknown value",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversions_are_terraforms() {
        let list = |t| Type::List(Box::new(t));
        let fits = [
            (Type::String, Value::from(8080)),
            (Type::String, Value::from(true)),
            (Type::String, Value::json(Value::Null)),
            (Type::Number, Value::from("8080")),
            (Type::Bool, Value::from("true")),
            (list(Type::Number), Value::list(["1", "2"])),
            (Type::Number, Value::Unknown("later".into())),
            (Type::Any, Value::list([1])),
        ];
        for (ty, value) in fits {
            assert!(accepts(&ty, &value).is_ok(), "{ty:?} {value:?}");
        }
        let refused = [
            (Type::String, Value::list([1])),
            (Type::Number, Value::from("80a")),
            (Type::Number, Value::from("NaN")),
            (Type::Number, Value::from(true)),
            (Type::Bool, Value::from("yes")),
            (Type::Bool, Value::from(1)),
            (list(Type::String), Value::from("a")),
            (Type::Map(Box::new(Type::Number)), Value::map([("a", "x")])),
        ];
        for (ty, value) in refused {
            assert!(accepts(&ty, &value).is_err(), "{ty:?} {value:?}");
        }
        let deep = accepts(&list(list(Type::Number)), &Value::list([Value::list(["x"])]));
        assert_eq!(deep.err().map(|m| m.path).as_deref(), Some("0.0"));
    }
}
