//! The schemas through graphs that break them, one way at a time.

use check::validate;
use ir::{Address, Graph, Kind, Node, Stack, Value};

use crate::examples::stack;

fn ids(text: &str) -> Vec<&'static str> {
    validate(&stack(text)).iter().map(|d| d.id).collect()
}

#[test]
fn each_contradiction_has_its_own_id() {
    let cases = [
        ("aws_sqs_queeu.q: {name: q}", "unknown-kind"),
        ("data.aws_regoin.r: {}", "unknown-kind"),
        ("aws_sqs_queue.q: {nmae: q}", "unknown-attribute"),
        (
            "aws_s3_bucket_versioning.v: {bucket: b, versioning_configuration: [{statsu: Enabled}]}",
            "unknown-attribute",
        ),
        ("aws_sqs_queue.q: {delay_seconds: soon}", "wrong-type"),
        ("aws_security_group.g: {ingress: [{from_port: [1]}]}", "wrong-type"),
        ("aws_s3_bucket_versioning.v: {bucket: b, versioning_configuration: yes}", "wrong-type"),
        ("aws_ecr_repository.r: {}", "missing-attribute"),
        ("aws_ecr_repository.r: {name: ~}", "missing-attribute"),
        ("aws_s3_bucket_versioning.v: {bucket: b}", "missing-block"),
        ("aws_s3_bucket_versioning.v: {bucket: b, versioning_configuration: []}", "missing-block"),
        (
            "aws_s3_bucket_versioning.v: {bucket: b, versioning_configuration: [{status: Enabled}, {status: Enabled}]}",
            "too-many-blocks",
        ),
        ("aws_sqs_queue.q: {arn: x}", "computed-attribute"),
        ("aws_sqs_queue_policy.p: {queue_url: !ref aws_sqs_queue.q.url, policy: x}", "unknown-reference"),
        (
            "aws_sqs_queue.q: {}\naws_sqs_queue_policy.p: {queue_url: !ref aws_sqs_queue.q.ulr, policy: x}",
            "unknown-reference-attribute",
        ),
        (
            "aws_db_instance.d: {instance_class: c}\naws_sqs_queue.q: {name: !ref aws_db_instance.d.master_user_secret.0.arn}",
            "unknown-reference-attribute",
        ),
        ("aws_sqs_queue.q: {name: !ref aws_sqs_queue.q.url}", "self-reference"),
        (
            "aws_sqs_queue.a: {name: !ref aws_sqs_queue.b.url}\naws_sqs_queue.b: {name: !ref aws_sqs_queue.a.url}",
            "reference-cycle",
        ),
        ("aws_db_instance.d: {instance_class: c, password: hunter2}", "secret-in-plain-text"),
        ("aws_sqs_queue.q: {tags: {k: AKIAABCDEFGHIJKLMNOP}}", "secret-in-plain-text"),
        ("aws_sqs_queue.q: {name: !secret KEY}", "secret-in-the-open"),
    ];
    for (text, id) in cases {
        let found = ids(text);
        assert!(found.contains(&id), "{text}: {found:?}");
        let followers = ["missing-attribute", "wrong-type"];
        assert!(found.iter().all(|other| *other == id || followers.contains(other)), "{text}: {found:?}");
    }
}

#[test]
fn slips_get_the_name_that_was_meant() {
    for (text, meant) in [
        ("aws_sqs_queeu.q: {}", "aws_sqs_queue"),
        ("aws_sqs_queue.q: {nmae: q}", "name"),
        (
            "aws_sqs_queue.q: {}\naws_sqs_queue_policy.p: {queue_url: !ref aws_sqs_queue.q.ulr, policy: x}",
            "url",
        ),
        (
            "aws_sqs_queue.queue: {}\naws_sqs_queue.b: {name: !ref aws_sqs_queue.quuee.url}",
            "aws_sqs_queue.queue",
        ),
    ] {
        let help = validate(&stack(text)).iter().find_map(|d| d.help.clone()).expect("help");
        assert!(help.contains(&format!("`{meant}`")), "{text}: {help}");
    }
}

#[test]
fn what_the_schemas_allow_is_silent() {
    for text in [
        "{}",
        "aws_sqs_queue.q: {delay_seconds: \"5\", name: 7, sqs_managed_sse_enabled: \"true\"}",
        "aws_db_instance.d: {instance_class: c, password: !secret DB}",
        "aws_db_instance.d: {instance_class: !unknown later}\naws_sqs_queue.q: {name: !ref aws_db_instance.d.master_user_secret.0.secret_arn}",
        "aws_sqs_queue.q: {tags: {a: b}, policy: !json {Statement: []}}",
    ] {
        assert_eq!(ids(text), [""; 0], "{text}");
    }
}

#[test]
fn no_secret_reaches_a_message() {
    for text in [
        "aws_db_instance.d: {instance_class: c, password: AKIAABCDEFGHIJKLMNOP}",
        "aws_sqs_queue.q: {name: AKIAABCDEFGHIJKLMNOP, delay_seconds: AKIAABCDEFGHIJKLMNOP}",
    ] {
        let printed = format!("{:?}", validate(&stack(text)));
        assert!(!printed.contains("ABCDEFGH"), "{printed}");
    }
}

/// Every required attribute of every kind is missed when nothing is set, and every computed one is refused.
#[test]
fn every_kind_is_held_to_its_schema() {
    for info in catalog::kinds::all() {
        let mut address = Address::new("", Kind::named(&info.kind), "x");
        if info.data {
            address.mode = ir::Mode::Data;
        }
        let mut node = Node::new(address);
        let attributes = &info.schema.attributes;
        let computed = attributes.iter().filter(|(_, a)| !a.required && !a.optional);
        let computed: Vec<&String> = computed.map(|(name, _)| name).collect();
        for name in &computed {
            node.attrs.insert((*name).clone(), Value::from("x"));
        }
        let mut graph = Graph::new();
        graph.insert(node);
        let stack = Stack {
            name: "x".into(),
            environment: true,
            region: "x".into(),
            tags: Default::default(),
            graph,
        };
        let diagnostics = validate(&stack);
        let count = |id: &str| diagnostics.iter().filter(|d| d.id == id).count();
        assert_eq!(count("computed-attribute"), computed.len(), "{}", info.kind);
        let required = attributes.values().filter(|a| a.required).count();
        assert_eq!(count("missing-attribute"), required, "{}", info.kind);
        let blocks = info.schema.blocks.values().filter(|b| b.nesting.min > 0).count();
        assert_eq!(count("missing-block"), blocks, "{}", info.kind);
    }
}
