//! What the Terraform writer writes, looked at from outside: parsed back, and held against itself.

mod agreement;
mod azure;
mod clouds;
mod declared;
mod maps;
mod read_plan;
mod read_terraform;
mod read_terragrunt;
mod sample;
mod schema;
mod templates;
mod terragrunt;

use dialect::terraform::write;
use ir::graph::{InputDecl, InputType};
use ir::{Address, Diagnostics, Graph, Kind, Node, Ref, SecretRef, Stack, Step, Value};

fn ids(diagnostics: &Diagnostics) -> Vec<&'static str> {
    diagnostics.iter().map(|d| d.id).collect()
}

fn stack(name: &str, graph: Graph) -> Stack {
    Stack { name: name.into(), environment: true, region: "eu-west-1".into(), tags: [].into(), graph }
}

fn node(name: &str, attrs: impl IntoIterator<Item = (&'static str, Value)>) -> Node {
    let mut node = Node::new(Address::new("c", Kind::of("aws_sqs_queue"), name));
    node.attrs.extend(attrs.into_iter().map(|(k, v)| (k.to_owned(), v)));
    node
}

fn graph(nodes: impl IntoIterator<Item = Node>) -> Graph {
    let mut graph = Graph::new();
    nodes.into_iter().for_each(|n| graph.insert(n));
    graph
}

fn text<'b>(bundle: &'b ir::Bundle, path: &str) -> &'b str {
    let path = format!("infra/terraform/{path}");
    &bundle.get(&path).unwrap_or_else(|| panic!("{path} is not written")).text
}

#[test]
fn everything_referred_to_is_declared() {
    let (bundle, diagnostics) = write(&sample::stacks());
    assert_eq!(ids(&diagnostics), ["lifecycle-differs"]);
    declared::check(&bundle);
}

#[test]
fn the_same_graphs_give_the_same_bytes() {
    assert_eq!(write(&sample::stacks()), write(&sample::stacks()));
}

#[test]
fn an_engineer_would_have_written_it_so() {
    let (bundle, _) = write(&sample::stacks());
    let expected = r#"data "aws_availability_zones" "available" {
  state = "available"
}

resource "aws_vpc" "this" {
  cidr_block           = var.cidr_block
  enable_dns_hostnames = true
  tags = {
    Name = var.name
  }
}

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id
}

resource "aws_subnet" "public" {
  for_each = var.public_subnets

  vpc_id            = aws_vpc.this.id
  cidr_block        = each.value.cidr_block
  availability_zone = data.aws_availability_zones.available.names[each.value.availability_zone_index]
  tags = {
    Name = "${var.name}-public-${each.key}"
  }
}

resource "aws_eip" "nat" {
  for_each = var.nat_eip_keys

  domain = "vpc"
}

resource "aws_nat_gateway" "this" {
  for_each = var.nat_eip_keys

  allocation_id = aws_eip.nat[each.key].id
  subnet_id     = aws_subnet.public[each.key].id
  depends_on    = [aws_internet_gateway.this]
}

resource "aws_subnet" "private" {
  for_each = var.private_subnets

  vpc_id            = aws_vpc.this.id
  cidr_block        = each.value.cidr_block
  availability_zone = data.aws_availability_zones.available.names[each.value.availability_zone_index]
  tags = {
    Name = "${var.name}-private-${each.key}"
  }
}

resource "aws_route_table" "private" {
  for_each = var.private_subnets

  vpc_id = aws_vpc.this.id
}

resource "aws_route" "private" {
  for_each = var.private_routes

  route_table_id         = aws_route_table.private[each.key].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.this[each.value.nat_gateway_key].id
}
"#;
    assert_eq!(text(&bundle, "modules/network/main.tf"), expected);
}

#[test]
fn what_environments_agree_on_is_the_modules_default() {
    let queue = |visible: i64, kept: i64| {
        let mut graph = Graph::new();
        let mut input = |name: &str, value: i64| {
            let description = format!("The {name}.");
            let decl =
                InputDecl { description, ty: InputType::Number, validation: None, from_pipeline: false };
            graph.input("c", name, decl, value)
        };
        let attrs = [
            ("visibility_timeout_seconds", input("visibility", visible)),
            ("message_retention_seconds", input("retention", kept)),
        ];
        graph.insert(node("this", attrs));
        graph
    };
    let (bundle, _) = write(&[stack("staging", queue(30, 60)), stack("production", queue(90, 60))]);
    declared::check(&bundle);
    assert_eq!(text(&bundle, "modules/c/variables.tf").matches("default").count(), 1);
    let production = text(&bundle, "envs/production/main.tf");
    assert!(production.contains("visibility = 90") && !production.contains("retention"), "{production}");
    // One environment agrees with nobody: what it has is its own.
    let (bundle, _) = write(&[stack("production", queue(90, 60))]);
    assert!(!text(&bundle, "modules/c/variables.tf").contains("default"));
}

#[test]
fn one_key_is_found_at_the_end_of_a_text_and_not_by_chance() {
    for (written, expected) in [
        ("queue-one", "\"queue-${each.key}\""),
        ("app/one", "\"app/${each.key}\""),
        ("one", "each.key"),
        ("from one to two", "\"from one to two\""),
        ("alone", "\"alone\""),
        ("one more", "\"one more\""),
    ] {
        let mut keyed = node("this", [("name", Value::from(written))]);
        keyed.address.key = Some("one".into());
        let (bundle, _) = write(&[stack("production", graph([keyed]))]);
        let module = text(&bundle, "modules/c/main.tf");
        assert!(module.contains(&format!("name = {expected}\n")), "{written}: {module}");
    }
}

#[test]
fn a_list_of_all_instances_and_more_grows_with_the_instances() {
    let to = |name: &str, key: Option<&str>| {
        let mut address = node(name, []).address;
        address.key = key.map(str::to_owned);
        Value::Ref(Ref { to: address, path: vec![Step::Attr("arn".into())] })
    };
    let listed = |keys: &[&str]| {
        let mut nodes: Vec<Node> = keys
            .iter()
            .map(|key| {
                let mut n = node("each", []);
                n.address.key = Some((*key).into());
                n
            })
            .collect();
        nodes.push(node("other", []));
        let arns = keys.iter().map(|key| to("each", Some(key))).chain([to("other", None)]).collect();
        nodes.push(node("reader", [("policy", Value::json(Value::List(arns)))]));
        graph(nodes)
    };
    for (staging, production) in
        [(["a", "b"].as_slice(), ["a", "b", "c"].as_slice()), (&["a", "b"], &["a", "b"])]
    {
        let (bundle, diagnostics) =
            write(&[stack("staging", listed(staging)), stack("production", listed(production))]);
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        declared::check(&bundle);
        let module = text(&bundle, "modules/c/main.tf");
        assert!(module.contains("[for queue in aws_sqs_queue.each : queue.arn]"), "{module}");
        assert!(module.contains("[aws_sqs_queue.other.arn]"), "{module}");
    }
}

#[test]
fn what_is_read_without_arguments_is_always_there() {
    let mut region = Node::new(Address::new("c", Kind::of("aws_region"), "current"));
    region.address.mode = ir::Mode::Data;
    let (bundle, _) = write(&[
        stack("staging", graph([node("q", [])])),
        stack("production", graph([node("q", []), region])),
    ]);
    assert!(!text(&bundle, "modules/c/main.tf").contains("count"));
}

#[test]
fn what_stands_in_one_environment_hangs_on_one_flag() {
    let (bundle, _) = write(&sample::stacks());
    let api = text(&bundle, "modules/api/main.tf");
    assert!(api.contains("count = var.create_audit_sns_topic ? 1 : 0"), "{api}");
    assert_eq!(api.matches("var.create_audit_sns_topic ? [").count(), 2, "{api}");
    assert!(api.contains("[one(aws_sns_topic.audit[*].arn)]"), "{api}");
    assert!(!text(&bundle, "envs/staging/main.tf").contains("module \"archive\""));
    assert!(text(&bundle, "envs/production/main.tf").contains("module \"archive\""));
}

#[test]
fn markers_in_text_are_read_back_as_text() {
    let tricky =
        ["${a}", "$${a}", "%{if x}", "%%{", "$", "$$$${", "\"\\\n\t", "caf\u{e9}\u{1f980}", "$%{", "%${", ""];
    let nodes = tricky.iter().enumerate().map(|(i, t)| node(&format!("q{i}"), [("name", Value::from(*t))]));
    let (bundle, diagnostics) = write(&[stack("production", graph(nodes))]);
    assert!(diagnostics.is_empty());
    let body: hcl_edit::structure::Body = text(&bundle, "modules/c/main.tf").parse().expect("HCL");
    for (block, expected) in body.blocks().zip(tricky) {
        let value = &block.body.get_attribute("name").expect("written").value;
        let back = match value {
            hcl_edit::expr::Expression::String(s) => s.as_str().to_owned(),
            hcl_edit::expr::Expression::StringTemplate(parts) => parts
                .iter()
                .map(|p| match p {
                    hcl_edit::template::Element::Literal(l) => l.as_str().to_owned(),
                    hcl_edit::template::Element::Interpolation(i) => {
                        i.expr.as_str().expect("a string").to_owned()
                    }
                    other => panic!("{other:?}"),
                })
                .collect(),
            other => panic!("{other:?}"),
        };
        assert_eq!(back, expected);
    }
}

#[test]
fn text_of_several_lines_is_written_as_such_and_read_back() {
    for (written, in_lines) in [
        ("function f() {\n  return '\"';\n}\n", true),
        ("one\ntwo\n", true),
        ("one\n", false),
        ("one\ntwo", false),
        ("one\n\ntwo\n", false),
        ("  one\n  two\n", false),
        ("one\n${two}\n", false),
        ("one\nEOT\n", false),
    ] {
        let attrs = [("name", Value::from(written)), ("policy", Value::from("p"))];
        let (bundle, _) = write(&[stack("production", graph([node("q", attrs)]))]);
        let module = text(&bundle, "modules/c/main.tf");
        assert_eq!(module.contains("<<-EOT\n"), in_lines, "{module}");
        let body: hcl_edit::structure::Body = module.parse().expect("HCL");
        let block = body.blocks().next().expect("one block");
        let value = &block.body.get_attribute("name").expect("written").value;
        if let hcl_edit::expr::Expression::HeredocTemplate(lines) = value {
            let mut lines = lines.clone();
            lines.dedent();
            assert_eq!(lines.template.to_string(), written);
        }
    }
}

#[test]
fn a_file_of_the_bundle_is_named_from_wherever_it_is_read() {
    let file = |path: &str| Value::File(path.into());
    let keyed = |key: &str| {
        let mut one = node("rules", [("policy", file(&format!("rules/{key}.yml")))]);
        one.address.key = Some(key.into());
        one
    };
    let environment = |name: &str, own: Value| {
        let inside = Value::template(["a".into(), file("notes.txt")]);
        let nodes = [
            node("same", [("policy", file("one.yml"))]),
            node("either", [("policy", file(&format!("{name}.yml")))]),
            node("some", [("policy", own)]),
            node("inside", [("policy", Value::json(Value::map([("k", inside)])))]),
            keyed("api"),
            keyed("web"),
        ];
        stack(name, graph(nodes))
    };
    let stacks = [environment("staging", Value::Null), environment("production", file("own.yml"))];
    let (bundle, said) = write(&stacks);
    assert!(said.is_empty(), "{said:#?}");
    declared::check(&bundle);
    let module = text(&bundle, "modules/c/main.tf");
    let up = "${path.module}/../../../..";
    for expected in [
        format!("file(\"{up}/one.yml\")"),
        format!("file(\"{up}/rules/${{each.key}}.yml\")"),
        format!("k = \"a${{file(\"{up}/notes.txt\")}}\""),
        format!("file(\"{up}/${{var."),
    ] {
        assert!(module.contains(&expected), "{expected}\n{module}");
    }
    let root = text(&bundle, "envs/production/main.tf");
    assert!(root.contains(&format!("file(\"{up}/own.yml\")")), "{root}");
    // A stack that needs no module stands one folder nearer.
    let alone = Stack { environment: false, ..environment("shared", file("own.yml")) };
    let (bundle, said) = write(&[alone]);
    assert!(said.is_empty(), "{said:#?}");
    let root = text(&bundle, "shared/main.tf");
    assert!(root.contains("file(\"${path.module}/../../../own.yml\")"), "{root}");
}

#[test]
fn what_must_not_or_cannot_be_written_is_said() {
    let secret = Value::Secret(SecretRef { name: "STRIPE_KEY".into() });
    let nowhere = Value::Ref(Ref {
        to: Address::new("c", Kind::of("aws_sns_topic"), "gone"),
        path: vec![Step::Attr("arn".into())],
    });
    for (value, id) in [
        (secret, "secret-value"),
        (Value::Unknown("nobody knows".into()), "unknown-value"),
        (nowhere, "dangling-reference"),
    ] {
        for wrapped in [
            value.clone(),
            Value::List(vec![value.clone()]),
            Value::json(Value::map([("k", value.clone())])),
            Value::template([Value::from("x"), value.clone()]),
        ] {
            let (_, diagnostics) =
                write(&[stack("production", graph([node("q", [("name", wrapped.clone())])]))]);
            assert_eq!(ids(&diagnostics), [id], "{wrapped:?}");
            assert!(diagnostics.has_errors());
        }
        let other = graph([node("q", [("name", Value::from("plain"))])]);
        let (_, diagnostics) =
            write(&[stack("staging", other), stack("production", graph([node("q", [("name", value)])]))]);
        assert!(ids(&diagnostics).contains(&id), "{id}: {diagnostics:?}");
    }
}

#[test]
fn odd_graphs_are_written_or_refused_but_never_stop_the_program() {
    assert!(write(&[]).0.is_empty());
    let keyed = |name: &str, key: Option<&str>| {
        let mut n = node(name, [("name", Value::from(name))]);
        n.address.key = key.map(str::to_owned);
        n
    };
    let to =
        |name: &str| Value::Ref(Ref { to: node(name, []).address, path: vec![Step::Attr("arn".into())] });
    let mut deep = Value::from("end");
    for i in 0..40 {
        deep = if i % 2 == 0 { Value::List(vec![deep]) } else { Value::map([("k", deep)]) };
    }
    let graphs = [
        graph([]),
        graph([keyed("a", None), keyed("a", Some("k"))]),
        graph([keyed("\u{1f980} \"x\"", Some("${k}\"")), keyed("\u{1f980} \"x\"", Some(""))]),
        graph([node("a", [("policy", to("b"))]), node("b", [("policy", to("a"))])]),
        graph([node("a", [("policy", Value::json(deep)), ("no_such", Value::List(vec![]))])]),
        graph([node("a", [("name", Value::Float(f64::NAN)), ("fifo_queue", Value::Template(vec![]))])]),
    ];
    for (i, a) in graphs.iter().enumerate() {
        for (j, b) in graphs.iter().enumerate() {
            let (bundle, diagnostics) = write(&[stack("staging", a.clone()), stack("production", b.clone())]);
            if !diagnostics.has_errors() {
                assert!(!bundle.is_empty(), "{i} {j}");
                declared::check(&bundle);
            }
        }
    }
}

#[test]
fn names_that_terraform_would_take_for_one_are_refused() {
    let (_, diagnostics) = write(&[stack("production", graph([node("a-b", []), node("a_b", [])]))]);
    assert_eq!(ids(&diagnostics), ["name-clash"]);
    let mut other = node("q", []);
    other.address.component = "x.y".into();
    let mut same = node("q", []);
    same.address.component = "x-y".into();
    let (_, diagnostics) = write(&[stack("production", graph([other, same]))]);
    assert_eq!(ids(&diagnostics), ["name-clash"]);
}
