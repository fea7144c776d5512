//! What is written and read back is what was there.

use std::path::Path;

use dialect::agree::{Difference, differences};
use dialect::{Options, Place};
use ir::world::MemoryWorld;
use ir::{Bundle, Stack};

use crate::sample;

/// Reads a bundle as the folder that it would be on disk.
pub fn read_back(bundle: &Bundle) -> Vec<Stack> {
    let world = MemoryWorld::with(bundle.iter().map(|(path, file)| (path.to_owned(), file.text.as_str())));
    let options = Options::default();
    let place = Place { world: &world, root: Path::new(""), options: &options };
    let reader =
        dialect::READERS.iter().find(|reader| (reader.recognises)(&place)).expect("somebody reads it");
    let (reading, diagnostics) = (reader.read)(&place);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    reading.stacks
}

#[test]
fn what_terraform_says_is_what_was_written() {
    let stacks = sample::stacks();
    let (bundle, gaps) = dialect::terraform::write(&stacks);
    let read = read_back(&bundle);
    let (lifecycle, others): (Vec<Difference>, Vec<Difference>) =
        differences(&stacks, &read).into_iter().partition(|d| d.of == "lifecycle");
    assert!(others.is_empty(), "{}", others.iter().map(|d| format!("{d}\n")).collect::<String>());
    // The writer says which settings it left out, and those are all that are missing.
    assert_eq!(gaps.len(), 1);
    assert!(lifecycle.iter().all(|d| d.first == "prevent_destroy" && d.second.is_empty()), "{lifecycle:?}");
}
