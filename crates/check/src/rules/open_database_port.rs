//! Ports of data stores are closed to the internet.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "open-database-port",
    title: "The whole internet may reach a database port",
    level: Level::Critical,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &[
        "aws_security_group",
        "aws_default_security_group",
        "aws_security_group_rule",
        "aws_vpc_security_group_ingress_rule",
    ],
    frameworks: &[(NIST, "SC-7"), (WELL_ARCHITECTED, "SEC05")],
    check,
    doc: include_str!("open_database_port.md"),
};

/// Port and what listens there.
static PORTS: &[(u16, &str)] = &[
    (1433, "SQL Server"),
    (1521, "Oracle"),
    (2379, "etcd"),
    (3306, "MySQL"),
    (5432, "PostgreSQL"),
    (5672, "AMQP"),
    (6379, "Redis"),
    (8123, "ClickHouse"),
    (9042, "Cassandra"),
    (9092, "Kafka"),
    (9200, "OpenSearch"),
    (11211, "memcached"),
    (27017, "MongoDB"),
];

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    crate::network::closed_to_the_world(s.node, PORTS)
}
