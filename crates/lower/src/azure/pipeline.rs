//! The identity of the pipeline.
//!
//! GitHub proves who runs a job, so no key is kept anywhere. Three kinds of identities: one that plans and only
//! reads, one that pushes images, and one for each environment that deploys; a job gets a deploy identity only when
//! it runs in the GitHub environment of that name, where approvals are asked for. Who deploys an environment may change
//! its resource group and may give its programs the rights that programs are given here, and no others.

use catalog::azurerm::{
    federated_identity_credential as credential, key_vault, resource_group, role_assignment, role_definition,
    user_assigned_identity as identity,
};
use design::Blueprint;
use ir::key::Handle;
use ir::{Block, Graph, NodeBuilder, Value};
use spec::Spec;

use super::Grant;
use super::bootstrap::{application, state_id};
use super::env::matching;
use super::identity::assign;
use super::registry;
use super::vaults::Groups;
use crate::names::join;

const COMPONENT: &str = "pipeline";
/// Who issues the tokens.
const ISSUER: &str = "https://token.actions.githubusercontent.com";
/// Whom the tokens are for.
const AUDIENCE: &str = "api://AzureADTokenExchange";
/// Jobs of the main branch.
const MAIN: &str = "ref:refs/heads/main";

/// Roles that programs are given, by the ids that Azure gives them everywhere, written down from general knowledge and
/// not verified. Where they are published: learn.microsoft.com/azure/role-based-access-control/built-in-roles.
static GIVEN: &[(&str, &str)] = &[
    ("AcrPull", "7f951dda-4ed3-4680-a7ca-43fe172d538d"),
    ("Azure Event Hubs Data Receiver", "a638d3c7-ab3a-418d-83e6-5f17a39d4fde"),
    ("Azure Event Hubs Data Sender", "2b629674-e913-4c01-ae53-ef4638d8f975"),
    ("Azure Service Bus Data Receiver", "4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0"),
    ("Azure Service Bus Data Sender", "69a216fc-b8fb-44d8-bc22-1f3c2cd27a39"),
    ("Key Vault Secrets User", "4633458b-17de-408a-b874-0445c86b69e6"),
    ("Storage Blob Data Contributor", "ba92f5b4-2d11-453d-a403-e96b0029c9fe"),
    ("Storage Blob Data Reader", "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"),
];

/// What a plan reads beside what every reader may: the provider asks for these when it looks at what exists.
static ASKED: &[&str] = &[
    "Microsoft.App/containerApps/listSecrets/action",
    "Microsoft.App/jobs/listSecrets/action",
    "Microsoft.Cache/redisEnterprise/databases/listKeys/action",
    "Microsoft.DocumentDB/databaseAccounts/listConnectionStrings/action",
    "Microsoft.DocumentDB/databaseAccounts/listKeys/action",
    "Microsoft.DocumentDB/databaseAccounts/readonlykeys/action",
    "Microsoft.EventHub/namespaces/authorizationRules/listKeys/action",
    "Microsoft.OperationalInsights/workspaces/sharedKeys/action",
    "Microsoft.ServiceBus/namespaces/authorizationRules/listKeys/action",
];

/// Adds the identities and their rights; nothing when another system than GitHub Actions delivers.
pub(crate) fn lower(graph: &mut Graph, spec: &Spec, blueprint: &Blueprint, groups: &Groups) {
    if spec.deliver.ci != "github-actions" {
        return;
    }
    graph.component(COMPONENT, "pipeline", "Identities and rights of the delivery pipeline");
    let name = application(graph, COMPONENT, blueprint);
    let mut decl = matching(
        "GitHub repository that may deploy, as owner/name.",
        "^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$",
        "owner/name",
    );
    decl.from_pipeline = true;
    let unknown = Value::Unknown("the pipeline knows which repository it runs in".into());
    let repository = graph.input(COMPONENT, "repository", decl, unknown);
    let mut pipeline = Pipeline { graph, name, repository, groups };
    let state = state_id(pipeline.graph, COMPONENT, blueprint);
    let images = (!blueprint.images.is_empty()).then(|| registry::id(pipeline.graph, COMPONENT, blueprint));

    let actions = ["Microsoft.Authorization/locks/read", "Microsoft.Authorization/locks/write"];
    let lock = pipeline.role("lock", &actions, "Locking what holds data, and never unlocking it");
    let planner =
        pipeline.identity("plan", None, &["pull_request", MAIN], "Plans changes: reads, and writes nothing");
    pipeline.reads(&planner);
    pipeline.grant("plan", None, &planner, ("state", "Storage Blob Data Reader", state.clone()));

    if let Some(images) = &images {
        let purpose = "Pushes images that were built from the main branch";
        let pusher = pipeline.identity("push", None, &[MAIN], purpose);
        pipeline.grant("push", None, &pusher, ("images", "AcrPush", images.clone()));
    }
    for (environment, (group, vault)) in &groups.environments {
        let subject = format!("environment:{environment}");
        let approved = blueprint.environments.get(environment).is_some_and(|e| !e.approvers.is_empty());
        let jobs = if approved { "jobs that its approvers let through" } else { "jobs of that environment" };
        let purpose = format!("Deploys to {environment}, only from {jobs}");
        let deployer = pipeline.identity("deploy", Some(environment), &[&subject], &purpose);
        let group = group.get(resource_group::ID);
        let vault = vault.get(key_vault::ID);
        let mut grants = vec![
            ("group", "Contributor", group.clone()),
            ("files", "Storage Blob Data Contributor", group.clone()),
            ("secrets", "Key Vault Secrets User", vault),
            ("state", "Storage Blob Data Contributor", state.clone()),
        ];
        grants.extend(images.iter().map(|images| ("images", "AcrPull", images.clone())));
        for grant in grants {
            pipeline.grant("deploy", Some(environment), &deployer, grant);
        }
        pipeline.graph.add(
            NodeBuilder::new(COMPONENT, role_assignment::KIND, "lock")
                .key(environment)
                .set(role_assignment::SCOPE, group.clone())
                .set(
                    role_assignment::ROLE_DEFINITION_ID,
                    lock.get(role_definition::ROLE_DEFINITION_RESOURCE_ID),
                )
                .set(role_assignment::PRINCIPAL_ID, deployer.get(identity::PRINCIPAL_ID))
                .set(role_assignment::PRINCIPAL_TYPE, "ServicePrincipal")
                .purpose(format!("Lets deployments to {environment} lock what holds data")),
        );
        for (key, scope) in [("group", Some(&group)), ("images", images.as_ref())] {
            if let Some(scope) = scope {
                pipeline.may_give(environment, &deployer, key, scope.clone());
            }
        }
    }
}

/// What all identities of the pipeline have in common.
struct Pipeline<'p> {
    graph: &'p mut Graph,
    name: Value,
    repository: Value,
    groups: &'p Groups,
}

impl Pipeline<'_> {
    /// An identity that jobs of some subjects may take.
    fn identity(
        &mut self,
        node: &str,
        key: Option<&str>,
        subjects: &[&str],
        purpose: &str,
    ) -> Handle<identity::M> {
        let suffix = key.map_or_else(|| node.to_owned(), |key| format!("{node}-{key}"));
        let group = &self.groups.shared;
        let mut builder = NodeBuilder::new(COMPONENT, identity::KIND, node);
        if let Some(key) = key {
            builder = builder.key(key);
        }
        let made = self.graph.add(
            builder
                .set(identity::NAME, join([self.name.clone(), format!("-{suffix}").into()]))
                .set(identity::RESOURCE_GROUP_NAME, group.get(resource_group::NAME))
                .set(identity::LOCATION, group.get(resource_group::LOCATION))
                .purpose(purpose),
        );
        for (place, subject) in subjects.iter().enumerate() {
            let instance = format!("{}-{}", key.unwrap_or("main"), place + 1);
            let subject = join(["repo:".into(), self.repository.clone(), format!(":{subject}").into()]);
            self.graph.add(
                NodeBuilder::new(COMPONENT, credential::KIND, node)
                    .key(instance.as_str())
                    .set(credential::NAME, format!("github-{instance}"))
                    .set(credential::USER_ASSIGNED_IDENTITY_ID, made.get(identity::ID))
                    .set(credential::ISSUER, ISSUER)
                    .set(credential::AUDIENCE, Value::list([AUDIENCE]))
                    .set(credential::SUBJECT, subject)
                    .purpose("Lets jobs of the repository prove that they may take the identity"),
            );
        }
        let words = format!("Client id of the identity that jobs take to {}.", suffix.replace('-', " to "));
        let outputs = &mut self.graph.components.entry(COMPONENT.to_owned()).or_default().outputs;
        outputs.insert(
            format!("{}_client_id", suffix.replace('-', "_")),
            (words, made.get(identity::CLIENT_ID)),
        );
        made
    }

    /// A role of an identity: its key, the role, and what it is for.
    fn grant(
        &mut self,
        node: &str,
        environment: Option<&str>,
        who: &Handle<identity::M>,
        (key, role, scope): (&str, &'static str, Value),
    ) {
        let key = environment.map_or_else(|| key.to_owned(), |environment| format!("{environment}-{key}"));
        let purpose = format!("Lets the identity that jobs take to {node} act as {role} where it must");
        let principal = who.get(identity::PRINCIPAL_ID);
        assign(self.graph, COMPONENT, node, &Grant { key, role, scope }, principal, purpose);
    }

    /// A role of the application's own, for its groups alone.
    fn role(&mut self, node: &str, actions: &[&'static str], purpose: &str) -> Handle<role_definition::M> {
        let groups = self.groups.environments.values().map(|(group, _)| group);
        let scopes: Vec<Value> =
            std::iter::once(&self.groups.shared).chain(groups).map(|g| g.get(resource_group::ID)).collect();
        let permissions = Block::new().set(role_definition::permissions::ACTIONS, actions.to_vec());
        self.graph.add(
            NodeBuilder::new(COMPONENT, role_definition::KIND, node)
                .set(role_definition::NAME, join([self.name.clone(), format!("-{node}").into()]))
                .set(role_definition::SCOPE, self.groups.shared.get(resource_group::ID))
                .set(role_definition::ASSIGNABLE_SCOPES, scopes)
                .block(role_definition::PERMISSIONS, permissions)
                .purpose(purpose),
        )
    }

    /// Reading everything that a plan looks at.
    fn reads(&mut self, planner: &Handle<identity::M>) {
        let groups = self.groups.environments.values().map(|(group, _)| group);
        let scopes: Vec<Value> =
            std::iter::once(&self.groups.shared).chain(groups).map(|g| g.get(resource_group::ID)).collect();
        let actions: Vec<&str> = std::iter::once("*/read").chain(ASKED.iter().copied()).collect();
        let role = self.role("plan", &actions, "What a plan reads, and no secret of a vault");
        let names = std::iter::once("shared").chain(self.groups.environments.keys().map(String::as_str));
        for (key, scope) in names.zip(scopes) {
            self.graph.add(
                NodeBuilder::new(COMPONENT, role_assignment::KIND, "read")
                    .key(key)
                    .set(role_assignment::SCOPE, scope)
                    .set(
                        role_assignment::ROLE_DEFINITION_ID,
                        role.get(role_definition::ROLE_DEFINITION_RESOURCE_ID),
                    )
                    .set(role_assignment::PRINCIPAL_ID, planner.get(identity::PRINCIPAL_ID))
                    .set(role_assignment::PRINCIPAL_TYPE, "ServicePrincipal")
                    .purpose(format!("Lets plans look at {key}")),
            );
        }
    }

    /// Giving programs their roles within a scope, and no other roles.
    fn may_give(&mut self, environment: &str, deployer: &Handle<identity::M>, key: &str, scope: Value) {
        self.graph.add(
            NodeBuilder::new(COMPONENT, role_assignment::KIND, "give")
                .key(format!("{environment}-{key}"))
                .set(role_assignment::SCOPE, scope)
                .set(role_assignment::ROLE_DEFINITION_NAME, "Role Based Access Control Administrator")
                .set(role_assignment::PRINCIPAL_ID, deployer.get(identity::PRINCIPAL_ID))
                .set(role_assignment::PRINCIPAL_TYPE, "ServicePrincipal")
                .set(role_assignment::CONDITION_VERSION, "2.0")
                .set(role_assignment::CONDITION, only_given())
                .purpose(format!("Lets deployments to {environment} give its programs their roles")),
        );
    }
}

/// The condition that no other roles are given or taken, and to nobody but identities of programs.
fn only_given() -> String {
    let ids = GIVEN.iter().map(|(_, id)| *id).collect::<Vec<_>>().join(", ");
    let part = |action: &str, source: &str| {
        let assignment = "Microsoft.Authorization/roleAssignments";
        format!(
            "((!(ActionMatches{{'{assignment}/{action}'}})) OR \
             (@{source}[{assignment}:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {{{ids}}} AND \
             @{source}[{assignment}:PrincipalType] ForAnyOfAnyValues:StringEqualsIgnoreCase {{'ServicePrincipal'}}))"
        )
    };
    format!("({} AND {})", part("write", "Request"), part("delete", "Resource"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_condition_closes_what_it_opens() {
        let text = only_given();
        for (open, close) in [('(', ')'), ('{', '}'), ('[', ']')] {
            let count = |c: char| text.chars().filter(|x| *x == c).count();
            assert_eq!(count(open), count(close), "{text}");
        }
        assert!(GIVEN.windows(2).all(|w| w[0].0 < w[1].0), "roles are sorted");
    }
}
