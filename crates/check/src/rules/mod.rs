//! The rules, in the order a report explains them.
//!
//! One rule is one `.rs` and one `.md` beside it, a `mod` line and a line in [`RULES`]; a test compares the
//! slice with the folder. The Markdown is the documentation, and its examples are the rule's tests.

mod alarm_without_action;
mod backup_vault_key;
mod broker_single_instance;
mod bucket_access_logging;
mod bucket_encryption;
mod bucket_lifecycle;
mod bucket_plain_http;
mod bucket_public_access;
mod bucket_traffic_through_nat;
mod bucket_versioning;
mod budget_missing;
mod cache_encryption_at_rest;
mod cache_encryption_in_transit;
mod cache_failover;
mod cache_without_authentication;
mod container_insights;
mod container_plain_secret;
mod container_privileged;
mod container_writable_root;
mod dashboard_missing;
mod database_backup_retention;
mod database_deletion_protection;
mod database_encryption;
mod database_final_snapshot;
mod database_log_exports;
mod database_minor_upgrades;
mod database_multi_az;
mod database_password_in_state;
mod database_public;
mod database_without_alarm;
mod default_security_group_open;
mod disk_encryption;
mod distribution_old_tls;
mod distribution_open_origin;
mod distribution_plain_http;
mod distribution_without_firewall;
mod dynamodb_deletion_protection;
mod dynamodb_point_in_time;
mod file_system_backup;
mod file_system_encryption;
mod function_permission_open;
mod function_plain_secret;
mod function_tracing;
mod function_url_open;
mod gp2_volume;
mod iam_every_action;
mod iam_every_resource;
mod iam_privilege_escalation;
mod image_lifecycle;
mod image_scan;
mod image_tag_mutable;
mod instance_metadata_open;
mod kafka_plain_text;
mod key_policy_open;
mod key_rotation;
mod load_balancer_access_logs;
mod load_balancer_deletion_protection;
mod load_balancer_invalid_headers;
mod load_balancer_old_tls;
mod load_balancer_plain_http;
mod load_balancer_without_firewall;
mod log_group_customer_key;
mod log_group_never_expires;
mod long_lived_access_key;
mod nat_single;
mod network_without_flow_logs;
mod oidc_trust_without_subject;
mod open_admin_port;
mod open_all_ports;
mod open_database_port;
mod parameter_plain_secret;
mod previous_generation;
mod public_resource_policy;
mod queue_encryption;
mod queue_without_dead_letters;
mod role_trusts_everybody;
mod schedule_without_dead_letters;
mod search_encryption;
mod search_outside_network;
mod search_plain_http;
mod search_zone_awareness;
mod secret_customer_key;
mod secret_rotation;
mod secret_without_recovery;
mod security_group_undescribed;
mod service_exec_enabled;
mod service_public_address;
mod service_single_task;
mod service_without_autoscaling;
mod service_without_circuit_breaker;
mod subnet_public_addresses;
mod tags_missing;
mod target_group_health_check;
mod topic_encryption;
mod trail_without_validation;

use ir::Confidence;

use crate::finding::{Category, Level, Verdict};
use crate::subject::Subject;

/// What a rule file needs.
mod prelude {
    pub(super) use super::{CIS, NIST, Rule, WELL_ARCHITECTED};
    pub(super) use crate::finding::{Category, Level, Verdict};
    pub(super) use crate::policy::Statement;
    pub(super) use crate::secrets;
    pub(super) use crate::setting::{Setting, unknown_because};
    pub(super) use crate::subject::{Companions, Subject};
    pub(super) use ir::{Confidence, Node, Value};
}

/// CIS Amazon Web Services Foundations Benchmark.
const CIS: &str = "CIS AWS Foundations 3.0.0";
/// NIST Special Publication 800-53.
const NIST: &str = "NIST 800-53 r5";
/// AWS Well-Architected Framework, by question.
const WELL_ARCHITECTED: &str = "AWS Well-Architected";

/// A rule.
pub struct Rule {
    /// Kebab case; names the problem.
    pub id: &'static str,
    /// The problem, one line without a full stop; also the heading of the documentation.
    pub title: &'static str,
    /// How much it matters.
    pub level: Level,
    /// What it endangers.
    pub category: Category,
    /// How sure a failure is.
    pub confidence: Confidence,
    /// Kinds it looks at; `*` for all.
    pub kinds: &'static [&'static str],
    /// Framework and control it answers to.
    pub frameworks: &'static [(&'static str, &'static str)],
    /// Looks at one resource.
    pub check: fn(&Subject<'_>) -> Vec<Verdict>,
    /// Markdown.
    pub doc: &'static str,
}

impl Rule {
    /// What to do about a finding: the first paragraph of "How to fix".
    #[must_use]
    pub fn fix(&self) -> String {
        crate::doc::read(self.doc).fix
    }

    /// The examples of the documentation: whether the rule accepts it, and the graph.
    #[must_use]
    pub fn examples(&self) -> Vec<(bool, String)> {
        crate::doc::read(self.doc).examples
    }

    /// Why it matters: the first paragraph under that heading.
    #[must_use]
    pub fn why(&self) -> String {
        crate::doc::read(self.doc).why
    }
}

/// Every rule.
pub static RULES: &[Rule] = &[
    bucket_public_access::RULE,
    bucket_encryption::RULE,
    bucket_plain_http::RULE,
    bucket_versioning::RULE,
    bucket_access_logging::RULE,
    bucket_lifecycle::RULE,
    open_admin_port::RULE,
    open_database_port::RULE,
    open_all_ports::RULE,
    default_security_group_open::RULE,
    network_without_flow_logs::RULE,
    subnet_public_addresses::RULE,
    database_encryption::RULE,
    database_public::RULE,
    database_password_in_state::RULE,
    database_minor_upgrades::RULE,
    database_multi_az::RULE,
    database_backup_retention::RULE,
    database_deletion_protection::RULE,
    database_final_snapshot::RULE,
    database_log_exports::RULE,
    database_without_alarm::RULE,
    gp2_volume::RULE,
    previous_generation::RULE,
    cache_encryption_at_rest::RULE,
    cache_encryption_in_transit::RULE,
    cache_without_authentication::RULE,
    cache_failover::RULE,
    search_encryption::RULE,
    search_plain_http::RULE,
    search_outside_network::RULE,
    search_zone_awareness::RULE,
    broker_single_instance::RULE,
    kafka_plain_text::RULE,
    file_system_encryption::RULE,
    file_system_backup::RULE,
    dynamodb_point_in_time::RULE,
    dynamodb_deletion_protection::RULE,
    queue_encryption::RULE,
    topic_encryption::RULE,
    queue_without_dead_letters::RULE,
    schedule_without_dead_letters::RULE,
    public_resource_policy::RULE,
    key_policy_open::RULE,
    iam_every_action::RULE,
    iam_every_resource::RULE,
    iam_privilege_escalation::RULE,
    role_trusts_everybody::RULE,
    oidc_trust_without_subject::RULE,
    long_lived_access_key::RULE,
    key_rotation::RULE,
    secret_customer_key::RULE,
    secret_rotation::RULE,
    secret_without_recovery::RULE,
    parameter_plain_secret::RULE,
    backup_vault_key::RULE,
    image_tag_mutable::RULE,
    image_scan::RULE,
    image_lifecycle::RULE,
    container_writable_root::RULE,
    container_privileged::RULE,
    container_plain_secret::RULE,
    service_exec_enabled::RULE,
    service_public_address::RULE,
    service_single_task::RULE,
    service_without_autoscaling::RULE,
    service_without_circuit_breaker::RULE,
    container_insights::RULE,
    function_plain_secret::RULE,
    function_tracing::RULE,
    function_url_open::RULE,
    function_permission_open::RULE,
    load_balancer_invalid_headers::RULE,
    load_balancer_old_tls::RULE,
    load_balancer_plain_http::RULE,
    load_balancer_access_logs::RULE,
    load_balancer_without_firewall::RULE,
    load_balancer_deletion_protection::RULE,
    target_group_health_check::RULE,
    distribution_old_tls::RULE,
    distribution_without_firewall::RULE,
    distribution_plain_http::RULE,
    distribution_open_origin::RULE,
    log_group_never_expires::RULE,
    log_group_customer_key::RULE,
    alarm_without_action::RULE,
    dashboard_missing::RULE,
    tags_missing::RULE,
    security_group_undescribed::RULE,
    budget_missing::RULE,
    nat_single::RULE,
    bucket_traffic_through_nat::RULE,
    instance_metadata_open::RULE,
    disk_encryption::RULE,
    trail_without_validation::RULE,
];
