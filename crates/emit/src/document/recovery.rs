//! `docs/disaster-recovery.md`: what can be lost, how it comes back, how long that takes, and how it is tried.

use design::{EnvironmentDesign, Loss, RecoveryDesign, ResourceChoice, ResourceDesign};
use indexmap::IndexSet;
use ir::Value;

use super::database;
use super::deployment::{automated, in_environment};
use super::markdown::{Document, link};
use crate::Context;
use crate::pipelines::scripts::FOLDER;
use crate::place::Place;

/// The plan.
pub fn write(context: &Context<'_>) -> String {
    let mut doc = Document::titled(&format!("Disaster recovery of {}", context.blueprint.name));
    doc.para("What counts as a disaster here, and where its steps are:");
    disasters(context, &mut doc);
    for environment in context.blueprint.environments.values() {
        doc.heading(2, &environment.name);
        objectives(environment, &mut doc);
        stores(environment, &mut doc);
        measured(environment, &mut doc);
    }
    databases(context, &mut doc);
    migrations(context, &mut doc);
    buckets(context, &mut doc);
    vaults(context, &mut doc);
    region(context, &mut doc);
    doc.heading(2, "Trying it");
    doc.bullets([
        "Every time this bundle is delivered it is rehearsed in the embedded cloud: deploy, fail at every step, roll back, destroy",
        "Once a quarter, restore the newest backup of every store as above, under another name, start the services of an environment that nobody depends on against it, and write down how long it took",
        "Once a quarter, stop all tasks in one zone and see that users notice nothing",
    ]);
    doc.print()
}

fn disasters(context: &Context<'_>, doc: &mut Document) {
    let mut rows = Vec::new();
    if restorable(context).next().is_some() {
        rows.push(["data of a database is gone or wrong", "restoring a database", "#restoring-a-database"]);
    }
    if objects(context).next().is_some() {
        rows.push(["objects were deleted or overwritten", "restoring objects", "#restoring-objects"]);
    }
    if vaulted(context).next().is_some() {
        rows.push([
            "a store was deleted, or it was noticed late",
            "restoring from the vault",
            "#restoring-from-the-vault",
        ]);
    }
    rows.extend([
        ["a zone is away", "runbook: a zone is away", "runbooks/zone-lost.md"],
        ["the region is away", "losing the region", "#losing-the-region"],
        ["somebody else has a key or an account", "runbook: a secret leaked", "runbooks/secret-leaked.md"],
        ["a deployment cannot be rolled back", "deployment: going back", "deployment.md#going-back"],
    ]);
    doc.table(
        &["disaster", "steps"],
        rows.iter().map(|[what, title, to]| vec![(*what).into(), link(*title, *to)]),
    );
}

fn objectives(environment: &EnvironmentDesign, doc: &mut Document) {
    let recovery = &environment.recovery;
    let time = |seconds: Option<u64>| {
        seconds.map_or("none stated".to_owned(), |s| spec::yaml::units::print_duration(s as f64))
    };
    let mut items = vec![
        format!("Recovery time objective: {}", time(recovery.rto_seconds)),
        format!("Recovery point objective: {}", time(recovery.rpo_seconds)),
    ];
    if environment.resources.values().any(|r| r.choice.database().is_some()) {
        items.push(match recovery.point_in_time_days {
            0 => "Databases cannot be restored to a point in time".to_owned(),
            days => format!(
                "Databases can be restored to any moment of the last {days} days, up to five minutes ago"
            ),
        });
    }
    if environment.resources.is_empty() {
        items.push(
            "Nothing in it holds data: generating and deploying again brings all of it back".to_owned(),
        );
        doc.bullets(items);
        return;
    }
    items.extend([
        match recovery.backup_days {
            0 => "No separate backups are kept".to_owned(),
            days => format!("A separate vault keeps daily backups for {days} days"),
        },
        match &recovery.copy_region {
            Some(region) => format!("Backups are copied to {region}"),
            None => "Backups stay in this region: losing the region loses the data. Name a second region in `cloud.regions` to change that".to_owned(),
        },
    ]);
    doc.bullets(items);
}

fn stores(environment: &EnvironmentDesign, doc: &mut Document) {
    let rows = environment.resources.iter().map(|(name, resource)| {
        let (zone, data, back) = fate(&resource.choice, environment);
        vec![format!("`{name}`"), zone, data, back]
    });
    doc.table(&["store", "a zone is lost", "its data is lost or wrong", "it comes back from"], rows);
}

/// What happens to a store when a zone goes, when its data goes, and where it comes back from.
fn fate(choice: &ResourceChoice, environment: &EnvironmentDesign) -> (String, String, String) {
    let point_in_time = if environment.recovery.point_in_time_days > 0 {
        "a restore to a point in time, into a new store".to_owned()
    } else {
        "nothing: it is empty again".to_owned()
    };
    let words = |zone: &str, data: &str, back: &str| (zone.to_owned(), data.to_owned(), back.to_owned());
    match choice {
        ResourceChoice::Rds(db) | ResourceChoice::FlexibleServer(db) | ResourceChoice::CloudSql(db)
            if db.multi_az =>
        {
            words(
                "the standby takes over in one to two minutes",
                "restore, then switch the services over",
                &point_in_time,
            )
        }
        ResourceChoice::Rds(_) | ResourceChoice::FlexibleServer(_) | ResourceChoice::CloudSql(_) => words(
            "it is away until the zone is back, or restored in another",
            "restore, then switch the services over",
            &point_in_time,
        ),
        ResourceChoice::CosmosDb(db) if !db.multi_az => words(
            "it is away until the zone is back",
            "restore, then switch the services over",
            &point_in_time,
        ),
        ResourceChoice::CosmosDb(_) => words(
            "nothing: it lives in several zones",
            "restore, then switch the services over",
            &point_in_time,
        ),
        ResourceChoice::Atlas(_) => words(
            "another member takes over in seconds",
            "restore, then switch the services over",
            &point_in_time,
        ),
        ResourceChoice::Aurora(db) | ResourceChoice::DocumentDb(db) if db.instances > 1 => words(
            "another instance takes over in about a minute",
            "restore, then switch the services over",
            &point_in_time,
        ),
        ResourceChoice::Aurora(_) | ResourceChoice::DocumentDb(_) => words(
            "a new instance starts in another zone, in about ten minutes",
            "restore, then switch the services over",
            &point_in_time,
        ),
        ResourceChoice::ManagedRedis(c) | ResourceChoice::Memorystore(c) if c.nodes > 1 => words(
            "a replica takes over by itself",
            "what was only in it is gone",
            "the services, as far as they can fill it again",
        ),
        ResourceChoice::ElastiCache(c) if c.nodes > 1 => words(
            "a replica takes over by itself",
            "what was only in it since its last snapshot is gone",
            "the services, as far as they can fill it again, or a snapshot of a night",
        ),
        ResourceChoice::ElastiCache(_) => words(
            "it is empty when it comes back",
            "what was only in it since its last snapshot is gone",
            "the services, as far as they can fill it again, or a snapshot of a night",
        ),
        ResourceChoice::Memcached(_) | ResourceChoice::ManagedRedis(_) | ResourceChoice::Memorystore(_) => {
            words(
                "it is empty when it comes back",
                "what was only in it is gone",
                "the services, as far as they can fill it again",
            )
        }
        ResourceChoice::BlobContainer(b) if !b.zone_redundant => words(
            "it is away until the zone is back",
            "older versions of each object are there",
            "the version before",
        ),
        ResourceChoice::Sqs(_)
        | ResourceChoice::Sns(_)
        | ResourceChoice::ServiceBusQueue(_)
        | ResourceChoice::ServiceBusTopic(_)
        | ResourceChoice::PubSubQueue(_)
        | ResourceChoice::PubSubTopic(_)
        | ResourceChoice::EventHubs(_) => words(
            "nothing: it lives in several zones",
            "messages that were not read are gone",
            "the senders, if they can send again",
        ),
        ResourceChoice::S3(_) | ResourceChoice::BlobContainer(_) | ResourceChoice::CloudStorage(_) => words(
            "nothing: it lives in several zones",
            "older versions of each object are there",
            "the version before",
        ),
        ResourceChoice::RabbitMq(b) | ResourceChoice::Kafka(b) | ResourceChoice::ManagedKafka(b)
            if b.brokers > 1 =>
        {
            words(
                "the other brokers go on",
                "messages that were not read are gone",
                "the senders, if they can send again",
            )
        }
        ResourceChoice::RabbitMq(_) | ResourceChoice::Kafka(_) | ResourceChoice::ManagedKafka(_) => words(
            "it is away until the zone is back",
            "messages that were not read are gone",
            "the senders, if they can send again",
        ),
        ResourceChoice::OpenSearch(_) => words(
            "the other nodes go on, if there are any",
            "restore the newest hourly snapshot, or index again",
            "the service's own hourly snapshots, kept 14 days",
        ),
    }
}

/// What the design takes to come back, against what was asked for.
fn measured(environment: &EnvironmentDesign, doc: &mut Document) {
    let recovery = &environment.recovery;
    let mut rows = Vec::new();
    for (name, resource) in &environment.resources {
        let choice = &resource.choice;
        let cases = [
            ("its zone is lost", design::zone_loss(choice)),
            ("its data is lost or wrong", design::restore_loss(choice)),
        ];
        for (what, loss) in cases {
            let Some(loss) = loss else { continue };
            rows.push(vec![
                format!("`{name}`"),
                what.to_owned(),
                minutes(loss.seconds),
                minutes(loss.writes),
                against(recovery, &loss),
            ]);
        }
    }
    if rows.is_empty() {
        return;
    }
    doc.table(&["store", "what happens", "back after about", "writes lost, at most", "objectives"], rows);
    doc.para("The time of a restore is reckoned from the expected size of the data and was not measured; finding the last good moment comes on top. Write down what the quarterly trial takes, and correct the objective or the design.");
}

fn minutes(seconds: f64) -> String {
    match (seconds / 60.0).ceil() {
        0.0 => "none".to_owned(),
        1.0 => "1 minute".to_owned(),
        minutes => format!("{minutes:.0} minutes"),
    }
}

fn against(recovery: &RecoveryDesign, loss: &Loss) -> String {
    let objectives =
        [("RTO", recovery.rto_seconds, loss.seconds), ("RPO", recovery.rpo_seconds, loss.writes)];
    let verdicts: Vec<String> = objectives
        .iter()
        .filter_map(|(name, asked, takes)| {
            let held = if *takes <= (*asked)? as f64 { "within" } else { "beyond" };
            Some(format!("{held} the {name}"))
        })
        .collect();
    if verdicts.is_empty() { "none stated".to_owned() } else { verdicts.join(", ") }
}

/// Databases that can be restored to a moment, with the environment they are in.
fn restorable<'a>(
    context: &Context<'a>,
) -> impl Iterator<Item = (&'a EnvironmentDesign, &'a String, &'a ResourceDesign)> {
    let environments = context.blueprint.environments.values();
    environments
        .filter(|e| e.recovery.point_in_time_days > 0)
        .flat_map(|e| e.resources.iter().map(move |(name, resource)| (e, name, resource)))
        .filter(|(_, _, resource)| design::restore_loss(&resource.choice).is_some())
}

/// Buckets of the application, with the environment they are in.
fn objects<'a>(context: &Context<'a>) -> impl Iterator<Item = (&'a EnvironmentDesign, &'a String)> {
    let stores =
        context.blueprint.environments.values().flat_map(|e| e.resources.iter().map(move |r| (e, r)));
    stores.filter(|(_, (_, r))| r.choice.bucket().is_some()).map(|(e, (name, _))| (e, name))
}

/// Environments whose stores are copied to a vault.
fn vaulted<'a>(context: &Context<'a>) -> impl Iterator<Item = &'a EnvironmentDesign> {
    context.blueprint.environments.values().filter(|e| e.recovery.backup_days > 0)
}

fn databases(context: &Context<'_>, doc: &mut Document) {
    if restorable(context).next().is_none() {
        return;
    }
    doc.heading(2, "Restoring a database");
    doc.steps([
        "Say so: open an incident, stop what destroys, and stop deployments",
        "Find the last good moment: the first wrong write in the logs, or the time of the deployment. Set it in UTC, such as `export LAST_GOOD_MOMENT=2026-01-31T09:30:00Z`",
        "Restore into a new one beside the old one; never over it",
        "Compare from inside: row counts of the largest tables, the newest rows, the application's own checks. The runbook for a busy database says how to get inside",
        "Stop what writes, bring over what is missing, and let the new one take the old one's name. Addresses hold the name, so they stay",
        "Plan, and read that no store is replaced or deleted. Apply: the service makes a new password and keeps it, and the services are started with it",
        "After a week lift the deletion protection of the one whose name ends with `-replaced`, and delete it with a last snapshot",
    ]);
    for (environment, name, resource) in restorable(context) {
        let place = Place::of_part(context, environment, name);
        let machines = machines(&resource.choice);
        doc.heading(3, &format!("{name} in {}", environment.name));
        doc.para("Restore:").code("sh", &database::restore(&place, machines));
        doc.para("Give it the name:").code("sh", &database::swap(&place, machines));
        doc.line(&[
            "Plan, then go on ".into(),
            link("by hand", "deployment.md#by-hand"),
            " as for a deployment:".into(),
        ]);
        doc.code("sh", &plan(context, environment, &place).join("\n"));
    }
}

/// What a migration destroyed, where something runs them.
fn migrations(context: &Context<'_>, doc: &mut Document) {
    let resources = context.spec.resources.iter().filter(|(_, r)| r.migrations.is_some());
    let tasks: IndexSet<&str> = resources.flat_map(|(name, _)| context.spec.prepared_by(name)).collect();
    if tasks.is_empty() || restorable(context).next().is_none() {
        return;
    }
    let tasks: Vec<String> = tasks.iter().map(|name| format!("`{name}`")).collect();
    doc.heading(2, "A migration that destroyed data");
    doc.steps([
        format!("Take as the last good moment the first line in the log of {} for that deployment: nothing else changes the schema", tasks.join(" or ")),
        "Restore to that moment, as above, and copy the lost rows or columns back into the running database; switch over to the restored one only when what was written since may be lost".to_owned(),
        "Correct it with a new migration. Do not undo the old one by hand: the next environment would be left out".to_owned(),
    ]);
}

fn machines(choice: &ResourceChoice) -> u32 {
    match choice {
        ResourceChoice::Aurora(db) | ResourceChoice::DocumentDb(db) => db.instances.max(1),
        _ => 1,
    }
}

/// Plans with the restored database in the old one's place.
fn plan(context: &Context<'_>, environment: &EnvironmentDesign, place: &Place) -> Vec<String> {
    let name = &environment.name;
    let root = format!("terraform -chdir=infra/terraform/envs/{name}");
    let (prepare, plan) = if automated(context) {
        let plan = format!("{FOLDER}/plan.sh {name}");
        (vec![format!("{FOLDER}/fetch.sh {name} last-good"), plan.clone()], plan)
    } else {
        (vec![format!("{root} init -backend-config=\"bucket=$TF_STATE_BUCKET\"")], format!("{root} plan"))
    };
    // Terraform knows a cluster by its name, and a single instance by a number that no other one has: the new one
    // takes its place in the state. The first plan readies the folder for that.
    match single(context, name, place) {
        Some(address) => {
            let id = place.name(SINGLE);
            let adopt = [format!("{root} state rm {address}"), format!("{root} import {address} {id}"), plan];
            prepare.into_iter().chain(adopt).collect()
        }
        None if automated(context) => prepare,
        None => prepare.into_iter().chain([plan]).collect(),
    }
}

const SINGLE: &str = "aws_db_instance";

/// The address of a database that is one instance and no cluster.
fn single(context: &Context<'_>, environment: &str, place: &Place) -> Option<String> {
    let stack = context.stacks.iter().find(|s| s.environment && s.name == environment)?;
    let mut nodes = stack.graph.of_kind(SINGLE);
    let id = place.name(SINGLE);
    let node = nodes.find(|n| n.get("identifier").and_then(Value::text).as_ref() == Some(&id))?;
    Some(in_environment(&node.address))
}

fn buckets(context: &Context<'_>, doc: &mut Document) {
    if objects(context).next().is_none() {
        return;
    }
    doc.heading(2, "Restoring objects");
    doc.para("Every bucket keeps what an overwrite or deletion replaced. Set `PREFIX` to the part of the names that is concerned. The first command lists what is marked as deleted; the loop takes the marks away, which brings the objects back. For an overwritten object, set `KEY` and choose one of its versions.");
    for (environment, name) in objects(context) {
        let place = Place::of_part(context, environment, name);
        let prefix = place.fact("aws_s3_bucket", "bucket").unwrap_or_default();
        let bucket = place
            .aws(&format!("s3api list-buckets --prefix {prefix} --query 'Buckets[0].Name' --output text"));
        let marks = place.aws("s3api list-object-versions --bucket \"$bucket\" --prefix \"$PREFIX\" --query 'DeleteMarkers[?IsLatest].[Key, VersionId]' --output text");
        let unmark =
            place.aws("s3api delete-object --bucket \"$bucket\" --key \"$key\" --version-id \"$version\"");
        let versions = place.aws("s3api list-object-versions --bucket \"$bucket\" --prefix \"$KEY\" --query 'Versions[].[LastModified, VersionId, Size]' --output text");
        let copy = place.aws("s3api copy-object --bucket \"$bucket\" --key \"$KEY\" --copy-source \"$bucket/$KEY?versionId=$VERSION\"");
        doc.heading(3, &format!("{name} in {}", environment.name));
        doc.code("sh", &format!("bucket=$({bucket})\n{marks}\n{marks} | while IFS=$'\\t' read -r key version; do\n  {unmark}\ndone\n\n{versions}\n{copy}"));
    }
}

fn vaults(context: &Context<'_>, doc: &mut Document) {
    if vaulted(context).next().is_none() {
        return;
    }
    doc.heading(2, "Restoring from the vault");
    doc.steps([
        "Choose a recovery point and set `POINT` to its ARN",
        "Write what it says about its restore to `restore.json`, and give the store another name there, so that nothing is overwritten",
        "Start the restore and ask for its state until it is `COMPLETED`",
        "Go on as after any other restore: compare, then give it the name",
    ]);
    for environment in vaulted(context) {
        let place = Place::of_component(context, &environment.name, "");
        let vault = place.name("aws_backup_vault");
        let points = place.aws(&format!("backup list-recovery-points-by-backup-vault --backup-vault-name {vault} --query 'RecoveryPoints[].[CreationDate, ResourceType, ResourceName, RecoveryPointArn]' --output text"));
        let metadata = place.aws(&format!("backup get-recovery-point-restore-metadata --backup-vault-name {vault} --recovery-point-arn \"$POINT\" --query RestoreMetadata --output json"));
        let role = place.aws(&format!("backup describe-recovery-point --backup-vault-name {vault} --recovery-point-arn \"$POINT\" --query IamRoleArn --output text"));
        let start = place.aws("backup start-restore-job --recovery-point-arn \"$POINT\" --metadata file://restore.json --iam-role-arn \"$role\" --query RestoreJobId --output text");
        let state = place.aws("backup describe-restore-job --restore-job-id \"$job\" --query '[Status, StatusMessage, CreatedResourceArn]'");
        doc.heading(3, &environment.name);
        doc.code(
            "sh",
            &format!("{points}\n{metadata} > restore.json\nrole=$({role})\njob=$({start})\n{state}"),
        );
    }
}

fn region(context: &Context<'_>, doc: &mut Document) {
    let environments = || context.blueprint.environments.values();
    doc.heading(2, "Losing the region");
    let mut steps = vec![
        "Decide with the owner: moving takes longer than most outages last".to_owned(),
        "Set `cloud.regions` to the second region, generate, and apply bootstrap, shared and the environment there".to_owned(),
    ];
    let copied: Vec<String> = environments()
        .filter_map(|e| Some(format!("{} in {}", e.name, e.recovery.copy_region.as_ref()?)))
        .collect();
    steps.push(if copied.is_empty() {
        "Start with empty stores: no copy of the data is outside the region".to_owned()
    } else {
        format!(
            "Restore the copied backups: {}. They are made once a day, so up to a day of writes is gone",
            copied.join(", ")
        )
    });
    let hosts = environments().flat_map(|e| e.services.values()).filter_map(|s| s.public.as_ref());
    if hosts.clone().any(|p| p.host.is_some()) {
        steps.push(
            "Move the host names over; callers follow when their resolvers have forgotten the old addresses"
                .to_owned(),
        );
    } else if hosts.count() > 0 {
        steps.push("Give callers the new addresses: without a `host` they change with the region".to_owned());
    }
    doc.steps(steps);
}
