//! Stacks that share their modules, indexed by module and block.
//!
//! All environments are one family; every other stack is a family of its own. A block is an address without
//! its key: what one `resource` in a module stands for. Where a dialect has no loops every instance is a block of
//! its own, and where it has no modules all components are in one. Must not know terms.

use indexmap::IndexMap;
use ir::{Address, Node, Ref, Stack, Step, Value};

use super::names;
use super::vocabulary::Vocabulary;

/// The instances of a block in one stack, with their keys.
pub(crate) type Instances<'a> = Vec<(Option<&'a str>, &'a Node)>;

/// What a dialect can say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Form {
    /// The dialect, as sentences name it.
    pub dialect: &'static str,
    /// Whether one block can stand for several instances.
    pub loops: bool,
    /// Whether each component is a module; otherwise the stack is one.
    pub modules: bool,
    /// Whether each environment has code of its own, which may lead from one module to another; otherwise
    /// environments differ in plain values only.
    pub roots: bool,
}

/// Stacks that share their modules.
pub(crate) struct Family<'a> {
    /// The stacks, in the order they are applied.
    pub stacks: Vec<&'a Stack>,
    /// By module, by block, by stack.
    pub modules: IndexMap<String, IndexMap<Address, Vec<Instances<'a>>>>,
    /// What is asked about kinds.
    pub vocabulary: &'static Vocabulary,
    /// What the dialect can say.
    pub form: Form,
}

impl<'a> Family<'a> {
    /// Indexes stacks.
    pub fn new(stacks: Vec<&'a Stack>, vocabulary: &'static Vocabulary, form: Form) -> Self {
        let mut family = Self { stacks, modules: IndexMap::new(), vocabulary, form };
        let mut modules: IndexMap<String, IndexMap<Address, Vec<Instances<'a>>>> = IndexMap::new();
        for (v, stack) in family.stacks.iter().enumerate() {
            for name in stack.graph.components.keys() {
                modules.entry(family.module(name).to_owned()).or_default();
            }
            // A block that only a later stack has stands after the block before it, not at the end.
            let mut last: IndexMap<&str, usize> = IndexMap::new();
            for node in stack.graph.nodes() {
                let module = family.module(&node.address.component);
                let blocks = modules.entry(module.to_owned()).or_default();
                let block = family.block_of(&node.address);
                let at = blocks.get_index_of(&block).unwrap_or_else(|| {
                    let at = last.get(module).map_or(0, |l| l + 1);
                    let at = if v == 0 { blocks.len() } else { at.min(blocks.len()) };
                    blocks.shift_insert(at, block, vec![Vec::new(); family.stacks.len()]);
                    at
                });
                last.insert(module, at);
                blocks[at][v].push((family.key_of(&node.address), node));
            }
        }
        family.modules = modules;
        family
    }

    /// The module that a component is in.
    pub fn module<'c>(&self, component: &'c str) -> &'c str {
        if self.form.modules { component } else { "" }
    }

    /// The block that an address is an instance of.
    pub fn block_of(&self, address: &Address) -> Address {
        if self.form.loops { address.without_key() } else { address.clone() }
    }

    /// The key that tells an instance from the others of its block.
    pub fn key_of<'c>(&self, address: &'c Address) -> Option<&'c str> {
        address.key.as_deref().filter(|_| self.form.loops)
    }

    /// What names in a module begin with, to tell the components in it apart.
    pub fn prefix(&self, component: &str) -> Option<String> {
        let alone = || {
            let stack = self.stacks.first();
            stack.is_none_or(|s| !s.environment && s.graph.components.len() == 1)
        };
        (!self.form.modules && !component.is_empty() && !alone()).then(|| names::snake(component))
    }

    /// A component's name of something, as its module calls it.
    pub fn named(&self, component: &str, name: &str) -> String {
        match self.prefix(component) {
            Some(prefix) => names::joined(&prefix, name),
            None => name.to_owned(),
        }
    }

    /// What a block is called in the names of its module.
    pub fn subject(&self, address: &Address) -> String {
        self.named(&address.component, &names::subject(self.vocabulary, address))
    }

    /// What a block is called in sentences.
    pub fn noun(&self, address: &Address) -> String {
        self.told_apart(address, names::noun(self.vocabulary, address))
    }

    /// What all instances of a block are called in sentences.
    pub fn nouns(&self, address: &Address) -> String {
        self.told_apart(address, names::nouns(self.vocabulary, address))
    }

    fn told_apart(&self, address: &Address, noun: String) -> String {
        let key = address.key.as_deref().map(|key| format!(" {key}"));
        let component = self.prefix(&address.component).map(|_| format!(" of {}", address.component));
        format!("{noun}{}{}", key.unwrap_or_default(), component.unwrap_or_default())
    }

    /// The instances of a block in every stack.
    pub fn block(&self, block: &Address) -> Option<&[Instances<'a>]> {
        self.modules.get(self.module(&block.component))?.get(block).map(Vec::as_slice)
    }

    /// Whether a block's instances are told apart by keys.
    pub fn keyed(&self, block: &Address) -> bool {
        self.block(block).is_some_and(|stacks| stacks.iter().flatten().any(|(key, _)| key.is_some()))
    }

    /// The block and attribute that a list is about, if it names every instance once in the order of the keys.
    pub fn cover<'v>(&self, stack: usize, list: &'v [Value]) -> Option<(Address, &'v [Step])> {
        let refs: Vec<&Ref> = list
            .iter()
            .map(|v| match v {
                Value::Ref(r) if self.key_of(&r.to).is_some() => Some(r),
                _ => None,
            })
            .collect::<Option<_>>()?;
        let first = *refs.first()?;
        let block = first.to.without_key();
        let instances = &self.block(&block)?[stack];
        let ascending = refs.windows(2).all(|w| w[0].to.key < w[1].to.key);
        let same = refs.iter().all(|r| r.path == first.path && r.to.without_key() == block);
        (ascending && same && refs.len() == instances.len()).then_some((block, &first.path))
    }
}
