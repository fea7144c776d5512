//! Reads one sentence: its words from the vocabulary, then its quantities beside them.
//!
//! A negation reaches to the next comma or "with", a correction ("no, ...", "actually") replaces what it
//! corrects, a question is not a statement. What is next to what decides which service a language or a number
//! belongs to.

use ir::diagnostic::nearest;

use super::draft::{Draft, Region, rivals};
use super::places::{PLACES, owner};
use super::terms::{FORGIVEN, Language, Means, NAMES_IN_ING, NOT_NAMES, Role, TERMS};
use super::tokens::{Kind, Sentence, Token};
use super::{quantity, schedule};
use crate::model::{Provider, ResourceType};
use crate::yaml::format::Format;

/// Words that take back what follows.
static NEGATIONS: &[&str] = &[
    "no", "not", "without", "don't", "doesn't", "never", "isn't", "aren't", "skip", "drop", "remove",
    "avoid", "except", "instead", "neither",
];
/// Words after "no" that make it a limit, not a negation.
static LIMITS: &[&str] = &["more", "less", "longer", "later", "fewer", "only", "single"];
/// Words that end a negation.
static ENDS: &[&str] =
    &["but", "with", "just", "use", "only", "needs", "has", "then", "so", "because", "therefore"];
/// Words that announce a correction.
static CORRECTIONS: &[&str] = &["actually", "sorry", "scratch", "correction", "rather", "wait"];
/// Words that begin a request though it ends with a question mark.
static REQUESTS: &[&str] = &["can", "could", "would", "will", "please"];
/// Common words that are also names: only a capital letter, `in` before or a service after makes them a language.
static ALSO_WORDS: &[&str] = &["go", "express", "spring", "flask", "rust"];

/// Where something was mentioned.
pub(super) struct Mentions {
    /// Token index and index into the draft's services.
    pub services: Vec<(usize, usize)>,
    /// Token index and index into the draft's resources.
    pub resources: Vec<(usize, usize)>,
}

struct Mention {
    first: usize,
    last: usize,
    /// Last token of the mention before it.
    after: Option<usize>,
    means: Means,
    negated: bool,
    corrects: bool,
}

/// Reads a sentence into the draft.
pub(super) fn read(sentence: &Sentence, text: &str, draft: &mut Draft) {
    let tokens = &sentence.tokens;
    let mentions = mentions(tokens, text);
    let asked = sentence.question && !tokens.first().is_some_and(|t| REQUESTS.contains(&t.word()));
    if asked {
        for mention in &mentions {
            let phrase = &text[tokens[mention.first].start..tokens[mention.last].end];
            draft.miss(format!("whether {phrase} is wanted: the text asks and does not say"));
        }
        return;
    }
    let mut near = Mentions { services: Vec::new(), resources: Vec::new() };
    // Services and resources first: languages and quantities belong to one of them.
    for mention in &mentions {
        match mention.means {
            Means::Runs(role) => runs(mention, role, tokens, text, draft, &mut near),
            Means::Resource(ty) => resource(mention, ty, tokens, text, draft, &mut near),
            _ => {}
        }
    }
    for mention in &mentions {
        other(mention, tokens, text, draft, &mut near);
    }
    regions(tokens, text, draft);
    names(tokens, text, draft);
    schedule::read(tokens, text, &near, draft);
    quantity::read(tokens, text, &near, draft);
}

/// The words of the vocabulary in a sentence, longest first at each place.
fn mentions(tokens: &[Token], text: &str) -> Vec<Mention> {
    let mut found: Vec<Mention> = Vec::new();
    let mut negated = false;
    let mut corrects = false;
    let mut at = 0;
    while at < tokens.len() {
        let word = tokens[at].word();
        let next = tokens.get(at + 1).map_or("", Token::word);
        let comma_next = tokens.get(at + 1).is_some_and(|t| t.is(',') || t.is('-') || t.is('—'));
        if tokens[at].is(',') || ENDS.contains(&word) || (word == "and" && !without_before(tokens, at)) {
            negated = false;
        }
        if CORRECTIONS.contains(&word) && next != "than" || (word == "no" && (comma_next || next == "wait")) {
            corrects = !found.is_empty() || at == 0;
        } else if (NEGATIONS.contains(&word) && !LIMITS.contains(&next))
            || (word == "rather" && next == "than")
        {
            negated = true;
        }
        let Some((length, means)) = longest(tokens, at, text) else {
            at += 1;
            continue;
        };
        let after = found.last().map(|m| m.last);
        found.push(Mention { first: at, last: at + length - 1, after, means, negated, corrects });
        corrects = false;
        at += length;
    }
    found
}

/// Whether the negation that reaches here is "without", which reaches over "and".
fn without_before(tokens: &[Token], at: usize) -> bool {
    let before = tokens[..at].iter().rev().take_while(|t| !t.is(','));
    before.map(Token::word).find(|w| NEGATIONS.contains(w)) == Some("without")
}

fn longest(tokens: &[Token], at: usize, text: &str) -> Option<(usize, Means)> {
    for length in (1..=3.min(tokens.len() - at)).rev() {
        let window = &tokens[at..at + length];
        if window[0].word().is_empty() && !window[0].is('.') {
            return None;
        }
        let phrase = text[window[0].start..window[length - 1].end].to_lowercase();
        let phrase = phrase.split_whitespace().collect::<Vec<_>>().join(" ");
        let phrase = phrase.trim_end_matches("'s").trim_end_matches("’s");
        let exact = |p: &str| TERMS.iter().find(|(t, _)| *t == p).map(|(_, m)| *m);
        let means =
            exact(phrase).or_else(|| (length == 1).then(|| forgiven(phrase)).flatten().and_then(exact));
        if let Some(means) = means.filter(|_| !ALSO_WORDS.contains(&phrase) || is_language(tokens, at, text))
        {
            return Some((length, means));
        }
    }
    None
}

/// The name that a word was meant to be, when it is long and only a letter or two away.
fn forgiven(word: &str) -> Option<&'static str> {
    let length = word.chars().count();
    if !(7..=20).contains(&length) || NOT_NAMES.contains(&word) {
        return None;
    }
    nearest(word, FORGIVEN.iter().copied())
        .filter(|n| n.chars().next() == word.chars().next() && n.len().abs_diff(length) <= 2)
}

fn is_language(tokens: &[Token], at: usize, text: &str) -> bool {
    let before = at.checked_sub(1).map_or("", |b| tokens[b].word());
    let after = tokens.get(at + 1).map_or("", Token::word);
    let capital = text[tokens[at].start..].starts_with(char::is_uppercase);
    let service_after = TERMS.iter().any(|(t, m)| *t == after && matches!(m, Means::Runs(_)));
    service_after || matches!(before, "in" | "using") || (capital && at > 0)
}

fn phrase<'t>(mention: &Mention, tokens: &[Token], text: &'t str) -> &'t str {
    &text[tokens[mention.first].start..tokens[mention.last].end]
}

/// The word before a mention, when it can only be a name: `orders queue`, `billing API`.
fn given_name(tokens: &[Token], mention: &Mention) -> Option<String> {
    let before = mention.first.checked_sub(1).filter(|b| mention.after.is_none_or(|last| last < *b))?;
    let word = tokens[before].word();
    let plain = (3..=20).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_lowercase());
    let known =
        NOT_NAMES.contains(&word) || TERMS.iter().any(|(t, _)| *t == word) || forgiven(word).is_some();
    let verb = word.ends_with("ing") && !NAMES_IN_ING.contains(&word);
    (plain && !known && !verb && !word.ends_with("ly")).then(|| word.to_owned())
}

fn runs(mention: &Mention, role: Role, tokens: &[Token], text: &str, draft: &mut Draft, near: &mut Mentions) {
    let word = phrase(mention, tokens, text);
    if mention.negated {
        draft.services.retain(|s| s.role != role);
        near.services.clear();
        draft.fact(word, "services", format!("no {}", role.name()));
        return;
    }
    // `app` after `web` or beside a clearer word says nothing new.
    let vague = matches!(word.to_lowercase().as_str(), "app" | "application" | "service" | "server");
    let given = given_name(tokens, mention);
    if vague && given.is_none() && (!draft.services.is_empty()) {
        return;
    }
    let own =
        matches!(word.to_lowercase().as_str(), "mailer" | "report" | "blog").then(|| word.to_lowercase());
    let name = own.or(given).unwrap_or_else(|| role.name().to_owned());
    // A job that was announced by what it makes ("a nightly report job") is one job.
    let repeated = near
        .services
        .last()
        .filter(|(at, s)| at + 1 == mention.first && draft.services[*s].role == role)
        .map(|(_, s)| *s);
    let index = repeated.unwrap_or_else(|| draft.service(&name, role));
    near.services.push((mention.last, index));
    let key = format!("services.{}", draft.services[index].name);
    draft.fact(word, key, role.name());
}

fn resource(
    mention: &Mention,
    ty: ResourceType,
    tokens: &[Token],
    text: &str,
    draft: &mut Draft,
    near: &mut Mentions,
) {
    let word = phrase(mention, tokens, text);
    // "queue consumer" and "search page" describe a service.
    let names_messages = matches!(ty, ResourceType::Queue | ResourceType::Topic | ResourceType::Bucket);
    if mention.negated {
        draft.resources.retain(|r| r.ty != ty);
        near.resources.clear();
        draft.fact(word, "resources", format!("no {}", ty.word()));
        return;
    }
    if mention.corrects
        && let Some(wrong) = draft.resources.iter().rposition(|r| rivals(r.ty, ty) && r.ty != ty)
    {
        draft.resources.remove(wrong);
        near.resources.clear();
    }
    // "Redis cache" and "a cache in Memcached" are one cache.
    if word.to_lowercase().starts_with("cach")
        && let Some(at) =
            draft.resources.iter().position(|r| matches!(r.ty, ResourceType::Redis | ResourceType::Memcached))
    {
        near.resources.push((mention.last, at));
        return;
    }
    // So are "RabbitMQ queue" and "Kafka topic".
    if matches!(ty, ResourceType::Queue | ResourceType::Topic) {
        let before = mention.first.checked_sub(1).map_or("", |b| tokens[b].word());
        if TERMS.iter().any(|(t, m)| {
            *t == before && matches!(m, Means::Resource(ResourceType::Rabbitmq | ResourceType::Kafka))
        }) {
            return;
        }
    }
    let given = if word.eq_ignore_ascii_case("uploads") {
        Some("uploads".to_owned())
    } else {
        given_name(tokens, mention)
    };
    let index = draft.resource(ty, given.as_deref().filter(|_| names_messages));
    let before = mention.first.saturating_sub(3);
    draft.resources[index].ordered |=
        tokens[before..mention.first].iter().any(|t| matches!(t.word(), "fifo" | "ordered"));
    if let Some(Kind::Number(n)) = tokens.get(mention.last + 1).map(|t| &t.kind)
        && *n < 100.0
        && !quantity::has_unit(tokens, mention.last + 1)
        && !names_messages
    {
        draft.resources[index].version = Some(*n);
        draft.fact(word, format!("resources.{}.version", draft.resources[index].name), n.to_string());
    }
    near.resources.push((mention.last, index));
    draft.fact(word, format!("resources.{}.type", draft.resources[index].name), ty.word());
}

fn other(mention: &Mention, tokens: &[Token], text: &str, draft: &mut Draft, near: &mut Mentions) {
    let word = phrase(mention, tokens, text);
    match mention.means {
        Means::Public(public) => {
            if let Some(index) = nearest_of(&near.services, mention.last) {
                let public = public != mention.negated;
                draft.services[index].public = Some(public);
                draft.fact(
                    word,
                    format!("services.{}.public", draft.services[index].name),
                    public.to_string(),
                );
            }
        }
        _ if mention.negated => {}
        Means::Cloud(provider) => {
            draft.provider = Some(provider);
            draft.fact(word, "cloud.provider", format!("{provider:?}").to_lowercase());
        }
        Means::Language(language) => use_language(mention, language, tokens, text, draft, near),
        Means::Deliver(key, value) => {
            draft.deliver.retain(|(k, _)| *k != key);
            draft.deliver.push((key, value));
            draft.fact(word, format!("deliver.{key}"), value);
        }
        Means::Release(release) => {
            draft.release = Some(release);
            draft.fact(word, "services.*.release", word.to_lowercase().replace([' ', '/'], "-"));
        }
        Means::Environment(name) => {
            if !draft.environments.iter().any(|(n, _)| *n == name) {
                draft.environments.push((name, None));
            }
            draft.fact(word, format!("environments.{name}"), name);
        }
        Means::Runs(_) | Means::Resource(_) => {}
    }
}

fn use_language(
    mention: &Mention,
    language: Language,
    tokens: &[Token],
    text: &str,
    draft: &mut Draft,
    near: &mut Mentions,
) {
    let word = phrase(mention, tokens, text);
    // The service right after it, unless a comma or "and" begins another thing in between.
    let joined =
        |to: usize| !tokens[mention.last..to].iter().any(|t| t.is(',') || matches!(t.word(), "and" | "with"));
    let after = near.services.iter().find(|(at, _)| *at > mention.last && *at <= mention.last + 4);
    let follows = after.filter(|(at, _)| joined(*at)).map(|(_, s)| *s);
    let fits = |s: usize| {
        language.implies.is_none_or(|role| draft.services[s].role == role)
            || language.implies == Some(Role::Api)
    };
    let index = match follows.or_else(|| nearest_of(&near.services, mention.last)).filter(|s| fits(*s)) {
        Some(index) => index,
        None => match (language.implies, draft.services.len()) {
            (Some(role), _) => {
                let index = draft.service(role.name(), role);
                near.services.push((mention.last, index));
                index
            }
            (None, 1) => 0,
            (None, _) => {
                draft.miss(format!("which service is written in {}", language.name));
                return;
            }
        },
    };
    draft.services[index].language = Some(language);
    let key = format!("services.{}.build", draft.services[index].name);
    draft.fact(word, key, language.name);
    if let Some(Kind::Number(n)) = tokens.get(mention.last + 1).map(|t| &t.kind)
        && *n < 100.0
        && !quantity::has_unit(tokens, mention.last + 1)
    {
        draft.services[index].version = Some(*n);
    }
}

/// The mention closest to a token, the earlier of two equally close.
pub(super) fn nearest_of(mentions: &[(usize, usize)], at: usize) -> Option<usize> {
    mentions.iter().min_by_key(|(m, _)| (m.abs_diff(at), *m > at)).map(|(_, index)| *index)
}

fn regions(tokens: &[Token], text: &str, draft: &mut Draft) {
    let mut corrects = false;
    for at in 0..tokens.len() {
        let word = tokens[at].word().trim_end_matches("'s");
        let comma_next = tokens.get(at + 1).is_some_and(|t| t.is(','));
        corrects |= CORRECTIONS.contains(&word) || (word == "no" && comma_next);
        let negated = at > 0 && NEGATIONS.contains(&tokens[at - 1].word());
        let two = tokens.get(at + 1).map(|t| format!("{word} {}", t.word())).unwrap_or_default();
        let named =
            PLACES.iter().find_map(|p| p.names.iter().find(|n| **n == word || **n == two).map(|n| (p, *n)));
        let identified = owner(word);
        if negated || (named.is_none() && identified.is_none()) {
            continue;
        }
        if std::mem::take(&mut corrects) {
            draft.regions.pop();
        }
        let shown = &text[tokens[at].start..tokens[at].end];
        let (place, name) = match (identified, named) {
            (Some((provider, place)), _) => {
                draft.provider = draft.provider.filter(|p| *p != Provider::Any).or(Some(provider));
                (place, place.names[0])
            }
            (None, Some((place, name))) => (place, name),
            (None, None) => continue,
        };
        if !draft.regions.iter().any(|r| std::ptr::eq(r.place, place)) {
            draft.regions.push(Region { place, named: name });
        }
        draft.fact(shown, "cloud.regions", name);
    }
}

/// The application's name, its owner, host names, secrets, health path.
fn names(tokens: &[Token], text: &str, draft: &mut Draft) {
    for (at, token) in tokens.iter().enumerate() {
        let written = &text[token.start..token.end];
        let before = at.checked_sub(1).map_or("", |b| tokens[b].word());
        let word = token.word();
        if word.contains('@') && word.contains('.') {
            draft.owner = Some(word.to_owned());
            draft.fact(written, "owner", word);
        } else if matches!(before, "called" | "named") && Format::Name.check(word).is_ok() {
            draft.name = Some(word.to_owned());
            draft.fact(written, "name", word);
        } else if word.contains('.')
            && matches!(before, "at" | "on" | "under" | "domain" | "host" | "hostname")
            && Format::Host.check(word).is_ok()
            && !TERMS.iter().any(|(t, _)| *t == word)
        {
            draft.host = Some(word.to_owned());
            draft.fact(written, "services.*.host", word);
        } else if is_secret(written) {
            if !draft.secrets.iter().any(|s| s == written) {
                draft.secrets.push(written.to_owned());
            }
            draft.fact(written, "secrets", written);
        } else if token.is('/')
            && at > 0
            && tokens[at - 1].end < token.start
            && let Some(Token { kind: Kind::Word(path), end, .. }) =
                tokens.get(at + 1).filter(|t| t.start == token.end)
        {
            draft.health = Some(format!("/{path}"));
            draft.fact(&text[token.start..*end], "services.*.health", format!("/{path}"));
        }
    }
}

/// Whether a word is written as an environment variable: `STRIPE_KEY`.
fn is_secret(written: &str) -> bool {
    written.contains('_')
        && Format::EnvName.check(written).is_ok()
        && written.len() <= 64
        && written.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}
