//! Blocks as the nodes of a graph: every instance of every resource of a module and of those it calls.
//!
//! What the provider's schema says decides three things: whether a map stands for a nested block, whether a text is a
//! secret, and nothing else; kinds that the catalogue does not have are kept as they are written. Must not know files.

use std::collections::BTreeMap;
use std::rc::Rc;

use catalog::kinds::{AttrInfo, BlockInfo, Type};
use hcl_edit::expr::{Expression, TraversalOperator};
use hcl_edit::structure::{Block, Body, Structure};
use indexmap::IndexMap;
use ir::{Address, Diagnostic, Graph, Lifecycle, Mode, Node, Value};

use super::eval::{Context, Scope, or_unknown, unknown};
use super::instance::{Dependency, Instance, holds_text};
use super::module::{Declared, ResourceName};
use super::providers::Providers;
use super::text;
use crate::reading::{Counts, MOST_INSTANCES, MOST_NODES, plain_secret};

/// What stands in a resource and is none of it: how Terraform treats it, and what it runs.
const META: &[&str] =
    &["count", "for_each", "provider", "depends_on", "lifecycle", "provisioner", "connection"];

/// Collects the nodes of one stack.
pub(crate) struct Collector<'c, 'a> {
    pub context: &'c Context<'a>,
    pub graph: Graph,
    pub counts: Counts,
    /// The region of the stack: nodes say only where they differ.
    pub region: &'c str,
    /// Nodes with dependencies on whole components, resolved when all nodes are known.
    waiting: Vec<(Address, Vec<Dependency>)>,
    nodes: Vec<Node>,
    full: bool,
}

impl<'c, 'a> Collector<'c, 'a> {
    /// Collects nothing yet.
    pub fn new(context: &'c Context<'a>, region: &'c str) -> Self {
        Self {
            context,
            graph: Graph::new(),
            counts: Counts::default(),
            region,
            waiting: Vec::new(),
            nodes: Vec::new(),
            full: false,
        }
    }

    /// Adds everything in an instance of a module and in those that it calls. `after` is what its call depends on.
    pub fn instance(&mut self, instance: &Rc<Instance<'a>>, providers: &Providers, after: &[Dependency]) {
        for (name, declared) in &instance.module.resources {
            if self.full {
                return;
            }
            self.resource(instance, name, declared, providers, after);
        }
        for (name, call) in &instance.module.calls {
            let Ok(called) = instance.called(self.context, name) else { continue };
            let inner = providers.passed(self.context, instance, call);
            let mut after = after.to_vec();
            after.extend(dependencies(self.context, instance, call.get("depends_on")));
            for child in &called.instances {
                self.instance(child, &inner, &after);
            }
        }
        if !self.full {
            self.component(instance);
        }
    }

    /// Declares the component with the parameters that its attributes show.
    fn component(&mut self, instance: &Rc<Instance<'a>>) {
        let inputs = instance.inputs.borrow();
        let own = self.nodes.iter().any(|n| n.address.component == instance.component);
        if !own && inputs.is_empty() {
            return;
        }
        let role = instance.module.folder.rsplit('/').next().unwrap_or_default();
        let component = self.graph.component(&instance.component, role, "");
        component.inputs.extend(inputs.iter().map(|(name, decl)| (name.clone(), decl.clone())));
    }

    fn resource(
        &mut self,
        instance: &Rc<Instance<'a>>,
        name: &'a ResourceName,
        declared: &'a Declared,
        providers: &Providers,
        after: &[Dependency],
    ) {
        let context = self.context;
        let Ok(repeated) = instance.repeated(context, name, declared) else {
            self.counts.lost += 1;
            return;
        };
        let region = providers.region(&name.kind, declared.get("provider")).filter(|r| *r != self.region);
        let lifecycle = lifecycle(&declared.body);
        let mut waits = dependencies(context, instance, declared.get("depends_on"));
        if name.mode == Mode::Managed {
            waits.extend(after.iter().cloned());
        }
        for (i, key) in repeated.repeat.keys().into_iter().enumerate() {
            if self.nodes.len() >= MOST_NODES {
                self.stop(declared);
                return;
            }
            let names = repeated.repeat.names(i);
            let scope = instance.scope(context, &names);
            let mut node = Node::new(instance.address(name, key));
            let schema = catalog::kinds::of(&node.address).map(|kind| &kind.schema);
            let level =
                Level { attributes: schema.map(|s| &s.attributes), blocks: schema.map(|s| &s.blocks) };
            node.attrs = body(&scope, &declared.body, &level, META, &mut self.counts);
            node.lifecycle = lifecycle.clone();
            node.region = region.map(str::to_owned);
            node.origin = Some(declared.span);
            self.counts.resources += 1;
            count(&node.attrs, &mut self.counts);
            if !waits.is_empty() {
                self.waiting.push((node.address.clone(), waits.clone()));
            }
            self.nodes.push(node);
        }
    }

    fn stop(&mut self, declared: &Declared) {
        self.full = true;
        let summary = format!("the configuration has more than {MOST_NODES} resources");
        self.context.diagnostics.borrow_mut().push(
            Diagnostic::error("too-many-resources", summary)
                .at(declared.span, "this one and those after it are not read")
                .help("read the root modules one by one, or lower `count` and `for_each`"),
        );
    }

    /// The graph, with every dependency that names a node or a component.
    pub fn finish(mut self) -> (Graph, Counts) {
        let mut spent = 0;
        let mut resolved: IndexMap<Address, Vec<Address>> = IndexMap::new();
        for (address, waits) in std::mem::take(&mut self.waiting) {
            let mut found: Vec<Address> = Vec::new();
            for wait in waits {
                match wait {
                    Dependency::Node(to) => found.push(to),
                    Dependency::Component(name) => {
                        let within = format!("{name}.");
                        let members = self.nodes.iter().map(|n| &n.address).filter(|a| {
                            a.mode == Mode::Managed
                                && (a.component == name || a.component.starts_with(&within))
                        });
                        // Everything of one module after everything of another: no more than can be walked.
                        spent += self.nodes.len();
                        if spent < MOST_INSTANCES * MOST_INSTANCES / 10 {
                            found.extend(members.take(MOST_INSTANCES).cloned());
                        }
                    }
                }
            }
            found.retain(|to| *to != address);
            let mut seen = std::collections::BTreeSet::new();
            found.retain(|to| seen.insert(to.clone()));
            resolved.insert(address, found);
        }
        for mut node in self.nodes {
            node.depends_on = resolved.swap_remove(&node.address).unwrap_or_default();
            if self.graph.get(&node.address).is_none() {
                self.graph.insert(node);
            }
        }
        (self.graph, self.counts)
    }
}

fn dependencies<'a>(
    context: &Context<'a>,
    instance: &Rc<Instance<'a>>,
    list: Option<&Expression>,
) -> Vec<Dependency> {
    let named = list.and_then(Expression::as_array);
    named.iter().flat_map(|items| items.iter()).flat_map(|item| instance.named(context, item)).collect()
}

/// What the schema says about a body.
struct Level<'k> {
    attributes: Option<&'k BTreeMap<String, AttrInfo>>,
    blocks: Option<&'k BTreeMap<String, BlockInfo>>,
}

impl<'k> Level<'k> {
    fn inside(&self, block: &str) -> Level<'k> {
        let inner = self.blocks.and_then(|blocks| blocks.get(block));
        Level { attributes: inner.map(|b| &b.attributes), blocks: inner.map(|b| &b.blocks) }
    }

    /// Whether a name holds nested blocks; some providers call them attributes, and take them as blocks all the same.
    fn is_block(&self, name: &str) -> bool {
        let many =
            |ty: &Type| matches!(ty, Type::List(item) | Type::Set(item) if matches!(**item, Type::Object(_)));
        self.blocks.is_some_and(|blocks| blocks.contains_key(name))
            || self.attributes.and_then(|a| a.get(name)).is_some_and(|a| many(&a.ty))
    }

    fn secret(&self, name: &str) -> bool {
        is_secret(self.attributes, name)
    }
}

/// Whether the provider hides an attribute. Of kinds that the catalogue does not have, the name tells.
pub(crate) fn is_secret(attributes: Option<&BTreeMap<String, AttrInfo>>, name: &str) -> bool {
    const NAMES: &[&str] = &[
        "password",
        "passphrase",
        "private_key",
        "secret_key",
        "secret_string",
        "auth_token",
        "access_token",
    ];
    match attributes {
        Some(attributes) => attributes.get(name).is_some_and(|a| a.sensitive),
        None => NAMES.iter().any(|n| name == *n || name.ends_with(&format!("_{n}"))),
    }
}

/// The attributes of a body; nested blocks are lists of maps.
fn body(
    scope: &Scope<'_, '_>,
    body: &Body,
    level: &Level<'_>,
    meta: &[&str],
    counts: &mut Counts,
) -> IndexMap<String, Value> {
    let mut attrs: IndexMap<String, Value> = IndexMap::with_capacity(body.len());
    for structure in body {
        match structure {
            Structure::Attribute(attribute) => {
                let name = attribute.key.as_str();
                if meta.contains(&name) {
                    continue;
                }
                let value = or_unknown(scope.context.show(|| scope.shown(&attribute.value)));
                match settled(scope, value, name, level) {
                    Value::Null => {}
                    value => {
                        attrs.insert(name.to_owned(), value);
                    }
                }
            }
            Structure::Block(block) => match (block.ident.as_str(), block.labels.first()) {
                ("dynamic", Some(label)) => dynamic(scope, block, label.as_str(), level, counts, &mut attrs),
                (name, _) if meta.contains(&name) => {}
                (name, _) => {
                    let inner = self::body(scope, &block.body, &level.inside(name), &[], counts);
                    push(&mut attrs, name, Value::Map(inner));
                }
            },
        }
    }
    attrs
}

/// Adds a nested block; where it is not known how many there are, it stays so.
fn push(attrs: &mut IndexMap<String, Value>, name: &str, block: Value) {
    match attrs.entry(name.to_owned()).or_insert_with(|| Value::List(Vec::new())) {
        Value::List(blocks) => blocks.push(block),
        other @ Value::Map(_) => *other = Value::List(vec![std::mem::replace(other, Value::Null), block]),
        _ => {}
    }
}

fn dynamic(
    scope: &Scope<'_, '_>,
    block: &Block,
    name: &str,
    level: &Level<'_>,
    counts: &mut Counts,
    attrs: &mut IndexMap<String, Value>,
) {
    let attribute = |name: &str| block.body.get_attribute(name).map(|a| &a.value);
    let content = block.body.get_blocks("content").next();
    let (Some(each), Some(content)) = (attribute("for_each"), content) else {
        counts.lost += 1;
        return;
    };
    let iterator = match attribute("iterator") {
        Some(Expression::Variable(given)) => given.as_str(),
        Some(Expression::String(given)) => given.as_str(),
        _ => name,
    };
    let over = match or_unknown(scope.context.keep(|| scope.eval(each))) {
        whole @ Value::Ref(_) => scope.settled(whole),
        other => other,
    };
    let entries: Vec<(Value, Value)> = match over {
        Value::Map(entries) => {
            text::sorted(&entries).into_iter().map(|(k, v)| (Value::from(k), v.clone())).collect()
        }
        Value::List(items) => (0_i64..).map(Value::from).zip(items).collect(),
        Value::Null => Vec::new(),
        other => {
            let reason = unknown(&other).unwrap_or_else(|| "`for_each` is no list and no map".to_owned());
            attrs.insert(name.to_owned(), Value::Unknown(reason));
            return;
        }
    };
    if entries.len() > MOST_INSTANCES {
        attrs.insert(name.to_owned(), Value::Unknown(format!("more than {MOST_INSTANCES} blocks")));
        return;
    }
    for (key, value) in entries {
        let names = [(iterator.to_owned(), Value::map([("key", key), ("value", value)]))];
        let inner = Scope { outer: Some(scope), names: &names, ..*scope };
        let entries = body(&inner, &content.body, &level.inside(name), &[], counts);
        push(attrs, name, Value::Map(entries));
    }
}

/// The value as a graph holds it: no secrets, blocks as lists, policies of files where a check can see them.
fn settled(scope: &Scope<'_, '_>, value: Value, name: &str, level: &Level<'_>) -> Value {
    if level.secret(name) && holds_text(&value) {
        return plain_secret();
    }
    match value {
        Value::Map(entries) if level.is_block(name) => {
            Value::List(vec![block_map(entries, &level.inside(name))])
        }
        Value::List(items) if level.is_block(name) => {
            let inner = level.inside(name);
            let one = |item| match item {
                Value::Map(entries) => block_map(entries, &inner),
                other => other,
            };
            Value::List(items.into_iter().map(one).collect())
        }
        Value::File(path) => policy(scope, &path).unwrap_or(Value::File(path)),
        other => other,
    }
}

/// A nested block that is written as a map.
fn block_map(entries: IndexMap<String, Value>, level: &Level<'_>) -> Value {
    let kept = entries.into_iter().filter(|(_, v)| *v != Value::Null);
    Value::map(kept.map(|(name, value)| {
        let value = if level.secret(&name) && holds_text(&value) { plain_secret() } else { value };
        (name, value)
    }))
}

/// The document of a policy that stands in a file of its own.
fn policy(scope: &Scope<'_, '_>, path: &str) -> Option<Value> {
    let source = scope.context.folder.text(path).ok().filter(|text| text.contains("\"Statement\""))?;
    let document = serde_json::from_str(&source).ok()?;
    Some(Value::json(text::from_json(document)))
}

fn lifecycle(body: &Body) -> Lifecycle {
    let mut lifecycle = Lifecycle::default();
    for block in body.get_blocks("lifecycle") {
        let flag = |name: &str| block.body.get_attribute(name).and_then(|a| a.value.as_bool());
        lifecycle.prevent_destroy |= flag("prevent_destroy").unwrap_or_default();
        lifecycle.create_before_destroy |= flag("create_before_destroy").unwrap_or_default();
        let ignored = block.body.get_attribute("ignore_changes").map(|a| &a.value);
        match ignored {
            Some(Expression::Array(paths)) => lifecycle.ignore_changes.extend(paths.iter().filter_map(path)),
            Some(Expression::Variable(all)) => lifecycle.ignore_changes.push(all.as_str().to_owned()),
            _ => {}
        }
    }
    lifecycle
}

/// A path that `ignore_changes` names, its steps joined with dots.
fn path(expression: &Expression) -> Option<String> {
    match expression {
        Expression::Variable(name) => Some(name.as_str().to_owned()),
        Expression::String(name) => Some(name.value().clone()),
        Expression::Traversal(traversal) => {
            let mut path = traversal.expr.as_variable()?.as_str().to_owned();
            for operator in &traversal.operators {
                let step = match operator.value() {
                    TraversalOperator::GetAttr(name) => name.as_str().to_owned(),
                    TraversalOperator::LegacyIndex(index) => index.to_string(),
                    TraversalOperator::Index(Expression::String(key)) => key.value().clone(),
                    TraversalOperator::Index(Expression::Number(index)) => index.value().to_string(),
                    _ => break,
                };
                path.push('.');
                path.push_str(&step);
            }
            Some(path)
        }
        _ => None,
    }
}

/// Counts attributes, nested ones included, and those that are not known.
pub(crate) fn count(attrs: &IndexMap<String, Value>, counts: &mut Counts) {
    for value in attrs.values() {
        match value {
            Value::List(items) if items.iter().any(|v| matches!(v, Value::Map(_))) => {
                for item in items {
                    match item {
                        Value::Map(inner) => self::count(inner, counts),
                        other => leaf(other, counts),
                    }
                }
            }
            other => leaf(other, counts),
        }
    }
}

fn leaf(value: &Value, counts: &mut Counts) {
    counts.attributes += 1;
    let mut is_unknown = false;
    value.walk(&mut |v| is_unknown |= matches!(v, Value::Unknown(_)));
    counts.unknown += usize::from(is_unknown);
}
