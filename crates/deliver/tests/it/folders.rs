//! Merging into folders that people work in, and into hostile ones.

use std::path::{Path, PathBuf};

use deliver::lock::{self, BASE, LOCK};
use deliver::{Lock, Reconciled, commit, reconcile};
use ir::{Bundle, Diagnostics, File, MemoryWorld, Ownership, World};

const OUT: &str = "out";

fn bundle(files: &[(&str, &str)]) -> Bundle {
    let mut bundle = Bundle::new();
    files.iter().for_each(|(path, text)| bundle.add(*path, *text));
    bundle
}

fn decide(world: &dyn World, bundle: &Bundle) -> (Reconciled, Diagnostics) {
    let before = lock::read(world, Path::new(OUT)).expect("readable");
    reconcile(world, Path::new(OUT), bundle, before, Lock::new("1", "spec", serde_json::json!([])))
}

fn generate(world: &dyn World, bundle: &Bundle) -> Reconciled {
    let (decided, diagnostics) = decide(world, bundle);
    assert!(!diagnostics.has_errors(), "{diagnostics:#?}");
    commit(world, Path::new(OUT), &decided).expect("writable");
    decided
}

fn text(world: &dyn World, path: &str) -> String {
    world.read_text(&Path::new(OUT).join(path)).expect("there")
}

fn put(world: &dyn World, path: &str, bytes: &[u8]) {
    world.write(&Path::new(OUT).join(path), bytes, false).expect("writable");
}

fn everything(world: &MemoryWorld) -> Vec<(PathBuf, Vec<u8>)> {
    world.paths().into_iter().map(|p| (p.clone(), world.read(&p).expect("listed"))).collect()
}

const FIRST: &str = "one\ntwo\nthree\nfour\nfive\nsix\nseven\n";
const SECOND: &str = "ONE\ntwo\nthree\nfour\nfive\nsix\nseven\n";

#[test]
fn a_second_run_writes_nothing() {
    let world = MemoryWorld::default();
    generate(&world, &bundle(&[("a/b.txt", FIRST), ("c", "")]));
    let before = everything(&world);
    let decided = generate(&world, &bundle(&[("a/b.txt", FIRST), ("c", "")]));
    assert!(decided.write.is_empty() && decided.merged.is_empty());
    assert_eq!(decided.unchanged, ["a/b.txt", "c"]);
    assert_eq!(everything(&world), before);
}

#[test]
fn edits_survive_and_merge() {
    let world = MemoryWorld::default();
    generate(&world, &bundle(&[("f", FIRST)]));
    put(&world, "f", FIRST.replace("seven", "seven of mine").as_bytes());
    assert_eq!(generate(&world, &bundle(&[("f", FIRST)])).unchanged, ["f"]);
    let decided = generate(&world, &bundle(&[("f", SECOND)]));
    assert_eq!(decided.merged.len(), 1);
    assert_eq!(text(&world, "f"), SECOND.replace("seven", "seven of mine"));
    assert_eq!(generate(&world, &bundle(&[("f", SECOND)])).unchanged, ["f"], "and stays merged");
}

#[test]
fn other_line_endings_are_no_edit_and_are_kept() {
    let world = MemoryWorld::default();
    generate(&world, &bundle(&[("f", FIRST)]));
    put(&world, "f", FIRST.replace('\n', "\r\n").as_bytes());
    generate(&world, &bundle(&[("f", SECOND)]));
    assert_eq!(text(&world, "f"), SECOND.replace('\n', "\r\n"));
}

#[test]
fn contradicting_edits_are_shown_and_not_touched() {
    let world = MemoryWorld::default();
    generate(&world, &bundle(&[("f", FIRST)]));
    let mine = FIRST.replace("one", "mine");
    put(&world, "f", mine.as_bytes());
    let (decided, diagnostics) = decide(&world, &bundle(&[("f", SECOND)]));
    assert!(diagnostics.has_errors());
    let printed = format!("{diagnostics:?}");
    assert!(printed.contains("mine") && printed.contains("ONE") && !printed.contains("seven"), "{printed}");
    assert!(decided.conflicts.contains_key("f") && decided.write.is_empty());
    assert_eq!(text(&world, "f"), mine);
}

#[test]
fn what_is_no_longer_generated_goes_unless_edited() {
    let world = MemoryWorld::default();
    generate(&world, &bundle(&[("plain", "x"), ("edited", "x"), ("deleted", "x"), ("stays", "x")]));
    put(&world, "edited", b"mine");
    world.remove(&Path::new(OUT).join("deleted")).expect("there");
    let decided = generate(&world, &bundle(&[("stays", "x")]));
    assert_eq!((decided.removed, decided.kept), (vec!["plain".to_owned()], vec!["edited".to_owned()]));
    assert_eq!(text(&world, "edited"), "mine");
    assert!(world.kind(&Path::new(OUT).join("plain")).is_none());
}

#[test]
fn a_deleted_generated_file_comes_back_and_a_deleted_scaffold_does_not() {
    let world = MemoryWorld::default();
    let mut bundle = bundle(&[("generated", "x")]);
    let scaffold = File { text: "y".into(), executable: false, ownership: Ownership::Scaffold };
    bundle.add_file("scaffold", scaffold);
    generate(&world, &bundle);
    put(&world, "scaffold", b"mine");
    assert!(generate(&world, &bundle).write.is_empty(), "a scaffold is written once");
    assert_eq!(text(&world, "scaffold"), "mine");
    for path in ["generated", "scaffold"] {
        world.remove(&Path::new(OUT).join(path)).expect("there");
    }
    let decided = generate(&world, &bundle);
    assert_eq!(decided.write.keys().collect::<Vec<_>>(), ["generated"]);
}

#[test]
fn what_is_not_ours_is_never_overwritten() {
    let cases: [(&str, &str, &[u8]); 4] = [
        ("a file of the user", "f", b"mine"),
        ("bytes that are no text", "f", &[0xff, 0xfe, 0x00]),
        ("a folder", "f/inner", b"mine"),
        ("a file where a folder should be", "g", b"mine"),
    ];
    for (what, path, bytes) in cases {
        let world = MemoryWorld::default();
        put(&world, path, bytes);
        let before = everything(&world);
        let generated = if path == "g" { "g/f" } else { "f" };
        let (decided, diagnostics) = decide(&world, &bundle(&[(generated, FIRST)]));
        assert!(diagnostics.iter().any(|d| d.id == "file-in-the-way"), "{what}");
        assert_eq!(decided.foreign, [generated], "{what}");
        assert!(decided.write.is_empty());
        assert_eq!(everything(&world), before);
    }
}

#[test]
fn a_file_that_happens_to_be_the_same_is_adopted() {
    let world = MemoryWorld::default();
    put(&world, "f", FIRST.as_bytes());
    assert_eq!(generate(&world, &bundle(&[("f", FIRST)])).unchanged, ["f"]);
    generate(&world, &bundle(&[("f", SECOND)]));
    assert_eq!(text(&world, "f"), SECOND);
}

#[test]
fn a_damaged_lock_is_an_error_and_damaged_texts_only_cost_the_merge() {
    let world = MemoryWorld::default();
    generate(&world, &bundle(&[("f", FIRST)]));
    let whole = text(&world, LOCK);
    for length in 1..whole.len() - 1 {
        put(&world, LOCK, &whole.as_bytes()[..length]);
        let error = lock::read(&world, Path::new(OUT)).expect_err("half a lock");
        assert_eq!(error.id, "lock-unreadable");
    }
    put(&world, LOCK, whole.replace("\"version\": 1", "\"version\": 99").as_bytes());
    assert_eq!(lock::read(&world, Path::new(OUT)).expect_err("too new").id, "lock-too-new");
    let newer = whole.replace("\"version\": 1", "\"version\": 2, \"signature\": \"of a later program\"");
    put(&world, LOCK, newer.as_bytes());
    assert_eq!(lock::read(&world, Path::new(OUT)).expect_err("knows more").id, "lock-too-new");
    put(&world, LOCK, whole.as_bytes());
    for damage in [&b""[..], b"not gzip", &world.read(&Path::new(OUT).join(BASE)).expect("there")[..12]] {
        put(&world, BASE, damage);
        put(&world, "f", FIRST.replace("seven", "mine").as_bytes());
        let (decided, _) = decide(&world, &bundle(&[("f", SECOND)]));
        assert!(decided.conflicts.contains_key("f"), "kept and shown");
    }
}

/// A run that is killed after any number of writes leaves something that the next run finishes.
#[test]
fn a_killed_run_is_finished_by_the_next() {
    struct Dying<'a> {
        inner: &'a MemoryWorld,
        left: std::cell::Cell<usize>,
    }
    impl Dying<'_> {
        fn live(&self) -> Result<(), ir::WorldError> {
            let left = self.left.get();
            let dead = ir::WorldError { action: "write".into(), reason: "killed".into(), not_found: false };
            self.left.set(left.checked_sub(1).ok_or(dead)?);
            Ok(())
        }
    }
    impl World for Dying<'_> {
        fn absolute(&self, path: &Path) -> std::path::PathBuf {
            self.inner.absolute(path)
        }
        fn read(&self, path: &Path) -> Result<Vec<u8>, ir::WorldError> {
            self.inner.read(path)
        }
        fn list(&self, folder: &Path) -> Result<Vec<ir::world::Entry>, ir::WorldError> {
            self.inner.list(folder)
        }
        fn kind(&self, path: &Path) -> Option<ir::world::EntryKind> {
            self.inner.kind(path)
        }
        fn write(&self, path: &Path, bytes: &[u8], executable: bool) -> Result<(), ir::WorldError> {
            self.live()?;
            self.inner.write(path, bytes, executable)
        }
        fn remove(&self, path: &Path) -> Result<(), ir::WorldError> {
            self.live()?;
            self.inner.remove(path)
        }
        fn create_new(&self, path: &Path, bytes: &[u8]) -> Result<(), ir::WorldError> {
            self.inner.create_new(path, bytes)
        }
        fn env(&self, name: &str) -> Option<String> {
            self.inner.env(name)
        }
        fn now(&self) -> i64 {
            self.inner.now()
        }
        fn ticks(&self) -> u64 {
            self.inner.ticks()
        }
        fn run(&self, invocation: &ir::world::Invocation) -> Result<ir::world::Outcome, ir::WorldError> {
            self.inner.run(invocation)
        }
    }
    let first = bundle(&[("a", FIRST), ("b", FIRST), ("edited", FIRST), ("gone", FIRST)]);
    let second = bundle(&[("a", SECOND), ("b", SECOND), ("edited", SECOND), ("new", SECOND)]);
    let prepared = || {
        let world = MemoryWorld::default();
        generate(&world, &first);
        put(&world, "edited", FIRST.replace("seven", "mine").as_bytes());
        world
    };
    let expected = {
        let world = prepared();
        generate(&world, &second);
        everything(&world)
    };
    for lives in 0..16 {
        let world = prepared();
        let (decided, _) = decide(&world, &second);
        let dying = Dying { inner: &world, left: lives.into() };
        let killed = commit(&dying, Path::new(OUT), &decided).is_err();
        assert_eq!(killed, lives < 7, "{lives}");
        generate(&world, &second);
        assert_eq!(everything(&world), expected, "killed after {lives} writes");
    }
}

#[test]
fn a_lock_cannot_send_us_out_of_the_folder() {
    let world = MemoryWorld::default();
    generate(&world, &bundle(&[("f", FIRST)]));
    world.write(Path::new("precious"), b"x", false).expect("writable");
    let hash = ir::bundle::sha256(b"x");
    let lock =
        text(&world, LOCK).replace("\"files\": {", &format!("\"files\": {{\n \"../precious\": \"{hash}\","));
    put(&world, LOCK, lock.as_bytes());
    assert!(generate(&world, &bundle(&[("f", FIRST)])).removed.is_empty());
    assert_eq!(world.read(Path::new("precious")).expect("still there"), b"x");
}

/// On a real disk: scripts are executable, unchanged files keep their time, and links are not written through.
#[cfg(unix)]
#[test]
#[allow(clippy::disallowed_methods, reason = "makes its own folder and links")]
fn a_real_disk_is_treated_the_same() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("real_disk");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder for tests");
    let world = ir::OsWorld::default();
    let mut generated = bundle(&[("a/f", FIRST)]);
    generated.add_script("run.sh", "#!/bin/sh\n");
    let next = || Lock::new("1", "spec", serde_json::json!([]));
    let run = |bundle: &Bundle| {
        let before = lock::read(&world, &folder).expect("readable");
        let (decided, diagnostics) = reconcile(&world, &folder, bundle, before, next());
        if !diagnostics.has_errors() {
            commit(&world, &folder, &decided).expect("writable");
        }
        (decided, diagnostics)
    };
    run(&generated);
    let meta = |path: &str| std::fs::metadata(folder.join(path)).expect("written");
    assert_eq!(meta("run.sh").permissions().mode() & 0o111, 0o111);
    let written = ["a/f", "run.sh", LOCK, BASE].map(|p| meta(p).modified().expect("a time"));
    run(&generated);
    assert_eq!(written, ["a/f", "run.sh", LOCK, BASE].map(|p| meta(p).modified().expect("a time")));

    std::fs::write(folder.join("precious"), FIRST).expect("writable");
    std::os::unix::fs::symlink(folder.join("precious"), folder.join("linked")).expect("a link");
    generated.add("linked", SECOND);
    let (decided, diagnostics) = run(&generated);
    assert!(diagnostics.has_errors() && decided.foreign == ["linked"]);
    assert_eq!(std::fs::read_to_string(folder.join("precious")).expect("still there"), FIRST);
}
