//! General purpose volumes are gp3.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "gp2-volume",
    title: "The volume is of the older, dearer type",
    level: Level::Low,
    category: Category::Cost,
    confidence: Confidence::High,
    kinds: &["aws_db_instance", "aws_ebs_volume", "aws_opensearch_domain"],
    frameworks: &[(WELL_ARCHITECTED, "COST06")],
    check,
    doc: include_str!("gp2_volume.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    let path = match s.node.kind().as_str() {
        "aws_db_instance" => "storage_type",
        "aws_ebs_volume" => "type",
        _ => "ebs_options.volume_type",
    };
    let serverless_storage = s.must_be_set("allocated_storage", "") != Verdict::Pass;
    let default = if s.node.kind().as_str() == "aws_db_instance" && serverless_storage { "" } else { "gp2" };
    vec![s.must_read(path, default, "the volume is gp2", |ty| ty != "gp2")]
}
