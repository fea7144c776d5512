//! Terragrunt units and the graphs they are read as.

use std::path::Path;

use dialect::{Options, Place, Reading};
use ir::world::MemoryWorld;
use ir::{Diagnostics, Value};

fn read(files: &[(&str, &str)]) -> (Reading, Diagnostics) {
    let world = MemoryWorld::with(files.iter().map(|(path, text)| (format!("here/{path}"), *text)));
    let options = Options::default();
    let place = Place { world: &world, root: Path::new("here"), options: &options };
    let reader =
        dialect::READERS.iter().find(|reader| (reader.recognises)(&place)).expect("units are recognised");
    assert_eq!(reader.name, "terragrunt");
    (reader.read)(&place)
}

const ROOT: &str = r#"
locals {
  env    = read_terragrunt_config(find_in_parent_folders("env.hcl"))
  region = local.env.locals.region
}
generate "provider" {
  path      = "provider.tf"
  if_exists = "overwrite"
  contents  = <<EOF
provider "aws" {
  region = "${local.region}"
  default_tags {
    tags = { Unit = "${path_relative_to_include()}" }
  }
}
EOF
}
remote_state {
  backend = "s3"
  config  = { bucket = "x-${get_aws_account_id()}", key = "${path_relative_to_include()}/terraform.tfstate" }
}
inputs = merge(local.env.locals, { owner = "platform", tags = { A = "root", B = "root" } })
"#;

const COMMON: &str = r#"
terraform {
  source = "${get_repo_root()}/modules//app"
}
dependency "vpc" {
  config_path  = "../vpc"
  mock_outputs = { vpc_id = "vpc-mock" }
}
inputs = {
  vpc_id = dependency.vpc.outputs.vpc_id
  size   = "small"
}
"#;

const APP: &str = r#"
include "root" {
  path = find_in_parent_folders("root.hcl")
}
include "common" {
  path           = "${dirname(find_in_parent_folders("root.hcl"))}/_envcommon/app.hcl"
  expose         = true
  merge_strategy = "deep"
}
inputs = {
  name = "app-${include.common.inputs.size}-${basename(get_terragrunt_dir())}"
  tags = { B = "unit" }
  text = file("note.txt")
}
"#;

const MODULE: &str = r#"
variable "name" { type = string }
variable "vpc_id" { type = string }
variable "owner" { type = string }
variable "tags" { type = map(string) }
variable "text" { type = string }
resource "aws_security_group" "this" {
  name        = var.name
  vpc_id      = var.vpc_id
  description = "${var.owner}: ${var.text}"
  tags        = var.tags
}
"#;

#[test]
fn units_run_their_modules_with_what_they_include() {
    let (reading, diagnostics) = read(&[
        ("root.hcl", ROOT),
        ("_envcommon/app.hcl", COMMON),
        ("envs/prod/env.hcl", "locals {\n  region = \"eu-west-1\"\n}\n"),
        ("envs/prod/vpc/terragrunt.hcl", "include {\n  path = find_in_parent_folders(\"root.hcl\")\n}\n"),
        (
            "envs/prod/vpc/main.tf",
            "resource \"aws_vpc\" \"this\" {\n}\noutput \"vpc_id\" {\n  value = aws_vpc.this.id\n}\n",
        ),
        ("envs/prod/app/terragrunt.hcl", APP),
        ("envs/prod/app/note.txt", "hello"),
        ("modules/app/main.tf", MODULE),
        (
            "far/terragrunt.hcl",
            "terraform {\n  source = \"tfr:///terraform-aws-modules/vpc/aws?version=5.0.0\"\n}\n",
        ),
    ]);
    assert_eq!(diagnostics.iter().map(|d| d.id).collect::<Vec<_>>(), ["module-elsewhere"], "{diagnostics:?}");
    let stacks: Vec<_> =
        reading.stacks.iter().map(|s| (s.name.as_str(), s.region.as_str(), s.environment)).collect();
    assert_eq!(stacks, [("app", "eu-west-1", true), ("vpc", "eu-west-1", true)]);
    let app = &reading.stacks[0];
    assert_eq!(app.tags["Unit"], "envs/prod/app");
    let group = app.graph.nodes().next().expect("there");
    assert_eq!(group.attrs["name"].text().as_deref(), Some("app-small-app"));
    assert!(matches!(group.get("vpc_id"), Some(Value::Unknown(reason)) if reason.contains("`vpc`")));
    assert_eq!(group.get("tags"), Some(&Value::map([("A", "root"), ("B", "unit")])));
    let description = group.get("description").expect("set");
    assert!(format!("{description:?}").contains("envs/prod/app/note.txt"), "{description:?}");
}

#[test]
fn units_that_go_in_circles_or_lack_files_are_read_as_far_as_they_go() {
    let (reading, diagnostics) = read(&[
        ("a/terragrunt.hcl", "include \"x\" {\n  path = \"../b/terragrunt.hcl\"\n}\n"),
        ("a/main.tf", "resource \"t\" \"t\" {\n}\n"),
        ("b/terragrunt.hcl", "include \"x\" {\n  path = \"../a/terragrunt.hcl\"\n}\n"),
        (
            "c/terragrunt.hcl",
            "include \"x\" {\n  path = find_in_parent_folders(\"none.hcl\")\n}\ninputs = {\n  x = read_terragrunt_config(\"terragrunt.hcl\")\n}\n",
        ),
        ("c/main.tf", "variable \"x\" {}\nresource \"t\" \"t\" {\n  x = var.x\n}\n"),
        ("d/terragrunt.hcl", "terraform {\n  source = \"../../../outside\"\n}\n"),
        ("e/terragrunt.hcl", "inputs = {\n  x = \n}\nterraform {\n  source = \".\"\n}\n"),
        ("e/main.tf", "resource \"t\" \"t\" {\n}\n"),
    ]);
    let names: Vec<&str> = reading.stacks.iter().map(|s| s.name.as_str()).collect();
    assert!(names.contains(&"c") && names.contains(&"e"), "{names:?}");
    let ids: Vec<&str> = diagnostics.iter().map(|d| d.id).collect();
    for id in ["module-depth", "terraform-syntax", "module-elsewhere"] {
        assert!(ids.contains(&id), "{id}: {ids:?}");
    }
}
