//! What a text gives by name: the application, people, hosts, health routes, secrets, and lists of services.
//!
//! A name belongs to the service that is mentioned next to it. Whether the name is a good one is the spec's rule,
//! not known here.

use super::draft::Draft;
use super::reader::{Mention, Mentions, nearest_of};
use super::terms::{Means, NOT_NAMES, Role};
use super::tokens::{Kind, Token};
use super::vocabulary;
use crate::names;
use crate::yaml::format::Format;

/// Words before an address that make it an approver's.
static APPROVALS: &[&str] =
    &["approve", "approves", "approved", "approver", "approvers", "approval", "sign-off"];

/// Reads the names of a sentence.
pub(super) fn read(tokens: &[Token], near: &Mentions, draft: &mut Draft<'_>) {
    for (at, token) in tokens.iter().enumerate() {
        let said = token.start..token.end;
        let written = &draft.text[said.clone()];
        let before = at.checked_sub(1).map_or("", |b| tokens[b].word());
        let word = token.word();
        if word.contains('@') && word.contains('.') {
            person(tokens, at, draft);
        } else if word.contains('.')
            && matches!(before, "at" | "on" | "under" | "domain" | "host" | "hostname")
            && Format::Host.check(word).is_ok()
            && vocabulary::exact(word).is_none()
        {
            let key = match front(near, at, draft) {
                Some(index) => {
                    draft.services[index].host = Some(word.to_owned());
                    format!("services.{}.host", draft.services[index].name)
                }
                None => {
                    draft.host = Some(word.to_owned());
                    "services.*.host".to_owned()
                }
            };
            draft.fact(said, key, word);
        } else if is_secret(written) {
            let written = written.to_owned();
            draft.fact(said, "secrets", written.clone());
            if !draft.secrets.contains(&written) {
                draft.secrets.push(written);
            }
        } else if token.is('/') && at > 0 && tokens[at - 1].end < token.start {
            health(tokens, at, near, draft);
        }
    }
}

fn person(tokens: &[Token], at: usize, draft: &mut Draft<'_>) {
    let said = tokens[at].start..tokens[at].end;
    let word = tokens[at].word().to_owned();
    let before = tokens[..at].iter().rev().take(6).take_while(|t| !t.is(','));
    let approval = before.clone().find(|t| APPROVALS.contains(&t.word()));
    let also = !draft.approvers.is_empty()
        && tokens[..at].iter().rev().take(2).any(|t| t.word() == "and" || t.is(','));
    if approval.is_some() || (also && !before.clone().any(|t| t.word().starts_with("own"))) {
        if let Some(token) = approval {
            draft.claim(token.start..token.end);
        }
        draft.fact(said, "environments.production.approvers", word.clone());
        draft.approvers.push(word);
    } else {
        draft.owner = Some(word.clone());
        draft.fact(said, "owner", word);
    }
}

/// The application's name behind "called": the next word, or all of what stands in quotes. What stands behind the
/// plural of a service names services.
pub(super) fn application(tokens: &[Token], draft: &mut Draft<'_>) {
    let called = |at: usize| matches!(tokens[at].word(), "called" | "named");
    let known = |word: &str| word.ends_with('s') && vocabulary::is_known(word);
    let plural = |at: usize| at > 0 && known(tokens[at - 1].word());
    let Some(at) = (1..tokens.len()).find(|at| called(at - 1) && !plural(at - 1)) else { return };
    let quote = ['"', '“', '\'', '‘', '`'].into_iter().any(|q| tokens[at].is(q));
    let said = if quote {
        let sign = |t: &&Token| ['"', '”', '\'', '’', '`'].into_iter().any(|q| t.is(q));
        match tokens[at + 1..].iter().find(sign) {
            Some(end) => tokens[at].end..end.start,
            None => return,
        }
    } else {
        tokens[at].start..tokens[at].end
    };
    let written = draft.text[said.clone()].trim().to_owned();
    if written.starts_with(char::is_alphabetic) {
        let name = names::clean(&written);
        draft.name = Some(name.clone());
        draft.named = Some(said.clone());
        draft.fact(said, "name", name);
    }
}

fn health(tokens: &[Token], at: usize, near: &Mentions, draft: &mut Draft<'_>) {
    let slash = &tokens[at];
    // The path goes on as long as nothing stands between its parts: `/api/health`.
    let mut end = slash.end;
    for token in &tokens[at + 1..] {
        let part = token.is('/') || matches!(token.kind, Kind::Word(_) | Kind::Number(_));
        if token.start != end || !part {
            break;
        }
        end = token.end;
    }
    let path = draft.text[slash.start..end].trim_end_matches('/').to_owned();
    if path.is_empty() {
        return;
    }
    let key = match front(near, at, draft) {
        Some(index) => {
            draft.services[index].health = Some(path.clone());
            format!("services.{}.health", draft.services[index].name)
        }
        None => {
            draft.health = Some(path.clone());
            "services.*.health".to_owned()
        }
    };
    draft.fact(slash.start..end, key, path);
}

/// The service next to a token that people reach.
pub(super) fn front(near: &Mentions, at: usize, draft: &Draft<'_>) -> Option<usize> {
    let fronts = near.services.iter().copied();
    let fronts: Vec<(usize, usize)> = fronts
        .filter(|(_, s)| draft.services.get(*s).is_some_and(|s| matches!(s.role, Role::Api | Role::Site)))
        .collect();
    nearest_of(&fronts, at).or_else(|| draft.only(|s| matches!(s.role, Role::Api | Role::Site)))
}

/// The names that follow a plural: "three services: users, orders and payments". Token index and name.
pub(super) fn listed(tokens: &[Token], mention: &Mention) -> Vec<(usize, String)> {
    let plural = tokens[mention.last].word().ends_with('s');
    let opens = |t: &Token| t.is(':') || matches!(t.word(), "called" | "named");
    if !plural || !tokens.get(mention.last + 1).is_some_and(opens) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut bracket = false;
    let mut fresh = true;
    for (at, token) in tokens.iter().enumerate().skip(mention.last + 2) {
        bracket = (bracket || token.is('(')) && !token.is(')');
        if bracket || token.is(')') || token.is('"') {
            continue;
        }
        let word = token.word();
        if token.is(',') || token.is('&') || word == "and" {
            fresh = true;
        } else if fresh
            && word.starts_with(|c: char| c.is_ascii_lowercase())
            && Format::Name.check(word).is_ok()
        {
            if NOT_NAMES.contains(&word) || !matches!(vocabulary::exact(word), None | Some(Means::Runs(_))) {
                break;
            }
            found.push((at, word.to_owned()));
            fresh = false;
        } else if word != "service" && word != "api" {
            break;
        }
    }
    if found.len() > 1 { found } else { Vec::new() }
}

/// Whether a word is written as an environment variable: `STRIPE_KEY`.
fn is_secret(written: &str) -> bool {
    written.contains('_')
        && Format::EnvName.check(written).is_ok()
        && written.len() <= 64
        && written.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}
