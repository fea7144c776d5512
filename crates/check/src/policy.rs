//! Resource and identity policies, read into statements.
//!
//! A policy may be a document in the graph, JSON text, text joined with references, or a policy data source;
//! rules and plans want one shape. What cannot be read is an error with its reason, never an empty policy.

use ir::{Graph, Mode, Node, Value};

use crate::setting::unknown_because;

/// One statement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statement {
    /// Its identifier, when it has one.
    pub sid: String,
    /// Whether it allows; otherwise it denies.
    pub allow: bool,
    /// Actions, as written.
    pub actions: Vec<String>,
    /// Actions it does not speak of.
    pub not_actions: Vec<String>,
    /// Resources; a reference reads `${address.path}`.
    pub resources: Vec<String>,
    /// Type and value: (`AWS`, `*`), (`Service`, `ecs-tasks.amazonaws.com`).
    pub principals: Vec<(String, String)>,
    /// Operator, key, values.
    pub conditions: Vec<(String, String, Vec<String>)>,
}

impl Statement {
    /// Whether it speaks to everybody.
    #[must_use]
    pub fn for_everyone(&self) -> bool {
        self.principals.iter().any(|(kind, value)| value == "*" && matches!(kind.as_str(), "*" | "AWS"))
    }

    /// Whether a condition narrows who may use it: by account, organization, source, network or identity.
    #[must_use]
    pub fn narrowed(&self) -> bool {
        const KEYS: &[&str] = &[
            "aws:sourcearn",
            "aws:sourceaccount",
            "aws:sourceorgid",
            "aws:sourceorgpaths",
            "aws:sourceowner",
            "aws:principalorgid",
            "aws:principalorgpaths",
            "aws:principalaccount",
            "aws:principalarn",
            "aws:sourcevpc",
            "aws:sourcevpce",
            "aws:sourceip",
            "aws:vpcsourceip",
            "aws:userid",
            "kms:calleraccount",
            "kms:viaservice",
        ];
        self.conditions.iter().any(|(operator, key, values)| {
            !operator.to_ascii_lowercase().contains("not")
                && KEYS.contains(&key.to_ascii_lowercase().as_str())
                && values.iter().all(|v| v != "*" && v != "0.0.0.0/0" && v != "::/0")
        })
    }

    /// Whether one of its actions covers `action`, such as `iam:*` covers `iam:PassRole`.
    #[must_use]
    pub fn covers(&self, action: &str) -> bool {
        self.actions.iter().any(|pattern| matches(pattern, action))
    }
}

/// Whether a pattern with `*` and `?` covers a name, without regard to case, as IAM compares actions.
#[must_use]
pub fn matches(pattern: &str, name: &str) -> bool {
    let (p, n) = (pattern.to_ascii_lowercase(), name.to_ascii_lowercase());
    let (p, n) = (p.as_bytes(), n.as_bytes());
    let (mut i, mut j, mut star) = (0, 0, None);
    while j < n.len() {
        if i < p.len() && p[i] == b'*' {
            star = Some((i, j));
            i += 1;
        } else if i < p.len() && (p[i] == b'?' || p[i] == n[j]) {
            i += 1;
            j += 1;
        } else if let Some((at, from)) = star {
            star = Some((at, from + 1));
            i = at + 1;
            j = from + 1;
        } else {
            return false;
        }
    }
    p[i..].iter().all(|c| *c == b'*')
}

/// The statements of a policy, or why they cannot be read.
pub fn statements(graph: &Graph, policy: &Value) -> Result<Vec<Statement>, String> {
    if let Value::Ref(r) = policy.known()
        && r.to.mode == Mode::Data
        && r.to.kind.as_str() == "aws_iam_policy_document"
        && let Some(source) = graph.get(&r.to)
    {
        return from_data_source(graph, source, 0);
    }
    let document = document(policy)?;
    let statements = match document.get("Statement") {
        Some(Value::List(items)) => items.clone(),
        Some(one @ Value::Map(_)) => vec![one.clone()],
        Some(other) => return Err(unknown_because(other)),
        None => return Err("the policy has no statements".to_owned()),
    };
    statements.iter().map(from_document).collect()
}

/// A JSON document as a value: one in the graph, or one written as text. References inside text become
/// `${address.path}`.
pub fn document(value: &Value) -> Result<Value, String> {
    match value.known() {
        Value::Json(inner) => Ok(inner.known().clone()),
        map @ (Value::Map(_) | Value::List(_)) => Ok(map.clone()),
        text @ (Value::Str(_) | Value::Template(_)) => {
            let read: serde_json::Value = serde_json::from_str(&words(text)?).map_err(|e| {
                format!("the document is not valid JSON (line {}, column {})", e.line(), e.column())
            })?;
            Ok(from_json(&read))
        }
        other => Err(unknown_because(other)),
    }
}

fn from_json(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(b) => Value::Bool(*b),
        serde_json::Value::Number(n) => {
            n.as_i64().map_or_else(|| Value::Float(n.as_f64().unwrap_or(f64::NAN)), Value::Int)
        }
        serde_json::Value::String(s) => Value::Str(s.clone()),
        serde_json::Value::Array(items) => Value::List(items.iter().map(from_json).collect()),
        serde_json::Value::Object(entries) => {
            Value::Map(entries.iter().map(|(k, v)| (k.clone(), from_json(v))).collect())
        }
    }
}

/// A text with its references written as `${address.path}`.
fn words(value: &Value) -> Result<String, String> {
    match value.known() {
        Value::Ref(r) => {
            let path: Vec<String> = r
                .path
                .iter()
                .map(|step| match step {
                    ir::Step::Attr(name) => name.clone(),
                    ir::Step::Index(i) => i.to_string(),
                })
                .collect();
            Ok(format!("${{{}.{}}}", r.to, path.join(".")))
        }
        Value::Template(parts) => parts.iter().map(words).collect(),
        other => other.text().ok_or_else(|| unknown_because(other)),
    }
}

fn from_document(value: &Value) -> Result<Statement, String> {
    let value = value.known();
    if value.as_map().is_none() {
        return Err(unknown_because(value));
    }
    let mut statement = Statement {
        sid: value.get("Sid").and_then(Value::text).unwrap_or_default(),
        allow: value.get("Effect").and_then(Value::text).is_some_and(|e| e == "Allow"),
        actions: list(value.get("Action"))?,
        not_actions: list(value.get("NotAction"))?,
        resources: list(value.get("Resource"))?,
        ..Statement::default()
    };
    match value.get("Principal").map(Value::known) {
        Some(Value::Map(kinds)) => {
            for (kind, names) in kinds {
                statement.principals.extend(list(Some(names))?.into_iter().map(|n| (kind.clone(), n)));
            }
        }
        Some(other) => {
            statement.principals.extend(list(Some(other))?.into_iter().map(|n| ("*".to_owned(), n)));
        }
        None => {}
    }
    for (operator, keys) in value.get("Condition").and_then(Value::as_map).into_iter().flatten() {
        for (key, values) in keys.as_map().into_iter().flatten() {
            statement.conditions.push((operator.clone(), key.clone(), list(Some(values))?));
        }
    }
    Ok(statement)
}

fn list(value: Option<&Value>) -> Result<Vec<String>, String> {
    match value.map(Value::known) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::List(items)) => items.iter().map(words).collect(),
        Some(one) => Ok(vec![words(one)?]),
    }
}

/// Policies that include policies end somewhere; deeper than this they are a cycle.
const MAX_INCLUDES: usize = 16;

fn from_data_source(graph: &Graph, source: &Node, depth: usize) -> Result<Vec<Statement>, String> {
    if depth > MAX_INCLUDES {
        return Err(format!("{} includes itself", source.address));
    }
    let mut out = Vec::new();
    for include in ["source_policy_documents", "override_policy_documents"] {
        for value in source.get(include).and_then(Value::as_list).into_iter().flatten() {
            match value.known() {
                Value::Ref(r) if r.to.mode == Mode::Data => {
                    let inner = graph.get(&r.to).ok_or_else(|| unknown_because(value))?;
                    out.extend(from_data_source(graph, inner, depth + 1)?);
                }
                other => out.extend(statements(graph, other)?),
            }
        }
    }
    for block in source.blocks("statement") {
        let mut statement = Statement {
            sid: block.get("sid").and_then(Value::text).unwrap_or_default(),
            allow: block.get("effect").and_then(Value::text).is_none_or(|e| e == "Allow"),
            actions: list(block.get("actions"))?,
            not_actions: list(block.get("not_actions"))?,
            resources: list(block.get("resources"))?,
            ..Statement::default()
        };
        for principal in block.get("principals").and_then(Value::as_list).into_iter().flatten() {
            let kind = principal.get("type").and_then(Value::text).unwrap_or_default();
            let names = list(principal.get("identifiers"))?;
            statement.principals.extend(names.into_iter().map(|n| (kind.clone(), n)));
        }
        for condition in block.get("condition").and_then(Value::as_list).into_iter().flatten() {
            let part = |name: &str| condition.get(name).and_then(Value::text).unwrap_or_default();
            let values = list(condition.get("values"))?;
            statement.conditions.push((part("test"), part("variable"), values));
        }
        out.push(statement);
    }
    Ok(out)
}

/// The policies a node carries: attribute and value.
pub fn carried(node: &Node) -> impl Iterator<Item = (&'static str, &Value)> {
    ["policy", "assume_role_policy", "access_policies", "access_policy"]
        .into_iter()
        .filter_map(|name| Some((name, node.get(name)?)))
        .filter(|(_, value)| !matches!(value, Value::Null))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{"Statement": {"Effect": "Allow", "Principal": "*", "Action": ["s3:Get*"],
        "Resource": "*", "Condition": {"StringEquals": {"aws:SourceAccount": "1"}}}}"#;

    #[test]
    fn a_document_reads_the_same_as_text_and_in_the_graph() {
        let graph = Graph::new();
        let from_text = statements(&graph, &Value::from(TEXT)).expect("valid");
        let json = serde_json::from_str(TEXT).expect("valid");
        let from_graph = statements(&graph, &Value::json(from_json(&json))).expect("valid");
        assert_eq!(from_text, from_graph);
        assert!(
            from_text[0].for_everyone() && from_text[0].narrowed() && from_text[0].covers("s3:GetObject")
        );
    }

    #[test]
    fn broken_and_unknown_policies_say_why() {
        let graph = Graph::new();
        for value in [
            Value::from("{"),
            Value::from("[]"),
            Value::Unknown("later".into()),
            Value::from(r#"{"Statement": [1]}"#),
            Value::Null,
        ] {
            assert!(!statements(&graph, &value).expect_err("unreadable").is_empty());
        }
    }

    #[test]
    fn patterns_cover_as_iam_does() {
        for (pattern, name, covered) in [
            ("*", "s3:GetObject", true),
            ("s3:*", "S3:getobject", true),
            ("s3:Get*", "s3:PutObject", false),
            ("iam:Pass?ole", "iam:PassRole", true),
            ("*Role", "iam:PassRole", true),
            ("a*b*c", "a-b-b-x", false),
            ("", "", true),
            ("", "x", false),
        ] {
            assert_eq!(matches(pattern, name), covered, "{pattern} {name}");
        }
    }
}
