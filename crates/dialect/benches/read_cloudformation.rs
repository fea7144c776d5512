//! How long the largest template that CloudFormation takes takes to read: 1 MB of YAML, the service's limit.
//!
//! Services of a load balancer, functions, tables and queues that refer to each other in every way that templates do.
//! `cargo bench --package dialect --bench read_cloudformation`.

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, Throughput};
use dialect::{Options, Place, Reading};
use ir::MemoryWorld;

/// Bytes of a template that CloudFormation takes at most.
const LIMIT: usize = 1 << 20;

fn main() {
    let text = template();
    let bytes = text.len() as u64;
    let world = MemoryWorld::with([("template.yaml", text)]);
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    let mut group = criterion.benchmark_group("read_cloudformation");
    group.throughput(Throughput::Bytes(bytes));
    group.bench_function("1_MB", |bencher| bencher.iter(|| read(black_box(&world))));
    group.finish();
    criterion.final_summary();
}

fn read(world: &MemoryWorld) -> Reading {
    let options = Options::default();
    let place = Place { world, root: Path::new("template.yaml"), options: &options };
    let (reading, diagnostics) = dialect::cloudformation::read::read(&place);
    assert!(!diagnostics.has_errors(), "{:?}", diagnostics.iter().next());
    assert!(reading.counts.resources > 2000);
    reading
}

/// As many parts as fit.
fn template() -> String {
    let mut text = HEAD.to_owned();
    for i in 0.. {
        let part = PART.replace("{i}", &i.to_string());
        if text.len() + part.len() > LIMIT {
            break;
        }
        text.push_str(&part);
    }
    write!(text, "Outputs:\n  Url: {{Value: !Sub 'https://${{Function0}}/'}}\n")
        .expect("a text can be longer");
    text
}

const HEAD: &str = "\
AWSTemplateFormatVersion: '2010-09-09'
Description: A large application
Parameters:
  Environment: {Type: String, Default: production, AllowedValues: [production, staging]}
  Subnets: {Type: CommaDelimitedList, Default: 'subnet-a,subnet-b'}
Mappings:
  Sizes:
    production: {memory: 1024, capacity: 50}
    staging: {memory: 256, capacity: 5}
Conditions:
  IsProduction: !Equals [!Ref Environment, production]
Resources:
";

const PART: &str = r#"  Queue{i}:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Sub '${Environment}-orders-{i}'
      VisibilityTimeout: 300
      RedrivePolicy:
        deadLetterTargetArn: !GetAtt Letters{i}.Arn
        maxReceiveCount: 5
      Tags:
        - {Key: environment, Value: !Ref Environment}
  Letters{i}:
    Type: AWS::SQS::Queue
    Properties:
      MessageRetentionPeriod: !If [IsProduction, 1209600, 345600]
  Table{i}:
    Type: AWS::DynamoDB::Table
    DeletionPolicy: Retain
    Properties:
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      ProvisionedThroughput:
        ReadCapacityUnits: !FindInMap [Sizes, !Ref Environment, capacity]
        WriteCapacityUnits: !FindInMap [Sizes, !Ref Environment, capacity]
  Role{i}:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          - {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: 'sts:AssumeRole'}
      Policies:
        - PolicyName: own
          PolicyDocument:
            Statement:
              - Effect: Allow
                Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes']
                Resource: !GetAtt Queue{i}.Arn
              - Effect: Allow
                Action: ['dynamodb:GetItem', 'dynamodb:PutItem']
                Resource: [!GetAtt Table{i}.Arn, !Sub '${Table{i}.Arn}/index/*']
  Function{i}:
    Type: AWS::Lambda::Function
    DependsOn: Role{i}
    Properties:
      Handler: main.handle
      Runtime: python3.12
      MemorySize: !FindInMap [Sizes, !Ref Environment, memory]
      Role: !GetAtt Role{i}.Arn
      Code: {S3Bucket: !Sub 'code-${AWS::AccountId}-${AWS::Region}', S3Key: !Join ['/', [functions, '{i}', code.zip]]}
      VpcConfig: {SubnetIds: !Ref Subnets, SecurityGroupIds: [sg-1]}
      Environment:
        Variables:
          TABLE: !Ref Table{i}
          QUEUE: !Ref Queue{i}
  Mapping{i}:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {EventSourceArn: !GetAtt Queue{i}.Arn, FunctionName: !Ref Function{i}, BatchSize: 10}
"#;
