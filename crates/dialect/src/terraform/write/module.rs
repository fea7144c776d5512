//! A module's files: resources, variables, outputs, versions.
//!
//! Laid out as a registry module is: one `main.tf` while it fits a few screens, a file a concern when it does
//! not. What environments agree on is a variable's default, and nothing is where some give nothing. Must not know the
//! other values they give.

use std::collections::BTreeMap;

use hcl_edit::expr::{BinaryOperator, Expression};
use hcl_edit::structure::Structure;
use indexmap::IndexMap;
use ir::graph::Validation;

use super::expr::{self, Scope, block};
use super::hcl;
use super::providers::REGIONAL;
use crate::model::family::Family;
use crate::model::names;
use crate::model::term::{Item, Module, Port, Repeat, Resource, Shape, Term, Ty, Variable};
use crate::model::types;
use crate::model::wire::{self, Wiring};

/// A module with more blocks than this is split by concern.
const SPLIT_OVER: usize = 12;

/// Concerns that have a file of their own in a large module: beginning of the kind, file.
const CONCERNS: &[(&str, &str)] = &[
    ("aws_iam_", "iam"),
    ("aws_security_group", "security"),
    ("aws_vpc_security_group_", "security"),
    ("aws_wafv2_", "waf"),
    ("aws_cloudwatch_metric_alarm", "alarms"),
    ("aws_cloudwatch_", "observability"),
    ("aws_flow_log", "observability"),
    ("aws_appautoscaling_", "autoscaling"),
    ("aws_codedeploy_", "deployment"),
    ("aws_vpc_endpoint", "endpoints"),
    ("aws_s3_", "storage"),
    ("aws_acm_", "dns"),
    ("aws_route53_", "dns"),
    ("aws_service_discovery_", "dns"),
    ("azurerm_role_", "iam"),
    ("azurerm_user_assigned_identity", "iam"),
    ("azurerm_federated_identity_credential", "iam"),
    ("azurerm_network_security_", "security"),
    ("azurerm_private_endpoint", "endpoints"),
    ("azurerm_private_dns_", "dns"),
    ("azurerm_dns_", "dns"),
    ("azurerm_monitor_", "observability"),
    ("azurerm_log_analytics_", "observability"),
    ("azurerm_application_insights", "observability"),
    ("azurerm_storage_", "storage"),
    ("google_project_iam_", "iam"),
    ("google_service_account", "iam"),
    ("google_iam_", "iam"),
    ("google_compute_firewall", "security"),
    ("google_compute_security_policy", "waf"),
    ("google_dns_", "dns"),
    ("google_monitoring_", "observability"),
    ("google_logging_", "observability"),
    ("google_storage_", "storage"),
];

/// The files of a module, by name.
pub(crate) fn files(
    module: &Module,
    wiring: &Wiring,
    family: &Family<'_>,
    home: &str,
) -> BTreeMap<String, Vec<Structure>> {
    let none = IndexMap::new();
    let inputs = wiring.inputs.get(&module.name).unwrap_or(&none);
    let mut files: BTreeMap<String, Vec<Structure>> = BTreeMap::new();
    let split = module.resources.len() > SPLIT_OVER;
    let scope = Scope { module, family, inputs, home, resource: None };
    if !module.locals.is_empty() {
        let locals =
            module.locals.iter().map(|(name, term)| hcl::attr(name, scope.expression(term))).collect();
        let file = if split { "locals.tf" } else { "main.tf" };
        files.entry(file.to_owned()).or_default().push(hcl::block("locals", &[], locals));
    }
    let (data, managed): (Vec<_>, Vec<_>) =
        module.resources.values().partition(|r| r.address.mode == ir::Mode::Data);
    for resource in data.into_iter().chain(managed) {
        let file = if split { concern(resource) } else { "main" };
        let scope = Scope { module, family, inputs, home, resource: Some(resource) };
        files.entry(format!("{file}.tf")).or_default().push(printed(resource, &scope));
    }
    files.entry("main.tf".to_owned()).or_default();
    files.insert("variables.tf".to_owned(), variables(module, inputs, family));
    files.insert("outputs.tf".to_owned(), outputs(module, wiring, &scope));
    files
}

fn concern(resource: &Resource) -> &'static str {
    if resource.address.mode == ir::Mode::Data {
        return "data";
    }
    let kind = resource.address.kind.as_str();
    CONCERNS.iter().find(|(prefix, _)| kind.starts_with(prefix)).map_or("main", |(_, file)| file)
}

fn printed(resource: &Resource, scope: &Scope<'_, '_>) -> Structure {
    let mut body = Vec::new();
    if let Some(alias) = &resource.alias {
        body.push(hcl::attr("provider", hcl::path(&[REGIONAL, alias])));
    }
    match &resource.repeat {
        Repeat::Once => {}
        Repeat::When(flag) => {
            let count = hcl::choose(scope.expression(flag), Expression::from(1), Expression::from(0));
            body.push(hcl::attr("count", count));
        }
        Repeat::Keys(keys @ Term::List(_)) => {
            body.push(hcl::attr("for_each", hcl::call("toset", [scope.expression(keys)])));
        }
        Repeat::Keys(table) | Repeat::Table(table) => {
            body.push(hcl::attr("for_each", scope.expression(table)))
        }
    }
    body.extend(items(&resource.items, scope));
    body.extend(lifecycle(resource));
    let waits: Vec<Expression> = resource
        .depends_on
        .iter()
        .filter_map(|to| match wire::dependency(to, &scope.module.name, scope.family) {
            None => Some(block(to)),
            Some(port) => scope.inputs.get(&port).map(|name| hcl::path(&["var", name])),
        })
        .collect();
    if !waits.is_empty() {
        body.push(hcl::attr("depends_on", hcl::array(waits)));
    }
    let keyword = match resource.address.mode {
        ir::Mode::Managed => "resource",
        ir::Mode::Data => "data",
    };
    let name = names::snake(&resource.address.name);
    hcl::block(keyword, &[resource.address.kind.as_str(), &name], body)
}

fn items(items: &[Item], scope: &Scope<'_, '_>) -> Vec<Structure> {
    items
        .iter()
        .map(|item| match item {
            Item::Attr(name, term) => {
                let lines = match term {
                    Term::Literal(ir::Value::Str(text)) => hcl::lines(text),
                    _ => None,
                };
                hcl::attr(name, lines.unwrap_or_else(|| scope.expression(term)))
            }
            Item::Block(name, None, body) => hcl::block(name, &[], self::items(body, scope)),
            Item::Block(name, Some(flag), body) => {
                let one = hcl::array([Expression::from(1)]);
                let times = hcl::choose(scope.expression(flag), one, hcl::array([]));
                let content = hcl::block("content", &[], self::items(body, scope));
                hcl::block("dynamic", &[name], vec![hcl::attr("for_each", times), content])
            }
        })
        .collect()
}

fn lifecycle(resource: &Resource) -> Option<Structure> {
    let mut body = Vec::new();
    if resource.create_before_destroy {
        body.push(hcl::attr("create_before_destroy", true));
    }
    if resource.prevent_destroy {
        body.push(hcl::attr("prevent_destroy", true));
    }
    if !resource.ignore_changes.is_empty() {
        let paths = resource.ignore_changes.iter().map(|path| {
            let mut segments = path.split('.');
            let first = segments.next().unwrap_or_default();
            let rest = segments.map(|s| match s.parse::<u64>() {
                Ok(index) => hcl::Hop::Index(Expression::from(index)),
                Err(_) => hcl::Hop::Attr(s.to_owned()),
            });
            hcl::follow(hcl::path(&[first]), rest)
        });
        body.push(hcl::attr("ignore_changes", hcl::array(paths)));
    }
    (!body.is_empty()).then(|| hcl::block("lifecycle", &[], body))
}

fn variables(module: &Module, inputs: &IndexMap<Port, String>, family: &Family<'_>) -> Vec<Structure> {
    let own = module.variables.iter().map(|(name, variable)| {
        let default = variable.default(&module.present).map(expr::constant);
        declaration(name, variable, variable.nullable(&module.present), variable.secret(), default)
    });
    let carried = inputs.iter().map(|(port, name)| {
        let one = types::of_attribute(family.vocabulary, &port.block, &port.path);
        let ty = match port.shape {
            Shape::One => one,
            Shape::All => Ty::List(Box::new(one)),
            Shape::ByKey => Ty::Map(Box::new(one)),
        };
        let variable =
            Variable { ty, description: arriving(port, family), validation: None, given: Vec::new() };
        let sensitive = (family.vocabulary.sensitive)(&port.block, &port.path);
        // Where a stack does not have the producer's resource, nothing is passed.
        let stacks = family.block(&port.block).unwrap_or_default();
        let nullable = module.present.iter().any(|v| stacks.get(*v).is_none_or(Vec::is_empty));
        declaration(name, &variable, nullable, sensitive, nullable.then(Expression::null))
    });
    own.chain(carried).collect()
}

/// What a port is to the module it arrives in, which has resources of the same kinds.
fn arriving(port: &Port, family: &Family<'_>) -> String {
    let sentence = wire::port_sentence(port, family);
    format!("{} (module {}).", sentence.trim_end_matches('.'), names::snake(&port.block.component))
}

/// A `variable` block.
pub(crate) fn declaration(
    name: &str,
    variable: &Variable,
    nullable: bool,
    sensitive: bool,
    default: Option<Expression>,
) -> Structure {
    let mut body = vec![
        hcl::attr("description", hcl::string(&variable.description)),
        hcl::attr("type", expr::type_expression(&variable.ty)),
    ];
    body.extend(default.map(|value| hcl::attr("default", value)));
    if !nullable {
        body.push(hcl::attr("nullable", false));
    }
    if sensitive {
        body.push(hcl::attr("sensitive", true));
    }
    if let Some(validation) = &variable.validation {
        let (condition, message) = condition(name, &variable.ty, validation);
        let condition = if nullable {
            let absent = hcl::binary(hcl::path(&["var", name]), BinaryOperator::Eq, Expression::null());
            hcl::choose(absent, Expression::from(true), condition)
        } else {
            condition
        };
        body.push(hcl::block(
            "validation",
            &[],
            vec![hcl::attr("condition", condition), hcl::attr("error_message", hcl::string(&message))],
        ));
    }
    hcl::block("variable", &[name], body)
}

/// What a validation demands, and the sentence for when it does not hold.
fn condition(name: &str, ty: &Ty, validation: &Validation) -> (Expression, String) {
    let value = hcl::path(&["var", name]);
    let words = names::words(name);
    let (test, must): (Box<dyn Fn(Expression) -> Expression>, String) = match validation {
        Validation::OneOf(options) => {
            let list = hcl::array(options.iter().map(|o| match (ty, o.parse::<i64>()) {
                (Ty::Number, Ok(n)) => Expression::from(n),
                _ => hcl::string(o),
            }));
            (
                Box::new(move |v| hcl::call("contains", [list.clone(), v])),
                format!("be one of: {}", options.join(", ")),
            )
        }
        Validation::Range(low, high) => {
            let (low, high) = (*low, *high);
            let test = move |v: Expression| {
                let above = hcl::binary(v.clone(), BinaryOperator::GreaterEq, number(low));
                hcl::binary(above, BinaryOperator::And, hcl::binary(v, BinaryOperator::LessEq, number(high)))
            };
            (Box::new(test), format!("be from {low} to {high}"))
        }
        Validation::Matches { pattern, must_be } => {
            let pattern = hcl::string(pattern);
            let test = move |v| hcl::call("can", [hcl::call("regex", [pattern.clone(), v])]);
            (Box::new(test), format!("be {must_be}"))
        }
    };
    if matches!(ty, Ty::List(_) | Ty::Map(_)) {
        let each = hcl::list_each("item", value, test(hcl::path(&["item"])));
        return (hcl::call("alltrue", [each]), format!("Every item of {words} must {must}."));
    }
    (test(value), format!("{} must {must}.", names::capital(&words)))
}

/// Whole numbers without a fraction.
fn number(n: f64) -> Expression {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if n.fract() == 0.0 && n.abs() < EXACT { Expression::from(n as i64) } else { Expression::from(n) }
}

fn outputs(module: &Module, wiring: &Wiring, scope: &Scope<'_, '_>) -> Vec<Structure> {
    let mut all = Vec::new();
    for (name, (description, term)) in &module.outputs {
        all.push(output(name, description, scope.expression(term), wire::is_sensitive(term, scope.family)));
    }
    for (port, name) in wiring.outputs.get(&module.name).into_iter().flatten() {
        if !module.outputs.contains_key(name) {
            let sensitive = (scope.family.vocabulary.sensitive)(&port.block, &port.path);
            all.push(output(name, &wire::port_sentence(port, scope.family), scope.port(port), sensitive));
        }
    }
    all
}

/// An `output` block.
pub(crate) fn output(name: &str, description: &str, value: Expression, sensitive: bool) -> Structure {
    let description = if description.ends_with(['.', '!', '?']) {
        description.to_owned()
    } else {
        format!("{description}.")
    };
    let mut body = vec![hcl::attr("description", hcl::string(&description)), hcl::attr("value", value)];
    if sensitive {
        body.push(hcl::attr("sensitive", true));
    }
    hcl::block("output", &[name], body)
}
