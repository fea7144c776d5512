//! MongoDB Atlas: clusters by the size of their nodes.
//!
//! A published price is for a replica set of three nodes, whatever cloud they are in; storage that a cluster names is
//! paid beside it.

use crate::billing::{Billing, Kinds, priced};
use crate::read::{Known, Settings};
use crate::sheet::Sheet;

/// The families of Atlas.
pub(crate) static FAMILIES: &[Kinds] = &[KINDS];

const KINDS: Kinds = &[
    ("mongodbatlas_advanced_cluster", priced(advanced_cluster)),
    ("mongodbatlas_cluster", priced(cluster)),
    ("mongodbatlas_flex_cluster", priced(flex_cluster)),
    ("mongodbatlas_alert_configuration", Billing::Free("alerts are not charged")),
    ("mongodbatlas_auditing", Billing::Through("the clusters of its project")),
    ("mongodbatlas_cloud_backup_schedule", priced(backups)),
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
            on(electable.needed_text("instance_size"), Ok(nodes * shards), sheet);
            storage(electable.number("disk_size_gb")?, shards, sheet);
        }
    }
    Ok(())
}

fn cluster(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let shards = settings.number("num_shards").map(|n| n.unwrap_or(1.0) * NODES);
    storage(settings.number("disk_size_gb")?, shards.clone()? / NODES, sheet);
    on(settings.needed_text("provider_instance_size_name"), shards, sheet);
    Ok(())
}

/// Nodes of one size.
fn on(size: Known<String>, nodes: Known<f64>, sheet: &mut Sheet) {
    let id = size.map(|size| format!("atlas/{size}"));
    sheet.hourly("cluster", id, nodes.map(|nodes| nodes / NODES));
}

/// Storage of every shard, where it is named.
fn storage(gb: Option<f64>, shards: f64, sheet: &mut Sheet) {
    if let Some(gb) = gb {
        sheet.fixed("storage", Ok("atlas/storage-gb-month".to_owned()), Ok(gb * shards));
    }
}

fn flex_cluster(_: Settings, _: &mut Sheet) -> Known<()> {
    Err("a Flex cluster is paid for by its operations, whose prices are not known".to_owned())
}

fn backups(_: Settings, _: &mut Sheet) -> Known<()> {
    Err("no prices of Atlas backups are known".to_owned())
}

fn private_endpoint(_: Settings, _: &mut Sheet) -> Known<()> {
    Err("no prices of Atlas private endpoints are known".to_owned())
}
