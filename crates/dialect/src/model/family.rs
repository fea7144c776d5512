//! Stacks that share their modules, indexed by component and block.
//!
//! All environments are one family; every other stack is a family of its own. A block is an address without
//! its key: what one `resource` in a module stands for. Must not know terms.

use indexmap::IndexMap;
use ir::{Address, Node, Ref, Stack, Step, Value};

/// The instances of a block in one stack, with their keys.
pub(crate) type Instances<'a> = Vec<(Option<&'a str>, &'a Node)>;

/// Stacks that share their modules.
pub(crate) struct Family<'a> {
    /// The stacks, in the order they are applied.
    pub stacks: Vec<&'a Stack>,
    /// By component, by block, by stack.
    pub components: IndexMap<String, IndexMap<Address, Vec<Instances<'a>>>>,
}

impl<'a> Family<'a> {
    /// Indexes stacks.
    pub fn new(stacks: Vec<&'a Stack>) -> Self {
        let mut components: IndexMap<String, IndexMap<Address, Vec<Instances<'a>>>> = IndexMap::new();
        for (v, stack) in stacks.iter().enumerate() {
            for name in stack.graph.components.keys() {
                components.entry(name.clone()).or_default();
            }
            // A block that only a later stack has stands after the block before it, not at the end.
            let mut last: IndexMap<&str, usize> = IndexMap::new();
            for node in stack.graph.nodes() {
                let blocks = components.entry(node.address.component.clone()).or_default();
                let block = node.address.without_key();
                let at = blocks.get_index_of(&block).unwrap_or_else(|| {
                    let at = last.get(node.address.component.as_str()).map_or(0, |l| l + 1);
                    let at = if v == 0 { blocks.len() } else { at.min(blocks.len()) };
                    blocks.shift_insert(at, block, vec![Vec::new(); stacks.len()]);
                    at
                });
                last.insert(&node.address.component, at);
                blocks[at][v].push((node.address.key.as_deref(), node));
            }
        }
        Self { stacks, components }
    }

    /// The instances of a block in every stack.
    pub fn block(&self, block: &Address) -> Option<&[Instances<'a>]> {
        self.components.get(&block.component)?.get(block).map(Vec::as_slice)
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
                Value::Ref(r) if r.to.key.is_some() => Some(r),
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
