//! Compares the catalogue with tables that others published, where those lie beside the project.
//!
//! The tables are never part of the project; without them the tests say so and pass.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests read files that the product never does, and say when they cannot"
)]

use std::collections::{BTreeMap, BTreeSet};

/// The share by which a figure may differ.
const TOLERANCE: f64 = 0.01;

/// The data rows of a table, or nothing when it is absent.
fn rows(name: &str) -> Option<Vec<Vec<String>>> {
    let path = format!("{}/../../../shared/facts/{name}", env!("CARGO_MANIFEST_DIR"));
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("skipped: {name} does not lie beside the project");
        return None;
    };
    let lines = text.lines().filter(|l| !l.starts_with('#'));
    Some(lines.map(|l| l.split('\t').map(str::to_owned).collect()).collect())
}

/// Compares every listed figure of `service` with the table's, and returns how many there were.
fn compare(service: &str, table: &BTreeMap<(String, String), f64>) -> usize {
    let mut compared = 0;
    for ((class, region), expected) in table {
        let Some(price) = catalog::price(region, &format!("{service}/{class}")) else { continue };
        // A derived figure is an estimate by a general factor and is held by the test below.
        if price.evidence == catalog::Evidence::Secondary {
            compared += 1;
            let off = (price.usd / expected - 1.0).abs();
            assert!(off <= TOLERANCE, "{service}/{class} in {region}: {} against {expected}", price.usd);
        }
    }
    compared
}

/// Class and region to dollars, from the columns given.
fn table(rows: &[Vec<String>], region: usize, usd: usize) -> BTreeMap<(String, String), f64> {
    let read = |row: &Vec<String>| {
        let usd = row.get(usd)?.parse().ok()?;
        Some(((row.first()?.clone(), row.get(region)?.clone()), usd))
    };
    rows.iter().filter_map(read).collect()
}

#[test]
fn caches_and_search_cost_what_the_tables_say() {
    if let Some(rows) = rows("prices/aws_elasticache.tsv") {
        assert!(compare("elasticache-redis", &table(&rows, 3, 4)) > 60);
        assert!(compare("elasticache-memcached", &table(&rows, 3, 4)) > 60);
        assert!(compare("elasticache-valkey", &table(&rows, 3, 5)) > 60);
    }
    if let Some(rows) = rows("prices/aws_opensearch.tsv") {
        assert!(compare("opensearch", &table(&rows, 3, 4)) > 40);
    }
}

/// The general factor is no price list, but it must stay close enough to choose by.
#[test]
fn derived_prices_are_near_the_tables() {
    let Some(rows) = rows("prices/aws_elasticache.tsv") else { return };
    let mut errors: Vec<f64> = table(&rows, 3, 4)
        .into_iter()
        .filter(|((class, _), _)| {
            class.contains(".m6g.") || class.contains(".r6g.") || class.contains(".t4g.")
        })
        .filter_map(|((class, region), expected)| {
            let price = catalog::price(&region, &format!("elasticache-redis/{class}"))?;
            let derived = price.evidence == catalog::Evidence::Derived;
            derived.then(|| (price.usd / expected - 1.0).abs())
        })
        .collect();
    errors.sort_by(f64::total_cmp);
    let at = |share: f64| errors[((errors.len() - 1) as f64 * share) as usize];
    eprintln!("{} derived prices: median off by {:.3}, 90 % within {:.3}", errors.len(), at(0.5), at(0.9));
    assert!(at(0.5) < 0.03 && at(0.9) < 0.2);
}

#[test]
fn managed_services_cost_what_the_tables_say() {
    let Some(rows) = rows("prices/managed_infracost_goldens.tsv") else { return };
    let mut compared = 0;
    for (kind, component, id, units) in PUBLISHED.iter().copied() {
        let figures =
            rows.iter().filter(|r| r.len() > 4 && r[0] == kind && r[1] == "us-east-1" && r[2] == component);
        let figures: Vec<f64> = figures.filter_map(|r| r[4].parse().ok()).collect();
        let ours = catalog::price("us-east-1", id).unwrap_or_else(|| panic!("{id}")).usd * units;
        let same = |theirs: &f64| (ours / theirs - 1.0).abs() <= TOLERANCE;
        assert!(figures.iter().any(same), "{id}: {ours} against {figures:?}");
        compared += 1;
    }
    assert_eq!(compared, PUBLISHED.len());
}

/// Kind and component of a published figure, the price that must agree, and how many units it is for.
static PUBLISHED: &[(&str, &str, &str, f64)] = &[
    ("aws_api_gateway_rest_api", "Requests (first 333M)", "apigateway/rest-million", 1.0),
    ("aws_api_gateway_stage", "Cache memory (237 GB)", "apigateway/cache-237-hour", 1.0),
    ("aws_apigatewayv2_api", "Connection duration", "apigateway/websocket-minute-million", 1.0),
    ("aws_apigatewayv2_api", "Messages (first 1B)", "apigateway/websocket-message-million", 1.0),
    ("aws_apigatewayv2_api", "Requests (first 300M)", "apigateway/http-million", 1.0),
    ("aws_cloudtrail", "Data events", "cloudtrail/data-event-100000", 1.0),
    ("aws_cloudtrail", "Insight events", "cloudtrail/insight-event-100000", 1.0),
    ("aws_cloudwatch_dashboard", "Dashboard", "cloudwatch/dashboard-month", 1.0),
    ("aws_cloudwatch_event_bus", "Custom events published", "events/custom-event-million", 1.0),
    ("aws_cloudwatch_log_group", "Archival Storage", "cloudwatch/logs-storage-gb-month", 1.0),
    ("aws_cloudwatch_log_group", "Data ingested", "cloudwatch/logs-ingest-gb", 1.0),
    ("aws_cloudwatch_metric_alarm", "High resolution", "cloudwatch/alarm-high-resolution-month", 1.0),
    ("aws_cloudwatch_metric_alarm", "Standard resolution", "cloudwatch/alarm-month", 1.0),
    (
        "aws_db_instance",
        "Database instance (on-demand, Single-AZ, db.t3.large)",
        "rds-mysql/db.t3.large",
        1.0,
    ),
    (
        "aws_db_instance",
        "Database instance (on-demand, Single-AZ, db.t3.large)",
        "rds-postgres/db.t3.large",
        1.0,
    ),
    (
        "aws_db_instance",
        "Database instance (on-demand, Single-AZ, db.t4g.small)",
        "rds-mysql/db.t4g.small",
        1.0,
    ),
    ("aws_db_instance", "Provisioned GP3 IOPS (above 3,000)", "rds/gp3-iops-month", 1.0),
    ("aws_db_instance", "Storage (general purpose SSD, gp3)", "rds/gp3-gb-month", 1.0),
    ("aws_config_configuration_recorder", "Config items", "config/item", 1.0),
    ("aws_docdb_cluster", "Backup storage", "docdb/backup-gb-month", 1.0),
    (
        "aws_docdb_cluster_instance",
        "Database instance (on-demand, db.r5.4xlarge)",
        "docdb/db.r5.4xlarge",
        1.0,
    ),
    ("aws_docdb_cluster_instance", "Database instance (on-demand, db.t3.medium)", "docdb/db.t3.medium", 1.0),
    ("aws_docdb_cluster_instance", "I/O requests", "docdb/io-million", 1.0),
    ("aws_docdb_cluster_instance", "Storage", "docdb/storage-gb-month", 1.0),
    ("aws_ecr_repository", "Storage", "ecr/gb-month", 1.0),
    ("aws_ecs_service", "Per GB per hour", "fargate/gb-x86", 730.0),
    ("aws_ecs_service", "Per vCPU per hour", "fargate/vcpu-x86", 730.0),
    ("aws_efs_file_system", "Provisioned throughput", "efs/provisioned-mibps-month", 1.0),
    ("aws_efs_file_system", "Storage (standard)", "efs/standard-gb-month", 1.0),
    ("aws_eip", "IP address (if unused)", "public-ipv4/hour", 1.0),
    ("aws_elasticache_replication_group", "Backup storage", "elasticache/backup-gb-month", 1.0),
    ("aws_kms_key", "Customer master key", "kms/key-month", 1.0),
    ("aws_kms_key", "Requests", "kms/request-10000", 1.0),
    ("aws_lambda_function", "Duration (first 6B)", "lambda/gb-second-x86", 1.0),
    ("aws_lambda_function", "Duration (first 7.5B)", "lambda/gb-second-arm", 1.0),
    ("aws_lambda_function", "Requests", "lambda/request-million", 1.0),
    ("aws_lb", "Application load balancer", "alb/hour", 1.0),
    ("aws_lb", "Load balancer capacity units", "alb/lcu-hour", 730.0),
    ("aws_lb", "Load balancer capacity units", "nlb/lcu-hour", 730.0),
    ("aws_lb", "Network load balancer", "nlb/hour", 1.0),
    (
        "aws_mq_broker",
        "Instance usage (RabbitMQ, mq.m5.xlarge, cluster_multi_az)",
        "mq-rabbitmq/mq.m5.xlarge",
        3.0,
    ),
    (
        "aws_mq_broker",
        "Instance usage (RabbitMQ, mq.m5.xlarge, single_instance)",
        "mq-rabbitmq/mq.m5.xlarge",
        1.0,
    ),
    ("aws_mq_broker", "Storage (ActiveMQ, EFS)", "mq/efs-gb-month", 1.0),
    ("aws_mq_broker", "Storage (RabbitMQ, EBS)", "mq/storage-gb-month", 1.0),
    ("aws_msk_cluster", "Instance (kafka.m5.24xlarge)", "msk/kafka.m5.24xlarge", 1.0),
    ("aws_msk_cluster", "Instance (kafka.t3.small)", "msk/kafka.t3.small", 1.0),
    ("aws_msk_cluster", "Storage", "msk/storage-gb-month", 1.0),
    ("aws_nat_gateway", "Data processed", "nat/gb", 1.0),
    ("aws_nat_gateway", "NAT gateway", "nat/hour", 1.0),
    ("aws_opensearch_domain", "Storage (gp2)", "opensearch/gp2-gb-month", 1.0),
    ("aws_rds_cluster", "Backup storage", "aurora/backup-gb-month", 1.0),
    ("aws_rds_cluster", "I/O requests", "aurora/io-million", 1.0),
    ("aws_rds_cluster", "Storage", "aurora/storage-gb-month", 1.0),
    (
        "aws_rds_cluster_instance",
        "Database instance (on-demand, db.t3.medium)",
        "aurora-mysql/db.t3.medium",
        1.0,
    ),
    ("aws_ebs_volume", "I/O requests", "ebs/standard-io-million", 1.0),
    ("aws_ebs_volume", "Storage (cold HDD, sc1)", "ebs/sc1-gb-month", 1.0),
    ("aws_ebs_volume", "Storage (general purpose SSD, gp2)", "ebs/gp2-gb-month", 1.0),
    ("aws_ebs_volume", "Storage (general purpose SSD, gp3)", "ebs/gp3-gb-month", 1.0),
    ("aws_ebs_volume", "Storage (provisioned IOPS SSD, io2)", "ebs/io2-gb-month", 1.0),
    ("aws_eks_cluster", "EKS cluster", "eks/cluster-hour", 1.0),
    ("aws_eks_cluster", "EKS cluster (extended support)", "eks/extended-cluster-hour", 1.0),
    ("aws_elb", "Classic load balancer", "elb/hour", 1.0),
    ("aws_instance", "Instance usage (Linux/UNIX, on-demand, t3.large)", "ec2/t3.large", 1.0),
    ("aws_kinesis_stream", "Data ingested", "kinesis/in-gb", 1.0),
    ("aws_kinesis_stream", "PROVISIONED", "kinesis/shard-hour", 1.0),
    ("aws_redshift_cluster", "Cluster usage (on-demand, ra3.4xlarge)", "redshift/ra3.4xlarge", 1.0),
    ("aws_route53_record", "Standard queries (first 1B)", "route53/query-million", 1.0),
    ("aws_route53_zone", "Hosted zone", "route53/zone-month", 1.0),
    ("aws_s3_bucket", "Standard > GET, SELECT, and all other requests", "s3/get-1000", 1.0),
    ("aws_s3_bucket", "Standard > PUT, COPY, POST, LIST requests", "s3/put-1000", 1.0),
    ("aws_s3_bucket", "Standard > Storage", "s3/standard-gb-month", 1.0),
    ("aws_secretsmanager_secret", "API requests", "secretsmanager/request-10000", 1.0),
    ("aws_secretsmanager_secret", "Secret", "secretsmanager/secret-month", 1.0),
    ("aws_sfn_state_machine", "Transitions", "states/transition-1000", 1.0),
    ("aws_sns_topic", "API requests (over 1M)", "sns/request-million", 1.0),
    ("aws_sqs_queue", "Requests", "sqs/fifo-request-million", 1.0),
    ("aws_sqs_queue", "Requests", "sqs/request-million", 1.0),
    ("aws_vpc_endpoint", "Data processed (first 1PB)", "vpc-endpoint/gb", 1.0),
    ("aws_vpc_endpoint", "Endpoint (Interface)", "vpc-endpoint/hour", 1.0),
    ("aws_wafv2_web_acl", "Requests", "waf/request-million", 1.0),
    ("aws_wafv2_web_acl", "Rules", "waf/rule-month", 1.0),
    ("aws_wafv2_web_acl", "Web ACL usage", "waf/acl-month", 1.0),
];

/// A level that is said to be published stands in the table of published levels, and one that the table has only
/// from memory is not said to be more.
#[test]
fn service_levels_are_what_the_table_says() {
    let Some(rows) = rows("facts/sla.tsv") else { return };
    let mut compared = 0;
    for info in catalog::kinds::all().filter(|k| !k.data) {
        for configuration in ["multi-az", "single-az"] {
            let Some(sla) = catalog::sla(&info.kind, configuration) else { continue };
            let of_kind = rows.iter().filter(|r| r.len() > 4 && r[1] == info.kind);
            let same =
                |r: &&Vec<String>| r[3].parse().is_ok_and(|p: f64| (p / 100.0 - sla.uptime.0).abs() < 1e-9);
            let verified = of_kind.clone().filter(same).any(|r| r[4] != "recall");
            if of_kind.count() > 0 {
                compared += 1;
                let claimed = sla.evidence != catalog::Evidence::Unverified;
                assert!(verified || !claimed, "{} {configuration}: {}", info.kind, sla.uptime);
            }
        }
    }
    assert!(compared > 20, "only {compared}");
}

/// What CloudFormation would replace and Terraform changes in place, by kind.
static IN_PLACE: &[(&str, &[&str])] = &[
    ("aws_db_instance", &["db_subnet_group_name", "identifier"]),
    ("aws_elasticache_replication_group", &["replicas_per_node_group"]),
    ("aws_iam_role_policy", &["policy"]),
    ("aws_route_table_association", &["route_table_id"]),
    ("aws_vpc_endpoint", &["dns_options"]),
    ("aws_vpc_security_group_egress_rule", &["cidr_ipv6", "from_port", "ip_protocol", "to_port"]),
    ("aws_vpc_security_group_ingress_rule", &["cidr_ipv6", "from_port", "ip_protocol", "to_port"]),
];

/// Every create-only property of a CloudFormation schema that has a counterpart among a kind's settings replaces
/// the resource here too, or stands in the table of exceptions; and every exception is one.
#[test]
fn what_replaces_a_resource_agrees_with_cloudformation() {
    let Some(schemas) = create_only_properties() else { return };
    let (Some(types), Some(properties)) = (rows("maps/tf_cfn_types.tsv"), rows("maps/tf_cfn_props.tsv"))
    else {
        return;
    };
    let whole = types.iter().filter(|r| r.get(2).is_some_and(|how| how == "one"));
    let whole: BTreeMap<&str, &str> = whole.map(|r| (r[0].as_str(), r[1].as_str())).collect();
    let mut exceptions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut compared = 0;
    for row in properties.iter().filter(|r| r.len() > 3 && !r[3].is_empty()) {
        let top = |path: &str| path.split(['.', '[']).next().unwrap_or_default().to_owned();
        let (setting, property) = (top(&row[1]), top(&row[3]));
        let Some(info) = catalog::kind(&row[0]) else { continue };
        let Some(schema) = whole.get(row[0].as_str()).and_then(|t| schemas.get(*t)) else { continue };
        let settable = info
            .schema
            .attributes
            .get(&setting)
            .map_or_else(|| info.schema.blocks.contains_key(&setting), |a| a.required || a.optional);
        if !settable || !schema.contains(&property) {
            continue;
        }
        compared += 1;
        if !info.create_only.iter().any(|c| c.split('.').next() == Some(&setting)) {
            let known = IN_PLACE.iter().find(|(kind, _)| *kind == row[0]);
            let known =
                known.and_then(|(kind, names)| Some((*kind, *names.iter().find(|n| **n == setting)?)));
            let (kind, name) = known.unwrap_or_else(|| panic!("{}.{setting} is not explained", row[0]));
            exceptions.entry(kind).or_default().insert(name);
        }
    }
    assert!(compared > 100, "only {compared}");
    let listed: BTreeMap<&str, BTreeSet<&str>> =
        IN_PLACE.iter().map(|(kind, names)| (*kind, names.iter().copied().collect())).collect();
    assert_eq!(exceptions, listed);
}

/// The top-level create-only properties of every CloudFormation type.
fn create_only_properties() -> Option<BTreeMap<String, BTreeSet<String>>> {
    let schemas = rows("schemas/cloudformation.jsonl")?;
    let read = |row: &Vec<String>| {
        let schema: serde_json::Value = serde_json::from_str(&row.join("\t")).expect("one schema a line");
        let name = |path: &serde_json::Value| {
            let path = path.as_str().and_then(|p| p.strip_prefix("/properties/"));
            path.and_then(|p| p.split('/').next()).map(str::to_owned)
        };
        let paths = schema["createOnlyProperties"].as_array().cloned().unwrap_or_default();
        (schema["typeName"].as_str().unwrap_or_default().to_owned(), paths.iter().filter_map(name).collect())
    };
    Some(schemas.iter().map(read).collect())
}
