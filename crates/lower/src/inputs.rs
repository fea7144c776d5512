//! Declarations of components' inputs, the same on every cloud.
//!
//! What a person reads when a value is refused is said once. Must not know what an input is for.

use ir::{InputDecl, InputType, Validation};

/// A string input.
pub(crate) fn text(description: impl Into<String>) -> InputDecl {
    decl(InputType::String, description, None)
}

/// A string input that matches a pattern; `must_be` completes "must be".
pub(crate) fn matching(description: impl Into<String>, pattern: &str, must_be: &str) -> InputDecl {
    let validation = Validation::Matches { pattern: pattern.to_owned(), must_be: must_be.to_owned() };
    decl(InputType::String, description, Some(validation))
}

/// A string input that is one of `values`.
pub(crate) fn one_of<S: Into<String>>(
    description: impl Into<String>,
    values: impl IntoIterator<Item = S>,
) -> InputDecl {
    let values = values.into_iter().map(Into::into).collect();
    decl(InputType::String, description, Some(Validation::OneOf(values)))
}

/// A number between two others, both included.
pub(crate) fn number(description: impl Into<String>, min: f64, max: f64) -> InputDecl {
    decl(InputType::Number, description, Some(Validation::Range(min, max)))
}

/// A truth value.
pub(crate) fn flag(description: impl Into<String>) -> InputDecl {
    decl(InputType::Bool, description, None)
}

/// Any input.
pub(crate) fn decl(
    ty: InputType,
    description: impl Into<String>,
    validation: Option<Validation>,
) -> InputDecl {
    InputDecl { ty, description: description.into(), validation, from_pipeline: false }
}

/// The image that a container runs.
pub(crate) fn image() -> InputDecl {
    let pattern = r"^[^\s:@]+(:[0-9]+/[^\s:@]+)?(:[^\s:@/]+)?(@sha256:[0-9a-f]{64})?$";
    matching("Image that runs, by tag or digest.", pattern, "an image name with a tag or digest")
}

/// The application's name.
pub(crate) fn application() -> InputDecl {
    matching(
        "Application: begins the name of every resource.",
        "^[a-z][a-z0-9-]{0,23}$",
        "lower-case letters, digits and dashes, at most 24",
    )
}
