//! Blueprint to AWS.
//!
//! One component per thing an engineer would name: `network`, `edge` (load balancer, WAF), `cluster`, one a
//! service, one a resource, `secrets`, `monitoring`, `backup`. What a data store offers to services travels as
//! [`Offer`] values, so that services never look into another module's nodes.

mod cluster;
mod cron;
mod edge;
mod env;
mod fargate;
mod firewall;
mod function;
mod identity;
mod network;
mod offer;
mod policy;
mod private_bucket;
mod release;
mod routing;
mod scaling;
mod schedule;
mod services;
mod site;
mod task;
mod waf;
mod wiring;

pub(crate) use env::Env;
pub(crate) use offer::{Offer, Offers, Statement};
