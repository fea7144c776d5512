//! CloudFormation and SAM: graphs in the vocabulary of CloudFormation, and templates of it.

pub mod read;

use crate::maps::Vocabulary;

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
);
