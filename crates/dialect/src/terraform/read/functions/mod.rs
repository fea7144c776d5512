//! Terraform's functions, one row each.
//!
//! A function that has to look at its arguments gets them only where they are wholly known; one that moves them around
//! takes whatever is inside. What a function makes is bounded. Must not know where calls stand.

mod collections;
mod dates;
mod encodings;
mod files;
mod network;
mod numbers;
mod strings;

use ir::Value;

use super::eval::{Halt, Outcome, Scope, later, unknown};
use super::text;

/// A function.
struct Function {
    name: &'static str,
    /// Fewest and most arguments.
    takes: (usize, usize),
    how: How,
}

/// What a function needs to know.
enum How {
    /// Its arguments, wholly.
    Known(fn(&[Value]) -> Outcome),
    /// The outside of its arguments; what is in lists and maps may be unknown.
    Shape(fn(Vec<Value>) -> Outcome),
    /// Files of the folder.
    Files(for<'s, 'a> fn(&Scope<'s, 'a>, &[Value]) -> Outcome),
    /// What no reader has, such as the clock; the reason.
    Later(&'static str),
}

const MANY: usize = usize::MAX;
const CHANCE: &str = "it is drawn at random when Terraform runs";
const CLOCK: &str = "it depends on when Terraform runs";

macro_rules! row {
    ($name:literal, $least:expr, $most:expr, $how:expr) => {
        Function { name: $name, takes: ($least, $most), how: $how }
    };
}

/// Every function, sorted by name.
static FUNCTIONS: &[Function] = &[
    row!("abs", 1, 1, How::Known(numbers::abs)),
    row!("abspath", 1, 1, How::Later("it depends on where Terraform runs")),
    row!("alltrue", 1, 1, How::Known(collections::all_true)),
    row!("anytrue", 1, 1, How::Known(collections::any_true)),
    row!("base64decode", 1, 1, How::Known(encodings::base64_decode)),
    row!("base64encode", 1, 1, How::Known(encodings::base64_encode)),
    row!("base64gzip", 1, 1, How::Later("compressed text differs between programs")),
    row!("base64sha256", 1, 1, How::Known(encodings::base64_sha256)),
    row!("base64sha512", 1, 1, How::Known(encodings::base64_sha512)),
    row!("basename", 1, 1, How::Known(strings::basename)),
    row!("bcrypt", 1, 2, How::Later(CHANCE)),
    row!("ceil", 1, 1, How::Known(numbers::ceil)),
    row!("chomp", 1, 1, How::Known(strings::chomp)),
    row!("chunklist", 2, 2, How::Shape(collections::chunk_list)),
    row!("cidrhost", 2, 2, How::Known(network::host)),
    row!("cidrnetmask", 1, 1, How::Known(network::netmask)),
    row!("cidrsubnet", 3, 3, How::Known(network::subnet)),
    row!("cidrsubnets", 2, MANY, How::Known(network::subnets)),
    row!("coalesce", 1, MANY, How::Shape(collections::coalesce)),
    row!("coalescelist", 1, MANY, How::Shape(collections::coalesce_list)),
    row!("compact", 1, 1, How::Shape(collections::compact)),
    row!("concat", 1, MANY, How::Shape(collections::concat)),
    row!("contains", 2, 2, How::Shape(collections::contains)),
    row!("csvdecode", 1, 1, How::Known(encodings::csv_decode)),
    row!("dirname", 1, 1, How::Known(strings::dirname)),
    row!("distinct", 1, 1, How::Shape(collections::distinct)),
    row!("element", 2, 2, How::Shape(collections::element)),
    row!("endswith", 2, 2, How::Known(strings::ends_with)),
    row!("ephemeralasnull", 1, 1, How::Shape(collections::same)),
    row!("file", 1, 1, How::Files(files::file)),
    row!("filebase64", 1, 1, How::Files(files::base64)),
    row!("filebase64sha256", 1, 1, How::Files(files::base64_sha256)),
    row!("filebase64sha512", 1, 1, How::Files(files::base64_sha512)),
    row!("fileexists", 1, 1, How::Files(files::exists)),
    row!("filemd5", 1, 1, How::Files(files::md5)),
    row!("fileset", 2, 2, How::Files(files::set)),
    row!("filesha1", 1, 1, How::Files(files::sha1)),
    row!("filesha256", 1, 1, How::Files(files::sha256)),
    row!("filesha512", 1, 1, How::Files(files::sha512)),
    row!("flatten", 1, 1, How::Shape(collections::flatten)),
    row!("floor", 1, 1, How::Known(numbers::floor)),
    row!("format", 1, MANY, How::Shape(strings::format)),
    row!("formatdate", 2, 2, How::Known(dates::format)),
    row!("formatlist", 1, MANY, How::Shape(strings::format_list)),
    row!("indent", 2, 2, How::Known(strings::indent)),
    row!("index", 2, 2, How::Shape(collections::index)),
    row!("issensitive", 1, 1, How::Later("what is secret is marked only when Terraform runs")),
    row!("join", 2, MANY, How::Shape(strings::join)),
    row!("jsondecode", 1, 1, How::Shape(encodings::json_decode)),
    row!("jsonencode", 1, 1, How::Shape(encodings::json_encode)),
    row!("keys", 1, 1, How::Shape(collections::keys)),
    row!("length", 1, 1, How::Shape(collections::length)),
    row!("list", 0, MANY, How::Shape(collections::list)),
    row!("log", 2, 2, How::Known(numbers::log)),
    row!("lookup", 2, 3, How::Shape(collections::lookup)),
    row!("lower", 1, 1, How::Known(strings::lower)),
    row!("map", 0, MANY, How::Shape(collections::map)),
    row!("matchkeys", 3, 3, How::Shape(collections::match_keys)),
    row!("max", 1, MANY, How::Known(numbers::max)),
    row!("md5", 1, 1, How::Known(encodings::md5)),
    row!("merge", 0, MANY, How::Shape(collections::merge)),
    row!("min", 1, MANY, How::Known(numbers::min)),
    row!("nonsensitive", 1, 1, How::Shape(collections::same)),
    row!("one", 1, 1, How::Shape(collections::one)),
    row!("parseint", 2, 2, How::Known(numbers::parse_int)),
    row!("pathexpand", 1, 1, How::Later("it depends on who runs Terraform")),
    row!("plantimestamp", 0, 0, How::Later(CLOCK)),
    row!("pow", 2, 2, How::Known(numbers::pow)),
    row!("range", 1, 3, How::Known(collections::range)),
    row!("regex", 2, 2, How::Known(strings::regex)),
    row!("regexall", 2, 2, How::Known(strings::regex_all)),
    row!("replace", 3, 3, How::Known(strings::replace)),
    row!("reverse", 1, 1, How::Shape(collections::reverse)),
    row!("rsadecrypt", 2, 2, How::Later("no reader decrypts")),
    row!("sensitive", 1, 1, How::Shape(collections::sensitive)),
    row!("setintersection", 1, MANY, How::Shape(collections::intersection)),
    row!("setproduct", 1, MANY, How::Shape(collections::product)),
    row!("setsubtract", 2, 2, How::Shape(collections::subtract)),
    row!("setunion", 0, MANY, How::Shape(collections::union)),
    row!("sha1", 1, 1, How::Known(encodings::sha1)),
    row!("sha256", 1, 1, How::Known(encodings::sha256)),
    row!("sha512", 1, 1, How::Known(encodings::sha512)),
    row!("signum", 1, 1, How::Known(numbers::signum)),
    row!("slice", 3, 3, How::Shape(collections::slice)),
    row!("sort", 1, 1, How::Known(collections::sort)),
    row!("split", 2, 2, How::Known(strings::split)),
    row!("startswith", 2, 2, How::Known(strings::starts_with)),
    row!("strcontains", 2, 2, How::Known(strings::contains)),
    row!("strrev", 1, 1, How::Known(strings::reverse)),
    row!("substr", 3, 3, How::Known(strings::substr)),
    row!("sum", 1, 1, How::Known(numbers::sum)),
    row!("templatefile", 2, 2, How::Files(files::template)),
    row!("templatestring", 2, 2, How::Files(files::template_string)),
    row!("textdecodebase64", 2, 2, How::Later("text in other encodings is not read")),
    row!("textencodebase64", 2, 2, How::Later("text in other encodings is not written")),
    row!("timeadd", 2, 2, How::Known(dates::add)),
    row!("timecmp", 2, 2, How::Known(dates::compare)),
    row!("timestamp", 0, 0, How::Later(CLOCK)),
    row!("title", 1, 1, How::Known(strings::title)),
    row!("tobool", 1, 1, How::Shape(collections::to_bool)),
    row!("tolist", 1, 1, How::Shape(collections::same)),
    row!("tomap", 1, 1, How::Shape(collections::same)),
    row!("tonumber", 1, 1, How::Shape(collections::to_number)),
    row!("toset", 1, 1, How::Shape(collections::to_set)),
    row!("tostring", 1, 1, How::Shape(collections::to_string)),
    row!("transpose", 1, 1, How::Known(collections::transpose)),
    row!("trim", 2, 2, How::Known(strings::trim)),
    row!("trimprefix", 2, 2, How::Known(strings::trim_prefix)),
    row!("trimspace", 1, 1, How::Known(strings::trim_space)),
    row!("trimsuffix", 2, 2, How::Known(strings::trim_suffix)),
    row!("type", 1, 1, How::Later("types are told in the console only")),
    row!("upper", 1, 1, How::Known(strings::upper)),
    row!("urlencode", 1, 1, How::Known(strings::url_encode)),
    row!("uuid", 0, 0, How::Later(CHANCE)),
    row!("uuidv5", 2, 2, How::Known(encodings::uuid_v5)),
    row!("values", 1, 1, How::Shape(collections::values)),
    row!("yamldecode", 1, 1, How::Known(encodings::yaml_decode)),
    row!("yamlencode", 1, 1, How::Known(encodings::yaml_encode)),
    row!("zipmap", 2, 2, How::Shape(collections::zip_map)),
];

pub(crate) use encodings::jsonencode;

/// Calls a function by its name.
pub(crate) fn call(scope: &Scope<'_, '_>, name: &str, arguments: Vec<Value>) -> Outcome {
    let Ok(at) = FUNCTIONS.binary_search_by(|f| f.name.cmp(name)) else {
        return Err(Halt::Wrong(format!("Terraform has no function `{name}`")));
    };
    let function = &FUNCTIONS[at];
    let (least, most) = function.takes;
    if !(least..=most).contains(&arguments.len()) {
        return Err(Halt::Wrong(format!("`{name}` is called with {} arguments", arguments.len())));
    }
    match function.how {
        How::Shape(f) => {
            // A list or map of a resource that the configuration sets can be taken apart.
            let apart = |argument| match argument {
                Value::Ref(r) => match scope.configured(&r) {
                    Some(whole @ (Value::List(_) | Value::Map(_))) => whole,
                    _ => Value::Ref(r),
                },
                other => other,
            };
            f(arguments.into_iter().map(apart).collect())
        }
        How::Later(reason) => Err(Halt::Later(reason.to_owned())),
        How::Known(_) | How::Files(_) => {
            let mut known = Vec::with_capacity(arguments.len());
            for argument in arguments {
                known.push(files::settled(scope, scope.settled(argument))?);
            }
            match function.how {
                How::Known(f) => match known.iter().find_map(unknown) {
                    Some(reason) => Err(Halt::Later(reason)),
                    None => f(&known),
                },
                // What fills a template may be unknown; the path may not.
                How::Files(f) => match unknown(&known[0]) {
                    Some(reason) => Err(Halt::Later(reason)),
                    None => f(scope, &known),
                },
                How::Shape(_) | How::Later(_) => Err(Halt::Wrong(format!("`{name}` cannot be called"))),
            }
        }
    }
}

/// A text argument.
fn string(value: &Value) -> Result<String, Halt> {
    text::of(value).ok_or_else(|| later(value, "an argument that must be text"))
}

/// A whole number as an argument.
fn whole(value: &Value) -> Result<i64, Halt> {
    super::eval::whole(value).ok_or_else(|| later(value, "an argument that must be a whole number"))
}

/// A number as an argument.
fn number(value: &Value) -> Result<f64, Halt> {
    value.as_f64().ok_or_else(|| later(value, "an argument that must be a number"))
}

/// A list as an argument.
fn items(value: &Value) -> Result<&[Value], Halt> {
    value.as_list().ok_or_else(|| later(value, "an argument that must be a list"))
}

fn wrong(what: impl Into<String>) -> Halt {
    Halt::Wrong(what.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_names_nothing_twice() {
        assert!(FUNCTIONS.windows(2).all(|pair| pair[0].name < pair[1].name));
    }
}
