//! The identity of the pipeline.
//!
//! GitHub proves who runs a job, so no key is kept anywhere. Three kinds of roles: one that plans and only
//! reads, one that pushes images, and one for each environment that deploys; a job gets a deploy role only when
//! it runs in the GitHub environment of that name, where approvals are asked for.

use std::collections::BTreeSet;

use catalog::aws::{
    iam_openid_connect_provider, iam_policy, iam_role, iam_role_policy, iam_role_policy_attachment,
};
use design::Blueprint;
use ir::key::Handle;
use ir::{Diagnostic, Diagnostics, Graph, NodeBuilder, Stack, Value};
use spec::Spec;

use super::Statement;
use super::bootstrap::application;
use super::env::{account, arn, matching, partition};
use super::identity::{allow, camel};
use super::policy::{Grant, Principal, characters, policy, resource_policy};
use super::rights::{self, Purpose};

const COMPONENT: &str = "pipeline";

/// Who issues the tokens, without the scheme.
const ISSUER: &str = "token.actions.githubusercontent.com";

/// Characters of a managed policy that may be used; AWS counts 6,144 without white space.
const POLICY_CHARACTERS: usize = 5500;

/// Adds the identity provider and the roles; nothing when another system than GitHub Actions delivers.
pub(crate) fn lower(graph: &mut Graph, spec: &Spec, blueprint: &Blueprint, environments: &[Stack]) {
    if spec.deliver.ci != "github-actions" {
        return;
    }
    graph.component(COMPONENT, "pipeline", "Identity and roles of the delivery pipeline");
    let name = application(graph, COMPONENT, blueprint);
    let mut decl = matching(
        "GitHub repository that may deploy, as owner/name.",
        "^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$",
        "owner/name",
    );
    decl.from_pipeline = true;
    let unknown = Value::Unknown("the pipeline knows which repository it runs in".into());
    let repository = graph.input(COMPONENT, "repository", decl, unknown);
    let issuer = graph.add(
        NodeBuilder::new(COMPONENT, iam_openid_connect_provider::KIND, "github")
            .set(iam_openid_connect_provider::URL, format!("https://{ISSUER}"))
            .set(iam_openid_connect_provider::CLIENT_ID_LIST, Value::list(["sts.amazonaws.com"]))
            .purpose("Lets GitHub prove which repository and environment a job runs for"),
    );
    let issuer = issuer.get(iam_openid_connect_provider::ARN);
    let role = |graph: &mut Graph, node: &str, key: Option<&str>, subjects: &[&str], purpose: &str| {
        let suffix = key.map_or_else(|| node.to_owned(), |k| format!("{node}-{k}"));
        let mut builder = NodeBuilder::new(COMPONENT, iam_role::KIND, node);
        if let Some(key) = key {
            builder = builder.key(key);
        }
        graph.add(
            builder
                .set(iam_role::NAME, Value::template([name.clone(), format!("-{suffix}").into()]))
                .set(iam_role::DESCRIPTION, purpose)
                .set(iam_role::ASSUME_ROLE_POLICY, trust(&issuer, &repository, subjects))
                .set(iam_role::MAX_SESSION_DURATION, 3600)
                .purpose(purpose),
        )
    };
    let main = "ref:refs/heads/main";

    let planner =
        role(graph, "plan", None, &["pull_request", main], "Plans changes: reads, and writes nothing");
    let mut reading = rights::statements(graph, COMPONENT, &name, environments, Purpose::Plan);
    reading.extend(state(graph, &name, Purpose::Plan));
    attach(graph, "plan", None, &name, &planner, &reading);

    if !blueprint.images.is_empty() {
        let pusher = role(graph, "push", None, &[main], "Pushes images that were built from the main branch");
        let repositories = arn(graph, COMPONENT, "ecr", ["repository/".into(), name.clone(), "/*".into()]);
        graph.add(
            NodeBuilder::new(COMPONENT, iam_role_policy::KIND, "push")
                .set(iam_role_policy::NAME, "push")
                .set(iam_role_policy::ROLE, pusher.get(iam_role::ID))
                .set(iam_role_policy::POLICY, policy(&push(repositories)))
                .purpose("Pushing to the application's own repositories and nothing else"),
        );
    }
    for stack in environments {
        let subject = format!("environment:{}", stack.name);
        let approved = blueprint.environments.get(&stack.name).is_some_and(|e| !e.approvers.is_empty());
        let jobs = if approved { "jobs that its approvers let through" } else { "jobs of that environment" };
        let purpose = format!("Deploys to {}, only from {jobs}", stack.name);
        let deployer = role(graph, "deploy", Some(&stack.name), &[&subject], &purpose);
        let prefix = Value::template([name.clone(), format!("-{}", stack.name).into()]);
        let own = std::slice::from_ref(stack);
        let mut statements = rights::statements(graph, COMPONENT, &prefix, own, Purpose::Deploy);
        statements.extend(state(graph, &name, Purpose::Deploy));
        statements.extend(passwords(graph, stack));
        attach(graph, "deploy", Some(&stack.name), &name, &deployer, &statements);
    }
}

/// Says which environment's role may change what is not its own: rights go by how a name begins, and AWS has no
/// pattern for the end of a word.
pub(crate) fn say_overlaps(spec: &Spec, blueprint: &Blueprint, diagnostics: &mut Diagnostics) {
    if spec.deliver.ci != "github-actions" {
        return;
    }
    for name in blueprint.environments.keys() {
        let begins = |other: &str| other.starts_with(name.as_str()) && other != name;
        let environments = blueprint.environments.keys().filter(|other| begins(other));
        let roles = ["plan", "push", "deploy"].iter().filter(|role| role.starts_with(name.as_str()));
        let reached: Vec<String> = environments
            .map(|other| format!("what belongs to {other}"))
            .chain(roles.map(|role| format!("the pipeline's own role to {role}")))
            .collect();
        if reached.is_empty() {
            continue;
        }
        let prefix = format!("{}-{name}", blueprint.name);
        diagnostics.push(
            Diagnostic::warning(
                "environment-names-overlap",
                format!("the role that deploys to {name} may change more than {name}"),
            )
            .because(format!(
                "Its rights hold for every name that begins with `{prefix}`: also for {}.",
                reached.join(", ")
            ))
            .help("let no environment's name begin another's, or be plan, push or deploy"),
        );
    }
}

/// Only jobs of this repository, and only for these subjects.
fn trust(issuer: &Value, repository: &Value, subjects: &[&str]) -> Value {
    let subject = |s: &&str| Value::template(["repo:".into(), repository.clone(), format!(":{s}").into()]);
    resource_policy(&[Grant {
        sid: "GitHubActions",
        deny: false,
        principal: Principal::Federated(issuer.clone()),
        actions: vec!["sts:AssumeRoleWithWebIdentity"],
        resources: Vec::new(),
        conditions: vec![
            ("StringEquals", "token.actions.githubusercontent.com:aud", vec!["sts.amazonaws.com".into()]),
            (
                "StringEquals",
                "token.actions.githubusercontent.com:sub",
                subjects.iter().map(subject).collect(),
            ),
        ],
    }])
}

/// Reading, or also writing, the state. A plan takes no lock.
fn state(graph: &mut Graph, name: &Value, purpose: Purpose) -> Vec<Statement> {
    let bucket = Value::template([
        "arn:".into(),
        partition(graph, COMPONENT),
        ":s3:::".into(),
        name.clone(),
        "-state-".into(),
        account(graph, COMPONENT),
    ]);
    let objects = Value::template([bucket.clone(), "/*".into()]);
    let keys = arn(graph, COMPONENT, "kms", ["key/*"]);
    let (objects_actions, key_actions): (&[&str], &[&str]) = match purpose {
        Purpose::Plan => (&["s3:GetObject"], &["kms:Decrypt"]),
        Purpose::Deploy => {
            (&["s3:DeleteObject", "s3:GetObject", "s3:PutObject"], &["kms:Decrypt", "kms:GenerateDataKey"])
        }
    };
    let mut key = allow("StateKey", key_actions, vec![keys]);
    let alias = Value::template(["alias/".into(), name.clone(), "-state".into()]);
    key.conditions = vec![("ForAnyValue:StringEquals", "kms:ResourceAliases", vec![alias])];
    vec![
        allow("StateBucket", &["s3:ListBucket"], vec![bucket]),
        allow("State", objects_actions, vec![objects]),
        key,
    ]
}

/// Reading the secrets that an apply hands over, such as a broker's first password, and no others. The store ends
/// the ARN of each with a hyphen and six characters of its own.
fn passwords(graph: &mut Graph, stack: &Stack) -> Option<Statement> {
    let names: BTreeSet<&str> = stack.graph.secret_inputs().into_iter().map(|(.., secret)| secret).collect();
    let place = |name: &str| arn(graph, COMPONENT, "secretsmanager", [format!("secret:{name}-??????")]);
    let places: Vec<Value> = names.into_iter().map(place).collect();
    (!places.is_empty()).then(|| allow("ReadPasswords", &["secretsmanager:GetSecretValue"], places))
}

fn push(repositories: Value) -> [Statement; 2] {
    [
        // The token is for the registry as a whole; AWS knows no narrower resource.
        allow("LogInToRegistry", &["ecr:GetAuthorizationToken"], vec!["*".into()]),
        allow(
            "PushImages",
            &[
                "ecr:BatchCheckLayerAvailability",
                "ecr:BatchGetImage",
                "ecr:CompleteLayerUpload",
                "ecr:DescribeImageScanFindings",
                "ecr:DescribeImages",
                "ecr:GetDownloadUrlForLayer",
                "ecr:InitiateLayerUpload",
                "ecr:PutImage",
                "ecr:StartImageScan",
                "ecr:UploadLayerPart",
            ],
            vec![repositories],
        ),
    ]
}

/// Gives a role its statements in as many managed policies as AWS's limit on their length asks for.
fn attach(
    graph: &mut Graph,
    node: &str,
    key: Option<&str>,
    name: &Value,
    role: &Handle<iam_role::M>,
    statements: &[Statement],
) {
    let mut parts: Vec<Vec<Statement>> = vec![Vec::new()];
    let mut length = 0;
    for statement in statements {
        let more = characters(statement);
        let last = parts.last_mut().expect("there is always a part");
        if length + more > POLICY_CHARACTERS && !last.is_empty() {
            parts.push(vec![statement.clone()]);
            length = more;
        } else {
            last.push(statement.clone());
            length += more;
        }
    }
    for (i, part) in parts.iter().enumerate() {
        let instance = match key {
            Some(key) => format!("{key}-{}", i + 1),
            None => (i + 1).to_string(),
        };
        let purpose = format!("What the {node} role may do, part {}", i + 1);
        let policy = graph.add(
            NodeBuilder::new(COMPONENT, iam_policy::KIND, node)
                .key(instance.as_str())
                .set(iam_policy::NAME, Value::template([name.clone(), format!("-{node}-{instance}").into()]))
                .set(iam_policy::DESCRIPTION, purpose.as_str())
                .set(iam_policy::POLICY, policy(part))
                .purpose(purpose),
        );
        graph.add(
            NodeBuilder::new(COMPONENT, iam_role_policy_attachment::KIND, node)
                .key(instance.as_str())
                .set(iam_role_policy_attachment::ROLE, role.get(iam_role::NAME))
                .set(iam_role_policy_attachment::POLICY_ARN, policy.get(iam_policy::ARN))
                .purpose(format!("Gives the {} role its rights", camel(node).to_lowercase())),
        );
    }
}
