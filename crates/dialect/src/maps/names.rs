//! Finds the foreign property that an attribute's name means.
//!
//! Both sides name the same thing after the same interface of the cloud: they differ in case, in plural, in the resource's
//! own name before, and in the word `configuration` behind. What differs in more is a row of data.

use catalog::dialects::Object;

/// The property of `object` that `name` means; `owner` is the last word of the foreign type. `None` when there is none
/// or the choice is not clear.
pub fn find<'a>(name: &str, owner: &str, object: &'a Object) -> Option<&'a str> {
    let name = flat(name);
    let owner = flat(owner);
    let mut candidates = vec![name.clone()];
    candidates.extend(plurals(&name));
    candidates.extend(singulars(&name));
    candidates.push(format!("{owner}{name}"));
    let stem = ["configuration", "config", "settings"].iter().find_map(|end| name.strip_suffix(end));
    for stem in [Some(name.as_str()), stem].into_iter().flatten().filter(|s| !s.is_empty()) {
        for end in ["configuration", "config", "configurations", "configs", "settings"] {
            candidates.push(format!("{stem}{end}"));
        }
    }
    candidates.extend(stem.filter(|s| !s.is_empty()).map(str::to_owned));
    candidates.iter().find_map(|candidate| {
        let mut found = object.keys().filter(|property| flat(property) == *candidate);
        let first = found.next()?;
        found.next().is_none().then_some(first.as_str())
    })
}

/// A foreign name as the house spells names: `DBInstanceClass` as `db_instance_class`.
pub fn snake(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::with_capacity(name.len() + 4);
    for (i, c) in chars.iter().enumerate() {
        let after_lower = i > 0 && (chars[i - 1].is_lowercase() || chars[i - 1].is_ascii_digit());
        let before_lower =
            i > 0 && chars[i - 1].is_uppercase() && chars.get(i + 1).is_some_and(|n| n.is_lowercase());
        if c.is_uppercase() && (after_lower || before_lower) {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}

fn flat(name: &str) -> String {
    name.chars().filter(|c| *c != '_').flat_map(char::to_lowercase).collect()
}

fn plurals(name: &str) -> Vec<String> {
    let mut out = vec![format!("{name}s"), format!("{name}es")];
    out.extend(name.strip_suffix('y').map(|stem| format!("{stem}ies")));
    out
}

fn singulars(name: &str) -> Vec<String> {
    let mut out: Vec<String> =
        ["s", "es"].iter().filter_map(|e| name.strip_suffix(e)).map(str::to_owned).collect();
    out.extend(name.strip_suffix("ies").map(|stem| format!("{stem}y")));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use catalog::dialects::{Property, Shape};

    #[test]
    fn names_are_found_through_case_plural_owner_and_configuration() {
        let object: Object = [
            "ServiceName",
            "LoadBalancers",
            "Cluster",
            "LoggingConfiguration",
            "Policies",
            "EnableECSManagedTags",
        ]
        .into_iter()
        .map(|n| (n.to_owned(), Property { required: false, shape: Shape::Json }))
        .collect();
        for (house, foreign) in [
            ("name", Some("ServiceName")),
            ("load_balancer", Some("LoadBalancers")),
            ("logging_config", Some("LoggingConfiguration")),
            ("logging", Some("LoggingConfiguration")),
            ("policy", Some("Policies")),
            ("enable_ecs_managed_tags", Some("EnableECSManagedTags")),
            ("clusters", Some("Cluster")),
            ("nothing", None),
            ("configuration", None),
        ] {
            assert_eq!(find(house, "Service", &object), foreign, "{house}");
        }
    }

    #[test]
    fn foreign_names_are_spelt_as_the_house_does() {
        for (foreign, house) in [
            ("DBInstanceClass", "db_instance_class"),
            ("Ipv6CidrBlock", "ipv6_cidr_block"),
            ("VPCZoneId", "vpc_zone_id"),
            ("api", "api"),
            ("", ""),
        ] {
            assert_eq!(snake(foreign), house);
        }
    }
}
