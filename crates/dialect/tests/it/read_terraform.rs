//! Terraform configurations and the graphs they are read as.
#![allow(clippy::disallowed_methods, reason = "links and large files stand on a disk only")]

use std::path::Path;

use dialect::{Options, Place, Reading};
use ir::world::MemoryWorld;
use ir::{Diagnostics, Graph, Ref, Stack, Step, Value};

fn read_with(files: &[(&str, &str)], options: &Options) -> (Reading, Diagnostics) {
    let world = MemoryWorld::with(files.iter().map(|(path, text)| (format!("here/{path}"), *text)));
    dialect::terraform::read::read(&Place { world: &world, root: Path::new("here"), options })
}

fn read(files: &[(&str, &str)]) -> (Reading, Diagnostics) {
    read_with(files, &Options::default())
}

fn one(files: &[(&str, &str)]) -> Stack {
    let (reading, diagnostics) = read(files);
    assert!(!diagnostics.has_errors(), "{diagnostics:?}");
    let [stack] = <[Stack; 1]>::try_from(reading.stacks).expect("one root");
    stack
}

fn graph(text: &str) -> Graph {
    one(&[("main.tf", text)]).graph
}

fn ids(diagnostics: &Diagnostics) -> Vec<&'static str> {
    diagnostics.iter().map(|d| d.id).collect()
}

/// The addresses of a graph, in the order of the files.
fn addresses(graph: &Graph) -> Vec<String> {
    graph.nodes().map(|n| n.address.to_string()).collect()
}

/// A value in words: references by their address, unknowns by a question mark.
fn shown(value: &Value) -> String {
    match value.known() {
        Value::Null => "null".into(),
        Value::Str(s) => format!("{s:?}"),
        Value::List(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", ")),
        Value::Map(entries) => {
            let entries: Vec<String> = entries.iter().map(|(k, v)| format!("{k} = {}", shown(v))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        Value::Ref(Ref { to, path }) => {
            let steps = path.iter().map(|step| match step {
                Step::Attr(name) => format!(".{name}"),
                Step::Index(i) => format!("[{i}]"),
            });
            format!("{to}{}", steps.collect::<String>())
        }
        whole @ Value::Template(_) if whole.text().is_some() => format!("{:?}", whole.text().expect("whole")),
        Value::Template(parts) => format!("<{}>", parts.iter().map(shown).collect::<Vec<_>>().join(" ")),
        Value::Json(inner) => format!("json({})", shown(inner)),
        Value::File(path) => format!("file({path})"),
        Value::Secret(secret) => format!("secret({})", secret.name),
        Value::Unknown(_) => "?".into(),
        scalar => scalar.text().unwrap_or_default(),
    }
}

/// What every expression is read as, between declarations that they may use.
#[test]
fn expressions_have_the_values_that_terraform_gives_them() {
    let declarations = r#"
        variable "missing" {}
        variable "name" { default = "shop" }
        variable "zones" { default = ["a", "b"] }
        variable "typed" {
          type = object({ size = optional(number, 3), on = optional(bool), tags = map(string) })
          default = { tags = { n = 1 } }
        }
        locals {
          up    = upper(var.name)
          range = "10.0.0.0/16"
          table = { b = 2, a = 1 }
          deep  = [{ n = "x", l = [1, 2] }, { n = "y", l = [3] }]
        }
        resource "aws_vpc" "main" {}
        resource "aws_vpc" "sized" {
          cidr_block = local.range
          tags       = { Name = var.name, Own = aws_vpc.sized.cidr_block }
        }
        resource "aws_db_instance" "db" { password = "hunter2" }
        resource "aws_subnet" "counted" { count = 2 }
        resource "aws_subnet" "single" { count = 1 }
        resource "aws_subnet" "none" { count = 0 }
        resource "aws_subnet" "keyed" { for_each = toset(["x", "y"]) }
        resource "aws_subnet" "later" { for_each = var.missing }
        data "aws_availability_zones" "all" {}
    "#;
    let mut wrong = Vec::new();
    for (expression, expected) in [
        ("1 + 2 * 3", "7"),
        ("7 / 2", "3.5"),
        ("-7 % 3", "-1"),
        ("!true || 2 >= 2 && \"a\" != \"b\"", "true"),
        ("\"${var.name}-db\"", "\"shop-db\""),
        ("\"a $${b} %%{c}\"", "\"a ${b} %{c}\""),
        ("local.up", "\"SHOP\""),
        ("var.name == \"shop\" ? 1 : aws_vpc.none.id", "1"),
        ("var.missing == \"x\" ? 1 : 2", "?"),
        ("var.missing == \"x\" ? 5 : 5", "5"),
        ("false && var.missing", "false"),
        ("aws_vpc.main.id", "aws_vpc.main.id"),
        ("aws_vpc.main.id == null", "false"),
        ("\"${aws_vpc.main.id}-x\"", "<aws_vpc.main.id \"-x\">"),
        ("aws_subnet.counted[1].id", "aws_subnet.counted[\"1\"].id"),
        ("aws_subnet.counted.*.id", "[aws_subnet.counted[\"0\"].id, aws_subnet.counted[\"1\"].id]"),
        ("aws_subnet.counted[*].id", "[aws_subnet.counted[\"0\"].id, aws_subnet.counted[\"1\"].id]"),
        ("aws_subnet.single[0].id", "aws_subnet.single.id"),
        ("one(aws_subnet.none[*].id)", "null"),
        ("aws_subnet.keyed[\"x\"].id", "aws_subnet.keyed[\"x\"].id"),
        (
            "[for k, s in aws_subnet.keyed : s.arn]",
            "[aws_subnet.keyed[\"x\"].arn, aws_subnet.keyed[\"y\"].arn]",
        ),
        (
            "{ for k, s in aws_subnet.keyed : k => s.id }",
            "{x = aws_subnet.keyed[\"x\"].id, y = aws_subnet.keyed[\"y\"].id}",
        ),
        ("values(aws_subnet.keyed)[*].id", "[aws_subnet.keyed[\"x\"].id, aws_subnet.keyed[\"y\"].id]"),
        ("aws_subnet.later[\"z\"].id", "aws_subnet.later.id"),
        ("data.aws_availability_zones.all.names[1]", "data.aws_availability_zones.all.names[1]"),
        ("element(data.aws_availability_zones.all.names, 1)", "data.aws_availability_zones.all.names[1]"),
        ("length(data.aws_availability_zones.all.names)", "?"),
        ("[for i, z in var.zones : \"${i}${z}\" if z != \"a\"]", "[\"1b\"]"),
        ("{ for x in local.deep : x.n => x.l... }", "{x = [[1, 2]], y = [[3]]}"),
        ("local.deep[*].l[0]", "[1, 3]"),
        ("local.deep.0.n", "\"x\""),
        ("[for k, v in local.table : k]", "[\"a\", \"b\"]"),
        ("var.typed", "{size = 3, on = null, tags = {n = \"1\"}}"),
        ("\"%{ if var.name == \"shop\" }yes%{ else }no%{ endif }\"", "\"yes\""),
        ("\"%{ for z in var.zones ~} ${z}, %{ endfor ~} end\"", "\"a, b, end\""),
        ("<<-EOT\n    one\n      ${var.name}\n    EOT\n", "\"one\\n  shop\\n\""),
        ("try(local.table.c, local.table.b)", "2"),
        ("can(local.table.c)", "false"),
        ("local.table.c", "?"),
        ("var.missing", "?"),
        ("nothing.of_this.kind", "?"),
        ("merge({ a = 1 }, null, { a = 2, b = aws_vpc.main.id })", "{a = 2, b = aws_vpc.main.id}"),
        ("concat([1], [aws_vpc.main.id])", "[1, aws_vpc.main.id]"),
        ("flatten([[1, [2]], [3]])", "[1, 2, 3]"),
        ("distinct([\"a\", \"a\", \"b\"])", "[\"a\", \"b\"]"),
        ("sort([\"b\", \"a\"])", "[\"a\", \"b\"]"),
        ("toset([\"b\", \"a\", \"b\"])", "[\"a\", \"b\"]"),
        ("setproduct([\"a\", \"b\"], [1, 2])", "[[\"a\", 1], [\"a\", 2], [\"b\", 1], [\"b\", 2]]"),
        ("setunion([\"a\"], [\"b\"])", "[\"a\", \"b\"]"),
        ("setsubtract([\"a\", \"b\"], [\"b\"])", "[\"a\"]"),
        ("setintersection([\"a\", \"b\"], [\"b\"])", "[\"b\"]"),
        ("lookup(local.table, \"c\", 9)", "9"),
        ("contains(var.zones, \"b\")", "true"),
        ("contains([aws_vpc.main.id], \"b\")", "?"),
        ("coalesce(\"\", null, aws_vpc.main.id, \"x\")", "aws_vpc.main.id"),
        ("compact([\"\", \"a\", null])", "[\"a\"]"),
        ("chunklist([1, 2, 3], 2)", "[[1, 2], [3]]"),
        ("slice([1, 2, 3], 1, 3)", "[2, 3]"),
        ("range(3)", "[0, 1, 2]"),
        ("range(1, 8, 3)", "[1, 4, 7]"),
        ("zipmap([\"a\", \"b\"], [1, aws_vpc.main.id])", "{a = 1, b = aws_vpc.main.id}"),
        ("transpose({ a = [\"1\", \"2\"], b = [\"2\"] })", "{1 = [\"a\"], 2 = [\"a\", \"b\"]}"),
        ("matchkeys([\"i\", \"j\"], [\"a\", \"b\"], [\"b\"])", "[\"j\"]"),
        ("index([\"a\", \"b\"], \"b\")", "1"),
        ("keys(local.table)", "[\"a\", \"b\"]"),
        ("min(3, 1, 2) + max(1, 5)", "6"),
        ("pow(2, 10)", "1024"),
        ("parseint(\"ff\", 16)", "255"),
        ("ceil(1.2) + floor(1.8)", "3"),
        ("sum([1, 2.5])", "3.5"),
        ("min([1, 2]...)", "1"),
        ("join(\",\", var.zones)", "\"a,b\""),
        (
            "join(\",\", aws_subnet.counted[*].id)",
            "<aws_subnet.counted[\"0\"].id \",\" aws_subnet.counted[\"1\"].id>",
        ),
        ("split(\",\", \"a,b\")", "[\"a\", \"b\"]"),
        ("format(\"%s-%03d-%q-%5.1f%%\", \"a\", 7, \"b\", 2.25)", "\"a-007-\\\"b\\\"-  2.2%\""),
        ("format(\"%s/x\", aws_vpc.main.id)", "<aws_vpc.main.id \"/x\">"),
        ("formatlist(\"%s-%s\", [\"a\", \"b\"], \"z\")", "[\"a-z\", \"b-z\"]"),
        ("replace(\"a-b\", \"/[a-z]/\", \"x\")", "\"x-x\""),
        ("regex(\"v(\\\\d+)\", \"v12\")", "[\"12\"]"),
        ("regexall(\"[a-z]\", \"a1b\")", "[\"a\", \"b\"]"),
        ("substr(\"hello\", 1, 3)", "\"ell\""),
        ("title(\"hello world\")", "\"Hello World\""),
        ("trimsuffix(\"a.b\", \".b\")", "\"a\""),
        ("indent(2, \"a\\nb\")", "\"a\\n  b\""),
        ("lower(aws_vpc.main.id)", "?"),
        ("cidrsubnet(\"10.0.0.0/16\", 8, 3)", "\"10.0.3.0/24\""),
        (
            "cidrsubnets(\"10.1.0.0/16\", 4, 4, 8, 4)",
            "[\"10.1.0.0/20\", \"10.1.16.0/20\", \"10.1.32.0/24\", \"10.1.48.0/20\"]",
        ),
        ("cidrhost(\"10.0.0.0/24\", -2)", "\"10.0.0.254\""),
        ("cidrhost(\"fd00::/64\", 34)", "\"fd00::22\""),
        ("cidrnetmask(\"172.16.0.0/12\")", "\"255.240.0.0\""),
        ("base64encode(\"hi\")", "\"aGk=\""),
        ("base64decode(\"aGk=\")", "\"hi\""),
        ("md5(\"hello world\")", "\"5eb63bbbe01eeed093cb22bb8f5acdc3\""),
        ("sha1(\"hello world\")", "\"2aae6c35c94fcfb415dbe95f408b9ce91ee846ed\""),
        ("uuidv5(\"dns\", \"www.terraform.io\")", "\"a5008fae-b28c-5ba5-96cd-82b4c53552d6\""),
        ("jsonencode({ b = 1, a = aws_vpc.main.arn })", "json({b = 1, a = aws_vpc.main.arn})"),
        ("jsondecode(\"{\\\"a\\\": [1, true, null]}\").a", "[1, true, null]"),
        ("jsondecode(jsonencode({ a = aws_vpc.main.id })).a", "aws_vpc.main.id"),
        ("base64encode(jsonencode({ b = \"<\", a = 1 }))", "\"eyJhIjoxLCJiIjoiXHUwMDNjIn0=\""),
        ("yamldecode(\"a: [1, x]\")", "{a = [1, \"x\"]}"),
        ("csvdecode(\"a,b\\n1,2\")", "[{a = \"1\", b = \"2\"}]"),
        ("urlencode(\"a b&c\")", "\"a+b%26c\""),
        ("tonumber(\"5\") + tonumber(\"0.5\")", "5.5"),
        ("tostring(5)", "\"5\""),
        ("tobool(\"true\")", "true"),
        ("startswith(\"abc\", \"ab\") && endswith(\"abc\", \"bc\") && strcontains(\"abc\", \"b\")", "true"),
        ("timeadd(\"2024-02-28T23:30:00Z\", \"48h30m\")", "\"2024-03-02T00:00:00Z\""),
        ("timecmp(\"2024-01-01T00:00:00Z\", \"2024-01-01T01:00:00+01:00\")", "0"),
        ("formatdate(\"EEE, DD MMM YYYY hh:mm ZZZ 'o''\", \"2018-01-02T23:12:01Z\")", "?"),
        (
            "formatdate(\"EEE, DD MMM YYYY hh:mm ZZZ\", \"2018-01-02T23:12:01Z\")",
            "\"Tue, 02 Jan 2018 23:12 UTC\"",
        ),
        ("timestamp()", "?"),
        ("provider::x::f(1)", "?"),
        ("not_a_function(1)", "?"),
        ("path.module", "\".\""),
        ("file(\"${path.module}/../x\")", "?"),
        ("alltrue([true, false])", "false"),
        ("cidrsubnet(aws_vpc.sized.cidr_block, 8, 3)", "\"10.0.3.0/24\""),
        ("aws_vpc.sized.cidr_block", "aws_vpc.sized.cidr_block"),
        ("aws_vpc.sized.cidr_block == \"10.0.0.0/16\" ? 1 : 2", "1"),
        ("merge(aws_vpc.sized.tags, { A = 1 })", "{Name = \"shop\", Own = \"10.0.0.0/16\", A = 1}"),
        ("upper(aws_vpc.sized.tags.Name)", "\"SHOP\""),
        ("base64encode(aws_db_instance.db.password)", "?"),
        ("sensitive(\"x\")", "?"),
    ] {
        let text = format!("{declarations}\nresource \"t\" \"t\" {{\n  x = {expression}\n}}\n");
        let graph = graph(&text);
        let node = graph.of_kind("t").next().expect("there");
        let value = node.attrs.get("x").map_or("null".to_owned(), shown);
        if value != expected {
            wrong.push(format!("{expression}\n    is   {value}\n    not  {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn blocks_stand_as_often_as_they_say() {
    let graph = graph(
        r#"
        variable "unknown" {}
        variable "rules" {
          type    = list(object({ port = number, cidrs = optional(list(string), ["0.0.0.0/0"]) }))
          default = [{ port = 80 }, { port = 443, cidrs = ["10.0.0.0/8"] }]
        }
        resource "aws_instance" "off" { count = false ? 1 : 0 }
        resource "aws_instance" "once" { count = true ? 1 : 0 }
        resource "aws_instance" "many" {
          count = 2
          tags  = { Name = "web-${count.index}" }
        }
        resource "aws_instance" "each" {
          for_each      = { b = "small", a = "large" }
          instance_type = each.value
          depends_on    = [aws_instance.many]
        }
        resource "aws_instance" "perhaps" { count = var.unknown ? 1 : 0 }
        resource "aws_security_group" "this" {
          ingress {
            from_port = 22
          }
          dynamic "ingress" {
            for_each = var.rules
            iterator = rule
            content {
              from_port   = rule.value.port
              cidr_blocks = rule.value.cidrs
              description = "rule ${rule.key}"
            }
          }
          dynamic "egress" {
            for_each = var.unknown
            content {}
          }
          lifecycle {
            create_before_destroy = true
            ignore_changes        = [tags["Owner"], ingress[0].description, name]
          }
        }
    "#,
    );
    assert_eq!(
        addresses(&graph),
        [
            "aws_instance.once",
            "aws_instance.many[\"0\"]",
            "aws_instance.many[\"1\"]",
            "aws_instance.each[\"a\"]",
            "aws_instance.each[\"b\"]",
            "aws_instance.perhaps",
            "aws_security_group.this",
        ]
    );
    let each = graph.nodes().find(|n| n.address.key.as_deref() == Some("a")).expect("there");
    assert_eq!(shown(&each.attrs["instance_type"]), "\"large\"");
    assert_eq!(each.depends_on.len(), 2);
    let group = graph.of_kind("aws_security_group").next().expect("there");
    assert_eq!(
        shown(&group.attrs["ingress"]),
        "[{from_port = 22}, {from_port = 80, cidr_blocks = [\"0.0.0.0/0\"], description = \"rule 0\"}, \
         {from_port = 443, cidr_blocks = [\"10.0.0.0/8\"], description = \"rule 1\"}]"
    );
    assert_eq!(shown(&group.attrs["egress"]), "?");
    assert!(group.lifecycle.create_before_destroy);
    assert_eq!(group.lifecycle.ignore_changes, ["tags.Owner", "ingress.0.description", "name"]);
}

#[test]
fn modules_are_followed_through_variables_and_outputs() {
    let stack = one(&[
        (
            "main.tf",
            r#"
            provider "aws" {
              region = local.region
              default_tags { tags = { App = "shop" } }
            }
            provider "aws" {
              alias  = "east"
              region = "us-east-1"
            }
            locals { region = "eu-west-1" }
            module "network" {
              source = "./modules/network"
              cidr   = "10.0.0.0/16"
            }
            module "app" {
              source    = "./modules/app"
              for_each  = { blue = 1, green = 2 }
              vpc_id    = module.network.vpc_id
              subnets   = module.network.subnets
              size      = each.value
              providers = { aws = aws.east }
              depends_on = [module.network]
            }
            module "elsewhere" { source = "terraform-aws-modules/s3-bucket/aws" }
            resource "aws_eip" "this" {
              instance = module.app["green"].instance_id
              domain   = module.elsewhere.domain
              tags     = { All = join(",", [for m in module.app : m.size]) }
            }
            output "blue" { value = module.app["blue"].instance_id }
        "#,
        ),
        (
            "modules/network/main.tf",
            r#"
            variable "cidr" { type = string }
            resource "aws_vpc" "this" { cidr_block = var.cidr }
            module "subnets" {
              source = "./subnets"
              vpc    = aws_vpc.this
            }
            output "vpc_id" { value = aws_vpc.this.id }
            output "subnets" { value = module.subnets.ids }
        "#,
        ),
        (
            "modules/network/subnets/main.tf",
            r#"
            variable "vpc" {}
            resource "aws_subnet" "this" {
              count      = 2
              vpc_id     = var.vpc.id
              cidr_block = cidrsubnet("10.0.0.0/16", 8, count.index)
            }
            output "ids" { value = aws_subnet.this[*].id }
        "#,
        ),
        (
            "modules/app/main.tf",
            r#"
            variable "vpc_id" {}
            variable "subnets" { type = list(string) }
            variable "size" { type = string }
            resource "aws_instance" "this" {
              subnet_id     = var.subnets[1]
              instance_type = "t3.${var.size}"
              user_data     = file("${path.module}/boot.sh")
            }
            output "instance_id" { value = aws_instance.this.id }
            output "size" { value = var.size }
        "#,
        ),
        ("modules/app/boot.sh", "echo"),
    ]);
    assert_eq!((stack.region.as_str(), stack.name.as_str()), ("eu-west-1", "here"));
    assert_eq!(stack.tags["App"], "shop");
    let graph = &stack.graph;
    assert_eq!(
        addresses(graph),
        [
            "aws_eip.this",
            "module.network.aws_vpc.this",
            "module.network.subnets.aws_subnet.this[\"0\"]",
            "module.network.subnets.aws_subnet.this[\"1\"]",
            "module.app[\"blue\"].aws_instance.this",
            "module.app[\"green\"].aws_instance.this",
        ]
    );
    let eip = graph.of_kind("aws_eip").next().expect("there");
    assert_eq!(shown(&eip.attrs["instance"]), "module.app[\"green\"].aws_instance.this.id");
    assert_eq!(shown(&eip.attrs["domain"]), "?");
    assert_eq!(shown(&eip.attrs["tags"]), "{All = \"1,2\"}");
    let green = graph.of_kind("aws_instance").last().expect("there");
    assert_eq!(shown(&green.attrs["subnet_id"]), "module.network.subnets.aws_subnet.this[\"1\"].id");
    assert_eq!(shown(&green.attrs["user_data"]), "file(modules/app/boot.sh)");
    assert_eq!(green.region.as_deref(), Some("us-east-1"));
    assert_eq!(green.depends_on.len(), 3);
    assert!(graph.components["network"].inputs.contains_key("cidr"));
    assert_eq!(
        shown(&graph.components["app[\"blue\"]"].outputs["blue"].1),
        "module.app[\"blue\"].aws_instance.this.id"
    );
    assert!(graph.in_order().is_ok());
}

#[test]
fn values_win_in_the_order_that_terraform_gives_them() {
    let files = [
        (
            "main.tf",
            "variable \"x\" {\n  type = string\n  default = \"0\"\n}\nresource \"t\" \"t\" {\n  x = var.x\n}\n",
        ),
        ("terraform.tfvars", "x = 1\n"),
        ("terraform.tfvars.json", "{\"x\": \"2\"}"),
        ("b.auto.tfvars", "x = \"4\"\n"),
        ("a.auto.tfvars", "x = \"3\"\n"),
        ("vars/prod.tfvars", "x = \"5\"\n"),
    ];
    let x = |files: &[(&str, &str)], options: &Options| {
        let (reading, diagnostics) = read_with(files, options);
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        let node = reading.stacks[0].graph.nodes().next().expect("there").clone();
        shown(&node.attrs["x"])
    };
    for n in 1..=5 {
        assert_eq!(x(&files[..n], &Options::default()), format!("\"{}\"", [0, 1, 2, 4, 4][n - 1]));
    }
    let mut options = Options { var_files: vec!["vars/prod.tfvars".into()], ..Options::default() };
    assert_eq!(x(&files, &options), "\"5\"");
    options.variables.insert("x".into(), "true".into());
    assert_eq!(x(&files, &options), "\"true\"");
}

#[test]
fn json_and_overrides_say_the_same_as_hcl() {
    let hcl = one(&[(
        "main.tf",
        r#"
        variable "n" { default = "${not_a_template" }
        resource "aws_security_group" "this" {
          name = "x-${lower("Y")}"
          ingress { from_port = 2 }
          dynamic "egress" {
            for_each = [1, 2]
            content { from_port = egress.value }
          }
          depends_on = [aws_vpc.this]
          lifecycle { prevent_destroy = true }
        }
        resource "aws_vpc" "this" {}
    "#
        .replace("${not_a_template", "n")
        .as_str(),
    )]);
    let json = one(&[(
        "main.tf.json",
        r#"{
        "//": "made by a program",
        "variable": { "n": { "default": "${not a template" } },
        "resource": {
          "aws_security_group": { "this": [{
            "name": "x-${lower(\"Y\")}",
            "ingress": { "from_port": 2 },
            "dynamic": { "egress": { "for_each": [1, 2], "content": { "from_port": "${egress.value}" } } },
            "depends_on": ["aws_vpc.this"],
            "lifecycle": { "prevent_destroy": true }
          }] },
          "aws_vpc": { "this": {} }
        } }"#,
    )]);
    let overridden = one(&[
        (
            "a.tf",
            r#"
            resource "aws_security_group" "this" {
              name = "old"
              ingress { from_port = 1 }
              dynamic "egress" {
                for_each = [1, 2]
                content { from_port = egress.value }
              }
              depends_on = [aws_vpc.this]
            }
            resource "aws_vpc" "this" {}
        "#,
        ),
        (
            "a_override.tf",
            r#"
            resource "aws_security_group" "this" {
              name = "x-y"
              ingress { from_port = 2 }
              lifecycle { prevent_destroy = true }
            }
        "#,
        ),
    ]);
    let said = |stack: &Stack| {
        let nodes = stack.graph.nodes().map(|n| {
            let mut attrs: Vec<String> = n.attrs.iter().map(|(k, v)| format!("{k} = {}", shown(v))).collect();
            attrs.sort();
            (n.address.to_string(), attrs, n.lifecycle.clone(), n.depends_on.clone())
        });
        nodes.collect::<Vec<_>>()
    };
    assert_eq!(said(&hcl), said(&json));
    assert_eq!(said(&hcl), said(&overridden));
    assert!(json.graph.nodes().all(|n| n.origin.is_some()));
}

#[test]
fn no_secret_enters_a_graph() {
    let (reading, _) = read(&[(
        "main.tf",
        r#"
        variable "token" {
          sensitive = true
          default   = "hunter2"
        }
        variable "given_later" { sensitive = true }
        resource "aws_db_instance" "a" { password = "hunter2" }
        resource "aws_db_instance" "b" { password = "pre-${aws_db_instance.a.id}-hunter2" }
        resource "aws_db_instance" "c" { password = random_password.this.result }
        resource "aws_db_instance" "d" { password = var.given_later }
        resource "random_password" "this" {}
        resource "unheard_of" "this" {
          admin_password = "hunter2"
          header { value = "Bearer ${var.token}" }
        }
    "#,
    )]);
    let graph = &reading.stacks[0].graph;
    let passwords: Vec<&Value> = graph.of_kind("aws_db_instance").map(|n| &n.attrs["password"]).collect();
    assert!(
        dialect::reading::is_plain_secret(passwords[0]) && dialect::reading::is_plain_secret(passwords[1])
    );
    assert_eq!(shown(passwords[2]), "random_password.this.result");
    assert_eq!(shown(passwords[3]), "secret(given_later)");
    assert!(!format!("{graph:?}").contains("hunter2"));
}

#[test]
fn a_broken_file_costs_what_is_broken() {
    let (reading, diagnostics) = read(&[
        (
            "a.tf",
            "resource \"t\" \"one\" {\n}\nresource \"t\" \"two\" {\n  x = [\n}\nresource \"t\" \"three\" {\n}\n",
        ),
        ("b.tf", "\u{feff}resource \"t\" \"four\" {\r\n  x = <<E\r\nline\r\nE\r\n}\r\n"),
        ("c.tf.json", "{ \"resource\": "),
        ("d.tf", "resource \"t\" {\n}\nstray = 1\nresource \"t\" \"four\" {\n}\n"),
    ]);
    let graph = &reading.stacks[0].graph;
    assert_eq!(addresses(graph), ["t.one", "t.three", "t.four"]);
    assert_eq!(shown(&graph.nodes().last().expect("there").attrs["x"]), "\"line\\n\"");
    assert_eq!(
        ids(&diagnostics),
        ["terraform-syntax", "terraform-syntax", "terraform-block", "terraform-block", "terraform-duplicate"]
    );
    assert!(diagnostics.iter().all(|d| d.primary.is_some()));
    assert_eq!((reading.counts.files, reading.counts.lost), (4, 5));
}

#[test]
fn every_folder_that_no_other_calls_is_a_root() {
    let call = |path: &str| format!("module \"x\" {{\n  source = \"{path}\"\n}}\n");
    let (reading, diagnostics) = read(&[
        ("envs/staging/main.tf", &call("../../modules/x")),
        ("envs/production/main.tf", &call("../../modules/x")),
        ("modules/x/main.tf", &call("./y")),
        ("modules/x/y/main.tf", "resource \"t\" \"t\" {\n}\n"),
        ("bootstrap/main.tf", "resource \"t\" \"t\" {\n}\n"),
        (".terraform/modules/z/main.tf", "resource \"t\" \"t\" {\n}\n"),
    ]);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let stacks: Vec<_> =
        reading.stacks.iter().map(|s| (s.name.as_str(), s.environment, s.graph.len())).collect();
    assert_eq!(stacks, [("bootstrap", false, 1), ("production", true, 1), ("staging", true, 1)]);
}

/// What is a setting of Terraform on a resource is an attribute like any other inside its blocks.
#[test]
fn settings_of_terraform_stand_only_at_the_top_of_a_resource() {
    let graph = graph(
        r#"
        resource "aws_backup_plan" "this" {
          count    = 1
          provider = aws
          source   = "kept"
          rule {
            lifecycle { delete_after = 35 }
            count      = 2
            depends_on = "kept"
          }
          lifecycle { prevent_destroy = true }
          provisioner "local-exec" { command = "echo" }
          connection { host = "h" }
        }
    "#,
    );
    let node = graph.nodes().next().expect("there");
    assert_eq!(
        shown(&Value::Map(node.attrs.clone())),
        "{source = \"kept\", rule = [{lifecycle = [{delete_after = 35}], count = 2, depends_on = \"kept\"}]}"
    );
}

/// The first diagnostic of a configuration that nobody should have to wait for, and the reading.
fn hostile(text: &str) -> (Reading, Diagnostics) {
    read(&[("main.tf", text)])
}

#[test]
fn what_multiplies_itself_is_refused() {
    let doubling = |first: &str, next: &dyn Fn(usize) -> String| {
        let locals: String = (1..60).map(|i| format!("l{i} = {}\n", next(i - 1))).collect();
        format!("locals {{\nl0 = {first}\n{locals}}}\nresource \"t\" \"t\" {{\n  x = local.l59\n}}\n")
    };
    let resource = |setting: &str| format!("resource \"t\" \"t\" {{\n  {setting}\n}}\n");
    let forty = "\"0123456789012345678901234567890123456789\"";
    for text in [
        doubling("[1, 2]", &|i| format!("[local.l{i}, local.l{i}]")),
        doubling("[1, 2]", &|i| format!("concat(local.l{i}, local.l{i})")),
        doubling("{ a = 1 }", &|i| format!("{{ a = local.l{i}, b = local.l{i} }}")),
        doubling(forty, &|i| format!("\"${{local.l{i}}}${{local.l{i}}}\"")),
        doubling(forty, &|i| format!("join(local.l{i}, [local.l{i}, local.l{i}])")),
        doubling(forty, &|i| format!("replace(local.l{i}, \"0\", local.l{i})")),
        doubling(forty, &|i| format!("format(\"%s%s\", local.l{i}, local.l{i})")),
        doubling(forty, &|i| format!("jsonencode([local.l{i}, local.l{i}])")),
        resource("x = [for a in range(9999) : [for b in range(9999) : [for c in range(9999) : a]]]"),
        resource("x = join(\"\", [for a in range(9999) : join(\"\", [for b in range(9999) : \"x\"])])"),
        resource("x = setproduct(range(1000), range(1000), range(1000))"),
        resource("x = range(1000000000)"),
        resource("x = format(\"%1000000000d\", 1)"),
        resource("x = \"%{ for a in range(9999) }%{ for b in range(9999) }x%{ endfor }%{ endfor }\""),
        resource("dynamic \"b\" {\n    for_each = range(1000000000)\n    content {}\n  }"),
    ] {
        let (reading, _) = hostile(&text);
        let unknown = reading.counts.unknown;
        assert_eq!((reading.counts.resources, unknown), (1, 1), "{}", &text[..text.len().min(300)]);
    }
}

#[test]
fn instances_are_counted_before_they_are_made() {
    for (setting, id) in [
        ("count = 1000000000", "too-many-instances"),
        ("for_each = toset([for a in setproduct(range(200), range(200)) : join(\"-\", a)])", ""),
        ("for_each = toset(concat(range(9000), range(9000, 18000)))", "too-many-instances"),
    ] {
        let (reading, diagnostics) = hostile(&format!("resource \"t\" \"t\" {{\n  {setting}\n}}\n"));
        assert_eq!(reading.stacks[0].graph.len(), 1, "{setting}");
        assert_eq!(ids(&diagnostics), [id].into_iter().filter(|id| !id.is_empty()).collect::<Vec<_>>());
    }
    let many: String = (0..12).map(|i| format!("resource \"t\" \"t{i}\" {{\n  count = 9999\n}}\n")).collect();
    let (reading, diagnostics) = hostile(&many);
    assert_eq!((reading.stacks[0].graph.len(), ids(&diagnostics)), (100_000, vec!["too-many-resources"]));
}

#[test]
fn what_leads_back_to_itself_ends() {
    let (reading, diagnostics) = read(&[
        (
            "main.tf",
            r#"
            locals {
              a = local.b
              b = "${local.a}x"
              self = local.self
            }
            resource "t" "a" { x = local.a }
            resource "t" "self" { x = local.self }
            resource "t" "counted" { count = length(t.counted) }
            module "m" {
              source = "./m"
              x      = module.m.x
            }
            module "again" {
              source = "./again"
            }
            module "own" {
              source = "./"
            }
        "#,
        ),
        (
            "m/main.tf",
            "variable \"x\" {}\noutput \"x\" {\n  value = var.x\n}\nresource \"t\" \"t\" {\n  x = var.x\n}\n",
        ),
        ("again/main.tf", "module \"back\" {\n  source = \"../back\"\n}\n"),
        ("back/main.tf", "module \"again\" {\n  source = \"../again\"\n}\n"),
    ]);
    let found = ids(&diagnostics);
    assert!(found.iter().filter(|id| **id == "terraform-cycle").count() >= 3, "{diagnostics:?}");
    assert!(found.contains(&"module-depth"));
    assert!(reading.stacks[0].graph.nodes().all(|n| n.attrs.get("x").is_none_or(|x| shown(x).contains('?'))));
}

#[test]
fn long_chains_of_names_do_not_take_the_stack() {
    let chain: String = (1..5000).map(|i| format!("l{i} = [local.l{}]\n", i - 1)).collect();
    for order in ["local.l4999", "local.l0"] {
        let each: String =
            (0..5000).map(|i| format!("resource \"t\" \"t{i}\" {{\n  x = local.l{i}\n}}\n")).collect();
        let text =
            format!("locals {{\nl0 = 1\n{chain}}}\nresource \"t\" \"t\" {{\n  x = {order}\n}}\n{each}");
        let (reading, _) = hostile(&text);
        assert_eq!(reading.stacks[0].graph.len(), 5001);
    }
}

#[test]
fn no_path_leads_out_of_the_folder() {
    let (reading, diagnostics) = read(&[(
        "main.tf",
        r#"
        module "out" { source = "../outside" }
        resource "t" "t" {
          a = file("../secret")
          b = file("/etc/passwd")
          c = templatefile("../../x", {})
          d = fileexists("../x")
          e = fileset("..", "**")
          f = filesha256("~/x")
        }
    "#,
    )]);
    assert_eq!(ids(&diagnostics), ["path-leaves-folder"]);
    assert_eq!(reading.counts.unknown, 6);
}

#[test]
fn files_are_refused_by_their_size_and_links_are_not_followed() {
    let folder = std::env::temp_dir().join(format!("mainstay-read-{}", std::process::id()));
    let make = |path: &str, text: &[u8]| {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().expect("in a folder")).expect("made");
        std::fs::write(path, text).expect("written");
    };
    make(
        "root/main.tf",
        b"module \"loop\" {\n  source = \"./loop\"\n}\nmodule \"out\" {\n  source = \"./out\"\n}\n",
    );
    make("root/large.tf", &vec![b' '; 100 << 20]);
    make("outside/main.tf", b"resource \"t\" \"t\" {\n}\n");
    #[cfg(unix)]
    for (to, link) in [("root", "root/loop"), ("outside", "root/out"), ("outside/main.tf", "root/linked.tf")]
    {
        std::os::unix::fs::symlink(folder.join(to), folder.join(link)).expect("linked");
    }
    let world = ir::OsWorld::default();
    let options = Options::default();
    let root = folder.join("root");
    let (reading, diagnostics) =
        dialect::terraform::read::read(&Place { world: &world, root: &root, options: &options });
    std::fs::remove_dir_all(&folder).expect("removed");
    assert_eq!(ids(&diagnostics), ["file-too-large", "module-missing", "module-missing"]);
    assert!(reading.stacks[0].graph.is_empty());
}
