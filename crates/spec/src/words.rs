//! Command lines as lists of words, the way compose and Docker split a string: quotes and backslashes, no
//! expansion.

/// Splits a command line.
#[must_use]
pub fn split(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut open = false;
    let mut quote: Option<char> = None;
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (Some('"') | None, '\\') => {
                word.extend(characters.next());
                open = true;
            }
            (Some(_), c) => word.push(c),
            (None, '"' | '\'') => {
                quote = Some(c);
                open = true;
            }
            (None, c) if c.is_whitespace() => {
                if open || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                    open = false;
                }
            }
            (None, c) => word.push(c),
        }
    }
    if open || !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn quotes_and_backslashes_work_as_in_a_shell() {
        assert_eq!(
            split("nodemon --inspect=0.0.0.0 server.js"),
            ["nodemon", "--inspect=0.0.0.0", "server.js"]
        );
        assert_eq!(split(r#"sh -c "a b" '' c\ d"#), ["sh", "-c", "a b", "", "c d"]);
        assert!(split("  ").is_empty());
        assert_eq!(split("'unclosed x"), ["unclosed x"]);
    }
}
