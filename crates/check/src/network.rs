//! What security groups let in, whichever way it is written.
//!
//! Rules stand inline in a group, in the older rule resource or in the newer one; rules and plans want one
//! shape. Only ingress is read: what leaves is a matter of routing and cost.

use ir::{Node, Value};

use crate::finding::Verdict;
use crate::setting::Setting;

/// One way in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// Where the rule is written, such as `ingress.0` or `cidr_ipv4`.
    pub attribute: String,
    /// `tcp`, `udp`, `icmp`, ... or `-1` for all.
    pub protocol: String,
    /// First port; 0 for all.
    pub from: u16,
    /// Last port; 65535 for all.
    pub to: u16,
    /// Address ranges.
    pub ranges: Vec<String>,
}

impl Opening {
    /// Whether the whole internet may come in.
    #[must_use]
    pub fn to_the_world(&self) -> bool {
        self.ranges.iter().any(|r| matches!(r.as_str(), "0.0.0.0/0" | "::/0"))
    }

    /// Whether a port is inside, for a protocol that has ports.
    #[must_use]
    pub fn includes(&self, port: u16) -> bool {
        matches!(self.protocol.as_str(), "tcp" | "udp" | "-1" | "all" | "6" | "17")
            && (self.from..=self.to).contains(&port)
    }

    /// Whether every port is inside.
    #[must_use]
    pub fn all_ports(&self) -> bool {
        self.includes(1) && self.includes(65535)
    }
}

/// Judges each way in by what the whole internet reaches of these ports, each with what listens there. A way in to
/// every port is the matter of a rule of its own.
pub fn closed_to_the_world(node: &Node, ports: &[(u16, &str)]) -> Vec<Verdict> {
    let judge = |opening: Opening| {
        if !opening.to_the_world() || opening.all_ports() {
            return Verdict::Pass;
        }
        let reached = ports.iter().filter(|(port, _)| opening.includes(*port));
        let mut open: Vec<&str> = reached.map(|(_, name)| *name).collect();
        open.dedup();
        let summary = format!("the whole internet may reach {}", open.join(", "));
        Verdict::when(open.is_empty(), &opening.attribute, summary)
    };
    openings(node).into_iter().map(|o| o.map_or_else(Verdict::CannotTell, judge)).collect()
}

/// The ways in that a node opens, each with its own verdict; an error is the reason why one cannot be told.
#[must_use]
pub fn openings(node: &Node) -> Vec<Result<Opening, String>> {
    match node.kind().as_str() {
        "aws_security_group" | "aws_default_security_group" => {
            let blocks = node.blocks("ingress").iter().enumerate();
            blocks.map(|(i, block)| inline(block, format!("ingress.{i}"))).collect()
        }
        "aws_security_group_rule" if text(node, "type").is_ok_and(|t| t == "ingress") => {
            let block = Value::Map(node.attrs.clone());
            vec![inline(&block, "cidr_blocks".to_owned())]
        }
        "aws_vpc_security_group_ingress_rule" => vec![rule(node)],
        _ => Vec::new(),
    }
}

fn text(node: &Node, attribute: &str) -> Result<String, String> {
    Setting::at(&node.attrs, attribute).text("")
}

fn rule(node: &Node) -> Result<Opening, String> {
    let mut ranges = Vec::new();
    let mut attribute = "ip_protocol";
    for name in ["cidr_ipv4", "cidr_ipv6"] {
        let range = text(node, name)?;
        if !range.is_empty() {
            attribute = name;
            ranges.push(range);
        }
    }
    opening(&Value::Map(node.attrs.clone()), "ip_protocol", attribute.to_owned(), ranges)
}

fn inline(block: &Value, attribute: String) -> Result<Opening, String> {
    let mut ranges = Vec::new();
    for name in ["cidr_blocks", "ipv6_cidr_blocks"] {
        match Setting::of(block, name) {
            Setting::Unset => {}
            Setting::Set(Value::List(items)) => {
                for item in items {
                    ranges.push(item.text().ok_or_else(|| crate::setting::unknown_because(item))?);
                }
            }
            Setting::Set(other) => return Err(crate::setting::unknown_because(other)),
            Setting::Unknown(reason) => return Err(reason),
        }
    }
    opening(block, "protocol", attribute, ranges)
}

fn opening(block: &Value, protocol: &str, attribute: String, ranges: Vec<String>) -> Result<Opening, String> {
    let protocol = Setting::of(block, protocol).text("-1")?;
    let port = |name: &str, default: f64| Setting::of(block, name).number(default);
    let (from, to) = if matches!(protocol.as_str(), "-1" | "all") {
        (0.0, 65535.0)
    } else {
        (port("from_port", 0.0)?, port("to_port", 65535.0)?)
    };
    let bounded = |n: f64| n.clamp(0.0, 65535.0) as u16;
    Ok(Opening { attribute, protocol, from: bounded(from), to: bounded(to), ranges })
}
