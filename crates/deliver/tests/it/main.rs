//! The crate from outside: plans, rehearsals, merges into hostile folders, and real git.

mod edits;
mod folders;
mod plans;
mod rehearsals;
mod repositories;
mod stacks;
