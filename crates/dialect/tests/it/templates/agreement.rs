//! Stacks written as templates and read back: every resource comes back with every property, in CloudFormation's own
//! vocabulary.

use std::path::Path;

use dialect::agree::unnamed;
use dialect::cloudformation::{VOCABULARY, read::foreign, write};
use dialect::{Options, Place, maps};
use ir::{MemoryWorld, Stack};

use super::ids;
use crate::sample;

#[test]
fn what_a_template_says_is_what_was_written() {
    let stacks = sample::stacks();
    let (bundle, gaps) = write(&stacks);
    assert!(ids(&gaps).contains(&"lifecycle-differs"));
    let world = MemoryWorld::with(bundle.iter().map(|(path, file)| (path.to_owned(), file.text.as_str())));
    let options = Options::default();
    let (reading, diagnostics) = foreign(&Place { world: &world, root: Path::new(""), options: &options });
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    for stack in &stacks {
        let (written, _) = maps::into(&VOCABULARY, stack);
        // What another region holds is a template of its own.
        let part = |name: &str| name == stack.name || name.starts_with(&format!("{}-", stack.name));
        let read: Vec<&Stack> = reading.stacks.iter().filter(|read| part(&read.name)).collect();
        let mut wrong = unnamed::differences(&written, &read);
        // Environments share a template, and what becomes of data cannot hang on a parameter: the writer says so.
        wrong.retain(|line| !line.contains("AWS::RDS::DBInstance.DeletionPolicy"));
        wrong.retain(|line| !line.ends_with("AWS::RDS::DBInstance") && !line.ends_with(", which stays"));
        assert!(wrong.is_empty(), "{} differences\n{}", wrong.len(), wrong.join("\n"));
    }
}
