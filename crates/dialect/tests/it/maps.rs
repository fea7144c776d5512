//! Walks every map: rows that hold on both sides, kinds that come back as they went.

use dialect::cloudformation::VOCABULARY;
use dialect::maps;

#[test]
fn every_row_names_what_both_sides_have() {
    let faults = VOCABULARY.faults();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_attribute_of_every_kind_is_said_or_has_a_reason() {
    let rows = maps::coverage(&VOCABULARY);
    let kinds: Vec<&str> =
        catalog::kinds::all().map(|k| k.kind.as_str()).filter(|k| k.starts_with("aws_")).collect();
    assert_eq!(rows.len(), kinds.len());
    let open: Vec<String> =
        rows.iter().flat_map(|r| r.unmapped.iter().map(|a| format!("{} {a}", r.kind))).collect();
    assert!(open.is_empty(), "{} attributes:\n{}", open.len(), open.join("\n"));
}
