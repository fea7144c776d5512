//! What somebody may write to bring a reader down: refused with a diagnostic, in bounded time and memory.

use std::path::{Path, PathBuf};

use dialect::cloudformation::read::{foreign, recognises};
use dialect::{Options, Place};
use ir::world::{Entry, EntryKind};
use ir::{MemoryWorld, World, WorldError};

use super::{ids, names, only, read, read_with};

fn said(text: &str) -> Vec<&'static str> {
    ids(&read(&[("t.yaml", text)], &[]).1)
}

#[test]
fn deep_and_repeating_files_are_refused() {
    let head = "AWSTemplateFormatVersion: x\nResources:\n  A: {Type: 'AWS::X::Y', Properties: ";
    let deep = format!("{head}{}", "{a: ".repeat(10_000));
    let lists = format!("{head}{}", "[".repeat(10_000));
    let calls = format!("{head}{}", "!Not [".repeat(10_000));
    let json = "{\"AWSTemplateFormatVersion\":".repeat(10_000);
    for text in [&deep, &lists, &calls, &json] {
        let said = said(text);
        assert!(said.iter().any(|id| ["too-deep", "invalid-yaml"].contains(id)), "{said:?}");
    }
    let mut bomb = String::from("AWSTemplateFormatVersion: x\na0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
    for i in 1..9 {
        let refs = vec![format!("*a{}", i - 1); 10].join(",");
        bomb.push_str(&format!("a{i}: &a{i} [{refs}]\n"));
    }
    assert!(said(&bomb).contains(&"too-large"));
}

#[test]
fn substitutions_that_double_each_other_end() {
    let mut inner = "!Sub ['${a}${a}', {a: xxxxxxxxxx}]".to_owned();
    for _ in 0..60 {
        inner = format!("!Sub ['${{a}}${{a}}', {{a: {inner}}}]");
    }
    let text = format!("Resources:\n  A:\n    Type: AWS::X::Y\n    Properties:\n      P: {inner}\n");
    assert_eq!(said(&text), ["too-large"]);
    let long = "x".repeat(1 << 20);
    let mut many = format!("Parameters: {{P: {{Type: String, Default: {long}}}}}\nResources:\n");
    for i in 0..2000 {
        many.push_str(&format!("  R{i}: {{Type: 'AWS::X::Y', Properties: {{P: !Ref P}}}}\n"));
    }
    assert_eq!(said(&many), ["too-large"]);
}

#[test]
fn loops_and_nested_stacks_that_multiply_end() {
    let items: Vec<String> = (0..1000).map(|i| i.to_string()).collect();
    let items = items.join(",");
    let looped = format!(
        "Resources:\n  Fn::ForEach::A: [a, [{items}], {{'Fn::ForEach::B': [b, [{items}], \
         {{'Fn::ForEach::C': [c, [{items}], {{'R${{a}}x${{b}}x${{c}}': {{Type: 'AWS::X::Y'}}}}]}}]}}]\n  \
         Z: {{Type: 'AWS::X::Y'}}\n"
    );
    assert!(said(&looped).contains(&"too-large"));
    let wide: Vec<String> = (0..20_000).map(|i| i.to_string()).collect();
    let wide = format!(
        "Resources:\n  Fn::ForEach::A: [a, [{}], {{'R${{a}}': {{Type: 'AWS::X::Y'}}}}]\n  Z: {{Type: 'AWS::X::Y'}}\n",
        wide.join(",")
    );
    let (reading, diagnostics) = read(&[("t.yaml", &wide)], &[]);
    assert_eq!(ids(&diagnostics), ["loop-not-read"]);
    assert_eq!(names(only(&reading)), ["Z"]);

    let mut files: Vec<(String, String)> = Vec::new();
    for level in 0..40 {
        let mut text = String::from("Resources:\n");
        for i in 0..10 {
            text.push_str(&format!(
                "  N{i}: {{Type: 'AWS::CloudFormation::Stack', Properties: {{TemplateURL: l{}.yaml}}}}\n",
                level + 1
            ));
        }
        files.push((format!("l{level}.yaml"), text));
    }
    files.push(("l40.yaml".into(), "Resources: {A: {Type: 'AWS::X::Y'}}".into()));
    let files: Vec<(&str, &str)> = files.iter().map(|(p, t)| (p.as_str(), t.as_str())).collect();
    let (_, diagnostics) = read(&files, &[]);
    assert!(ids(&diagnostics).contains(&"too-deep") && ids(&diagnostics).contains(&"too-large"));
}

#[test]
fn circles_are_named() {
    let refs = "Resources:\n  A: {Type: 'AWS::X::Y', Properties: {P: !Ref B}}\n  B: {Type: 'AWS::X::Y', Properties: {P: !Ref A}}\n";
    assert_eq!(said(refs), ["cyclic-reference"]);
    let conditions = "Conditions: {A: !Not [!Condition B], B: !Not [!Condition A]}\nResources: {R: {Type: 'AWS::X::Y', Condition: A}}";
    assert_eq!(said(conditions), ["cyclic-condition", "condition-unknown"]);
    let mut chain = String::from("Conditions:\n");
    for i in 0..10_000 {
        chain.push_str(&format!("  C{i}: !Not [!Condition C{}]\n", i + 1));
    }
    chain.push_str("  C10000: !Equals [a, a]\nResources: {R: {Type: 'AWS::X::Y', Condition: C0}}\n");
    assert_eq!(said(&chain), ["too-deep", "condition-unknown"]);
    let maps = "Mappings: {M: {a: {b: !FindInMap [M, a, b]}}}\nResources: {R: {Type: 'AWS::X::Y', Properties: {P: !FindInMap [M, a, b]}}}";
    assert!(said(maps).is_empty());
    let cidr = "Resources:\n  V: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: !Select [0, !Cidr [!GetAtt V.CidrBlock, 1, 8]]}}\n";
    assert!(said(cidr).is_empty());
}

#[test]
fn a_million_mistakes_are_one() {
    let mut text = String::from("Resources:\n");
    for i in 0..5000 {
        text.push_str(&format!("  R{i}: {{Type: 'AWS::X::Y', Properties: {{P: !Ref Nowhere}}}}\n"));
    }
    let said = said(&text);
    assert_eq!(said.len(), 101);
    assert_eq!(said.last(), Some(&"more-of-the-same"));
}

#[test]
fn odd_contents_are_no_templates() {
    for text in
        ["", "\0\0\0", "Resources", "- a", "Resources: []", "Resources: {A: x}", "AWSTemplateFormatVersion"]
    {
        let (reading, diagnostics) = read_with(&[("t.yaml", text)], &Options::default(), "t.yaml");
        assert!(reading.stacks.is_empty(), "{text}");
        assert!(diagnostics.has_errors(), "{text}");
        assert!(read(&[("t.yaml", text)], &[]).0.stacks.is_empty(), "{text}");
    }
    let world = MemoryWorld::with([("t.yaml", &[0xff, 0xfe, 0x00][..])]);
    let options = Options::default();
    let (_, diagnostics) = foreign(&Place { world: &world, root: Path::new("t.yaml"), options: &options });
    assert_eq!(ids(&diagnostics), ["unreadable-file"]);
}

/// A world in which one file says that it is large and one is a link, and neither may be read.
struct Trap(MemoryWorld);

impl World for Trap {
    fn read(&self, path: &Path) -> Result<Vec<u8>, WorldError> {
        assert!(!path.ends_with("large.yaml") && !path.ends_with("link.yaml"), "{} is read", path.display());
        self.0.read(path)
    }
    fn list(&self, folder: &Path) -> Result<Vec<Entry>, WorldError> {
        let mut entries = self.0.list(folder)?;
        for entry in &mut entries {
            match entry.name.as_str() {
                "large.yaml" => entry.size = 100 << 20,
                "link.yaml" | "away" => entry.kind = EntryKind::Other,
                _ => {}
            }
        }
        Ok(entries)
    }
    fn kind(&self, path: &Path) -> Option<EntryKind> {
        self.0.kind(path)
    }
    fn absolute(&self, path: &Path) -> PathBuf {
        self.0.absolute(path)
    }
    fn write(&self, _: &Path, _: &[u8], _: bool) -> Result<(), WorldError> {
        unreachable!("readers never write")
    }
    fn remove(&self, _: &Path) -> Result<(), WorldError> {
        unreachable!("readers never write")
    }
    fn create_new(&self, _: &Path, _: &[u8]) -> Result<(), WorldError> {
        unreachable!("readers never write")
    }
    fn env(&self, _: &str) -> Option<String> {
        None
    }
    fn now(&self) -> i64 {
        0
    }
    fn ticks(&self) -> u64 {
        0
    }
    fn run(&self, _: &ir::world::Invocation) -> Result<ir::world::Outcome, WorldError> {
        unreachable!("readers run nothing")
    }
}

#[test]
fn large_files_and_links_are_not_touched() {
    let nests =
        "Resources: {N: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: away/a.yaml}}}";
    let bucket = "Resources: {A: {Type: 'AWS::S3::Bucket'}}";
    let world = Trap(MemoryWorld::with([
        ("f/a.yaml", nests),
        ("f/away/a.yaml", bucket),
        ("f/large.yaml", bucket),
        ("f/link.yaml", bucket),
    ]));
    let options = Options::default();
    let place = |root| Place { world: &world, root: Path::new(root), options: &options };
    let (reading, diagnostics) = foreign(&place("f"));
    assert_eq!(reading.stacks.len(), 1);
    assert_eq!(ids(&diagnostics), ["too-large", "unreadable-file"]);
    assert_eq!(ids(&foreign(&place("f/large.yaml")).1), ["too-large"]);
    assert_eq!(ids(&foreign(&place("f/link.yaml")).1), ["unreadable-file"]);
    assert!(recognises(&place("f")) && !recognises(&place("f/large.yaml")));
}
