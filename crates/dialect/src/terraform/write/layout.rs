//! Lays HCL out as `terraform fmt` would leave it.
//!
//! The library keeps whatever spacing a document has; documents that are built have none. This pass sets all
//! of it: two spaces a level, `=` aligned over neighbouring one-line arguments, blank lines where an engineer
//! puts them. It changes no expression and must not know what the document is about.

use hcl_edit::Decorate;
use hcl_edit::expr::{Expression, ObjectKey, ObjectValueTerminator, TraversalOperator};
use hcl_edit::structure::{Body, Structure};
use hcl_edit::template::Element;

/// Lists and calls wider than this, in characters, are broken over lines.
const WIDEST: usize = 80;
/// Arguments that say how a block is used rather than what it is: a blank line follows them.
const META: &[&str] = &["count", "for_each", "provider", "providers", "source"];

/// The document as text.
pub(crate) fn print(structures: Vec<Structure>) -> String {
    let mut body: Body = structures.into_iter().collect();
    lay_body(&mut body, 0);
    body.to_string()
}

fn indent(depth: usize) -> String {
    "  ".repeat(depth)
}

fn lay_body(body: &mut Body, depth: usize) {
    let mut chain: Vec<(usize, usize)> = Vec::new();
    let mut before: Option<Kind> = None;
    for i in 0..body.len() {
        let Some(structure) = body.get_mut(i) else { continue };
        let kind = Kind::of(structure);
        let blank = before.is_some_and(|before| before != kind || kind == Kind::Block);
        before = Some(kind);
        let prefix = format!("{}{}", if blank { "\n" } else { "" }, indent(depth));
        structure.decor_mut().set_prefix(prefix);
        let mut line = None;
        let mut ends = false;
        match structure {
            Structure::Attribute(attribute) => {
                attribute.value.decor_mut().set_prefix(" ");
                attribute.key.decor_mut().set_suffix(" ");
                if !lay_expression(&mut attribute.value, depth) {
                    line = Some((i, attribute.key.as_str().chars().count()));
                }
                ends = matches!(attribute.value, Expression::HeredocTemplate(_));
            }
            Structure::Block(block) => {
                if block.body.is_empty() {
                    block.body.set_prefer_oneline(true);
                    continue;
                }
                block.body.decor_mut().set_suffix(indent(depth));
                lay_body(&mut block.body, depth + 1);
            }
        }
        if blank || line.is_none() {
            align_attributes(body, &chain);
            chain.clear();
        }
        chain.extend(line);
        // What follows a text of several lines is aligned by itself.
        if ends {
            align_attributes(body, &chain);
            chain.clear();
        }
    }
    align_attributes(body, &chain);
}

fn align_attributes(body: &mut Body, chain: &[(usize, usize)]) {
    let widest = chain.iter().map(|(_, width)| *width).max().unwrap_or(0);
    for (i, width) in chain {
        if let Some(attribute) = body.get_mut(*i).and_then(Structure::as_attribute_mut) {
            attribute.key.decor_mut().set_suffix(" ".repeat(widest - width + 1));
        }
    }
}

/// What decides whether a blank line separates two neighbours.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Meta,
    Argument,
    Block,
}

impl Kind {
    fn of(structure: &Structure) -> Kind {
        match structure {
            Structure::Attribute(a) if META.contains(&a.key.as_str()) => Kind::Meta,
            Structure::Attribute(_) => Kind::Argument,
            Structure::Block(_) => Kind::Block,
        }
    }
}

/// Lays out an expression whose first line stands at `depth`; returns whether it takes several lines.
fn lay_expression(expression: &mut Expression, depth: usize) -> bool {
    let tall = is_tall(expression);
    match expression {
        Expression::Array(items) => {
            let count = items.len();
            for (i, item) in items.iter_mut().enumerate() {
                let prefix = match (tall, i) {
                    (true, _) => format!("\n{}", indent(depth + 1)),
                    (false, 0) => String::new(),
                    (false, _) => " ".to_owned(),
                };
                item.decor_mut().set_prefix(prefix);
                lay_expression(item, if tall { depth + 1 } else { depth });
            }
            if tall && count > 0 {
                items.set_trailing_comma(true);
                items.set_trailing(format!("\n{}", indent(depth)));
            }
        }
        Expression::Object(object) if !object.is_empty() => {
            let widths: Vec<Option<usize>> =
                object.iter().map(|(key, value)| (!is_tall(value.expr())).then(|| key_width(key))).collect();
            for (i, (mut key, value)) in object.iter_mut().enumerate() {
                let prefix = format!("{}{}", if i == 0 { "\n" } else { "" }, indent(depth + 1));
                let chain = |range: &mut dyn Iterator<Item = usize>| {
                    range.map_while(|j| widths[j]).max().unwrap_or(0)
                };
                let pad = widths[i].map_or(1, |own| {
                    let widest = chain(&mut (i..widths.len())).max(chain(&mut (0..i).rev()));
                    widest - own + 1
                });
                let decor = key.decor_mut();
                decor.set_prefix(prefix);
                decor.set_suffix(" ".repeat(pad));
                value.set_terminator(ObjectValueTerminator::Newline);
                value.expr_mut().decor_mut().set_prefix(" ");
                lay_expression(value.expr_mut(), depth + 1);
            }
            object.set_trailing(indent(depth));
        }
        Expression::FuncCall(call) => {
            let broken = tall && call.args.len() > 1;
            for (i, argument) in call.args.iter_mut().enumerate() {
                if broken {
                    argument.decor_mut().set_prefix(format!("\n{}", indent(depth + 1)));
                } else if i > 0 {
                    argument.decor_mut().set_prefix(" ");
                }
                lay_expression(argument, if broken { depth + 1 } else { depth });
            }
            if broken {
                call.args.set_trailing_comma(true);
                call.args.set_trailing(format!("\n{}", indent(depth)));
            }
        }
        Expression::Conditional(conditional) => {
            lay_expression(&mut conditional.cond_expr, depth);
            lay_expression(&mut conditional.true_expr, depth);
            lay_expression(&mut conditional.false_expr, depth);
        }
        Expression::BinaryOp(operation) => {
            operation.lhs_expr.decor_mut().set_suffix("");
            operation.rhs_expr.decor_mut().set_prefix("");
            lay_expression(&mut operation.lhs_expr, depth);
            lay_expression(&mut operation.rhs_expr, depth);
        }
        Expression::ForExpr(each) => {
            for name in each.intro.key_var.iter_mut().chain([&mut each.intro.value_var]) {
                name.decor_mut().set_prefix(" ");
            }
            each.intro.value_var.decor_mut().set_suffix(" ");
            if each.key_expr.is_some() {
                each.intro.decor_mut().set_prefix(" ");
                each.value_expr.decor_mut().set_suffix(" ");
            }
            lay_expression(&mut each.intro.collection_expr, depth);
            lay_expression(&mut each.value_expr, depth);
        }
        Expression::Traversal(traversal) => {
            lay_expression(&mut traversal.expr, depth);
            for operator in &mut traversal.operators {
                if let TraversalOperator::Index(index) = operator.value_mut() {
                    lay_expression(index, depth);
                }
            }
        }
        // A text that has no indent has none to lose.
        Expression::HeredocTemplate(lines) if lines.indent().is_some() => {
            lines.set_indent(2 * (depth + 1));
            lines.set_trailing(indent(depth));
        }
        Expression::StringTemplate(template) => {
            for element in template.iter_mut() {
                if let Element::Interpolation(interpolation) = element {
                    interpolation.expr.decor_mut().set_prefix("");
                    interpolation.expr.decor_mut().set_suffix("");
                    lay_expression(&mut interpolation.expr, depth);
                }
            }
        }
        _ => {}
    }
    tall
}

fn key_width(key: &ObjectKey) -> usize {
    match key {
        ObjectKey::Ident(name) => name.as_str().chars().count(),
        ObjectKey::Expression(expression) => expression.to_string().trim().chars().count(),
    }
}

/// Whether an expression takes several lines.
fn is_tall(expression: &Expression) -> bool {
    match expression {
        Expression::Object(object) => !object.is_empty(),
        Expression::Array(items) => items.iter().any(is_tall) || is_wide(expression, items.len()),
        Expression::FuncCall(call) => call.args.iter().any(is_tall) || is_wide(expression, call.args.len()),
        Expression::Conditional(c) => is_tall(&c.true_expr) || is_tall(&c.false_expr),
        Expression::ForExpr(each) => is_tall(&each.intro.collection_expr) || is_tall(&each.value_expr),
        Expression::Traversal(traversal) => is_tall(&traversal.expr),
        Expression::StringTemplate(template) => template
            .iter()
            .any(|e| e.as_interpolation().is_some_and(|interpolation| is_tall(&interpolation.expr))),
        Expression::BinaryOp(operation) => is_tall(&operation.lhs_expr) || is_tall(&operation.rhs_expr),
        _ => false,
    }
}

fn is_wide(expression: &Expression, parts: usize) -> bool {
    parts > 1 && expression.to_string().chars().count() > WIDEST
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terraform::write::hcl;

    fn text(expression: Expression) -> String {
        print(vec![hcl::attr("a", 1), hcl::attr("longer", expression)])
    }

    #[test]
    fn neighbours_are_aligned_and_tall_values_stand_alone() {
        let tall =
            hcl::object([("k".to_owned(), Expression::from(1)), ("key".to_owned(), Expression::from(2))]);
        let body = vec![
            hcl::attr("for_each", hcl::path(&["var", "x"])),
            hcl::attr("a", 1),
            hcl::attr("longer", 2),
            hcl::attr("tall", tall),
            hcl::attr("b", 3),
            hcl::block("inner", &[], vec![hcl::attr("c", true)]),
            hcl::block("empty", &["x"], vec![]),
        ];
        let expected = "for_each = var.x\n\na      = 1\nlonger = 2\ntall = {\n  k   = 1\n  key = 2\n}\nb = 3\n\ninner {\n  c = true\n}\n\nempty \"x\" {}\n";
        assert_eq!(print(body), expected);
    }

    #[test]
    fn laying_out_again_changes_nothing() {
        let wide = || hcl::array((0..40).map(|i| Expression::from(format!("item-{i}"))));
        let object = || hcl::object([("a b".to_owned(), wide()), ("c".to_owned(), Expression::from(true))]);
        let parts = || vec![hcl::Piece::Text("x-".into()), hcl::Piece::Value(hcl::path(&["var", "y"]))];
        for expression in [
            wide(),
            object(),
            hcl::array([object(), object()]),
            hcl::call("jsonencode", [object()]),
            hcl::call("concat", [wide(), hcl::array([])]),
            hcl::choose(hcl::path(&["var", "x"]), hcl::array([object()]), hcl::array([])),
            hcl::template(parts()),
            hcl::map_each("key", "item", hcl::path(&["a", "b"]), hcl::path(&["item", "id"])),
            hcl::list_each("item", hcl::path(&["a", "b"]), hcl::path(&["item", "id"])),
            hcl::follow(hcl::path(&["a", "b"]), [hcl::Hop::Splat, hcl::Hop::Attr("c".into())]),
        ] {
            let once = text(expression);
            let body: Body = once.parse().unwrap_or_else(|e| panic!("{e}\n{once}"));
            assert_eq!(print(body.into_iter().collect()), once);
        }
    }
}
