//! Exit codes, the same for every command.

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done,
    /// Findings over the threshold, or a gate said no.
    Refused,
    /// Bad usage or bad input.
    BadInput,
    /// An outside tool or the machine failed.
    OutsideFailed,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        std::process::ExitCode::from(match exit {
            Exit::Done => 0,
            Exit::Refused => 1,
            Exit::BadInput => 2,
            Exit::OutsideFailed => 3,
        })
    }
}
