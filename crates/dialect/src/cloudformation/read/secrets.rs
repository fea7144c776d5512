//! Secrets that somebody wrote into a template: they are not carried any further.
//!
//! A property that holds a password is known by its name, in every type of resource. References, secrets by name and what
//! is not known stay; a text becomes the mark that a check looks for.

use indexmap::IndexMap;
use ir::Value;

use crate::reading::plain_secret;

/// Endings of the names of properties that hold a secret and nothing else.
const SECRET: &[&str] = &["Password", "AuthToken", "SecretString", "OauthToken", "OAuthToken", "PrivateKey"];

/// Replaces every secret that is written out.
pub fn hide(attrs: &mut IndexMap<String, Value>) {
    for (name, value) in attrs {
        if SECRET.iter().any(|ending| name.ends_with(ending)) && written(value) {
            *value = plain_secret();
        } else {
            inside(value);
        }
    }
}

fn inside(value: &mut Value) {
    match value {
        Value::List(items) => items.iter_mut().for_each(inside),
        Value::Map(entries) => hide(entries),
        Value::Json(inner) => inside(inner),
        _ => {}
    }
}

/// Whether a value is a text that stands in a file. A reference that the cloud resolves is none.
fn written(value: &Value) -> bool {
    let truth = matches!(value.known(), Value::Bool(_));
    !truth && value.text().is_some_and(|text| !text.is_empty() && !text.contains("{{resolve:"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::is_plain_secret;

    #[test]
    fn a_password_is_hidden_wherever_it_stands_and_nothing_else_is() {
        let user = Value::map([("Password", Value::from("hunter2")), ("Username", Value::from("app"))]);
        let mut attrs: IndexMap<String, Value> = [
            ("MasterUserPassword".to_owned(), Value::from("hunter2")),
            ("Users".to_owned(), Value::list([user])),
            ("ManageMasterUserPassword".to_owned(), Value::Bool(true)),
            ("AuthToken".to_owned(), Value::from("{{resolve:ssm-secure:token}}")),
            ("SecretString".to_owned(), Value::template([Value::from("a"), Value::Unknown("b".into())])),
        ]
        .into();
        hide(&mut attrs);
        assert!(is_plain_secret(&attrs["MasterUserPassword"]));
        let user = &attrs["Users"].as_list().expect("a list")[0];
        assert!(is_plain_secret(user.get("Password").expect("kept")));
        assert_eq!(user.get("Username"), Some(&Value::from("app")));
        assert_eq!(attrs["ManageMasterUserPassword"], Value::Bool(true));
        assert_eq!(attrs["AuthToken"], Value::from("{{resolve:ssm-secure:token}}"));
        assert!(!format!("{attrs:?}").contains("hunter2"));
    }
}
