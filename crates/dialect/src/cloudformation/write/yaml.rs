//! A template as a tree, printed as YAML with the short forms of the functions.

use indexmap::IndexMap;
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

/// A value of a template.
#[derive(Clone, Debug, PartialEq)]
pub enum Yaml {
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    List(Vec<Yaml>),
    Map(IndexMap<String, Yaml>),
    /// A function, such as `!Ref`, and what it is given.
    Call(&'static str, Box<Yaml>),
}

impl Yaml {
    pub fn text(text: impl Into<String>) -> Yaml {
        Yaml::Text(text.into())
    }

    pub fn map<K: Into<String>>(entries: impl IntoIterator<Item = (K, Yaml)>) -> Yaml {
        Yaml::Map(entries.into_iter().map(|(k, v)| (k.into(), v)).collect())
    }

    pub fn call(function: &'static str, argument: Yaml) -> Yaml {
        Yaml::Call(function, Box::new(argument))
    }

    /// `!Ref`
    pub fn reference(name: &str) -> Yaml {
        Yaml::call("!Ref", Yaml::text(name))
    }

    /// What takes a property away.
    pub fn nothing() -> Yaml {
        Yaml::reference("AWS::NoValue")
    }
}

impl Serialize for Yaml {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Yaml::Bool(b) => serializer.serialize_bool(*b),
            Yaml::Int(n) => serializer.serialize_i64(*n),
            Yaml::Float(n) => serializer.serialize_f64(*n),
            Yaml::Text(text) => serializer.serialize_str(text),
            Yaml::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                items.iter().try_for_each(|item| list.serialize_element(item))?;
                list.end()
            }
            Yaml::Map(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                entries.iter().try_for_each(|(name, value)| map.serialize_entry(name, value))?;
                map.end()
            }
            Yaml::Call(function, argument) => {
                serde_saphyr::Tagged(argument.as_ref(), Some((*function).to_owned())).serialize(serializer)
            }
        }
    }
}

/// The text of a template.
pub fn print(template: &Yaml) -> String {
    serde_saphyr::to_string(template).expect("a tree of plain values prints")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_written_in_their_short_form() {
        let tree = Yaml::map([
            ("Bucket", Yaml::reference("Uploads")),
            ("Role", Yaml::call("!GetAtt", Yaml::text("TaskRole.Arn"))),
            ("Version", Yaml::text("2012-10-17")),
            (
                "Size",
                Yaml::call("!If", Yaml::List(vec![Yaml::text("IsLarge"), Yaml::Int(3), Yaml::nothing()])),
            ),
            ("Name", Yaml::call("!Sub", Yaml::text("${Prefix}-api"))),
        ]);
        let text = print(&tree);
        assert_eq!(
            text,
            "Bucket: !Ref Uploads\nRole: !GetAtt TaskRole.Arn\nVersion: \"2012-10-17\"\nSize: !If\n  - IsLarge\n  - 3\n  - !Ref AWS::NoValue\nName: !Sub ${Prefix}-api\n"
        );
    }
}
