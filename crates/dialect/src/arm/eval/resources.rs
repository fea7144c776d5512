//! Functions that name resources, and what lies around a deployment.
//!
//! An identifier of a resource that a template makes is a reference to its node; of one that it does not make, a node that
//! is only looked up. Keys that a call such as `listKeys` fetches are references into the answer: no value is ever seen.

use indexmap::IndexMap;
use ir::{Address, Kind, Mode, Node, Ref, SecretRef, Step, Value};

use super::functions::Asked;
use super::text;
use super::values::{asked, from_json, join, unknown, unwrapped};
use super::{Engine, Site, name_key, unwrapped_top};
use crate::arm::template::Form;
use crate::arm::{DEPLOYMENTS, GROUPS, SUBSCRIPTIONS, TENANTS};

pub(super) fn parameters(asked: &Asked<'_>) -> Value {
    match asked.arg(0).text() {
        Some(name) => asked.engine.parameter(&name, asked.site),
        None => unknown("which parameter is meant is known only when it is deployed"),
    }
}

pub(super) fn variables(asked: &Asked<'_>) -> Value {
    match asked.arg(0).text() {
        Some(name) => asked.engine.variable(&name, asked.site),
        None => unknown("which variable is meant is known only when it is deployed"),
    }
}

pub(super) fn lambda_variables(asked: &Asked<'_>) -> Value {
    let name = asked.arg(0).text().unwrap_or_default();
    let found = asked.site.locals.get(&format!("lambdaVariables.{}", name.to_ascii_lowercase()));
    found.cloned().unwrap_or_else(|| unknown(format!("`{name}` is no variable of a function around it")))
}

pub(super) fn name_of(asked: &Asked<'_>) -> Value {
    match &asked.args[0].form {
        Form::Name(name) | Form::Member(_, name, _) => Value::from(name),
        _ => unknown("it has no name"),
    }
}

/// A secret of a vault; where the vault is said, its name is part of the secret's.
pub(super) fn vault_secret(asked: &Asked<'_>) -> Value {
    let values = asked.values();
    let Some(name) = values.last().and_then(Value::text) else {
        return unknown("which secret is meant is known only when it is deployed");
    };
    let vault = values.first().filter(|_| values.len() > 1).and_then(Value::text);
    let vault =
        vault.as_deref().and_then(|id| id.rsplit('/').next()).map(|v| format!("{v}/")).unwrap_or_default();
    Value::Secret(SecretRef { name: format!("{vault}{name}") })
}

pub(super) fn resource_group(asked: &Asked<'_>) -> Value {
    if let Some(name) = asked.args.last() {
        return asked.engine.group_named(&asked.engine.eval(name, asked.site));
    }
    asked.engine.group(asked.site)
}

pub(super) fn subscription(asked: &Asked<'_>) -> Value {
    let given = asked.args.first().map(|a| asked.engine.eval(a, asked.site));
    asked.engine.around(SUBSCRIPTIONS, given.and_then(|v| v.text()))
}

pub(super) fn tenant(asked: &Asked<'_>) -> Value {
    asked.engine.around(TENANTS, None)
}

/// `resourceId([subscription], [group], type, name...)`
pub(super) fn resource_id(asked: &Asked<'_>) -> Value {
    let values = asked.values();
    let Some(at) = type_at(&values) else { return unplaced(asked, &values) };
    let group = values[..at].last();
    asked.engine.id_of(&values[at], &values[at + 1..], group).unwrap_or_else(|| unplaced(asked, &values))
}

/// `extensionResourceId(what it extends, type, name...)`
pub(super) fn extension_id(asked: &Asked<'_>) -> Value {
    let values = asked.values();
    let kind = values[1].text().unwrap_or_default();
    if let Some(found) = asked.engine.find(&kind, &names(&values[2..])) {
        return found;
    }
    let slash = |v: &Value| join([Value::from("/"), v.clone()]);
    let tail = names_by_type(&kind, &values[2..]);
    join([values[0].clone(), "/providers/".into()].into_iter().chain(tail.into_iter().enumerate().map(
        |(n, v)| {
            if n == 0 { v } else { slash(&v) }
        },
    )))
}

/// Identifiers of what lies in a subscription or above.
pub(super) fn outside_id(asked: &Asked<'_>) -> Value {
    let values = asked.values();
    let Some(at) = type_at(&values) else { return unplaced(asked, &values) };
    let kind = values[at].text().unwrap_or_default();
    if let Some(found) = asked.engine.find(&kind, &names(&values[at + 1..])) {
        return found;
    }
    let tail = names_by_type(&kind, &values[at + 1..]);
    let tail = tail.into_iter().flat_map(|part| [Value::from("/"), part]);
    let before = if asked.name.to_ascii_lowercase().starts_with("subscription") {
        let id = match values[..at].first() {
            Some(given) => given.clone(),
            None => asked.engine.member(asked.engine.around(SUBSCRIPTIONS, None), "subscriptionId", false),
        };
        join(["/subscriptions/".into(), id, "/providers".into()])
    } else {
        Value::from("/providers")
    };
    join(std::iter::once(before).chain(tail))
}

fn unplaced(call: &Asked<'_>, values: &[Value]) -> Value {
    unknown(format!("`{}` is known to Azure only", asked(call.name, values)))
}

/// The first argument that is a type.
fn type_at(values: &[Value]) -> Option<usize> {
    values
        .iter()
        .position(|v| v.text().is_some_and(|t| t.contains('/') && t.contains('.') && !t.starts_with('/')))
}

/// Names as the one that the index knows.
fn names(values: &[Value]) -> Value {
    let parts = values.iter().enumerate().flat_map(|(n, v)| {
        let slash = (n > 0).then(|| Value::from("/"));
        slash.into_iter().chain([v.clone()])
    });
    join(parts)
}

/// `Microsoft.Web/sites`, its name, and so on for children.
fn names_by_type(kind: &str, values: &[Value]) -> Vec<Value> {
    let mut parts = kind.split('/');
    let mut out =
        vec![Value::Str([parts.next(), parts.next()].into_iter().flatten().collect::<Vec<_>>().join("/"))];
    for (n, value) in values.iter().enumerate() {
        if n > 0 {
            out.extend(parts.next().map(Value::from));
        }
        out.push(value.clone());
    }
    out
}

/// What an argument of `reference` or of `list...` stands for.
fn subject(asked: &Asked<'_>) -> Value {
    let given = unwrapped(&asked.arg(0));
    if let Value::Str(name) = &given {
        if let Some(found) = asked.engine.symbol(name, asked.site) {
            return found;
        }
        if let Some(found) = asked.engine.named_so(name) {
            return Value::Ref(Ref { to: found, path: Vec::new() });
        }
        return match asked.engine.id_text(name) {
            Some(found) => found,
            None => unknown(format!("no resource is called `{name}`")),
        };
    }
    given
}

pub(super) fn reference(asked: &Asked<'_>) -> Value {
    let full = asked
        .args
        .get(2)
        .is_some_and(|_| asked.arg(2).text().is_some_and(|t| t.eq_ignore_ascii_case("full")));
    match subject(asked) {
        Value::Ref(to) => {
            let whole = Ref { to: to.to, path: Vec::new() };
            if full { Value::Ref(whole) } else { step(asked.engine, whole, Step::Attr("properties".into())) }
        }
        list @ Value::List(_) => list,
        Value::Unknown(reason) => Value::Unknown(reason),
        other => unknown(format!("`{}` is known to Azure only", super::values::asked("reference", &[other]))),
    }
}

/// `listKeys(id, version)`: a reference to what the answer holds.
pub(super) fn list(asked: &Asked<'_>) -> Value {
    match subject(asked) {
        Value::Ref(to) => Value::Ref(Ref { to: to.to, path: vec![Step::Attr(format!("{}()", asked.name))] }),
        other => unknown(format!("`{}` is known to Azure only", super::values::asked(asked.name, &[other]))),
    }
}

/// A function of a value.
pub(super) fn method(
    engine: &Engine<'_>,
    base: Value,
    name: &str,
    args: &[crate::arm::template::Expr],
    site: Site<'_>,
) -> Value {
    match (unwrapped_top(base), name.to_ascii_lowercase().as_str()) {
        (_, "getsecret") => match args.first().map(|a| engine.eval(a, site)).and_then(|v| v.text()) {
            Some(name) => Value::Secret(SecretRef { name }),
            None => unknown("which secret is meant is known only when it is deployed"),
        },
        (Value::Ref(to), lower) if lower.starts_with("list") => {
            Value::Ref(Ref { to: to.to, path: vec![Step::Attr(format!("{name}()"))] })
        }
        (Value::Unknown(reason), _) => Value::Unknown(reason),
        (_, _) => unknown(format!("`{name}` is no function that is known")),
    }
}

/// A step further into what a reference leads to; the outputs of a deployment are what its template says.
pub(super) fn step(engine: &Engine<'_>, mut to: Ref, step: Step) -> Value {
    if to.to.kind.as_str() == DEPLOYMENTS
        && let Step::Attr(name) = &step
    {
        let attrs: Vec<&str> = to
            .path
            .iter()
            .filter_map(|s| if let Step::Attr(a) = s { Some(a.as_str()) } else { None })
            .collect();
        match attrs.as_slice() {
            ["outputs"] => return engine.output(&to.to, name),
            ["properties", "outputs"] => return Value::map([("value", engine.output(&to.to, name))]),
            [] if name == "name" => return Value::from(&to.to.name),
            _ => {}
        }
    }
    to.path.push(step);
    Value::Ref(to)
}

fn load(asked: &Asked<'_>) -> Result<String, String> {
    let path = asked.arg(0).text().ok_or("which file is meant is known only when it is deployed")?;
    asked.engine.files.text(&asked.site.at.template.path, &path)
}

pub(super) fn load_text(asked: &Asked<'_>) -> Value {
    load(asked).map_or_else(unknown, Value::Str)
}

pub(super) fn load_base64(asked: &Asked<'_>) -> Value {
    load(asked).and_then(|t| text::base64(&[Value::Str(t)])).unwrap_or_else(unknown)
}

pub(super) fn load_json(asked: &Asked<'_>) -> Value {
    let read =
        load(asked).and_then(|t| serde_json::from_str(&t).map_err(|_| "the file is no JSON".to_owned()));
    read.map_or_else(unknown, from_json)
}

pub(super) fn load_yaml(asked: &Asked<'_>) -> Value {
    let read = load(asked).and_then(|text| {
        let file = ir::SourceMap::default().add("", "");
        let (documents, said) = ir::yaml::parse(&text, file);
        match documents.first() {
            Some(first) if !said.has_errors() => Ok(from_yaml(first)),
            _ => Err("the file is no YAML".to_owned()),
        }
    });
    read.unwrap_or_else(unknown)
}

fn from_yaml(yaml: &ir::yaml::Yaml) -> Value {
    match &yaml.data {
        ir::yaml::Data::Null => Value::Null,
        ir::yaml::Data::Bool(b) => Value::Bool(*b),
        ir::yaml::Data::Int(n) => Value::Int(*n),
        ir::yaml::Data::Float(n) => Value::Float(*n),
        ir::yaml::Data::Str(text) => Value::from(text),
        ir::yaml::Data::Seq(items) => Value::List(items.iter().map(from_yaml).collect()),
        ir::yaml::Data::Map(entries) => {
            Value::map(entries.iter().map(|(k, v)| (k.text.clone(), from_yaml(v))))
        }
    }
}

impl Engine<'_> {
    /// A node that is only looked up: what lies around the deployment.
    pub(super) fn around(&self, kind: &str, name: Option<String>) -> Value {
        let called = name.as_deref().map_or("current".to_owned(), ir::names::snake);
        self.looked_up(kind, &called, name.map(|n| ("name", Value::Str(n))))
    }

    /// The resource group of a deployment.
    pub fn group(&self, site: Site<'_>) -> Value {
        match (&site.at.group, &site.at.outer) {
            (Some(group), _) => group.clone(),
            (None, Some((outer, locals))) => self.group(Site { at: outer, locals }),
            (None, None) => self.around(GROUPS, None),
        }
    }

    /// A resource group by its name.
    pub fn group_named(&self, name: &Value) -> Value {
        if let Value::Ref(to) = name.known()
            && to.to.kind.as_str().eq_ignore_ascii_case(GROUPS)
        {
            return Value::Ref(Ref { to: to.to.clone(), path: Vec::new() });
        }
        if let Some(found) = self.found(GROUPS, name) {
            return Value::Ref(Ref { to: found, path: Vec::new() });
        }
        match name.text() {
            Some(text) => self.around(GROUPS, Some(text)),
            None => unknown("its resource group is known only when it is deployed"),
        }
    }

    fn looked_up(&self, kind: &str, called: &str, attr: Option<(&str, Value)>) -> Value {
        let to = Address { mode: Mode::Data, ..Address::new("", Kind::named(kind), called) };
        let mut lookups = self.lookups.borrow_mut();
        let node = lookups.entry(to.clone()).or_insert_with(|| Node::new(to.clone()));
        node.attrs.extend(attr.map(|(k, v)| (k.to_owned(), v)));
        Value::Ref(Ref { to, path: Vec::new() })
    }

    /// The resource of a type and a whole name.
    pub(super) fn found(&self, kind: &str, name: &Value) -> Option<Address> {
        self.index.borrow().get(&(kind.to_ascii_lowercase(), name_key(name))).cloned()
    }

    fn find(&self, kind: &str, name: &Value) -> Option<Value> {
        let found = self.found(kind, name)?;
        if self.unmade.borrow().contains(&found) {
            return Some(unknown(format!("`{}` is not made", found.name)));
        }
        Some(Self::reference(found, &["id"]))
    }

    /// The identifier of a resource: of one that is made here, of a part of one, or of one that is there already.
    fn id_of(&self, kind: &Value, values: &[Value], group: Option<&Value>) -> Option<Value> {
        let kind = kind.text()?;
        if values.is_empty() {
            return None;
        }
        if let Some(found) = self.find(&kind, &names(values)) {
            return Some(found);
        }
        // A part that is written within its owner is no node: its owner is.
        for shorter in (1..values.len()).rev() {
            let types: Vec<&str> = kind.split('/').collect();
            let owner = types.get(..=shorter)?.join("/");
            if let Some(owner) = self.find(&owner, &names(&values[..shorter])) {
                let tail = types.get(shorter + 1..)?.iter().zip(&values[shorter..]);
                let tail = tail.flat_map(|(t, v)| [Value::Str(format!("/{t}/")), v.clone()]);
                return Some(join(std::iter::once(owner).chain(tail)));
            }
        }
        let text = names(values).text().filter(|_| self.complete.get())?;
        let mut attrs = IndexMap::from([("name".to_owned(), Value::Str(text.clone()))]);
        if let Some(group) = group {
            let Value::Ref(group) = self.group_named(group) else { return None };
            attrs.insert("resourceGroup".into(), step(self, group, Step::Attr("name".into())));
        }
        let Value::Ref(found) = self.looked_up(&kind, &ir::names::snake(&text), None) else { return None };
        if let Some(node) = self.lookups.borrow_mut().get_mut(&found.to) {
            node.attrs.extend(attrs);
        }
        Some(Self::reference(found.to, &["id"]))
    }

    /// The only resource whose name, or the last part of it, is this.
    fn named_so(&self, name: &str) -> Option<Address> {
        let name = name.to_lowercase();
        let index = self.index.borrow();
        let mut all = index.iter().filter(|((_, n), _)| *n == name || n.rsplit('/').next() == Some(&name));
        let first = all.next()?.1.clone();
        all.next().is_none().then_some(first)
    }

    /// The resource of an identifier that is written out, without what it lies in: `Microsoft.Web/sites/x`.
    fn id_text(&self, text: &str) -> Option<Value> {
        let tail = text.rsplit_once("/providers/").map_or(text, |(_, tail)| tail);
        let parts: Vec<&str> = tail.split('/').collect();
        if parts.len() < 3 || parts.len().is_multiple_of(2) {
            return None;
        }
        let kinds = std::iter::once(parts[0]).chain(parts[1..].iter().step_by(2).copied());
        let names = parts[2..].iter().step_by(2).copied();
        self.find(&kinds.collect::<Vec<_>>().join("/"), &Value::Str(names.collect::<Vec<_>>().join("/")))
    }

    /// The identifier that a text spells, when it begins with one of a node and goes on to another.
    pub fn as_id(&self, value: Value) -> Value {
        let Value::Template(parts) = &value else { return value };
        let Some(Value::Ref(owner)) = parts.first() else { return value };
        let id = matches!(owner.path.as_slice(), [Step::Attr(a)] if a == "id");
        let Some((kind, name)) = self.named.borrow().get(&owner.to).cloned().filter(|_| id) else {
            return value;
        };
        let tail = super::values::text_key(&Value::Template(parts[1..].to_vec()));
        let Some(tail) = tail.strip_prefix('/') else { return value };
        let parts: Vec<&str> = tail.split('/').collect();
        if parts.len() % 2 == 1 {
            return value;
        }
        let kinds = parts.iter().step_by(2).fold(kind, |k, part| format!("{k}/{}", part.to_lowercase()));
        let name = parts[1..].iter().step_by(2).fold(name, |n, part| format!("{n}/{}", part.to_lowercase()));
        match self.index.borrow().get(&(kinds, name)) {
            Some(found) => Self::reference(found.clone(), &["id"]),
            None => value,
        }
    }
}
