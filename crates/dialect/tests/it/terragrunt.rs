//! Terragrunt: every unit finds its module, gives it what it asks for and nothing else, and waits for no circle.

use std::collections::{BTreeMap, BTreeSet};

use hcl_edit::expr::{Expression, TraversalOperator};
use hcl_edit::structure::{Block, Body};
use hcl_edit::visit::{Visit, visit_traversal};
use ir::{Address, Bundle, Graph, Kind, Node, Ref, Stack, Step, Value};

use crate::{sample, schema};

const FOLDER: &str = "infra/terragrunt";

fn body(bundle: &Bundle, path: &str) -> Body {
    let file = bundle.get(path).unwrap_or_else(|| panic!("{path} is not written"));
    file.text.parse().unwrap_or_else(|e| panic!("{path}: {e}\n{}", file.text))
}

fn named<'b>(body: &'b Body, kind: &'b str) -> impl Iterator<Item = (String, &'b Block)> {
    let label = |b: &Block| b.labels.first().map(|l| l.as_str().to_owned()).unwrap_or_default();
    body.blocks().filter(move |b| b.ident.as_str() == kind).map(move |b| (label(b), b))
}

fn text(block: &Block, attribute: &str) -> String {
    let value = &block.body.get_attribute(attribute).unwrap_or_else(|| panic!("{attribute}")).value;
    value.to_string().trim().trim_matches('"').to_owned()
}

fn inputs(body: &Body) -> BTreeSet<String> {
    let Some(Expression::Object(object)) = body.get_attribute("inputs").map(|a| &a.value) else {
        return BTreeSet::new();
    };
    object.iter().map(|(key, _)| key.as_ident().expect("a plain name").as_str().to_owned()).collect()
}

/// What a body refers to, as unit and output.
#[derive(Default)]
struct Uses(BTreeSet<(String, String)>);

impl Visit for Uses {
    fn visit_traversal(&mut self, traversal: &hcl_edit::expr::Traversal) {
        if traversal.expr.as_variable().is_some_and(|v| v.as_str() == "dependency") {
            let names: Vec<&str> = traversal
                .operators
                .iter()
                .filter_map(|o| match o.value() {
                    TraversalOperator::GetAttr(name) => Some(name.as_str()),
                    _ => None,
                })
                .collect();
            assert_eq!(names[1], "outputs");
            self.0.insert((names[0].to_owned(), names[2].to_owned()));
        }
        visit_traversal(self, traversal);
    }
}

/// Stops at the first unit that does not hold.
fn check(bundle: &Bundle) -> usize {
    let units: Vec<&str> = bundle
        .iter()
        .filter_map(|(path, _)| path.strip_suffix("/terragrunt.hcl")?.strip_prefix(&format!("{FOLDER}/")))
        .collect();
    body(bundle, &format!("{FOLDER}/root.hcl"));
    let mut needs: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for unit in &units {
        let (stack, component) = unit.split_once('/').expect("a unit stands in a stack");
        let own = body(bundle, &format!("{FOLDER}/{unit}/terragrunt.hcl"));
        let mut files = vec![body(bundle, &format!("{FOLDER}/{stack}/env.hcl"))];
        if named(&own, "include").any(|(name, _)| name == "envcommon") {
            files.push(body(bundle, &format!("{FOLDER}/_envcommon/{component}.hcl")));
        }
        files.push(own);
        let source = files.iter().flat_map(|f| named(f, "terraform")).map(|(_, b)| text(b, "source")).last();
        let source = source.unwrap_or_else(|| panic!("{unit} has no module"));
        let module = format!("{FOLDER}/modules/{}", source.rsplit('/').next().expect("a path"));
        let variables = bundle.get(&format!("{module}/variables.tf"));
        let variables: Body = variables.map_or_else(Body::new, |f| f.text.parse().expect("HCL"));
        let all: BTreeSet<String> = named(&variables, "variable").map(|(name, _)| name).collect();
        let required = named(&variables, "variable")
            .filter(|(_, b)| !b.body.has_attribute("default"))
            .map(|(name, _)| name);
        let (env, rest) = files.split_first().expect("env.hcl");
        let given: BTreeSet<String> = rest.iter().flat_map(inputs).collect();
        assert!(given.is_subset(&all), "{unit}: {given:?} of {all:?}");
        let given: BTreeSet<String> = given.into_iter().chain(inputs(env)).collect();
        for name in required {
            assert!(given.contains(&name), "{unit}: nothing gives `{name}`");
        }
        // A later block of a dependency replaces an earlier one.
        let mut dependencies: BTreeMap<String, (String, BTreeSet<String>)> = BTreeMap::new();
        let mut uses = Uses::default();
        for file in rest {
            uses.visit_body(file);
            for (name, block) in named(file, "dependency") {
                let path = text(block, "config_path");
                let to = path.rsplit('/').next().expect("a path").to_owned();
                let Expression::Object(mocks) =
                    &block.body.get_attribute("mock_outputs").expect("mocks").value
                else {
                    panic!("{unit}: mocks of {name}");
                };
                let mocks = mocks.iter().map(|(key, _)| key.as_ident().expect("plain").as_str().to_owned());
                dependencies.insert(name, (to, mocks.collect()));
            }
        }
        for (name, output) in &uses.0 {
            let (to, mocks) = dependencies.get(name).unwrap_or_else(|| panic!("{unit}: no `{name}`"));
            assert!(mocks.contains(output), "{unit}: `{name}` has no mock of `{output}`");
            assert!(units.contains(&format!("{stack}/{to}").as_str()), "{unit}: there is no unit `{to}`");
            needs.entry((*unit).to_owned()).or_default().insert(format!("{stack}/{to}"));
        }
    }
    let mut made: BTreeSet<&str> = BTreeSet::new();
    while made.len() < units.len() {
        let ready = |u: &&&str| {
            !made.contains(**u) && needs.get(**u).is_none_or(|n| n.iter().all(|n| made.contains(n.as_str())))
        };
        let next = units.iter().find(ready).unwrap_or_else(|| panic!("a circle after {made:?}"));
        made.insert(next);
    }
    units.len()
}

#[test]
fn every_unit_gives_its_module_what_it_asks_for() {
    let (bundle, said) = dialect::terragrunt::write(&sample::stacks());
    assert!(!said.has_errors(), "{said:#?}");
    assert_eq!(check(&bundle), 12);
}

#[test]
fn components_that_need_each_other_become_units_that_follow_each_other() {
    let address = |component: &str, name: &str| Address::new(component, Kind::of("aws_sns_topic"), name);
    let node = |component: &str, name: &str, needs: &[(&str, &str)]| {
        let mut node = Node::new(address(component, name));
        for (component, name) in needs {
            let to = Ref { to: address(component, name), path: vec![Step::Attr("arn".into())] };
            node.attrs.insert("name".into(), Value::Ref(to));
        }
        node
    };
    let environment = |name: &str| {
        let mut graph = Graph::new();
        graph.insert(node("monitoring", "alarms", &[]));
        graph.insert(node("api", "this", &[("monitoring", "alarms")]));
        graph.insert(node("monitoring", "watch", &[("api", "this")]));
        Stack { name: name.into(), environment: true, region: "r".into(), tags: [].into(), graph }
    };
    let (bundle, said) = dialect::terragrunt::write(&[environment("staging"), environment("production")]);
    assert!(said.is_empty(), "{said:#?}");
    assert_eq!(check(&bundle), 6);
}

#[test]
fn every_kind_is_a_unit() {
    let stacks = [
        schema::stack("staging", &[(None, 1)]),
        schema::stack("production", &[(Some("a"), 1), (Some("b"), 2)]),
    ];
    for stack in &stacks {
        let (bundle, said) = dialect::terragrunt::write(std::slice::from_ref(stack));
        assert!(said.is_empty(), "{said:#?}");
        assert_eq!(
            check(&bundle),
            stack.graph.nodes().map(|n| &n.address.component).collect::<BTreeSet<_>>().len()
        );
    }
}
