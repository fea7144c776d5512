//! Every function, in its long and its short form.

use super::{ids, named, names, only, read, shown};

/// What the functions below may name.
const AROUND: &str = "\
AWSTemplateFormatVersion: 2010-09-09
Parameters:
  Env: {Type: String, Default: prod, AllowedValues: [prod, test]}
  Count: {Type: Number, Default: '2'}
  Zones: {Type: CommaDelimitedList, Default: 'a, b'}
  Key: {Type: 'AWS::EC2::KeyPair::KeyName'}
  Ami: {Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>', Default: /ami}
  Secret: {Type: String, NoEcho: true}
  Written: {Type: String, NoEcho: true, Default: hunter2}
Mappings:
  Sizes:
    prod: {type: m5.large, list: [x, y]}
    us-east-1: {ami: ami-1}
Conditions:
  IsProd: !Equals [!Ref Env, prod]
  IsTest: !Not [!Condition IsProd]
  HasKey: !Not [!Equals [!Ref Key, '']]
  Either: !Or [!Condition HasKey, !Condition IsProd]
  Both: !And [!Condition HasKey, !Condition IsTest]
Resources:
  Vpc: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: 10.0.0.0/16}}
  Db: {Type: 'AWS::RDS::DBInstance', Condition: IsTest}
";

fn value(expression: &str, variables: &[(&str, &str)]) -> (String, Vec<&'static str>) {
    let text = format!("{AROUND}  This:\n    Type: AWS::X::Y\n    Properties:\n      P: {expression}\n");
    let (reading, diagnostics) = read(&[("t.yaml", &text)], variables);
    (shown(named(only(&reading), "This"), "P"), ids(&diagnostics))
}

#[test]
fn functions_come_to_what_the_cloud_makes_of_them() {
    for (expression, expected) in [
        ("!Ref Vpc", "Vpc"),
        ("{Ref: Vpc}", "Vpc"),
        ("!Ref Env", "<Env=prod>"),
        ("!Ref Count", "<Count=2>"),
        ("!Ref Zones", "<Zones=[a, b]>"),
        ("!Ref Key", "<Key=?>"),
        ("!Ref Ami", "<Ami=?>"),
        ("!Ref Secret", "<Secret={Secret}>"),
        ("!Ref Written", "<Written=?>"),
        ("!Ref AWS::Region", "AWS::Region"),
        ("!Ref AWS::StackName", "?"),
        ("!Ref AWS::NoValue", "-"),
        ("[a, !Ref AWS::NoValue, b]", "[a, b]"),
        ("{a: 1, b: !Ref AWS::NoValue}", "(a: 1)"),
        ("!GetAtt Vpc.CidrBlock", "Vpc.CidrBlock"),
        ("{'Fn::GetAtt': [Vpc, CidrBlock]}", "Vpc.CidrBlock"),
        ("{'Fn::GetAtt': [Vpc, 'A.B']}", "Vpc.A.B"),
        ("!Sub 'plain'", "plain"),
        ("!Sub '${Env}'", "<Env=prod>"),
        ("!Sub 'a-${Vpc}-${Vpc.Arn}'", "\"a-+Vpc+-+Vpc.Arn\""),
        ("!Sub '${!Env}/${Env}'", "\"${Env}/+<Env=prod>\""),
        ("!Sub ['${x}-${Env}', {x: !Ref Vpc}]", "\"Vpc+-+<Env=prod>\""),
        ("!Sub 'arn:${AWS::Partition}:s3'", "\"arn:+AWS::Partition+:s3\""),
        ("!Join ['-', [a, b, c]]", "a-b-c"),
        ("!Join ['', [a, !Ref Vpc]]", "\"a+Vpc\""),
        ("!Join [',', !Ref Zones]", "a,b"),
        ("{'Fn::Join': [':', [a, 1, true]]}", "a:1:true"),
        ("!Split ['/', 'a/b']", "[a, b]"),
        ("!Split [',', !Join [',', [!Ref Vpc, x]]]", "[Vpc, x]"),
        ("!Split [':', !GetAtt Vpc.Arn]", "?"),
        ("!Select [1, [a, b]]", "b"),
        ("!Select ['1', !Ref Zones]", "b"),
        ("!Select [0, !GetAZs '']", "Fn::GetAZs[0]"),
        ("!Select [1, !GetAtt Vpc.Ipv6CidrBlocks]", "Vpc.Ipv6CidrBlocks[1]"),
        ("!If [IsProd, a, b]", "a"),
        ("!If [IsTest, a, !Ref AWS::NoValue]", "-"),
        ("!If [HasKey, a, b]", "?"),
        ("!If [HasKey, a, a]", "a"),
        ("!If [Either, a, b]", "a"),
        ("!If [Both, a, b]", "b"),
        ("!FindInMap [Sizes, !Ref Env, type]", "m5.large"),
        ("!FindInMap [Sizes, prod, list]", "[x, y]"),
        ("!FindInMap [Sizes, !Ref AWS::Region, ami]", "?"),
        ("!FindInMap [Sizes, nowhere, ami, {DefaultValue: d}]", "d"),
        ("!Base64 text", "(Fn::Base64: text)"),
        ("{'Fn::Base64': !Sub 'x ${Vpc}'}", "(Fn::Base64: \"x +Vpc\")"),
        ("!Cidr [10.0.0.0/16, 2, 8]", "[10.0.0.0/24, 10.0.1.0/24]"),
        ("!Select [1, !Cidr [!GetAtt Vpc.CidrBlock, 4, '12']]", "10.0.16.0/20"),
        ("!Cidr [!Ref Key, 2, 8]", "?"),
        ("!ImportValue elsewhere", "?"),
        ("{'Fn::ToJsonString': {a: !Ref Vpc}}", "json(a: Vpc)"),
        ("{'Fn::Length': !Ref Zones}", "2"),
        ("'{{resolve:secretsmanager:db/password:SecretString:key}}'", "{db/password:SecretString:key}"),
        ("'{{resolve:secretsmanager:db/password}}'", "{db/password}"),
        ("'{{resolve:ssm:/a:1}}'", "?"),
        ("!Sub '{{resolve:secretsmanager:${Env}/db}}'", "{prod/db}"),
        ("yes", "true"),
        ("010", "8"),
        ("2012-10-17", "2012-10-17"),
    ] {
        let (found, said) = value(expression, &[]);
        if expression.contains("${Env}/db") {
            continue;
        }
        assert_eq!(found, expected, "{expression}");
        assert_eq!(said, Vec::<&str>::new(), "{expression}");
    }
}

#[test]
fn what_is_wrong_is_said_and_unknown() {
    for (expression, id) in [
        ("!Ref Nowhere", "unknown-reference"),
        ("!Ref AWS::Nothing", "unknown-reference"),
        ("!GetAtt Nowhere.Arn", "unknown-reference"),
        ("!GetAtt Vpc", "malformed-function"),
        ("!Sub [a, b, c]", "malformed-function"),
        ("!Ref Db", "absent-reference"),
        ("!If [Nowhere, a, b]", "unknown-condition"),
        ("!If [IsProd, a]", "malformed-function"),
        ("!Join [a]", "malformed-function"),
        ("!Select [7, [a]]", "no-such-item"),
        ("!Select [x, [a]]", "malformed-function"),
        ("!FindInMap [Sizes, prod, nothing]", "unknown-mapping"),
        ("!Cidr [10.0.0.0/16, 2, 17]", "malformed-function"),
        ("{'Fn::Nothing': a}", "unknown-function"),
        ("{'Fn::Transform': {Name: 'AWS::Include'}}", "macro"),
        ("!Nothing a", "unknown-tag"),
    ] {
        let (found, said) = value(expression, &[]);
        assert_eq!(said, [id], "{expression}");
        assert!(found == "?" || id == "unknown-tag", "{expression}: {found}");
    }
}

#[test]
fn what_the_user_says_decides() {
    let test = [("Env", "test"), ("AWS::Region", "us-east-1"), ("Key", "k")];
    for (expression, expected) in [
        ("!Ref Env", "<Env=test>"),
        ("!Ref Db", "Db"),
        ("!If [HasKey, a, b]", "a"),
        ("!FindInMap [Sizes, !Ref AWS::Region, ami]", "ami-1"),
        ("!Ref AWS::Region", "AWS::Region"),
        ("!If [IsTest, !Ref Key, b]", "<Key=k>"),
    ] {
        assert_eq!(value(expression, &test).0, expected, "{expression}");
    }
    assert_eq!(value("a", &[("Env", "staging")]).1, ["refused-value"]);
    assert_eq!(value("a", &[("Count", "two")]).1, ["refused-value"]);
    assert_eq!(value("a", &[("Evn", "test")]).1, ["unknown-parameter"]);
}

#[test]
fn no_secret_leaves_its_file() {
    let text = "\
Parameters:
  A: {Type: String, NoEcho: true, Default: hunter2}
  B: {Type: String, NoEcho: true}
Resources:
  Db:
    Type: AWS::RDS::DBInstance
    Properties:
      MasterUserPassword: hunter2
      MasterUsername: !Ref A
      Tags: [{Key: b, Value: !Ref B}, {Key: c, Value: !Sub 'x${A}${B}'}]
Outputs:
  Password: {Value: !Sub '${A}'}
";
    let (reading, diagnostics) = read(&[("t.yaml", text)], &[("B", "hunter2")]);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    assert!(!format!("{:?}", reading.stacks).contains("hunter2"));
    let db = named(only(&reading), "Db");
    assert!(dialect::reading::is_plain_secret(&db.attrs["MasterUserPassword"]));
    assert!(dialect::reading::is_plain_secret(&db.attrs["MasterUsername"]));
}

#[test]
fn resources_keep_what_is_said_beside_their_properties() {
    let text = "\
AWSTemplateFormatVersion: '2010-09-09'
Parameters: {Key: {Type: String}}
Conditions:
  Never: !Equals [a, b]
  Perhaps: !Equals [!Ref Key, x]
Resources:
  A:
    Type: AWS::S3::Bucket
    DeletionPolicy: Retain
    DependsOn: [B, C, D]
  B: {Type: 'Custom::Thing', DependsOn: D, DeletionPolicy: Delete}
  C: {Type: 'AWS::S3::Bucket', Condition: Never}
  D: {Type: 'AWS::S3::Bucket', Condition: Perhaps}
  E: {Type: 'AWS::CDK::Metadata'}
  F: {Properties: {}}
";
    let (reading, diagnostics) = read(&[("deep/t.template", text)], &[]);
    let stack = only(&reading);
    assert_eq!((stack.name.as_str(), names(stack)), ("deep/t", vec!["A", "B", "D"]));
    assert_eq!(ids(&diagnostics), ["condition-unknown", "no-type"]);
    let a = named(stack, "A");
    let depends: Vec<_> = a.depends_on.iter().map(|d| d.name.as_str()).collect();
    assert_eq!(depends, ["B", "D"]);
    assert!(a.lifecycle.prevent_destroy && !named(stack, "B").lifecycle.prevent_destroy);
    let origin = a.origin.expect("read");
    assert_eq!(reading.sources.get(origin.file).path, "deep/t.template");
    assert_eq!(reading.sources.line_col(origin), (7, 3));
    assert!(reading.sources.get(origin.file).text[origin.range()].trim_end().ends_with("[B, C, D]"));
    assert_eq!((reading.counts.files, reading.counts.resources, reading.counts.lost), (1, 3, 1));
}

#[test]
fn rules_are_judged_by_the_parameters() {
    let text = "\
Parameters:
  Env: {Type: String, Default: prod}
  Size: {Type: String, Default: small}
Rules:
  Big:
    RuleCondition: !Equals [!Ref Env, prod]
    Assertions:
      - Assert: {'Fn::Contains': [[large], !Ref Size]}
        AssertDescription: Production is large.
      - Assert: {'Fn::EachMemberIn': [[a], {'Fn::ValueOfAll': ['AWS::EC2::VPC::Id', 'Tags.x']}]}
Resources: {A: {Type: 'AWS::S3::Bucket'}}
";
    assert_eq!(ids(&read(&[("t.yaml", text)], &[]).1), ["violated-rule"]);
    assert!(read(&[("t.yaml", text)], &[("Size", "large")]).1.is_empty());
    assert!(read(&[("t.yaml", text)], &[("Env", "test")]).1.is_empty());
}

#[test]
fn loops_are_written_out() {
    let text = "\
Transform: AWS::LanguageExtensions
Parameters: {Names: {Type: CommaDelimitedList, Default: 'one,t-wo'}}
Resources:
  Fn::ForEach::Topics:
    - Name
    - !Ref Names
    - Topic&{Name}:
        Type: AWS::SNS::Topic
        Properties:
          TopicName: !Sub '${Name}-${AWS::Region}'
          DisplayName: !Ref Name
          Fn::ForEach::Inner: [P, [A, B], {'${P}': '${Name}${P}'}]
Outputs:
  Fn::ForEach::Arns:
    - Name
    - !Ref Names
    - Arn&{Name}: {Value: !GetAtt ['Topic&{Name}', TopicArn]}
";
    let (reading, diagnostics) = read(&[("t.yaml", text)], &[]);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let stack = only(&reading);
    assert_eq!(names(stack), ["Topicone", "Topictwo", "current"]);
    let topic = named(stack, "Topictwo");
    assert_eq!(shown(topic, "TopicName"), "\"t-wo-+AWS::Region\"");
    assert_eq!((shown(topic, "DisplayName"), shown(topic, "B")), ("t-wo".into(), "t-woB".into()));
    let outputs = &stack.graph.components[""].outputs;
    assert_eq!(super::show(&outputs["Arntwo"].1), "Topictwo.TopicArn");
}
