//! The whole engine on real inputs: every folder under `cases/` is one input with a baseline for every phase.

mod cases;
