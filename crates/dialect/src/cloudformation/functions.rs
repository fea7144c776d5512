//! What only CloudFormation's maps need: rules of security groups, which Terraform lists by what they let through and
//! CloudFormation one by one; destinations of logs, which are objects by their type there; filters of costs, which are
//! one map there.
#![allow(clippy::result_large_err, reason = "what cannot be turned is handed back as it was")]

use catalog::dialects::{Foreign, Shape};
use indexmap::IndexMap;
use ir::Value;

use crate::maps::Function;

/// The named functions of CloudFormation's maps.
pub static FUNCTIONS: &[Function] = &[
    Function { name: "cost-filters", into: |v, _, _| filters(v), out: |v, _, _| filter_blocks(v) },
    Function {
        name: "egress-rules",
        into: |v, _, _| one_by_one(v, "Destination"),
        out: |v, _: &Shape, _: &Foreign| together(v, "Destination"),
    },
    Function { name: "log-delivery", into: |v, _, _| deliveries(v), out: |v, _, _| delivery_blocks(v) },
    Function {
        name: "ingress-rules",
        into: |v, _, _| one_by_one(v, "Source"),
        out: |v, _, _| together(v, "Source"),
    },
];

/// What a rule lets through: the attribute, the property, and whether the side stands before its name.
static PEERS: &[(&str, &str, bool)] = &[
    ("cidr_blocks", "CidrIp", false),
    ("ipv6_cidr_blocks", "CidrIpv6", false),
    ("prefix_list_ids", "PrefixListId", true),
    ("security_groups", "SecurityGroupId", true),
];

/// What a rule says beside.
static SAID: &[(&str, &str)] = &[
    ("protocol", "IpProtocol"),
    ("from_port", "FromPort"),
    ("to_port", "ToPort"),
    ("description", "Description"),
];

fn property(name: &str, sided: bool, side: &str) -> String {
    if sided { format!("{side}{name}") } else { name.to_owned() }
}

fn one_by_one(value: Value, side: &str) -> Result<Value, Value> {
    let Value::List(rules) = value else { return Err(value) };
    let mut out = Vec::new();
    for rule in &rules {
        // A group cannot name itself in its own properties.
        let itself = rule.get("self").and_then(Value::as_bool).unwrap_or(false);
        let Some(entries) = rule.as_map().filter(|_| !itself) else { return Err(Value::List(rules)) };
        let said: IndexMap<String, Value> = SAID
            .iter()
            .filter_map(|(from, to)| Some(((*to).to_owned(), entries.get(*from)?.clone())))
            .filter(|(_, v)| !matches!(v, Value::Null))
            .collect();
        for (from, to, sided) in PEERS {
            for peer in entries.get(*from).and_then(Value::as_list).unwrap_or(&[]) {
                let mut one = said.clone();
                one.insert(property(to, *sided, side), peer.clone());
                out.push(Value::Map(one));
            }
        }
    }
    Ok(Value::List(out))
}

fn together(value: Value, side: &str) -> Result<Value, Value> {
    let Value::List(rules) = value else { return Err(value) };
    let mut out = Vec::new();
    for rule in &rules {
        let Some(entries) = rule.as_map() else { return Err(Value::List(rules)) };
        let mut one = IndexMap::new();
        for (name, value) in entries {
            if let Some((to, _)) = SAID.iter().find(|(_, there)| there == name) {
                one.insert((*to).to_owned(), value.clone());
            } else if let Some((to, ..)) =
                PEERS.iter().find(|(_, there, sided)| property(there, *sided, side) == *name)
            {
                one.insert((*to).to_owned(), Value::List(vec![value.clone()]));
            } else {
                return Err(Value::List(rules));
            }
        }
        out.push(Value::Map(one));
    }
    Ok(Value::List(out))
}

/// Where a cache's logs go: type of destination, object, property.
static DESTINATIONS: &[(&str, &str, &str)] = &[
    ("cloudwatch-logs", "CloudWatchLogsDetails", "LogGroup"),
    ("kinesis-firehose", "KinesisFirehoseDetails", "DeliveryStream"),
];

/// What a delivery of logs says beside.
static DELIVERY: &[(&str, &str)] =
    &[("destination_type", "DestinationType"), ("log_format", "LogFormat"), ("log_type", "LogType")];

fn deliveries(value: Value) -> Result<Value, Value> {
    let Value::List(blocks) = value else { return Err(value) };
    let one = |block: &Value| {
        let ty = block.get("destination_type")?.text()?;
        let (_, object, property) = DESTINATIONS.iter().find(|(name, ..)| *name == ty)?;
        let mut out: IndexMap<String, Value> = DELIVERY
            .iter()
            .filter_map(|(from, to)| Some(((*to).to_owned(), block.get(from)?.clone())))
            .collect();
        let details = Value::map([(*property, block.get("destination")?.clone())]);
        out.insert("DestinationDetails".to_owned(), Value::map([(*object, details)]));
        Some(Value::Map(out))
    };
    blocks.iter().map(one).collect::<Option<Vec<Value>>>().map(Value::List).ok_or(Value::List(blocks))
}

fn delivery_blocks(value: Value) -> Result<Value, Value> {
    let Value::List(items) = value else { return Err(value) };
    let one = |item: &Value| {
        let ty = item.get("DestinationType")?.text()?;
        let (_, object, property) = DESTINATIONS.iter().find(|(name, ..)| *name == ty)?;
        let mut out: IndexMap<String, Value> = DELIVERY
            .iter()
            .filter_map(|(to, from)| Some(((*to).to_owned(), item.get(from)?.clone())))
            .collect();
        let destination = item.get("DestinationDetails")?.get(object)?.get(property)?.clone();
        out.insert("destination".to_owned(), destination);
        Some(Value::Map(out))
    };
    items.iter().map(one).collect::<Option<Vec<Value>>>().map(Value::List).ok_or(Value::List(items))
}

fn filters(value: Value) -> Result<Value, Value> {
    let Value::List(blocks) = value else { return Err(value) };
    let one = |block: &Value| Some((block.get("name")?.text()?, block.get("values")?.clone()));
    match blocks.iter().map(one).collect::<Option<IndexMap<String, Value>>>() {
        Some(entries) if entries.len() == blocks.len() => Ok(Value::Map(entries)),
        _ => Err(Value::List(blocks)),
    }
}

fn filter_blocks(value: Value) -> Result<Value, Value> {
    let Value::Map(entries) = value else { return Err(value) };
    let one = |(name, values)| Value::map([("name", Value::Str(name)), ("values", values)]);
    Ok(Value::List(entries.into_iter().map(one).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_written_for_each_peer_and_read_again() {
        let rule = Value::map([
            ("protocol", Value::from("tcp")),
            ("from_port", Value::Int(443)),
            ("to_port", Value::Int(443)),
            ("cidr_blocks", Value::list(["10.0.0.0/8", "192.168.0.0/16"])),
            ("security_groups", Value::list(["sg-1"])),
        ]);
        let Ok(Value::List(there)) = one_by_one(Value::List(vec![rule]), "Source") else {
            panic!("it is a list")
        };
        assert_eq!(there.len(), 3);
        assert_eq!(there[2].get("SourceSecurityGroupId"), Some(&Value::from("sg-1")));
        let Ok(Value::List(back)) = together(Value::List(there), "Source") else { panic!("it is a list") };
        assert_eq!(back[0].get("cidr_blocks"), Some(&Value::list(["10.0.0.0/8"])));
        assert_eq!(back[1].get("from_port"), Some(&Value::Int(443)));
    }

    #[test]
    fn a_rule_for_the_group_itself_is_not_said() {
        let rule = Value::map([("self", Value::Bool(true)), ("protocol", "-1".into())]);
        assert!(one_by_one(Value::List(vec![rule]), "Source").is_err());
    }
}
