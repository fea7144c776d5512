//! Short ways to build HCL structures.
//!
//! The library's constructors are general; the writer needs a dozen shapes. Text is never pasted together:
//! everything becomes an expression or a block first. This file must not know graphs or modules.

use hcl_edit::expr::{
    Array, BinaryOp, BinaryOperator, Conditional, Expression, ForExpr, ForIntro, FuncArgs, FuncCall,
    FuncName, Object, ObjectKey, ObjectValue, Splat, Traversal, TraversalOperator,
};
use hcl_edit::structure::{Attribute, Block, Body, Structure};
use hcl_edit::template::{Element, HeredocTemplate, Interpolation, StringTemplate, Template};
use hcl_edit::{Decorated, Ident, Spanned};

/// An identifier; characters that HCL does not allow become underscores.
pub(crate) fn ident(name: &str) -> Decorated<Ident> {
    Decorated::new(Ident::new_sanitized(name))
}

/// A string, with template markers in it escaped.
pub(crate) fn string(text: &str) -> Expression {
    if needs_splitting(text) {
        return template(vec![Piece::Text(text.to_owned())]);
    }
    Expression::from(text)
}

/// A text of several lines, as one line each; `None` when it would not be read back as it is: Terraform strips what
/// all lines are indented by, and reads markers.
pub(crate) fn lines(text: &str) -> Option<Expression> {
    let plain = text.strip_suffix('\n').is_some_and(|t| t.contains('\n')) && !text.contains(['$', '%', '\r']);
    let flush = text.lines().any(|l| !l.starts_with([' ', '\t']));
    let kept = text.lines().all(|l| !l.trim().is_empty() && l.trim() != HEREDOC);
    (plain && flush && kept).then(|| {
        let mut lines = heredoc(text);
        lines.set_indent(0);
        Expression::from(lines)
    })
}

/// A whole file as text, flush with the margin; quoted where markers in it would be read.
pub(crate) fn document(text: &str) -> Expression {
    let plain = text.ends_with('\n') && !text.contains(['$', '%', '\r']);
    let ends = text.lines().any(|l| l.trim() == HEREDOC);
    if plain && !ends { Expression::from(heredoc(text)) } else { string(text) }
}

fn heredoc(text: &str) -> HeredocTemplate {
    let template = Template::from_iter([Element::Literal(Spanned::new(text.to_owned()))]);
    HeredocTemplate::new(Ident::new_sanitized(HEREDOC), template)
}

/// What ends a text of several lines.
const HEREDOC: &str = "EOT";

/// A part of a template.
pub(crate) enum Piece {
    /// Characters to be taken as they are.
    Text(String),
    /// An interpolation.
    Value(Expression),
}

/// A string joined from parts. A lone interpolation is the expression itself.
pub(crate) fn template(pieces: Vec<Piece>) -> Expression {
    let mut joined: Vec<Piece> = Vec::new();
    for piece in pieces {
        match (joined.last_mut(), piece) {
            (_, Piece::Text(text)) if text.is_empty() => {}
            (Some(Piece::Text(before)), Piece::Text(text)) => before.push_str(&text),
            (_, piece) => joined.push(piece),
        }
    }
    if joined.len() == 1 {
        match joined.remove(0) {
            Piece::Value(expression) => return expression,
            Piece::Text(text) if !needs_splitting(&text) => return Expression::from(text),
            piece => joined.push(piece),
        }
    }
    let mut out = StringTemplate::with_capacity(joined.len());
    let mut pieces = joined.into_iter().peekable();
    while let Some(piece) = pieces.next() {
        match piece {
            Piece::Value(expression) => out.push(Element::Interpolation(Interpolation::new(expression))),
            Piece::Text(text) => {
                let before_value = pieces.peek().is_some();
                push_literal(&mut out, &text, before_value);
            }
        }
    }
    Expression::from(out)
}

/// Whether escaping by doubling would be read back differently: a marker's character stands before a marker.
fn needs_splitting(text: &str) -> bool {
    ["$${", "%%{", "$%{", "%${"].iter().any(|m| text.contains(m))
}

/// Pushes characters so that a run of `$` or `%` right before a marker is not taken for an escape: it becomes
/// an interpolated string of its own.
fn push_literal(out: &mut StringTemplate, text: &str, before_value: bool) {
    let mut plain = String::new();
    let mut run = String::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if !matches!(c, '$' | '%') {
            plain.push(c);
            continue;
        }
        run.push(c);
        let ends = match rest.peek() {
            Some('$' | '%') => false,
            Some('{') => {
                // The last of the run opens the marker; it is escaped where it stands.
                run.pop();
                push_run(out, &mut plain, &mut run);
                plain.push(c);
                false
            }
            Some(_) => true,
            None if before_value => {
                push_run(out, &mut plain, &mut run);
                false
            }
            None => true,
        };
        if ends {
            plain.push_str(&std::mem::take(&mut run));
        }
    }
    if !plain.is_empty() {
        out.push(Element::Literal(Spanned::new(plain)));
    }
}

fn push_run(out: &mut StringTemplate, plain: &mut String, run: &mut String) {
    if run.is_empty() {
        return;
    }
    if !plain.is_empty() {
        out.push(Element::Literal(Spanned::new(std::mem::take(plain))));
    }
    out.push(Element::Interpolation(Interpolation::new(Expression::from(std::mem::take(run)))));
}

/// A list.
pub(crate) fn array(items: impl IntoIterator<Item = Expression>) -> Expression {
    let mut array = Array::new();
    items.into_iter().for_each(|item| array.push(item));
    Expression::from(array)
}

/// An object, keys quoted where they must be.
pub(crate) fn object(entries: impl IntoIterator<Item = (String, Expression)>) -> Expression {
    let mut object = Object::new();
    for (key, value) in entries {
        object.insert(object_key(&key), ObjectValue::new(value));
    }
    Expression::from(object)
}

fn object_key(key: &str) -> ObjectKey {
    let mut characters = key.chars();
    let plain = characters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && characters.all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !matches!(key, "for" | "null" | "true" | "false");
    if plain { ObjectKey::from(ident(key)) } else { ObjectKey::from(string(key)) }
}

/// An object whose keys are expressions, such as the providers of a module call.
pub(crate) fn object_of(entries: impl IntoIterator<Item = (Expression, Expression)>) -> Expression {
    let mut object = Object::new();
    for (key, value) in entries {
        object.insert(ObjectKey::from(key), ObjectValue::new(value));
    }
    Expression::from(object)
}

/// A function call.
pub(crate) fn call(name: &str, arguments: impl IntoIterator<Item = Expression>) -> Expression {
    let mut args = FuncArgs::new();
    arguments.into_iter().for_each(|a| args.push(a));
    Expression::from(FuncCall::new(FuncName::new(ident(name)), args))
}

/// The text of a file, by the way from the folder it is named in to the bundle's root and on from there.
pub(crate) fn file(home: &str, way: Vec<Piece>) -> Expression {
    let mut pieces = vec![Piece::Value(path(&["path", "module"])), Piece::Text(format!("/{home}/"))];
    pieces.extend(way);
    call("file", [template(pieces)])
}

/// `a.b.c`.
pub(crate) fn path(names: &[&str]) -> Expression {
    let (first, rest) = names.split_first().expect("a path has a root");
    follow(Expression::from(ident(first)), rest.iter().map(|name| Hop::Attr((*name).to_owned())))
}

/// One step of a traversal.
pub(crate) enum Hop {
    /// `.name`
    Attr(String),
    /// `[expression]`
    Index(Expression),
    /// `[*]`
    Splat,
}

/// A traversal that starts at an expression.
pub(crate) fn follow(base: Expression, hops: impl IntoIterator<Item = Hop>) -> Expression {
    let operators: Vec<Decorated<TraversalOperator>> = hops
        .into_iter()
        .map(|hop| {
            Decorated::new(match hop {
                Hop::Attr(name) => TraversalOperator::GetAttr(ident(&name)),
                Hop::Index(index) => TraversalOperator::Index(index),
                Hop::Splat => TraversalOperator::FullSplat(Decorated::new(Splat)),
            })
        })
        .collect();
    if operators.is_empty() {
        return base;
    }
    if let Expression::Traversal(mut traversal) = base {
        traversal.operators.extend(operators);
        return Expression::Traversal(traversal);
    }
    Expression::from(Traversal::new(base, operators))
}

/// `condition ? yes : no`.
pub(crate) fn choose(condition: Expression, yes: Expression, no: Expression) -> Expression {
    Expression::from(Conditional::new(condition, yes, no))
}

/// `left operator right`.
pub(crate) fn binary(left: Expression, operator: BinaryOperator, right: Expression) -> Expression {
    Expression::from(BinaryOp::new(left, Decorated::new(operator), right))
}

/// `{ for key, item in collection : key => value }`.
pub(crate) fn map_each(key: &str, item: &str, collection: Expression, value: Expression) -> Expression {
    let mut intro = ForIntro::new(ident(item), collection);
    intro.key_var = Some(ident(key));
    let mut each = ForExpr::new(intro, value);
    each.key_expr = Some(Expression::from(ident(key)));
    Expression::from(each)
}

/// `[for item in collection : value]`.
pub(crate) fn list_each(item: &str, collection: Expression, value: Expression) -> Expression {
    Expression::from(ForExpr::new(ForIntro::new(ident(item), collection), value))
}

/// `name = value`.
pub(crate) fn attr(name: &str, value: impl Into<Expression>) -> Structure {
    Structure::from(Attribute::new(ident(name), value))
}

/// A block.
pub(crate) fn block(kind: &str, labels: &[&str], body: Vec<Structure>) -> Structure {
    let mut block = Block::new(ident(kind));
    block.labels = labels.iter().map(|l| (*l).into()).collect();
    block.body = body.into_iter().collect::<Body>();
    Structure::from(block)
}
