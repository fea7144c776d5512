//! What nothing claimed: pieces of a sentence that set no key, quoted so that no wish is lost without a word.
//!
//! A sentence is cut where another thing may begin; a piece is left over when none of its words was claimed, or
//! when it holds a number that was not. What the words may have meant is not guessed.

use super::draft::Draft;
use super::terms::NOT_NAMES;
use super::tokens::{Kind, Token};

/// Words after which another thing may be said.
static JOINTS: &[&str] = &[
    "and",
    "or",
    "with",
    "but",
    "that",
    "which",
    "where",
    "who",
    "so",
    "because",
    "then",
    "plus",
    "behind",
    "on",
    "in",
    "for",
    "via",
    "using",
    "through",
    "also",
    "to",
    "from",
    "by",
    "into",
    "at",
    "without",
    "under",
    "instead",
    "not",
    "no",
    "rather",
    "than",
    "while",
    "when",
    "if",
    "whichever",
    "as",
    "all",
];

/// Words that set nothing by themselves.
#[rustfmt::skip]
static FILLERS: &[&str] = &[
    "a", "an", "the", "this", "that", "these", "those", "it", "its", "he", "she", "they", "them", "their",
    "i", "i'm", "we", "we're", "us", "our", "ours", "you", "your", "my", "me", "there", "here", "is", "are",
    "was", "were", "be", "been", "being", "am", "has", "have", "having", "had", "do", "does", "did", "done",
    "can", "could", "should", "shall", "will", "would", "may", "must", "want", "wants", "need", "needs",
    "needed", "require", "requires", "required", "requirement", "requirements", "like", "please", "thanks",
    "thank", "hello", "hi", "hey", "dear", "team", "of", "per", "each", "every", "about", "around",
    "roughly", "approximately", "approx", "circa", "ca", "some", "any", "more", "less", "most", "least",
    "max", "maximum", "min", "minimum", "up", "down", "over", "below", "above", "within", "between", "only",
    "just", "really", "very", "quite", "too", "let", "let's", "get", "got", "put", "make", "makes", "made",
    "use", "uses", "used", "using", "run", "runs", "running", "ran", "host", "hosts", "hosted", "hosting",
    "deploy", "deployed", "deploys", "deployment", "deployments", "serve", "serves", "serving", "handle",
    "handles", "handling", "process", "processes", "processing", "expect", "expects", "expected", "build",
    "built", "create", "set", "setup", "launch", "start", "move", "migrate", "switch", "replace", "new",
    "own", "simple", "small", "big", "large", "tiny", "good", "nice", "modern", "fast", "cheap", "reliable",
    "written", "reads", "read", "reading", "writes", "writing", "write", "store", "stores", "stored",
    "keep", "keeps", "send", "receive", "consumed", "consumes", "consuming", "publishing", "publish",
    "publishes", "talks", "talking", "connects", "connected", "called", "named", "name", "owner", "contact",
    "approver", "approvers", "budget", "cost", "costs", "spend", "price", "money", "cloud", "region",
    "regions", "environment", "environments", "env", "envs", "service", "services", "system", "stack",
    "project", "product", "company", "startup", "customers", "customer", "users", "user", "visitors",
    "people", "business", "database", "databases", "db", "storage", "memory", "ram", "cpu", "disk", "data",
    "traffic", "load", "peak", "peaks", "peaking", "spike", "spikes", "burst", "bursts", "average", "mean",
    "normal", "usual", "typical", "scale", "scales", "request", "requests", "second", "minute", "hour",
    "day", "days", "week", "month", "year", "time", "times", "uptime", "availability", "available", "sla",
    "slo", "rto", "rpo", "recovery", "recover", "recovered", "objective", "point", "lose", "losing", "loss",
    "lost", "outage", "latency", "response", "respond", "responds", "answer", "answers",
    "takes", "take", "taking", "port", "number", "health", "check", "checks", "endpoint", "path", "route",
    "secret", "secrets", "key", "keys", "domain", "hostname", "instance", "cluster", "server", "servers",
    "actually", "sorry", "wait", "correction", "scratch", "yes", "ok", "okay", "well", "now", "soon",
    "today", "currently", "both", "either", "neither", "nor", "don't", "dont", "doesn't", "isn't", "aren't",
    "won't", "can't", "cannot", "never", "mostly", "usually", "always", "same", "one", "two", "few", "lot",
    "lots", "something", "anything", "everything", "enough", "much", "many", "provide", "provides",
    "include", "includes", "including", "following", "etc", "e.g", "i.e", "w", "go", "live", "works",
    "work", "working", "job", "target", "limit", "exceed", "tolerate", "acceptable", "allowed", "fine",
    "fully", "managed", "production-ready", "cost-effective", "expose", "exposes", "doing", "release",
    "releases", "nosql", "black", "ssd", "friday", "weekends", "christmas", "campaign", "sale", "sales", "maybe",
    "perhaps", "possibly", "might", "eventually", "later", "optional", "future", "previously", "formerly",
    "unlike", "handed", "matter", "matters", "concurrent", "daily", "active", "growing", "online", "thing",
    "things", "application", "applications", "app", "old", "existing", "we've", "we'll", "i'd",
];

/// Words that are quoted of a piece at most.
const QUOTED: usize = 16;

/// Whether a word sets nothing by itself.
pub(super) fn is_filler(word: &str) -> bool {
    FILLERS.contains(&word)
}

/// Whether another thing may begin after a word.
pub(super) fn is_joint(word: &str) -> bool {
    JOINTS.contains(&word)
}

/// Whether another word is written as a name: with a capital letter that no sentence's beginning asks for.
fn is_name(written: &str, first: bool) -> bool {
    let mut capitals = written.char_indices().filter(|(_, c)| c.is_uppercase()).map(|(at, _)| at);
    capitals.next().is_some_and(|at| at > 0 || !first || capitals.next().is_some())
}

/// Notes the pieces of a sentence that nothing claimed. Neighbours are one piece again.
pub(super) fn read(tokens: &[Token], draft: &mut Draft<'_>) {
    let mut open: Option<(usize, usize)> = None;
    let mut first = 0;
    for at in 0..=tokens.len() {
        let joint = tokens.get(at).is_none_or(|t| is_joint(t.word()));
        let sign = tokens.get(at).is_some_and(|t| matches!(t.kind, Kind::Sign(c) if ",:()—–&+•".contains(c)));
        if !joint && !sign {
            continue;
        }
        beside_claims(tokens, first, at, draft);
        let left = left_over(tokens, first, at, draft);
        match (&mut open, left) {
            (Some((_, last)), Some((_, end))) => *last = end,
            (None, Some(piece)) => open = Some(piece),
            (_, None) => {
                // Joints alone between two left pieces keep them together.
                let empty = first == at;
                if !empty || sign {
                    note(open.take(), tokens, draft);
                }
            }
        }
        if sign || at == tokens.len() {
            note(open.take(), tokens, draft);
        }
        first = at + 1;
    }
}

/// The first and last word of a piece, without the fillers around them, when nothing claimed it.
fn left_over(tokens: &[Token], first: usize, end: usize, draft: &Draft<'_>) -> Option<(usize, usize)> {
    let claimed = |at: usize| draft.is_claimed(&(tokens[at].start..tokens[at].end));
    let number = |at: usize| matches!(tokens[at].kind, Kind::Number(_));
    let lost = (first..end).any(|at| number(at) && !claimed(at));
    if !lost && (first..end).any(claimed) {
        return None;
    }
    if lost {
        // The number with the words around it that nothing claimed, and the word that it counts.
        let at = (first..end).find(|at| number(*at) && !claimed(*at))?;
        let from = (first..at).rev().take_while(|i| !claimed(*i)).last().unwrap_or(at);
        let to = (at + 1..end).take_while(|i| !claimed(*i) || *i == at + 1).last().unwrap_or(at);
        return Some((from, to));
    }
    let from = (first..end).find(|at| is_heavy(&tokens[*at]))?;
    let to = (first..end).rev().find(|at| is_heavy(&tokens[*at]))?;
    Some((from, to))
}

/// In a piece of which something was claimed, two heavy words in a row or a name may still be a wish: "a PCI DSS
/// compliant API". A single other word only describes.
fn beside_claims(tokens: &[Token], first: usize, end: usize, draft: &mut Draft<'_>) {
    let claimed: Vec<bool> =
        (first..end).map(|at| draft.is_claimed(&(tokens[at].start..tokens[at].end))).collect();
    let lost = (first..end).any(|at| matches!(tokens[at].kind, Kind::Number(_)) && !claimed[at - first]);
    if lost || !claimed.contains(&true) {
        return;
    }
    let mut from = first;
    for at in first..=end {
        if at < end && !claimed[at - first] {
            continue;
        }
        let heavy: Vec<usize> = (from..at).filter(|i| is_heavy(&tokens[*i])).collect();
        let named = |i: &usize| is_name(&draft.text[tokens[*i].start..tokens[*i].end], *i == 0);
        if let (Some(one), Some(last)) = (heavy.first(), heavy.last())
            && (heavy.len() > 1 || named(one))
        {
            note(Some((*one, *last)), tokens, draft);
        }
        from = at + 1;
    }
}

/// Whether a token says more than that something is wanted.
fn is_heavy(token: &Token) -> bool {
    match &token.kind {
        Kind::Number(_) => true,
        Kind::Word(word) => {
            let describes = is_filler(word) || NOT_NAMES.contains(&word.as_str());
            !describes && word.chars().count() > 1
        }
        Kind::Sign(_) => false,
    }
}

fn note(piece: Option<(usize, usize)>, tokens: &[Token], draft: &mut Draft<'_>) {
    let Some((first, last)) = piece else { return };
    let written = &draft.text[tokens[first].start..tokens[last].end];
    let words: Vec<&str> = written.split_whitespace().collect();
    let more = if words.len() > QUOTED { " ..." } else { "" };
    let written = words[..words.len().min(QUOTED)].join(" ") + more;
    if !draft.not_understood.contains(&written) {
        draft.not_understood.push(written);
    }
}
