//! Expressions as values.
//!
//! What leads to a resource stays a reference, what only the cloud knows an unknown with a reason, and both flow through
//! everything that does not have to look inside them. A mistake is told apart from an unknown, because `try` and `can`
//! look for mistakes. Every step is counted: configurations may multiply themselves. Must not know what blocks mean.

use std::borrow::Cow;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::{Rc, Weak};

use hcl_edit::Decorated;
use hcl_edit::expr::{
    BinaryOperator, Expression, ForExpr, FuncCall, Object, ObjectKey, Traversal, TraversalOperator,
    UnaryOperator,
};
use indexmap::IndexMap;
use ir::{Diagnostics, Step, Value};

use super::folder::Folder;
use super::functions;
use super::instance::Instance;
use super::template;
use super::text;
use crate::reading::MOST_INSTANCES;

/// Why there is no value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Halt {
    /// The expression is wrong, such as an index past the end of a list; `try` goes on to its next argument.
    Wrong(String),
    /// Known only later or elsewhere, and why.
    Later(String),
}

/// A value, or why there is none.
pub(crate) type Outcome = Result<Value, Halt>;

/// What stands for what could not be evaluated.
pub(crate) fn or_unknown(outcome: Outcome) -> Value {
    match outcome {
        Ok(value) => value,
        Err(Halt::Wrong(reason) | Halt::Later(reason)) => Value::Unknown(reason),
    }
}

/// Deepest nesting of expressions, through the named values they lead to: each level takes some stack.
const MOST_LEVELS: usize = 250;
/// Steps that one configuration may take.
const MOST_STEPS: usize = 20_000_000;
/// Steps that one attribute or named value may take.
const MOST_STEPS_ONCE: usize = 400_000;
/// What all named values may hold together, as [`text::measure`] counts.
const MOST_NAMED: usize = 1_000_000;
/// What the attributes of all resources may hold together.
const MOST_SHOWN: usize = 5_000_000;
/// Longest text that is made, bytes.
pub(crate) const MOST_TEXT: usize = 1 << 20;

/// What all evaluation of one reading shares.
pub(crate) struct Context<'a> {
    pub folder: &'a Folder<'a>,
    pub diagnostics: RefCell<Diagnostics>,
    /// Functions that the language around Terraform adds; with them, `/` is the folder.
    pub added: Option<Added<'a>>,
    /// Names that every expression may use.
    pub names: OnceCell<Vec<(String, Value)>>,
    /// The module calls that were made, by the component they make.
    pub instances: RefCell<HashMap<String, Weak<Instance<'a>>>>,
    levels: Cell<usize>,
    steps: Cell<usize>,
    since: Cell<usize>,
    named: Cell<usize>,
    shown: Cell<usize>,
}

/// Functions by name; `None` for a name that is none of them.
pub(crate) type Added<'a> = &'a dyn Fn(&str, &[Value]) -> Option<Outcome>;

/// The names that an expression may use beside those of its module.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'s, 'a> {
    pub context: &'s Context<'a>,
    pub instance: &'s Rc<Instance<'a>>,
    pub outer: Option<&'s Scope<'s, 'a>>,
    pub names: &'s [(String, Value)],
}

impl<'a> Context<'a> {
    /// Nothing evaluated yet.
    pub fn new(folder: &'a Folder<'a>) -> Self {
        Self {
            folder,
            diagnostics: RefCell::default(),
            added: None,
            names: OnceCell::new(),
            instances: RefCell::default(),
            levels: Cell::default(),
            steps: Cell::default(),
            since: Cell::default(),
            named: Cell::default(),
            shown: Cell::default(),
        }
    }

    /// Counts steps.
    pub fn spend(&self, steps: usize) -> Result<(), Halt> {
        let total = self.steps.get().saturating_add(steps);
        self.steps.set(total);
        if total > MOST_STEPS || total - self.since.get() > MOST_STEPS_ONCE {
            return Err(Halt::Later("it takes more steps to evaluate than a reader takes".to_owned()));
        }
        Ok(())
    }

    /// Whether the reading stopped evaluating because of its size.
    pub fn exhausted(&self) -> bool {
        self.steps.get() > MOST_STEPS || self.named.get() > MOST_NAMED || self.shown.get() > MOST_SHOWN
    }

    /// Evaluates a named value, which is kept for whoever asks for it next.
    pub fn keep(&self, make: impl FnOnce() -> Outcome) -> Outcome {
        self.bounded(&self.named, MOST_NAMED, make)
    }

    /// Evaluates an attribute of a resource.
    pub fn show(&self, make: impl FnOnce() -> Outcome) -> Outcome {
        self.bounded(&self.shown, MOST_SHOWN, make)
    }

    /// Evaluates something with a count of its own; what is too large together with what is there already is left out.
    fn bounded(&self, held: &Cell<usize>, most: usize, make: impl FnOnce() -> Outcome) -> Outcome {
        let start = self.steps.get();
        let outer = self.since.replace(start);
        let outcome = make();
        // What it took is not counted for whatever asked for it.
        self.since.set(outer + (self.steps.get() - start));
        let value = outcome?;
        let (size, depth) = text::measure(&value);
        held.set(held.get().saturating_add(size));
        let too_large = held.get() > most || depth > crate::reading::MOST_DEPTH;
        if too_large { Err(Halt::Later("it is larger than a reader keeps".to_owned())) } else { Ok(value) }
    }
}

impl<'a> Scope<'_, 'a> {
    /// The value of an expression, without inputs.
    pub fn eval(&self, expression: &Expression) -> Outcome {
        self.context.spend(1)?;
        if self.context.levels.get() >= MOST_LEVELS {
            return Err(Halt::Later("it nests more deeply than a reader follows".to_owned()));
        }
        self.context.levels.set(self.context.levels.get() + 1);
        let outcome = self.dispatch(expression);
        self.context.levels.set(self.context.levels.get() - 1);
        // What is known later is a value like any other, and flows on; only mistakes interrupt.
        match outcome {
            Err(Halt::Later(reason)) => Ok(Value::Unknown(reason)),
            other => other,
        }
    }

    fn dispatch(&self, expression: &Expression) -> Outcome {
        match expression {
            Expression::Null(_) => Ok(Value::Null),
            Expression::Bool(b) => Ok(Value::Bool(*b.value())),
            Expression::Number(n) => Ok(match n.value().as_i64() {
                Some(whole) => Value::Int(whole),
                None => n.value().as_f64().map_or(Value::Null, text::float),
            }),
            Expression::String(s) => Ok(Value::Str(s.value().clone())),
            Expression::Array(items) => {
                items.iter().map(|item| self.eval(item)).collect::<Result<_, _>>().map(Value::List)
            }
            Expression::Object(object) => self.object(object, &|s, e| s.eval(e)),
            Expression::StringTemplate(t) => template::evaluate(self, t, &|s, e| s.eval(e)),
            Expression::HeredocTemplate(t) => template::evaluate(self, &t.template, &|s, e| s.eval(e)),
            Expression::Parenthesis(inner) => self.eval(inner.inner()),
            Expression::Variable(name) => self.variable(name.as_str()),
            Expression::Conditional(c) => match self.condition(&c.cond_expr)? {
                Ok(true) => self.eval(&c.true_expr),
                Ok(false) => self.eval(&c.false_expr),
                Err(reason) => self.either(&c.true_expr, &c.false_expr, reason),
            },
            Expression::FuncCall(call) => self.call(call),
            Expression::Traversal(traversal) => self.traversal(traversal),
            Expression::UnaryOp(op) => unary(*op.operator.value(), self.settled(self.eval(&op.expr)?)),
            Expression::BinaryOp(op) => self.binary(&op.lhs_expr, *op.operator.value(), &op.rhs_expr),
            Expression::ForExpr(each) => self.each(each),
        }
    }

    /// The value of an expression as an attribute shows it: parameters stay visible.
    pub fn shown(&self, expression: &Expression) -> Outcome {
        match expression {
            Expression::Traversal(t) => match (&t.expr, t.operators.as_slice()) {
                (Expression::Variable(root), [only])
                    if root.as_str() == "var" && self.find("var").is_none() =>
                {
                    match only.value() {
                        TraversalOperator::GetAttr(name) => {
                            let value = self.eval(expression)?;
                            Ok(self.instance.input(self.context, name.as_str(), value))
                        }
                        _ => self.eval(expression),
                    }
                }
                _ => self.eval(expression),
            },
            Expression::Array(items) => {
                items.iter().map(|item| self.shown(item)).collect::<Result<_, _>>().map(Value::List)
            }
            Expression::Object(object) => self.object(object, &|s, e| s.shown(e)),
            Expression::StringTemplate(t) => template::evaluate(self, t, &|s, e| s.shown(e)),
            Expression::HeredocTemplate(t) => template::evaluate(self, &t.template, &|s, e| s.shown(e)),
            Expression::Parenthesis(inner) => self.shown(inner.inner()),
            Expression::Conditional(c) => match self.condition(&c.cond_expr)? {
                Ok(true) => self.shown(&c.true_expr),
                Ok(false) => self.shown(&c.false_expr),
                Err(reason) => self.either(&c.true_expr, &c.false_expr, reason),
            },
            Expression::FuncCall(call) if call.name.name.as_str() == "jsonencode" && call.args.len() == 1 => {
                let document = self.shown(call.args.get(0).expect("one argument"))?;
                Ok(functions::jsonencode(document))
            }
            other => self.eval(other),
        }
    }

    /// Both branches under a condition that is not known: their value where they agree.
    fn either(&self, yes: &Expression, no: &Expression, reason: String) -> Outcome {
        let (yes, no) = (or_unknown(self.eval(yes)), or_unknown(self.eval(no)));
        if yes == no && !matches!(yes, Value::Unknown(_)) { Ok(yes) } else { Err(Halt::Later(reason)) }
    }

    /// The same with what the configuration itself sets references to. Only where something has to look at a value: what
    /// an attribute shows stays a reference.
    pub fn settled(&self, value: Value) -> Value {
        match value {
            Value::Ref(r) => self.configured(&r).unwrap_or(Value::Ref(r)),
            Value::Template(parts) => text::join(parts.into_iter().map(|v| self.settled(v)).collect()),
            Value::List(items) => Value::List(items.into_iter().map(|v| self.settled(v)).collect()),
            Value::Map(entries) => {
                Value::Map(entries.into_iter().map(|(k, v)| (k, self.settled(v))).collect())
            }
            Value::Json(inner) => Value::json(self.settled(*inner)),
            other => other,
        }
    }

    /// What the configuration sets the attribute to that a reference leads to, if that is known.
    pub fn configured(&self, r: &ir::Ref) -> Option<Value> {
        let [Step::Attr(attribute), rest @ ..] = r.path.as_slice() else { return None };
        let instance = self.context.instances.borrow().get(&r.to.component)?.upgrade()?;
        let value = instance.configured(self.context, &r.to, attribute).ok()?;
        let value = value.at(rest)?;
        unknown(value).is_none().then(|| value.clone())
    }

    /// A condition; in the inner result, why it is not known.
    pub fn condition(&self, expression: &Expression) -> Result<Result<bool, String>, Halt> {
        let value = self.settled(self.eval(expression)?);
        match (value.as_bool(), unknown(&value)) {
            (Some(b), _) => Ok(Ok(b)),
            (None, Some(reason)) => Ok(Err(reason)),
            (None, None) => Err(Halt::Wrong("a condition is no truth value".to_owned())),
        }
    }

    /// A name that a loop, a block or a call gives.
    pub fn find(&self, name: &str) -> Option<&Value> {
        let own = self.names.iter().rev().find(|(n, _)| n == name);
        if let Some((_, value)) = own {
            return Some(value);
        }
        if let Some(outer) = self.outer {
            return outer.find(name);
        }
        self.context.names.get()?.iter().find(|(n, _)| n == name).map(|(_, value)| value)
    }

    fn variable(&self, name: &str) -> Outcome {
        match self.find(name) {
            Some(value) => Ok(value.clone()),
            None => Err(Halt::Wrong(format!("`{name}` is not defined here"))),
        }
    }

    fn object(&self, object: &Object, eval: &dyn Fn(&Self, &Expression) -> Outcome) -> Outcome {
        let mut entries = IndexMap::with_capacity(object.len());
        for (key, value) in object {
            let key = match key {
                ObjectKey::Ident(name) => name.as_str().to_owned(),
                // A bare word is a key, as in `true = 1`, unless it stands in parentheses.
                ObjectKey::Expression(Expression::Variable(name)) => name.as_str().to_owned(),
                ObjectKey::Expression(e) => match text::of(&self.settled(self.eval(e)?)) {
                    Some(key) => key,
                    None => {
                        return Err(Halt::Later("a key of an object is known only after apply".to_owned()));
                    }
                },
            };
            entries.insert(key, eval(self, value.expr())?);
        }
        Ok(Value::Map(entries))
    }

    fn traversal(&self, traversal: &Traversal) -> Outcome {
        let operators = traversal.operators.as_slice();
        let Expression::Variable(root) = &traversal.expr else {
            let value = self.eval(&traversal.expr)?;
            return self.walk(Cow::Owned(value), operators);
        };
        if let Some(value) = self.find(root.as_str()) {
            return self.walk(Cow::Borrowed(value), operators);
        }
        let mut names = operators.iter().map_while(|op| match op.value() {
            TraversalOperator::GetAttr(name) => Some(name.as_str()),
            _ => None,
        });
        let (first, second) = (names.next(), names.next());
        let (found, used) = self.instance.resolve(self, root.as_str(), first, second, operators)?;
        self.walk(Cow::Borrowed(&found), &operators[used..])
    }

    /// Follows operators into a value, copying only what is reached.
    pub fn walk(&self, from: Cow<'_, Value>, operators: &[Decorated<TraversalOperator>]) -> Outcome {
        let mut current = from;
        for (i, operator) in operators.iter().enumerate() {
            let key = match operator.value() {
                TraversalOperator::GetAttr(name) => Value::Str(name.as_str().to_owned()),
                TraversalOperator::Index(index) => self.settled(self.eval(index)?),
                TraversalOperator::LegacyIndex(index) => {
                    Value::Int(i64::try_from(**index).unwrap_or(i64::MAX))
                }
                TraversalOperator::FullSplat(_) => {
                    return self.splat(&current, &operators[i + 1..]);
                }
                TraversalOperator::AttrSplat(_) => {
                    let rest = &operators[i + 1..];
                    let attrs = rest
                        .iter()
                        .take_while(|o| matches!(o.value(), TraversalOperator::GetAttr(_)))
                        .count();
                    let all = self.splat(&current, &rest[..attrs])?;
                    return self.walk(Cow::Owned(all), &rest[attrs..]);
                }
            };
            current = step(current, &key)?;
        }
        if let Cow::Borrowed(value) = &current {
            self.context.spend(text::measure(value).0)?;
        }
        Ok(current.into_owned())
    }

    fn splat(&self, over: &Value, operators: &[Decorated<TraversalOperator>]) -> Outcome {
        match over.known() {
            Value::List(items) => {
                let each = items.iter().map(|item| self.walk(Cow::Borrowed(item), operators));
                each.collect::<Result<_, _>>().map(Value::List)
            }
            Value::Null => Ok(Value::List(Vec::new())),
            Value::Ref(r) if !r.path.is_empty() => {
                Err(Halt::Later(format!("how many `{}` has is known only after apply", shown_ref(r))))
            }
            Value::Unknown(reason) => Err(Halt::Later(reason.clone())),
            one => Ok(Value::List(vec![self.walk(Cow::Borrowed(one), operators)?])),
        }
    }

    fn call(&self, call: &FuncCall) -> Outcome {
        let name = call.name.name.as_str();
        if call.name.namespace.first().is_some_and(|n| n.as_str() != "core") {
            return Err(Halt::Later(format!("the provider's function `{name}` is not evaluated")));
        }
        match name {
            // These look at mistakes, so they take their arguments unevaluated.
            "try" => {
                let mut last = Err(Halt::Wrong("`try` has no arguments".to_owned()));
                for argument in call.args.iter() {
                    last = self.eval(argument);
                    if !matches!(last, Err(Halt::Wrong(_))) {
                        break;
                    }
                }
                return last;
            }
            "can" => {
                let first = call.args.get(0).map(|argument| self.eval(argument));
                return Ok(match first {
                    Some(Ok(Value::Unknown(reason))) => Value::Unknown(reason),
                    first => Value::Bool(matches!(first, Some(Ok(_)))),
                });
            }
            _ => {}
        }
        let mut arguments = Vec::with_capacity(call.args.len());
        for argument in call.args.iter() {
            arguments.push(self.eval(argument)?);
        }
        if call.args.expand_final() {
            match arguments.pop() {
                Some(Value::List(items)) => arguments.extend(items),
                Some(other) => return Err(later(&other, "the arguments of a call")),
                None => {}
            }
        }
        match self.context.added.and_then(|added| added(name, &arguments)) {
            Some(outcome) => outcome,
            None => functions::call(self, name, arguments),
        }
    }

    fn binary(&self, left: &Expression, operator: BinaryOperator, right: &Expression) -> Outcome {
        let left = self.settled(self.eval(left)?);
        match (operator, left.as_bool()) {
            (BinaryOperator::And, Some(false)) => return Ok(Value::Bool(false)),
            (BinaryOperator::Or, Some(true)) => return Ok(Value::Bool(true)),
            _ => {}
        }
        let right = self.settled(self.eval(right)?);
        match operator {
            BinaryOperator::And | BinaryOperator::Or => {
                let decides = operator == BinaryOperator::Or;
                match (left.as_bool(), right.as_bool()) {
                    (_, Some(b)) if b == decides => Ok(Value::Bool(decides)),
                    (Some(_), Some(b)) => Ok(Value::Bool(b)),
                    (None, _) => Err(later(&left, "a condition")),
                    (_, None) => Err(later(&right, "a condition")),
                }
            }
            BinaryOperator::Eq => equal(&left, &right).map(Value::Bool),
            BinaryOperator::NotEq => equal(&left, &right).map(|same| Value::Bool(!same)),
            _ => arithmetic(operator, &left, &right),
        }
    }

    fn each(&self, each: &ForExpr) -> Outcome {
        let collection = match self.eval(&each.intro.collection_expr)? {
            whole @ Value::Ref(_) => self.settled(whole),
            other => other,
        };
        let entries: Vec<(Value, &Value)> = match collection.known() {
            Value::List(items) => items
                .iter()
                .enumerate()
                .map(|(i, v)| (Value::from(i64::try_from(i).unwrap_or(i64::MAX)), v))
                .collect(),
            Value::Map(entries) => {
                text::sorted(entries).into_iter().map(|(k, v)| (Value::from(k), v)).collect()
            }
            other => return Err(later(other, "what a `for` goes through")),
        };
        if entries.len() > MOST_INSTANCES {
            return Err(Halt::Later(format!("a `for` goes through more than {MOST_INSTANCES} items")));
        }
        let key_name = each.intro.key_var.as_ref().map(|name| name.as_str().to_owned());
        let value_name = each.intro.value_var.as_str().to_owned();
        let mut list = Vec::new();
        let mut map: IndexMap<String, Value> = IndexMap::new();
        for (key, value) in entries {
            let mut names = vec![(value_name.clone(), value.clone())];
            names.extend(key_name.clone().map(|name| (name, key)));
            let inner = Scope { outer: Some(self), names: &names, ..*self };
            if let Some(cond) = &each.cond {
                match inner.condition(&cond.expr)? {
                    Ok(true) => {}
                    Ok(false) => continue,
                    Err(reason) => return Err(Halt::Later(reason)),
                }
            }
            let value = inner.eval(&each.value_expr)?;
            match &each.key_expr {
                None => list.push(value),
                Some(key) => {
                    let key = inner.settled(inner.eval(key)?);
                    let key = text::of(&key).ok_or_else(|| later(&key, "a key of a map"))?;
                    if !each.grouping {
                        map.insert(key, value);
                    } else if let Value::List(items) =
                        map.entry(key).or_insert_with(|| Value::List(Vec::new()))
                    {
                        items.push(value);
                    }
                }
            }
        }
        Ok(if each.key_expr.is_some() { Value::Map(map) } else { Value::List(list) })
    }
}

/// Why a value that has to be looked at cannot be.
pub(crate) fn later(value: &Value, what: &str) -> Halt {
    match unknown(value) {
        Some(reason) => Halt::Later(reason),
        None => Halt::Wrong(format!("{what} is of the wrong type")),
    }
}

/// The reason why a value is not known; `None` when it is.
pub(crate) fn unknown(value: &Value) -> Option<String> {
    let mut reason = None;
    value.walk(&mut |v| {
        if reason.is_some() {
            return;
        }
        reason = match v {
            Value::Unknown(reason) => Some(reason.clone()),
            Value::Ref(r) => {
                Some(format!("it depends on `{}`, which is known only after apply", shown_ref(r)))
            }
            Value::Secret(secret) => Some(format!("it depends on the secret `{}`", secret.name)),
            Value::File(path) => Some(format!("it depends on the text of `{path}`")),
            _ => None,
        };
    });
    reason
}

fn shown_ref(r: &ir::Ref) -> String {
    let mut text = r.to.to_string();
    for step in &r.path {
        match step {
            Step::Attr(name) => text.push_str(&format!(".{name}")),
            Step::Index(index) => text.push_str(&format!("[{index}]")),
        }
    }
    text
}

/// One step into a value.
pub(crate) fn step<'v>(from: Cow<'v, Value>, key: &Value) -> Result<Cow<'v, Value>, Halt> {
    let from = match from {
        Cow::Borrowed(value) => Cow::Borrowed(value.known()),
        Cow::Owned(value) => Cow::Owned(value),
    };
    let missing = |what: &str| Halt::Wrong(format!("there is no `{what}`"));
    match &*from {
        Value::Unknown(reason) => return Err(Halt::Later(reason.clone())),
        Value::Secret(secret) => {
            return Err(Halt::Later(format!("it depends on the secret `{}`", secret.name)));
        }
        _ => {}
    }
    if let Some(reason) = unknown(key) {
        return Err(Halt::Later(reason));
    }
    let name = text::of(key).ok_or_else(|| Halt::Wrong("an index is no text and no number".to_owned()))?;
    let index = || usize::try_from(whole(key)?).ok();
    match from {
        Cow::Borrowed(Value::Map(entries)) => {
            entries.get(&name).map(Cow::Borrowed).ok_or_else(|| missing(&name))
        }
        Cow::Owned(Value::Map(mut entries)) => {
            entries.swap_remove(&name).map(Cow::Owned).ok_or_else(|| missing(&name))
        }
        Cow::Borrowed(Value::List(items)) => {
            index().and_then(|i| items.get(i)).map(Cow::Borrowed).ok_or_else(|| missing(&name))
        }
        Cow::Owned(Value::List(mut items)) => match index() {
            Some(i) if i < items.len() => Ok(Cow::Owned(items.swap_remove(i))),
            _ => Err(missing(&name)),
        },
        other => match &*other {
            Value::Ref(r) => {
                let mut r = r.clone();
                r.path.push(match (key, index()) {
                    (Value::Int(_), Some(i)) => Step::Index(i),
                    _ => Step::Attr(name),
                });
                Ok(Cow::Owned(Value::Ref(r)))
            }
            _ => Err(missing(&name)),
        },
    }
}

/// A whole number, also when written as text.
pub(crate) fn whole(value: &Value) -> Option<i64> {
    match value.known() {
        Value::Int(n) => Some(*n),
        Value::Float(n) => match text::float(*n) {
            Value::Int(n) => Some(n),
            _ => None,
        },
        Value::Str(s) => text::number(s).and_then(|n| match n {
            Value::Int(n) => Some(n),
            _ => None,
        }),
        _ => None,
    }
}

fn unary(operator: UnaryOperator, value: Value) -> Outcome {
    match operator {
        UnaryOperator::Not => value.as_bool().map(|b| Value::Bool(!b)),
        UnaryOperator::Neg => match &value {
            Value::Int(n) => n.checked_neg().map(Value::Int),
            _ => value.as_f64().map(|n| text::float(-n)),
        },
    }
    .ok_or_else(|| later(&value, "an operand"))
}

/// Whether two values are equal, where both are known well enough.
pub(crate) fn equal(left: &Value, right: &Value) -> Result<bool, Halt> {
    match (left.known(), right.known()) {
        (Value::Null, Value::Null) => return Ok(true),
        // What a resource has once it exists is there, and is no empty text.
        (Value::Ref(r), Value::Null) | (Value::Null, Value::Ref(r)) if always_there(r) => return Ok(false),
        (Value::Ref(r), Value::Str(s)) | (Value::Str(s), Value::Ref(r))
            if s.is_empty() && always_there(r) =>
        {
            return Ok(false);
        }
        (
            Value::Null,
            Value::List(_) | Value::Map(_) | Value::Template(_) | Value::Json(_) | Value::File(_),
        )
        | (
            Value::List(_) | Value::Map(_) | Value::Template(_) | Value::Json(_) | Value::File(_),
            Value::Null,
        ) => {
            return Ok(false);
        }
        (Value::Secret(_), Value::Null) | (Value::Null, Value::Secret(_)) => return Ok(false),
        _ => {}
    }
    if let Some(reason) = unknown(left).or_else(|| unknown(right)) {
        return Err(Halt::Later(reason));
    }
    Ok(same(left, right))
}

/// Whether two known values are equal.
pub(crate) fn same(left: &Value, right: &Value) -> bool {
    match (left.known(), right.known()) {
        (Value::List(a), Value::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Map(a), Value::Map(b)) => {
            a.len() == b.len() && a.iter().all(|(k, a)| b.get(k).is_some_and(|b| same(a, b)))
        }
        (a @ (Value::Int(_) | Value::Float(_)), b @ (Value::Int(_) | Value::Float(_))) => {
            a.as_f64() == b.as_f64()
        }
        (
            a @ (Value::Template(_) | Value::Json(_) | Value::Str(_)),
            b @ (Value::Template(_) | Value::Json(_) | Value::Str(_)),
        ) => text::of(a) == text::of(b),
        (a, b) => a == b,
    }
}

/// Whether an attribute is there on every resource that exists: the provider's schema says that it is required or
/// computed, or it is an identity that every kind has.
fn always_there(r: &ir::Ref) -> bool {
    let [Step::Attr(name)] = r.path.as_slice() else { return r.path.is_empty() };
    let attribute = catalog::kinds::of(&r.to).and_then(|kind| kind.schema.attributes.get(name));
    matches!(name.as_str(), "id" | "arn" | "self_link")
        || attribute.is_some_and(|a| a.required || (a.computed && !a.optional))
}

fn arithmetic(operator: BinaryOperator, left: &Value, right: &Value) -> Outcome {
    let (Some(a), Some(b)) = (left.as_f64(), right.as_f64()) else {
        let wrong = if left.as_f64().is_none() { left } else { right };
        return Err(later(wrong, "an operand"));
    };
    let exact = whole(left).zip(whole(right));
    let value = match operator {
        BinaryOperator::Less => return Ok(Value::Bool(a < b)),
        BinaryOperator::LessEq => return Ok(Value::Bool(a <= b)),
        BinaryOperator::Greater => return Ok(Value::Bool(a > b)),
        BinaryOperator::GreaterEq => return Ok(Value::Bool(a >= b)),
        BinaryOperator::Div | BinaryOperator::Mod if b == 0.0 => {
            return Err(Halt::Wrong("a number is divided by zero".to_owned()));
        }
        BinaryOperator::Plus => {
            exact.and_then(|(a, b)| a.checked_add(b)).map_or_else(|| text::float(a + b), Value::Int)
        }
        BinaryOperator::Minus => {
            exact.and_then(|(a, b)| a.checked_sub(b)).map_or_else(|| text::float(a - b), Value::Int)
        }
        BinaryOperator::Mul => {
            exact.and_then(|(a, b)| a.checked_mul(b)).map_or_else(|| text::float(a * b), Value::Int)
        }
        BinaryOperator::Div => text::float(a / b),
        _ => exact.and_then(|(a, b)| a.checked_rem(b)).map_or_else(|| text::float(a % b), Value::Int),
    };
    Ok(value)
}
