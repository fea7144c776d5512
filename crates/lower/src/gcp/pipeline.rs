//! The identity of the pipeline.
//!
//! GitHub proves who runs a job, so no key is kept anywhere. Three kinds of accounts: one that plans and only reads, one
//! that pushes images, and one for each environment that deploys; a job gets a deploying account only when it runs in the
//! GitHub environment of that name, where approvals are asked for.

use catalog::google::{
    artifact_registry_repository as repository, artifact_registry_repository_iam_member as on_repository,
    iam_workload_identity_pool as pool, iam_workload_identity_pool_provider as provider,
    project_iam_custom_role as role, project_iam_member as on_project,
    secret_manager_secret_iam_member as on_secret, service_account, service_account_iam_member as on_account,
    storage_bucket_iam_member as on_bucket,
};
use design::Blueprint;
use ir::key::Handle;
use ir::{Block, Graph, NodeBuilder, Stack, Value};
use spec::Spec;

use super::bootstrap::{application, state_bucket};
use super::env::{declared, matching, project, project_number};
use super::identity::ID_CHARACTERS;
use super::rights::{Purpose, permissions};
use crate::names::{join, shortened};

const COMPONENT: &str = "pipeline";

/// Who issues the tokens.
const ISSUER: &str = "https://token.actions.githubusercontent.com";

/// What GitHub calls the branch that is delivered.
const MAIN: &str = "ref:refs/heads/main";

/// Adds the identity pool, the accounts and their roles; nothing when another system than GitHub Actions delivers.
pub(crate) fn lower(
    graph: &mut Graph,
    spec: &Spec,
    blueprint: &Blueprint,
    images: Option<&Handle<repository::M>>,
    environments: &[Stack],
) {
    if spec.deliver.ci != "github-actions" {
        return;
    }
    graph.component(COMPONENT, "pipeline", "Identity and accounts of the delivery pipeline");
    application(graph, COMPONENT, blueprint);
    let mut decl = matching(
        "GitHub repository that may deploy, as owner/name.",
        "^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$",
        "owner/name",
    );
    decl.from_pipeline = true;
    let unknown = Value::Unknown("the pipeline knows which repository it runs in".into());
    let repository = graph.input(COMPONENT, "repository", decl, unknown);
    let pool = pool(graph, blueprint, &repository);
    let pipeline = Pipeline { blueprint, pool, repository };

    let planner = pipeline.account(
        graph,
        "plan",
        None,
        &["pull_request", MAIN],
        "Plans changes: reads, and writes nothing",
    );
    pipeline.may(graph, "plan", None, &planner, environments, Purpose::Plan);
    pipeline.state(graph, "plan", None, &planner, "roles/storage.objectViewer");

    if let Some(images) = images {
        let pusher = pipeline.account(
            graph,
            "push",
            None,
            &[MAIN],
            "Pushes images that were built from the main branch",
        );
        graph.add(
            NodeBuilder::new(COMPONENT, on_repository::KIND, "push")
                .set(on_repository::REPOSITORY, images.get(repository::NAME))
                .set(on_repository::LOCATION, images.get(repository::LOCATION))
                .set(on_repository::ROLE, "roles/artifactregistry.writer")
                .set(on_repository::MEMBER, pusher.get(service_account::MEMBER))
                .purpose("Lets images be pushed to the application's repository and nowhere else"),
        );
    }
    for stack in environments {
        let subject = format!("environment:{}", stack.name);
        let approved = blueprint.environments.get(&stack.name).is_some_and(|e| !e.approvers.is_empty());
        let jobs = if approved { "jobs that its approvers let through" } else { "jobs of that environment" };
        let purpose = format!("Deploys to {}, only from {jobs}", stack.name);
        let key = Some(stack.name.as_str());
        let deployer = pipeline.account(graph, "deploy", key, &[&subject], &purpose);
        pipeline.may(graph, "deploy", key, &deployer, std::slice::from_ref(stack), Purpose::Deploy);
        pipeline.state(graph, "deploy", key, &deployer, "roles/storage.objectUser");
        pipeline.passwords(graph, stack, &deployer);
    }
}

/// The pool and the provider that takes tokens of this repository only.
fn pool(graph: &mut Graph, blueprint: &Blueprint, repository: &Value) -> Handle<pool::M> {
    let name = declared("name", blueprint.name.clone());
    let id = join([name, "-github".into()]);
    let pool = graph.add(
        NodeBuilder::new(COMPONENT, pool::KIND, "github")
            .set(pool::WORKLOAD_IDENTITY_POOL_ID, id)
            .set(pool::DISPLAY_NAME, "GitHub Actions")
            .purpose("Knows the jobs of GitHub Actions"),
    );
    let mapping = [("google.subject", "assertion.sub"), ("attribute.repository", "assertion.repository")];
    graph.add(
        NodeBuilder::new(COMPONENT, provider::KIND, "github")
            .set(provider::WORKLOAD_IDENTITY_POOL_ID, pool.get(pool::WORKLOAD_IDENTITY_POOL_ID))
            .set(provider::WORKLOAD_IDENTITY_POOL_PROVIDER_ID, "github")
            .set(provider::DISPLAY_NAME, "GitHub Actions")
            .set(provider::ATTRIBUTE_MAPPING, Value::map(mapping))
            .set(
                provider::ATTRIBUTE_CONDITION,
                join(["assertion.repository == \"".into(), repository.clone(), "\"".into()]),
            )
            .block(provider::OIDC, Block::new().set(provider::oidc::ISSUER_URI, ISSUER))
            .purpose("Lets GitHub prove which repository and environment a job runs for"),
    );
    pool
}

/// What all accounts of the pipeline have in common.
struct Pipeline<'p> {
    blueprint: &'p Blueprint,
    pool: Handle<pool::M>,
    repository: Value,
}

impl Pipeline<'_> {
    /// An account that jobs with one of the subjects may take.
    fn account(
        &self,
        graph: &mut Graph,
        node: &str,
        key: Option<&str>,
        subjects: &[&str],
        purpose: &str,
    ) -> Handle<service_account::M> {
        let application = &self.blueprint.name;
        let suffix = key.map_or_else(|| node.to_owned(), |key| format!("{node}-{key}"));
        let full = format!("{application}-{suffix}");
        let id = if full.chars().count() <= ID_CHARACTERS {
            join([declared("name", application.clone()), format!("-{suffix}").into()])
        } else {
            shortened(&full, ID_CHARACTERS).into()
        };
        let account = graph.add(
            keyed(NodeBuilder::new(COMPONENT, service_account::KIND, node), key)
                .set(service_account::ACCOUNT_ID, id)
                .set(service_account::DISPLAY_NAME, purpose)
                .purpose(purpose),
        );
        for (number, subject) in subjects.iter().enumerate() {
            let member = join([
                "principal://iam.googleapis.com/".into(),
                self.pool.get(pool::NAME),
                "/subject/repo:".into(),
                self.repository.clone(),
                format!(":{subject}").into(),
            ]);
            let instance = match key {
                Some(key) => key.to_owned(),
                None => (number + 1).to_string(),
            };
            graph.add(
                NodeBuilder::new(COMPONENT, on_account::KIND, node)
                    .key(instance)
                    .set(on_account::SERVICE_ACCOUNT_ID, account.get(service_account::NAME))
                    .set(on_account::ROLE, "roles/iam.workloadIdentityUser")
                    .set(on_account::MEMBER, member)
                    .purpose(format!("Lets jobs of {subject} take the account")),
            );
        }
        account
    }

    /// A role of its own with exactly what the stacks ask for, and the account in it.
    fn may(
        &self,
        graph: &mut Graph,
        node: &str,
        key: Option<&str>,
        account: &Handle<service_account::M>,
        stacks: &[Stack],
        purpose: Purpose,
    ) {
        let words = key.map_or_else(|| node.to_owned(), |key| format!("{node}_{key}"));
        // Roles have no dashes in their ids.
        let id = format!("{}_{words}", self.blueprint.name).replace('-', "_");
        let title = key.map_or_else(|| node.to_owned(), |key| format!("{node} {key}"));
        let permissions: Vec<Value> = permissions(stacks, purpose).into_iter().map(Value::from).collect();
        let role = graph.add(
            keyed(NodeBuilder::new(COMPONENT, role::KIND, node), key)
                .set(role::ROLE_ID, id)
                .set(role::TITLE, format!("{}: {title}", self.blueprint.name))
                .set(role::PERMISSIONS, Value::List(permissions))
                .purpose(format!("What the account that may {title} may do")),
        );
        let project = project(graph, COMPONENT);
        graph.add(
            keyed(NodeBuilder::new(COMPONENT, on_project::KIND, node), key)
                .set(on_project::PROJECT, project)
                .set(on_project::ROLE, role.get(role::NAME))
                .set(on_project::MEMBER, account.get(service_account::MEMBER))
                .purpose(format!("Gives the account its rights to {title}")),
        );
    }

    /// Reading, or also writing, the state.
    fn state(
        &self,
        graph: &mut Graph,
        node: &str,
        key: Option<&str>,
        account: &Handle<service_account::M>,
        role: &str,
    ) {
        let number = project_number(graph, COMPONENT);
        let bucket = state_bucket(declared("name", self.blueprint.name.clone()), number);
        graph.add(
            keyed(NodeBuilder::new(COMPONENT, on_bucket::KIND, node), key)
                .set(on_bucket::BUCKET, bucket)
                .set(on_bucket::ROLE, role)
                .set(on_bucket::MEMBER, account.get(service_account::MEMBER))
                .purpose("Lets the account use the state"),
        );
    }

    /// Reading the secrets that an apply hands over, such as a database's password, and no others.
    fn passwords(&self, graph: &mut Graph, stack: &Stack, account: &Handle<service_account::M>) {
        let names: std::collections::BTreeSet<&str> =
            stack.graph.secret_inputs().into_iter().map(|(.., secret)| secret).collect();
        for name in names {
            graph.add(
                NodeBuilder::new(COMPONENT, on_secret::KIND, "deploy")
                    .key(name)
                    .set(on_secret::SECRET_ID, name)
                    .set(on_secret::ROLE, "roles/secretmanager.secretAccessor")
                    .set(on_secret::MEMBER, account.get(service_account::MEMBER))
                    .purpose(format!("Lets a deployment hand over the secret {name}")),
            );
        }
    }
}

fn keyed<M>(builder: NodeBuilder<M>, key: Option<&str>) -> NodeBuilder<M> {
    match key {
        Some(key) => builder.key(key),
        None => builder,
    }
}
