//! The short and long forms of `ports`.
//!
//! `[[ip:]host:]container[/protocol]`, each side a port or a range, or a mapping of the same parts.
//! This module must not decide who may reach a port.

use ir::yaml::Yaml;

use super::forms;

/// One published port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Port {
    /// Inside the container.
    pub(super) target: u16,
    /// On the host; `None` when the engine picks one.
    pub(super) published: Option<u16>,
    /// The host's address it is bound to, when one is given.
    pub(super) address: Option<String>,
    /// Whether it is UDP (or SCTP): nothing a load balancer for web traffic serves.
    pub(super) datagram: bool,
    /// `http`, `grpc` and so on, when the file says so.
    pub(super) speaks: Option<String>,
}

impl Port {
    /// Whether only the machine itself can reach it.
    pub(super) fn is_loopback(&self) -> bool {
        self.address
            .as_deref()
            .is_some_and(|a| a.starts_with("127.") || a == "localhost" || a.trim_matches(['[', ']']) == "::1")
    }
}

/// More ports than this in one range are taken as the first of them.
const MAX_RANGE: u16 = 100;

/// Reads one item of `ports`; `None` when it is no port.
pub(super) fn read(item: &Yaml) -> Option<Vec<Port>> {
    if item.entries().is_none() {
        return short(&item.scalar()?);
    }
    let (first, last) = range(&forms::text(item, "target")?)?;
    let published = match forms::text(item, "published").filter(|p| !p.is_empty()) {
        Some(published) => Some(range(&published)?.0),
        None => None,
    };
    let protocol = forms::text(item, "protocol");
    Some(expand(
        (first, last),
        published.map(|p| (p, p.saturating_add(last - first))),
        &Port {
            target: 0,
            published: None,
            address: forms::text(item, "host_ip"),
            datagram: protocol.is_some_and(|p| !p.eq_ignore_ascii_case("tcp")),
            speaks: forms::text(item, "app_protocol"),
        },
    ))
}

fn short(text: &str) -> Option<Vec<Port>> {
    let (text, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
    let (rest, container) = match text.rsplit_once(':') {
        Some((rest, container)) => (Some(rest), container),
        None => (None, text),
    };
    let container = range(container)?;
    let (address, host) = match rest {
        // An address may hold colons itself: `[::1]:80:80`.
        Some(rest) => match rest.rsplit_once(':') {
            Some((address, host)) => (Some(address.to_owned()), host),
            None if rest.contains('.') => (Some(rest.to_owned()), ""),
            None => (None, rest),
        },
        None => (None, ""),
    };
    let host = if host.is_empty() { None } else { Some(range(host)?) };
    let shape = Port {
        target: 0,
        published: None,
        address,
        datagram: !protocol.eq_ignore_ascii_case("tcp"),
        speaks: None,
    };
    Some(expand(container, host, &shape))
}

fn expand((first, last): (u16, u16), host: Option<(u16, u16)>, shape: &Port) -> Vec<Port> {
    let last = last.min(first.saturating_add(MAX_RANGE - 1));
    let same_length = host.is_some_and(|(a, b)| b - a == last - first);
    (first..=last)
        .map(|target| Port {
            target,
            published: host.map(|(a, _)| if same_length { a + (target - first) } else { a }),
            ..shape.clone()
        })
        .collect()
}

/// `80` or `80-90`.
pub(super) fn range(text: &str) -> Option<(u16, u16)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    (first > 0 && first <= last).then_some((first, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_short_form() {
        let one = |text: &str| {
            short(text).map(|p| (p[0].target, p[0].published, p[0].address.clone(), p[0].datagram, p.len()))
        };
        let ip = |text: &str| Some(text.to_owned());
        for (text, expected) in [
            ("80", Some((80, None, None, false, 1))),
            ("8080:80", Some((80, Some(8080), None, false, 1))),
            ("127.0.0.1:8001:8001", Some((8001, Some(8001), ip("127.0.0.1"), false, 1))),
            ("127.0.0.1::80", Some((80, None, ip("127.0.0.1"), false, 1))),
            ("[::1]:80:80", Some((80, Some(80), ip("[::1]"), false, 1))),
            ("53:53/udp", Some((53, Some(53), None, true, 1))),
            ("3000-3005", Some((3000, None, None, false, 6))),
            ("9000-9001:80-81", Some((80, Some(9000), None, false, 2))),
            ("8000-9000:80", Some((80, Some(8000), None, false, 1))),
            ("1-65535", Some((1, None, None, false, 100))),
            ("", None),
            ("0", None),
            ("a:b", None),
            ("90-80", None),
            ("99999", None),
        ] {
            assert_eq!(one(text), expected, "{text}");
        }
    }
}
