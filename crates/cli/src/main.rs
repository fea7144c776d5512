//! The binary: arguments in, exit code out.

use std::process::ExitCode;

use clap::Parser;
use mainstay::args::Cli;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let world = ir::OsWorld::default();
    mainstay::commands::run(&cli, &world).into()
}
