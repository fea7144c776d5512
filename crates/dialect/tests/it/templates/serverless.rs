//! SAM: what the transform makes, held against what aws-sam-translator 1.115.0 made of the same template.

use super::{ids, named, only, read, shown};

const TEMPLATE: &str = r#"
Transform: AWS::Serverless-2016-10-31
Globals:
  Function: {Timeout: 10, Environment: {Variables: {A: 1}}, Tags: {x: y}}
Resources:
  Q: {Type: AWS::SQS::Queue}
  S3B: {Type: AWS::S3::Bucket}
  T: {Type: AWS::SNS::Topic}
  Table: {Type: AWS::Serverless::SimpleTable}
  Table2:
    Type: AWS::Serverless::SimpleTable
    Properties: {PrimaryKey: {Name: k, Type: Number}, ProvisionedThroughput: {ReadCapacityUnits: 5, WriteCapacityUnits: 5}, TableName: n, Tags: {a: b}, SSESpecification: {SSEEnabled: true}}
  Layer:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: s3://b/k, LayerName: l, CompatibleRuntimes: [python3.12]}
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: s3://bucket/key
      Runtime: python3.12
      Handler: a.b
      AutoPublishAlias: live
      Tracing: Active
      Layers: [!Ref Layer]
      VpcConfig: {SubnetIds: [s], SecurityGroupIds: [g]}
      DeadLetterQueue: {Type: SQS, TargetArn: !GetAtt Q.Arn}
      Environment: {Variables: {B: !Ref Table}}
      FunctionUrlConfig: {AuthType: NONE}
      DeploymentPreference: {Type: Canary10Percent5Minutes}
      Policies:
        - AWSLambdaExecute
        - arn:aws:iam::aws:policy/X
        - SQSPollerPolicy: {QueueName: !GetAtt Q.QueueName}
        - Version: "2012-10-17"
          Statement: [{Effect: Allow, Action: s3:GetObject, Resource: '*'}]
        - Statement: [{Effect: Allow, Action: s3:GetObject, Resource: '*'}]
      Events:
        Get: {Type: Api, Properties: {Path: /x, Method: get}}
        Ex: {Type: Api, Properties: {Path: '/x/{id}', Method: any, RestApiId: !Ref Api}}
        H: {Type: HttpApi, Properties: {Path: /h, Method: post}}
        H2: {Type: HttpApi}
        H3: {Type: HttpApi, Properties: {ApiId: !Ref Http, Path: /z, Method: GET}}
        Sq: {Type: SQS, Properties: {Queue: !GetAtt Q.Arn, BatchSize: 5}}
        Sn: {Type: SNS, Properties: {Topic: !Ref T, FilterPolicy: {a: [b]}}}
        Sn2: {Type: SNS, Properties: {Topic: !Ref T, SqsSubscription: true}}
        Sch: {Type: Schedule, Properties: {Schedule: rate(1 day), Input: '{}'}}
        Sch2: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day)}}
        S3e: {Type: S3, Properties: {Bucket: !Ref S3B, Events: 's3:ObjectCreated:*', Filter: {S3Key: {Rules: [{Name: suffix, Value: .x}]}}}}
        D: {Type: DynamoDB, Properties: {Stream: !GetAtt Dyn.StreamArn, StartingPosition: LATEST}}
        K: {Type: Kinesis, Properties: {Stream: 'arn:aws:kinesis:us-east-1:1:stream/x', StartingPosition: LATEST}}
        EB: {Type: EventBridgeRule, Properties: {Pattern: {source: [aws.ec2]}}}
        CW: {Type: CloudWatchEvent, Properties: {Pattern: {source: [aws.ec2]}}}
        L: {Type: CloudWatchLogs, Properties: {LogGroupName: lg, FilterPattern: x}}
        I: {Type: IoTRule, Properties: {Sql: "SELECT *"}}
        Co: {Type: Cognito, Properties: {UserPool: !Ref Pool, Trigger: PreSignUp}}
        Al: {Type: AlexaSkill}
  Pool: {Type: AWS::Cognito::UserPool}
  Dyn: {Type: AWS::DynamoDB::Table, Properties: {}}
  Api:
    Type: AWS::Serverless::Api
    Properties: {StageName: prod, Cors: "'*'", Auth: {DefaultAuthorizer: A, Authorizers: {A: {UserPoolArn: arn:aws:cognito-idp:us-east-1:1:userpool/x}}}, TracingEnabled: true}
  Http:
    Type: AWS::Serverless::HttpApi
    Properties: {StageName: v1, CorsConfiguration: {AllowOrigins: ['*']}}
  F2:
    Type: AWS::Serverless::Function
    Properties: {InlineCode: 'x', Handler: index.h, Runtime: nodejs20.x, Role: arn:aws:iam::1:role/x}
  F3:
    Type: AWS::Serverless::Function
    Properties: {PackageType: Image, ImageUri: x}
  SM:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition: {StartAt: A, States: {A: {Type: Pass, End: true}}}
      Policies: [LambdaInvokePolicy: {FunctionName: !Ref F}]
      Tracing: {Enabled: true}
      Logging: {Level: ALL}
      Events:
        E: {Type: Schedule, Properties: {Schedule: rate(1 day)}}
        E2: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day)}}
        E3: {Type: EventBridgeRule, Properties: {Pattern: {source: [x]}}}
        E4: {Type: Api, Properties: {Path: /run, Method: post}}
Outputs:
  V: {Value: !Ref F.Version}
  A: {Value: !Ref F.Alias}
"#;

#[test]
fn serverless_resources_become_what_the_transform_makes() {
    let (reading, diagnostics) = read(&[("t.yaml", TEMPLATE)], &[]);
    // The authorizers of `Api`, and its CORS responses.
    assert_eq!(ids(&diagnostics), ["sam-property-not-read"; 2]);
    let stack = only(&reading);
    let managed = stack.graph.nodes().filter(|n| n.address.mode == ir::Mode::Managed);
    let mut made: Vec<_> = managed.map(|n| (n.address.name.as_str(), n.kind().as_str())).collect();
    made.sort_unstable();
    let expected = [
        ("Api", "AWS::ApiGateway::RestApi"),
        ("ApiDeployment", "AWS::ApiGateway::Deployment"),
        ("ApiprodStage", "AWS::ApiGateway::Stage"),
        ("CodeDeployServiceRole", "AWS::IAM::Role"),
        ("Dyn", "AWS::DynamoDB::Table"),
        ("F", "AWS::Lambda::Function"),
        ("F2", "AWS::Lambda::Function"),
        ("F3", "AWS::Lambda::Function"),
        ("F3Role", "AWS::IAM::Role"),
        ("FAlPermission", "AWS::Lambda::Permission"),
        ("FAliaslive", "AWS::Lambda::Alias"),
        ("FAliasliveCognitoPermission", "AWS::Lambda::Permission"),
        ("FCW", "AWS::Events::Rule"),
        ("FCWPermission", "AWS::Lambda::Permission"),
        ("FD", "AWS::Lambda::EventSourceMapping"),
        ("FDeploymentGroup", "AWS::CodeDeploy::DeploymentGroup"),
        ("FEB", "AWS::Events::Rule"),
        ("FEBPermission", "AWS::Lambda::Permission"),
        ("FExPermissionprod", "AWS::Lambda::Permission"),
        ("FGetPermissionProd", "AWS::Lambda::Permission"),
        ("FH2Permission", "AWS::Lambda::Permission"),
        ("FH3Permission", "AWS::Lambda::Permission"),
        ("FHPermission", "AWS::Lambda::Permission"),
        ("FI", "AWS::IoT::TopicRule"),
        ("FIPermission", "AWS::Lambda::Permission"),
        ("FK", "AWS::Lambda::EventSourceMapping"),
        ("FL", "AWS::Logs::SubscriptionFilter"),
        ("FLPermission", "AWS::Lambda::Permission"),
        ("FRole", "AWS::IAM::Role"),
        ("FS3ePermission", "AWS::Lambda::Permission"),
        ("FSch", "AWS::Events::Rule"),
        ("FSch2", "AWS::Scheduler::Schedule"),
        ("FSch2Role", "AWS::IAM::Role"),
        ("FSchPermission", "AWS::Lambda::Permission"),
        ("FSn", "AWS::SNS::Subscription"),
        ("FSn2", "AWS::SNS::Subscription"),
        ("FSn2EventSourceMapping", "AWS::Lambda::EventSourceMapping"),
        ("FSn2Queue", "AWS::SQS::Queue"),
        ("FSn2QueuePolicy", "AWS::SQS::QueuePolicy"),
        ("FSnPermission", "AWS::Lambda::Permission"),
        ("FSq", "AWS::Lambda::EventSourceMapping"),
        ("FURLInvokeAllowPublicAccess", "AWS::Lambda::Permission"),
        ("FUrl", "AWS::Lambda::Url"),
        ("FUrlPublicPermissions", "AWS::Lambda::Permission"),
        ("FVersion", "AWS::Lambda::Version"),
        ("Http", "AWS::ApiGatewayV2::Api"),
        ("Httpv1Stage", "AWS::ApiGatewayV2::Stage"),
        ("Layer", "AWS::Lambda::LayerVersion"),
        ("Pool", "AWS::Cognito::UserPool"),
        ("Q", "AWS::SQS::Queue"),
        ("S3B", "AWS::S3::Bucket"),
        ("SM", "AWS::StepFunctions::StateMachine"),
        ("SME", "AWS::Events::Rule"),
        ("SME2", "AWS::Scheduler::Schedule"),
        ("SME2Role", "AWS::IAM::Role"),
        ("SME3", "AWS::Events::Rule"),
        ("SME3Role", "AWS::IAM::Role"),
        ("SME4Role", "AWS::IAM::Role"),
        ("SMERole", "AWS::IAM::Role"),
        ("SMRole", "AWS::IAM::Role"),
        ("ServerlessDeploymentApplication", "AWS::CodeDeploy::Application"),
        ("ServerlessHttpApi", "AWS::ApiGatewayV2::Api"),
        ("ServerlessHttpApiApiGatewayDefaultStage", "AWS::ApiGatewayV2::Stage"),
        ("ServerlessRestApi", "AWS::ApiGateway::RestApi"),
        ("ServerlessRestApiDeployment", "AWS::ApiGateway::Deployment"),
        ("ServerlessRestApiProdStage", "AWS::ApiGateway::Stage"),
        ("T", "AWS::SNS::Topic"),
        ("Table", "AWS::DynamoDB::Table"),
        ("Table2", "AWS::DynamoDB::Table"),
    ];
    assert_eq!(made, expected);
}

#[test]
fn properties_are_said_as_the_transform_says_them() {
    let (reading, _) = read(&[("t.yaml", TEMPLATE)], &[]);
    let stack = only(&reading);
    for (node, property, expected) in [
        ("F", "Code", "(S3Bucket: bucket, S3Key: key)"),
        ("F", "Role", "FRole.Arn"),
        ("F", "Timeout", "10"),
        ("F", "Environment", "(Variables: (A: 1, B: Table))"),
        ("F", "Tags", "[(Key: x, Value: y)]"),
        ("F", "TracingConfig", "(Mode: Active)"),
        ("F", "DeadLetterConfig", "(TargetArn: Q.Arn)"),
        ("F2", "Code", "(ZipFile: x)"),
        ("F2", "Role", "arn:aws:iam::1:role/x"),
        ("F3", "Code", "(ImageUri: x)"),
        ("FAliaslive", "FunctionVersion", "FVersion.Version"),
        ("FSq", "EventSourceArn", "Q.Arn"),
        ("FSq", "FunctionName", "FAliaslive"),
        ("FSn", "Endpoint", "FAliaslive"),
        ("FSn", "FilterPolicy", "(a: [b])"),
        ("FSch", "ScheduleExpression", "rate(1 day)"),
        ("FSch", "Targets", "[(Id: FSchLambdaTarget, Arn: FAliaslive, Input: {})]"),
        ("FSchPermission", "SourceArn", "FSch.Arn"),
        ("FSch2", "Target", "(Arn: FAliaslive, RoleArn: FSch2Role.Arn)"),
        ("FK", "StartingPosition", "LATEST"),
        ("FEB", "EventPattern", "(source: [aws.ec2])"),
        ("Pool", "LambdaConfig", "(PreSignUp: FAliaslive)"),
        ("Table2", "KeySchema", "[(AttributeName: k, KeyType: HASH)]"),
        ("Table", "BillingMode", "PAY_PER_REQUEST"),
        ("ApiprodStage", "DeploymentId", "ApiDeployment"),
        ("Httpv1Stage", "StageName", "v1"),
        ("SM", "RoleArn", "SMRole.Arn"),
        ("SME", "Targets", "[(Id: SMEStepFunctionsTarget, Arn: SM, RoleArn: SMERole.Arn)]"),
        ("FUrl", "AuthType", "NONE"),
        (
            "FGetPermissionProd",
            "SourceArn",
            "\"arn:+AWS::Partition+:execute-api:+AWS::Region+:+AWS::AccountId+:+ServerlessRestApi+/*/GET/x\"",
        ),
    ] {
        assert_eq!(shown(named(stack, node), property), expected, "{node}.{property}");
    }
    let policies = shown(named(stack, "FRole"), "Policies");
    for part in
        ["PolicyName: DeadLetterQueuePolicy", "PolicyName: FRolePolicy2", "Q.QueueName", "sqs:ReceiveMessage"]
    {
        assert!(policies.contains(part), "{part}: {policies}");
    }
    let managed = shown(named(stack, "FRole"), "ManagedPolicyArns");
    let expected = "service-role/AWSLambdaSQSQueueExecutionRole\"";
    assert!(managed.contains(expected) && managed.contains("policy/AWSLambdaExecute\""), "{managed}");
    let body = shown(named(stack, "ServerlessRestApi"), "Body");
    assert!(body.contains("/run: (post:") && body.contains("/x: (get:"), "{body}");
    let bucket = named(stack, "S3B");
    assert!(
        shown(bucket, "NotificationConfiguration")
            .contains("Event: s3:ObjectCreated:*, Function: FAliaslive")
    );
    assert_eq!(bucket.depends_on, [named(stack, "FS3ePermission").address.clone()]);
    assert!(named(stack, "FVersion").lifecycle.prevent_destroy);
    let outputs = &stack.graph.components[""].outputs;
    assert_eq!(super::show(&outputs["V"].1), "FVersion");
    assert_eq!(super::show(&outputs["A"].1), "FAliaslive");
}

#[test]
fn odd_serverless_resources_are_no_trouble() {
    for properties in [
        "",
        "Properties: x",
        "Properties: []",
        "Properties: {Events: x, Policies: x, Tags: x}",
        "Properties: {Events: {A: x, B: {Type: Api}, C: {Type: S3, Properties: {Bucket: !Ref B}}, D: {Type: x}}}",
        "Properties: {Events: {A: {Type: Cognito, Properties: {UserPool: !Ref B, Trigger: [x, {}]}}}}",
        "Properties: {AutoPublishAlias: {}, DeploymentPreference: {}, FunctionUrlConfig: {}, CodeUri: {}}",
        "Properties: {Policies: [{}, [], x, {Nothing: {}}, {SQSPollerPolicy: {}}], DeadLetterQueue: x}",
        "Properties: {DefinitionBody: [], StageName: {}, CorsConfiguration: x, PrimaryKey: x, Location: {}}",
    ] {
        for kind in
            ["Function", "Api", "HttpApi", "SimpleTable", "LayerVersion", "StateMachine", "Application", "X"]
        {
            let text = format!(
                "Globals: {{Function: {{Tags: {{a: b}}}}}}\nResources:\n  A:\n    Type: AWS::Serverless::{kind}\n    {properties}\n  B: {{Type: 'AWS::S3::Bucket', Properties: !Ref A}}\n"
            );
            let (reading, _) = read(&[("t.yaml", &text)], &[]);
            assert!(only(&reading).graph.len() >= 2, "{text}");
        }
    }
}
