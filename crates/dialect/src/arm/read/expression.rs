//! The language of expressions in ARM JSON: what stands between `[` and `]` in a string.
//!
//! Calls, parts by name and by value, and literals: that is all of it. Text that is no expression is itself, and one that is
//! broken is kept as broken with the reason. Must not know what any function does.

use ir::{Span, Value};

use crate::arm::template::{Expr, Form};
use crate::reading::MOST_DEPTH;

/// Reads the text of a JSON string at `span`.
pub(super) fn parse(text: &str, span: Span) -> Expr {
    let Some(inside) = text.strip_prefix('[') else { return Expr::literal(text, span) };
    if inside.starts_with('[') {
        return Expr::literal(inside, span);
    }
    let Some(inside) = inside.trim_end().strip_suffix(']') else { return Expr::literal(text, span) };
    // One byte for the quote, one for the bracket.
    let mut reader = Reader { text: inside, at: 0, base: span.start + 2, span, depth: 0 };
    let read = reader.expression().and_then(|expr| {
        reader.blank();
        if reader.rest().is_empty() { Ok(expr) } else { Err("something follows the expression".to_owned()) }
    });
    match read {
        Ok(expr) => expr,
        Err(reason) => Expr { form: Form::Broken(reason), span: reader.here(reader.at) },
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    base: u32,
    span: Span,
    depth: usize,
}

type Read<T> = Result<T, String>;

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn blank(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    /// From a place in the text to where the reader is. Escapes in the string make it a little off, never outside.
    fn here(&self, start: usize) -> Span {
        let at = |n: usize| {
            (self.base + u32::try_from(n).unwrap_or(u32::MAX)).clamp(self.span.start, self.span.end)
        };
        Span { file: self.span.file, start: at(start), end: at(self.at.max(start)) }
    }

    fn takes(&mut self, mark: char) -> bool {
        self.blank();
        let there = self.rest().starts_with(mark);
        if there {
            self.at += mark.len_utf8();
        }
        there
    }

    fn expects(&mut self, mark: char) -> Read<()> {
        if self.takes(mark) {
            return Ok(());
        }
        match self.rest().chars().next() {
            Some(found) => Err(format!("`{mark}` is expected where `{found}` stands")),
            None => Err(format!("`{mark}` is expected at the end")),
        }
    }

    fn expression(&mut self) -> Read<Expr> {
        self.depth += 1;
        if self.depth > MOST_DEPTH {
            return Err(format!("the expression is nested more than {MOST_DEPTH} levels deep"));
        }
        self.blank();
        let start = self.at;
        let mut expr = self.primary()?;
        // Every step wraps what stands before it, so a long way is as deep as a deep nest.
        for _ in 0..MOST_DEPTH {
            if self.takes('.') {
                self.blank();
                let name = self.identifier()?.to_owned();
                expr = Expr { form: Form::Member(Box::new(expr), name, false), span: self.here(start) };
            } else if self.takes('[') {
                let index = self.expression()?;
                self.expects(']')?;
                let form = Form::Index(Box::new(expr), Box::new(index), false);
                expr = Expr { form, span: self.here(start) };
            } else {
                self.depth -= 1;
                return Ok(expr);
            }
        }
        Err(format!("the expression takes more than {MOST_DEPTH} steps into a value"))
    }

    fn primary(&mut self) -> Read<Expr> {
        let start = self.at;
        match self.rest().chars().next() {
            None => Err("an expression is expected at the end".to_owned()),
            Some('\'') => {
                let text = self.string()?;
                Ok(Expr::literal(text, self.here(start)))
            }
            Some(c) if c.is_ascii_digit() || c == '-' || c == '+' => {
                let rest = self.rest();
                let end = rest[1..]
                    .find(|c: char| !(c.is_ascii_alphanumeric() || c == '.'))
                    .map_or(rest.len(), |n| n + 1);
                self.at += end;
                let written = rest[..end].trim_start_matches('+');
                let value = written
                    .parse::<i64>()
                    .map(Value::Int)
                    .or_else(|_| written.parse::<f64>().map(Value::Float));
                let value = value.map_err(|_| format!("`{written}` is no number"))?;
                Ok(Expr::literal(value, self.here(start)))
            }
            Some(_) => self.named(start),
        }
    }

    /// A call; a namespace before the name is part of it. A bare name is a variable of a lambda.
    fn named(&mut self, start: usize) -> Read<Expr> {
        let mut name = self.identifier()?.to_owned();
        let after = self.at;
        if self.takes('.')
            && let Ok(second) = self.identifier()
        {
            self.blank();
            if self.rest().starts_with('(') {
                name = format!("{name}.{second}");
            } else {
                self.at = after;
            }
        }
        if !self.takes('(') {
            self.at = after;
            return match name.to_ascii_lowercase().as_str() {
                "true" => Ok(Expr::literal(true, self.here(start))),
                "false" => Ok(Expr::literal(false, self.here(start))),
                "null" => Ok(Expr::literal(Value::Null, self.here(start))),
                _ => Err(format!("`(` is expected after `{name}`")),
            };
        }
        let mut args = Vec::new();
        if !self.takes(')') {
            loop {
                args.push(self.expression()?);
                if !self.takes(',') {
                    break;
                }
            }
            self.expects(')')?;
        }
        if name.eq_ignore_ascii_case("lambda") {
            return self.lambda(args, start);
        }
        Ok(Expr { form: Form::Call(name, args), span: self.here(start) })
    }

    fn lambda(&self, mut args: Vec<Expr>, start: usize) -> Read<Expr> {
        let body = args.pop().ok_or("`lambda` takes names and a value")?;
        let names: Option<Vec<String>> = args.iter().map(|a| a.text().map(str::to_owned)).collect();
        let names = names.ok_or("the names that `lambda` takes are literals")?;
        Ok(Expr { form: Form::Lambda(names, Box::new(body)), span: self.here(start) })
    }

    fn identifier(&mut self) -> Read<&'t str> {
        let rest = self.rest();
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).unwrap_or(rest.len());
        if end == 0 {
            return Err(match rest.chars().next() {
                Some(found) => format!("a name is expected where `{found}` stands"),
                None => "a name is expected at the end".to_owned(),
            });
        }
        self.at += end;
        Ok(&rest[..end])
    }

    /// Between single quotes; two of them are one.
    fn string(&mut self) -> Read<String> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = self.rest();
            let end = rest.find('\'').ok_or("a text has no closing quote")?;
            out.push_str(&rest[..end]);
            self.at += end + 1;
            if !self.rest().starts_with('\'') {
                return Ok(out);
            }
            out.push('\'');
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ir::SourceMap;

    fn read(text: &str) -> Form {
        let file = SourceMap::default().add("t.json", text);
        let end = u32::try_from(text.len()).expect("short") + 2;
        parse(text, Span { file, start: 0, end }).form
    }

    #[test]
    fn text_is_text_and_brackets_make_an_expression() {
        for (written, meant) in
            [("plain", "plain"), ("[[escaped]", "[escaped]"), ("[open", "[open"), ("", "")]
        {
            assert!(matches!(read(written), Form::Literal(Value::Str(s)) if s == meant), "{written}");
        }
        assert!(matches!(read("['it''s']"), Form::Literal(Value::Str(s)) if s == "it's"));
        assert!(
            matches!(read("[ concat ( 'a' , 1 ) ]"), Form::Call(name, args) if name == "concat" && args.len() == 2)
        );
        assert!(matches!(read("[contoso.name('a')]"), Form::Call(name, _) if name == "contoso.name"));
        assert!(matches!(read("[reference('a').b[0]['c']]"), Form::Index(..)));
        assert!(matches!(read("[-5]"), Form::Literal(Value::Int(-5))));
    }

    #[test]
    fn what_is_broken_says_why_and_never_overflows() {
        for written in ["[]", "[a]", "[a(]", "[a('x]", "[a() b]", "[a(,)]", "[a().]", "[\u{1f980}]", "[1x]"] {
            assert!(matches!(read(written), Form::Broken(_)), "{written}");
        }
        for deep in ["a(".repeat(10_000), "a()[".repeat(10_000), format!("a(){}", ".b".repeat(10_000))] {
            assert!(matches!(read(&format!("[{deep}]")), Form::Broken(_)));
        }
    }
}
