//! Blueprint to AWS.
//!
//! One component per thing an engineer would name: `network`, `edge` (load balancer, WAF), `cluster`, one a
//! service, one a resource, `secrets`, `monitoring`, `backup`. What a data store offers to services travels as
//! [`Offer`] values, so that services never look into another module's nodes.

mod alarm_rules;
mod alarms;
mod aurora;
mod backup;
mod broker;
mod bucket;
mod budget;
mod cache;
mod cluster;
mod database;
mod documentdb;
mod edge;
mod env;
mod fargate;
mod firewall;
mod identity;
mod kafka;
mod keys;
mod messaging;
mod monitoring;
mod network;
mod offer;
mod policy;
mod private_bucket;
mod release;
mod resources;
mod routing;
mod scaling;
mod search;
mod secrets;
mod sql;
mod store;
mod task;
mod waf;
mod wiring;

pub use alarms::{AlarmInfo, alarms};
pub(crate) use env::Env;
pub(crate) use offer::{Offer, Offers, Statement};
