//! What AWS refuses to delete while something uses it.
//!
//! Most things may go while others still name them: a task definition is deregistered and its service runs on, a
//! bucket's settings go one by one, a role forgets an inline policy. The rows are the exceptions, because only
//! they decide in which order a replacement can be carried out. It knows kinds and not graphs or plans.
//!
//! Source: the service models of botocore 1.44.5 (2026-11-23): the documentation of each delete operation and
//! the errors it declares. The models of EC2 declare no errors; its code is the one that its documentation
//! names for all of them. No row was tried against a live account.

/// One kind that is refused.
#[derive(Debug)]
pub(crate) struct InUse {
    /// What cannot be deleted.
    kind: &'static str,
    /// While one of these refers to it.
    by: &'static [&'static str],
    /// What the cloud answers: the error's code.
    error: &'static str,
}

impl InUse {
    /// The error with which the cloud refuses the deletion while something of the kind `by` refers to it; `None`
    /// when it may go.
    #[must_use]
    pub(crate) fn refuses(&self, by: &str) -> Option<&'static str> {
        let interface = UNDER_INTERFACES.contains(&self.kind) && WITH_INTERFACES.contains(&by);
        (interface || self.by.contains(&by)).then_some(self.error)
    }
}

/// What is known about deleting a `kind`; `None` when the cloud never refuses it for being used.
#[must_use]
pub(crate) fn of(kind: &str) -> Option<&'static InUse> {
    IN_USE.iter().find(|row| row.kind == kind)
}

/// Whether who refers to `stand_in` uses the `kind` that it refers to.
#[must_use]
pub(crate) fn stands_for(stand_in: &str, kind: &str) -> bool {
    STANDS_FOR.contains(&(stand_in, kind))
}

/// A kind that stands for another: who refers to the first uses the second.
static STANDS_FOR: &[(&str, &str)] = &[
    ("aws_acm_certificate_validation", "aws_acm_certificate"),
    ("aws_db_subnet_group", "aws_subnet"),
    ("aws_docdb_subnet_group", "aws_subnet"),
    ("aws_elasticache_subnet_group", "aws_subnet"),
];

/// What a network interface holds.
static UNDER_INTERFACES: &[&str] = &["aws_security_group", "aws_subnet"];

/// Kinds with network interfaces.
static WITH_INTERFACES: &[&str] = &[
    "aws_db_instance",
    "aws_docdb_cluster",
    "aws_docdb_cluster_instance",
    "aws_ecs_service",
    "aws_efs_mount_target",
    "aws_elasticache_cluster",
    "aws_elasticache_replication_group",
    "aws_lambda_function",
    "aws_lb",
    "aws_mq_broker",
    "aws_msk_cluster",
    "aws_msk_serverless_cluster",
    "aws_opensearch_domain",
    "aws_rds_cluster",
    "aws_rds_cluster_instance",
    "aws_vpc_endpoint",
];

/// Every kind that is refused.
static IN_USE: &[InUse] = &[
    InUse {
        kind: "aws_acm_certificate",
        by: &["aws_cloudfront_distribution", "aws_lb_listener", "aws_lb_listener_certificate"],
        error: "ResourceInUseException",
    },
    InUse { kind: "aws_backup_plan", by: &["aws_backup_selection"], error: "InvalidRequestException" },
    InUse { kind: "aws_cloudfront_function", by: &["aws_cloudfront_distribution"], error: "FunctionInUse" },
    InUse {
        kind: "aws_cloudfront_origin_access_control",
        by: &["aws_cloudfront_distribution"],
        error: "OriginAccessControlInUse",
    },
    InUse {
        kind: "aws_cloudfront_response_headers_policy",
        by: &["aws_cloudfront_distribution"],
        error: "ResponseHeadersPolicyInUse",
    },
    InUse {
        kind: "aws_cloudfront_vpc_origin",
        by: &["aws_cloudfront_distribution"],
        error: "CannotDeleteEntityWhileInUse",
    },
    InUse {
        kind: "aws_codedeploy_deployment_config",
        by: &["aws_codedeploy_deployment_group"],
        error: "DeploymentConfigInUseException",
    },
    InUse {
        kind: "aws_db_parameter_group",
        by: &["aws_db_instance", "aws_rds_cluster_instance"],
        error: "InvalidDBParameterGroupState",
    },
    InUse {
        kind: "aws_db_subnet_group",
        by: &["aws_db_instance", "aws_rds_cluster", "aws_rds_cluster_instance"],
        error: "InvalidDBSubnetGroupStateFault",
    },
    InUse {
        kind: "aws_docdb_cluster",
        by: &["aws_docdb_cluster_instance"],
        error: "InvalidDBClusterStateFault",
    },
    InUse {
        kind: "aws_docdb_cluster_parameter_group",
        by: &["aws_docdb_cluster"],
        error: "InvalidDBParameterGroupState",
    },
    InUse {
        kind: "aws_docdb_subnet_group",
        by: &["aws_docdb_cluster"],
        error: "InvalidDBSubnetGroupStateFault",
    },
    InUse { kind: "aws_ecs_cluster", by: &["aws_ecs_service"], error: "ClusterContainsServicesException" },
    InUse { kind: "aws_efs_file_system", by: &["aws_efs_mount_target"], error: "FileSystemInUse" },
    InUse { kind: "aws_eip", by: &["aws_nat_gateway"], error: "InvalidIPAddress.InUse" },
    InUse {
        kind: "aws_elasticache_parameter_group",
        by: &["aws_elasticache_cluster", "aws_elasticache_replication_group"],
        error: "InvalidCacheParameterGroupState",
    },
    InUse {
        kind: "aws_elasticache_subnet_group",
        by: &["aws_elasticache_cluster", "aws_elasticache_replication_group"],
        error: "CacheSubnetGroupInUse",
    },
    InUse {
        kind: "aws_elasticache_user_group",
        by: &["aws_elasticache_replication_group"],
        error: "InvalidUserGroupState",
    },
    InUse { kind: "aws_iam_policy", by: &["aws_iam_role_policy_attachment"], error: "DeleteConflict" },
    InUse {
        kind: "aws_iam_role",
        by: &["aws_iam_role_policy", "aws_iam_role_policy_attachment"],
        error: "DeleteConflict",
    },
    InUse {
        kind: "aws_internet_gateway",
        by: &["aws_eip", "aws_lb", "aws_nat_gateway"],
        error: "DependencyViolation",
    },
    InUse {
        kind: "aws_lb_target_group",
        by: &["aws_lb_listener", "aws_lb_listener_rule"],
        error: "ResourceInUse",
    },
    InUse { kind: "aws_rds_cluster", by: &["aws_rds_cluster_instance"], error: "InvalidDBClusterStateFault" },
    InUse {
        kind: "aws_rds_cluster_parameter_group",
        by: &["aws_rds_cluster"],
        error: "InvalidDBParameterGroupState",
    },
    InUse { kind: "aws_route53_zone", by: &["aws_route53_record"], error: "HostedZoneNotEmpty" },
    InUse { kind: "aws_route_table", by: &["aws_route_table_association"], error: "DependencyViolation" },
    InUse {
        kind: "aws_security_group",
        by: &["aws_vpc_security_group_egress_rule", "aws_vpc_security_group_ingress_rule"],
        error: "DependencyViolation",
    },
    InUse {
        kind: "aws_service_discovery_private_dns_namespace",
        by: &["aws_service_discovery_service"],
        error: "ResourceInUse",
    },
    InUse {
        kind: "aws_service_discovery_service",
        by: &["aws_ecs_service", "aws_service_discovery_instance"],
        error: "ResourceInUse",
    },
    InUse { kind: "aws_subnet", by: &["aws_nat_gateway"], error: "DependencyViolation" },
    InUse {
        kind: "aws_vpc",
        by: &[
            "aws_internet_gateway",
            "aws_route_table",
            "aws_security_group",
            "aws_subnet",
            "aws_vpc_endpoint",
        ],
        error: "DependencyViolation",
    },
    InUse {
        kind: "aws_vpc_dhcp_options",
        by: &["aws_vpc_dhcp_options_association"],
        error: "DependencyViolation",
    },
    InUse {
        kind: "aws_wafv2_web_acl",
        by: &["aws_cloudfront_distribution", "aws_wafv2_web_acl_association"],
        error: "WAFAssociatedItemException",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_names_kinds_of_the_catalogue_once() {
        let known = |kind: &str| catalog::kinds::all().any(|info| !info.data && info.kind == kind);
        let mut seen = std::collections::BTreeSet::new();
        for row in IN_USE {
            assert!(known(row.kind) && seen.insert(row.kind), "{}", row.kind);
            assert!(!row.by.is_empty() && !row.error.is_empty(), "{}", row.kind);
            for by in row.by {
                assert!(known(by) && *by != row.kind, "{} by {by}", row.kind);
            }
        }
        for (stand_in, kind) in STANDS_FOR {
            assert!(known(stand_in) && seen.contains(kind), "{stand_in} for {kind}");
        }
        assert!(UNDER_INTERFACES.iter().all(|kind| seen.contains(kind)));
        assert!(WITH_INTERFACES.iter().all(|kind| known(kind)));
    }
}
