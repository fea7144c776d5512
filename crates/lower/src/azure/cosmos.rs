//! Document databases on Azure Cosmos DB, which speaks MongoDB's protocol.
//!
//! An account is reached through a private endpoint. It makes up its own connection string, which programs are given
//! as a secret; like everything that the provider reads, the string is in the state.

use catalog::azurerm::{cosmosdb_account as account, cosmosdb_mongo_database as database};
use design::{DatabaseDesign, usage};
use ir::{Block, NodeBuilder};

use super::env::{Letters, flag, matching, number};
use super::network::endpoint;
use super::offer::Secret;
use super::{Env, Offer};

/// What private endpoints of the service are of, and the sort of zone that their names stand in.
const ENDPOINT: (&str, &str) = ("MongoDB", "mongo");
/// Least that scales by itself, request units a second.
const LEAST: u32 = 1000;

/// An account with one database.
pub(crate) fn lower(env: &mut Env, resource: &str, design: &DatabaseDesign) -> Offer {
    let component = env.resource_component(resource);
    let c = component.as_str();
    env.component(c, "database", format!("Document database {resource}"));
    let name = env.global_name(c, "account", resource, Letters::Dashed(44));
    let decl = matching("Version of MongoDB that it speaks.", r"^[0-9]+\.[0-9]+$", "a version such as 7.0");
    let version = env.input(c, "engine_version", decl, design.version.as_str());
    let decl = flag("Whether copies are kept in several zones; fixed when the account is made.");
    let zones = env.input(c, "zone_redundant", decl, design.multi_az);
    let (group, location) = (env.group(), env.location());
    let capability = |name: &str| Block::new().set(account::capabilities::NAME, name);
    let made = env.add(
        NodeBuilder::new(c, account::KIND, "this")
            .set(account::NAME, name)
            .set(account::RESOURCE_GROUP_NAME, group.clone())
            .set(account::LOCATION, location.clone())
            .set(account::OFFER_TYPE, "Standard")
            .set(account::KIND_OF, "MongoDB")
            .set(account::MONGO_SERVER_VERSION, version)
            .set(account::PUBLIC_NETWORK_ACCESS_ENABLED, false)
            .set(account::MINIMAL_TLS_VERSION, "Tls12")
            .block(account::CAPABILITIES, capability("EnableMongo"))
            .block(
                account::CONSISTENCY_POLICY,
                Block::new().set(account::consistency_policy::CONSISTENCY_LEVEL, "Session"),
            )
            .block(
                account::GEO_LOCATION,
                Block::new()
                    .set(account::geo_location::LOCATION, location)
                    .set(account::geo_location::FAILOVER_PRIORITY, 0)
                    .set(account::geo_location::ZONE_REDUNDANT, zones),
            )
            .block(
                account::BACKUP,
                Block::new()
                    .set(account::backup::TYPE, "Continuous")
                    .set(account::backup::TIER, tier(env.design.recovery.point_in_time_days)),
            )
            .lifecycle(env.protection())
            .usage("storage_gib", f64::from(design.storage_gib))
            .purpose(format!("Runs the document database {resource}")),
    );
    let decl = number("Request units a second that it may take at most.", f64::from(LEAST), 1e6);
    let most = env.input(c, "max_throughput", decl, design.throughput.max(LEAST));
    env.add(
        NodeBuilder::new(c, database::KIND, "this")
            .set(database::NAME, design.database.as_str())
            .set(database::RESOURCE_GROUP_NAME, group)
            .set(database::ACCOUNT_NAME, made.get(account::NAME))
            .block(
                database::AUTOSCALE_SETTINGS,
                Block::new().set(database::autoscale_settings::MAX_THROUGHPUT, most),
            )
            .lifecycle(env.protection())
            .usage("mean_throughput", usage::request_units(design))
            .purpose(format!("Holds the collections of {resource}")),
    );
    env.lock(c, resource, made.get(account::ID));
    endpoint(env, c, resource, made.get(account::ID), ENDPOINT);
    let url = Secret::Made(made.get(account::PRIMARY_MONGODB_CONNECTION_STRING));
    Offer::of(resource, [("name", design.database.as_str().into())]).secret(resource, "url", url)
}

/// Continuous backups reach back 7 or 30 days.
fn tier(days: u32) -> &'static str {
    if days > 7 { "Continuous30Days" } else { "Continuous7Days" }
}
