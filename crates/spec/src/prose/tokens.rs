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
    ("mln", 1e6),
    ("billion", 1e9),
    ("bn", 1e9),
    ("lakh", 1e5),
    ("crore", 1e7),
    ("dozen", 12.0),
];

/// Splits a text.
pub(super) fn sentences(text: &str) -> Vec<Sentence> {
    let mut sentences = Vec::new();
    let mut tokens = Vec::new();
    let mut rest = &text[item(text).unwrap_or(0)..];
    while let Some(first) = rest.chars().next() {
        let start = text.len() - rest.len();
        let length = match first {
            '\n' => {
                // A single line break is only a wrapped line; an empty line or a list's next item ends a sentence.
                let next = &rest[1..];
                let item = item(next);
                if item.is_some() || next.trim_start_matches([' ', '\t', '\r']).starts_with('\n') {
                    end_sentence(text, &mut sentences, &mut tokens, false);
                }
                1 + item.unwrap_or(0)
            }
            c if c.is_whitespace() => c.len_utf8(),
            // A dot before a letter begins a name: `.NET`.
            '.' | '!' | '?' | ';' if first != '.' || !rest[1..].starts_with(char::is_alphabetic) => {
                end_sentence(text, &mut sentences, &mut tokens, first == '?');
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

/// Length of a list's marker when the line begins with one: a bullet, or a number with a dot or a bracket.
fn item(line: &str) -> Option<usize> {
    let marked = line.trim_start_matches([' ', '\t']);
    let digits = marked.bytes().take_while(u8::is_ascii_digit).count();
    let after = match marked[digits..].chars().next()? {
        '.' | ')' if (1..=2).contains(&digits) => digits + 1,
        c @ ('-' | '*' | '+' | '•' | '–' | '—' | '·') if digits == 0 => c.len_utf8(),
        _ => return None,
    };
    marked[after..].starts_with(char::is_whitespace).then_some(line.len() - marked.len() + after)
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
    while digit(end) || (matches!(bytes.get(end), Some(b'.' | b',' | b'\'' | b'_')) && digit(end + 1)) {
        end += 1;
    }
    tokens.push(Token { kind: Kind::Number(value(&rest[..end])), start, end: start + end });
    end
}

/// The value of digits with separators: the last of two different signs is the decimal one, a sign that comes
/// again parts thousands, and so does a single comma before three digits.
fn value(written: &str) -> f64 {
    let plain = written.replace(['\'', '_'], "");
    let groups: Vec<&str> = plain.split(['.', ',']).collect();
    let thousands = groups.len() > 1 && groups[1..].iter().all(|g| g.len() == 3) && groups[0].len() <= 3;
    let number = match (plain.rfind('.'), plain.rfind(',')) {
        (Some(dot), Some(comma)) => {
            let (whole, part) = plain.split_at(dot.max(comma));
            format!("{}.{}", whole.replace(['.', ','], ""), &part[1..])
        }
        (None, Some(_)) if thousands => groups.concat(),
        (Some(_), None) if thousands && groups.len() > 2 => groups.concat(),
        // More signs than a number has: a version or an address, whose first part says the most.
        _ => groups[..groups.len().min(2)].join("."),
    };
    number.parse::<f64>().ok().filter(|v| v.is_finite()).unwrap_or(0.0)
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
            // 10 000
            _ if &text[token.start..token.end] == "000" => Some(1e3),
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
            ("1.000.000", 1e6),
            ("1.234,56", 1234.56),
            ("1,234.56", 1234.56),
            ("10 000", 10_000.0),
            ("1 000 000", 1e6),
            ("2.5 mln", 2.5e6),
        ] {
            let tokens = &sentences(text)[0].tokens;
            assert_eq!(tokens.len(), 1, "{text}: {tokens:?}");
            assert_eq!(tokens[0].kind, Kind::Number(expected), "{text}");
            assert_eq!((tokens[0].start, tokens[0].end), (0, text.len()), "{text}");
        }
    }

    #[test]
    fn items_of_a_list_are_sentences_without_their_marks() {
        for text in ["1. a\n2. b\n10. c", "- a\n- b\n- c", "* a\r\n\t* b\r\n  • c", "1) a\n\n2) b\n \nc"] {
            let words: Vec<String> = sentences(text)
                .iter()
                .map(|s| s.tokens.iter().map(Token::word).collect::<Vec<_>>().join(" "))
                .collect();
            assert_eq!(words, ["a", "b", "c"], "{text:?}");
        }
        assert_eq!(sentences("a .NET API\n3 workers").len(), 1);
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
