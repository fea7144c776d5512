//! CloudFormation and SAM: graphs in the vocabulary of CloudFormation, and templates of it.

pub mod read;

mod functions;
mod write;

use crate::maps::Vocabulary;

pub use write::write;

/// The vocabulary of CloudFormation: types such as `AWS::SQS::Queue`, and what a template knows of where it is deployed.
pub static VOCABULARY: Vocabulary = Vocabulary::new(
    "cloudformation",
    "CloudFormation",
    &[
        ("account", "AWS::AccountId"),
        ("partition", "AWS::Partition"),
        ("region", "AWS::Region"),
        ("suffix", "AWS::URLSuffix"),
    ],
    |kind| kind.contains("::"),
    functions::FUNCTIONS,
);
