//! What the program says about itself: the schema of its input, completions, the manual page.

use clap::CommandFactory;

use super::Session;
use crate::args::Cli;
use crate::exit::Exit;

pub fn schema(session: &Session<'_>) -> Exit {
    session.json(&spec::yaml::schema::json_schema());
    Exit::Done
}

pub fn completions(session: &Session<'_>, shell: clap_complete::Shell) -> Exit {
    let mut out = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "mainstay", &mut out);
    session.printer.result(&String::from_utf8_lossy(&out));
    Exit::Done
}

pub fn man(session: &Session<'_>) -> Exit {
    let mut out = Vec::new();
    if clap_mangen::Man::new(Cli::command()).render(&mut out).is_err() {
        return Exit::OutsideFailed;
    }
    session.printer.result(&String::from_utf8_lossy(&out));
    Exit::Done
}
