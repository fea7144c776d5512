//! Reads the settings that a price depends on.
//!
//! Three things can be true of a setting: it is set, it is not, or nobody can tell yet. The third must never be
//! taken for one of the others, so every reader says why it could not read. Must not know any price.

use ir::{Address, Graph, Node, Value};

/// A value, or why it is not known, in words that complete "cannot be priced:".
pub(crate) type Known<T> = Result<T, String>;

/// Somewhere settings are read from: a node or a nested block.
#[derive(Clone, Copy)]
pub(crate) enum Settings<'a> {
    Node(&'a Node),
    Block(&'a Value),
}

impl<'a> From<&'a Node> for Settings<'a> {
    fn from(node: &'a Node) -> Self {
        Settings::Node(node)
    }
}

impl<'a> From<&'a Value> for Settings<'a> {
    fn from(block: &'a Value) -> Self {
        Settings::Block(block)
    }
}

impl<'a> Settings<'a> {
    /// A setting that is not nothing.
    pub(crate) fn get(self, name: &str) -> Option<&'a Value> {
        let value = match self {
            Settings::Node(node) => node.get(name),
            Settings::Block(block) => block.get(name).map(Value::known),
        };
        value.filter(|v| !matches!(v, Value::Null))
    }

    /// The blocks of a name.
    pub(crate) fn blocks(self, name: &str) -> &'a [Value] {
        self.get(name).and_then(Value::as_list).unwrap_or(&[])
    }

    /// The first block of a name.
    pub(crate) fn block(self, name: &str) -> Option<Settings<'a>> {
        self.blocks(name).first().map(|v| Settings::Block(v.known()))
    }

    /// A text, or nothing when it is not set.
    pub(crate) fn text(self, name: &str) -> Known<Option<String>> {
        let Some(value) = self.get(name) else { return Ok(None) };
        value.text().map(Some).ok_or_else(|| not_known(name))
    }

    /// A text that must be set.
    pub(crate) fn needed_text(self, name: &str) -> Known<String> {
        self.text(name)?.ok_or_else(|| format!("`{name}` is not set"))
    }

    /// A number, or nothing when it is not set.
    pub(crate) fn number(self, name: &str) -> Known<Option<f64>> {
        let Some(value) = self.get(name) else { return Ok(None) };
        value.as_f64().map(Some).ok_or_else(|| not_known(name))
    }

    /// A number that must be set.
    pub(crate) fn needed_number(self, name: &str) -> Known<f64> {
        self.number(name)?.ok_or_else(|| format!("`{name}` is not set"))
    }

    /// A truth value; `false` when it is not set.
    pub(crate) fn flag(self, name: &str) -> Known<bool> {
        let Some(value) = self.get(name) else { return Ok(false) };
        value.as_bool().ok_or_else(|| not_known(name))
    }

    /// How many items a list has, or nothing when it is not set.
    pub(crate) fn count(self, name: &str) -> Known<Option<f64>> {
        let Some(value) = self.get(name) else { return Ok(None) };
        value.as_list().map(|items| Some(items.len() as f64)).ok_or_else(|| not_known(name))
    }

    /// The node that a setting refers to.
    pub(crate) fn referred<'g>(self, name: &str, graph: &'g Graph) -> Option<&'g Node> {
        graph.get(self.target(name)?)
    }

    /// The address that a setting refers to.
    pub(crate) fn target(self, name: &str) -> Option<&'a Address> {
        self.get(name)?.refs().first().map(|r| &r.to)
    }
}

fn not_known(name: &str) -> String {
    format!("`{name}` is not known before it is applied")
}

#[cfg(test)]
mod tests {
    use ir::{Kind, SecretRef};

    use super::*;

    #[test]
    fn set_unset_and_unknown_are_told_apart() {
        let mut node = Node::new(Address::new("c", Kind::of("k"), "n"));
        for (name, value) in [
            ("text", Value::from("a")),
            ("number", Value::from("2.5")),
            ("flag", Value::from(true)),
            ("null", Value::Null),
            ("later", Value::Unknown("later".into())),
            ("secret", Value::Secret(SecretRef { name: "S".into() })),
            ("list", Value::list(["a", "b"])),
        ] {
            node.attrs.insert(name.to_owned(), value);
        }
        let read = Settings::from(&node);
        assert_eq!(read.text("text"), Ok(Some("a".into())));
        assert_eq!(read.number("number"), Ok(Some(2.5)));
        assert_eq!(read.flag("flag"), Ok(true));
        assert_eq!(read.count("list"), Ok(Some(2.0)));
        for unset in ["null", "missing"] {
            assert_eq!(read.text(unset), Ok(None));
            assert_eq!(read.number(unset), Ok(None));
            assert_eq!(read.flag(unset), Ok(false));
            assert_eq!(read.count(unset), Ok(None));
            assert!(read.needed_text(unset).is_err() && read.needed_number(unset).is_err());
        }
        for unknown in ["later", "secret"] {
            assert!(read.text(unknown).is_err() && read.number(unknown).is_err());
            assert!(read.flag(unknown).is_err() && read.count(unknown).is_err());
        }
    }
}
