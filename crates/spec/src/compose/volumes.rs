//! The short and long forms of `volumes`, and what each mount is for.
//!
//! A container keeps nothing in the cloud, so every mount needs a judgement: data, source code while developing,
//! a configuration file, the container engine's socket. This module must not say anything about it.

use ir::yaml::Yaml;

use super::forms;

/// One mount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mount {
    /// A volume's name or a path; `None` for an unnamed volume.
    pub(super) source: Option<String>,
    /// Inside the container.
    pub(super) target: String,
    pub(super) purpose: Purpose,
}

/// What a mount is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Purpose {
    /// A named volume.
    Data,
    /// A volume without a name, or memory.
    Scratch,
    /// A file or folder of settings.
    Config,
    /// A folder of the project, mounted over the image's own while developing.
    Code,
    /// Something of the machine itself.
    Host,
    /// The container engine's socket.
    EngineSocket,
}

/// Endings of files that configure and are not compiled.
const CONFIG_ENDINGS: &[&str] = &[
    ".conf",
    ".cfg",
    ".cnf",
    ".ini",
    ".yml",
    ".yaml",
    ".json",
    ".toml",
    ".xml",
    ".properties",
    ".env",
    ".sql",
    ".sh",
    ".pem",
    ".crt",
    ".key",
    ".template",
    ".tmpl",
    ".txt",
    ".acl",
    ".lua",
    ".config",
];

/// Folders in an image that hold settings.
const CONFIG_TARGETS: &[&str] =
    &["/etc/", "/docker-entrypoint-initdb.d", "/config", "/run/secrets", "/usr/local/etc/", "/opt/bitnami/"];

/// Reads one item of `volumes`; `None` when it is no mount.
pub(super) fn read(item: &Yaml) -> Option<Mount> {
    let (kind, source, target) = if item.entries().is_some() {
        (forms::text(item, "type"), forms::text(item, "source"), forms::text(item, "target")?)
    } else {
        let (source, target) = short(&item.scalar()?);
        (None, source, target)
    };
    let purpose = purpose(kind.as_deref(), source.as_deref(), &target);
    Some(Mount { source, target, purpose })
}

/// `[source:]target[:mode]`; a drive letter keeps its colon.
fn short(text: &str) -> (Option<String>, String) {
    let skip = if is_drive(text) { 2 } else { 0 };
    let Some(colon) = text[skip..].find(':').map(|at| at + skip) else { return (None, text.to_owned()) };
    let rest = &text[colon + 1..];
    let target = rest.split(':').next().unwrap_or(rest);
    (Some(text[..colon].to_owned()), target.to_owned())
}

/// `C:\` or `C:/`.
fn is_drive(text: &str) -> bool {
    matches!(text.as_bytes(), [letter, b':', b'\\' | b'/', ..] if letter.is_ascii_alphabetic())
}

fn purpose(kind: Option<&str>, source: Option<&str>, target: &str) -> Purpose {
    let Some(source) = source.filter(|s| !s.is_empty()) else { return Purpose::Scratch };
    if source.ends_with("docker.sock") || source.ends_with("podman.sock") || target.ends_with("docker.sock") {
        return Purpose::EngineSocket;
    }
    let is_path = source.starts_with(['.', '/', '~', '\\']) || is_drive(source);
    match kind {
        Some("tmpfs") => return Purpose::Scratch,
        Some("bind") => {}
        Some(_) => return Purpose::Data,
        None if !is_path => return Purpose::Data,
        None => {}
    }
    let lower = source.to_ascii_lowercase();
    if CONFIG_ENDINGS.iter().any(|e| lower.ends_with(e))
        || CONFIG_TARGETS.iter().any(|t| target.starts_with(t))
    {
        return if source.starts_with('/') { Purpose::Host } else { Purpose::Config };
    }
    if source.starts_with(['/', '~', '\\']) || is_drive(source) { Purpose::Host } else { Purpose::Code }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_short_form_has_a_purpose() {
        for (text, source, target, expected) in [
            ("data:/var/lib/x", Some("data"), "/var/lib/x", Purpose::Data),
            ("/cache", None, "/cache", Purpose::Scratch),
            ("./src:/app:ro", Some("./src"), "/app", Purpose::Code),
            (".:/code", Some("."), "/code", Purpose::Code),
            (
                "./nginx.conf:/etc/nginx/nginx.conf",
                Some("./nginx.conf"),
                "/etc/nginx/nginx.conf",
                Purpose::Config,
            ),
            (
                "./init:/docker-entrypoint-initdb.d",
                Some("./init"),
                "/docker-entrypoint-initdb.d",
                Purpose::Config,
            ),
            ("/lib/modules:/lib/modules", Some("/lib/modules"), "/lib/modules", Purpose::Host),
            ("~/.aws:/root/.aws", Some("~/.aws"), "/root/.aws", Purpose::Host),
            ("C:\\data:/data", Some("C:\\data"), "/data", Purpose::Host),
            (
                "/var/run/docker.sock:/var/run/docker.sock:ro",
                Some("/var/run/docker.sock"),
                "/var/run/docker.sock",
                Purpose::EngineSocket,
            ),
            ("é:/x", Some("é"), "/x", Purpose::Data),
            ("", None, "", Purpose::Scratch),
        ] {
            let (found, at) = short(text);
            assert_eq!((found.as_deref(), at.as_str()), (source, target), "{text}");
            assert_eq!(purpose(None, source, target), expected, "{text}");
        }
    }
}
