//! Terraform of clouds other than AWS: providers, backends and tags come from the kinds that a stack holds.

use dialect::terraform::write;
use ir::{Address, Graph, Kind, Node, Stack, Value};

use crate::{declared, text};

fn stack(name: &str, nodes: impl IntoIterator<Item = Node>) -> Stack {
    let mut graph = Graph::new();
    nodes.into_iter().for_each(|n| graph.insert(n));
    let tags = [("Application", "shop"), ("Environment", name)].map(|(k, v)| (k.to_owned(), v.to_owned()));
    Stack { name: name.into(), environment: true, region: "somewhere".into(), tags: tags.into(), graph }
}

fn node(component: &str, kind: &'static str, attrs: impl IntoIterator<Item = (&'static str, Value)>) -> Node {
    let mut node = Node::new(Address::new(component, Kind::of(kind), "this"));
    node.attrs.extend(attrs.into_iter().map(|(k, v)| (k.to_owned(), v)));
    node
}

#[test]
fn a_root_asks_for_the_providers_of_its_kinds_and_keeps_state_in_its_cloud() {
    for (kind, provider, backend, settings) in [
        ("aws_vpc", "hashicorp/aws", "\"s3\"", "default_tags"),
        ("azurerm_resource_group", "hashicorp/azurerm", "\"azurerm\"", "features {}"),
        ("google_compute_network", "hashicorp/google", "\"gcs\"", "default_labels"),
    ] {
        let nodes = [node("a", kind, []), node("b", "mongodbatlas_project", [])];
        let (bundle, said) = write(&[stack("production", nodes)]);
        assert!(said.is_empty(), "{said:#?}");
        declared::check(&bundle);
        let versions = text(&bundle, "envs/production/versions.tf");
        assert!(versions.contains(provider) && versions.contains("mongodb/mongodbatlas"), "{versions}");
        let module = text(&bundle, "modules/a/versions.tf");
        assert!(module.contains(provider) && !module.contains("mongodbatlas"), "{module}");
        assert!(text(&bundle, "envs/production/backend.tf").contains(backend));
        let providers = text(&bundle, "envs/production/providers.tf");
        assert!(providers.contains(settings) && !providers.contains("mongodbatlas"), "{providers}");
    }
}

#[test]
fn tags_that_no_provider_sets_are_written_on_every_resource_that_carries_them() {
    let own = Value::map([("Data", "orders"), ("Application", "shop")]);
    let environment = |name: &str| {
        let nodes = ["one", "two", "three"].map(|c| node(c, "azurerm_resource_group", []));
        let tagged = node("four", "azurerm_storage_account", [("tags", own.clone())]);
        let untagged = node("five", "azurerm_subnet", []);
        stack(name, nodes.into_iter().chain([tagged, untagged]))
    };
    let (bundle, said) = write(&[environment("staging"), environment("production")]);
    assert!(said.is_empty(), "{said:#?}");
    declared::check(&bundle);
    assert!(text(&bundle, "modules/one/main.tf").contains("tags = var.tags"));
    let merged = text(&bundle, "modules/four/main.tf");
    assert!(
        merged.contains("merge(") && merged.contains("var.tags,") && !merged.contains("Application"),
        "{merged}"
    );
    assert!(!text(&bundle, "modules/five/main.tf").contains("tags"));
    let root = text(&bundle, "envs/production/main.tf");
    assert_eq!(root.matches("Environment").count(), 1, "{root}");
    assert_eq!(root.matches("local.tags").count(), 4, "{root}");
}
