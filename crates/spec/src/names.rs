//! Foreign names made to fit the spec's rule: lower-case letters, digits and single dashes, a letter first, at
//! most 24 characters.

use crate::yaml::format::MAX_NAME;

/// The nearest name that fits; `app` when nothing of it does.
#[must_use]
pub fn clean(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars().flat_map(char::to_lowercase) {
        match c {
            'a'..='z' => out.push(c),
            '0'..='9' if !out.is_empty() => out.push(c),
            _ if !out.is_empty() && !out.ends_with('-') => out.push('-'),
            _ => {}
        }
    }
    out.truncate(MAX_NAME);
    let out = out.trim_end_matches('-');
    if out.is_empty() { "app".to_owned() } else { out.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::clean;
    use crate::yaml::format::Format;

    #[test]
    fn every_cleaned_name_fits() {
        for (name, expected) in [
            ("My_App", "my-app"),
            ("3scale--x-", "scale-x"),
            ("\u{1f980}", "app"),
            ("", "app"),
            ("a-very-long-name-that-goes-on-and-on", "a-very-long-name-that-go"),
        ] {
            assert_eq!(clean(name), expected);
            assert_eq!(Format::Name.check(&clean(name)), Ok(()));
        }
    }
}
