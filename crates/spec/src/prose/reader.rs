//! Reads one sentence: its words from the vocabulary, then its quantities beside them.
//!
//! Before a word becomes a part of the spec, `stance` says how the text means it: wanted, not wanted, only
//! considered, or what there was before. A question is not a statement. What is next to what decides which
//! service a language or a number belongs to.

use super::draft::{Draft, rivals};
use super::stance::{self, Stance};
use super::terms::{Language, Means, NAMES_IN_ING, NOT_NAMES, Role};
use super::tokens::{Kind, Sentence, Token};
use super::{leftover, naming, quantity, regions, schedule, vocabulary};
use crate::model::ResourceType;

/// Words that begin a request though it ends with a question mark.
static REQUESTS: &[&str] = &["can", "could", "would", "will", "please"];

/// Where something was mentioned.
pub(super) struct Mentions {
    /// Token index and index into the draft's services.
    pub services: Vec<(usize, usize)>,
    /// Token index and index into the draft's resources.
    pub resources: Vec<(usize, usize)>,
}

/// A word of the vocabulary in a sentence.
pub(super) struct Mention {
    pub first: usize,
    pub last: usize,
    /// Last token of the mention before it.
    pub after: Option<usize>,
    pub means: Means,
    pub stance: Stance,
}

impl Mention {
    fn said(&self, tokens: &[Token]) -> std::ops::Range<usize> {
        tokens[self.first].start..tokens[self.last].end
    }
}

/// Whether a sentence asks something instead of saying or requesting it: "can you host" and "can we have" request,
/// "can we use" asks.
pub(super) fn asks(sentence: &Sentence) -> bool {
    let word = |at: usize| sentence.tokens.get(at).map_or("", Token::word);
    let about_us = matches!(word(1), "we" | "i" | "it" | "they" | "this" | "that");
    let requests = REQUESTS.contains(&word(0)) && (!about_us || matches!(word(2), "have" | "get"));
    sentence.question && !requests
}

/// Reads a sentence into the draft.
pub(super) fn read(sentence: &Sentence, draft: &mut Draft<'_>) {
    let tokens = &sentence.tokens;
    naming::application(tokens, draft);
    let mentions = mentions(tokens, draft);
    if asks(sentence) {
        for mention in &mentions {
            let said = mention.said(tokens);
            let phrase = &draft.text[said.clone()];
            draft.ask(said, format!("whether {phrase} is wanted: the text asks and does not say"));
        }
        return leftover::read(tokens, draft);
    }
    draft.corrects = stance::corrects(tokens);
    let mut near = Mentions { services: Vec::new(), resources: Vec::new() };
    let stated: Vec<&Mention> = mentions.iter().filter(|m| is_stated(m, &mentions, tokens, draft)).collect();
    // Services and resources first: languages and quantities belong to one of them.
    for mention in &stated {
        match mention.means {
            Means::Runs(role) => runs(mention, role, tokens, draft, &mut near),
            Means::Resource(ty) => resource(mention, ty, tokens, draft, &mut near),
            _ => {}
        }
    }
    for mention in &stated {
        other(mention, tokens, draft, &mut near);
    }
    regions::read(tokens, draft);
    naming::read(tokens, &near, draft);
    schedule::read(tokens, &near, draft);
    quantity::read(tokens, &near, draft);
    leftover::read(tokens, draft);
}

/// The words of the vocabulary in a sentence, longest first at each place.
fn mentions(tokens: &[Token], draft: &Draft<'_>) -> Vec<Mention> {
    let mut found: Vec<Mention> = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        // Within the application's name a word means nothing else.
        let named = draft.named.as_ref().is_some_and(|n| n.contains(&tokens[at].start));
        let Some((length, means)) = vocabulary::longest(tokens, at, draft.text).filter(|_| !named) else {
            at += 1;
            continue;
        };
        let after = found.last().map(|m| m.last);
        found.push(Mention { first: at, last: at + length - 1, after, means, stance: Stance::Wanted });
        at += length;
    }
    stance::judge(tokens, &mut found);
    found
}

/// Whether a mention says what is wanted or not wanted; what only might be is asked for, and what there was before
/// is noted.
fn is_stated(mention: &Mention, all: &[Mention], tokens: &[Token], draft: &mut Draft<'_>) -> bool {
    let said = mention.said(tokens);
    let phrase = &draft.text[said.clone()];
    match mention.stance {
        Stance::Considered => {
            draft.ask(said, format!("whether {phrase} is wanted: the text leaves it open"));
        }
        Stance::Former => draft.claim(said),
        Stance::Wanted | Stance::Unwanted | Stance::Correct => {
            let other = stance::alternative(mention, all, tokens);
            let Some(other) = other else { return true };
            let first = &draft.text[other.said(tokens)];
            draft.ask(said, format!("whether {first} or {phrase} is wanted: {first} is taken"));
        }
    }
    false
}

/// The word before a mention, when it can only be a name: `orders queue`, `billing API`.
fn given_name(tokens: &[Token], mention: &Mention) -> Option<(usize, String)> {
    let before = mention.first.checked_sub(1).filter(|b| mention.after.is_none_or(|last| last < *b))?;
    let word = tokens[before].word();
    let plain = (3..=20).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_lowercase());
    let known = NOT_NAMES.contains(&word) || vocabulary::is_known(word);
    let verb = word.ends_with("ing") && !NAMES_IN_ING.contains(&word);
    (plain && !known && !verb && !word.ends_with("ly")).then(|| (before, word.to_owned()))
}

fn runs(mention: &Mention, role: Role, tokens: &[Token], draft: &mut Draft<'_>, near: &mut Mentions) {
    let said = mention.said(tokens);
    let word = draft.text[said.clone()].to_lowercase();
    if mention.stance == Stance::Unwanted {
        draft.forget_services(role);
        near.services.clear();
        draft.fact(said, "services", format!("no {}", role.name()));
        return;
    }
    let listed = naming::listed(tokens, mention);
    if !listed.is_empty() {
        // "Three services: ..."
        let counted = |t: &&Token| t.kind == Kind::Number(listed.len() as f64);
        if let Some(count) = tokens[..mention.first].iter().rev().take(2).find(counted) {
            draft.claim(count.start..count.end);
        }
        for (at, name) in listed {
            let index = draft.service(&name, role);
            near.services.push((at, index));
            draft.fact(tokens[at].start..tokens[at].end, format!("services.{name}"), role.name());
        }
        draft.claim(said);
        return;
    }
    // `app` after `web` or beside a clearer word says nothing new.
    let vague = matches!(word.as_str(), "app" | "application" | "service" | "services" | "server");
    let given = given_name(tokens, mention);
    if vague && given.is_none() && (!draft.services.is_empty()) {
        return draft.claim(said);
    }
    if let Some((at, _)) = given {
        draft.claim(tokens[at].start..tokens[at].end);
    }
    let own = matches!(word.as_str(), "mailer" | "report" | "blog").then_some(word);
    let name = own.or(given.map(|(_, name)| name)).unwrap_or_else(|| role.name().to_owned());
    // A job that was announced by what it makes ("a nightly report job") is one job.
    let repeated = near
        .services
        .last()
        .filter(|(at, s)| at + 1 == mention.first && draft.services[*s].role == role)
        .map(|(_, s)| *s);
    let index = repeated.unwrap_or_else(|| draft.service(&name, role));
    near.services.push((mention.last, index));
    let key = format!("services.{}", draft.services[index].name);
    draft.fact(said, key, role.name());
}

fn resource(
    mention: &Mention,
    ty: ResourceType,
    tokens: &[Token],
    draft: &mut Draft<'_>,
    near: &mut Mentions,
) {
    let said = mention.said(tokens);
    let word = draft.text[said.clone()].to_lowercase();
    if mention.stance == Stance::Unwanted {
        while let Some(at) = draft.resources.iter().position(|r| r.ty == ty) {
            draft.forget_resource(at);
        }
        near.resources.clear();
        draft.fact(said, "resources", format!("no {}", ty.word()));
        return;
    }
    if mention.stance == Stance::Correct
        && let Some(wrong) = draft.resources.iter().rposition(|r| rivals(r.ty, ty) && r.ty != ty)
    {
        draft.forget_resource(wrong);
        near.resources.clear();
    }
    // "Redis cache" and "a cache in Memcached" are one cache.
    if word.starts_with("cach")
        && let Some(at) =
            draft.resources.iter().position(|r| matches!(r.ty, ResourceType::Redis | ResourceType::Memcached))
    {
        near.resources.push((mention.last, at));
        return draft.claim(said);
    }
    let before = mention.first.checked_sub(1).map_or("", |b| tokens[b].word());
    // So are "RabbitMQ queue", "Kafka topic" and "Queue: RabbitMQ".
    let broker = |word: &str| {
        let found = vocabulary::exact(word);
        matches!(found, Some(Means::Resource(ResourceType::Rabbitmq | ResourceType::Kafka)))
    };
    let after = tokens.get(mention.last + 1).filter(|t| t.is(':') || t.is('(') || t.word() == "is");
    let behind = after.and_then(|_| tokens.get(mention.last + 2)).is_some_and(|t| broker(t.word()));
    if matches!(ty, ResourceType::Queue | ResourceType::Topic) && (broker(before) || behind) {
        return draft.claim(said);
    }
    // A site "on S3" is served from there: the bucket is the site's own.
    let hosting = ty == ResourceType::Bucket && before == "on";
    if hosting && near.services.last().is_some_and(|(_, s)| draft.services[*s].role == Role::Site) {
        return draft.claim(said);
    }
    // "orders queue" has a name; before a product's name stands anything.
    let common =
        matches!(word.as_str(), "queue" | "queues" | "topic" | "bucket" | "buckets" | "message queue");
    let given = if word == "uploads" {
        Some((mention.first, word))
    } else {
        given_name(tokens, mention).filter(|_| common)
    };
    if let Some((at, _)) = given {
        draft.claim(tokens[at].start..tokens[at].end);
    }
    let index = draft.resource(ty, given.as_ref().map(|(_, name)| name.as_str()));
    let words = &tokens[mention.first.saturating_sub(3)..mention.first];
    for token in words.iter().filter(|t| matches!(t.word(), "fifo" | "ordered")) {
        draft.resources[index].ordered = true;
        draft.claim(token.start..token.end);
    }
    let each = words.iter().any(|t| t.word() == "own")
        || tokens[mention.last + 1..].windows(2).take(1).any(|w| {
            matches!(w[0].word(), "for" | "per") && matches!(w[1].word(), "each" | "every" | "service")
        });
    if each {
        let name = draft.resources[index].name.clone();
        draft.miss(format!("how many {} there are: one, {name}, is taken for all services", ty.word()));
    }
    near.resources.push((mention.last, index));
    let managed = matches!(ty, ResourceType::Queue | ResourceType::Topic | ResourceType::Bucket);
    let key = format!("resources.{}", draft.resources[index].name);
    draft.fact(said, format!("{key}.type"), ty.word());
    if let Some((version, words)) = version(tokens, mention.last + 1).filter(|_| !managed) {
        draft.resources[index].version = Some(version);
        draft.fact(words.clone(), format!("{key}.version"), version.to_string());
    }
}

/// The number after a product's name, also in brackets, when it is its version: small, and counting nothing.
fn version(tokens: &[Token], at: usize) -> Option<(f64, std::ops::Range<usize>)> {
    let bracket = tokens.get(at)?.is('(') && tokens.get(at + 2).is_some_and(|t| t.is(')'));
    let token = tokens.get(at + usize::from(bracket))?;
    let Kind::Number(number) = token.kind else { return None };
    let counts = tokens.get(at + 1).filter(|_| !bracket).is_some_and(|t| {
        let word = t.word();
        let plain = leftover::is_filler(word) || leftover::is_joint(word) || vocabulary::is_known(word);
        t.is('%')
            || t.is('/')
            || t.is('$')
            || matches!(t.kind, Kind::Number(_))
            || !(word.is_empty() || plain)
    });
    (number > 0.0 && number < 100.0 && !counts).then_some((number, token.start..token.end))
}

fn other(mention: &Mention, tokens: &[Token], draft: &mut Draft<'_>, near: &mut Mentions) {
    let said = mention.said(tokens);
    let word = draft.text[said.clone()].to_lowercase();
    let unwanted = mention.stance == Stance::Unwanted;
    match mention.means {
        Means::Public(public) => {
            let beside = nearest_of(&near.services, mention.last);
            if let Some(index) = beside.or_else(|| draft.only(|_| true)) {
                let public = public != unwanted;
                draft.services[index].public = Some(public);
                let key = format!("services.{}.public", draft.services[index].name);
                draft.fact(said, key, public.to_string());
            }
        }
        Means::Cloud(provider) => {
            let name = format!("{provider:?}").to_lowercase();
            if unwanted {
                draft.provider = draft.provider.filter(|p| *p != provider);
                return draft.fact(said, "cloud", format!("not {name}"));
            }
            draft.provider = Some(provider);
            draft.fact(said, "cloud.provider", name);
        }
        Means::Language(_) if unwanted => draft.claim(said),
        Means::Language(language) => use_language(mention, language, tokens, draft, near),
        Means::Deliver(key, value) => {
            // The tools of observability go together; of everything else there is one.
            let among = key == "observability";
            draft.deliver.retain(|(k, v)| *k != key || (*v != value && (unwanted || among)));
            if unwanted {
                return draft.fact(said, "deliver", format!("no {value}"));
            }
            draft.deliver.push((key, value));
            draft.fact(said, format!("deliver.{key}"), value);
        }
        Means::Release(_) if unwanted => draft.claim(said),
        Means::Release(release) => {
            draft.release = Some(release);
            draft.fact(said, "services.*.release", word.replace([' ', '/'], "-"));
        }
        Means::Environment(name) if unwanted => {
            draft.environments.retain(|e| e.name != name);
            draft.unwanted.push(name);
            draft.fact(said, "environments", format!("no {name}"));
        }
        Means::Environment(name) => {
            draft.environment(name);
            draft.fact(said, format!("environments.{name}"), name);
        }
        // What another role was asked for is not asked for here as well.
        Means::Beyond(_) if unwanted || draft.is_claimed(&said) => draft.claim(said),
        Means::Beyond(why) => {
            let phrase = &draft.text[said.clone()];
            draft.not_understood.push(format!("{phrase}: {why}"));
            draft.claim(said);
        }
        Means::Runs(_) | Means::Resource(_) => {}
    }
}

fn use_language(
    mention: &Mention,
    language: Language,
    tokens: &[Token],
    draft: &mut Draft<'_>,
    near: &mut Mentions,
) {
    let said = mention.said(tokens);
    // "All in Go" holds for every service that nothing else was said of.
    let all = mention.first >= 2
        && tokens[mention.first - 1].word() == "in"
        && matches!(tokens[mention.first - 2].word(), "all" | "everything" | "both");
    // Several services that were listed by name share what stands before the list.
    let list = tokens[mention.last..].iter().take(4).any(|t| t.is(':'))
        && !tokens.iter().any(|t| t.is('('))
        && distinct(near.services.iter().filter(|(at, _)| *at > mention.last)) > 1;
    if all || list {
        let without = draft.services.iter_mut().filter(|s| s.language.is_none() && s.role != Role::Site);
        without.for_each(|s| s.language = Some(language));
        return draft.fact(said, "services.*.build", language.name);
    }
    // The service right after it, unless a comma or "and" begins another thing in between.
    let joined =
        |to: usize| !tokens[mention.last..to].iter().any(|t| t.is(',') || matches!(t.word(), "and" | "with"));
    let after = near.services.iter().find(|(at, _)| *at > mention.last && *at <= mention.last + 4);
    let follows = after.filter(|(at, _)| joined(*at)).map(|(_, s)| *s);
    let fits = |s: usize| {
        language.implies.is_none_or(|role| draft.services[s].role == role)
            || language.implies == Some(Role::Api)
    };
    // "The backend in Go, the frontend in React": a comma parts what belongs together.
    let start = tokens[..mention.first].iter().rposition(|t| t.is(',')).unwrap_or(0);
    let end =
        tokens[mention.last..].iter().position(|t| t.is(',')).map_or(tokens.len(), |n| mention.last + n);
    let here: Vec<(usize, usize)> =
        near.services.iter().copied().filter(|(at, _)| (start..end).contains(at)).collect();
    let beside = nearest_of(&here, mention.last).or_else(|| nearest_of(&near.services, mention.last));
    let index = match follows.or(beside).filter(|s| fits(*s)) {
        Some(index) => index,
        None => match (language.implies, draft.services.len()) {
            (Some(role), _) => {
                let index = draft.service(role.name(), role);
                near.services.push((mention.last, index));
                index
            }
            (None, 1) => 0,
            (None, _) => {
                return draft.ask(said, format!("which service is written in {}", language.name));
            }
        },
    };
    // A framework says more than the language that it is written in.
    let service = &mut draft.services[index];
    service.language = Some(language);
    // "A WordPress blog" is no folder of files.
    if service.role == Role::Site && language.implies == Some(Role::Api) && language.stack.is_none() {
        service.role = Role::Api;
    }
    let key = format!("services.{}.build", service.name);
    if let Some((version, words)) = version(tokens, mention.last + 1) {
        service.version = Some(version);
        draft.claim(words);
    }
    draft.fact(said, key, language.name);
}

/// How many services are mentioned.
fn distinct<'m>(mentions: impl Iterator<Item = &'m (usize, usize)>) -> usize {
    mentions.map(|(_, index)| index).collect::<std::collections::BTreeSet<_>>().len()
}

/// The mention closest to a token, the earlier of two equally close.
pub(super) fn nearest_of(mentions: &[(usize, usize)], at: usize) -> Option<usize> {
    mentions.iter().min_by_key(|(m, _)| (m.abs_diff(at), *m > at)).map(|(_, index)| *index)
}
