//! Values: what a tree of a template comes to.
//!
//! Literals stay, functions are worked out as far as their arguments are known, references stay references. What only
//! the cloud knows is an unknown that says so. `Fn::Base64` stays a mapping of that one key, because what it encodes
//! is what people read and compare. Must not know any resource type.

use indexmap::IndexMap;
use ir::yaml::{Data, Key, Yaml};
use ir::{Diagnostic, Kind, SecretRef, Span, Step, Value};

use super::cidr;
use super::conditions::Verdict;
use super::scope::{Place, Scope, grown, weight};
use super::tree::called;

impl Scope<'_> {
    /// What a node comes to; nothing for `AWS::NoValue`.
    pub fn value(&self, node: &Yaml) -> Option<Value> {
        if let Some((function, argument)) = called(node) {
            return self.call(function, argument);
        }
        Some(match &node.data {
            Data::Null => Value::Null,
            Data::Bool(truth) => Value::Bool(*truth),
            Data::Int(n) => Value::Int(*n),
            Data::Float(n) => Value::Float(*n),
            Data::Str(text) if !self.session.may_grow(text.len()) => grown(),
            Data::Str(text) => literal(text),
            Data::Seq(items) => Value::List(items.iter().filter_map(|item| self.value(item)).collect()),
            Data::Map(entries) => Value::Map(self.entries(entries)),
        })
    }

    /// What the entries of a mapping come to, without those that are removed.
    pub fn entries(&self, entries: &[(Key, Yaml)]) -> IndexMap<String, Value> {
        let mut values = IndexMap::with_capacity(entries.len());
        for (key, value) in entries {
            if key.text.starts_with("Fn::") && (entries.len() > 1 || key.text.starts_with("Fn::ForEach::")) {
                self.session.lose(
                    Diagnostic::warning(
                        "function-beside-keys",
                        format!("`{}` is not worked out here", key.text),
                    )
                    .at(key.span, "stands where keys are expected"),
                );
                continue;
            }
            if let Some(value) = self.value(value) {
                values.insert(key.text.clone(), value);
            }
        }
        values
    }

    fn call(&self, function: &str, argument: &Yaml) -> Option<Value> {
        let at = argument.span;
        let items = argument.items().unwrap_or_default();
        Some(match (function, items) {
            ("Ref", _) => {
                return argument.as_str().map_or_else(
                    || Some(self.malformed(function, at, "the name of a parameter or resource")),
                    |name| self.reference(name, at),
                );
            }
            ("Fn::If", [condition, then, otherwise]) => return self.choice(condition, then, otherwise),
            ("Fn::GetAtt", _) => self.get_att(argument),
            ("Fn::Sub", [template, variables]) => self.substitute(template, Some(variables)),
            ("Fn::Sub", _) => self.substitute(argument, None),
            ("Fn::Join", [delimiter, list]) => self.join(delimiter, list),
            ("Fn::Split", [delimiter, source]) => self.split(delimiter, source),
            ("Fn::Select", [index, list]) => self.select(index, list, at),
            ("Fn::FindInMap", [map, first, second]) => self.find([map, first, second], None, at),
            ("Fn::FindInMap", [map, first, second, rest]) => {
                self.find([map, first, second], rest.get("DefaultValue"), at)
            }
            ("Fn::Base64", _) => Value::map([("Fn::Base64", self.value(argument)?)]),
            ("Fn::Cidr", [block, count, rest @ ..]) => self.cidr(block, count, rest.first(), at),
            ("Fn::GetAZs", _) => self.ask(Kind::of("Fn::GetAZs")),
            ("Fn::ImportValue", _) => self.import(argument),
            ("Fn::ToJsonString", _) => Value::json(self.value(argument)?),
            ("Fn::Length", _) => self.length(argument),
            ("Fn::Transform", _) => self.macro_result(argument),
            ("Fn::RefAll", _) => self.all_of_type(argument),
            ("Fn::ValueOf" | "Fn::ValueOfAll", _) => Value::Unknown(
                "an attribute of what a parameter names, which only the cloud knows".to_owned(),
            ),
            ("Fn::Equals" | "Fn::And" | "Fn::Or" | "Fn::Not", _) => {
                let condition = super::tree::map(at, [(function, argument.clone())]);
                match self.judge(&condition) {
                    Verdict::Is(truth) => Value::Bool(truth),
                    Verdict::Unknown(reason) => Value::Unknown(reason),
                }
            }
            ("Fn::If" | "Fn::Join" | "Fn::Split" | "Fn::Select" | "Fn::FindInMap" | "Fn::Cidr", _) => {
                self.malformed(function, at, "its arguments as a list")
            }
            _ => {
                self.session.say(
                    Diagnostic::warning(
                        "unknown-function",
                        format!("`{function}` is no function that is known"),
                    )
                    .at(at, "its value is unknown"),
                );
                Value::Unknown(format!("what `{function}` returns"))
            }
        })
    }

    fn malformed(&self, function: &str, at: Span, expected: &str) -> Value {
        self.session.lose(
            Diagnostic::warning("malformed-function", format!("`{function}` is not given what it takes"))
                .at(at, format!("expected {expected}")),
        );
        Value::Unknown(format!("a `{function}` that could not be read"))
    }

    fn choice(&self, condition: &Yaml, then: &Yaml, otherwise: &Yaml) -> Option<Value> {
        let verdict = match condition.as_str() {
            Some(name) => self.condition(name, condition.span),
            None => self.judge(condition),
        };
        match verdict {
            Verdict::Is(true) => self.value(then),
            Verdict::Is(false) => self.value(otherwise),
            Verdict::Unknown(reason) => {
                let (then, otherwise) = (self.value(then), self.value(otherwise));
                if then == otherwise { then } else { Some(Value::Unknown(reason)) }
            }
        }
    }

    fn get_att(&self, argument: &Yaml) -> Value {
        let at = argument.span;
        let expected = "a resource and its attribute";
        let (name, attribute) = match &argument.data {
            Data::Str(text) => match text.split_once('.') {
                Some((name, attribute)) => (name.to_owned(), attribute.to_owned()),
                None => return self.malformed("Fn::GetAtt", at, expected),
            },
            Data::Seq(items) if items.len() > 1 => {
                let texts = items.iter().map(|item| self.value(item).and_then(|v| self.text(&v)));
                let Some(texts) = texts.collect::<Option<Vec<_>>>() else {
                    return Value::Unknown("an attribute whose name only the cloud knows".to_owned());
                };
                (texts[0].clone(), texts[1..].join("."))
            }
            _ => return self.malformed("Fn::GetAtt", at, expected),
        };
        self.attribute(&name, &attribute, at)
    }

    fn substitute(&self, template: &Yaml, variables: Option<&Yaml>) -> Value {
        let Some(text) = template.as_str() else {
            return self.malformed("Fn::Sub", template.span, "a string, or a list of one and its variables");
        };
        // Each is worked out once, however often it is put in: variables may hold substitutions in turn.
        let variables: IndexMap<String, Value> =
            variables.and_then(Yaml::entries).map_or_else(IndexMap::new, |entries| self.entries(entries));
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(start) = rest.find("${") {
            let Some(length) = rest[start..].find('}') else { break };
            let inner = rest[start + 2..start + length].trim();
            parts.push(Value::from(&rest[..start]));
            rest = &rest[start + length + 1..];
            parts.push(match inner.strip_prefix('!') {
                Some(literal) => Value::Str(format!("${{{literal}}}")),
                None => self.variable(inner, &variables, template.span),
            });
        }
        parts.push(Value::from(rest));
        self.joined(parts)
    }

    fn variable(&self, name: &str, variables: &IndexMap<String, Value>, at: Span) -> Value {
        if let Some(value) = variables.get(name) {
            return if self.session.may_grow(weight(value)) { value.clone() } else { grown() };
        }
        match name.split_once('.') {
            Some((name, attribute)) => self.attribute(name, attribute, at),
            None => self.reference(name, at).unwrap_or_else(|| Value::Str(String::new())),
        }
    }

    fn join(&self, delimiter: &Yaml, list: &Yaml) -> Value {
        let (Some(delimiter), Some(list)) = (delimiter.scalar(), self.value(list)) else {
            return self.malformed("Fn::Join", list.span, "a delimiter and a list");
        };
        match list.known() {
            Value::List(items) => {
                let mut parts = Vec::with_capacity(items.len() * 2);
                for (place, item) in items.iter().enumerate() {
                    if place > 0 {
                        parts.push(Value::from(&delimiter));
                    }
                    parts.push(item.clone());
                }
                self.joined(parts)
            }
            Value::Unknown(reason) => Value::Unknown(reason.clone()),
            Value::Ref(r) => {
                Value::Unknown(format!("the list that `{}` has once it exists, joined", r.to.name))
            }
            // A text is what a list of one comes to where a parent stack passes it on.
            one => one.clone(),
        }
    }

    /// Texts put behind each other.
    fn joined(&self, parts: Vec<Value>) -> Value {
        let bytes = parts.iter().map(weight).sum();
        if !self.session.may_grow(bytes) {
            return grown();
        }
        let mut out: Vec<Value> = Vec::new();
        for part in parts {
            let inner = match part {
                Value::Template(inner) => inner,
                other => vec![other],
            };
            for part in inner {
                let part = match part {
                    Value::Int(_) | Value::Float(_) | Value::Bool(_) => part.text().map_or(part, Value::Str),
                    Value::List(_) | Value::Map(_) | Value::Null => {
                        Value::Unknown("a text made of something that is no text".to_owned())
                    }
                    other => other,
                };
                match (out.last_mut(), part) {
                    (_, Value::Str(text)) if text.is_empty() => {}
                    (Some(Value::Str(before)), Value::Str(text)) => before.push_str(&text),
                    (_, part) => out.push(part),
                }
            }
        }
        match out.len() {
            0 => Value::Str(String::new()),
            1 => match out.swap_remove(0) {
                Value::Str(text) => literal(&text),
                other => other,
            },
            _ => Value::Template(out),
        }
    }

    fn split(&self, delimiter: &Yaml, source: &Yaml) -> Value {
        let (Some(delimiter), Some(source)) =
            (delimiter.scalar().filter(|d| !d.is_empty()), self.value(source))
        else {
            return self.malformed("Fn::Split", source.span, "a delimiter and a text");
        };
        if let Some(text) = self.text(&source) {
            return Value::list(text.split(&delimiter));
        }
        match source {
            Value::Unknown(reason) => Value::Unknown(reason),
            source if delimiter == "," => split_at_commas(source),
            _ => Value::Unknown("a part of a text that only the cloud knows".to_owned()),
        }
    }

    fn select(&self, index: &Yaml, list: &Yaml, at: Span) -> Value {
        let place = self.value(index).and_then(|v| self.text(&v));
        let Some(list) = self.value(list) else {
            return self.malformed("Fn::Select", at, "an index and a list");
        };
        let Some(place) = place else {
            return Value::Unknown("an item whose place only the cloud knows".to_owned());
        };
        let Ok(place) = place.trim().parse::<usize>() else {
            return self.malformed("Fn::Select", at, "a whole number and a list");
        };
        match list.known() {
            Value::List(items) => items.get(place).cloned().unwrap_or_else(|| {
                self.session.say(
                    Diagnostic::warning("no-such-item", format!("the list has {} items", items.len()))
                        .at(at, format!("item {place} is asked for, the first is 0")),
                );
                Value::Unknown("an item that its list does not have".to_owned())
            }),
            Value::Ref(r) => {
                let mut r = r.clone();
                r.path.push(ir::Step::Index(place));
                Value::Ref(r)
            }
            Value::Unknown(reason) => Value::Unknown(reason.clone()),
            _ => Value::Unknown("an item of what is no list".to_owned()),
        }
    }

    fn find(&self, names: [&Yaml; 3], default: Option<&Yaml>, at: Span) -> Value {
        let [Some(map), Some(first), Some(second)] =
            names.map(|name| self.value(name).and_then(|v| self.text(&v)))
        else {
            return Value::Unknown("a row of a mapping that only the cloud chooses".to_owned());
        };
        let row =
            self.mappings.get(map.as_str()).and_then(|m| m.get(&first)).and_then(|row| row.get(&second));
        // A mapping holds literals: what looks like a function in it is none, unless a macro makes it one.
        if let Some(found) = row {
            return if called(found).is_some() {
                Value::Unknown("a mapping's value that a macro works out".to_owned())
            } else {
                self.value(found).unwrap_or(Value::Null)
            };
        }
        if let Some(default) = default {
            return self.value(default).unwrap_or(Value::Null);
        }
        if self.mappings.get(map.as_str()).is_none_or(|m| called(m).is_none()) {
            self.session.say(
                Diagnostic::warning(
                    "unknown-mapping",
                    format!("no mapping `{map}` has `{first}` and `{second}`"),
                )
                .at(at, "looked up here"),
            );
        }
        Value::Unknown(format!("`{map}.{first}.{second}`, which the mappings do not hold"))
    }

    fn cidr(&self, block: &Yaml, count: &Yaml, bits: Option<&Yaml>, at: Span) -> Value {
        let number = |node: &Yaml| self.value(node).and_then(|v| self.text(&v))?.trim().parse::<u32>().ok();
        let text = self.value(block).and_then(|value| self.said_of_itself(&value));
        match (text, number(count), bits.and_then(number)) {
            (Some(block), Some(count), Some(bits)) => match cidr::blocks(&block, count, bits) {
                Some(blocks) => Value::list(blocks),
                None => self.malformed("Fn::Cidr", at, "a block that holds so many smaller ones"),
            },
            _ => Value::Unknown("address blocks that only the cloud knows".to_owned()),
        }
    }

    /// The text of a value, also of a property of this template's resource that the template sets.
    fn said_of_itself(&self, value: &Value) -> Option<String> {
        let Value::Ref(r) = value else { return self.text(value) };
        let [Step::Attr(property)] = r.path.as_slice() else { return self.text(value) };
        if self.resources.get(r.to.name.as_str()) != Some(&Place::Node(r.to.clone())) {
            return None;
        }
        let written = self.written.get(r.to.name.as_str())?.get(property)?;
        // A block that is cut from itself has no beginning.
        if self.cutting.replace(true) {
            return None;
        }
        let said = self.value(written).and_then(|v| self.text(&v));
        self.cutting.set(false);
        said
    }

    fn import(&self, argument: &Yaml) -> Value {
        self.session.imports.set(true);
        let name = self.value(argument).and_then(|v| self.text(&v));
        let Some(name) = name else {
            return Value::Unknown("an export of another stack".to_owned());
        };
        match self.session.exports.get(&name) {
            Some(value) if self.session.may_grow(weight(value)) => value.clone(),
            Some(_) => grown(),
            None => Value::Unknown(format!("the export `{name}` of another stack")),
        }
    }

    /// The values of every parameter of a type.
    fn all_of_type(&self, argument: &Yaml) -> Value {
        let of_type = self.parameters.values().filter(|p| Some(p.written.as_str()) == argument.as_str());
        let values: Vec<Value> = of_type.map(|p| p.value.clone()).collect();
        let values = Value::List(values);
        if self.session.may_grow(weight(&values)) { values } else { grown() }
    }

    fn length(&self, argument: &Yaml) -> Value {
        match self.value(argument).as_ref().map(Value::known) {
            Some(Value::List(items)) => i64::try_from(items.len()).map_or(Value::Null, Value::Int),
            _ => Value::Unknown("the length of a list that only the cloud knows".to_owned()),
        }
    }

    fn macro_result(&self, argument: &Yaml) -> Value {
        let name = argument.get("Name").and_then(Yaml::as_str).unwrap_or("a macro").to_owned();
        self.session.say(
            Diagnostic::note("macro", format!("what `{name}` puts here is not known"))
                .at(argument.span, "called here")
                .because("A macro runs in the account that the template is deployed to."),
        );
        Value::Unknown(format!("what the macro `{name}` puts here"))
    }
}

/// A string as it is written: a dynamic reference names a secret or asks the cloud.
fn literal(text: &str) -> Value {
    let inner = text.strip_prefix("{{resolve:").and_then(|rest| rest.strip_suffix("}}"));
    let Some((service, name)) = inner.filter(|i| !i.contains("}}")).and_then(|i| i.split_once(':')) else {
        return Value::from(text);
    };
    match service {
        "secretsmanager" => {
            let name = name.trim_end_matches(':');
            let name = name.strip_suffix(":SecretString").unwrap_or(name);
            Value::Secret(SecretRef { name: name.to_owned() })
        }
        "ssm-secure" => Value::Secret(SecretRef { name: name.to_owned() }),
        "ssm" => Value::Unknown(format!("the SSM parameter `{name}`, which only the cloud holds")),
        _ => Value::from(text),
    }
}

/// The items of a text that a list was joined into. A reference is one item: ids and names hold no comma.
#[must_use]
pub fn split_at_commas(source: Value) -> Value {
    let parts = match source {
        Value::Template(parts) => parts,
        other => vec![other],
    };
    let mut items: Vec<Vec<Value>> = vec![Vec::new()];
    for part in parts {
        let Value::Str(text) = part else {
            items.last_mut().expect("there is always an item").push(part);
            continue;
        };
        for (place, piece) in text.split(',').enumerate() {
            if place > 0 {
                items.push(Vec::new());
            }
            if !piece.is_empty() {
                items.last_mut().expect("there is always an item").push(Value::from(piece));
            }
        }
    }
    let one = |mut item: Vec<Value>| match item.len() {
        0 => Value::Str(String::new()),
        1 => item.swap_remove(0),
        _ => Value::Template(item),
    };
    Value::List(items.into_iter().map(one).collect())
}
