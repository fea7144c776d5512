//! The one table of functions that templates may call.
//!
//! A function is of one of three kinds: it needs values that are all known, it can say something about values that are
//! not, or it must see its arguments unevaluated. What a function does not take is an unknown value, never an error.

use ir::{Diagnostic, Span, Value};

use super::values::{asked, unknown, unwrapped};
use super::{
    Deployment, Engine, Locals, Site, arrays, date, lambda, network, numbers, objects, resources, text,
};
use crate::arm::template::{Expr, Function as Declared};

/// What a function gives, or why it cannot.
pub(super) type Made = Result<Value, String>;

/// A function.
pub(super) struct Function {
    /// In lower case.
    pub name: &'static str,
    /// How many arguments it takes, least and most.
    pub takes: (usize, usize),
    /// What it does.
    pub run: Run,
}

/// What a function needs.
pub(super) enum Run {
    /// Values that are all known.
    Known(fn(&[Value]) -> Made),
    /// Values.
    Open(fn(&[Value]) -> Made),
    /// Its arguments as they are written.
    Written(fn(&Asked<'_>) -> Value),
    /// Nothing: only Azure knows it.
    Azure,
}

/// A call.
pub(super) struct Asked<'a> {
    /// Who asks.
    pub engine: &'a Engine<'a>,
    /// The function, as it is written.
    pub name: &'a str,
    /// Its arguments.
    pub args: &'a [Expr],
    /// What names mean where it stands.
    pub site: Site<'a>,
}

impl Asked<'_> {
    /// An argument's value; null when it is not given.
    pub fn arg(&self, n: usize) -> Value {
        self.args.get(n).map_or(Value::Null, |a| self.engine.eval(a, self.site))
    }

    /// All arguments' values.
    pub fn values(&self) -> Vec<Value> {
        self.args.iter().map(|a| self.engine.eval(a, self.site)).collect()
    }
}

const ANY: usize = usize::MAX;

const fn known(name: &'static str, least: usize, most: usize, run: fn(&[Value]) -> Made) -> Function {
    Function { name, takes: (least, most), run: Run::Known(run) }
}

const fn open(name: &'static str, least: usize, most: usize, run: fn(&[Value]) -> Made) -> Function {
    Function { name, takes: (least, most), run: Run::Open(run) }
}

const fn written(name: &'static str, least: usize, most: usize, run: fn(&Asked<'_>) -> Value) -> Function {
    Function { name, takes: (least, most), run: Run::Written(run) }
}

const fn azure(name: &'static str, least: usize, most: usize) -> Function {
    Function { name, takes: (least, most), run: Run::Azure }
}

/// Every function of the language, by name. <https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions>
/// and, for those of Bicep alone, the pages of Bicep beside it.
static FUNCTIONS: &[Function] = &[
    known("add", 2, 2, numbers::add),
    written("and", 2, ANY, lambda::and),
    open("any", 1, 1, |args| Ok(args[0].clone())),
    open("array", 1, 1, arrays::array),
    known("base64", 1, 1, text::base64),
    known("base64tojson", 1, 1, text::base64_to_json),
    known("base64tostring", 1, 1, text::base64_to_string),
    known("bool", 1, 1, numbers::boolean),
    open("builduri", 1, 1, |_| Err("it is not worked out".to_owned())),
    known("cidrhost", 2, 2, network::cidr_host),
    known("cidrsubnet", 3, 3, network::cidr_subnet),
    written("coalesce", 1, ANY, lambda::coalesce),
    open("concat", 0, ANY, arrays::concat),
    open("contains", 2, 2, arrays::contains),
    written("copyindex", 0, 2, lambda::copy_index),
    open("createarray", 0, ANY, |args| Ok(Value::List(args.to_vec()))),
    open("createobject", 0, ANY, objects::create),
    known("datauri", 1, 1, text::data_uri),
    known("datauritostring", 1, 1, text::data_uri_to_string),
    known("datetimeadd", 2, 3, date::add),
    known("datetimefromepoch", 1, 1, date::from_epoch),
    known("datetimetoepoch", 1, 1, date::to_epoch),
    azure("deployer", 0, 0),
    azure("deployment", 0, 0),
    known("div", 2, 2, numbers::div),
    open("empty", 1, 1, arrays::empty),
    known("endswith", 2, 2, text::ends_with),
    azure("environment", 0, 0),
    open("equals", 2, 2, numbers::equals),
    written("extensionresourceid", 3, ANY, resources::extension_id),
    azure("externalinput", 1, 2),
    azure("fail", 1, 1),
    known("false", 0, 0, |_| Ok(Value::Bool(false))),
    written("filter", 2, 2, lambda::filter),
    open("first", 1, 1, arrays::first),
    open("flatten", 1, 1, arrays::flatten),
    known("float", 1, 1, numbers::float),
    open("format", 1, ANY, text::format),
    azure("getsecret", 1, 4),
    known("greater", 2, 2, numbers::greater),
    known("greaterorequals", 2, 2, numbers::greater_or_equals),
    written("groupby", 2, 2, lambda::group_by),
    azure("guid", 1, ANY),
    written("if", 3, 3, lambda::choose),
    open("indexfromend", 2, 2, arrays::index_from_end),
    known("indexof", 2, 2, arrays::index_of),
    known("int", 1, 1, numbers::int),
    open("intersection", 2, ANY, arrays::intersection),
    open("items", 1, 1, objects::items),
    open("join", 2, 2, text::join_list),
    known("json", 1, 1, text::json),
    written("keyvaultsecret", 1, 2, resources::vault_secret),
    written("lambdavariables", 1, 1, resources::lambda_variables),
    open("last", 1, 1, arrays::last),
    known("lastindexof", 2, 2, arrays::last_index_of),
    open("length", 1, 1, arrays::length),
    known("less", 2, 2, numbers::less),
    known("lessorequals", 2, 2, numbers::less_or_equals),
    azure("loaddirectoryfileinfo", 1, 2),
    written("loadfileasbase64", 1, 1, resources::load_base64),
    written("loadjsoncontent", 1, 3, resources::load_json),
    written("loadtextcontent", 1, 2, resources::load_text),
    written("loadyamlcontent", 1, 3, resources::load_yaml),
    azure("managementgroup", 0, 1),
    written("managementgroupresourceid", 2, ANY, resources::outside_id),
    written("map", 2, 2, lambda::map),
    written("mapvalues", 2, 2, lambda::map_values),
    known("max", 1, ANY, numbers::max),
    known("min", 1, ANY, numbers::min),
    known("mod", 2, 2, numbers::modulo),
    known("mul", 2, 2, numbers::mul),
    written("nameof", 1, 1, resources::name_of),
    azure("newguid", 0, 0),
    known("not", 1, 1, numbers::not),
    known("null", 0, 0, |_| Ok(Value::Null)),
    open("objectkeys", 1, 1, objects::keys),
    written("or", 2, ANY, lambda::or),
    known("padleft", 2, 3, text::pad_left),
    written("parameters", 1, 1, resources::parameters),
    known("parsecidr", 1, 1, network::parse_cidr),
    open("parseuri", 1, 1, |_| Err("it is not worked out".to_owned())),
    azure("pickzones", 3, 5),
    azure("providers", 1, 2),
    known("range", 2, 2, arrays::range),
    azure("readenvironmentvariable", 1, 2),
    written("reduce", 3, 3, lambda::reduce),
    written("reference", 1, 3, resources::reference),
    azure("references", 1, 2),
    known("replace", 3, 3, text::replace),
    written("resourcegroup", 0, 2, resources::resource_group),
    written("resourceid", 2, ANY, resources::resource_id),
    open("shallowmerge", 1, 1, objects::shallow_merge),
    open("skip", 2, 2, arrays::skip),
    written("sort", 2, 2, lambda::sort),
    open("split", 2, 2, text::split),
    known("startswith", 2, 2, text::starts_with),
    open("string", 1, 1, text::string),
    known("sub", 2, 2, numbers::sub),
    written("subscription", 0, 1, resources::subscription),
    written("subscriptionresourceid", 2, ANY, resources::outside_id),
    known("substring", 2, 3, text::substring),
    open("take", 2, 2, arrays::take),
    written("tenant", 0, 0, resources::tenant),
    written("tenantresourceid", 2, ANY, resources::outside_id),
    azure("tologicalzone", 3, 3),
    azure("tologicalzones", 3, 3),
    known("tolower", 1, 1, text::to_lower),
    written("toobject", 2, 3, lambda::to_object),
    azure("tophysicalzone", 3, 3),
    azure("tophysicalzones", 3, 3),
    known("toupper", 1, 1, text::to_upper),
    known("trim", 1, 1, text::trim),
    known("true", 0, 0, |_| Ok(Value::Bool(true))),
    open("tryget", 2, ANY, objects::try_get),
    open("tryindexfromend", 2, 2, arrays::try_index_from_end),
    open("union", 1, ANY, arrays::union),
    azure("uniquestring", 1, ANY),
    known("uri", 2, 2, text::uri),
    known("uricomponent", 1, 1, text::uri_component),
    known("uricomponenttostring", 1, 1, text::uri_component_to_string),
    azure("utcnow", 0, 1),
    written("variables", 1, 1, resources::variables),
    // The operators of Bicep that ARM has no function for.
    known("~equals", 2, 2, numbers::equals_in_any_case),
    open("~nonnull", 1, 1, |args| Ok(args[0].clone())),
];

/// Whether a name is a function's.
pub(super) fn is_function(name: &str) -> bool {
    FUNCTIONS.iter().any(|f| f.name.eq_ignore_ascii_case(name))
}

/// Calls a function.
pub(super) fn call(engine: &Engine<'_>, name: &str, args: &[Expr], span: Span, site: Site<'_>) -> Value {
    let lower = name.to_ascii_lowercase();
    if let Some(declared) = site.at.template.functions.get(&lower) {
        return declared_call(engine, declared, name, args, site, site.at);
    }
    if let Some((outer, _)) = &site.at.outer
        && let Some(declared) = outer.template.functions.get(&lower)
    {
        return declared_call(engine, declared, name, args, site, outer);
    }
    if let Some((file, there)) = site.at.template.imports.get(name) {
        return imported(engine, file, there, args, span, site);
    }
    let lower = lower.trim_start_matches("sys.").trim_start_matches("az.");
    let asked_for = Asked { engine, name, args, site };
    let Ok(place) = FUNCTIONS.binary_search_by(|f| f.name.cmp(lower)) else {
        if lower.starts_with("list") && !args.is_empty() {
            return resources::list(&asked_for);
        }
        engine.once("unknown-function", lower, || {
            Diagnostic::warning("unknown-function", format!("`{name}` is no function that is known"))
                .at(span, "called here")
                .because("What it gives is kept as unknown.")
        });
        return unknown(format!("`{name}` is no function that is known"));
    };
    let function = &FUNCTIONS[place];
    if args.len() < function.takes.0 || args.len() > function.takes.1 {
        return unknown(format!("`{name}` does not take {} arguments", args.len()));
    }
    let made = match function.run {
        Run::Written(run) => return run(&asked_for),
        Run::Azure => Err(String::new()),
        Run::Open(run) => return given(name, &asked_for.values(), run),
        Run::Known(run) => {
            let values: Vec<Value> = asked_for.values().iter().map(unwrapped).collect();
            if values.iter().all(|v| !v.has_unknown()) {
                return given(name, &values, run);
            }
            return missing(name, &values);
        }
    };
    made.unwrap_or_else(|_: String| {
        unknown(format!("`{}` is known to Azure only", asked(name, &asked_for.values())))
    })
}

fn given(name: &str, values: &[Value], run: fn(&[Value]) -> Made) -> Value {
    run(values).unwrap_or_else(|reason| match reason.is_empty() {
        true => missing(name, values),
        false => unknown(format!("`{}`: {reason}", asked(name, values))),
    })
}

/// What a function makes of values that are not known.
fn missing(name: &str, values: &[Value]) -> Value {
    unknown(format!("`{}` is worked out when it is deployed", asked(name, values)))
}

fn declared_call(
    engine: &Engine<'_>,
    declared: &Declared,
    name: &str,
    args: &[Expr],
    site: Site<'_>,
    home: &std::rc::Rc<Deployment>,
) -> Value {
    if declared.parameters.len() < args.len() {
        return unknown(format!("`{name}` does not take {} arguments", args.len()));
    }
    let mut locals = Locals::default();
    for (place, parameter) in declared.parameters.iter().enumerate() {
        let value = args.get(place).map_or(Value::Null, |a| engine.eval(a, site));
        locals = locals.with(&format!("parameters.{}", parameter.to_ascii_lowercase()), value.clone());
        locals = locals.with(parameter, value);
    }
    engine.eval(&declared.body, Site { at: home, locals: &locals })
}

/// Calls a function that another file declares.
pub(super) fn imported(
    engine: &Engine<'_>,
    file: &str,
    name: &str,
    args: &[Expr],
    span: Span,
    site: Site<'_>,
) -> Value {
    let Some(template) = engine.files.template(&site.at.template.path, file, span) else {
        return unknown(format!("`{file}` could not be read"));
    };
    let there = std::rc::Rc::new(Deployment::new(template.clone(), site.at.component.clone()));
    match template.functions.get(&name.to_ascii_lowercase()) {
        Some(declared) => declared_call(engine, declared, name, args, site, &there),
        None => unknown(format!("`{file}` has no function `{name}`")),
    }
}

#[cfg(test)]
mod tests {
    use super::FUNCTIONS;

    #[test]
    fn functions_are_in_order_so_that_each_is_found() {
        assert!(FUNCTIONS.windows(2).all(|two| two[0].name < two[1].name), "by name, none twice");
        assert!(FUNCTIONS.iter().all(|f| f.name == f.name.to_ascii_lowercase() && f.takes.0 <= f.takes.1));
    }
}
