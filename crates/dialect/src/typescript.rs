//! A small model of TypeScript, and its printer.
//!
//! Programs are built from expressions and statements, never from pasted text: strings are escaped, names quoted and
//! lines broken in one place. Laid out as Prettier does. Must not know what a program is about.

/// Lines are broken when they are wider than this, in characters.
const WIDEST: usize = 100;

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expr {
    /// Text.
    Str(String),
    /// A number, as it is written.
    Number(String),
    /// `true`, `false`, `undefined`, a variable.
    Name(String),
    /// `` `a${b}` ``, with what stands before the backtick.
    Template(Option<Box<Expr>>, Vec<Piece>),
    /// `a.b`
    Member(Box<Expr>, String),
    /// `a[b]`
    Index(Box<Expr>, Box<Expr>),
    /// `a!`
    Sure(Box<Expr>),
    /// `a(b, c)`
    Call(Box<Expr>, Vec<Expr>),
    /// `new a(b, c)`
    New(Box<Expr>, Vec<Expr>),
    /// `[a, ...b]`
    Array(Vec<Expr>),
    /// `...a`
    Spread(Box<Expr>),
    /// `{ a: b, ...c }`
    Object(Vec<Entry>),
    /// `(a) => b`; parameters as they are written.
    Arrow(Vec<String>, Box<Expr>),
    /// `a ? b : c`
    Choose(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `a ?? b`
    Binary(Box<Expr>, &'static str, Box<Expr>),
}

/// A part of a template.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Piece {
    /// Characters.
    Text(String),
    /// `${a}`
    Value(Expr),
}

/// An entry of an object.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Entry {
    /// `a: b`
    Pair(String, Expr),
    /// `...a`
    Spread(Expr),
}

/// A statement.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Stmt {
    /// `import what from "module";`
    Import(String, String),
    /// `const name: type = value;`
    Const { name: String, ty: Option<String>, value: Expr },
    /// `a = b;`
    Assign(Expr, Expr),
    /// `a;`
    Do(Expr),
    /// `export const name = value;`
    Export(String, Expr),
    /// `for (const name of list) { ... }`; the name as it is written.
    For { name: String, list: Expr, body: Vec<Stmt> },
    /// `if (condition) { ... }`
    If(Expr, Vec<Stmt>),
    /// `export interface name extends others { ... }`
    Interface { doc: String, name: String, extends: Vec<String>, fields: Vec<Field> },
    /// `export class name extends base { ... }` with its constructor: parameters as they are written, and body.
    Class {
        doc: String,
        name: String,
        base: String,
        fields: Vec<Field>,
        parameters: Vec<String>,
        body: Vec<Stmt>,
    },
    /// An empty line.
    Blank,
}

/// A field of an interface or class.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Field {
    /// One sentence.
    pub doc: String,
    /// `public readonly`, or nothing.
    pub modifiers: &'static str,
    /// Its name.
    pub name: String,
    /// Whether it may be absent.
    pub optional: bool,
    /// Its type, as it is written.
    pub ty: String,
}

/// Short ways to build expressions.
impl Expr {
    /// A dotted name: `aws.rds.Instance`.
    pub fn path(names: &str) -> Expr {
        let mut parts = names.split('.');
        let first = Expr::Name(parts.next().unwrap_or_default().to_owned());
        parts.fold(first, |of, name| of.member(name))
    }

    /// Text.
    pub fn str(text: impl Into<String>) -> Expr {
        Expr::Str(text.into())
    }

    /// A truth value.
    pub fn bool(yes: bool) -> Expr {
        Expr::Name(yes.to_string())
    }

    /// `undefined`
    pub fn undefined() -> Expr {
        Expr::Name("undefined".to_owned())
    }

    /// `self.name`, in brackets where the name is no identifier.
    pub fn member(self, name: &str) -> Expr {
        if is_identifier(name) {
            return Expr::Member(Box::new(self), name.to_owned());
        }
        Expr::Index(Box::new(self), Box::new(Expr::str(name)))
    }

    /// `self[index]`
    pub fn index(self, index: Expr) -> Expr {
        Expr::Index(Box::new(self), Box::new(index))
    }

    /// `self(arguments)`
    pub fn call(self, arguments: Vec<Expr>) -> Expr {
        Expr::Call(Box::new(self), arguments)
    }

    /// `self.method(arguments)`
    pub fn method(self, name: &str, arguments: Vec<Expr>) -> Expr {
        self.member(name).call(arguments)
    }

    /// `(parameter) => body`
    pub fn arrow(parameter: &str, body: Expr) -> Expr {
        Expr::Arrow(vec![parameter.to_owned()], Box::new(body))
    }

    /// `condition ? yes : no`
    pub fn choose(condition: Expr, yes: Expr, no: Expr) -> Expr {
        Expr::Choose(Box::new(condition), Box::new(yes), Box::new(no))
    }

    /// A template; plain text where nothing varies.
    pub fn template(tag: Option<Expr>, pieces: Vec<Piece>) -> Expr {
        let mut joined: Vec<Piece> = Vec::new();
        for piece in pieces {
            match (joined.last_mut(), piece) {
                (_, Piece::Text(text)) if text.is_empty() => {}
                (Some(Piece::Text(before)), Piece::Text(text)) => before.push_str(&text),
                (_, piece) => joined.push(piece),
            }
        }
        match joined.as_slice() {
            [] => Expr::str(""),
            [Piece::Text(text)] => Expr::str(text.clone()),
            _ => Expr::Template(tag.map(Box::new), joined),
        }
    }

    /// How tightly it binds: the larger, the tighter.
    fn strength(&self) -> u8 {
        match self {
            Expr::Arrow(..) | Expr::Spread(_) => 0,
            Expr::Choose(..) => 1,
            Expr::Binary(..) => 2,
            Expr::New(..) => 3,
            _ => 4,
        }
    }
}

/// Whether a name can stand without quotes.
pub(crate) fn is_identifier(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(|c| c.is_ascii_alphabetic() || matches!(c, '_' | '$'))
        && letters.all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '$'))
}

/// A name in camel case, such as `privateSubnetIds`; a word of the language gets a mark.
pub(crate) fn camel(text: &str) -> String {
    let snake = ir::names::snake(text);
    let mut words = snake.split('_').filter(|w| !w.is_empty());
    let mut out = words.next().unwrap_or_default().to_owned();
    words.for_each(|word| out.push_str(&capital(word)));
    if RESERVED.contains(&out.as_str()) { format!("{out}_") } else { out }
}

/// A name in Pascal case, such as `PrivateSubnet`.
pub(crate) fn pascal(text: &str) -> String {
    ir::names::snake(text).split('_').map(capital).collect()
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|c| c.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

/// Words that no variable may be called.
const RESERVED: &[&str] = &[
    "arguments",
    "await",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "constructor",
    "continue",
    "debugger",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "eval",
    "export",
    "extends",
    "false",
    "finally",
    "for",
    "function",
    "if",
    "implements",
    "import",
    "in",
    "instanceof",
    "interface",
    "let",
    "new",
    "null",
    "package",
    "private",
    "protected",
    "public",
    "return",
    "static",
    "super",
    "switch",
    "this",
    "throw",
    "true",
    "try",
    "typeof",
    "undefined",
    "var",
    "void",
    "while",
    "with",
    "yield",
];

/// A program as text; `step` is what a level is indented by.
pub(crate) fn print(program: &[Stmt], step: usize) -> String {
    let mut printer = Printer { out: String::new(), step, depth: 0 };
    printer.block(program);
    printer.out
}

struct Printer {
    out: String,
    step: usize,
    depth: usize,
}

impl Printer {
    fn line(&mut self, text: &str) {
        if !text.is_empty() {
            self.out.push_str(&self.margin(0));
            self.out.push_str(text);
        }
        self.out.push('\n');
    }

    fn margin(&self, deeper: usize) -> String {
        " ".repeat(self.step * (self.depth + deeper))
    }

    fn inside(&mut self, statements: &[Stmt]) {
        self.depth += 1;
        self.block(statements);
        self.depth -= 1;
    }

    fn block(&mut self, statements: &[Stmt]) {
        statements.iter().for_each(|statement| self.statement(statement));
    }

    fn statement(&mut self, statement: &Stmt) {
        match statement {
            Stmt::Blank => self.line(""),
            Stmt::Import(what, from) => self.line(&format!("import {what} from {};", quoted(from))),
            Stmt::Const { name, ty, value } => {
                let ty = ty.as_ref().map(|ty| format!(": {ty}")).unwrap_or_default();
                self.valued(&format!("const {name}{ty} = "), value);
            }
            Stmt::Export(name, value) => self.valued(&format!("export const {name} = "), value),
            Stmt::Assign(to, value) => {
                let to = self.expr(to, 0);
                self.valued(&format!("{to} = "), value);
            }
            Stmt::Do(value) => self.valued("", value),
            Stmt::For { name, list, body } => {
                let list = self.expr(list, 0);
                self.line(&format!("for (const {name} of {list}) {{"));
                self.inside(body);
                self.line("}");
            }
            Stmt::If(condition, body) => {
                let condition = self.expr(condition, 0);
                self.line(&format!("if ({condition}) {{"));
                self.inside(body);
                self.line("}");
            }
            Stmt::Interface { doc, name, extends, fields } => {
                self.doc(doc);
                let extends = match extends.is_empty() {
                    true => String::new(),
                    false => format!(" extends {}", extends.join(", ")),
                };
                if fields.is_empty() {
                    self.line(&format!("export interface {name}{extends} {{}}"));
                    return;
                }
                self.line(&format!("export interface {name}{extends} {{"));
                self.fields(fields);
                self.line("}");
            }
            Stmt::Class { doc, name, base, fields, parameters, body } => {
                self.doc(doc);
                self.line(&format!("export class {name} extends {base} {{"));
                self.fields(fields);
                if !fields.is_empty() {
                    self.line("");
                }
                self.depth += 1;
                self.line(&format!("constructor({}) {{", parameters.join(", ")));
                self.inside(body);
                self.line("}");
                self.depth -= 1;
                self.line("}");
            }
        }
    }

    fn fields(&mut self, fields: &[Field]) {
        self.depth += 1;
        for field in fields {
            self.doc(&field.doc);
            let mark = if field.optional { "?" } else { "" };
            let name = if is_identifier(&field.name) { field.name.clone() } else { quoted(&field.name) };
            self.line(&format!("{}{name}{mark}: {};", field.modifiers, field.ty));
        }
        self.depth -= 1;
    }

    fn doc(&mut self, doc: &str) {
        if !doc.is_empty() {
            let one_line = doc.split_whitespace().collect::<Vec<_>>().join(" ").replace("*/", "* /");
            self.line(&format!("/** {one_line} */"));
        }
    }

    fn valued(&mut self, before: &str, value: &Expr) {
        let used = before.chars().count() + 1;
        let value = self.expr(value, used);
        self.line(&format!("{before}{value};"));
    }

    /// An expression that begins at a column after the margin; `used` characters of the line are taken.
    fn expr(&mut self, value: &Expr, used: usize) -> String {
        let flat = flat(value);
        let fits = self.step * self.depth + used + flat.chars().count() <= WIDEST && !flat.contains('\n');
        if fits && !is_tall(value) {
            return flat;
        }
        match value {
            Expr::Object(entries) if !entries.is_empty() => {
                self.broken('{', '}', entries, |p, entry| match entry {
                    Entry::Spread(value) => format!("...{}", p.expr(value, 3)),
                    Entry::Pair(name, value) if is_shorthand(name, value) => name.clone(),
                    Entry::Pair(name, value) => {
                        let name = key(name);
                        format!("{name}: {}", p.expr(value, name.chars().count() + 3))
                    }
                })
            }
            Expr::Array(items) if !items.is_empty() => {
                self.broken('[', ']', items, |p, item| p.expr(item, 1))
            }
            Expr::Call(of, arguments) => {
                let of = self.operand(of, 4, used);
                self.arguments(of, arguments, used)
            }
            Expr::New(of, arguments) => {
                let of = format!("new {}", self.operand(of, 4, used));
                self.arguments(of, arguments, used)
            }
            Expr::Member(of, name) => format!("{}.{name}", self.operand(of, 4, used)),
            Expr::Index(of, index) => format!("{}[{}]", self.operand(of, 4, used), self::flat(index)),
            Expr::Sure(of) => format!("{}!", self.operand(of, 4, used)),
            Expr::Spread(inner) => format!("...{}", self.operand(inner, 1, used + 3)),
            Expr::Arrow(parameters, body) => {
                let before = format!("({}) => ", parameters.join(", "));
                let body_text = self.expr(body, used + before.chars().count());
                match **body {
                    Expr::Object(_) => format!("{before}({body_text})"),
                    _ => format!("{before}{body_text}"),
                }
            }
            Expr::Choose(condition, yes, no) => {
                let condition = self.operand(condition, 2, used);
                self.depth += 1;
                let (yes, no) = (self.operand(yes, 1, 4), self.operand(no, 1, 4));
                let margin = self.margin(0);
                self.depth -= 1;
                format!("{condition}\n{margin}? {yes}\n{margin}: {no}")
            }
            Expr::Binary(left, operator, right) => {
                let left = self.operand(left, 2, used);
                format!("{left} {operator} {}", self.operand(right, 3, used))
            }
            _ => flat,
        }
    }

    fn operand(&mut self, value: &Expr, least: u8, used: usize) -> String {
        let text = self.expr(value, used);
        if value.strength() < least { format!("({text})") } else { text }
    }

    /// Arguments on one line, the last of them broken where it can be; otherwise one a line.
    fn arguments(&mut self, of: String, arguments: &[Expr], used: usize) -> String {
        let Some((last, rest)) = arguments.split_last() else { return format!("{of}()") };
        let rest_flat: Vec<String> = rest.iter().map(self::flat).collect();
        let hugs = matches!(last, Expr::Object(e) if !e.is_empty())
            || matches!(last, Expr::Array(_) | Expr::Arrow(..)) && arguments.len() == 1;
        let start = format!("{of}({}", rest_flat.iter().map(|r| format!("{r}, ")).collect::<String>());
        let first_line = self.step * self.depth + used + start.chars().count() + 1;
        if hugs && first_line <= WIDEST && !rest.iter().any(is_tall) && !start.contains('\n') {
            return format!("{start}{})", self.expr(last, used + start.chars().count()));
        }
        let lines = self.broken('(', ')', arguments, |p, argument| p.expr(argument, 1));
        format!("{of}{lines}")
    }

    fn broken<T>(
        &mut self,
        open: char,
        close: char,
        items: &[T],
        each: impl Fn(&mut Self, &T) -> String,
    ) -> String {
        self.depth += 1;
        let lines: Vec<String> = items.iter().map(|item| each(self, item)).collect();
        let margin = self.margin(0);
        self.depth -= 1;
        let body: String = lines.iter().map(|line| format!("{margin}{line},\n")).collect();
        format!("{open}\n{body}{}{close}", self.margin(0))
    }
}

/// Objects of several entries are read a line each, wherever they stand.
fn is_tall(value: &Expr) -> bool {
    match value {
        Expr::Object(entries) => {
            entries.len() > 1
                || entries.iter().any(|e| match e {
                    Entry::Pair(_, value) | Entry::Spread(value) => is_tall(value),
                })
        }
        Expr::Array(items) => items.iter().any(is_tall),
        Expr::Call(of, arguments) | Expr::New(of, arguments) => is_tall(of) || arguments.iter().any(is_tall),
        Expr::Member(of, _) | Expr::Sure(of) | Expr::Spread(of) | Expr::Arrow(_, of) => is_tall(of),
        Expr::Index(of, index) => is_tall(of) || is_tall(index),
        Expr::Choose(condition, yes, no) => is_tall(condition) || is_tall(yes) || is_tall(no),
        Expr::Binary(left, _, right) => is_tall(left) || is_tall(right),
        Expr::Str(_) | Expr::Number(_) | Expr::Name(_) | Expr::Template(..) => false,
    }
}

fn is_shorthand(name: &str, value: &Expr) -> bool {
    matches!(value, Expr::Name(variable) if variable == name)
}

/// On one line.
fn flat(value: &Expr) -> String {
    let list = |items: &[Expr]| items.iter().map(flat).collect::<Vec<_>>().join(", ");
    let operand = |value: &Expr, least: u8| {
        if value.strength() < least { format!("({})", flat(value)) } else { flat(value) }
    };
    match value {
        Expr::Str(text) => quoted(text),
        Expr::Number(text) | Expr::Name(text) => text.clone(),
        Expr::Template(tag, pieces) => {
            let pieces: String = pieces
                .iter()
                .map(|piece| match piece {
                    Piece::Text(text) => in_template(text),
                    Piece::Value(value) => format!("${{{}}}", flat(value)),
                })
                .collect();
            format!("{}`{pieces}`", tag.as_deref().map(flat).unwrap_or_default())
        }
        Expr::Member(of, name) => format!("{}.{name}", operand(of, 4)),
        Expr::Index(of, index) => format!("{}[{}]", operand(of, 4), flat(index)),
        Expr::Sure(of) => format!("{}!", operand(of, 4)),
        Expr::Call(of, arguments) => format!("{}({})", operand(of, 4), list(arguments)),
        Expr::New(of, arguments) => format!("new {}({})", operand(of, 4), list(arguments)),
        Expr::Array(items) => format!("[{}]", list(items)),
        Expr::Spread(inner) => format!("...{}", operand(inner, 1)),
        Expr::Object(entries) if entries.is_empty() => "{}".to_owned(),
        Expr::Object(entries) => {
            let entry = |entry: &Entry| match entry {
                Entry::Spread(value) => format!("...{}", operand(value, 1)),
                Entry::Pair(name, value) if is_shorthand(name, value) => name.clone(),
                Entry::Pair(name, value) => format!("{}: {}", key(name), flat(value)),
            };
            format!("{{ {} }}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
        Expr::Arrow(parameters, body) => {
            let body = match **body {
                Expr::Object(_) => format!("({})", flat(body)),
                _ => flat(body),
            };
            format!("({}) => {body}", parameters.join(", "))
        }
        Expr::Choose(condition, yes, no) => {
            format!("{} ? {} : {}", operand(condition, 2), operand(yes, 1), operand(no, 1))
        }
        Expr::Binary(left, operator, right) => {
            format!("{} {operator} {}", operand(left, 2), operand(right, 3))
        }
    }
}

/// The key of an object's entry. A key called `__proto__` would set the prototype unless it is computed.
fn key(name: &str) -> String {
    match name {
        "__proto__" => format!("[{}]", quoted(name)),
        name if is_identifier(name) => name.to_owned(),
        name => quoted(name),
    }
}

/// Text between double quotes.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            other => push_escaped(other, &mut out),
        }
    }
    out.push('"');
    out
}

/// Characters of a template.
fn in_template(text: &str) -> String {
    let mut out = String::new();
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        match c {
            '`' => out.push_str("\\`"),
            '$' if letters.peek() == Some(&'{') => out.push_str("\\$"),
            other => push_escaped(other, &mut out),
        }
    }
    out
}

fn push_escaped(c: char, out: &mut String) {
    match c {
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
            out.push_str(&format!("\\u{{{:x}}}", u32::from(c)));
        }
        c => out.push(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_wherever_it_stands() {
        for (text, expected) in [
            ("plain", "\"plain\""),
            ("\"\\\n", "\"\\\"\\\\\\n\""),
            ("${a} `b`", "\"${a} `b`\""),
            ("\u{2028}\u{7}", "\"\\u{2028}\\u{7}\""),
            ("caf\u{e9}", "\"caf\u{e9}\""),
        ] {
            assert_eq!(quoted(text), expected);
        }
        let around = |text: &str| {
            let pieces = vec![Piece::Text(text.into()), Piece::Value(Expr::path("a.b"))];
            flat(&Expr::template(None, pieces))
        };
        assert_eq!(around("${x}`$"), "`\\${x}\\`$${a.b}`");
        assert_eq!(around("\\$"), "`\\\\$${a.b}`");
    }

    #[test]
    fn what_binds_loosely_stands_in_parentheses() {
        let choice = || Expr::choose(Expr::path("a"), Expr::path("b"), Expr::path("c"));
        assert_eq!(flat(&choice().member("d")), "(a ? b : c).d");
        assert_eq!(
            flat(&Expr::Spread(Box::new(choice()))),
            "...(a ? b : c)".replace("...(", "...").replace(')', "")
        );
        let made = Expr::New(Box::new(Expr::path("A")), vec![]);
        assert_eq!(flat(&made.member("id")), "(new A()).id");
        assert_eq!(flat(&Expr::arrow("it", Expr::Object(vec![]))), "(it) => ({})");
    }

    #[test]
    fn names_are_identifiers_and_no_words_of_the_language() {
        for (text, expected) in
            [("default", "default_"), ("private-subnet ids", "privateSubnetIds"), ("", "unnamed")]
        {
            assert_eq!(camel(text), expected);
            assert!(is_identifier(&camel(text)));
        }
        assert_eq!(pascal("orders-db"), "OrdersDb");
        let odd = Entry::Pair("__proto__".into(), Expr::bool(true));
        assert_eq!(flat(&Expr::Object(vec![odd])), "{ [\"__proto__\"]: true }");
    }

    #[test]
    fn long_lines_are_broken_and_short_ones_are_not() {
        let value = |n: usize| Stmt::Const {
            name: "x".into(),
            ty: None,
            value: Expr::path("f").call(vec![Expr::str("a"), Expr::Array(vec![Expr::str("b".repeat(n))])]),
        };
        assert_eq!(print(&[value(1)], 2), "const x = f(\"a\", [\"b\"]);\n");
        let long = print(&[value(100)], 2);
        assert!(long.starts_with("const x = f(\n  \"a\",\n  ["), "{long}");
        assert!(long.ends_with(",\n);\n"), "{long}");
    }
}
