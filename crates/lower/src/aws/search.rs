//! Search domains on OpenSearch.
//!
//! A domain inside the network, encrypted on every way, where fine-grained access knows roles and no passwords.
//! Who may call the domain at all is IAM's decision; what a role may do inside is mapped once by its
//! administrator role. It must not know any index.

use catalog::aws::{
    cloudwatch_log_group, cloudwatch_log_resource_policy, iam_role, opensearch_domain, security_group,
};
use design::SearchDesign;
use ir::key::Handle;
use ir::{Address, Block, Diagnostic, NodeBuilder, Value};

use super::env::{matching, number, subnet_ids};
use super::policy::{Grant, Principal, resource_policy};
use super::store::{self, allow, join};
use super::{Env, Offer};

const PORT: u16 = 443;
const LOGS: &[(&str, &str)] = &[
    ("ES_APPLICATION_LOGS", "application"),
    ("INDEX_SLOW_LOGS", "index"),
    ("SEARCH_SLOW_LOGS", "search"),
    ("AUDIT_LOGS", "audit"),
];
const READ: &[&str] = &["es:ESHttpGet", "es:ESHttpHead", "es:ESHttpPost"];
const WRITE: &[&str] = &["es:ESHttpDelete", "es:ESHttpPatch", "es:ESHttpPost", "es:ESHttpPut"];

/// A domain with its guard, log groups and administrator role.
pub(crate) fn lower(env: &mut Env, resource: &str, design: &SearchDesign) -> Offer {
    let component = env.resource_component(resource);
    let c = component.as_str();
    env.component(c, "search", format!("Search domain {resource}"));
    let door = store::door(env, c, resource);
    let name = env.name_within(c, "domain_name", resource, 28);
    let arn = env.arn(c, "es", ["domain/".into(), name.clone()]);
    let inside = join([arn.clone(), "/*".into()]);
    let administrator = administrator(env, c, resource, &inside);
    let (groups, log_policy) = logs(env, c, resource, &name);
    let mut builder =
        NodeBuilder::new(c, opensearch_domain::KIND, "this").set(opensearch_domain::DOMAIN_NAME, name);
    builder = size(env, c, design, &door, builder);
    builder = protect(env, c, &inside, &administrator, builder);
    for (kind, group) in groups {
        let publish = Block::new().set(opensearch_domain::log_publishing_options::LOG_TYPE, kind).set(
            opensearch_domain::log_publishing_options::CLOUDWATCH_LOG_GROUP_ARN,
            group.get(cloudwatch_log_group::ARN),
        );
        builder = builder.block(opensearch_domain::LOG_PUBLISHING_OPTIONS, publish);
    }
    let update =
        Block::new().set(opensearch_domain::software_update_options::AUTO_SOFTWARE_UPDATE_ENABLED, true);
    let domain = env.add(
        builder
            .block(opensearch_domain::SOFTWARE_UPDATE_OPTIONS, update)
            .depends_on(&log_policy)
            .lifecycle(store::protection(env))
            .purpose(format!("Runs the search domain {resource}")),
    );
    env.diagnostics.push(roles_to_map(env, resource));
    env.diagnostics.push(service_role(env, resource));
    let host = domain.get(opensearch_domain::ENDPOINT);
    store::alias(env, c, resource, host.clone());
    let url = join(["https://".into(), host.clone()]);
    let mut offer = store::offer(resource, [("host", host), ("port", store::text(PORT)), ("url", url)]);
    offer.fields.insert("arn", domain.get(opensearch_domain::ARN));
    offer.door = Some((door.get(security_group::ID), PORT));
    let inside = join([domain.get(opensearch_domain::ARN), "/*".into()]);
    offer.read.push(allow("Search", resource, READ, vec![inside.clone()]));
    offer.write.push(allow("Index", resource, WRITE, vec![inside]));
    offer
}

fn size(
    env: &mut Env,
    c: &str,
    design: &SearchDesign,
    door: &Handle<security_group::M>,
    builder: NodeBuilder<opensearch_domain::M>,
) -> NodeBuilder<opensearch_domain::M> {
    use opensearch_domain::{cluster_config as cluster, ebs_options as ebs};
    let decl = matching(
        "Version of the engine.",
        r"^(OpenSearch|Elasticsearch)_[0-9]+\.[0-9]+$",
        "a version such as OpenSearch_2.19",
    );
    let version = env.input(c, "engine_version", decl, design.version.as_str());
    let decl = matching(
        "Type of a data node.",
        r"^[a-z0-9]+\.[a-z0-9]+\.search$",
        "a type such as r7g.large.search",
    );
    let class = env.input(c, "instance_type", decl, design.class.as_str());
    let count = env.input(c, "nodes", number("Data nodes.", 1.0, 80.0), design.nodes.max(1));
    let decl = number("GiB of storage of each data node.", 10.0, 24576.0);
    let storage = env.input(c, "storage_gib", decl, design.storage_gib.max(10));
    let data = env.network().data;
    // Nodes stand in as many zones as divide them evenly; OpenSearch knows one, two or three.
    let fits = |zones: &usize| {
        *zones <= data.len()
            && (design.nodes as usize).is_multiple_of(*zones)
            && design.nodes as usize >= *zones
    };
    let zones = [3, 2].into_iter().find(fits).unwrap_or(1).min(data.len());
    let mut config = Block::new()
        .set(cluster::INSTANCE_TYPE, class)
        .set(cluster::INSTANCE_COUNT, count)
        .set(cluster::ZONE_AWARENESS_ENABLED, zones > 1);
    if let (true, Ok(zones)) = (zones > 1, u32::try_from(zones)) {
        let zones = Block::new().set(cluster::zone_awareness_config::AVAILABILITY_ZONE_COUNT, zones);
        config = config.block(cluster::ZONE_AWARENESS_CONFIG, zones);
    }
    let disk =
        Block::new().set(ebs::EBS_ENABLED, true).set(ebs::VOLUME_TYPE, "gp3").set(ebs::VOLUME_SIZE, storage);
    let place = Block::new()
        .set(opensearch_domain::vpc_options::SUBNET_IDS, subnet_ids(&data[..zones]))
        .set(opensearch_domain::vpc_options::SECURITY_GROUP_IDS, vec![door.get(security_group::ID)]);
    builder
        .set(opensearch_domain::ENGINE_VERSION, version)
        .block(opensearch_domain::CLUSTER_CONFIG, config)
        .block(opensearch_domain::EBS_OPTIONS, disk)
        .block(opensearch_domain::VPC_OPTIONS, place)
}

fn protect(
    env: &mut Env,
    c: &str,
    inside: &Value,
    administrator: &Handle<iam_role::M>,
    builder: NodeBuilder<opensearch_domain::M>,
) -> NodeBuilder<opensearch_domain::M> {
    use opensearch_domain::{
        advanced_security_options as security, domain_endpoint_options as endpoint, encrypt_at_rest,
    };
    let (partition, account) = (env.partition(c), env.account(c));
    let root = join(["arn:".into(), partition, ":iam::".into(), account, ":root".into()]);
    let mut actions = [READ, WRITE].concat();
    actions.sort_unstable();
    actions.dedup();
    let access = resource_policy(&[Grant {
        sid: "DelegateToIam",
        deny: false,
        principal: Principal::Aws(vec![root]),
        actions,
        resources: vec![inside.clone()],
        conditions: Vec::new(),
    }]);
    let master =
        Block::new().set(security::master_user_options::MASTER_USER_ARN, administrator.get(iam_role::ARN));
    let fine = Block::new()
        .set(security::ENABLED, true)
        .set(security::INTERNAL_USER_DATABASE_ENABLED, false)
        .block(security::MASTER_USER_OPTIONS, master);
    let at_rest =
        Block::new().set(encrypt_at_rest::ENABLED, true).set(encrypt_at_rest::KMS_KEY_ID, env.key_arn());
    let tls = Block::new()
        .set(endpoint::ENFORCE_HTTPS, true)
        .set(endpoint::TLS_SECURITY_POLICY, "Policy-Min-TLS-1-2-PFS-2023-10");
    builder
        .set(opensearch_domain::ACCESS_POLICIES, access)
        .block(opensearch_domain::ENCRYPT_AT_REST, at_rest)
        .block(
            opensearch_domain::NODE_TO_NODE_ENCRYPTION,
            Block::new().set(opensearch_domain::node_to_node_encryption::ENABLED, true),
        )
        .block(opensearch_domain::DOMAIN_ENDPOINT_OPTIONS, tls)
        .block(opensearch_domain::ADVANCED_SECURITY_OPTIONS, fine)
}

/// The role that administers access inside the domain; people of the account take it, when IAM lets them.
fn administrator(env: &mut Env, c: &str, resource: &str, inside: &Value) -> Handle<iam_role::M> {
    let (partition, account) = (env.partition(c), env.account(c));
    let root = join(["arn:".into(), partition, ":iam::".into(), account, ":root".into()]);
    let trust = resource_policy(&[Grant {
        sid: "DelegateToIam",
        deny: false,
        principal: Principal::Aws(vec![root]),
        actions: vec!["sts:AssumeRole"],
        resources: Vec::new(),
        conditions: Vec::new(),
    }]);
    let name = env.name_within(c, "administrator_role_name", &format!("{resource}-administrator"), 64);
    let mut actions = [READ, WRITE].concat();
    actions.sort_unstable();
    actions.dedup();
    let role = env.add(
        NodeBuilder::new(c, iam_role::KIND, "administrator")
            .set(iam_role::NAME, name)
            .set(iam_role::DESCRIPTION, format!("Maps roles inside the search domain {resource}"))
            .set(iam_role::ASSUME_ROLE_POLICY, trust)
            .purpose(format!("Decides what each role may do inside {resource}")),
    );
    let statement = allow("Administer", resource, &actions, vec![inside.clone()]);
    env.add(
        NodeBuilder::new(c, catalog::aws::iam_role_policy::KIND, "administrator")
            .set(catalog::aws::iam_role_policy::NAME, "administrator")
            .set(catalog::aws::iam_role_policy::ROLE, role.get(iam_role::ID))
            .set(catalog::aws::iam_role_policy::POLICY, super::policy::policy(&[statement]))
            .purpose("Lets the administrator call the domain"),
    );
    role
}

type LogGroups = Vec<(&'static str, Handle<cloudwatch_log_group::M>)>;

/// One log group for each kind of log, and the leave for OpenSearch to write to them.
fn logs(env: &mut Env, c: &str, resource: &str, domain: &Value) -> (LogGroups, Address) {
    let groups: LogGroups = LOGS
        .iter()
        .map(|(kind, name)| {
            let path = join(["/aws/opensearch/".into(), domain.clone(), format!("/{name}").into()]);
            (*kind, store::log_group(env, c, name, path, &format!("Keeps the {name} log of {resource}")))
        })
        .collect();
    let account = env.account(c);
    let streams =
        groups.iter().map(|(_, group)| join([group.get(cloudwatch_log_group::ARN), ":*".into()])).collect();
    let document = resource_policy(&[Grant {
        sid: "Write",
        deny: false,
        principal: Principal::Service("es.amazonaws.com"),
        actions: vec!["logs:CreateLogStream", "logs:PutLogEvents"],
        resources: streams,
        conditions: vec![("StringEquals", "aws:SourceAccount", vec![account])],
    }]);
    let name = env.name(resource);
    let policy = env.add(
        NodeBuilder::new(c, cloudwatch_log_resource_policy::KIND, "this")
            .set(cloudwatch_log_resource_policy::POLICY_NAME, name)
            .set(cloudwatch_log_resource_policy::POLICY_DOCUMENT, document)
            .purpose(format!("Lets OpenSearch write the logs of {resource}")),
    );
    (groups, policy.address)
}

fn roles_to_map(env: &Env, resource: &str) -> Diagnostic {
    Diagnostic::note("search-roles-to-map", format!("Roles of services that use `{resource}` are mapped once by hand"))
        .at(env.spec.resources.get(resource).and_then(|r| r.span), "is a search domain")
        .because("What a role may do inside a search domain is kept in the domain itself, out of reach of infrastructure code.")
        .help("After the first deployment take the administrator role and map each service's task role to a role of the domain")
}

/// The service's own role stands once in an account, whoever made it, so no stack can own it.
fn service_role(env: &Env, resource: &str) -> Diagnostic {
    Diagnostic::note("search-service-role", format!("`{resource}` needs a role that the account must have"))
        .at(env.spec.resources.get(resource).and_then(|r| r.span), "is a search domain inside the network")
        .because("OpenSearch refuses to create a domain in a VPC before the account has its service-linked role, which only the console makes by itself.")
        .help("Run `aws iam create-service-linked-role --aws-service-name opensearchservice.amazonaws.com` once in the account; it says so when the role is there")
}
