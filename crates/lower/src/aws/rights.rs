//! What a pipeline must be allowed in order to plan or deploy a set of kinds.
//!
//! One row a family of kinds: the actions that reading them takes, and those that creating, changing and
//! deleting them takes. A role gets the rows of the kinds that its stack holds and no others. Every action is
//! named. Where AWS lets a family be bounded by name, writing is bounded to the stack's own prefix; most
//! families cannot be, because their resources have no name before they exist.

use std::collections::BTreeSet;

use ir::{Graph, Value};

use super::Statement;
use super::env::{account, partition};
use super::identity::allow;

/// What a role is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Reading what there is.
    Plan,
    /// Reading and changing it.
    Deploy,
}

/// Where writing is allowed.
enum Bound {
    /// Everywhere in the account: the family has no names to go by.
    Account,
    /// Where the resource part of the ARN begins so, followed by the stack's prefix. Service, and whether the
    /// ARN has neither region nor account or only an account.
    Named(&'static [(&'static str, Place, &'static str)]),
}

/// Which parts an ARN has.
#[derive(Clone, Copy)]
enum Place {
    /// Neither region nor account, as buckets.
    Nowhere,
    /// An account, as roles.
    Account,
}

/// One row.
struct Right {
    sid: &'static str,
    /// Kinds begin with one of these.
    kinds: &'static [&'static str],
    read: &'static [&'static str],
    write: &'static [&'static str],
    bound: Bound,
}

/// The statements for a set of kinds. `prefix` begins the names of the stack's resources.
pub(crate) fn statements(
    graph: &mut Graph,
    component: &str,
    prefix: &Value,
    kinds: &BTreeSet<&str>,
    purpose: Purpose,
) -> Vec<Statement> {
    let mut statements = Vec::new();
    for right in RIGHTS.iter().filter(|r| kinds.iter().any(|k| r.holds(k))) {
        statements.push(allow(&format!("Read{}", right.sid), right.read, vec!["*".into()]));
        if purpose == Purpose::Deploy && !right.write.is_empty() {
            let places = match right.bound {
                Bound::Account => vec!["*".into()],
                Bound::Named(places) => {
                    places.iter().map(|place| named(graph, component, prefix, place)).collect()
                }
            };
            statements.push(allow(&format!("Write{}", right.sid), right.write, places));
        }
    }
    statements
}

fn named(
    graph: &mut Graph,
    component: &str,
    prefix: &Value,
    (service, place, rest): &(&str, Place, &str),
) -> Value {
    let account = match place {
        Place::Nowhere => "".into(),
        Place::Account => account(graph, component),
    };
    let partition = partition(graph, component);
    Value::template([
        "arn:".into(),
        partition,
        format!(":{service}::").into(),
        account,
        format!(":{rest}").into(),
        prefix.clone(),
        "-*".into(),
    ])
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
        bound: Bound::Account,
    },
    Right {
        sid: "Routes",
        kinds: &["aws_route"],
        read: &["ec2:DescribeRouteTables"],
        write: &["ec2:CreateRoute", "ec2:DeleteRoute", "ec2:ReplaceRoute"],
        bound: Bound::Account,
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
        bound: Bound::Account,
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
            "elasticloadbalancing:SetWebACL",
        ],
        bound: Bound::Account,
    },
    Right {
        sid: "Certificates",
        kinds: &["aws_acm_"],
        read: &["acm:DescribeCertificate", "acm:ListCertificates", "acm:ListTagsForCertificate"],
        write: &[
            "acm:AddTagsToCertificate", "acm:DeleteCertificate", "acm:RemoveTagsFromCertificate",
            "acm:RequestCertificate", "acm:UpdateCertificateOptions",
        ],
        bound: Bound::Account,
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
        bound: Bound::Account,
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
            "cloudfront:CreateDistribution", "cloudfront:CreateDistributionWithTags",
            "cloudfront:CreateFunction", "cloudfront:CreateInvalidation",
            "cloudfront:CreateOriginAccessControl", "cloudfront:DeleteDistribution",
            "cloudfront:DeleteFunction", "cloudfront:DeleteOriginAccessControl", "cloudfront:PublishFunction",
            "cloudfront:TagResource", "cloudfront:UntagResource", "cloudfront:UpdateDistribution",
            "cloudfront:UpdateFunction", "cloudfront:UpdateOriginAccessControl",
        ],
        bound: Bound::Account,
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
        bound: Bound::Account,
    },
    Right {
        sid: "Releases",
        kinds: &["aws_codedeploy_"],
        read: &[
            "codedeploy:GetApplication", "codedeploy:GetDeployment", "codedeploy:GetDeploymentConfig",
            "codedeploy:GetDeploymentGroup", "codedeploy:ListTagsForResource",
        ],
        write: &[
            "codedeploy:CreateApplication", "codedeploy:CreateDeployment", "codedeploy:CreateDeploymentGroup",
            "codedeploy:DeleteApplication", "codedeploy:DeleteDeploymentGroup",
            "codedeploy:RegisterApplicationRevision", "codedeploy:StopDeployment", "codedeploy:TagResource",
            "codedeploy:UntagResource", "codedeploy:UpdateApplication", "codedeploy:UpdateDeploymentGroup",
        ],
        bound: Bound::Account,
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
        bound: Bound::Account,
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
        bound: Bound::Account,
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
        bound: Bound::Named(&[("iam", Place::Account, "role/")]),
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
        bound: Bound::Named(&[("s3", Place::Nowhere, "")]),
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
        bound: Bound::Account,
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
        bound: Bound::Account,
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
        bound: Bound::Account,
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
        bound: Bound::Account,
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
        bound: Bound::Account,
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
        bound: Bound::Account,
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
        bound: Bound::Account,
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
        bound: Bound::Account,
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
        bound: Bound::Account,
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
        bound: Bound::Account,
    },
    Right {
        sid: "Monitoring",
        kinds: &["aws_cloudwatch_", "aws_prometheus_"],
        read: &[
            "aps:DescribeWorkspace", "aps:ListTagsForResource", "cloudwatch:DescribeAlarms",
            "cloudwatch:GetDashboard", "cloudwatch:ListTagsForResource", "events:DescribeRule",
            "events:ListTagsForResource", "events:ListTargetsByRule", "logs:DescribeLogGroups",
            "logs:DescribeMetricFilters", "logs:DescribeResourcePolicies", "logs:ListTagsForResource",
        ],
        write: &[
            "aps:CreateWorkspace", "aps:DeleteWorkspace", "aps:TagResource", "aps:UntagResource",
            "cloudwatch:DeleteAlarms", "cloudwatch:DeleteDashboards", "cloudwatch:PutCompositeAlarm",
            "cloudwatch:PutDashboard", "cloudwatch:PutMetricAlarm", "cloudwatch:TagResource",
            "cloudwatch:UntagResource", "events:DeleteRule", "events:PutRule", "events:PutTargets",
            "events:RemoveTargets", "events:TagResource", "events:UntagResource", "logs:AssociateKmsKey",
            "logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:DeleteMetricFilter",
            "logs:DeleteResourcePolicy", "logs:DeleteRetentionPolicy", "logs:DisassociateKmsKey",
            "logs:PutMetricFilter", "logs:PutResourcePolicy", "logs:PutRetentionPolicy", "logs:TagResource",
            "logs:UntagResource",
        ],
        bound: Bound::Account,
    },
    Right {
        sid: "Budgets",
        kinds: &["aws_budgets_"],
        read: &["budgets:ListTagsForResource", "budgets:ViewBudget"],
        write: &["budgets:ModifyBudget", "budgets:TagResource", "budgets:UntagResource"],
        bound: Bound::Account,
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

    #[test]
    fn every_kind_of_the_catalogue_has_its_rights() {
        for info in catalog::kinds::all() {
            let kind = info.kind.as_str();
            let known = FREE.contains(&kind)
                || ADMINISTRATORS.iter().any(|a| kind.starts_with(a))
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
