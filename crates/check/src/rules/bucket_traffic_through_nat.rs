//! Buckets are reached without paying for the way.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "bucket-traffic-through-nat",
    title: "Traffic to buckets is paid for at the NAT gateway",
    level: Level::Low,
    category: Category::Cost,
    confidence: Confidence::High,
    kinds: &["aws_nat_gateway"],
    frameworks: &[(WELL_ARCHITECTED, "COST08")],
    check,
    doc: include_str!("bucket_traffic_through_nat.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    let mut unclear = None;
    for endpoint in s.index.of_kind("aws_vpc_endpoint") {
        match endpoint.get("service_name").map(last_part) {
            Some(Ok(name)) if name == "s3" => return vec![Verdict::Pass],
            Some(Err(reason)) => unclear = Some(reason),
            _ => {}
        }
    }
    vec![
        unclear.map_or_else(|| Verdict::missing("no gateway endpoint leads to buckets"), Verdict::CannotTell),
    ]
}

/// The last part of a service name, which is known also when the region in it is a reference.
fn last_part(name: &Value) -> Result<String, String> {
    let text = match name.known() {
        Value::Template(parts) => parts.last().and_then(Value::text),
        other => other.text(),
    };
    let text = text.ok_or_else(|| unknown_because(name))?;
    Ok(text.rsplit('.').next().unwrap_or_default().to_owned())
}
