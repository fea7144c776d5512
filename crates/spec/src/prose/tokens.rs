//! Splits a text into sentences of tokens: words in lower case, numbers, signs.
//!
//! A number keeps nothing of its notation (`1,500`, `1.5k` and `fifteen hundred` become values); its place in the
//! text is kept, so that a fact can quote what was written.

/// One token.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    /// What it is.
    pub kind: Kind,
    /// First byte in the text.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
}

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// Lower case; may hold dashes, dots and digits inside, as in `eu-west-1` or `node.js`.
    Word(String),
    /// A number.
    Number(f64),
    /// Anything else, one character.
    Sign(char),
}

impl Token {
    /// The word, or nothing.
    pub fn word(&self) -> &str {
        match &self.kind {
            Kind::Word(word) => word,
            _ => "",
        }
    }

    /// Whether it is this sign.
    pub fn is(&self, sign: char) -> bool {
        self.kind == Kind::Sign(sign)
    }
}

/// A sentence.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sentence {
    /// Its tokens without the final sign.
    pub tokens: Vec<Token>,
    /// Whether it ended with a question mark.
    pub question: bool,
}

/// Numbers as words.
static NUMBERS: &[(&str, f64)] = &[
    ("zero", 0.0),
    ("one", 1.0),
    ("two", 2.0),
    ("three", 3.0),
    ("four", 4.0),
    ("five", 5.0),
    ("six", 6.0),
    ("seven", 7.0),
    ("eight", 8.0),
    ("nine", 9.0),
    ("ten", 10.0),
    ("eleven", 11.0),
    ("twelve", 12.0),
    ("fifteen", 15.0),
    ("twenty", 20.0),
    ("thirty", 30.0),
    ("forty", 40.0),
    ("fifty", 50.0),
    ("sixty", 60.0),
    ("ninety", 90.0),
    ("half", 0.5),
    ("dozen", 12.0),
    ("hundred", 100.0),
    ("thousand", 1e3),
    ("million", 1e6),
    ("billion", 1e9),
];

/// What a number is multiplied by when one of these follows.
static MULTIPLIERS: &[(&str, f64)] = &[
    ("k", 1e3),
    ("hundred", 100.0),
    ("thousand", 1e3),
    ("million", 1e6),
    ("mio", 1e6),
    ("billion", 1e9),
    ("dozen", 12.0),
];

/// Splits a text.
pub(super) fn sentences(text: &str) -> Vec<Sentence> {
    let mut sentences = Vec::new();
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let start = text.len() - rest.len();
        let length = match first {
            c if c.is_whitespace() && c != '\n' => c.len_utf8(),
            '.' | '!' | '?' | ';' | '\n' => {
                // A single line break is only a wrapped line; an empty line ends a sentence.
                if first != '\n' || rest[1..].starts_with(['\n', '-', '*']) {
                    end_sentence(text, &mut sentences, &mut tokens, first == '?');
                }
                1
            }
            c if c.is_ascii_digit() => number(rest, start, &mut tokens),
            c if c.is_alphabetic() => word(rest, start, &mut tokens),
            c => {
                tokens.push(Token { kind: Kind::Sign(c), start, end: start + c.len_utf8() });
                c.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    end_sentence(text, &mut sentences, &mut tokens, false);
    sentences
}

fn end_sentence(text: &str, sentences: &mut Vec<Sentence>, tokens: &mut Vec<Token>, question: bool) {
    if !tokens.is_empty() {
        sentences.push(Sentence { tokens: multiplied(text, std::mem::take(tokens)), question });
    }
}

/// Takes a number and returns its length in bytes.
fn number(rest: &str, start: usize, tokens: &mut Vec<Token>) -> usize {
    let bytes = rest.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut end = 0;
    let mut digits = String::new();
    while digit(end) || (matches!(bytes.get(end), Some(b'.' | b',' | b'\'' | b'_')) && digit(end + 1)) {
        let thousands = bytes[end] != b'.' && (1..=3).all(|n| digit(end + n)) && !digit(end + 4);
        match bytes[end] {
            b'.' => digits.push('.'),
            b',' if !thousands => digits.push('.'),
            c if c.is_ascii_digit() => digits.push(char::from(c)),
            _ => {}
        }
        end += 1;
    }
    // Two dots are a version or an address; its first part says the most.
    let plain: String = digits.splitn(3, '.').take(2).collect::<Vec<_>>().join(".");
    let value = plain.parse::<f64>().ok().filter(|v| v.is_finite()).unwrap_or(0.0);
    tokens.push(Token { kind: Kind::Number(value), start, end: start + end });
    end
}

/// Takes a word and returns its length in bytes.
fn word(rest: &str, start: usize, tokens: &mut Vec<Token>) -> usize {
    let mut end = 0;
    let mut characters = rest.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        let next = characters.peek().is_some_and(|(_, n)| n.is_alphanumeric());
        let inside = matches!(c, '-' | '.' | '_' | '@' | '\'' | '’') && next;
        if !(c.is_alphanumeric() || inside || (matches!(c, '+' | '#') && at == 1)) {
            break;
        }
        end = at + c.len_utf8();
    }
    let lower = rest[..end].to_lowercase().replace('’', "'");
    let kind = NUMBERS.iter().find(|(n, _)| *n == lower).map_or(Kind::Word(lower), |(_, v)| Kind::Number(*v));
    tokens.push(Token { kind, start, end: start + end });
    end
}

/// Joins a number with the multiplier that follows it: `2 million`, `10k`, `5 hundred thousand`.
fn multiplied(text: &str, tokens: Vec<Token>) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(tokens.len());
    for token in tokens {
        let factor = match &token.kind {
            // 8M is eight million, 8m eight minutes.
            _ if &text[token.start..token.end] == "M" => Some(1e6),
            Kind::Word(word) => MULTIPLIERS.iter().find(|(m, _)| m == word).map(|(_, f)| *f),
            Kind::Number(n) if *n >= 100.0 && NUMBERS.iter().any(|(_, v)| v == n) => Some(*n),
            _ => None,
        };
        let article = |t: &Token| matches!(t.word(), "a" | "an");
        match (out.last_mut(), factor) {
            (Some(Token { kind: Kind::Number(n), end, .. }), Some(factor)) if token.start <= *end + 1 => {
                *n *= factor;
                *end = token.end;
            }
            (Some(before), Some(_)) if article(before) && matches!(token.kind, Kind::Number(_)) => {
                *before = Token { start: before.start, ..token };
            }
            _ => out.push(token),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_every_notation() {
        for (text, expected) in [
            ("500", 500.0),
            ("1,500", 1500.0),
            ("1.5k", 1500.0),
            ("10k", 10_000.0),
            ("2 million", 2e6),
            ("99.9", 99.9),
            ("99,9", 99.9),
            ("1,000,000", 1e6),
            ("two thousand", 2000.0),
            ("a hundred", 100.0),
            ("1'000", 1000.0),
            ("five hundred thousand", 500_000.0),
            ("8.4.1", 8.4),
        ] {
            let tokens = &sentences(text)[0].tokens;
            assert_eq!(tokens.len(), 1, "{text}: {tokens:?}");
            assert_eq!(tokens[0].kind, Kind::Number(expected), "{text}");
            assert_eq!((tokens[0].start, tokens[0].end), (0, text.len()), "{text}");
        }
    }

    #[test]
    fn words_keep_their_inner_signs() {
        let words: Vec<String> = sentences("Node.js, C# in eu-west-1. Don't stop")
            .iter()
            .flat_map(|s| s.tokens.iter().map(|t| t.word().to_owned()))
            .collect();
        assert_eq!(words, ["node.js", "", "c#", "in", "eu-west-1", "don't", "stop"]);
    }
}
