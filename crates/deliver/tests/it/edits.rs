//! Random edits against random regenerations: what a user wrote is in the folder afterwards, whatever happened.

use std::collections::BTreeSet;
use std::path::Path;

use deliver::lock::{self, BASE, LOCK};
use deliver::{Lock, Reconciled, commit, reconcile};
use ir::{Bundle, Diagnostics, MemoryWorld, World};

const OUT: &str = "out";
const FILE: &str = "f";

/// Numbers below `most`, the same ones for the same seed.
fn numbers(seed: u64) -> impl FnMut(usize) -> usize {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    move |most| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % most
    }
}

/// Some lines of a text replaced, added and removed. What is written carries a mark that nothing else has.
fn edited(lines: &[String], mark: &str, edits: usize, next: &mut impl FnMut(usize) -> usize) -> Vec<String> {
    let mut out = lines.to_vec();
    for edit in 0..edits {
        let at = next(out.len() + 1);
        match next(3) {
            0 if at < out.len() => out[at] = format!("{mark} {edit} for a line"),
            1 if at < out.len() => {
                out.remove(at);
            }
            _ => out.insert(at, format!("{mark} {edit} \u{1f980} added")),
        }
    }
    out
}

fn joined(lines: &[String], end: &str) -> String {
    lines.iter().map(|line| format!("{line}{end}")).collect()
}

fn bundle(text: &str) -> Bundle {
    let mut bundle = Bundle::new();
    bundle.add(FILE, text);
    bundle
}

fn run(world: &dyn World, text: &str) -> (Reconciled, Diagnostics) {
    let before = lock::read(world, Path::new(OUT)).expect("readable");
    let next = Lock::new("1", "spec", serde_json::json!([]));
    let (decided, said) = reconcile(world, Path::new(OUT), &bundle(text), before, next);
    if !said.has_errors() {
        commit(world, Path::new(OUT), &decided).expect("writable");
    }
    (decided, said)
}

/// Lines that only the named side wrote.
fn marked<'a>(text: &'a str, mark: &str) -> BTreeSet<&'a str> {
    text.lines().filter(|line| line.starts_with(mark)).collect()
}

#[test]
fn a_users_edit_survives_any_regeneration() {
    let (mut merged, mut conflicts, mut gone) = (0, 0, 0);
    for seed in 0..1200 {
        let mut next = numbers(seed);
        let length = next(40);
        let first: Vec<String> = (0..length).map(|n| format!("line {}", n % 17)).collect();
        let edits = (next(4), next(4));
        let second = edited(&first, "generated", edits.0, &mut next);
        let mine = edited(&first, "mine", edits.1, &mut next);
        let end = ["\n", "\r\n"][next(2)];
        let world = MemoryWorld::default();
        let path = Path::new(OUT).join(FILE);
        run(&world, &joined(&first, "\n"));
        // Without its last line's end, as editors leave it.
        let mut theirs = joined(&mine, end);
        if next(5) == 0 {
            theirs.truncate(theirs.trim_end_matches(['\r', '\n']).len());
        }
        world.write(&path, theirs.as_bytes(), false).expect("writable");
        match next(6) {
            0 => world.remove(&Path::new(OUT).join(BASE)).expect("was written"),
            1 => {
                world.remove(&Path::new(OUT).join(LOCK)).expect("was written");
                gone += 1;
            }
            _ => {}
        }
        let ours = joined(&second, "\n");
        let (decided, said) = run(&world, &ours);
        let now = world.read_text(&path).expect("still there");
        assert_eq!(marked(&now, "mine"), marked(&theirs, "mine"), "{seed}: {theirs:?} became {now:?}");
        if said.has_errors() {
            assert_eq!(now, theirs, "{seed}: nothing is written beside an error");
            let told = said.iter().all(|d| !d.notes.is_empty() && d.help.is_some());
            assert!(told && decided.conflicts.len() + decided.foreign.len() == 1, "{seed}: {said:?}");
            conflicts += 1;
            continue;
        }
        if mine != first && ours != theirs {
            let both = marked(&now, "generated");
            assert_eq!(both, marked(&ours, "generated"), "{seed}: {now:?}");
            let lines = now.matches('\n').count();
            let windows = now.matches("\r\n").count();
            let untouched = now == theirs || now == ours;
            assert!(untouched || windows == if end == "\n" { 0 } else { lines }, "{seed}: {now:?}");
            merged += decided.merged.len();
        }
        let (again, said) = run(&world, &ours);
        assert!(!said.has_errors() && again.write.is_empty() && again.merged.is_empty(), "{seed}: {said:?}");
        assert_eq!(world.read_text(&path).expect("still there"), now, "{seed}: a second run changes nothing");
    }
    assert!(merged > 100 && conflicts > 100 && gone > 100, "{merged} merged, {conflicts} conflicts, {gone}");
}

#[test]
fn mixed_line_endings_stay_where_they_are() {
    let world = MemoryWorld::default();
    let path = Path::new(OUT).join(FILE);
    run(&world, "one\ntwo\nthree\nfour\nfive\n");
    world.write(&path, b"one\ntwo\nthree\nfour\r\nfive\n", false).expect("writable");
    run(&world, "ONE\ntwo\nthree\nfour\nfive\n");
    assert_eq!(world.read_text(&path).expect("there"), "ONE\ntwo\nthree\nfour\r\nfive\n");
}
