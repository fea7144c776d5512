//! Bicep, the language that people write Azure's templates in.

pub mod read;
mod write;

pub use write::write;
