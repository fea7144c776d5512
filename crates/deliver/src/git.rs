//! A branch with one commit of our files: what a pull request starts from.
//!
//! Git is run through the World. Nothing is pushed, nothing but our paths is added, and anything that would mix
//! with the user's own work is refused before the first change.

use std::collections::BTreeSet;
use std::path::Path;

use ir::{Diagnostic, World, world::Invocation};

/// What was committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// The branch, now checked out.
    pub branch: String,
    /// The commit, forty hexadecimal digits.
    pub commit: String,
    /// What the pull request should say.
    pub text: String,
}

/// Commits `files` (relative to `repo`, which must be the root of a repository) on a new branch from the current
/// commit. The author is git's own configuration.
pub fn submit(
    world: &dyn World,
    repo: &Path,
    branch: &str,
    files: &[String],
    message: &str,
    pr_text: &str,
) -> Result<Submission, Box<Diagnostic>> {
    let git = Git { world, repo };
    git.inside()?;
    git.author()?;
    git.head()?;
    git.branch_is_free(branch)?;
    git.nothing_staged()?;
    let files = &git.there(files)?;
    if files.is_empty() {
        return refuse(
            Diagnostic::error("nothing-to-submit", "there is no file to submit")
                .help("run `mainstay generate` first"),
        );
    }
    git.only_ours(files)?;
    git.run(&["switch", "--quiet", "--create", branch], "")?;
    let added = git.add_and_commit(files, message);
    if added.is_err() {
        // Back to where the user was: the branch is ours, and the files stay as they are on disk.
        git.run(&["reset", "--quiet"], "")?;
        git.run(&["switch", "--quiet", "-"], "")?;
        git.run(&["branch", "--quiet", "-D", branch], "")?;
    }
    added?;
    let commit = git.run(&["rev-parse", "HEAD"], "")?.trim().to_owned();
    Ok(Submission { branch: branch.to_owned(), commit, text: pr_text.to_owned() })
}

struct Git<'a> {
    world: &'a dyn World,
    repo: &'a Path,
}

impl Git<'_> {
    /// Runs git and returns what it printed; its complaint is the error.
    fn run(&self, args: &[&str], stdin: &str) -> Result<String, Box<Diagnostic>> {
        let (code, stdout, stderr) = self.attempt(args, stdin)?;
        if code == Some(0) {
            return Ok(stdout);
        }
        let what = args.first().copied().unwrap_or_default();
        refuse(
            Diagnostic::error("git-failed", format!("git {what} failed"))
                .because(if stderr.trim().is_empty() {
                    "git said nothing: a hook of the repository may have refused".to_owned()
                } else {
                    stderr.trim().to_owned()
                })
                .help("mend what git complains about and submit again"),
        )
    }

    fn attempt(&self, args: &[&str], stdin: &str) -> Result<(Option<i32>, String, String), Box<Diagnostic>> {
        let invocation = Invocation {
            program: "git".to_owned(),
            args: args.iter().map(|a| (*a).to_owned()).collect(),
            cwd: self.repo.to_owned(),
            stdin: stdin.to_owned(),
            // Nothing may prompt, and messages must not depend on the language of the machine.
            env: vec![("GIT_TERMINAL_PROMPT".into(), "0".into()), ("LC_ALL".into(), "C".into())],
        };
        let outcome = self.world.run(&invocation).map_err(|e| {
            let help = if e.not_found { "install git" } else { "check that git can be run here" };
            Box::new(Diagnostic::error("git-missing", "git cannot be run").because(e.to_string()).help(help))
        })?;
        Ok((outcome.code, outcome.stdout, outcome.stderr))
    }

    fn inside(&self) -> Result<(), Box<Diagnostic>> {
        let (code, prefix, _) = self.attempt(&["rev-parse", "--show-prefix"], "")?;
        let folder = self.repo.display();
        if code != Some(0) {
            return refuse(
                Diagnostic::error("no-repository", format!("{folder} is not inside a git repository"))
                    .help("run `git init` and commit once, or submit from a clone"),
            );
        }
        if !prefix.trim().is_empty() {
            return refuse(
                Diagnostic::error(
                    "not-repository-root",
                    format!("{folder} is not the root of its repository"),
                )
                .help("submit from the root of the repository"),
            );
        }
        Ok(())
    }

    fn author(&self) -> Result<(), Box<Diagnostic>> {
        let (code, ..) = self.attempt(&["var", "GIT_AUTHOR_IDENT"], "")?;
        let missing = |key: &str| -> Result<bool, Box<Diagnostic>> {
            let (code, value, _) = self.attempt(&["config", "--get", key], "")?;
            Ok(code != Some(0) || value.trim().is_empty())
        };
        let by_environment =
            self.world.env("GIT_AUTHOR_NAME").is_some() && self.world.env("GIT_AUTHOR_EMAIL").is_some();
        if code == Some(0) && (by_environment || (!missing("user.name")? && !missing("user.email")?)) {
            return Ok(());
        }
        refuse(
            Diagnostic::error("no-author", "git does not know who you are")
                .because("a commit needs an author, and Mainstay does not invent one")
                .help("run `git config user.name NAME` and `git config user.email ADDRESS`"),
        )
    }

    fn head(&self) -> Result<(), Box<Diagnostic>> {
        let (code, ..) = self.attempt(&["rev-parse", "--verify", "--quiet", "HEAD"], "")?;
        if code == Some(0) {
            return Ok(());
        }
        refuse(
            Diagnostic::error("no-commit", "the repository has no commit to branch from")
                .help("commit what you have first"),
        )
    }

    fn branch_is_free(&self, branch: &str) -> Result<(), Box<Diagnostic>> {
        let (code, ..) = self.attempt(&["check-ref-format", "--branch", branch], "")?;
        if code != Some(0) || branch.starts_with('-') {
            return refuse(
                Diagnostic::error("invalid-branch", format!("`{branch}` is no name for a branch"))
                    .help("use letters, digits, `-` and `/`"),
            );
        }
        let (code, ..) =
            self.attempt(&["show-ref", "--verify", "--quiet", &format!("refs/heads/{branch}")], "")?;
        if code == Some(0) {
            return refuse(
                Diagnostic::error("branch-exists", format!("the branch {branch} exists already"))
                    .help("choose another name, or delete the branch"),
            );
        }
        Ok(())
    }

    fn nothing_staged(&self) -> Result<(), Box<Diagnostic>> {
        let (code, ..) = self.attempt(&["diff", "--cached", "--quiet"], "")?;
        if code == Some(0) {
            return Ok(());
        }
        refuse(
            Diagnostic::error("staged-changes", "the index holds changes of yours")
                .because("they would become part of the commit")
                .help("commit them, or run `git restore --staged .`"),
        )
    }

    /// The files that exist or that git has. What is neither was removed before it was ever committed, and git would
    /// refuse to hear of it.
    fn there(&self, files: &[String]) -> Result<Vec<String>, Box<Diagnostic>> {
        let tracked = self.run(&["ls-files", "-z"], "")?;
        let tracked: BTreeSet<&str> = tracked.split('\0').collect();
        let there = |file: &&String| {
            tracked.contains(file.as_str()) || self.world.kind(&self.repo.join(file)).is_some()
        };
        Ok(files.iter().filter(there).cloned().collect())
    }

    /// Refuses paths that git would not take as they are: ignored ones, and ones inside another repository.
    fn only_ours(&self, files: &[String]) -> Result<(), Box<Diagnostic>> {
        let (_, ignored, _) = self.attempt(&["check-ignore", "-z", "--stdin"], &nul(files))?;
        let ignored: BTreeSet<&str> = ignored.split('\0').filter(|p| !p.is_empty()).collect();
        match ignored.first() {
            None => Ok(()),
            Some(first) => refuse(
                Diagnostic::error("ignored-file", format!("git ignores {first}"))
                    .because("it would be missing from the pull request")
                    .help("remove it from .gitignore"),
            ),
        }
    }

    fn add_and_commit(&self, files: &[String], message: &str) -> Result<(), Box<Diagnostic>> {
        let paths = nul(files);
        let from_stdin = ["--pathspec-from-file=-", "--pathspec-file-nul"];
        self.run(&["--literal-pathspecs", "add", "--all", from_stdin[0], from_stdin[1]], &paths)?;
        let (code, ..) = self.attempt(&["diff", "--cached", "--quiet"], "")?;
        if code == Some(0) {
            return refuse(
                Diagnostic::error("nothing-to-submit", "the files are committed already")
                    .help("change the spec and generate again"),
            );
        }
        self.run(&["commit", "--quiet", "--file=-"], message)?;
        Ok(())
    }
}

fn refuse<T>(diagnostic: Diagnostic) -> Result<T, Box<Diagnostic>> {
    Err(Box::new(diagnostic))
}

/// Paths as git reads them from its input.
fn nul(files: &[String]) -> String {
    files.iter().map(|f| format!("{f}\0")).collect()
}
