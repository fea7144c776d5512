//! Bicep's declarations into the model of a template.
//!
//! A declaration that is broken gives its diagnostic, and reading goes on at the next one.

use std::collections::BTreeMap;

use ir::{Diagnostic, Diagnostics, FileId, Value};

use super::scan::{MOST_OPEN, Read, Scanner, Trouble};
use crate::arm::DEPLOYMENTS;
use crate::arm::template::{
    Assignments, Deploys, Entry, Expr, Form, Function, Output, Parameter, Repeat, Resource, Source,
    TargetScope, Template,
};

/// What a file of parameters says.
#[derive(Debug, Default)]
pub(crate) struct Arguments {
    /// The template that it is for.
    pub using: Option<String>,
    /// The file of parameters that it adds to.
    pub extends: Option<String>,
    /// What parameters are set to.
    pub given: Assignments,
}

/// More broken declarations than this are no slips: the file is something else.
const MOST_BROKEN: usize = 100;

/// Reads a file: the template, and what it gives as parameters when it is a file of those.
pub(crate) fn parse(
    text: &str,
    path: &str,
    file: FileId,
    diagnostics: &mut Diagnostics,
) -> (Template, Arguments) {
    let scanner = Scanner { file, text, at: 0, depth: 0 };
    let template = Template { path: path.to_owned(), ..Template::default() };
    let mut reader = Reader { scanner, template, arguments: Arguments::default(), types: BTreeMap::new() };
    let mut broken = 0;
    loop {
        reader.scanner.lines();
        if reader.scanner.rest().is_empty() || broken == MOST_BROKEN {
            break;
        }
        let start = reader.scanner.at;
        reader.scanner.depth = 0;
        if let Err(trouble) = reader.declaration() {
            diagnostics.push(
                Diagnostic::warning("invalid-bicep", "a declaration cannot be read")
                    .at(trouble.span, trouble.reason)
                    .because("It was left out, and the rest of the file was read."),
            );
            broken += 1;
            reader.recover(start);
        }
    }
    reader.named_types();
    (reader.template, reader.arguments)
}

struct Reader<'t> {
    scanner: Scanner<'t>,
    template: Template,
    arguments: Arguments,
    types: BTreeMap<String, Type>,
}

/// What a type says that a reader wants to know.
#[derive(Clone, Debug, Default)]
struct Type {
    name: String,
    allowed: Vec<Expr>,
    nullable: bool,
}

/// `@name(arguments)` before a declaration.
#[derive(Default)]
struct Decorators {
    secure: bool,
    description: String,
    allowed: Vec<Expr>,
    range: (Option<i64>, Option<i64>),
}

const WORDS: &[&str] = &[
    "targetScope",
    "param",
    "var",
    "resource",
    "module",
    "output",
    "type",
    "func",
    "import",
    "metadata",
    "using",
    "extends",
    "extension",
    "provider",
    "assert",
    "@",
];

impl Reader<'_> {
    /// Goes on at the next line that begins a declaration. What stands in one is indented.
    fn recover(&mut self, start: usize) {
        let begins = |line: &str| {
            let word = line.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
            line.starts_with('@') || WORDS.contains(&word)
        };
        let rest = &self.scanner.text[start..];
        let mut offset = rest.find('\n').map_or(rest.len(), |n| n + 1);
        while offset < rest.len() && !begins(&rest[offset..]) {
            offset += rest[offset..].find('\n').map_or(rest.len() - offset, |n| n + 1);
        }
        self.scanner.at = start + offset;
    }

    fn declaration(&mut self) -> Read<()> {
        let decorators = self.decorators()?;
        let start = self.scanner.at;
        let word = self.scanner.name()?;
        match word {
            "targetScope" => {
                self.scanner.expects("=")?;
                let scope = self.scanner.expression()?;
                let group = scope.text().is_none_or(|s| s == "resourceGroup");
                self.template.scope = if group { TargetScope::ResourceGroup } else { TargetScope::Above };
            }
            "param" => self.parameter(decorators, start)?,
            "var" => {
                let name = self.scanner.name()?.to_owned();
                self.skip_type();
                self.scanner.expects("=")?;
                self.scanner.lines();
                let value = self.scanner.expression()?;
                self.template.variables.insert(name, value);
            }
            "resource" => self.resource(None, start)?,
            "module" => self.module(start)?,
            "output" => {
                let name = self.scanner.name()?.to_owned();
                self.type_expression()?;
                self.scanner.expects("=")?;
                self.scanner.lines();
                let value = self.scanner.expression()?;
                let output = Output { description: decorators.description, condition: None, value };
                self.template.outputs.insert(name, output);
            }
            "type" => {
                let name = self.scanner.name()?.to_owned();
                self.scanner.expects("=")?;
                let ty = self.type_expression()?;
                self.types.insert(name, ty);
            }
            "func" => self.function()?,
            "import" => self.import()?,
            "using" | "extends" => {
                let path = if self.scanner.word("none") { None } else { Some(self.scanner.string()?) };
                let path = path.and_then(|p| p.text().map(str::to_owned));
                if word == "using" {
                    self.arguments.using = path
                } else {
                    self.arguments.extends = path
                }
                self.pass_line();
            }
            "metadata" | "assert" | "extension" | "provider" => self.pass()?,
            other => {
                let reason = format!("`{other}` begins no declaration");
                return Err(Trouble { reason, span: self.scanner.since(start) });
            }
        }
        self.ended()
    }

    fn ended(&mut self) -> Read<()> {
        self.scanner.blank();
        match self.scanner.rest().chars().next() {
            None | Some('\n') => Ok(()),
            Some(_) => Err(self.scanner.trouble("a new line is expected")),
        }
    }

    fn pass_line(&mut self) {
        let rest = self.scanner.rest();
        self.scanner.at += rest.find('\n').unwrap_or(rest.len());
    }

    /// A declaration that says nothing about resources.
    fn pass(&mut self) -> Read<()> {
        let _ = self.scanner.name();
        if self.scanner.takes("=") {
            self.scanner.lines();
            self.scanner.expression()?;
        } else {
            self.pass_line();
        }
        Ok(())
    }

    fn decorators(&mut self) -> Read<Decorators> {
        let mut out = Decorators::default();
        while self.scanner.takes("@") {
            let start = self.scanner.at;
            let call = self.scanner.expression()?;
            let (name, args) = match call.form {
                Form::Call(name, args) | Form::Method(_, name, args) => (name, args),
                _ => {
                    let reason = "a decorator is a call".to_owned();
                    return Err(Trouble { reason, span: self.scanner.since(start) });
                }
            };
            let whole = |args: &[Expr]| match args.first().map(|a| &a.form) {
                Some(Form::Literal(Value::Int(n))) => Some(*n),
                _ => None,
            };
            match name.as_str() {
                "secure" => out.secure = true,
                "description" => {
                    out.description = args.first().and_then(Expr::text).unwrap_or_default().to_owned()
                }
                "minValue" => out.range.0 = whole(&args),
                "maxValue" => out.range.1 = whole(&args),
                "allowed" => {
                    if let Some(Form::Array(items)) = args.into_iter().next().map(|a| a.form) {
                        out.allowed = items.into_iter().map(|e| e.value).collect();
                    }
                }
                _ => {}
            }
            self.scanner.lines();
        }
        Ok(out)
    }

    fn parameter(&mut self, decorators: Decorators, start: usize) -> Read<()> {
        let name = self.scanner.name()?.to_owned();
        // A file of parameters gives a value and no type.
        if self.scanner.takes("=") {
            self.scanner.lines();
            let value = self.scanner.expression()?;
            self.arguments.given.push((name, value));
            return Ok(());
        }
        let ty = self.type_expression()?;
        let default = if self.scanner.takes("=") {
            self.scanner.lines();
            Some(self.scanner.expression()?)
        } else {
            None
        };
        let parameter = Parameter {
            ty: ty.name,
            secure: decorators.secure,
            default,
            allowed: if decorators.allowed.is_empty() { ty.allowed } else { decorators.allowed },
            range: decorators.range,
            description: decorators.description,
            nullable: ty.nullable,
            span: Some(self.scanner.since(start)),
        };
        self.template.parameters.insert(name, parameter);
        Ok(())
    }

    /// A type, of which only little is kept. It ends before `=` and with the line, unless brackets are open or `|` goes on.
    fn type_expression(&mut self) -> Read<Type> {
        let mut ty = Type::default();
        let mut simple = true;
        let mut open = 0_usize;
        loop {
            self.scanner.blank();
            let rest = self.scanner.rest();
            let Some(c) = rest.chars().next() else { break };
            match c {
                '\n' if open > 0 => self.scanner.lines(),
                '\n' => {
                    let here = self.scanner.at;
                    self.scanner.lines();
                    if !self.scanner.rest().starts_with('|') {
                        self.scanner.at = here;
                        break;
                    }
                }
                '=' if open == 0 => break,
                '\'' => {
                    let text = self.scanner.string()?;
                    if open == 0 {
                        ty.name = "string".into();
                        ty.allowed.push(text);
                    }
                }
                '{' | '[' | '(' | '<' => {
                    // Lists of something are written with the brackets after it.
                    if open == 0 && c == '[' {
                        ty.name = "array".into();
                        simple = false;
                    } else if open == 0 && c == '{' {
                        ty.name = "object".into();
                        simple = false;
                    }
                    open += 1;
                    self.scanner.at += 1;
                }
                '}' | ']' | ')' | '>' => {
                    if open == 0 {
                        break;
                    }
                    open -= 1;
                    self.scanner.at += 1;
                }
                ',' if open == 0 => break,
                '?' if open == 0 => {
                    ty.nullable = true;
                    self.scanner.at += 1;
                }
                '@' if open > 0 => {
                    self.scanner.at += 1;
                    self.scanner.expression()?;
                }
                _ if c.is_alphabetic() || c == '_' => {
                    let name = self.scanner.name()?;
                    if open == 0
                        && simple
                        && ty.allowed.is_empty()
                        && !matches!(name, "null" | "true" | "false")
                    {
                        ty.name = name.to_owned();
                    }
                }
                _ => self.scanner.at += c.len_utf8(),
            }
        }
        if open > 0 || (ty.name.is_empty() && ty.allowed.is_empty()) {
            return Err(self.scanner.trouble(if open > 0 {
                "the end of the type is expected"
            } else {
                "a type is expected"
            }));
        }
        if !simple {
            ty.allowed.clear();
        }
        Ok(ty)
    }

    fn skip_type(&mut self) {
        self.scanner.blank();
        if !self.scanner.rest().starts_with('=') {
            let _ = self.type_expression();
        }
    }

    /// Parameters of a named type are of what that type is.
    fn named_types(&mut self) {
        for parameter in self.template.parameters.values_mut() {
            // A type that names itself ends with the last one there is.
            for _ in 0..self.types.len() {
                let Some(ty) = self.types.get(&parameter.ty) else { break };
                parameter.ty = ty.name.clone();
                parameter.nullable |= ty.nullable;
                if parameter.allowed.is_empty() {
                    parameter.allowed = ty.allowed.clone();
                }
            }
        }
    }

    fn function(&mut self) -> Read<()> {
        let name = self.scanner.name()?.to_ascii_lowercase();
        self.scanner.expects("(")?;
        let mut parameters = Vec::new();
        loop {
            self.scanner.lines();
            if self.scanner.takes(")") {
                break;
            }
            parameters.push(self.scanner.name()?.to_owned());
            self.type_expression()?;
            self.scanner.takes(",");
        }
        self.type_expression()?;
        self.scanner.expects("=>")?;
        self.scanner.lines();
        let body = self.scanner.expression()?;
        self.template.functions.insert(name, Function { parameters, body });
        Ok(())
    }

    /// `import { a as b } from 'file'`, `import * as all from 'file'`, or an extension, which gives nothing to names.
    fn import(&mut self) -> Read<()> {
        let mut names = Vec::new();
        if self.scanner.takes("*") {
            if !self.scanner.word("as") {
                return Err(self.scanner.trouble("`as` is expected"));
            }
            names.push((self.scanner.name()?.to_owned(), "*".to_owned()));
        } else if self.scanner.takes("{") {
            loop {
                self.scanner.lines();
                if self.scanner.takes("}") {
                    break;
                }
                let there = self.scanner.name()?.to_owned();
                let here =
                    if self.scanner.word("as") { self.scanner.name()?.to_owned() } else { there.clone() };
                names.push((here, there));
                self.scanner.takes(",");
            }
        } else {
            self.pass_line();
            return Ok(());
        }
        if !self.scanner.word("from") {
            return Err(self.scanner.trouble("`from` is expected"));
        }
        let file = self.scanner.string()?;
        if let Some(file) = file.text() {
            let names = names.into_iter().map(|(here, there)| (here, (file.to_owned(), there)));
            self.template.imports.extend(names);
        }
        Ok(())
    }

    /// After the word `resource`.
    fn resource(&mut self, within: Option<usize>, start: usize) -> Read<()> {
        let symbol = self.scanner.name()?.to_owned();
        self.scanner.blank();
        let written = self.scanner.string()?;
        let written = written.text().map(str::to_owned);
        let (kind, api) = match written.as_deref().map(|w| w.split_once('@').unwrap_or((w, ""))) {
            Some((kind, api)) => (kind.to_owned(), api.to_owned()),
            None => return Err(self.scanner.trouble("the type of a resource is a plain text")),
        };
        let span = self.scanner.since(start);
        let existing = self.scanner.word("existing");
        self.scanner.expects("=")?;
        self.scanner.lines();
        let api = (!api.is_empty()).then(|| Expr::literal(api, span));
        let mut resource = plain(symbol, kind, api, existing, span);
        resource.within = within;
        self.template.resources.push(resource);
        let place = self.template.resources.len() - 1;
        let read = self.body(place);
        if read.is_err() {
            self.template.resources.truncate(place);
        }
        let (repeat, condition, entries) = read?;
        let resource = &mut self.template.resources[place];
        resource.repeat = repeat;
        resource.condition = condition;
        for entry in entries {
            let Some(key) = entry.key.as_ref().and_then(Expr::text).map(str::to_owned) else { continue };
            match key.as_str() {
                "name" => resource.name = Some(entry.value),
                "parent" => resource.parent = Some(entry.value),
                "scope" => resource.scope = Some(entry.value),
                "dependsOn" => resource.depends_on = listed(entry.value),
                _ => resource.body.push((key, entry.value)),
            }
        }
        resource.span = self.scanner.since(start);
        Ok(())
    }

    /// After `=`: a condition or a loop around an object.
    fn body(&mut self, place: usize) -> Read<(Option<Repeat>, Option<Expr>, Vec<Entry>)> {
        if self.scanner.takes("[") {
            self.scanner.lines();
            if !self.scanner.word("for") {
                return Err(self.scanner.trouble("`for` is expected"));
            }
            let (repeat, condition, ()) = self.scanner.turns(|s| s.expects("{"))?;
            let entries = self.object(place)?;
            self.scanner.expects("]")?;
            return Ok((Some(repeat), condition, entries));
        }
        let condition = if self.scanner.word("if") {
            self.scanner.expects("(")?;
            self.scanner.lines();
            let condition = self.scanner.expression()?;
            self.scanner.expects(")")?;
            Some(condition)
        } else {
            None
        };
        self.scanner.expects("{")?;
        Ok((None, condition, self.object(place)?))
    }

    /// The entries of a resource's object, and the resources in it.
    fn object(&mut self, place: usize) -> Read<Vec<Entry>> {
        let mut entries = Vec::new();
        loop {
            self.scanner.lines();
            if self.scanner.takes("}") {
                return Ok(entries);
            }
            let here = self.scanner.at;
            if self.scanner.takes("@") {
                self.scanner.at = here;
                self.decorators()?;
            }
            let start = self.scanner.at;
            if self.scanner.word("resource") && !self.scanner.takes(":") {
                self.scanner.depth += 1;
                if self.scanner.depth > MOST_OPEN {
                    return Err(self.scanner.trouble("resources are nested too deep"));
                }
                self.resource(Some(place), start)?;
                self.scanner.depth -= 1;
                continue;
            }
            self.scanner.at = start;
            entries.push(self.scanner.entry()?);
        }
    }

    /// After the word `module`.
    fn module(&mut self, start: usize) -> Read<()> {
        let symbol = self.scanner.name()?.to_owned();
        self.scanner.blank();
        let path = self.scanner.string()?;
        let path = path.text().unwrap_or_default().to_owned();
        self.scanner.expects("=")?;
        self.scanner.lines();
        let span = self.scanner.since(start);
        let (repeat, condition, entries) = self.body(0)?;
        let mut resource = plain(symbol, DEPLOYMENTS.to_owned(), None, false, span);
        (resource.repeat, resource.condition) = (repeat, condition);
        let mut arguments = Vec::new();
        for entry in entries {
            let Some(key) = entry.key.as_ref().and_then(Expr::text).map(str::to_owned) else { continue };
            match key.as_str() {
                "name" => resource.name = Some(entry.value),
                "scope" => resource.scope = Some(entry.value),
                "dependsOn" => resource.depends_on = listed(entry.value),
                "params" => {
                    let given = entry.value.entries().unwrap_or_default();
                    arguments = given.into_iter().map(|(k, v)| (k.to_owned(), v.clone())).collect();
                }
                _ => {}
            }
        }
        let elsewhere = path
            .split_once(':')
            .is_some_and(|(scheme, _)| scheme.starts_with("br") || scheme.starts_with("ts"));
        let source = if elsewhere { Source::Elsewhere(path) } else { Source::File(path) };
        resource.deploys = Some(Deploys { source, arguments });
        self.template.resources.push(resource);
        Ok(())
    }
}

fn plain(symbol: String, kind: String, api: Option<Expr>, existing: bool, span: ir::Span) -> Resource {
    Resource {
        symbol: Some(symbol),
        kind,
        api,
        name: None,
        existing,
        condition: None,
        repeat: None,
        parent: None,
        scope: None,
        group: None,
        depends_on: Vec::new(),
        body: Vec::new(),
        within: None,
        deploys: None,
        span,
    }
}

fn listed(value: Expr) -> Vec<Expr> {
    match value.form {
        Form::Array(items) => items.into_iter().map(|e| e.value).collect(),
        form => vec![Expr { form, span: value.span }],
    }
}
