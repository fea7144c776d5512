//! Folders: which files are templates, nested stacks, assemblies, parameter files, exports.

use std::path::PathBuf;

use dialect::Options;

use super::{ids, named, names, only, read, read_with, show, shown};

const BUCKET: &str = "Resources: {A: {Type: 'AWS::S3::Bucket'}}";

#[test]
fn templates_are_known_by_what_they_hold() {
    let json = "{\"AWSTemplateFormatVersion\":\"2010-09-09\",\n\t\"Resources\":{\"Q\":{\"Type\":\"AWS::SQS::Queue\"}}}";
    let (reading, diagnostics) = read(
        &[
            ("a.yml", BUCKET),
            ("b/c.template", json),
            ("b/broken.yaml", "Resources:\n  A: {Type: 'AWS::S3::Bucket'}\n  B: [\n"),
            ("other.yaml", "kind: Deployment\nResources: x::y"),
            ("package.json", "{\"Resources\": {\"a\": {\"Type\": \"x\"}}}"),
            (".git/a.yaml", BUCKET),
            ("node_modules/x/a.yaml", BUCKET),
            ("notes.txt", BUCKET),
        ],
        &[],
    );
    let found: Vec<_> = reading.stacks.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(found, ["a", "b/broken", "b/c"]);
    assert_eq!(ids(&diagnostics), ["invalid-yaml", "no-type"]);
    assert_eq!(names(&reading.stacks[1]), ["A"]);
    assert_eq!(reading.counts.files, 3);
}

#[test]
fn one_file_is_read_by_itself() {
    let files = [("x/a.yml", BUCKET), ("x/b.yml", BUCKET), ("x/empty.yml", "")];
    let (reading, _) = read_with(&files, &Options::default(), "x/b.yml");
    assert_eq!(only(&reading).name, "b");
    for (file, id) in [("x/empty.yml", "no-template"), ("x/nothing.yml", "unreadable-file")] {
        let (reading, diagnostics) = read_with(&files, &Options::default(), file);
        assert!(reading.stacks.is_empty());
        assert_eq!(ids(&diagnostics), [id]);
    }
}

#[test]
fn a_nested_stack_is_a_component_and_references_lead_through_it() {
    let parent = "\
Parameters: {Cidr: {Type: String, Default: 10.0.0.0/16}}
Resources:
  App:
    Type: AWS::CloudFormation::Stack
    DependsOn: Log
    Properties:
      TemplateURL: ./nested/app.yaml
      Parameters:
        Subnets: !Join [',', [!GetAtt Net.Outputs.Subnet, !GetAtt Net.Outputs.Other]]
        Name: app
  Net:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: nested/net.yaml, Parameters: {Cidr: !Ref Cidr}}
  Log: {Type: 'AWS::Logs::LogGroup'}
  Far:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: 'https://s3.amazonaws.com/x/y.yaml'}
Outputs:
  Load: {Description: Where., Value: !GetAtt App.Outputs.Dns}
  Far: {Value: !GetAtt Far.Outputs.X}
";
    let net = "\
Parameters: {Cidr: {Type: String}}
Resources:
  Vpc: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: !Ref Cidr}}
  A: {Type: 'AWS::EC2::Subnet', Properties: {VpcId: !Ref Vpc}}
Outputs:
  Subnet: {Value: !Ref A}
  Other: {Value: subnet-1}
";
    let app = "\
Parameters:
  Subnets: {Type: 'List<AWS::EC2::Subnet::Id>'}
  Name: {Type: String}
Resources:
  Lb:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties: {Subnets: !Ref Subnets, Name: !Ref Name}
Outputs: {Dns: {Value: !GetAtt Lb.DNSName}}
";
    let files = [("main.yaml", parent), ("nested/net.yaml", net), ("nested/app.yaml", app)];
    let (reading, diagnostics) = read(&files, &[]);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let stack = only(&reading);
    assert_eq!(names(stack), ["Vpc", "A", "Lb", "Log", "Far"]);
    let lb = named(stack, "Lb");
    assert_eq!(lb.address.component, "App");
    assert_eq!(shown(lb, "Subnets"), "[Net/A, subnet-1]");
    assert_eq!(shown(lb, "Name"), "<Name=app>");
    assert_eq!(shown(named(stack, "Vpc"), "CidrBlock"), "<Cidr=10.0.0.0/16>");
    assert_eq!(lb.depends_on, [named(stack, "Log").address.clone()]);
    let outputs = &stack.graph.components[""].outputs;
    assert_eq!(show(&outputs["Load"].1), "App/Lb.DNSName");
    assert_eq!(show(&outputs["Far"].1), "Far.Outputs.X");
    assert!(stack.graph.components["Net"].inputs.contains_key("Cidr"));
}

#[test]
fn stacks_that_nest_themselves_or_wait_for_each_other_are_refused() {
    let nest = |url: &str| {
        format!(
            "Resources: {{N: {{Type: 'AWS::CloudFormation::Stack', Properties: {{TemplateURL: {url}}}}}}}"
        )
    };
    let (a, b) = (nest("b.yaml"), nest("a.yaml"));
    let (_, diagnostics) = read(&[("a.yaml", &a), ("b.yaml", &b)], &[]);
    assert_eq!(ids(&diagnostics), ["self-nesting"]);
    let out = nest("../../etc/x.yaml");
    let (reading, diagnostics) = read(&[("a.yaml", &out)], &[]);
    assert_eq!(ids(&diagnostics), ["outside-folder"]);
    assert_eq!(names(only(&reading)), ["N"]);
    let missing = nest("nowhere.yaml");
    assert_eq!(ids(&read(&[("a.yaml", &missing)], &[]).1), ["unreadable-file"]);
    let circle = "\
Resources:
  A:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: n.yaml, Parameters: {P: !GetAtt B.Outputs.O}}
  B:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: n.yaml, Parameters: {P: !GetAtt A.Outputs.O}}
";
    let inner = "Parameters: {P: {Type: String}}\nResources: {A: {Type: 'AWS::S3::Bucket'}}\nOutputs: {O: {Value: !Ref A}}";
    let (reading, diagnostics) = read(&[("a.yaml", circle), ("n.yaml", inner)], &[]);
    assert_eq!(ids(&diagnostics), ["cyclic-reference"]);
    assert_eq!(names(only(&reading)), ["A", "A"]);
}

#[test]
fn an_assembly_of_the_cdk_is_read_by_its_manifest() {
    let manifest = r#"{"version": "36.0.0", "artifacts": {
      "Shop.assets": {"type": "cdk:asset-manifest", "properties": {"file": "Shop.assets.json"}},
      "Shop": {"type": "aws:cloudformation:stack", "environment": "aws://unknown-account/eu-west-1",
        "properties": {"templateFile": "Shop.template.json", "stackName": "shop", "tags": {"team": "a"}}},
      "Stage": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-Stage"}}}}"#;
    let inner = r#"{"artifacts": {"Api": {"type": "aws:cloudformation:stack", "environment": "aws://123/us-east-1",
        "properties": {"templateFile": "Api.template.json"}}}}"#;
    let shop = r#"{"Resources": {
      "Q": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Fn::Sub": "${AWS::StackName}-q"}}},
      "N": {"Type": "AWS::CloudFormation::Stack", "Metadata": {"aws:asset:path": "N.nested.template.json"},
        "Properties": {"TemplateURL": {"Fn::Join": ["", ["https://", {"Ref": "AWS::Region"}]]}}},
      "CDKMetadata": {"Type": "AWS::CDK::Metadata", "Condition": "CDKMetadataAvailable"}},
      "Conditions": {"CDKMetadataAvailable": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]}},
      "Parameters": {"BootstrapVersion": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/cdk"}},
      "Rules": {"CheckBootstrapVersion": {"Assertions": [{"Assert":
        {"Fn::Not": [{"Fn::Contains": [["1", "2"], {"Ref": "BootstrapVersion"}]}]}}]}}}"#;
    let queue = r#"{"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}"#;
    let (reading, diagnostics) = read(
        &[
            ("cdk.out/manifest.json", manifest),
            ("cdk.out/Shop.template.json", shop),
            ("cdk.out/N.nested.template.json", queue),
            ("cdk.out/assembly-Stage/manifest.json", inner),
            ("cdk.out/assembly-Stage/Api.template.json", queue),
        ],
        &[],
    );
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let found: Vec<_> = reading.stacks.iter().map(|s| (s.name.as_str(), s.region.as_str())).collect();
    assert_eq!(found, [("shop", "eu-west-1"), ("Api", "us-east-1")]);
    let shop = &reading.stacks[0];
    assert_eq!(shop.tags["team"], "a");
    assert_eq!(names(shop), ["Q", "Q"]);
    let queue = shop.graph.nodes().find(|n| n.address.component.is_empty()).expect("made");
    assert_eq!(shown(queue, "QueueName"), "shop-q");
}

#[test]
fn parameter_files_come_in_every_shape_people_write() {
    let template = "Parameters: {A: {Type: String, Default: d}}\nResources: {R: {Type: 'AWS::X::Y', Properties: {P: !Ref A}}}";
    for (shape, expected) in [
        (r#"[{"ParameterKey": "A", "ParameterValue": "x"}]"#, "<A=x>"),
        (r#"["A=x"]"#, "<A=x>"),
        (r#"{"Parameters": {"A": "x"}, "Tags": {"team": "t"}}"#, "<A=x>"),
        (r#"{"A": "x"}"#, "<A=x>"),
        ("Parameters:\n  A: x\n", "<A=x>"),
        ("[]", "<A=d>"),
    ] {
        let options = Options { var_files: vec![PathBuf::from("p/prod.json")], ..Options::default() };
        let files = [("t/t.yaml", template), ("p/prod.json", shape)];
        let (reading, diagnostics) = read_with(&files, &options, "t");
        assert_eq!(shown(named(only(&reading), "R"), "P"), expected, "{shape}");
        assert_eq!(diagnostics.is_empty(), shape != "[]", "{diagnostics:?}");
        assert_eq!(only(&reading).tags.contains_key("team"), shape.contains("Tags"));
    }
}

#[test]
fn what_one_template_exports_another_imports() {
    let net = "\
Parameters: {Name: {Type: String, Default: net}}
Resources: {Vpc: {Type: 'AWS::EC2::VPC'}}
Outputs:
  A: {Value: 10.0.0.0/16, Export: {Name: !Sub '${Name}-cidr'}}
  B: {Value: !Ref Vpc, Export: {Name: net-vpc}}
";
    let app = "\
Resources:
  R:
    Type: AWS::X::Y
    Properties:
      Cidr: !ImportValue net-cidr
      Vpc: {'Fn::ImportValue': !Sub 'net-vpc'}
      None: !ImportValue other
";
    let (reading, diagnostics) = read(&[("a.yaml", app), ("n.yaml", net)], &[]);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let app = named(&reading.stacks[0], "R");
    assert_eq!(shown(app, "Cidr"), "10.0.0.0/16");
    let ir::Value::Unknown(reason) = &app.attrs["Vpc"] else { panic!("of another stack") };
    assert!(reason.contains("`n` exports as `net-vpc`"), "{reason}");
}

#[test]
fn every_file_of_parameters_beside_a_template_is_a_deployment() {
    let app =
        "Parameters: {Size: {Type: String}}\nResources: {R: {Type: 'AWS::X::Y', Properties: {P: !Ref Size}}}";
    let files = [
        ("i/app.yaml", app),
        ("i/base.yaml", BUCKET),
        ("i/parameters/test.json", r#"{"Parameters": {"Size": "s"}, "Tags": {"env": "test"}}"#),
        ("i/parameters/prod.json", r#"{"Parameters": {"Size": "l"}}"#),
        ("i/parameters/base.json", r#"{"Parameters": {}, "Tags": {"a": "b"}}"#),
        ("i/parameters/other.json", r#"{"Parameters": {"Else": "l"}}"#),
    ];
    let (reading, diagnostics) = read(&files, &[]);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let found: Vec<_> =
        reading.stacks.iter().map(|s| (s.name.as_str(), s.environment, s.tags.len())).collect();
    assert_eq!(found, [("prod", true, 0), ("test", true, 1), ("base", false, 1)]);
    assert_eq!(shown(named(&reading.stacks[1], "R"), "P"), "<Size=s>");
}

#[test]
fn what_becomes_of_data_is_said_where_the_type_is_asked() {
    let text = "\
Resources:
  A: {Type: 'AWS::RDS::DBInstance', DeletionPolicy: Snapshot}
  B: {Type: 'AWS::RDS::DBInstance', DeletionPolicy: Retain, UpdateReplacePolicy: Snapshot}
  C: {Type: 'AWS::S3::Bucket', DeletionPolicy: Delete, UpdateReplacePolicy: Retain}
";
    let (reading, _) = read(&[("t.yaml", text)], &[]);
    let said = |name: &str| {
        let node = named(only(&reading), name);
        (shown(node, "DeletionPolicy"), node.lifecycle.prevent_destroy)
    };
    assert_eq!(said("A"), ("Snapshot".into(), false));
    assert_eq!(said("B"), ("Snapshot".into(), true));
    assert_eq!(said("C"), ("-".into(), false));
}
