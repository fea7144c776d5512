//! What the dialects write, looked at from outside.

mod sample;
