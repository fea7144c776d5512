//! Names and sentences: variables, outputs, and what they are described as.
//!
//! Names follow the provider's own words (`private_subnet_ids`, `kms_key_arn`), so that a reader who knows the
//! provider knows the module. Must not know terms.

use std::collections::BTreeSet;

pub(crate) use ir::names::{joined, snake};
use ir::{Address, Step};

use super::vocabulary::Vocabulary;

/// Names that a module's variables may not have: Terraform reads them as settings of the call.
const RESERVED: &[&str] =
    &["source", "version", "providers", "count", "for_each", "lifecycle", "depends_on", "locals"];

/// Words that are not written in lower case.
const PROPER: &[&str] = &[
    "ACL", "API", "ARN", "ARNs", "AZ", "CIDR", "CPU", "DB", "DNS", "ECS", "GiB", "HTTP", "HTTPS", "IAM",
    "ID", "IDs", "IP", "IPv4", "IPv6", "JSON", "KMS", "MiB", "NAT", "S3", "SNS", "SQS", "SSL", "TLS", "TTL",
    "URL", "VPC", "WAF",
];

/// The plural of a snake-case noun.
pub(crate) fn plural(noun: &str) -> String {
    let consonant_y = noun.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'i', 'o', 'u']));
    match consonant_y {
        Some(stem) => format!("{stem}ies"),
        None if noun.ends_with(['s', 'x']) || noun.ends_with("ch") => format!("{noun}es"),
        None => format!("{noun}s"),
    }
}

/// What a block is called in names: its own name and its kind, said once.
pub(crate) fn subject(vocabulary: &Vocabulary, address: &Address) -> String {
    let (kind, name) = ((vocabulary.short)(address), snake(&address.name));
    let said = if is_plain(address) || kind.ends_with(&name) {
        kind
    } else if name.ends_with(kind.rsplit('_').next().unwrap_or(&kind)) {
        name
    } else {
        format!("{name}_{kind}")
    };
    match &address.key {
        Some(key) => joined(&said, &snake(key)),
        None => said,
    }
}

/// Whether a block's own name says nothing beside its kind.
pub(crate) fn is_plain(address: &Address) -> bool {
    matches!(address.name.as_str(), "this" | "current" | "main")
}

/// What a block is called in sentences, such as `the private subnet`.
pub(crate) fn noun(vocabulary: &Vocabulary, address: &Address) -> String {
    let short = || (vocabulary.short)(address).replace('_', " ");
    let kind = (vocabulary.noun)(address).unwrap_or_else(short);
    if is_plain(address) || kind.ends_with(&address.name) {
        return format!("the {kind}");
    }
    format!("the {} {kind}", words(&snake(&address.name)))
}

/// All instances of a block in sentences, such as `the private subnets`.
pub(crate) fn nouns(vocabulary: &Vocabulary, address: &Address) -> String {
    plural(&noun(vocabulary, address))
}

/// Snake case as words, acronyms as they are written.
pub(crate) fn words(name: &str) -> String {
    let proper = |word: &str| -> String {
        match PROPER.iter().find(|p| p.eq_ignore_ascii_case(word)) {
            Some(known) => (*known).to_owned(),
            None => word.to_owned(),
        }
    };
    name.split('_').map(proper).collect::<Vec<_>>().join(" ")
}

/// The name of an attribute of a block, as an output or as the variable it arrives in.
pub(crate) fn attribute(vocabulary: &Vocabulary, address: &Address, path: &[Step]) -> String {
    let words: Vec<&str> = path
        .iter()
        .filter_map(|s| match s {
            Step::Attr(name) => Some(name.as_str()).filter(|name| !(vocabulary.silent)(name)),
            Step::Index(_) => None,
        })
        .collect();
    let subject = subject(vocabulary, address);
    let attr = snake(&words.join("_"));
    if words.is_empty() || attr == subject { subject } else { joined(&subject, &attr) }
}

/// The first candidate that is free and not reserved, or the last one with a number. It is taken at once.
pub(crate) fn take(names: &mut BTreeSet<String>, candidates: &[String]) -> String {
    let free =
        |name: &String, names: &BTreeSet<String>| !RESERVED.contains(&name.as_str()) && !names.contains(name);
    let last = candidates.last().map_or("unnamed", String::as_str);
    let name = candidates
        .iter()
        .find(|c| free(c, names))
        .cloned()
        .or_else(|| (2u32..).map(|n| format!("{last}_{n}")).find(|c| free(c, names)))
        .unwrap_or_else(|| last.to_owned());
    names.insert(name.clone());
    name
}

/// A sentence from words in snake case: `instance_class` and `the database` give
/// `Instance class of the database.`
pub(crate) fn sentence(name: &str, of: &str) -> String {
    format!("{} of {of}.", capital(&words(name)))
}

/// The same text with a capital first letter.
pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first: String = letters.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    format!("{first}{}", letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::vocabulary::HOUSE;
    use ir::Kind;

    #[test]
    fn names_are_what_the_provider_would_say() {
        let cases = [
            ("aws_subnet", "private", "id", "private_subnet_id"),
            ("aws_vpc", "this", "id", "vpc_id"),
            ("aws_kms_key", "this", "arn", "kms_key_arn"),
            ("aws_security_group", "this", "id", "security_group_id"),
            ("aws_lb", "this", "dns_name", "lb_dns_name"),
            ("aws_iam_role", "execution", "arn", "execution_iam_role_arn"),
        ];
        for (kind, name, attr, expected) in cases {
            let address = Address::new("c", Kind::of(kind), name);
            assert_eq!(attribute(&HOUSE, &address, &[Step::Attr(attr.into())]), expected);
        }
    }

    #[test]
    fn reserved_and_taken_names_are_passed_over() {
        let mut names = BTreeSet::new();
        let candidates = ["version".to_owned(), "engine_version".to_owned()];
        assert_eq!(take(&mut names, &candidates), "engine_version");
        assert_eq!(take(&mut names, &candidates), "engine_version_2");
    }
}
