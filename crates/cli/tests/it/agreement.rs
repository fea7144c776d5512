//! Every case, written and read back: what comes back is what was designed.

use std::path::Path;

use dialect::agree::{Difference, differences, unnamed};
use dialect::{Options, Place, cloudformation, maps};
use ir::world::MemoryWorld;
use mainstay::engine::Delivery;

use crate::cases;

/// The dialects that say everything that a graph says.
const WHOLE: &[&str] = &["terraform", "terragrunt"];

#[test]
fn what_every_case_delivers_reads_back_as_what_it_designs() {
    let mut wrong = Vec::new();
    for (name, delivery) in cases::deliveries() {
        for dialect in WHOLE {
            let found = disagreements(&delivery, dialect);
            wrong.extend(found.into_iter().map(|d| format!("{name}, {dialect}: {d}")));
        }
    }
    assert!(wrong.is_empty(), "{} differences\n{}", wrong.len(), wrong.join("\n"));
}

fn disagreements(delivery: &Delivery, dialect: &str) -> Vec<String> {
    let writer = dialect::WRITERS.iter().find(|writer| writer.name == dialect).expect("it is written");
    let (code, _) = (writer.write)(&delivery.stacks);
    // The code stands among the other files, some of which it reads.
    let others = delivery.bundle.iter().filter(|(path, _)| !path.starts_with("infra/"));
    let files = others.chain(code.iter()).map(|(path, file)| (path.to_owned(), file.text.as_str()));
    let world = MemoryWorld::with(files);
    let options = Options::default();
    let place = Place { world: &world, root: Path::new(""), options: &options };
    let reader =
        dialect::READERS.iter().find(|reader| (reader.recognises)(&place)).expect("somebody reads it");
    assert_eq!(reader.name, dialect);
    let (reading, diagnostics) = (reader.read)(&place);
    let said = diagnostics.iter().map(|d| format!("{}: {}", d.id, d.summary));
    let found = differences(&delivery.stacks, &reading.stacks);
    // Modules that environments share cannot differ in lifecycle settings; the writer says which it left out.
    let gap = |d: &Difference| d.of == "lifecycle" && d.second.is_empty();
    said.chain(found.iter().filter(|d| !gap(d)).map(Difference::to_string)).collect()
}

#[test]
fn templates_of_every_case_on_aws_read_back_as_they_were_written() {
    let mut wrong = Vec::new();
    for (name, delivery) in cases::deliveries() {
        let aws = |stack: &ir::Stack| stack.graph.nodes().all(|n| n.kind().as_str().starts_with("aws_"));
        if delivery.stacks.iter().all(aws) {
            wrong.extend(lost_in_templates(&delivery).into_iter().map(|d| format!("{name}: {d}")));
        }
    }
    assert!(wrong.is_empty(), "{} differences\n{}", wrong.len(), wrong.join("\n"));
}

fn lost_in_templates(delivery: &Delivery) -> Vec<String> {
    let (bundle, _) = cloudformation::write(&delivery.stacks);
    let world = MemoryWorld::with(bundle.iter().map(|(path, file)| (path.to_owned(), file.text.as_str())));
    let options = Options::default();
    let place = Place { world: &world, root: Path::new(""), options: &options };
    let (reading, diagnostics) = cloudformation::read::foreign(&place);
    let mut wrong: Vec<String> = diagnostics.iter().map(|d| format!("{}: {}", d.id, d.summary)).collect();
    for stack in &delivery.stacks {
        let (written, _) = maps::into(&cloudformation::VOCABULARY, stack);
        // What another region holds is a template of its own.
        let part = |name: &str| name == stack.name || name.starts_with(&format!("{}-", stack.name));
        let read: Vec<&ir::Stack> = reading.stacks.iter().filter(|read| part(&read.name)).collect();
        wrong.extend(unnamed::differences(&written, &read));
    }
    wrong
}
