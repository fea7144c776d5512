//! Templates: interpolations, `if` and `for` directives, and the marks that strip the space around them.
//!
//! Must not know where the template stands.

use hcl_edit::expr::Expression;
use hcl_edit::template::{Directive, Element, Strip, Template};
use ir::Value;

use super::eval::{Halt, MOST_TEXT, Outcome, Scope, later};
use super::text;
use crate::reading::MOST_INSTANCES;

/// How the expression of an interpolation is evaluated.
type Eval<'e, 'a> = &'e dyn Fn(&Scope<'_, 'a>, &Expression) -> Outcome;

/// The text of a template; a lone interpolation is its value, whatever that is.
pub(crate) fn evaluate<'a>(
    scope: &Scope<'_, 'a>,
    template: &Template,
    eval: &dyn Fn(&Scope<'_, 'a>, &Expression) -> Outcome,
) -> Outcome {
    if let Some(Element::Interpolation(only)) = template.as_single_element() {
        return eval(scope, &only.expr);
    }
    let mut parts = Vec::with_capacity(template.len());
    elements(scope, template, eval, &mut parts)?;
    let length: usize = parts.iter().map(|p| if let Value::Str(s) = p { s.len() } else { 0 }).sum();
    if length > MOST_TEXT {
        return Err(Halt::Later(format!("its text is longer than {MOST_TEXT} bytes")));
    }
    scope.context.spend(length / 64)?;
    Ok(text::join(parts))
}

fn elements<'a>(
    scope: &Scope<'_, 'a>,
    template: &Template,
    eval: Eval<'_, 'a>,
    into: &mut Vec<Value>,
) -> Result<(), Halt> {
    // Whether a mark before this place swallows the space that follows.
    let mut strip = false;
    for element in template {
        match element {
            Element::Literal(literal) => {
                let literal = if strip { literal.trim_start() } else { literal.as_str() };
                into.push(Value::from(literal));
                strip = false;
            }
            Element::Interpolation(interpolation) => {
                before(interpolation.strip, into);
                let value = eval(scope, &interpolation.expr)?;
                match value.known() {
                    Value::Null => return Err(Halt::Wrong("nothing stands where text is made".to_owned())),
                    Value::List(_) | Value::Map(_) => {
                        return Err(Halt::Wrong("a list or map stands where text is made".to_owned()));
                    }
                    _ => into.push(value),
                }
                strip = after(interpolation.strip);
            }
            Element::Directive(directive) => strip = self::directive(scope, directive, eval, into)?,
        }
    }
    Ok(())
}

/// A directive; whether the space behind it is swallowed.
fn directive<'a>(
    scope: &Scope<'_, 'a>,
    directive: &Directive,
    eval: Eval<'_, 'a>,
    into: &mut Vec<Value>,
) -> Result<bool, Halt> {
    match directive {
        Directive::If(both) => {
            before(both.if_expr.strip, into);
            let holds = match scope.condition(&both.if_expr.cond_expr)? {
                Ok(holds) => holds,
                Err(reason) => return Err(Halt::Later(reason)),
            };
            let other = both.else_expr.as_ref();
            let last = both.endif_expr.strip;
            match (holds, other) {
                (true, other) => {
                    let end = other.map_or(last, |other| other.strip);
                    inside(scope, &both.if_expr.template, both.if_expr.strip, end, eval, into)?;
                }
                (false, Some(other)) => inside(scope, &other.template, other.strip, last, eval, into)?,
                (false, None) => {}
            }
            Ok(after(last))
        }
        Directive::For(each) => {
            before(each.for_expr.strip, into);
            let collection = scope.eval(&each.for_expr.collection_expr)?;
            let entries: Vec<(Value, &Value)> = match collection.known() {
                Value::List(items) => (0_i64..).map(Value::from).zip(items).collect(),
                Value::Map(entries) => {
                    text::sorted(entries).into_iter().map(|(k, v)| (Value::from(k), v)).collect()
                }
                other => return Err(later(other, "what a `for` goes through")),
            };
            if entries.len() > MOST_INSTANCES {
                return Err(Halt::Later(format!("a `for` goes through more than {MOST_INSTANCES} items")));
            }
            for (key, value) in entries {
                let mut names = vec![(each.for_expr.value_var.as_str().to_owned(), value.clone())];
                names.extend(each.for_expr.key_var.as_ref().map(|name| (name.as_str().to_owned(), key)));
                let inner = Scope { outer: Some(scope), names: &names, ..*scope };
                scope.context.spend(1)?;
                inside(
                    &inner,
                    &each.for_expr.template,
                    each.for_expr.strip,
                    each.endfor_expr.strip,
                    eval,
                    into,
                )?;
            }
            Ok(after(each.endfor_expr.strip))
        }
    }
}

/// The template between two directives, which may strip its ends.
fn inside<'a>(
    scope: &Scope<'_, 'a>,
    template: &Template,
    start: Strip,
    end: Strip,
    eval: Eval<'_, 'a>,
    into: &mut Vec<Value>,
) -> Result<(), Halt> {
    let mut parts = Vec::with_capacity(template.len());
    elements(scope, template, eval, &mut parts)?;
    if after(start)
        && let Some(Value::Str(first)) = parts.first_mut()
    {
        *first = first.trim_start().to_owned();
    }
    before(end, &mut parts);
    into.append(&mut parts);
    Ok(())
}

/// Swallows the space before a mark.
fn before(strip: Strip, parts: &mut [Value]) {
    if matches!(strip, Strip::Start | Strip::Both)
        && let Some(Value::Str(last)) = parts.last_mut()
    {
        last.truncate(last.trim_end().len());
    }
}

fn after(strip: Strip) -> bool {
    matches!(strip, Strip::End | Strip::Both)
}

/// The text of a template that stands in a file of its own.
pub(crate) fn of_file<'a>(scope: &Scope<'_, 'a>, source: &str, names: &[(String, Value)]) -> Outcome {
    let template = super::parse::template(source).map_err(Halt::Wrong)?;
    let alone = Scope { outer: None, names, ..*scope };
    evaluate(&alone, &template, &|s, e| s.eval(e))
}
