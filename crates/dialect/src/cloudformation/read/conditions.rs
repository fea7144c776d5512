//! Conditions: true, false, or known to the cloud only.
//!
//! What cannot be told is carried through `Fn::And` and `Fn::Or` as far as it matters: nothing is guessed, and nothing
//! is given up that the rest decides.

use ir::yaml::{Data, Yaml};
use ir::{Diagnostic, Span, Value};

use super::scope::Scope;
use crate::reading::MOST_DEPTH;

/// What a condition comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is decided.
    Is(bool),
    /// Why it is not.
    Unknown(String),
}

impl<'a> Scope<'a> {
    /// What a condition comes to that the template names.
    pub fn condition(&self, name: &str, at: Span) -> Verdict {
        let Some((name, written)) = self.conditions.get_key_value(name) else {
            self.session.say(
                Diagnostic::warning("unknown-condition", format!("the template has no condition `{name}`"))
                    .at(at, "asked for here"),
            );
            return Verdict::Unknown(format!("the condition `{name}`, which the template does not hold"));
        };
        match self.verdicts.borrow().get(name) {
            Some(Some(verdict)) => return verdict.clone(),
            Some(None) => {
                self.session.say(
                    Diagnostic::warning(
                        "cyclic-condition",
                        format!("the condition `{name}` depends on itself"),
                    )
                    .at(at, "asked for here"),
                );
                return Verdict::Unknown(format!("the condition `{name}`, which depends on itself"));
            }
            None => {}
        }
        if self.waiting.get() >= MOST_DEPTH {
            let summary = format!("more than {MOST_DEPTH} conditions wait for each other");
            self.session.say(Diagnostic::warning("too-deep", summary).at(at, "here"));
            return Verdict::Unknown(format!("the condition `{name}`, behind too many others"));
        }
        self.verdicts.borrow_mut().insert(name, None);
        self.waiting.set(self.waiting.get() + 1);
        let verdict = self.judge(written);
        self.waiting.set(self.waiting.get() - 1);
        self.verdicts.borrow_mut().insert(name, Some(verdict.clone()));
        verdict
    }

    /// What an expression of conditions comes to.
    pub fn judge(&self, node: &Yaml) -> Verdict {
        if let Some(truth) = truth(node) {
            return Verdict::Is(truth);
        }
        let Some([(key, argument)]) = node.entries() else {
            return self.no_condition(node);
        };
        let items = argument.items().unwrap_or_default();
        match (key.text.as_str(), items) {
            ("Condition", _) => match argument.as_str() {
                Some(name) => self.condition(name, argument.span),
                None => self.no_condition(node),
            },
            ("Fn::Not", [one]) => match self.judge(one) {
                Verdict::Is(truth) => Verdict::Is(!truth),
                unknown => unknown,
            },
            ("Fn::And", [_, ..]) => self.all(items, true),
            ("Fn::Or", [_, ..]) => self.all(items, false),
            ("Fn::Equals", [left, right]) => self.equal(left, right),
            ("Fn::Contains", [list, one]) => self.contains(list, one),
            ("Fn::EachMemberIn", [members, list]) => self.each_in(members, list),
            ("Fn::EachMemberEquals", [members, one]) => self.each_equals(members, one),
            _ => self.no_condition(node),
        }
    }

    /// `Fn::And` where `neutral` is true, `Fn::Or` where it is false.
    fn all(&self, items: &[Yaml], neutral: bool) -> Verdict {
        let mut verdict = Verdict::Is(neutral);
        for item in items {
            match self.judge(item) {
                Verdict::Is(truth) if truth == neutral => {}
                Verdict::Is(_) => return Verdict::Is(!neutral),
                unknown => verdict = unknown,
            }
        }
        verdict
    }

    fn equal(&self, left: &Yaml, right: &Yaml) -> Verdict {
        let (left, right) = (self.value_or_null(left), self.value_or_null(right));
        self.same(&left, &right)
    }

    fn same(&self, left: &Value, right: &Value) -> Verdict {
        if let (Some(left), Some(right)) = (self.text(left), self.text(right)) {
            return Verdict::Is(left == right);
        }
        if let (Some(left), Some(right)) = (left.as_list(), right.as_list()) {
            let text = |items: &[Value]| items.iter().map(|item| self.text(item)).collect::<Option<Vec<_>>>();
            if let (Some(left), Some(right)) = (text(left), text(right)) {
                return Verdict::Is(left == right);
            }
        }
        match (left.known(), right.known()) {
            (Value::Unknown(reason), _) | (_, Value::Unknown(reason)) => Verdict::Unknown(reason.clone()),
            (left, right) if left == right => Verdict::Is(true),
            _ => Verdict::Unknown("a comparison of what only the cloud knows".to_owned()),
        }
    }

    /// The texts of a list, or why they are not known.
    fn texts(&self, node: &Yaml) -> Result<Vec<String>, String> {
        let unknown = || "a list that only the cloud knows".to_owned();
        let value = self.value_or_null(node);
        let items = value.as_list().ok_or_else(unknown)?;
        // A list of lists of parameters, as `Fn::RefAll` and `Fn::ValueOfAll` make them, counts as one list.
        let flat = items.iter().flat_map(|item| item.as_list().unwrap_or(std::slice::from_ref(item)));
        flat.map(|item| self.text(item).ok_or_else(unknown)).collect()
    }

    fn contains(&self, list: &Yaml, one: &Yaml) -> Verdict {
        let one = self.value_or_null(one);
        match (self.texts(list), self.text(&one)) {
            (Ok(list), Some(one)) => Verdict::Is(list.contains(&one)),
            (Err(reason), _) => Verdict::Unknown(reason),
            (_, None) => Verdict::Unknown("a value that only the cloud knows".to_owned()),
        }
    }

    fn each_in(&self, members: &Yaml, list: &Yaml) -> Verdict {
        match (self.texts(members), self.texts(list)) {
            (Ok(members), Ok(list)) => Verdict::Is(members.iter().all(|member| list.contains(member))),
            (Err(reason), _) | (_, Err(reason)) => Verdict::Unknown(reason),
        }
    }

    fn each_equals(&self, members: &Yaml, one: &Yaml) -> Verdict {
        let one = self.value_or_null(one);
        match (self.texts(members), self.text(&one)) {
            (Ok(members), Some(one)) => Verdict::Is(members.iter().all(|member| *member == one)),
            (Err(reason), _) => Verdict::Unknown(reason),
            (_, None) => Verdict::Unknown("a value that only the cloud knows".to_owned()),
        }
    }

    fn value_or_null(&self, node: &Yaml) -> Value {
        self.value(node).unwrap_or(Value::Null)
    }

    fn no_condition(&self, node: &Yaml) -> Verdict {
        self.session.say(
            Diagnostic::warning("malformed-condition", format!("{} is no condition", node.what()))
                .at(node.span, "expected `Fn::And`, `Fn::Or`, `Fn::Not`, `Fn::Equals` or `Condition`")
                .help("give `Fn::Equals` two values, `Fn::Not` a list of one, and the others lists of conditions"),
        );
        Verdict::Unknown("a condition that could not be read".to_owned())
    }
}

fn truth(node: &Yaml) -> Option<bool> {
    match &node.data {
        Data::Bool(truth) => Some(*truth),
        Data::Str(text) if text == "true" => Some(true),
        Data::Str(text) if text == "false" => Some(false),
        _ => None,
    }
}
