//! Stacks as templates of Azure Resource Manager: composed for both dialects, printed here as JSON.

pub(crate) mod compose;
mod scope;
mod vocabulary;
