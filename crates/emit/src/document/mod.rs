//! The document set: what a person needs who did not write this.

pub mod decisions;
pub mod infrastructure;
pub mod markdown;
pub mod topology;
