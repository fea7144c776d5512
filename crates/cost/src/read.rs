//! Reads the settings that a price depends on.
//!
//! Three things can be true of a setting: it is set, it is not, or nobody can tell yet. The third must never be
//! taken for one of the others, so every reader says why it could not read. Must not know any price.

use ir::{Address, Graph, Node, Ref, Step, Value};

/// A value, or why it is not known, in words that complete "cannot be priced:".
pub(crate) type Known<T> = Result<T, String>;

/// References are followed so far; a longer chain is a circle.
const MAX_HOPS: usize = 16;

/// The settings of a node, or of a block in it, with the graph that its references lead into.
#[derive(Clone, Copy)]
pub(crate) struct Settings<'a> {
    place: Place<'a>,
    graph: &'a Graph,
}

#[derive(Clone, Copy)]
enum Place<'a> {
    Node(&'a Node),
    Block(&'a Value),
}

impl<'a> Settings<'a> {
    /// A node's.
    pub(crate) fn of(node: &'a Node, graph: &'a Graph) -> Self {
        Settings { place: Place::Node(node), graph }
    }

    /// A block's.
    fn within(self, block: &'a Value) -> Self {
        Settings { place: Place::Block(block), graph: self.graph }
    }

    /// The nodes of a kind in the same stack.
    pub(crate) fn of_kind(self, kind: &'a str) -> impl Iterator<Item = Settings<'a>> {
        self.graph.of_kind(kind).map(move |node| Settings::of(node, self.graph))
    }

    /// A setting that is not nothing; another resource's, where this stack says what that is set to.
    pub(crate) fn get(self, name: &str) -> Option<&'a Value> {
        let mut value = self.written(name)?;
        for _ in 0..MAX_HOPS {
            let Value::Ref(to) = value else { break };
            match self.follow(to) {
                Some(next) => value = next,
                None => break,
            }
        }
        Some(value).filter(|v| !matches!(v, Value::Null))
    }

    /// Whether a setting is set to anything.
    pub(crate) fn has(self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// A setting as it is written: a reference is a reference.
    fn written(self, name: &str) -> Option<&'a Value> {
        match self.place {
            Place::Node(node) => node.get(name),
            Place::Block(block) => block.get(name).map(Value::known),
        }
    }

    fn follow(self, to: &Ref) -> Option<&'a Value> {
        let (first, rest) = to.path.split_first()?;
        let Step::Attr(name) = first else { return None };
        self.graph.get(&to.to)?.get(name)?.at(rest).map(Value::known)
    }

    /// The blocks of a name.
    pub(crate) fn blocks(self, name: &str) -> Known<Vec<Settings<'a>>> {
        let Some(value) = self.get(name) else { return Ok(Vec::new()) };
        let blocks = value.as_list().ok_or_else(|| not_known(name))?;
        Ok(blocks.iter().map(|b| self.within(b.known())).collect())
    }

    /// The first block of a name.
    pub(crate) fn block(self, name: &str) -> Known<Option<Settings<'a>>> {
        Ok(self.blocks(name)?.into_iter().next())
    }

    /// A block that must be there.
    pub(crate) fn needed_block(self, name: &str) -> Known<Settings<'a>> {
        self.block(name)?.ok_or_else(|| format!("`{name}` is not set"))
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

    /// The settings of the node that a setting refers to.
    pub(crate) fn referred(self, name: &str) -> Option<Settings<'a>> {
        Some(Settings::of(self.graph.get(self.target(name)?)?, self.graph))
    }

    /// The address that a setting refers to.
    pub(crate) fn target(self, name: &str) -> Option<&'a Address> {
        self.written(name)?.refs().first().map(|r| &r.to)
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
        let graph = Graph::new();
        let read = Settings::of(&node, &graph);
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
            assert!(read.block(unknown).is_err() && read.needed_block(unknown).is_err());
        }
    }
    #[test]
    fn references_are_followed_as_far_as_the_stack_knows_and_circles_end() {
        let address = |name: &str| Address::new("c", Kind::of("k"), name);
        let to = |name: &str, attr: &str| {
            Value::Ref(Ref { to: address(name), path: vec![Step::Attr(attr.into())] })
        };
        let mut graph = Graph::new();
        for (name, attrs) in [
            ("a", vec![("size", to("b", "size")), ("arn", to("b", "arn")), ("loop", to("b", "loop"))]),
            ("b", vec![("size", Value::from(3)), ("loop", to("a", "loop"))]),
        ] {
            let mut node = Node::new(address(name));
            node.attrs.extend(attrs.into_iter().map(|(name, value)| (name.to_owned(), value)));
            graph.insert(node);
        }
        let read = Settings::of(graph.get(&address("a")).expect("added"), &graph);
        assert_eq!(read.number("size"), Ok(Some(3.0)));
        assert!(read.text("arn").is_err(), "the cloud makes it up");
        assert!(read.text("loop").is_err());
        assert_eq!(read.target("size"), Some(&address("b")));
        assert!(read.referred("arn").is_some_and(|b| b.number("size") == Ok(Some(3.0))));
    }
}
