//! Bicep's expressions into those of the one model: operators are the functions that they stand for.

use ir::{Span, Value};

use super::scan::{MOST_OPEN, Read, Scanner, Trouble};
use crate::arm::template::{Entry, Expr, Form, Over, Repeat};
use crate::reading::MOST_DEPTH;

/// Operators of two sides by how tightly they bind, the loosest first, and the function that each is.
const BINARY: &[&[(&str, &str)]] = &[
    &[("??", "coalesce")],
    &[("||", "or")],
    &[("&&", "and")],
    &[("==", "equals"), ("!=", "!equals"), ("=~", "~equals"), ("!~", "!~equals")],
    &[("<=", "lessOrEquals"), (">=", "greaterOrEquals"), ("<", "less"), (">", "greater")],
    &[("+", "add"), ("-", "sub")],
    &[("*", "mul"), ("/", "div"), ("%", "mod")],
];

impl Scanner<'_> {
    /// An expression. What it is made of stands in functions of their own, each with little on the stack, because they
    /// call each other once a level.
    pub fn expression(&mut self) -> Read<Expr> {
        if self.depth >= MOST_OPEN {
            let reason = format!("the expression is nested more than {MOST_OPEN} levels deep");
            return Err(Trouble { reason, span: self.since(self.at) });
        }
        self.depth += 1;
        self.blank();
        let start = self.at;
        let condition = self.binary(0)?;
        let out = if self.ahead(|rest| rest.starts_with('?') && !rest.starts_with("??")) {
            self.choice(condition, start)
        } else {
            Ok(condition)
        };
        self.depth -= 1;
        out
    }

    fn choice(&mut self, condition: Expr, start: usize) -> Read<Expr> {
        self.expects("?")?;
        self.lines();
        let yes = self.expression()?;
        self.expects(":")?;
        self.lines();
        let no = self.expression()?;
        Ok(Expr::call("if", vec![condition, yes, no], self.since(start)))
    }

    /// Whether something comes next, also on a later line; it is not passed.
    fn ahead(&mut self, there: impl FnOnce(&str) -> bool) -> bool {
        let here = self.at;
        self.lines();
        let found = there(self.rest());
        self.at = here;
        found
    }

    /// A row of operators that bind at least as tightly as those of a level.
    fn binary(&mut self, level: usize) -> Read<Expr> {
        self.blank();
        let start = self.at;
        let mut left = self.unary()?;
        // Every operator wraps what stands before it, so a long row is as deep as a deep nest.
        for _ in 0..MOST_DEPTH {
            let Some((binds, mark, function)) = self.operator(level) else { return Ok(left) };
            self.lines();
            self.at += mark.len();
            self.lines();
            let right = self.binary(binds + 1)?;
            left = operated(function, left, right, self.since(start));
        }
        Err(Trouble { reason: "the row of operators is too long".to_owned(), span: self.since(start) })
    }

    /// The operator that comes next, and its level. On a later line only what can begin nothing else.
    fn operator(&mut self, level: usize) -> Option<(usize, &'static str, &'static str)> {
        let here = self.at;
        self.blank();
        let same_line = !self.rest().starts_with('\n');
        self.lines();
        let rest = self.rest();
        self.at = here;
        if rest.starts_with("=>") {
            return None;
        }
        // Of marks that begin alike the longer one is meant.
        let all =
            BINARY.iter().enumerate().flat_map(|(level, row)| row.iter().map(move |(m, f)| (level, *m, *f)));
        let found =
            all.filter(|(_, mark, _)| rest.starts_with(mark)).max_by_key(|(_, mark, _)| mark.len())?;
        (found.0 >= level && (same_line || found.1 != "-")).then_some(found)
    }

    fn unary(&mut self) -> Read<Expr> {
        let mut marks: Vec<(usize, bool)> = Vec::new();
        loop {
            self.blank();
            let rest = self.rest();
            let not = rest.starts_with('!') && !rest.starts_with("!=") && !rest.starts_with("!~");
            if !not && !rest.starts_with('-') {
                break;
            }
            if marks.len() >= MOST_DEPTH {
                return Err(self.trouble("a value is expected"));
            }
            marks.push((self.at, not));
            self.at += 1;
        }
        let of = self.postfix()?;
        Ok(marks.into_iter().rev().fold(of, |of, (start, not)| signed(not, of, self.since(start))))
    }

    fn postfix(&mut self) -> Read<Expr> {
        let start = self.at;
        let mut expr = self.primary()?;
        for _ in 0..MOST_DEPTH {
            let member = |rest: &str| rest.starts_with('.') && !rest.starts_with("..");
            let form = if self.ahead(member) {
                self.lines();
                self.at += 1;
                let safe = self.takes("?");
                let name = self.name()?.to_owned();
                if self.takes("(") {
                    Form::Method(Box::new(expr), name, self.arguments()?)
                } else {
                    Form::Member(Box::new(expr), name, safe)
                }
            } else if self.takes("::") {
                Form::Name(self.name()?.to_owned())
            } else if self.takes("[") {
                let safe = self.takes("?");
                let from_end = self.takes("^");
                self.lines();
                let index = self.expression()?;
                self.expects("]")?;
                match (from_end, safe) {
                    (true, true) => Form::Call("tryIndexFromEnd".into(), vec![expr, index]),
                    (true, false) => Form::Call("indexFromEnd".into(), vec![expr, index]),
                    (false, safe) => Form::Index(Box::new(expr), Box::new(index), safe),
                }
            } else if self.rest().starts_with('!')
                && !self.rest().starts_with("!=")
                && !self.rest().starts_with("!~")
            {
                self.at += 1;
                Form::Call("~nonnull".into(), vec![expr])
            } else {
                return Ok(expr);
            };
            expr = Expr { form, span: self.since(start) };
        }
        Err(Trouble { reason: "the way into a value is too long".to_owned(), span: self.since(start) })
    }

    /// What stands between the parentheses of a call, the first already passed.
    fn arguments(&mut self) -> Read<Vec<Expr>> {
        let mut args = Vec::new();
        loop {
            self.lines();
            if self.takes(")") {
                return Ok(args);
            }
            args.push(self.expression()?);
            self.lines();
            if !self.takes(",") {
                self.expects(")")?;
                return Ok(args);
            }
        }
    }

    fn primary(&mut self) -> Read<Expr> {
        self.blank();
        match self.rest().chars().next() {
            Some('\'') => self.string(),
            Some('$') if self.rest()[1..].starts_with(['\'', '$']) => self.string(),
            Some('[') => self.array(),
            Some('{') => self.object(),
            Some('(') => self.parenthesis(),
            Some(c) if c.is_ascii_digit() => self.number(),
            _ => self.named(),
        }
    }

    fn object(&mut self) -> Read<Expr> {
        let start = self.at;
        self.at += 1;
        let entries = self.entries()?;
        Ok(Expr { form: Form::Object(entries), span: self.since(start) })
    }

    fn parenthesis(&mut self) -> Read<Expr> {
        let start = self.at;
        if let Some(names) = self.lambda_names(start) {
            return self.lambda(names, start);
        }
        self.at += 1;
        self.lines();
        let inner = self.expression()?;
        self.expects(")")?;
        Ok(inner)
    }

    fn number(&mut self) -> Read<Expr> {
        let start = self.at;
        let rest = self.rest();
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        self.at += end;
        match rest[..end].parse::<i64>() {
            Ok(n) => Ok(Expr::literal(Value::Int(n), self.since(start))),
            Err(_) => Err(Trouble { reason: "the number is too large".into(), span: self.since(start) }),
        }
    }

    fn named(&mut self) -> Read<Expr> {
        let start = self.at;
        if let Some(names) = self.lambda_names(start) {
            return self.lambda(names, start);
        }
        let Ok(name) = self.name() else { return Err(self.trouble("a value is expected")) };
        let form = match name {
            "true" => Form::Literal(Value::Bool(true)),
            "false" => Form::Literal(Value::Bool(false)),
            "null" => Form::Literal(Value::Null),
            _ if self.takes("(") => Form::Call(name.to_owned(), self.arguments()?),
            _ => Form::Name(name.to_owned()),
        };
        Ok(Expr { form, span: self.since(start) })
    }

    /// What follows the names of a function without a name.
    fn lambda(&mut self, names: Vec<String>, start: usize) -> Read<Expr> {
        self.lines();
        let body = self.expression()?;
        Ok(Expr { form: Form::Lambda(names, Box::new(body)), span: self.since(start) })
    }

    /// `x =>` or `(x, y) =>`; nothing is passed when it is something else.
    fn lambda_names(&mut self, start: usize) -> Option<Vec<String>> {
        let names = self.names_before_arrow();
        if names.is_none() {
            self.at = start;
        }
        names
    }

    fn names_before_arrow(&mut self) -> Option<Vec<String>> {
        let mut names = Vec::new();
        if self.takes("(") {
            loop {
                self.lines();
                if self.takes(")") {
                    break;
                }
                names.push(self.name().ok()?.to_owned());
                self.lines();
                if !self.takes(",") {
                    self.lines();
                    if !self.takes(")") {
                        return None;
                    }
                    break;
                }
            }
        } else {
            names.push(self.name().ok()?.to_owned());
        }
        self.takes("=>").then_some(names)
    }

    /// A list, or a loop.
    fn array(&mut self) -> Read<Expr> {
        let start = self.at;
        self.expects("[")?;
        self.lines();
        if self.word("for") {
            let (repeat, filter, body) = self.turns(Self::expression)?;
            self.expects("]")?;
            let form = Form::Loop(Box::new(repeat), filter.map(Box::new), Box::new(body));
            return Ok(Expr { form, span: self.since(start) });
        }
        let mut items = Vec::new();
        loop {
            self.lines();
            if self.takes("]") {
                return Ok(Expr { form: Form::Array(items), span: self.since(start) });
            }
            let spread = self.takes("...");
            items.push(Entry { key: None, spread, value: self.expression()? });
            self.blank();
            if !self.takes(",") && !self.rest().starts_with(['\n', ']']) {
                return Err(self.trouble("`]` or a new line is expected"));
            }
        }
    }

    /// `(item, number) in list: if (condition) body`, after the word `for`.
    pub fn turns<T>(&mut self, body: impl FnOnce(&mut Self) -> Read<T>) -> Read<(Repeat, Option<Expr>, T)> {
        let binds = if self.takes("(") {
            let item = self.name()?.to_owned();
            self.expects(",")?;
            let number = self.name()?.to_owned();
            self.expects(")")?;
            (Some(item), Some(number))
        } else {
            (Some(self.name()?.to_owned()), None)
        };
        if !self.word("in") {
            return Err(self.trouble("`in` is expected"));
        }
        let list = self.expression()?;
        self.expects(":")?;
        self.lines();
        let filter = if self.word("if") {
            self.expects("(")?;
            self.lines();
            let condition = self.expression()?;
            self.expects(")")?;
            self.lines();
            Some(condition)
        } else {
            None
        };
        let body = body(self)?;
        let name = binds.0.clone().unwrap_or_default();
        Ok((Repeat { name, binds, over: Over::Each(list) }, filter, body))
    }

    /// The entries of an object, the first brace already passed.
    pub fn entries(&mut self) -> Read<Vec<Entry>> {
        let mut entries = Vec::new();
        loop {
            self.lines();
            if self.takes("}") {
                return Ok(entries);
            }
            entries.push(self.entry()?);
        }
    }

    /// One entry of an object, with what ends it.
    pub fn entry(&mut self) -> Read<Entry> {
        let entry = if self.takes("...") {
            Entry { key: None, spread: true, value: self.expression()? }
        } else {
            let start = self.at;
            let key = if self.rest().starts_with('\'') {
                self.string()?
            } else {
                let name = self.name()?;
                Expr::literal(name, self.since(start))
            };
            self.expects(":")?;
            self.lines();
            Entry { key: Some(key), spread: false, value: self.expression()? }
        };
        self.blank();
        if !self.takes(",") && !self.rest().starts_with(['\n', '}']) {
            return Err(self.trouble("`}` or a new line is expected"));
        }
        Ok(entry)
    }

    /// A text: on one line, or over several between three quotes.
    pub fn string(&mut self) -> Read<Expr> {
        let start = self.at;
        let dollars = self.rest().len() - self.rest().trim_start_matches('$').len();
        if self.rest()[dollars..].starts_with("'''") {
            return self.long_string(dollars);
        }
        self.expects("'")?;
        let mut parts: Vec<Expr> = Vec::new();
        let mut plain = String::new();
        loop {
            let rest = self.rest();
            let end = rest.find(['\'', '\\', '$', '\n']);
            let Some(end) = end.filter(|n| !rest[*n..].starts_with('\n')) else {
                self.at += rest.find('\n').unwrap_or(rest.len());
                return Err(Trouble {
                    reason: "the text has no closing quote".into(),
                    span: self.since(start),
                });
            };
            plain.push_str(&rest[..end]);
            self.at += end;
            match rest.as_bytes()[end] {
                b'\'' => {
                    self.at += 1;
                    break;
                }
                b'\\' => self.escape(&mut plain)?,
                _ if rest[end..].starts_with("${") => {
                    if !plain.is_empty() {
                        parts.push(Expr::literal(std::mem::take(&mut plain), self.since(start)));
                    }
                    self.at += 2;
                    self.lines();
                    parts.push(self.expression()?);
                    self.expects("}")?;
                }
                _ => {
                    plain.push('$');
                    self.at += 1;
                }
            }
        }
        Ok(self.joined(parts, plain, start))
    }

    fn joined(&self, mut parts: Vec<Expr>, plain: String, start: usize) -> Expr {
        let span = self.since(start);
        if parts.is_empty() {
            return Expr::literal(plain, span);
        }
        if !plain.is_empty() {
            parts.push(Expr::literal(plain, span));
        }
        Expr { form: Form::Join(parts), span }
    }

    fn escape(&mut self, into: &mut String) -> Read<()> {
        let start = self.at;
        let rest = &self.rest()[1..];
        let (character, length) = match rest.chars().next() {
            Some('n') => (Some('\n'), 1),
            Some('r') => (Some('\r'), 1),
            Some('t') => (Some('\t'), 1),
            Some(c @ ('\\' | '\'' | '$')) => (Some(c), 1),
            Some('u') => {
                let end = rest.find('}').unwrap_or(0);
                let hex = rest.get(2..end).filter(|_| rest.starts_with("u{"));
                let code = hex.and_then(|h| u32::from_str_radix(h, 16).ok());
                (code.and_then(char::from_u32), end + 1)
            }
            _ => (None, 0),
        };
        let Some(character) = character else {
            return Err(Trouble { reason: "this escape is not known".into(), span: self.since(start) });
        };
        into.push(character);
        self.at += 1 + length;
        Ok(())
    }

    /// Between three quotes, as it stands; a line break right after them is left out. With dollars before it, as many open
    /// an expression.
    fn long_string(&mut self, dollars: usize) -> Read<Expr> {
        let start = self.at;
        self.at += dollars + 3;
        let body = self.rest();
        let Some(mut end) = body.find("'''") else {
            self.at = self.text.len();
            return Err(Trouble { reason: "the text has no closing quotes".into(), span: self.since(start) });
        };
        // Quotes at the end belong to the text but for the last three.
        while body[end + 3..].starts_with('\'') {
            end += 1;
        }
        let begin = if body.starts_with("\r\n") { 2 } else { usize::from(body.starts_with('\n')) };
        let stop = self.at + end;
        let opener = format!("{}{{", "$".repeat(dollars));
        let mut parts = Vec::new();
        self.at += begin.min(end);
        let mut plain_from = self.at;
        while dollars > 0
            && let Some(next) = self.text[self.at..stop].find(&opener)
        {
            let text = &self.text[plain_from..self.at + next];
            if !text.is_empty() {
                parts.push(Expr::literal(text, self.since(plain_from)));
            }
            self.at += next + opener.len();
            self.lines();
            parts.push(self.expression()?);
            self.expects("}")?;
            plain_from = self.at;
            if self.at > stop {
                return Err(Trouble {
                    reason: "the text has no closing quotes".into(),
                    span: self.since(start),
                });
            }
        }
        let plain = self.text[plain_from..stop].to_owned();
        self.at = stop + 3;
        Ok(self.joined(parts, plain, start))
    }
}

/// Two values and an operator, by the function that it is; `!` before it turns the answer round.
fn operated(function: &str, left: Expr, right: Expr, span: Span) -> Expr {
    let (negated, name) = match function.strip_prefix('!') {
        Some(name) => (true, name),
        None => (false, function),
    };
    let call = match left.form {
        // A row of one operator is one call.
        Form::Call(before, mut args) if before == name && matches!(name, "coalesce" | "or" | "and") => {
            args.push(right);
            Expr::call(name, args, span)
        }
        form => Expr::call(name, vec![Expr { form, span: left.span }, right], span),
    };
    if negated { Expr::call("not", vec![call], span) } else { call }
}

fn signed(not: bool, of: Expr, span: Span) -> Expr {
    match of.form {
        form if not => Expr::call("not", vec![Expr { form, span: of.span }], span),
        Form::Literal(Value::Int(n)) => Expr::literal(Value::Int(-n), span),
        form => Expr::call("sub", vec![Expr::literal(0, span), Expr { form, span: of.span }], span),
    }
}
