//! How a text means what it mentions: as wanted, as not wanted, as something to consider, or as what there was
//! before.
//!
//! A negation reaches to the next comma or "but", and from behind as in "Redis is not needed". A correction
//! ("actually", "no, ...") replaces what it corrects. What something is mentioned for is not known here.

use super::draft::rivals;
use super::reader::Mention;
use super::terms::Means;
use super::tokens::Token;

/// How something is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stance {
    /// It is part of what is asked for.
    Wanted,
    /// It must not be there.
    Unwanted,
    /// It replaces what was said before.
    Correct,
    /// It may be wanted one day, or not.
    Considered,
    /// It is what there was, or is, before the change.
    Former,
}

/// Words that take back what follows.
static NEGATIONS: &[&str] = &[
    "no",
    "not",
    "without",
    "don't",
    "dont",
    "doesn't",
    "won't",
    "wouldn't",
    "shouldn't",
    "needn't",
    "can't",
    "cannot",
    "never",
    "isn't",
    "aren't",
    "skip",
    "drop",
    "remove",
    "avoid",
    "except",
    "exclude",
    "excluding",
    "neither",
    "nor",
    "instead",
    "w/o",
];
/// Negations of a verb, which reach over "and": "we don't want Redis and Kafka".
static WIDE: &[&str] = &[
    "without",
    "don't",
    "dont",
    "doesn't",
    "won't",
    "wouldn't",
    "never",
    "skip",
    "drop",
    "remove",
    "avoid",
    "exclude",
    "excluding",
];
/// Words after "no" or "not" that make it a limit, not a negation.
static LIMITS: &[&str] = &[
    "more", "less", "longer", "later", "fewer", "only", "single", "just", "below", "under", "above", "over",
];
/// Words that end a negation.
static ENDS: &[&str] = &["but", "with", "just", "only", "needs", "has", "then", "so", "because", "therefore"];
/// Words that announce a correction.
static CORRECTIONS: &[&str] = &["actually", "sorry", "scratch", "correction", "rather", "wait"];
/// Words that leave open whether something is wanted.
static HEDGES: &[&str] = &[
    "maybe",
    "perhaps",
    "possibly",
    "might",
    "someday",
    "eventually",
    "later",
    "optional",
    "optionally",
    "future",
];
/// Words for what there was before, up to the next comma, "but", "to" or "with".
static FORMER: &[&str] = &["previously", "formerly", "unlike", "replace", "replacing", "legacy"];
/// Verbs of a move, whose "from" names what is left.
static MOVES: &[&str] = &[
    "move",
    "moving",
    "migrate",
    "migrating",
    "migration",
    "switch",
    "switching",
    "change",
    "changing",
    "convert",
    "coming",
    "away",
];
/// Words that end a "from" and a "replace".
static MOVE_ENDS: &[&str] = &["to", "with", "by", "into", "onto", "towards", "but", "and", "this"];
/// What may follow "is not" or "isn't" to take back what stands before.
static NEEDED: &[&str] = &[
    "needed",
    "required",
    "necessary",
    "wanted",
    "used",
    "allowed",
    "possible",
    "an",
    "desired",
    "permitted",
    "supported",
];

/// Whether a sentence corrects what was said before it.
pub(super) fn corrects(tokens: &[Token]) -> bool {
    (0..tokens.len()).any(|at| is_correction(tokens, at))
}

fn is_correction(tokens: &[Token], at: usize) -> bool {
    let (word, next) = (tokens[at].word(), tokens.get(at + 1));
    let next_word = next.map_or("", Token::word);
    let paused = next.is_some_and(|t| t.is(',') || t.is('-') || t.is('—'));
    (CORRECTIONS.contains(&word) && next_word != "than") || (word == "no" && (paused || next_word == "wait"))
}

/// Says of every mention how it is meant.
pub(super) fn judge(tokens: &[Token], mentions: &mut [Mention]) {
    let mut negated: Option<&str> = None;
    let mut reached = false;
    let mut corrects = false;
    let mut former = false;
    let mut today = false;
    let mut seen = false;
    let mut next = 0;
    let moves = tokens.iter().any(|t| MOVES.contains(&t.word()));
    for at in 0..tokens.len() {
        let (word, after) = (tokens[at].word(), tokens.get(at + 1).map_or("", Token::word));
        let joins = word == "and" && !negated.is_some_and(|n| WIDE.contains(&n) && goes_on(mentions, at));
        // "Instead of Kafka use SQS": "use" ends a negation that has found its object.
        if tokens[at].is(',') || ENDS.contains(&word) || joins || (word == "use" && reached) {
            negated = None;
        }
        if tokens[at].is(',') || MOVE_ENDS.contains(&word) {
            former = false;
        }
        former |= FORMER.contains(&word) || (word == "from" && moves) || (word == "used" && after == "to");
        today |= matches!(word, "currently" | "today" | "now" | "presently");
        if is_correction(tokens, at) {
            corrects = seen || at == 0;
        } else if (NEGATIONS.contains(&word) && !LIMITS.contains(&after))
            || (word == "rather" && after == "than")
        {
            (negated, reached) = (Some(word), false);
        }
        // "We use MySQL today but want Postgres".
        corrects |= word == "but" && today;
        let Some(mention) = mentions.get_mut(next).filter(|m| m.first == at) else { continue };
        next += 1;
        mention.stance = if denied_behind(tokens, mention.last) {
            Stance::Unwanted
        } else if former {
            Stance::Former
        } else if hedged(tokens, mention) {
            Stance::Considered
        } else if negated.is_some() {
            reached = true;
            Stance::Unwanted
        } else if corrects {
            Stance::Correct
        } else {
            Stance::Wanted
        };
        seen = true;
        if mention.stance != Stance::Unwanted {
            corrects = false;
        }
    }
}

/// Whether the "and" at a token joins two mentions directly.
fn goes_on(mentions: &[Mention], at: usize) -> bool {
    mentions.iter().any(|m| m.first == at + 1) && mentions.iter().any(|m| m.last + 1 == at)
}

/// Whether what follows takes a mention back: "Redis is not needed", "a queue isn't required".
fn denied_behind(tokens: &[Token], last: usize) -> bool {
    let words: Vec<&str> = tokens[last + 1..].iter().take(5).map(Token::word).collect();
    let is = words.first().is_some_and(|w| matches!(*w, "is" | "are" | "was" | "will"));
    let rest = &words[usize::from(is)..];
    let denied = rest.first().is_some_and(|w| {
        (is && matches!(*w, "not" | "never" | "no")) || matches!(*w, "isn't" | "aren't" | "wasn't" | "won't")
    });
    let needed = rest.iter().skip(1).take(3).any(|w| NEEDED.contains(w));
    denied && needed
}

/// Whether the clause of a mention leaves it open.
fn hedged(tokens: &[Token], mention: &Mention) -> bool {
    let ends =
        |t: &&Token| !(t.is(',') || t.is('(') || t.is('.') || matches!(t.word(), "but" | "so" | "because"));
    let before = tokens[..mention.first].iter().rev().take_while(ends);
    let after = tokens[mention.last + 1..].iter().take_while(|t| ends(t) && t.word() != "and");
    let no_later = |t: &Token| matches!(t.word(), "no" | "not");
    let limited = tokens.windows(2).any(|w| no_later(&w[0]) && w[1].word() == "later");
    let bracketed = tokens.get(mention.last + 1).is_some_and(|t| t.is('('))
        && tokens.get(mention.last + 2).is_some_and(|t| t.word() == "optional");
    bracketed || (!limited && before.chain(after).any(|t| HEDGES.contains(&t.word())))
}

/// The mention to which this one is an alternative: "Postgres or MySQL".
pub(super) fn alternative<'m>(
    mention: &Mention,
    all: &'m [Mention],
    tokens: &[Token],
) -> Option<&'m Mention> {
    let or = mention.first.checked_sub(1).filter(|at| tokens[*at].word() == "or")?;
    let other = all.iter().find(|m| m.last + 1 == or)?;
    let rival = match (other.means, mention.means) {
        (Means::Resource(a), Means::Resource(b)) => a != b && rivals(a, b),
        (Means::Cloud(a), Means::Cloud(b)) => a != b,
        (Means::Language(a), Means::Language(b)) => a != b,
        (Means::Deliver(a, x), Means::Deliver(b, y)) => a == b && x != y,
        (Means::Release(a), Means::Release(b)) => a != b,
        _ => false,
    };
    (rival && mention.stance == Stance::Wanted && other.stance == Stance::Wanted).then_some(other)
}
