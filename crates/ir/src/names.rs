//! Names of what a stack is given and shows: a component's inputs and outputs, as its root calls them.
//!
//! Said once, because two sides must agree without knowing each other: the writer of the roots declares these names, and
//! pipelines and documents set and read them. Must not know what is deployed.

use crate::graph::Stack;

/// Lower-case words joined with underscores, beginning with a letter.
#[must_use]
pub fn snake(text: &str) -> String {
    let mut out = String::new();
    let mut lower = false;
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            if c.is_ascii_uppercase() && lower {
                out.push('_');
            }
            lower = c.is_ascii_lowercase() || c.is_ascii_digit();
            out.push(c.to_ascii_lowercase());
        } else {
            lower = false;
            if !out.ends_with('_') && !out.is_empty() {
                out.push('_');
            }
        }
    }
    let out = out.trim_end_matches('_');
    match out.chars().next() {
        None => "unnamed".to_owned(),
        Some(c) if c.is_ascii_digit() => format!("n{out}"),
        Some(_) => out.to_owned(),
    }
}

/// Two names as one, with a word that both share at the seam said once.
#[must_use]
pub fn joined(a: &str, b: &str) -> String {
    let seam = a.rsplit('_').next().unwrap_or(a);
    match b.strip_prefix(seam) {
        Some(rest) if rest.starts_with('_') => format!("{a}{rest}"),
        _ => format!("{a}_{b}"),
    }
}

/// What a root calls a component's input or output. A stack of one component that is no environment is its own
/// root, and its names carry no prefix.
#[must_use]
pub fn in_root(stack: &Stack, component: &str, name: &str) -> String {
    if !stack.environment && stack.graph.components.len() == 1 {
        return snake(name);
    }
    joined(&snake(component), &snake(name))
}

/// The root variables that a deployment sets, such as images by digest: name in the root, component, input.
#[must_use]
pub fn set_by_pipeline(stack: &Stack) -> Vec<(String, &str, &str)> {
    let mut found = Vec::new();
    for (component, declared) in &stack.graph.components {
        for (input, _) in declared.inputs.iter().filter(|(_, d)| d.from_pipeline) {
            found.push((in_root(stack, component, input), component.as_str(), input.as_str()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack(environment: bool, components: &[&str]) -> Stack {
        let mut graph = crate::Graph::new();
        for component in components {
            graph.component(component, "service", "");
        }
        Stack {
            name: "s".into(),
            environment,
            region: "eu-west-1".into(),
            tags: indexmap::IndexMap::new(),
            graph,
        }
    }

    #[test]
    fn any_text_becomes_a_valid_name() {
        for (text, expected) in [
            ("", "unnamed"),
            ("STRIPE_KEY", "stripe_key"),
            ("9lives", "n9lives"),
            ("Caf\u{e9} x", "caf_x"),
            ("aB", "a_b"),
        ] {
            assert_eq!(snake(text), expected);
        }
    }

    #[test]
    fn a_word_at_the_seam_is_said_once() {
        let many = stack(true, &["api", "db-task"]);
        assert_eq!(in_root(&many, "api", "image"), "api_image");
        assert_eq!(in_root(&many, "db-task", "task_definition"), "db_task_definition");
        assert_eq!(in_root(&many, "web-bucket", "bucket"), "web_bucket_bucket");
    }

    #[test]
    fn a_lone_component_is_its_own_root_unless_it_is_an_environment() {
        assert_eq!(in_root(&stack(false, &["pipeline"]), "pipeline", "repository"), "repository");
        assert_eq!(in_root(&stack(true, &["web"]), "web", "url"), "web_url");
    }
}
