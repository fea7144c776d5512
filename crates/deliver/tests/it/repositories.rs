//! Submitting with the real git, in real repositories.

use std::path::{Path, PathBuf};

use deliver::submit;
use ir::{MemoryWorld, OsWorld, World, world::Invocation};

struct Repo {
    world: OsWorld,
    folder: PathBuf,
}

impl Repo {
    /// A repository with one commit, or `None` (said loudly) where git is not installed.
    #[allow(
        clippy::disallowed_methods,
        clippy::print_stderr,
        reason = "makes its own folder and says what it skips"
    )]
    fn new(name: &str) -> Option<Repo> {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("a folder for tests");
        let repo = Repo { world: OsWorld::default(), folder };
        let version =
            Invocation { program: "git".into(), args: vec!["--version".into()], ..Invocation::default() };
        if repo.world.run(&version).is_err() {
            eprintln!("SKIPPED repositories::{name}: git is not installed");
            return None;
        }
        repo.git(&["init", "--quiet", "--initial-branch=main"]);
        repo.git(&["config", "user.name", "Test"]);
        repo.git(&["config", "user.email", "test@example.com"]);
        repo.put("theirs.txt", "first");
        repo.git(&["add", "."]);
        repo.git(&["commit", "--quiet", "-m", "first"]);
        Some(repo)
    }

    fn git(&self, args: &[&str]) -> String {
        let args = args.iter().map(|a| (*a).to_owned()).collect();
        let env = vec![("GIT_CONFIG_GLOBAL".into(), "/dev/null".into())];
        let cwd = self.folder.clone();
        let outcome =
            self.world.run(&Invocation { program: "git".into(), args, cwd, stdin: String::new(), env });
        let outcome = outcome.expect("git runs");
        assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
        outcome.stdout
    }

    fn put(&self, path: &str, text: &str) {
        self.world.write(&self.folder.join(path), text.as_bytes(), false).expect("writable");
    }

    fn submit(&self, branch: &str, files: &[&str]) -> Result<deliver::Submission, Box<ir::Diagnostic>> {
        let files: Vec<String> = files.iter().map(|f| (*f).to_owned()).collect();
        submit(&self.world, &self.folder, branch, &files, "Add infrastructure\n\nWhy.", "The text")
    }
}

#[test]
fn only_our_files_are_committed() {
    let Some(repo) = Repo::new("only_ours") else { return };
    repo.put("theirs.txt", "changed and not committed");
    repo.put("untracked.txt", "of the user");
    repo.put("infra/main.tf", "x");
    repo.put("-odd [name] \u{e9}.md", "x");
    let done = repo.submit("mainstay/shop", &["infra/main.tf", "-odd [name] \u{e9}.md"]).expect("submitted");
    assert_eq!(done.commit, repo.git(&["rev-parse", "mainstay/shop"]).trim());
    assert_eq!(done.text, "The text");
    let listed = repo.git(&["-c", "core.quotepath=off", "show", "--name-only", "--format=%an %s", "HEAD"]);
    assert_eq!(listed, "Test Add infrastructure\n\n-odd [name] \u{e9}.md\ninfra/main.tf\n");
    let status = repo.git(&["status", "--porcelain"]);
    assert_eq!(status, " M theirs.txt\n?? untracked.txt\n");
}

/// A file may be gone in every way there is: committed or not, before or after.
#[test]
#[allow(clippy::disallowed_methods, reason = "removes a file as a user does")]
fn what_is_gone_is_committed_as_gone_or_not_at_all() {
    let Some(repo) = Repo::new("gone") else { return };
    repo.put("kept.tf", "x");
    repo.put("old.tf", "x");
    repo.submit("first", &["kept.tf", "old.tf"]).expect("submitted");
    std::fs::remove_file(repo.folder.join("old.tf")).expect("was there");
    repo.put("kept.tf", "y");
    repo.submit("second", &["kept.tf", "old.tf", "never.tf"]).expect("submitted");
    let listed = repo.git(&["show", "--name-status", "--format=", "HEAD"]);
    assert_eq!(listed, "M\tkept.tf\nD\told.tf\n");
    repo.put("kept.tf", "z");
    repo.submit("third", &["kept.tf", "old.tf", "never.tf"]).expect("what is gone stays gone");
}

#[test]
fn what_would_mix_with_the_users_work_is_refused() {
    let Some(repo) = Repo::new("refused") else { return };
    repo.put("infra/main.tf", "x");
    let refused = |branch: &str, files: &[&str], id: &str| {
        let error = repo.submit(branch, files).expect_err(id);
        assert_eq!(error.id, id, "{error:?}");
        assert!(error.help.is_some());
        assert_eq!(repo.git(&["branch", "--show-current"]).trim(), "main");
        assert_eq!(repo.git(&["branch", "--list", "new"]), "");
    };
    refused("main", &["infra/main.tf"], "branch-exists");
    refused("bad name", &["infra/main.tf"], "invalid-branch");
    refused("-x", &["infra/main.tf"], "invalid-branch");
    refused("new", &[], "nothing-to-submit");
    refused("new", &["theirs.txt"], "nothing-to-submit");
    refused("new", &["nowhere.txt"], "nothing-to-submit");
    repo.put(".gitignore", "infra/\n");
    refused("new", &["infra/main.tf"], "ignored-file");
    repo.git(&["add", ".gitignore"]);
    refused("new", &["theirs.txt"], "staged-changes");
}

#[test]
fn no_git_no_repository_and_no_commit_are_told_apart() {
    let submit_in = |world: &dyn World, folder: &Path| {
        submit(world, folder, "new", &["f".to_owned()], "m", "t").expect_err("refused").id
    };
    assert_eq!(submit_in(&MemoryWorld::default(), Path::new("x")), "git-missing");
    let Some(repo) = Repo::new("apart") else { return };
    repo.put("inner/f", "x");
    assert_eq!(submit_in(&repo.world, &repo.folder.join("inner")), "not-repository-root");
    assert_eq!(submit_in(&repo.world, Path::new("/")), "no-repository");
}
