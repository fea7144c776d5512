//! The crate from outside: plans, rehearsals, merges into hostile folders, and real git.

mod folders;
mod plans;
mod rehearsals;
mod repositories;
mod stacks;
