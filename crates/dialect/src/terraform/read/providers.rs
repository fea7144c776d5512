//! Which provider a resource is made with: what matters of it is the region.
//!
//! Providers are declared in a root and passed to modules by name. Must not know kinds beyond the beginning of their
//! names.

use std::collections::BTreeMap;
use std::rc::Rc;

use hcl_edit::expr::{Expression, ObjectKey, TraversalOperator};
use hcl_edit::structure::Body;
use indexmap::IndexMap;
use ir::Value;

use super::eval::{Context, or_unknown};
use super::instance::Instance;
use super::module::Declared;
use super::text;

/// The providers of a module: by name, such as `aws` or `aws.east`, the region.
#[derive(Clone, Debug, Default)]
pub(crate) struct Providers(BTreeMap<String, String>);

impl Providers {
    /// The providers that a module declares, over those it was passed.
    pub fn of<'a>(context: &Context<'a>, instance: &Rc<Instance<'a>>, passed: &Providers) -> Self {
        let mut all = passed.clone();
        for (name, body) in &instance.module.providers {
            let alias = body.get_attribute("alias").and_then(|a| a.value.as_str());
            let key = alias.map_or(name.clone(), |alias| format!("{name}.{alias}"));
            let region = attribute(context, instance, body, "region").and_then(|v| text::of(&v));
            all.0.insert(key, region.unwrap_or_default());
        }
        all
    }

    /// The providers that a call passes: all defaults, and those it names under the names it gives them.
    pub fn passed<'a>(&self, context: &Context<'a>, instance: &Rc<Instance<'a>>, call: &'a Declared) -> Self {
        let mut inner = Providers(
            self.0.iter().filter(|(k, _)| !k.contains('.')).map(|(k, v)| (k.clone(), v.clone())).collect(),
        );
        for (key, value) in call.get("providers").and_then(Expression::as_object).into_iter().flatten() {
            let key = match key {
                ObjectKey::Ident(name) => Some(name.as_str().to_owned()),
                ObjectKey::Expression(e) => name(e),
            };
            if let (Some(key), Some(outer)) = (key, name(value.expr()).and_then(|name| self.0.get(&name))) {
                inner.0.insert(key, outer.clone());
            }
        }
        let child = instance.called(context, call_name(instance, call)).ok();
        match child.as_ref().and_then(|called| called.instances.first()) {
            Some(child) => Self::of(context, child, &inner),
            None => inner,
        }
    }

    /// The region of the provider that a resource names, or of the default one of its kind.
    pub fn region(&self, kind: &str, provider: Option<&Expression>) -> Option<&str> {
        let key = match provider {
            Some(given) => name(given)?,
            None => kind.split('_').next().unwrap_or(kind).to_owned(),
        };
        self.0.get(&key).map(String::as_str).filter(|region| !region.is_empty())
    }

    /// The region of the first default provider that has one.
    pub fn home(&self) -> Option<&str> {
        let defaults = self.0.iter().filter(|(name, region)| !name.contains('.') && !region.is_empty());
        defaults.map(|(_, region)| region.as_str()).next()
    }
}

fn call_name<'i>(instance: &'i Instance<'_>, call: &Declared) -> &'i str {
    let mut calls = instance.module.calls.iter();
    calls.find(|(_, declared)| std::ptr::eq(*declared, call)).map_or("", |(name, _)| name)
}

/// `aws` or `aws.east`, also in quotes as it was written before.
fn name(expression: &Expression) -> Option<String> {
    match expression {
        Expression::Variable(name) => Some(name.as_str().to_owned()),
        Expression::String(name) => Some(name.value().clone()),
        Expression::Traversal(t) => match (t.expr.as_variable()?, t.operators.first()?.value()) {
            (provider, TraversalOperator::GetAttr(alias)) => {
                Some(format!("{}.{}", provider.as_str(), alias.as_str()))
            }
            _ => None,
        },
        _ => None,
    }
}

fn attribute<'a>(
    context: &Context<'a>,
    instance: &Rc<Instance<'a>>,
    body: &Body,
    name: &str,
) -> Option<Value> {
    let expression = &body.get_attribute(name)?.value;
    Some(or_unknown(context.keep(|| instance.scope(context, &[]).eval(expression))))
}

/// The tags that a root's default provider puts on everything.
pub(crate) fn tags<'a>(context: &Context<'a>, instance: &Rc<Instance<'a>>) -> IndexMap<String, String> {
    let mut tags = IndexMap::new();
    for (_, body) in instance.module.providers.iter().filter(|(_, body)| !body.has_attribute("alias")) {
        let block = body.get_blocks("default_tags").next();
        let found = match block {
            Some(block) => attribute(context, instance, &block.body, "tags"),
            None => attribute(context, instance, body, "default_tags")
                .and_then(|v| v.get("tags").cloned())
                .or_else(|| attribute(context, instance, body, "default_labels")),
        };
        if let Some(Value::Map(entries)) = found {
            tags.extend(entries.iter().filter_map(|(k, v)| Some((k.clone(), text::of(v)?))));
        }
    }
    tags
}
