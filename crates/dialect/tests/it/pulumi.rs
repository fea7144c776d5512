//! Pulumi programs, looked at from outside. That they compile and make what the graph holds is for the conformance suite.

use std::collections::BTreeSet;

use ir::{Address, Bundle, Graph, Kind, Node, Ref, Stack, Step, Value};

use crate::{sample, schema};

fn text<'b>(bundle: &'b Bundle, path: &str) -> &'b str {
    let path = format!("infra/pulumi/{path}");
    &bundle.get(&path).unwrap_or_else(|| panic!("{path} is not written")).text
}

#[test]
fn an_engineer_would_have_written_it_so() {
    let (bundle, said) = dialect::pulumi::write(&sample::stacks());
    assert!(!said.has_errors(), "{said:#?}");
    let expected = r#"import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** What a stack's configuration says about orders-db. */
export interface OrdersDbSettings {
    /** Name of the security group. */
    securityGroupName: string;
    /** Name of the database subnet group. */
    dbSubnetGroupName: string;
    /** Identifier of the RDS instance. */
    identifier: string;
    /** Instance class. */
    instanceClass: string;
    /** Storage, GiB. */
    storageGib: number;
    /** Whether `skip_final_snapshot` is set on the RDS instance. */
    skipFinalSnapshot: boolean;
    /** Whether `multi_az` is set on the RDS instance. */
    multiAz: boolean;
    /** Whether the database refuses to be deleted. */
    deletionProtection: boolean;
    /** Final snapshot identifier of the RDS instance. */
    finalSnapshotIdentifier?: string;
}

/** What orders-db is given. */
export interface OrdersDbArgs extends OrdersDbSettings {
    /** ID of the VPC. */
    vpcId: pulumi.Input<string>;
    /** IDs of the private subnets. */
    privateSubnetIds: pulumi.Input<string>[];
}
"#;
    let component = text(&bundle, "components/orders-db.ts");
    assert!(component.starts_with(expected), "{component}");
    let index = text(&bundle, "index.ts");
    for expected in [
        "const network = new Network(\"network\", { ...networkSettings });\n",
        "const archiveSettings = config.getObject<object>(\"archive\");\n",
        "image: config.require(\"apiImage\"),\n",
        "export const ordersDbEndpoint = ordersDb.endpoint;\n",
    ] {
        assert!(index.contains(expected), "{expected}{index}");
    }
    let network = text(&bundle, "components/network.ts");
    assert!(
        network.contains("for (const [key, value] of Object.entries(args.publicSubnets)) {"),
        "{network}"
    );
    assert!(network.contains("dependsOn: [internetGateway]"), "{network}");
    let production = text(&bundle, "Pulumi.production.yaml");
    assert!(production.contains("aws:region") && production.contains("shop:archive"), "{production}");
    assert!(!text(&bundle, "Pulumi.staging.yaml").contains("archive"));
}

#[test]
fn components_are_made_after_those_they_need() {
    let (bundle, _) = dialect::pulumi::write(&sample::stacks());
    let index = text(&bundle, "index.ts");
    let mut made: BTreeSet<&str> = BTreeSet::new();
    for line in index.lines() {
        for name in
            line.split(|c: char| !c.is_alphanumeric()).filter(|w| ["network", "ordersDb", "api"].contains(w))
        {
            let here = line.starts_with(&format!("const {name} ="));
            let quoted =
                line.contains(&format!("\"{name}\"")) || line.contains(&format!("./components/{name}"));
            assert!(here || quoted || made.contains(name), "{name} is not made before {line}");
            if here {
                made.insert(name);
            }
        }
    }
    assert_eq!(made.len(), 3);
}

#[test]
fn every_kind_is_said_and_what_a_package_lacks_is_told() {
    for instances in [&[(None, 1)][..], &[(Some("a"), 1), (Some("b"), 2)]] {
        let (bundle, said) = dialect::pulumi::write(&[schema::stack("production", instances)]);
        assert!(!said.has_errors(), "{said:#?}");
        let told = said.iter().filter(|d| d.id == "no-such-property").count();
        let missing: usize = catalog::pulumi::packages()
            .flat_map(|(_, package)| package.kinds.values())
            .map(|names| names.missing.len())
            .sum();
        assert!(told > 0 && told <= missing, "{told} of {missing}");
        for info in catalog::kinds::all() {
            let file = text(&bundle, &format!("components/{}.ts", info.kind));
            let token = catalog::pulumi::names(&address(info)).map(|n| n.token.rsplit(':').next()).flatten();
            assert!(file.contains(token.expect("a token")), "{}", info.kind);
        }
    }
}

fn address(info: &catalog::KindInfo) -> Address {
    let mut address = Address::new("c", Kind::named(&info.kind), "this");
    address.mode = if info.data { ir::Mode::Data } else { ir::Mode::Managed };
    address
}

#[test]
fn what_leads_elsewhere_in_each_environment_hangs_on_a_setting() {
    let environment = |name: &str, to: &str| {
        let mut graph = Graph::new();
        for topic in ["one", "two"] {
            graph.insert(Node::new(Address::new("topics", Kind::of("aws_sns_topic"), topic)));
        }
        let mut queue = Node::new(Address::new("queue", Kind::of("aws_sqs_queue"), "this"));
        let to = Ref {
            to: Address::new("topics", Kind::of("aws_sns_topic"), to),
            path: vec![Step::Attr("arn".into())],
        };
        queue.attrs.insert("name".into(), Value::Ref(to));
        graph.insert(queue);
        Stack { name: name.into(), environment: true, region: "r".into(), tags: [].into(), graph }
    };
    let (bundle, said) =
        dialect::pulumi::write(&[environment("staging", "one"), environment("production", "two")]);
    assert!(said.is_empty(), "{said:#?}");
    let queue = text(&bundle, "components/queue.ts");
    assert!(queue.contains("name: args.enableName ? args.oneSnsTopicArn : args.twoSnsTopicArn"), "{queue}");
    assert!(text(&bundle, "Pulumi.staging.yaml").contains("enableName: true"));
    assert!(text(&bundle, "Pulumi.production.yaml").contains("enableName: false"));
}
