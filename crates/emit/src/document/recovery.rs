//! `docs/disaster-recovery.md`: what can be lost, how it comes back, how long that takes, and how it is tried.

use design::{EnvironmentDesign, ResourceChoice};
use indexmap::IndexSet;

use super::markdown::Document;
use crate::place::Place;
use crate::{Context, observability};

/// The plan.
pub fn write(context: &Context<'_>) -> String {
    let mut doc = Document::titled(&format!("Disaster recovery of {}", context.blueprint.name));
    doc.para("What counts as a disaster here: data that is gone or wrong, a zone or region that is away, an account that was broken into, a deployment that cannot be rolled back.");
    for environment in context.blueprint.environments.values() {
        doc.heading(2, &environment.name);
        objectives(environment, &mut doc);
        stores(environment, &mut doc);
    }
    steps(context, &mut doc);
    doc.heading(2, "Trying it");
    doc.bullets([
        "Every time this bundle is delivered it is rehearsed in the embedded cloud: deploy, fail at every step, roll back, destroy",
        "Once a quarter, restore the newest backup of every store into a network of its own, start the services against it, and write down how long it took",
        "Once a quarter, stop all tasks in one zone and see that users notice nothing",
    ]);
    doc.print()
}

fn objectives(environment: &EnvironmentDesign, doc: &mut Document) {
    let recovery = &environment.recovery;
    let time = |seconds: Option<u64>| {
        seconds.map_or("none stated".to_owned(), |s| spec::yaml::units::print_duration(s as f64))
    };
    let database = |choice: &ResourceChoice| {
        matches!(choice, ResourceChoice::Rds(_) | ResourceChoice::Aurora(_) | ResourceChoice::DocumentDb(_))
    };
    let mut items = vec![
        format!("Recovery time objective: {}", time(recovery.rto_seconds)),
        format!("Recovery point objective: {}", time(recovery.rpo_seconds)),
    ];
    if environment.resources.values().any(|r| database(&r.choice)) {
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
        ResourceChoice::Rds(db) if db.multi_az => words(
            "the standby takes over in one to two minutes",
            "restore, then switch the services over",
            &point_in_time,
        ),
        ResourceChoice::Rds(_) => words(
            "it is away until the zone is back, or restored in another",
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
        ResourceChoice::ElastiCache(c) if c.nodes > 1 => words(
            "a replica takes over by itself",
            "what was only in it is gone",
            "the services, as far as they can fill it again",
        ),
        ResourceChoice::ElastiCache(_) | ResourceChoice::Memcached(_) => words(
            "it is empty when it comes back",
            "what was only in it is gone",
            "the services, as far as they can fill it again",
        ),
        ResourceChoice::Sqs(_) | ResourceChoice::Sns(_) => words(
            "nothing: it lives in several zones",
            "messages that were not read are gone",
            "the senders, if they can send again",
        ),
        ResourceChoice::S3(_) => words(
            "nothing: it lives in several zones",
            "older versions of each object are there",
            "the version before",
        ),
        ResourceChoice::RabbitMq(b) | ResourceChoice::Kafka(b) if b.brokers > 1 => words(
            "the other brokers go on",
            "messages that were not read are gone",
            "the senders, if they can send again",
        ),
        ResourceChoice::RabbitMq(_) | ResourceChoice::Kafka(_) => words(
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

fn steps(context: &Context<'_>, doc: &mut Document) {
    let reference = observability::reference(context.blueprint);
    let restored: Vec<String> = reference.into_iter().flat_map(|e| restores(context, e)).collect();
    if !restored.is_empty() {
        doc.heading(2, "Restoring a database");
        doc.steps([
            "Say so: open an incident and stop deployments, by disabling the workflow if there is one",
            "Find the last good moment: the first wrong write in the logs, or the time of the deployment",
            "Restore into a new store beside the old one; never over it",
            "Compare: row counts of the largest tables, the newest rows, a read of the application's own checks",
            "Point the services at it: take the old one out of Terraform's state, import the new one in its place, plan, apply",
            "Keep the old one for a week, then remove it",
        ]);
        doc.para("`LAST_GOOD_MOMENT` is in UTC, such as `2026-01-31T09:30:00Z`. Give the new store the old one's subnet group and security groups: they are in the answer of the matching `describe` command.");
        doc.code("sh", &restored.join("\n"));
    }
    let tasks: IndexSet<&str> = context
        .spec
        .resources
        .iter()
        .filter(|(_, r)| r.migrations.is_some())
        .flat_map(|(name, _)| context.spec.prepared_by(name))
        .collect();
    if !restored.is_empty() && !tasks.is_empty() {
        let tasks: Vec<String> = tasks.iter().map(|name| format!("`{name}`")).collect();
        doc.heading(2, "A migration that destroyed data");
        doc.steps([
            format!("Take as the last good moment the first line in the log of {} for that deployment: nothing else changes the schema", tasks.join(" or ")),
            "Restore to that moment, as above, and copy the lost rows or columns back into the running database; switch over to the restored one only when what was written since may be lost".to_owned(),
            "Correct it with a new migration. Do not undo the old one by hand: the next environment would be left out".to_owned(),
        ]);
    }
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
        format!("Restore the copied backups: {}", copied.join(", "))
    });
    if environments()
        .flat_map(|e| e.services.values())
        .filter_map(|s| s.public.as_ref())
        .any(|p| p.host.is_some())
    {
        steps.push(
            "Move the host names over; callers follow when their resolvers have forgotten the old addresses"
                .to_owned(),
        );
    } else {
        steps.push("Give callers the new addresses: without a `host` they change with the region".to_owned());
    }
    doc.steps(steps);
}

/// The command that begins the restore of each database of an environment.
fn restores(context: &Context<'_>, environment: &EnvironmentDesign) -> Vec<String> {
    let command = |(name, resource): (&String, &design::ResourceDesign)| {
        let place = Place::of_part(context, environment, name);
        let restore = match &resource.choice {
            ResourceChoice::Rds(_) => {
                let id = place.name("aws_db_instance");
                format!(
                    "rds restore-db-instance-to-point-in-time --source-db-instance-identifier {id} --target-db-instance-identifier {id}-restored --restore-time \"$LAST_GOOD_MOMENT\""
                )
            }
            ResourceChoice::Aurora(_) => {
                let id = place.name("aws_rds_cluster");
                format!(
                    "rds restore-db-cluster-to-point-in-time --source-db-cluster-identifier {id} --db-cluster-identifier {id}-restored --restore-to-time \"$LAST_GOOD_MOMENT\""
                )
            }
            ResourceChoice::DocumentDb(_) => {
                let id = place.name("aws_docdb_cluster");
                format!(
                    "docdb restore-db-cluster-to-point-in-time --source-db-cluster-identifier {id} --db-cluster-identifier {id}-restored --restore-to-time \"$LAST_GOOD_MOMENT\""
                )
            }
            _ => return None,
        };
        let note = match &resource.choice {
            ResourceChoice::Rds(_) => "",
            _ => ": the cluster, which then needs an instance of the old ones' class (`create-db-instance`)",
        };
        Some(format!("# {name} in {}{note}\n{}", environment.name, place.aws(&restore)))
    };
    environment.resources.iter().filter_map(command).collect()
}
