//! The spec's tests: every error of `mainstay.yaml` with its place, and what is printed reads back.

mod keys;
mod yaml;
