//! MongoDB Atlas: clusters by the size of their nodes.
//!
//! A published price is for a replica set of three nodes with the storage that comes with its size. Who asks for another
//! size of storage pays for all of it, on every node. Must not guess what backups hold.

use crate::billing::{Billing, Kinds, priced};
use crate::read::{Known, Settings};
use crate::sheet::{Sheet, Use};

/// The families of Atlas.
pub(crate) static FAMILIES: &[Kinds] = &[KINDS];

const KINDS: Kinds = &[
    ("mongodbatlas_advanced_cluster", priced(advanced_cluster)),
    ("mongodbatlas_cluster", priced(cluster)),
    ("mongodbatlas_flex_cluster", priced(flex_cluster)),
    ("mongodbatlas_alert_configuration", Billing::Free("alerts are not charged")),
    ("mongodbatlas_auditing", Billing::Through("the clusters of its project")),
    ("mongodbatlas_cloud_backup_schedule", Billing::Through("the cluster that it copies")),
    ("mongodbatlas_database_user", Billing::Free("users are not charged")),
    ("mongodbatlas_encryption_at_rest", Billing::Through("the key that it uses")),
    ("mongodbatlas_maintenance_window", Billing::Free("settings are not charged")),
    ("mongodbatlas_network_container", Billing::Free("networks are not charged")),
    ("mongodbatlas_network_peering", Billing::Free("peerings are not charged, the traffic is")),
    ("mongodbatlas_privatelink_endpoint", priced(private_endpoint)),
    ("mongodbatlas_privatelink_endpoint_service", Billing::Through("its endpoint")),
    ("mongodbatlas_project", Billing::Free("projects are not charged")),
    ("mongodbatlas_project_ip_access_list", Billing::Free("access lists are not charged")),
    ("mongodbatlas_search_index", Billing::Through("the cluster that holds it")),
];

/// Nodes that a published price is for.
const NODES: f64 = 3.0;

fn advanced_cluster(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let specifications = settings.blocks("replication_specs")?;
    if specifications.is_empty() {
        return Err("`replication_specs` is not set".to_owned());
    }
    for specification in specifications {
        let shards = specification.number("num_shards")?.unwrap_or(1.0);
        for place in specification.blocks("region_configs")? {
            let electable = place.needed_block("electable_specs")?;
            let nodes = electable.number("node_count")?.unwrap_or(NODES);
            let nodes = Ok(nodes * shards);
            members(electable.needed_text("instance_size"), &nodes, electable.number("disk_size_gb"), sheet);
        }
    }
    copies(settings.flag("backup_enabled")?, sheet);
    Ok(())
}

fn cluster(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let shards = settings.number("num_shards").map(|n| n.unwrap_or(1.0) * NODES);
    let size = settings.needed_text("provider_instance_size_name");
    members(size, &shards, settings.number("disk_size_gb"), sheet);
    copies(settings.flag("cloud_backup")?, sheet);
    Ok(())
}

/// The lines of nodes of one size.
fn members(size: Known<String>, nodes: &Known<f64>, disk: Known<Option<f64>>, sheet: &mut Sheet) {
    let sets = nodes.clone().map(|nodes| nodes / NODES);
    sheet.hourly("cluster", size.map(|size| format!("atlas/{size}")), sets);
    if let Some(gb) = disk.transpose() {
        let all = gb.and_then(|gb| nodes.clone().map(|nodes| gb * nodes));
        sheet.fixed("storage", Ok("atlas/storage-gb-month".to_owned()), all);
    }
}

fn copies(on: bool, sheet: &mut Sheet) {
    if on {
        sheet.used("backups", "atlas/backup-gb-month", &Use::each("backup_gib", "GiB of backups"));
    }
}

fn flex_cluster(_: Settings, _: &mut Sheet) -> Known<()> {
    Err("a Flex cluster is paid for by its operations, whose prices are not known".to_owned())
}

fn private_endpoint(_: Settings, _: &mut Sheet) -> Known<()> {
    Err("no prices of Atlas private endpoints are known".to_owned())
}
