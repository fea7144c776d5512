//! What looks like a secret, by shape or by the name it carries.
//!
//! Shapes are the published prefixes of well-known credentials; names are words that only credentials are
//! called by. Nothing here ever returns or prints the text it looked at.

/// Prefixes of credentials and the number of characters that must follow, as their issuers document them.
static SHAPES: &[(&str, &str, usize)] = &[
    ("an AWS access key", "AKIA", 16),
    ("a temporary AWS access key", "ASIA", 16),
    ("a GitHub token", "ghp_", 36),
    ("a GitHub token", "github_pat_", 22),
    ("a GitLab token", "glpat-", 20),
    ("a Slack token", "xoxb-", 10),
    ("a Slack token", "xoxp-", 10),
    ("a Stripe key", "sk_live_", 16),
    ("a Stripe key", "rk_live_", 16),
    ("a SendGrid key", "SG.", 60),
    ("a Google API key", "AIza", 35),
    ("an npm token", "npm_", 36),
];

/// Words that name a credential when they end a variable's name.
static NAMES: &[&str] = &[
    "PASSWORD",
    "PASSWD",
    "SECRET",
    "TOKEN",
    "API_KEY",
    "APIKEY",
    "PRIVATE_KEY",
    "SECRET_KEY",
    "ACCESS_KEY",
    "CREDENTIALS",
    "AUTH_KEY",
    "SIGNING_KEY",
    "ENCRYPTION_KEY",
];

/// What kind of secret a text has the shape of, in words; `None` for anything else.
#[must_use]
pub fn shape(text: &str) -> Option<&'static str> {
    if text.contains("-----BEGIN ") && text.contains("PRIVATE KEY-----") {
        return Some("a private key");
    }
    if password_in_url(text) {
        return Some("a URL with a password");
    }
    let alike = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    SHAPES.iter().find_map(|(what, prefix, length)| {
        let mut starts = text.match_indices(prefix);
        let found = starts.any(|(at, _)| {
            let fresh = !text[..at].ends_with(alike);
            fresh && text[at + prefix.len()..].chars().take_while(|c| alike(*c)).count() >= *length
        });
        found.then_some(*what)
    })
}

/// Whether a variable of this name holds a credential, such as `DB_PASSWORD`. Names that end in the place or
/// the name of a secret (`DB_PASSWORD_FILE`, `TOKEN_URL`) do not.
#[must_use]
pub fn named(variable: &str) -> bool {
    let upper = variable.to_ascii_uppercase().replace(['-', '.'], "_");
    NAMES.iter().any(|n| upper == *n || upper.strip_suffix(n).is_some_and(|rest| rest.ends_with('_')))
}

/// `scheme://user:password@host`, where the password is more than a placeholder in brackets.
fn password_in_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    if !scheme.ends_with(|c: char| c.is_ascii_alphanumeric()) {
        return false;
    }
    let authority = rest.split(['/', '?', '#', ' ', '"']).next().unwrap_or_default();
    let Some((user_info, _)) = authority.rsplit_once('@') else { return false };
    user_info
        .split_once(':')
        .is_some_and(|(_, password)| !password.is_empty() && !password.starts_with(['$', '{', '<', '%', '*']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_shape_is_seen_inside_other_text_and_not_when_short() {
        for (_, prefix, length) in SHAPES {
            let body = "a1B2".repeat(20);
            let secret = format!("{prefix}{}", &body[..*length]);
            assert!(shape(&format!("key={secret};")).is_some(), "{prefix}");
            assert_eq!(shape(&format!("{prefix}{}", &body[..*length - 1])), None, "{prefix}");
        }
        assert_eq!(shape("-----BEGIN RSA PRIVATE KEY-----\nx"), Some("a private key"));
        assert_eq!(shape("postgres://app:hunter2@db:5432/x"), Some("a URL with a password"));
        for harmless in
            ["", "postgres://app@db/x", "http://a:${PASSWORD}@b", "h\u{e9}llo://\u{1f980}:@", "MAKIAVELLI"]
        {
            assert_eq!(shape(harmless), None, "{harmless}");
        }
    }

    #[test]
    fn names_are_credentials_only_at_the_end() {
        for secret in ["DB_PASSWORD", "stripe-api-key", "TOKEN", "jwt.secret"] {
            assert!(named(secret), "{secret}");
        }
        for plain in ["DB_PASSWORD_FILE", "TOKEN_URL", "MONKEY", "SECRETARY", "", "KEYCLOAK_URL"] {
            assert!(!named(plain), "{plain}");
        }
    }
}
