//! What holds for every bundle.
#![allow(missing_docs, reason = "a test binary")]

mod bundles;
mod documents;
mod observability;
mod telemetry;
