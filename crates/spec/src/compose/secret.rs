//! What a secret looks like.
//!
//! A setting is secret when its key says so (`..._PASSWORD`), or when its value has the shape of a credential: a
//! private key, a token with a vendor's prefix, a URL with a password, a long random string. Wrongly taking a
//! setting for a secret costs one entry in the secret store; the other mistake puts a password into a repository.
//! This module must not keep or print what it looks at.

/// Last words of a key that make its value secret.
const SECRET_ENDINGS: &[&str] = &[
    "PASSWORD",
    "PASSWD",
    "PASS",
    "PWD",
    "PW",
    "PASSPHRASE",
    "PASSCODE",
    "SECRET",
    "TOKEN",
    "APIKEY",
    "CREDENTIAL",
    "CREDENTIALS",
    "SALT",
    "API_KEY",
    "ACCESS_KEY",
    "SECRET_KEY",
    "PRIVATE_KEY",
    "SIGNING_KEY",
    "ENCRYPTION_KEY",
    "MASTER_KEY",
    "AUTH_KEY",
    "LICENSE_KEY",
    "LICENCE_KEY",
    "ACCOUNT_KEY",
    "ACCESS_KEY_ID",
    "AGENT_KEY",
    "APP_KEY",
    "KEY_BASE",
    "HMAC_KEY",
    "JWT_KEY",
    "SESSION_KEY",
    "COOKIE_KEY",
    "SHARED_KEY",
    "SERVICE_KEY",
    "FERNET_KEY",
    "VAULT_KEY",
    "ANON_KEY",
    "ROLE_KEY",
    "BASIC_AUTH",
    "BASICAUTH",
    "HTPASSWD",
    "USERPWD",
    "WEBHOOK_URL",
];

/// Words that make a key secret wherever they stand, unless the last word says it is about the secret.
const SECRET_WORDS: &[&str] =
    &["PASSWORD", "PASSWD", "SECRET", "PASSPHRASE", "PRIVATE", "BASICAUTH", "HTPASSWD"];

/// Last words of keys that describe a secret without holding it.
const ABOUT: &[&str] = &[
    "FILE",
    "PATH",
    "NAME",
    "ARN",
    "LENGTH",
    "MIN",
    "MAX",
    "ENABLED",
    "POLICY",
    "TTL",
    "EXPIRY",
    "EXPIRES",
    "TIMEOUT",
    "ROUNDS",
    "ALGORITHM",
    "HEADER",
    "URL",
    "ENDPOINT",
    "HOST",
    "PORT",
    "USER",
    "TYPE",
    "MODE",
    "DAYS",
    "HOURS",
    "MINUTES",
    "SECONDS",
    "REQUIRED",
    "NETWORK",
    "NETWORKS",
    "SUBNET",
    "SUBNETS",
    "IP",
    "DIR",
    "REGION",
    "PROVIDER",
];

/// Last words of keys whose long random values are public: revisions, checksums, identifiers.
const PUBLIC_RANDOM: &[&str] = &[
    "REF", "SHA", "SHA256", "SHA512", "COMMIT", "REVISION", "VERSION", "DIGEST", "CHECKSUM", "HASH", "ID",
    "IMAGE",
];

/// Prefixes that vendors give their credentials, with the shortest length that counts.
const VENDOR_PREFIXES: &[(&str, usize)] = &[
    ("AKIA", 20),
    ("ASIA", 20),
    ("ghp_", 20),
    ("gho_", 20),
    ("ghs_", 20),
    ("github_pat_", 20),
    ("glpat-", 16),
    ("sk_live_", 12),
    ("sk_test_", 12),
    ("rk_live_", 12),
    ("whsec_", 12),
    ("sk-", 20),
    ("xoxb-", 12),
    ("xoxp-", 12),
    ("xapp-", 12),
    ("SG.", 20),
    ("AIza", 30),
    ("npm_", 20),
    ("dop_v1_", 20),
    ("hvs.", 12),
    ("pypi-", 20),
];

/// Whether a setting must not be written down.
pub(super) fn is_secret(key: &str, value: &str) -> bool {
    if is_switch(value) {
        return false;
    }
    key_is_secret(key) || value_is_secret(key, value)
}

/// Whether a value is a whole file of settings, one of which is secret: programs that are configured by one long
/// variable keep their passwords in it. A line that only names a variable holds nothing.
pub(super) fn file_holds_secret(value: &str) -> bool {
    let literal = |rest: &str| {
        let text = rest.trim().trim_matches(['"', '\'', ',', ';']);
        !text.is_empty() && !text.starts_with(['$', '<', '{']) && !text.starts_with("ENV[")
    };
    value.contains('\n')
        && value.lines().any(|line| secret_start(line).is_some_and(|at| literal(&line[at..])))
}

/// Whether a key names a secret, such as `DB_PASSWORD`, `apiKey`, `auth.token`.
pub(super) fn key_is_secret(key: &str) -> bool {
    let words = words_of(key);
    let Some(last) = words.last() else { return false };
    let joined = words.join("_");
    let ends = |ending: &str| joined == ending || joined.ends_with(&format!("_{ending}"));
    if SECRET_ENDINGS.iter().any(|e| ends(e)) || (last.len() > 8 && last.ends_with("PASSWORD")) {
        return true;
    }
    let about = ABOUT.contains(&last.as_str());
    !about && words.iter().any(|w| SECRET_WORDS.contains(&w.as_str()) || w.ends_with("PASSWORD"))
}

/// Whether a key names a password rather than some other secret.
pub(super) fn key_is_password(key: &str) -> bool {
    const PASSWORDS: [&str; 6] = ["PASSWORD", "PASSWD", "PASS", "PWD", "PW", "SECRET"];
    words_of(key).last().is_some_and(|w| PASSWORDS.contains(&w.as_str()) || w.ends_with("PASSWORD"))
}

/// The words of a key in upper case: `dbPassword`, `db.password` and `DB_PASSWORD` are the same two.
pub(super) fn words_of(key: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![String::new()];
    let mut lower_before = false;
    for c in key.chars() {
        if !c.is_alphanumeric() {
            words.push(String::new());
        } else {
            if c.is_uppercase() && lower_before {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut() {
                word.extend(c.to_uppercase());
            }
        }
        lower_before = c.is_lowercase() || c.is_ascii_digit();
    }
    words.retain(|w| !w.is_empty());
    words
}

fn is_switch(value: &str) -> bool {
    const SWITCHES: [&str; 10] = ["true", "false", "yes", "no", "on", "off", "0", "1", "none", "null"];
    SWITCHES.iter().any(|s| value.eq_ignore_ascii_case(s))
}

fn value_is_secret(key: &str, value: &str) -> bool {
    if value.contains("PRIVATE KEY-----") || url_password(value).is_some() || pair_password(value).is_some() {
        return true;
    }
    let starts = |(prefix, length): &(&str, usize)| value.starts_with(prefix) && value.len() >= *length;
    if VENDOR_PREFIXES.iter().any(starts) || is_jwt(value) {
        return true;
    }
    let public = words_of(key).last().is_some_and(|w| PUBLIC_RANDOM.contains(&w.as_str()));
    !public && is_random(value)
}

fn is_jwt(value: &str) -> bool {
    value.starts_with("eyJ") && value.len() > 40 && value.matches('.').count() == 2
}

/// A long run of letters and digits without the rhythm of words.
fn is_random(value: &str) -> bool {
    let body = value.trim_end_matches('=');
    if body.len() < 24 || !body.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/_-".contains(&b)) {
        return false;
    }
    // Paths and dashed names are made of short words; a random string is one long one.
    if body.split(['/', '-', '_']).map(str::len).max().unwrap_or(0) < 20 {
        return false;
    }
    let digits = body.bytes().filter(u8::is_ascii_digit).count();
    let upper = body.bytes().filter(u8::is_ascii_uppercase).count();
    let lower = body.bytes().filter(u8::is_ascii_lowercase).count();
    let mixed = digits > 1 && (upper > 0 || lower > 0) || upper > 2 && lower > 2;
    mixed && entropy(body) > 3.0
}

/// Shannon entropy in bits a byte.
fn entropy(text: &str) -> f64 {
    let mut counts = [0u32; 256];
    text.bytes().for_each(|b| counts[usize::from(b)] += 1);
    let total = text.len() as f64;
    counts.iter().filter(|c| **c > 0).map(|c| f64::from(*c) / total).map(|p| -p * p.log2()).sum()
}

/// The byte range of the password in `scheme://user:password@host` or `user:password@tcp(host)`.
pub(super) fn url_password(value: &str) -> Option<std::ops::Range<usize>> {
    let start = value.find("://").map_or(0, |at| at + 3);
    let authority_end = value[start..].find(['/', '?', '#', ' ']).map_or(value.len(), |at| start + at);
    // Half an address: what follows the colon is no port, so it is a password whose `@` is missing.
    if start > 0 && !value[start..].contains('@') {
        let colon = value[start..authority_end].rfind(':')? + start;
        let odd = value[colon + 1..authority_end].starts_with(|c: char| c.is_alphabetic());
        return (odd && !value[..colon].ends_with("//")).then_some(colon + 1..authority_end);
    }
    // A password may hold an `@` or a `/` that nobody escaped: the last `@` before the query ends it.
    let query = value[start..].find('?').map_or(value.len(), |at| start + at);
    let at = value[start..authority_end].rfind('@').or_else(|| value[start..query].rfind('@'))? + start;
    let colon = value[start..at].find(':')? + start;
    let bare = start == 0;
    // Without a scheme only `user:password@host` counts, not an address such as `a: b@c`.
    let plausible = colon + 1 < at && (!bare || !value[..at].contains([' ', '=', ',', ';']));
    plausible.then_some(colon + 1..at)
}

/// The byte range of the value of a `password=...` pair, as in ADO.NET, libpq and query strings.
pub(super) fn pair_password(value: &str) -> Option<std::ops::Range<usize>> {
    let mut from = 0;
    while let Some(equals) = value[from..].find('=').map(|at| from + at) {
        let key_start = value[..equals].rfind([';', '&', '?', ' ', ',']).map_or(0, |at| at + 1);
        let start = equals + 1;
        let end = value[start..].find([';', '&', ' ', ',']).map_or(value.len(), |at| start + at);
        let key = &value[key_start..equals];
        if key_start < equals && end > start && key_is_secret(key.trim()) && !is_switch(&value[start..end]) {
            return Some(start..end);
        }
        from = start;
    }
    None
}

/// The text with everything that looks secret replaced by `*`, every byte in its place: what a diagnostic may show
/// of a source file.
pub(super) fn masked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // Lines deeper than this belong to the block under a secret key.
    let mut block: Option<usize> = None;
    for line in text.split_inclusive('\n') {
        let indent = line.len() - line.trim_start_matches([' ', '-']).len();
        let blank = line.trim().is_empty();
        if block.is_some_and(|b| !blank && indent <= b) {
            block = None;
        }
        let from = if block.is_some() { Some(indent) } else { secret_start(line) };
        match from {
            Some(at) => {
                out.push_str(&line[..at]);
                out.extend(
                    line[at..].bytes().map(|b| if matches!(b, b'\n' | b'\r') { char::from(b) } else { '*' }),
                );
                let tail = line[at..].trim();
                if block.is_none() && (tail.is_empty() || tail.starts_with(['|', '>', '"', '\''])) {
                    block = Some(indent);
                }
            }
            None => out.push_str(line),
        }
    }
    out
}

/// Longer lines are masked whole, bytes.
const LONGEST_LINE: usize = 2000;

/// Where on a line the first secret value starts, if there is one.
fn secret_start(line: &str) -> Option<usize> {
    // Nobody reads such a line in a diagnostic, and looking into every part of it would take too long.
    if line.len() > LONGEST_LINE {
        return Some(0);
    }
    if line.contains("PRIVATE KEY") {
        return Some(line.len() - line.trim_start().len());
    }
    for (at, separator) in line.match_indices([':', '=']) {
        let before = line[..at].trim_end_matches(['"', '\'', ' ', ']', ')']);
        let word = before
            .rfind(|c: char| !c.is_alphanumeric() && !"_.-".contains(c))
            .map_or(0, |p| p + before[p..].chars().next().map_or(1, char::len_utf8));
        let key = before[word..].trim_start_matches('-');
        let value_at = at + separator.len();
        let value = line[value_at..].trim().trim_matches(['"', '\'']);
        let names_a_file = value.starts_with("/run/secrets/");
        if !key.is_empty() && key_is_secret(key) && !is_switch(value) && !names_a_file {
            return Some(value_at);
        }
        if value_is_secret(key, value) {
            return Some(value_at);
        }
    }
    // `--password value` on a command line.
    for (at, _) in line.match_indices("-").filter(|(at, _)| !line[..*at].ends_with('-')) {
        let flag = line[at..].split([' ', '"', '\'', ',']).next().unwrap_or_default();
        let bare = flag.trim_start_matches('-');
        if key_is_secret(bare) || bare == "requirepass" {
            return Some(at + flag.len());
        }
    }
    let words = line.split_whitespace().map(|w| w.trim_matches(['"', '\'', ',', '[', ']']));
    words.filter(|w| value_is_secret("", w)).filter_map(|w| line.find(w)).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_values() {
        let secret = [
            ("DB_PASSWORD", "x"),
            ("dbPassword", "x"),
            ("PGPASSWORD", "x"),
            ("SECRET_KEY_BASE", "x"),
            ("STRIPE_API_KEY", ""),
            ("auth.token", "abc"),
            ("X", "postgres://u:p@h/d"),
            ("X", "u:p@tcp(h:3306)/d"),
            ("X", "Host=h;Username=u;Password=p"),
            ("X", "jdbc:mysql://h/d?user=u&password=p"),
            ("X", "-----BEGIN RSA PRIVATE KEY-----\nabc"),
            ("X", "ghp_0123456789abcdefghij"),
            ("X", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"),
            ("X", "yYrECL4qbNwleYInGJYvVnSkwJuSQJ4ijPTx"),
        ];
        for (key, value) in secret {
            assert!(is_secret(key, value), "{key} {value}");
        }
        let plain = [
            ("DB_PASSWORD_FILE", "/run/secrets/x"),
            ("ALLOW_EMPTY_PASSWORD", "yes"),
            ("MAX_TOKENS", "100"),
            ("TOKEN_TTL", "3600"),
            ("KEYBOARD", "uk"),
            ("GIT_COMMIT", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"),
            ("URL", "http://api:8080/very/long/path/with/many/words?x=1"),
            ("IMAGE", "ghcr.io/acme/very-long-name-of-an-image:1.2.3"),
            ("OPTS", "-XX:MaxRAMPercentage=75"),
            ("TZ", "Europe/Berlin"),
            ("X", ""),
        ];
        for (key, value) in plain {
            assert!(!is_secret(key, value), "{key} {value}");
        }
    }

    #[test]
    fn a_file_in_one_value_is_judged_by_its_lines() {
        for (value, expected) in [
            ("external_url 'https://x'\ngitlab_rails['smtp_password'] = \"hunter2\"\n", true),
            ("user: a\npassword: hunter2", true),
            ("[mail]\nuser=a\npasswd = hunter2\n", true),
            ("url: postgres://u:hunter2@h/d\nx: y", true),
            ("user: a\npassword: ${DB_PASSWORD}\n", false),
            ("password = ENV['X']\nuser = a", false),
            ("password:\nuser: a", false),
            ("a: b\nc: d", false),
            ("password: hunter2", false),
            ("", false),
        ] {
            assert_eq!(file_holds_secret(value), expected, "{value}");
        }
    }

    #[test]
    fn a_masked_file_keeps_its_shape_and_loses_its_secrets() {
        let text = "a:\n  DB_PASSWORD: \"hünter2\"\n  - TOKEN=hunter3\n  x: {API_KEY: hunter4}\n  PRIVATE_KEY: |\n    hunter5\n    \
                    hunter6\n  y: postgres://u:hunter7@h/d\n  PASSWORD:\n    hunter8\n  port: 80\n  f: --token hunter\n";
        let shown = masked(text);
        assert_eq!(shown.len(), text.len());
        assert_eq!(shown.matches('\n').count(), text.matches('\n').count());
        for n in 3..9 {
            assert!(!shown.contains(&format!("hunter{n}")), "{n}: {shown}");
        }
        assert!(!shown.contains("nter2"));
        assert!(shown.contains("port: 80"));
    }
}
