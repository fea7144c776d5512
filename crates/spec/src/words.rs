//! A command line as a list of words, by the shell's quoting rules.
//!
//! Compose splits `command` and `entrypoint` this way without running a shell, and so does `mainstay.yaml`, so
//! nothing is expanded here. This module must not know where a line was written.

/// Splits a line; an unclosed quote ends with the line.
#[must_use]
pub fn split(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match (c, quote) {
            (c, Some(q)) if c == q => quote = None,
            ('\\', None | Some('"')) => {
                if let Some(next) = chars.next() {
                    let word = word.get_or_insert_default();
                    // Inside double quotes a backslash is special only before these.
                    if quote.is_some() && !"\"\\$`".contains(next) {
                        word.push('\\');
                    }
                    word.push(next);
                }
            }
            (c, Some(_)) => word.get_or_insert_default().push(c),
            ('"' | '\'', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (c, None) if c.is_whitespace() => words.extend(word.take()),
            (c, None) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    #[test]
    fn quotes_escapes_and_empty_words() {
        for (line, expected) in [
            ("", vec![]),
            ("  a  b\n", vec!["a", "b"]),
            ("sh -c \"echo 'x y'\"", vec!["sh", "-c", "echo 'x y'"]),
            (r#"a\ b 'c\d' "e\"f" "g\h""#, vec!["a b", r"c\d", "e\"f", r"g\h"]),
            ("'' \"\"", vec!["", ""]),
            ("x'y'z \"open", vec!["xyz", "open"]),
            ("a\\", vec!["a"]),
        ] {
            assert_eq!(super::split(line), expected, "{line}");
        }
    }
}
