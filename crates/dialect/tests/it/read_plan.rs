//! Plans as `terraform show -json` prints them, and the graphs they are read as.

use std::path::Path;

use dialect::{Options, Place};
use ir::Value;
use ir::world::MemoryWorld;

const PLAN: &str = r#"{
  "format_version": "1.2",
  "terraform_version": "1.9.0",
  "variables": { "region": { "value": "eu-west-1" } },
  "planned_values": { "root_module": {
    "resources": [
      { "address": "aws_vpc.main", "mode": "managed", "type": "aws_vpc", "name": "main",
        "provider_name": "registry.terraform.io/hashicorp/aws", "schema_version": 1,
        "values": { "cidr_block": "10.0.0.0/16", "tags": null, "ipv6_ipam_pool_id": null },
        "sensitive_values": {} },
      { "address": "aws_db_instance.db", "mode": "managed", "type": "aws_db_instance", "name": "db",
        "values": { "engine": "postgres", "password": "hunter2", "restore_to_point_in_time": [] },
        "sensitive_values": { "password": true } },
      { "address": "aws_eip.lone[0]", "mode": "managed", "type": "aws_eip", "name": "lone", "index": 0,
        "values": { "domain": "vpc" }, "sensitive_values": {} }
    ],
    "child_modules": [
      { "address": "module.net[\"a\"]",
        "resources": [
          { "address": "module.net[\"a\"].aws_subnet.this[0]", "mode": "managed", "type": "aws_subnet", "name": "this", "index": 0,
            "values": { "cidr_block": "10.0.0.0/24" }, "sensitive_values": {} },
          { "address": "module.net[\"a\"].aws_subnet.this[1]", "mode": "managed", "type": "aws_subnet", "name": "this", "index": 1,
            "values": { "cidr_block": "10.0.1.0/24" }, "sensitive_values": {} }
        ] },
      { "address": "module.app[0]",
        "resources": [
          { "address": "module.app[0].aws_lb.this", "mode": "managed", "type": "aws_lb", "name": "this",
            "values": { "name": "x", "access_logs": [] }, "sensitive_values": {} }
        ] }
    ] } },
  "prior_state": { "values": { "root_module": { "resources": [
      { "address": "data.aws_region.current", "mode": "data", "type": "aws_region", "name": "current",
        "values": { "name": "eu-west-1" }, "sensitive_values": {} } ] } } },
  "configuration": {
    "provider_config": { "aws": { "name": "aws", "expressions": {
      "region": { "references": ["var.region"] },
      "default_tags": [ { "tags": { "constant_value": { "App": "shop" } } } ] } } },
    "root_module": {
      "resources": [
        { "address": "aws_db_instance.db", "mode": "managed", "type": "aws_db_instance", "name": "db", "provider_config_key": "aws",
          "expressions": { "db_subnet_group_name": { "references": ["local.group"] } }, "depends_on": ["aws_vpc.main"] },
        { "address": "aws_eip.lone", "mode": "managed", "type": "aws_eip", "name": "lone", "provider_config_key": "aws",
          "expressions": { "instance": { "references": ["aws_db_instance.db.id", "aws_db_instance.db"] } } }
      ],
      "module_calls": {
        "net": { "source": "./net", "expressions": { "vpc": { "references": ["aws_vpc.main.id", "aws_vpc.main"] } },
          "module": {
            "outputs": { "ids": { "expression": { "references": ["aws_subnet.this"] } },
                         "first": { "expression": { "references": ["aws_subnet.this[0].id", "aws_subnet.this[0]", "aws_subnet.this"] } } },
            "resources": [
              { "address": "aws_subnet.this", "mode": "managed", "type": "aws_subnet", "name": "this", "provider_config_key": "aws",
                "expressions": { "vpc_id": { "references": ["var.vpc"] }, "cidr_block": { "references": ["count.index"] } } } ] } },
        "app": { "source": "./app", "expressions": {
            "subnets": { "references": ["module.net[\"a\"].first", "module.net[\"a\"]", "module.net"] } },
          "module": { "resources": [
              { "address": "aws_lb.this", "mode": "managed", "type": "aws_lb", "name": "this", "provider_config_key": "aws",
                "expressions": { "subnets": { "references": ["var.subnets"] }, "access_logs": [ { "bucket": { "references": ["aws_s3.x"] } } ] } } ] } }
      } } } }"#;

fn read(text: &str) -> (dialect::Reading, ir::Diagnostics) {
    let world = MemoryWorld::with([("plan.json", text)]);
    let options = Options::default();
    let place = Place { world: &world, root: Path::new("plan.json"), options: &options };
    let reader =
        dialect::READERS.iter().find(|reader| (reader.recognises)(&place)).expect("a plan is recognised");
    assert_eq!(reader.name, "terraform-plan");
    (reader.read)(&place)
}

#[test]
fn a_plan_says_what_is_set_and_what_leads_where() {
    let (reading, diagnostics) = read(PLAN);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let stack = &reading.stacks[0];
    assert_eq!(
        (stack.name.as_str(), stack.region.as_str(), stack.tags["App"].as_str()),
        ("plan", "eu-west-1", "shop")
    );
    let graph = &stack.graph;
    let addresses: Vec<String> = graph.nodes().map(|n| n.address.to_string()).collect();
    assert_eq!(
        addresses,
        [
            "aws_vpc.main",
            "aws_db_instance.db",
            "aws_eip.lone",
            "module.net[\"a\"].aws_subnet.this[\"0\"]",
            "module.net[\"a\"].aws_subnet.this[\"1\"]",
            "module.app.aws_lb.this",
            "data.aws_region.current",
        ]
    );
    let leads = |kind: &str, attr: &str| {
        let node = graph.of_kind(kind).next().expect("there");
        let refs = node.attrs.get(attr).map(Value::refs).unwrap_or_default();
        refs.iter().map(|r| r.to.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(leads("aws_eip", "instance"), ["aws_db_instance.db"]);
    assert_eq!(leads("aws_subnet", "vpc_id"), ["aws_vpc.main"]);
    assert_eq!(leads("aws_lb", "subnets"), ["module.net[\"a\"].aws_subnet.this[\"0\"]"]);
    let db = graph.of_kind("aws_db_instance").next().expect("there");
    assert!(dialect::reading::is_plain_secret(&db.attrs["password"]));
    assert!(matches!(db.attrs["db_subnet_group_name"], Value::Unknown(_)));
    assert!(!db.attrs.contains_key("restore_to_point_in_time"));
    assert_eq!(db.depends_on.len(), 1);
    assert!(!format!("{graph:?}").contains("hunter2"));
    let origin = db.origin.expect("read from a file");
    assert!(
        reading.sources.get(origin.file).text[origin.range()]
            .starts_with("{ \"address\": \"aws_db_instance.db\"")
    );
}

#[test]
fn what_is_no_plan_is_said_to_be_none() {
    for text in [
        "{ \"format_version\": \"1.2\", \"planned_values\": [ }",
        "{ \"format_version\": \"1.2\", \"planned_values\": 3 }",
        &PLAN[..PLAN.len() / 2],
    ] {
        let (reading, diagnostics) = read(text);
        assert!(reading.stacks.is_empty());
        assert_eq!(diagnostics.iter().map(|d| d.id).collect::<Vec<_>>(), ["terraform-plan"]);
    }
    let deep =
        format!("{{\"format_version\":\"1\",\"planned_values\":{}", "{\"root_module\":".repeat(10_000));
    assert_eq!(read(&deep).1.len(), 1);
}
