//! Every case, written and read back: what comes back is what was designed.

use std::path::Path;

use dialect::agree::{Difference, differences};
use dialect::{Options, Place};
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
