//! `docs/deployment.md`: how a change reaches each environment, by the pipeline and by hand, and how to go back.

use ir::{Mode, Value};
use spec::Release;

use super::markdown::Document;
use crate::Context;
use crate::pipelines::names;

/// The guide.
pub fn write(context: &Context<'_>) -> String {
    let name = &context.blueprint.name;
    let mut doc = Document::titled(&format!("Deploying {name}"));
    doc.para("The pipeline does all of this. The commands are here for the day it cannot.");
    first_time(context, &mut doc);
    by_pipeline(context, &mut doc);
    by_hand(context, &mut doc);
    releases(context, &mut doc);
    back(context, &mut doc);
    remove(context, &mut doc);
    doc.print()
}

fn first_time(context: &Context<'_>, doc: &mut Document) {
    doc.heading(2, "Once, before the first deployment");
    doc.para("You need Terraform 1.10 or newer, the GitHub and AWS command lines, and credentials of an account administrator. Afterwards nobody needs them: the pipeline assumes roles of its own.");
    doc.steps([
        "Create the bucket that holds Terraform's state. Its own state stays local: it is a few resources that can be imported again.",
        "Create what environments share: image repositories and the roles of the pipeline.",
        "Store the names that the pipeline needs as variables of the repository and of its environments. None of them is a secret.",
        "Let each environment be deployed from `main` alone. A deploy role trusts the environment, so this is what keeps other branches out.",
    ]);
    doc.code("sh", &setup(context));
    approvals(context, doc);
    secrets(context, doc);
}

/// Name of a role of the pipeline, as the shared stack creates it.
fn role(context: &Context<'_>, node: &str, environment: Option<&str>) -> Option<String> {
    let mut roles =
        context.stacks.iter().filter(|s| !s.environment).flat_map(|s| s.graph.of_kind("aws_iam_role"));
    let wanted = roles.find(|n| n.address.name == node && n.address.key.as_deref() == environment)?;
    wanted.get("name").and_then(Value::text)
}

/// The commands of a first setup.
fn setup(context: &Context<'_>) -> String {
    let mut script = String::from("cd infra/terraform/bootstrap\nterraform init && terraform apply\n");
    let stack = |name: &str| context.stacks.iter().find(|s| s.name == name);
    let bucket = stack("bootstrap").map_or("bucket".to_owned(), |s| names::in_root(s, "state", "bucket"));
    script.push_str(&format!("bucket=$(terraform output -raw {bucket})\n\ncd ../shared\n"));
    script.push_str("repository=$(gh repo view --json nameWithOwner --jq .nameWithOwner)\n");
    script.push_str("terraform init -backend-config=\"bucket=$bucket\"\n");
    let given: Vec<String> = stack("shared")
        .map(names::set_by_pipeline)
        .unwrap_or_default()
        .into_iter()
        .map(|(variable, ..)| format!(" -var \"{variable}=$repository\""))
        .collect();
    script.push_str(&format!("terraform apply{}\n\n", given.concat()));
    script.push_str("caller=$(aws sts get-caller-identity --query Arn --output text)\nroles=arn:$(cut -d : -f 2 <<< \"$caller\"):iam::$(cut -d : -f 5 <<< \"$caller\"):role\n");
    script.push_str("gh variable set TF_STATE_BUCKET --body \"$bucket\"\n");
    for (variable, node) in [("AWS_PLAN_ROLE_ARN", "plan"), ("AWS_PUSH_ROLE_ARN", "push")] {
        if let Some(role) = role(context, node, None) {
            script.push_str(&format!("gh variable set {variable} --body \"$roles/{role}\"\n"));
        }
    }
    for environment in context.blueprint.environments.keys() {
        script.push_str(&format!(
            "\ngh api --method PUT \"repos/$repository/environments/{environment}\" \\\n  -F 'deployment_branch_policy[protected_branches]=false' -F 'deployment_branch_policy[custom_branch_policies]=true'\n"
        ));
        script.push_str(&format!(
            "gh api --method POST \"repos/$repository/environments/{environment}/deployment-branch-policies\" -f name=main\n"
        ));
        if let Some(role) = role(context, "deploy", Some(environment)) {
            script.push_str(&format!(
                "gh variable set AWS_DEPLOY_ROLE_ARN --env {environment} --body \"$roles/{role}\"\n"
            ));
        }
    }
    script
}

/// Who approves, which GitHub must be told once: it knows people by their accounts, not by their addresses.
fn approvals(context: &Context<'_>, doc: &mut Document) {
    let asked: Vec<String> = context
        .blueprint
        .environments
        .values()
        .filter(|e| !e.approvers.is_empty())
        .map(|e| format!("`{}`: {}", e.name, e.approvers.join(", ")))
        .collect();
    if !asked.is_empty() {
        doc.para("Then name the approvers as required reviewers, under Settings, Environments. GitHub knows them by their accounts:");
        doc.bullets(asked);
    }
}

fn secrets(context: &Context<'_>, doc: &mut Document) {
    let secrets: Vec<&String> = context.spec.secrets.keys().collect();
    if !secrets.is_empty() {
        doc.para("After an environment's first apply, put the secrets into its store. Tasks that need one start when it has a value.");
        let lines: Vec<String> = secrets
            .iter()
            .map(|s| {
                let environment = context.blueprint.environments.keys().last().map_or("production", String::as_str);
                format!(
                    "read -rs VALUE && aws secretsmanager put-secret-value --secret-id {}-{environment}/{s} --secret-string \"$VALUE\"; unset VALUE",
                    context.blueprint.name
                )
            })
            .collect();
        doc.code("sh", &lines.join("\n"));
    }
}

fn by_pipeline(context: &Context<'_>, doc: &mut Document) {
    doc.heading(2, "By the pipeline");
    let critical: Vec<&str> = context
        .blueprint
        .environments
        .values()
        .filter(|e| !e.approvers.is_empty())
        .map(|e| e.name.as_str())
        .collect();
    let mut steps = vec![
        "Open a pull request. It is linted and tested, the images are built, and the plan and its cost are posted as a comment.".to_owned(),
        "Merge it. Images are built once, pushed, and referred to by digest from then on.".to_owned(),
    ];
    for environment in context.blueprint.environments.values() {
        let approval = if environment.approvers.is_empty() {
            String::new()
        } else {
            format!(", {} approves", environment.approvers.join(" or "))
        };
        steps.push(format!(
            "`{}`: a plan is made{approval}, and only that plan is applied: a run whose plan has changed since is refused. The new version is released and every public address is asked; if anything fails, the last good release is put back by itself.",
            environment.name
        ));
    }
    doc.steps(steps);
    if critical.is_empty() {
        doc.para("No environment asks for an approval. Add `approvers` to one to change that.");
    }
}

fn by_hand(context: &Context<'_>, doc: &mut Document) {
    doc.heading(2, "By hand");
    for stack in context.stacks.iter().filter(|s| s.environment) {
        doc.heading(3, &stack.name);
        let images = names::set_by_pipeline(stack);
        let mut script = format!("cd infra/terraform/envs/{}\n", stack.name);
        script.push_str("terraform init -backend-config=\"bucket=$TF_STATE_BUCKET\"\n");
        for (input, ..) in &images {
            script.push_str(&format!("export TF_VAR_{input}=...   # what is to run, by digest\n"));
        }
        script.push_str("terraform plan -out=plan.tfplan\nterraform apply plan.tfplan\n");
        doc.code("sh", &script);
    }
}

fn releases(context: &Context<'_>, doc: &mut Document) {
    doc.heading(2, "How a new version reaches users");
    let rows = context.spec.services.iter().map(|(name, service)| {
        let how = match (service.schedule.is_some(), service.once, &service.source, *service.release) {
            (true, ..) => "the next run uses it",
            (_, true, ..) => "it runs once, before the services start",
            (_, _, spec::Source::Static(_), _) => "files are uploaded, then the cache is cleared",
            (_, _, _, Release::Rolling) => "rolling: new tasks start, must be healthy, then old ones stop; a failed start is rolled back by the platform",
            (_, _, _, Release::Canary) => "canary: a tenth of the traffic for five minutes, then all; an alarm in between shifts it back",
            (_, _, _, Release::BlueGreen) => "blue-green: a full second set takes over at once; the first one waits for a quarter of an hour to take over again",
        };
        vec![format!("`{name}`"), how.to_owned()]
    });
    doc.table(&["service", "how"], rows);
}

fn back(context: &Context<'_>, doc: &mut Document) {
    doc.heading(2, "Going back");
    doc.para("A release is a set of image digests and the files of the sites, kept in the state bucket under `releases/`. Going back deploys one that passed before; nothing is built. Without a release, the one before the last good one is taken.");
    if let Some(environment) = context.blueprint.environments.keys().last() {
        doc.code(
            "sh",
            &format!("gh workflow run rollback.yml -f environment={environment}\ngh workflow run rollback.yml -f environment={environment} -f release=$COMMIT"),
        );
    }
    doc.para("A deployment that fails does this by itself, in the same job: a job of its own would wait for an approval.");
    doc.para("By hand: set the image variables to the digests of the last good release and apply, as above. Infrastructure goes back the same way: revert the commit and let the pipeline apply it.");
    doc.para("What does not go back by itself:");
    let mut items = vec![
        "Rows and files that the newer version wrote: restore them as the disaster recovery page says"
            .to_owned(),
    ];
    for (name, resource) in &context.spec.resources {
        if let Some(folder) = &resource.migrations {
            items.push(format!(
                "Migrations of `{name}` in `{}`: they run before the services, so write them so that the version before still works; each has a way down",
                folder.value
            ));
        }
    }
    doc.bullets(items);
    let proved: Vec<String> = context
        .rehearsals
        .iter()
        .flat_map(|r| {
            r.trials
                .iter()
                .filter(|t| t.failures.is_empty())
                .map(|t| format!("{}: {} ({} runs)", r.stack, t.name, t.runs))
        })
        .collect();
    if !proved.is_empty() {
        doc.para("What the rehearsal in the embedded cloud proved before this was written:");
        doc.bullets(proved);
    }
}

fn remove(context: &Context<'_>, doc: &mut Document) {
    doc.heading(2, "Taking an environment down");
    doc.para("Stores that hold data refuse to be destroyed. That is lifted first, in an apply of its own, so that no single command can lose data.");
    let protected: Vec<String> = context
        .stacks
        .iter()
        .filter(|s| s.environment)
        .flat_map(|s| s.graph.nodes().map(move |n| (s, n)))
        .filter(|(_, n)| n.address.mode == Mode::Managed)
        .filter(|(_, n)| n.get("deletion_protection").and_then(Value::as_bool) == Some(true))
        .map(|(s, n)| format!("`{}` in {}", n.address, s.name))
        .collect();
    if protected.is_empty() {
        doc.para("Nothing is protected in any environment of this application.");
    } else {
        doc.para("Protected today:");
        doc.bullets(protected);
    }
    doc.code(
        "sh",
        "terraform apply -var deletion_protection=false\nterraform destroy -var deletion_protection=false",
    );
}
