//! Names of a Terraform root's variables and outputs, from a component and the component's own name for them.
//!
//! The writer of the roots joins the two in the same way, so that a workflow can set what a root declares and
//! read what it shows. Must not know what is deployed.

use ir::Stack;

/// The module that a component is written as.
pub fn module(component: &str) -> String {
    component.replace('-', "_")
}

/// What a root calls a component's input or output. A stack of one component that is no environment is its own
/// root, and its names carry no prefix.
pub fn in_root(stack: &Stack, component: &str, name: &str) -> String {
    if !stack.environment && stack.graph.components.len() == 1 {
        return name.to_owned();
    }
    let module = module(component);
    let seam = module.rsplit('_').next().unwrap_or(&module);
    match name.strip_prefix(seam) {
        Some(rest) if rest.starts_with('_') => format!("{module}{rest}"),
        _ => format!("{module}_{name}"),
    }
}

/// The root variables that a deployment sets, such as images by digest: name in the root, component, input.
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
        let mut graph = ir::Graph::new();
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
