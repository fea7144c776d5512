//! Puts what the house keeps beside a resource into it.
//!
//! A part refers to what its whole would then wait for; where that waits for the whole already, the part refers to it by
//! its name instead, or is left out. Nothing here turns attributes.

use std::collections::BTreeSet;

use catalog::dialects::KindMap;
use indexmap::IndexMap;
use ir::{Address, Node, Value};

use super::into::{Place, Work, constants};
use super::path::{self, Part, parts};
use super::refer::{spelt, template};

/// What names that are made up begin with.
pub(super) const MADE_UP: &str = "Item";

impl Work<'_> {
    /// Makes a node a part of what `parent` became.
    pub(super) fn folded(
        &mut self,
        node: &Node,
        parent: &Address,
        map: &'static KindMap,
        made: &mut IndexMap<Address, Node>,
    ) {
        let Some(fold) = &map.fold else { return };
        let prepared = self.vocabulary.prepared(map);
        let mut attrs = IndexMap::new();
        self.level(node, &node.attrs, "", &prepared.table, &mut attrs, true);
        constants(&map.constants, &mut attrs);
        let Some(Place::Main(address, _)) = self.places.get(parent) else { return };
        let address = address.clone();
        for value in attrs.values_mut() {
            match self.apart(value, node, &address, made) {
                Ok(turned) => *value = turned,
                Err(other) => {
                    return self.gap(node, "", format!("{address} and {other} would wait for each other"));
                }
            }
        }
        let waits = self.node(node, address.clone(), IndexMap::new()).depends_on;
        let waits: Vec<Address> = waits.into_iter().filter(|to| !reaches(to, &address, made)).collect();
        let Some(into) = made.get_mut(&address) else { return };
        for wait in waits {
            if !into.depends_on.contains(&wait) {
                into.depends_on.push(wait);
            }
        }
        if fold.at.is_empty() {
            return;
        }
        let left = if fold.each {
            if let Some(id) = &fold.id
                && !attrs.contains_key(id)
            {
                let others = path::take(&mut into.attrs.clone(), &parts(&fold.at));
                let count = others.as_ref().and_then(Value::as_list).map_or(0, <[Value]>::len);
                attrs.insert(id.clone(), Value::Str(format!("{MADE_UP}{}", count + 1)));
            }
            let item = attrs.shift_remove("").unwrap_or(Value::Map(attrs));
            path::push(&mut into.attrs, &parts(&fold.at), item).is_err()
        } else {
            let mut left = false;
            for (name, value) in attrs {
                left |= path::put(&mut into.attrs, &[Part::named(&name)], value).is_err();
            }
            left
        };
        if left {
            self.gap(node, "", format!("{address} has another `{}` already", fold.at));
        }
    }

    /// A value whose references to what waits for `whole` name it instead; what has no such name is the error.
    fn apart(
        &mut self,
        value: &Value,
        node: &Node,
        whole: &Address,
        made: &IndexMap<Address, Node>,
    ) -> Result<Value, Address> {
        Ok(match value {
            Value::Ref(r) if r.to != *whole && reaches(&r.to, whole, made) => {
                let graph = self.graph;
                let of = |(house, place): (&&Address, &Place)| match place {
                    Place::Main(address, map) if *address == r.to => Some(((*house).clone(), *map)),
                    _ => None,
                };
                let (house, map) = self.places.iter().find_map(of).ok_or_else(|| r.to.clone())?;
                let pieces = self.vocabulary.prepared(map).references.apart.get(&spelt(&r.path));
                let (Some(pieces), Some(to)) = (pieces, graph.get(&house)) else { return Err(r.to.clone()) };
                let text = self.text(pieces, &r.to, to, node);
                let mut hopeless = false;
                text.walk(&mut |part| match part {
                    Value::Ref(r) => hopeless |= reaches(&r.to, whole, made),
                    Value::Unknown(_) => hopeless = true,
                    _ => {}
                });
                if hopeless {
                    return Err(r.to.clone());
                }
                text
            }
            Value::List(items) => Value::List(self.all_apart(items, node, whole, made)?),
            Value::Template(parts) => template(self.all_apart(parts, node, whole, made)?),
            Value::Map(entries) => {
                let turned = entries.iter().map(|(k, v)| Ok((k.clone(), self.apart(v, node, whole, made)?)));
                Value::Map(turned.collect::<Result<_, Address>>()?)
            }
            Value::Json(inner) => Value::Json(Box::new(self.apart(inner, node, whole, made)?)),
            Value::Input(input) => {
                let value = self.apart(&input.value, node, whole, made)?;
                Value::Input(Box::new(ir::Input { name: input.name.clone(), value }))
            }
            other => other.clone(),
        })
    }

    fn all_apart(
        &mut self,
        values: &[Value],
        node: &Node,
        whole: &Address,
        made: &IndexMap<Address, Node>,
    ) -> Result<Vec<Value>, Address> {
        values.iter().map(|v| self.apart(v, node, whole, made)).collect()
    }
}

/// Whether `from` waits for `to`, through any number of others.
fn reaches(from: &Address, to: &Address, made: &IndexMap<Address, Node>) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![from];
    while let Some(next) = open.pop() {
        if next == to {
            return true;
        }
        if seen.insert(next)
            && let Some(node) = made.get(next)
        {
            node.each_dependency(&mut |other| open.push(other));
        }
    }
    false
}
