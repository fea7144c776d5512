//! `docs/deployment.md`: how a change reaches each environment, by the pipeline and by hand, and how to go back.
//!
//! By hand means by the pipeline's own scripts, so that both ways do the same. Without them the commands are
//! Terraform's. It must not know how a release is made, only which script makes it.

use indexmap::{IndexMap, IndexSet};
use ir::{Address, Stack, Value, names};
use spec::Release;

use super::markdown::Document;
use super::removal;
use crate::pipelines;
use crate::pipelines::delivery::{self, Delivery};
use crate::place::aws_in;
use crate::{Context, pipelines::scripts::FOLDER};

/// The guide.
pub fn write(context: &Context<'_>) -> String {
    let mut doc = Document::titled(&format!("Deploying {}", context.blueprint.name));
    if automated(context) {
        doc.para("The pipeline does all of this. The commands are here for the day it cannot, and start in the root of the repository.");
    } else {
        doc.para("No pipeline was written for this application, so these commands are the way. They start in the root of the repository.");
    }
    first_time(context, &mut doc);
    first_deployment(context, &mut doc);
    afterwards(context, &mut doc);
    let delivery = delivery::of(context);
    if automated(context) {
        by_pipeline(context, &delivery, &mut doc);
    }
    by_hand(context, &delivery, &mut doc);
    releases(context, &mut doc);
    migrations(context, &delivery, &mut doc);
    back(context, &mut doc);
    rehearsed(context, &mut doc);
    removal::write(context, &mut doc);
    doc.print()
}

/// Whether the bundle holds a pipeline, and with it the scripts that deploy.
pub(super) fn automated(context: &Context<'_>) -> bool {
    (pipelines::TARGET.wanted)(context)
}

fn first_time(context: &Context<'_>, doc: &mut Document) {
    doc.heading(2, "Once, before the first deployment");
    let mut steps = vec![
        "Create the bucket that holds Terraform's state. Its own state stays local: it is a few resources that can be imported again.",
        "Create what environments share.",
    ];
    if automated(context) {
        doc.para("You need Terraform 1.10 or newer, the GitHub and AWS command lines, and credentials of an account administrator. Afterwards nobody needs them: the pipeline assumes roles of its own.");
        steps.extend([
            "Store the names that the pipeline needs as variables of the repository and of its environments. None of them is a secret.",
            "Let each environment be deployed from `main` alone. A deploy role trusts the environment, so this is what keeps other branches out.",
        ]);
    } else {
        doc.para("You need Terraform 1.10 or newer, the AWS command line, and credentials of an account administrator.");
    }
    doc.steps(steps);
    doc.code("sh", &setup(context));
    doc.para("Then write down the hashes of the provider's packages, for the machines of people and of pipelines, and commit them. The roots name one version of it; with its hashes nobody can put another package in its place. After a new version of the provider, do it again.");
    doc.code("sh", &lock(context));
    approvals(context, doc);
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
    let mut script = String::from(
        "terraform -chdir=infra/terraform/bootstrap init\nterraform -chdir=infra/terraform/bootstrap apply\n",
    );
    let stack = |name: &str| context.stacks.iter().find(|s| s.name == name);
    let bucket = stack("bootstrap").map_or("bucket".to_owned(), |s| names::in_root(s, "state", "bucket"));
    script.push_str(&format!(
        "export TF_STATE_BUCKET=$(terraform -chdir=infra/terraform/bootstrap output -raw {bucket})\n\n"
    ));
    if automated(context) {
        script.push_str("repository=$(gh repo view --json nameWithOwner --jq .nameWithOwner)\n");
    }
    script.push_str(
        "terraform -chdir=infra/terraform/shared init -backend-config=\"bucket=$TF_STATE_BUCKET\"\n",
    );
    let given: Vec<String> = stack("shared")
        .map(names::set_by_pipeline)
        .unwrap_or_default()
        .into_iter()
        .map(|(variable, ..)| format!(" -var \"{variable}=$repository\""))
        .collect();
    script.push_str(&format!("terraform -chdir=infra/terraform/shared apply{}\n", given.concat()));
    if !automated(context) {
        return script;
    }
    script.push('\n');
    script.push_str("caller=$(aws sts get-caller-identity --query Arn --output text)\nroles=arn:$(cut -d : -f 2 <<< \"$caller\"):iam::$(cut -d : -f 5 <<< \"$caller\"):role\n");
    script.push_str("gh variable set TF_STATE_BUCKET --body \"$TF_STATE_BUCKET\"\n");
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

/// The commands that lock the provider in every root.
fn lock(context: &Context<'_>) -> String {
    let root =
        |stack: &Stack| if stack.environment { format!("envs/{}", stack.name) } else { stack.name.clone() };
    let roots: Vec<String> = context.stacks.iter().map(root).collect();
    format!(
        "for root in {}; do\n  terraform -chdir=\"infra/terraform/$root\" providers lock \\\n    -platform=linux_amd64 -platform=linux_arm64 -platform=darwin_arm64 -platform=windows_amd64\ndone\ngit add ':(glob)infra/terraform/**/.terraform.lock.hcl'",
        roots.join(" ")
    )
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
    if automated(context) && !asked.is_empty() {
        doc.para("Then name the approvers as required reviewers, under Settings, Environments. GitHub knows them by their accounts:");
        doc.bullets(asked);
    }
}

/// How an environment comes to be when no image was ever built.
fn first_deployment(context: &Context<'_>, doc: &mut Document) {
    doc.heading(2, "The first deployment");
    if automated(context) {
        doc.para("An environment is created by its first deployment, together with what runs in it: merge to `main`, and the images are built and pushed first. Until then no image exists, and a plan shows `unreleased:none` in its place.");
    } else {
        doc.para("Build and push the images first, as below: an environment is created together with what runs in it.");
    }
    zones(context, doc);
    let kept = |stack: &Stack| stack.graph.of_kind("aws_secretsmanager_secret").next().is_some();
    let stacks: Vec<&Stack> = context.stacks.iter().filter(|s| s.environment && kept(s)).collect();
    if stacks.is_empty() {
        return;
    }
    doc.para("A task that reads a secret starts only when the secret has a value. So create the places of the secrets alone before that, and put the values in; nothing that runs is created by this.");
    for stack in stacks {
        let places = || stack.graph.of_kind("aws_secretsmanager_secret");
        let targets: IndexSet<String> =
            places().map(|n| format!(" -target={}", in_environment(&n.address))).collect();
        let targets: String = targets.into_iter().collect();
        let mut script = plan(context, stack, &targets, false);
        let region = &stack.region;
        let passwords = stack.graph.secret_inputs();
        for name in places().filter_map(|n| n.get("name").and_then(Value::text)) {
            // Nobody has to know a password that both sides read from the store.
            let value = if passwords.iter().any(|(.., secret)| *secret == name) {
                format!(
                    "VALUE=$(aws --region {region} secretsmanager get-random-password --password-length 32 --exclude-punctuation --query RandomPassword --output text)"
                )
            } else {
                "read -rs VALUE".to_owned()
            };
            script.push_str(&format!(
                "\n{value} && aws --region {region} secretsmanager put-secret-value --secret-id {name} --secret-string \"$VALUE\"; unset VALUE",
            ));
        }
        doc.code("sh", &script);
    }
}

/// Texts of an attribute of every resource of a kind in an environment, each once, in order.
fn texts(context: &Context<'_>, kind: &str, attribute: &str) -> IndexSet<String> {
    let stacks = context.stacks.iter().filter(|s| s.environment);
    let nodes = stacks.flat_map(|s| s.graph.of_kind(kind));
    nodes.filter_map(|n| n.get(attribute).and_then(Value::text)).collect()
}

/// Zones of names that must be there before: they are looked up and never created.
fn zones(context: &Context<'_>, doc: &mut Document) {
    let zones = texts(context, "aws_route53_zone", "name");
    if zones.is_empty() {
        return;
    }
    doc.para("Host names are written into public hosted zones of Route 53 in the same account, and certificates are proved there. A plan fails while such a zone is missing, and a certificate waits while the registrar does not name its servers. Both answers must hold the same name servers:");
    let ask = |zone: &String| {
        format!(
            "aws route53 get-hosted-zone --query DelegationSet.NameServers --id \"$(aws route53 list-hosted-zones-by-name --dns-name {zone} --max-items 1 --query 'HostedZones[0].Id' --output text)\"\ndig +short NS {zone}"
        )
    };
    doc.code("sh", &zones.iter().map(ask).collect::<Vec<_>>().join("\n"));
}

/// What only a person can do, once the first deployment is there.
fn afterwards(context: &Context<'_>, doc: &mut Document) {
    let mut steps = Vec::new();
    for reader in texts(context, "aws_sns_topic_subscription", "endpoint") {
        steps.push(format!(
            "{reader} gets a mail with the subject \"AWS Notification - Subscription Confirmation\" for every topic of every environment. Confirm each: until then no alarm reaches anybody. The command below lists what still waits"
        ));
    }
    for domain in texts(context, "aws_opensearch_domain", "domain_name") {
        steps.push(format!(
            "Map the roles of the services that use the search domain `{domain}` to a role inside it, in its dashboards under Security, Roles, Mapped users: until then it refuses them"
        ));
    }
    if steps.is_empty() {
        return;
    }
    doc.heading(3, "After it");
    doc.steps(steps);
    let regions: IndexSet<&String> = context
        .stacks
        .iter()
        .filter(|s| s.environment)
        .flat_map(|s| {
            let topics = s.graph.of_kind("aws_sns_topic_subscription");
            topics.map(move |n| n.region.as_ref().unwrap_or(&s.region))
        })
        .collect();
    let waiting: Vec<String> = regions
        .iter()
        .map(|region| {
            aws_in(region, &format!("sns list-subscriptions --query \"Subscriptions[?SubscriptionArn=='PendingConfirmation' && contains(TopicArn, ':{}-')].[TopicArn, Endpoint]\" --output text", context.blueprint.name))
        })
        .collect();
    if !waiting.is_empty() {
        doc.code("sh", &waiting.join("\n"));
    }
}

/// The address of a resource and all its instances in the root of an environment.
pub(super) fn in_environment(address: &Address) -> String {
    format!("module.{}.{}.{}", names::snake(&address.component), address.kind, address.name)
}

/// Sets the variables of a root that only a deployment knows. Where nothing runs afterwards, no image is needed and
/// no password is read.
fn variables(stack: &Stack, runs: bool) -> String {
    let secrets = stack.graph.secret_inputs();
    let mut script = String::new();
    for (variable, component, input) in names::set_by_pipeline(stack) {
        let secret =
            secrets.iter().find(|(c, i, _)| (*c, *i) == (component, input)).map(|(.., secret)| secret);
        let value = match secret {
            Some(secret) if runs => format!(
                "$(aws --region {} secretsmanager get-secret-value --secret-id {secret} --query SecretString --output text)",
                stack.region
            ),
            Some(_) => "not-read".to_owned(),
            None if runs => "...   # what is to run, by digest".to_owned(),
            None => "unreleased:none".to_owned(),
        };
        script.push_str(&format!("export TF_VAR_{variable}={value}\n"));
    }
    script
}

/// Plans a root with more arguments and applies what was planned. `runs` says that it is for running afterwards,
/// not for making places of secrets or taking everything down.
pub(super) fn plan(context: &Context<'_>, stack: &Stack, arguments: &str, runs: bool) -> String {
    let name = &stack.name;
    let root = format!("infra/terraform/envs/{name}");
    let mut script = String::new();
    if automated(context) {
        script.push_str(&format!("{FOLDER}/plan.sh {name}{arguments}\n"));
    } else {
        script.push_str(&variables(stack, runs));
        script
            .push_str(&format!("terraform -chdir={root} init -backend-config=\"bucket=$TF_STATE_BUCKET\"\n"));
        script.push_str(&format!("terraform -chdir={root} plan -out=saved.tfplan{arguments}\n"));
    }
    script.push_str(&format!("terraform -chdir={root} apply saved.tfplan"));
    script
}

fn by_pipeline(context: &Context<'_>, delivery: &Delivery, doc: &mut Document) {
    doc.heading(2, "By the pipeline");
    let unattended = context.blueprint.environments.values().all(|e| e.approvers.is_empty());
    let mut steps = vec![
        "Open a pull request. It is linted and tested, and the images are built. When it changes the spec or the infrastructure, the plan of every environment and its cost are posted as a comment; a fork's pull request gets no credentials and no plan. The comment says when an administrator has to apply what environments share before it is merged: the pipeline may not change its own rights.".to_owned(),
        "Merge it. Images are built once, pushed, and referred to by digest from then on. One in which the registry finds a critical vulnerability is not released, unless `infra/accepted-vulnerabilities.json` lets it through: a list of objects with `id`, `reason` and `until`, the last day it holds.".to_owned(),
    ];
    for environment in context.blueprint.environments.values() {
        let approval = if environment.approvers.is_empty() {
            " and applied".to_owned()
        } else {
            let approvers = environment.approvers.join(" or ");
            format!(
                ", {approvers} approves, and only that plan is applied: a run whose plan has changed since is refused"
            )
        };
        steps.push(format!(
            "`{}`: a plan is made{approval}. The new version is released and every public address is asked; if anything fails, the last good release is put back by itself.",
            environment.name
        ));
    }
    doc.steps(steps);
    if unattended {
        doc.para("No environment asks for an approval. Add `approvers` to one to change that.");
    }
    doc.para("A merge of documents alone deploys nothing, unless a service is made from the folder that they are in.");
    if delivery.environments.values().any(|e| !e.rotated.is_empty()) {
        doc.para("Once a month `rotate.yml` replaces the passwords of databases and restarts what reads them, in the same order, with the same role and approvals, and never while a deployment runs: `secrets/README.md` says how.");
    }
}

fn by_hand(context: &Context<'_>, delivery: &Delivery, doc: &mut Document) {
    doc.heading(2, "By hand");
    if !automated(context) {
        for stack in context.stacks.iter().filter(|s| s.environment) {
            doc.heading(3, &stack.name).code("sh", &plan(context, stack, "", true));
        }
        return;
    }
    let Some((last, _)) = delivery.environments.last() else { return };
    doc.para(format!("These are the steps of the pipeline, for `{last}`; another environment is named in its place. They need `TF_STATE_BUCKET` and the rights of the environment's deploy role. Run them one by one, and stop at the first that fails. What they leave in `release/` and `plan/` is not committed."));
    doc.code("sh", &format!("{FOLDER}/fetch.sh {last} last-good   # or: previous, or a commit; brings its images and sites\n{FOLDER}/plan.sh {last}              # read plan/plan.txt\n{FOLDER}/apply.sh {last}\n{FOLDER}/release.sh {last}\n{FOLDER}/smoke.sh {last}"));
    doc.para("A release that was brought back is in `release/id`. To deploy something new, remove that file and fill `release/` anew:");
    let mut script = String::from("rm -rf release\n");
    if let Some((service, image)) = delivery.images.first() {
        let region = &delivery.region;
        let platform = platform(image);
        // An image index, which provenance makes, is refused by Lambda.
        let plain = if image.attested { "" } else { " --provenance=false" };
        script.push_str(&format!(
            "registry=$(aws sts get-caller-identity --query Account --output text).dkr.ecr.{region}.amazonaws.com\naws ecr get-login-password --region {region} | docker login --username AWS --password-stdin \"$registry\"\n# for each image; here {service}\ndocker buildx build --platform {platform}{plain} --file {} --tag \"$registry/{}:$(git rev-parse HEAD)-hand\" --push --metadata-file pushed.json {}\n{FOLDER}/image.sh {} \"$registry/{}\" \"$(jq -r '.\"containerimage.digest\"' pushed.json)\"\n",
            image.dockerfile, image.repository, image.context, image.variable, image.repository
        ));
    }
    for site in delivery.sites.keys() {
        script.push_str(&format!("{FOLDER}/site.sh {site}\n"));
    }
    script.push_str(&format!("{FOLDER}/collect.sh"));
    doc.code("sh", &script);
    doc.para(format!("When it passed, `{FOLDER}/store.sh {last} \"$(git rev-parse HEAD)\"` remembers it as the last good one."));
    let rows = delivery.images.iter().map(|(service, image)| {
        let cells = [service, &image.variable, &image.repository, &image.dockerfile, &image.context];
        let mut row: Vec<String> = cells.iter().map(|cell| format!("`{cell}`")).collect();
        row.push(platform(image).to_owned());
        row
    });
    doc.table(&["image of", "variable", "repository", "Dockerfile", "context", "platform"], rows);
}

/// What an image has to be built for.
fn platform(image: &delivery::Image) -> &'static str {
    match image.runs_on {
        (true, true) => "linux/arm64,linux/amd64",
        (true, false) => "linux/arm64",
        (false, _) => "linux/amd64",
    }
}

fn releases(context: &Context<'_>, doc: &mut Document) {
    doc.heading(2, "How a new version reaches users");
    let rows = context.spec.services.iter().map(|(name, service)| {
        let how = match (service.schedule.is_some(), service.once, &service.source, *service.release) {
            (true, ..) => "the next run uses it",
            (_, true, ..) => "it runs once at each deployment, before the services change; when it fails, they stay as they are",
            (_, _, spec::Source::Static(_), _) => "files are uploaded, then the cache is cleared",
            (_, _, _, Release::Rolling) => "rolling: new tasks start, must be healthy, then old ones stop; a failed start is rolled back by the platform",
            (_, _, _, Release::Canary) => "canary: a tenth of the traffic for five minutes, then all; an alarm in between shifts it back",
            (_, _, _, Release::BlueGreen) => "blue-green: a full second set takes over at once; the first one waits for a quarter of an hour to take over again",
        };
        vec![format!("`{name}`"), how.to_owned()]
    });
    doc.table(&["service", "how"], rows);
}

/// What brings the schema of each store to where a release needs it.
fn migrations(context: &Context<'_>, delivery: &Delivery, doc: &mut Document) {
    let migrated = || context.spec.resources.iter().filter_map(|(n, r)| Some((n, r.migrations.as_ref()?)));
    if migrated().next().is_none() {
        return;
    }
    doc.heading(2, "Migrations");
    doc.bullets(migrated().map(|(name, folder)| match context.spec.prepared_by(name).next() {
        Some(task) => format!("`{task}` applies what is new in `{}` to `{name}`, once at each deployment, and ends with an error at the first file that fails: the deployment then stops before any service changes", folder.value),
        None => format!("Nothing runs those of `{name}` in `{}`: apply them by hand before a release that needs them, or add a service with `once: true` that uses `{name}`", folder.value),
    }));
    let tried: Vec<String> = delivery.migrations.keys().map(|name| format!("`{name}`")).collect();
    if automated(context) && !tried.is_empty() {
        doc.para(format!("For every change CI applies {} to an empty database of the same engine and version, twice, before an image of the change reaches the registry. Staging, when there is one, is the first with data in it.", tried.join(" and ")));
    }
    doc.para("The one user of a database, whose name and password every service that uses it is given, owns what migrations make. Connections in the cloud are refused without TLS.");
    doc.para("Migrations go forward only, and the version before must work with what they leave: while a release rolls out, and after it went back, that version runs on the new schema. So a change that is not an addition takes two releases. The first adds the new column or table, and writes both; the second, once nothing reads the old one, removes it.");
}

fn back(context: &Context<'_>, doc: &mut Document) {
    doc.heading(2, "Going back");
    if automated(context) {
        doc.para("A release is a set of image digests and the files of the sites, kept in the state bucket under `releases/`. Going back deploys one that passed before; nothing is built. Without a release, the one before the last good one is taken.");
        if let Some(environment) = context.blueprint.environments.keys().last() {
            doc.code(
                "sh",
                &format!("gh workflow run rollback.yml -f environment={environment}\ngh workflow run rollback.yml -f environment={environment} -f release=$COMMIT"),
            );
        }
        doc.para("A deployment that fails does this by itself, in the same job: a job of its own would wait for an approval. The first one has nothing to go back to: it stays as it is, and the next deployment mends it.");
        doc.para("A commit that is older than the one that serves is refused, whichever was built first: going back is the rollback's work.");
        doc.para("By hand: fetch `previous` or a commit and go on as above. Infrastructure goes back by reverting its commit: the pipeline applies what `main` says.");
    } else {
        doc.para("Set the image variables to the digests that ran before and apply, as above. Infrastructure goes back the same way: revert the commit and apply it.");
    }
    locks(context, doc);
    doc.para("What does not go back by itself:");
    let mut items = vec![
        "Rows and files that the newer version wrote: restore them as the disaster recovery page says"
            .to_owned(),
    ];
    if context.spec.resources.values().any(|r| r.migrations.is_some()) {
        items.push("Migrations: the version before meets the database as the newer one left it".to_owned());
    }
    doc.bullets(items);
}

/// What a run that was cut off leaves behind.
fn locks(context: &Context<'_>, doc: &mut Document) {
    let Some(environment) = context.blueprint.environments.keys().last() else { return };
    if automated(context) {
        doc.para("Do not cancel a deployment that applies or releases: GitHub ends it after five minutes, finished or not. What was cut off is mended by the next deployment, or by the rollback with `-f release=last-good`.");
    }
    doc.para("Terraform that was killed leaves the lock of its state behind, and every later run says so, with the lock's id and who took it. When that run is surely over, take the lock away:");
    doc.code("sh", &format!("terraform -chdir=infra/terraform/envs/{environment} force-unlock $LOCK_ID"));
}

/// What the rehearsal saw: a row a way to deploy and fail, a column a stack.
fn rehearsed(context: &Context<'_>, doc: &mut Document) {
    let mut tried: IndexMap<&str, Vec<String>> = IndexMap::new();
    for (column, rehearsal) in context.rehearsals.iter().enumerate() {
        for trial in rehearsal.trials.iter().filter(|t| t.failures.is_empty()) {
            let runs = tried
                .entry(trial.name.as_str())
                .or_insert_with(|| vec![String::new(); context.rehearsals.len()]);
            runs[column] = trial.runs.to_string();
        }
    }
    if tried.is_empty() {
        return;
    }
    doc.heading(2, "What was rehearsed");
    doc.para("Before this was written, every stack went through these in the embedded cloud and held. The figures are runs; where there is none, the stack has nothing of the kind.");
    let stacks: Vec<String> = context.rehearsals.iter().map(|r| format!(">{}", r.stack)).collect();
    let titles: Vec<&str> =
        std::iter::once("what was tried").chain(stacks.iter().map(String::as_str)).collect();
    let row =
        |(name, runs): (&str, Vec<String>)| std::iter::once(name.to_owned()).chain(runs).collect::<Vec<_>>();
    doc.table(&titles, tried.into_iter().map(row));
}
