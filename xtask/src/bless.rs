//! Rewrites the baselines of every case by running the tests that compare them.

use std::process::Command;

pub fn run(args: &[String]) -> Result<(), String> {
    let status = Command::new(env!("CARGO"))
        .args(["test", "--quiet", "--package", "mainstay", "--test", "it"])
        .args(args)
        .current_dir(crate::root())
        .env("MAINSTAY_BLESS", "1")
        .status()
        .map_err(|e| format!("cargo test: {e}"))?;
    if status.success() { Ok(()) } else { Err("some cases could not be blessed".into()) }
}
