//! Prints how much of each kind the dialects say, from the maps as the engine prepares them.

use std::process::Command;

pub fn run(_: &[String]) -> Result<(), String> {
    let status = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--package", "dialect", "--example", "coverage"])
        .current_dir(crate::root())
        .status()
        .map_err(|e| format!("cargo run: {e}"))?;
    if status.success() { Ok(()) } else { Err("the coverage could not be counted".into()) }
}
