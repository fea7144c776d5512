//! From files to one tree: `.env`, several files, `extends` and `include`.
//!
//! Each file is read once, its variables substituted, its services extended; then the files are laid over each
//! other and the included ones added. Paths in files of other folders are rewritten to start at the project's.
//! This module must not look at the process environment, and shows the sources only with their secrets masked.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use indexmap::{IndexMap, IndexSet};
use ir::yaml::{Data, Yaml};
use ir::{Diagnostic, Diagnostics, SourceMap, Span, World};

use super::dotenv::{self, Variables};
use super::interpolate::{self, Unset};
use super::{forms, merge, secret};

/// One `extends` of another, or one file including another, deeper than this is a mistake.
const MAX_CHAIN: usize = 64;
/// Files that include each other many times over would never end.
const MAX_FILES: usize = 1000;

/// Everything the files say, as one tree.
pub(super) struct Project {
    /// A mapping; short and long forms as written.
    pub(super) tree: Yaml,
    /// Where relative paths start.
    pub(super) folder: PathBuf,
    /// What that folder is called.
    pub(super) folder_name: Option<String>,
    /// What `.env` sets.
    pub(super) variables: Variables,
}

/// Loads the files, or says why there is nothing to load.
pub(super) fn load(
    world: &dyn World,
    files: &[PathBuf],
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) -> Option<Project> {
    let Some(first) = files.first() else {
        diagnostics.push(
            Diagnostic::error("no-compose-file", "no compose file was named")
                .help("name a compose file, or a folder that holds a `compose.yaml`"),
        );
        return None;
    };
    let folder = first.parent().unwrap_or(Path::new("")).to_owned();
    let mut loader = Loader {
        world,
        sources,
        diagnostics,
        unset: Unset::new(),
        read: IndexMap::new(),
        open: Vec::new(),
        parsed: 0,
    };
    let variables = loader.variables(&[folder.join(".env")], &Variables::new());
    let tree = loader.project(files, &folder, &variables);
    let unset = std::mem::take(&mut loader.unset);
    say_unset(unset, diagnostics);
    let Some(mut tree) = tree else {
        if !diagnostics.has_errors() {
            diagnostics.push(
                Diagnostic::error("no-services", "the compose files are empty")
                    .help("declare at least one service under `services:`"),
            );
        }
        return None;
    };
    merge::resolve_resets(&mut tree);
    if let Some(service) = of_version_1(&tree) {
        diagnostics.push(
            Diagnostic::error("compose-version-1", "the file is written in the first version of the format")
                .at(service, "a service at the top of the file")
                .because(
                    "Docker Compose itself reads that version no more: services stand under `services:`.",
                )
                .help("write `services:` as the first line and indent everything else below it"),
        );
        return None;
    }
    let folder_name = world.folder_name(&folder);
    Some(Project { tree, folder, folder_name, variables })
}

/// The first service of a file whose services stand at its top.
fn of_version_1(tree: &Yaml) -> Option<Span> {
    if tree.get("services").is_some() {
        return None;
    }
    let is_container = |node: &Yaml| node.get("image").is_some() || node.get("build").is_some();
    tree.entries()?.iter().find(|(_, node)| is_container(node)).map(|(name, _)| name.span)
}

fn say_unset(unset: Unset, diagnostics: &mut Diagnostics) {
    // A missing secret is declared as one later; nobody should be told to write its value into a file.
    for (name, (span, count)) in unset.into_iter().filter(|(name, _)| !secret::key_is_secret(name)) {
        let times =
            if count == 1 { "used once".to_owned() } else { format!("used {count} times, first here") };
        diagnostics.push(
            Diagnostic::warning("unset-variable", format!("`{name}` has no value"))
                .at(span, times)
                .because("Variables come from the `.env` file beside the compose file, not from the shell, so it became an empty string.")
                .help(format!("set `{name}` in `.env`, or give a default such as `${{{name}:-value}}`")),
        );
    }
}

struct Loader<'a> {
    world: &'a dyn World,
    sources: &'a mut SourceMap,
    diagnostics: &'a mut Diagnostics,
    unset: Unset,
    /// Files by path, substituted, not yet extended.
    read: IndexMap<PathBuf, Option<Rc<Yaml>>>,
    /// Files being included.
    open: Vec<PathBuf>,
    /// How many files were parsed, repeats included.
    parsed: usize,
}

impl Loader<'_> {
    fn variables(&mut self, files: &[PathBuf], above: &Variables) -> Variables {
        let mut all = above.clone();
        for file in files {
            let Ok(text) = self.world.read_text(file) else { continue };
            let parsed = dotenv::parse(&text, &all, false);
            for line in parsed.bad_lines {
                self.diagnostics.push(
                    Diagnostic::warning(
                        "invalid-env-line",
                        format!("line {line} of {} is no setting", file.display()),
                    )
                    .help("write `KEY=value`, and close every quote"),
                );
            }
            for (key, value) in parsed.entries {
                // An including project's variables win over an included one's.
                if let Some(value) = value.filter(|_| !above.contains_key(&key)) {
                    all.insert(key, value);
                }
            }
        }
        all
    }

    fn project(&mut self, files: &[PathBuf], folder: &Path, variables: &Variables) -> Option<Yaml> {
        let mut whole: Option<Yaml> = None;
        for file in files {
            let Some(tree) = self.extended_file(file, folder, variables) else { continue };
            whole = Some(match whole {
                Some(base) => merge::files(base, tree),
                None => tree,
            });
        }
        let mut whole = whole?;
        let includes = match whole.get("include").map(|i| i.data.clone()) {
            Some(Data::Seq(items)) => items,
            _ => Vec::new(),
        };
        for item in includes {
            self.include(&mut whole, &item, folder, variables);
        }
        Some(whole)
    }

    /// A file with its services extended.
    fn extended_file(&mut self, file: &Path, folder: &Path, variables: &Variables) -> Option<Yaml> {
        let mut tree = Yaml::clone(&*self.file(file, variables, None)?);
        let names: Vec<String> = tree
            .get("services")
            .and_then(Yaml::entries)
            .unwrap_or(&[])
            .iter()
            .map(|(k, _)| k.text.clone())
            .collect();
        let mut done = IndexMap::new();
        let extended: Vec<Option<Yaml>> =
            names.iter().map(|name| self.extended(file, folder, name, variables, &mut done)).collect();
        if let Some(Data::Map(services)) = section_mut(&mut tree, "services") {
            for ((_, slot), service) in services.iter_mut().zip(extended) {
                if let Some(service) = service {
                    *slot = service;
                }
            }
        }
        Some(tree)
    }

    /// The text of one file as a substituted tree; `None` after a diagnostic.
    fn file(&mut self, file: &Path, variables: &Variables, named_at: Option<Span>) -> Option<Rc<Yaml>> {
        let key = ir::world::plain(file);
        if let Some(known) = self.read.get(&key) {
            return known.clone();
        }
        let tree = self.parse(file, variables, named_at).map(Rc::new);
        self.read.insert(key, tree.clone());
        tree
    }

    fn parse(&mut self, file: &Path, variables: &Variables, named_at: Option<Span>) -> Option<Yaml> {
        self.parsed += 1;
        if self.parsed > MAX_FILES {
            if self.parsed == MAX_FILES + 1 {
                self.diagnostics.push(
                    Diagnostic::error("too-many-files", format!("more than {MAX_FILES} files are included"))
                        .at(named_at, "")
                        .help("include each file once"),
                );
            }
            return None;
        }
        let text = match self.world.read_text(file) {
            Ok(text) => text,
            Err(e) => {
                let id = if e.not_found { "missing-file" } else { "unreadable-file" };
                self.diagnostics.push(Diagnostic::error(id, e.to_string()).at(named_at, "named here"));
                return None;
            }
        };
        let shown = file.to_string_lossy().replace('\\', "/");
        let id = self.sources.add(shown, secret::masked(&text));
        let (documents, diagnostics) = ir::yaml::parse(&text, id);
        let broken = diagnostics.has_errors();
        self.diagnostics.extend(diagnostics);
        let start = Span { file: id, start: 0, end: 0 };
        let mut whole: Option<Yaml> = None;
        for mut document in documents {
            if document.data == Data::Null {
                continue;
            }
            if document.entries().is_none() {
                self.diagnostics.push(
                    Diagnostic::error(
                        "wrong-type",
                        format!("a compose file is a mapping, not {}", document.what()),
                    )
                    .at(document.span, "")
                    .help("start with `services:`"),
                );
                return None;
            }
            let find = |name: &str| variables.get(name).cloned();
            interpolate::tree(&mut document, &find, &mut self.unset, self.diagnostics);
            whole = Some(match whole {
                Some(base) => merge::files(base, document),
                None => document,
            });
        }
        if whole.is_none() && !broken {
            self.diagnostics.push(
                Diagnostic::warning("empty-file", "the file says nothing")
                    .at(start, "")
                    .help("remove it from the list of files"),
            );
        }
        whole
    }

    /// A service with everything it extends under it.
    ///
    /// The chain is walked down to a service that extends nothing or is done already, and merged on the way back up:
    /// without recursion, so a chain may be as long as the file. A failure is remembered too, because it was said once.
    fn extended(
        &mut self,
        file: &Path,
        folder: &Path,
        name: &str,
        variables: &Variables,
        done: &mut IndexMap<Place, Option<Yaml>>,
    ) -> Option<Yaml> {
        let mut links: Vec<Link> = Vec::new();
        let mut walked: IndexSet<Place> = IndexSet::new();
        let mut step = Some((ir::world::plain(file), folder.to_owned(), name.to_owned()));
        let mut result = None;
        while let Some((file, folder, name)) = step.take() {
            let place = (file, name);
            if let Some(known) = done.get(&place) {
                result.clone_from(known);
                break;
            }
            let Some(service) = self.service(&place, variables) else {
                done.insert(place, None);
                break;
            };
            let Some(extends) = service.get("extends").filter(|e| !matches!(e.data, Data::Null)).cloned()
            else {
                done.insert(place, Some(service.clone()));
                result = Some(service);
                break;
            };
            if !walked.insert(place.clone()) {
                self.diagnostics.push(extends_cycle(&walked, &place, &extends));
                break;
            }
            let base = self.base(&place.0, &folder, &extends, variables);
            let prefix = forms::text(&extends, "file").and_then(|f| Some(Path::new(&f).parent()?.to_owned()));
            links.push(Link { place, service, prefix });
            step = base;
        }
        for link in links.into_iter().rev() {
            result = result.take().map(|base| laid_over(base, link.service, link.prefix.as_deref()));
            done.insert(link.place, result.clone());
        }
        result
    }

    /// A service as its file says it.
    fn service(&mut self, (file, name): &Place, variables: &Variables) -> Option<Yaml> {
        self.file(file, variables, None)?.get("services")?.get(name).cloned()
    }

    /// File, folder and name of the service that `extends` names; `None` after a diagnostic.
    fn base(
        &mut self,
        file: &Path,
        folder: &Path,
        extends: &Yaml,
        variables: &Variables,
    ) -> Option<(PathBuf, PathBuf, String)> {
        let name = extends.as_str().map(str::to_owned).or_else(|| forms::text(extends, "service"))?;
        let other = forms::text(extends, "file");
        let base_file = other.as_ref().map_or_else(|| file.to_owned(), |f| ir::world::plain(&folder.join(f)));
        let base_folder = match &other {
            Some(_) => base_file.parent().unwrap_or(Path::new("")).to_owned(),
            None => folder.to_owned(),
        };
        let known = self.file(&base_file, variables, Some(extends.span))?;
        let services = known.get("services");
        if services.and_then(|s| s.get(&name)).is_none() {
            let candidates =
                services.and_then(Yaml::entries).unwrap_or(&[]).iter().map(|(k, _)| k.text.as_str());
            self.diagnostics.push(unknown_service(&name, candidates, extends.span));
            return None;
        }
        Some((base_file, base_folder, name))
    }

    fn include(&mut self, whole: &mut Yaml, item: &Yaml, folder: &Path, variables: &Variables) {
        let paths: Vec<String> = match item.get("path") {
            Some(path) => forms::strings(path).into_iter().map(|(p, _)| p).collect(),
            None => item.scalar().into_iter().collect(),
        };
        let Some(first) = paths.first().cloned() else { return };
        if paths.iter().any(|p| p.contains("://") || p.starts_with("git@")) {
            self.diagnostics.push(
                Diagnostic::warning(
                    "remote-include",
                    "an included file lies on another machine and was not read",
                )
                .at(item.span, "")
                .help("copy the file beside this one and include the copy"),
            );
            return;
        }
        let place = ir::world::plain(&folder.join(&first));
        if self.open.contains(&place) || self.open.len() >= MAX_CHAIN {
            self.diagnostics.push(
                Diagnostic::error("include-cycle", format!("`{first}` includes itself"))
                    .at(item.span, "closes the circle")
                    .help("remove one of these includes"),
            );
            return;
        }
        let prefix = forms::text(item, "project_directory")
            .map_or_else(|| Path::new(&first).parent().unwrap_or(Path::new("")).to_owned(), PathBuf::from);
        let inner_folder = ir::world::plain(&folder.join(&prefix));
        let env_files = match item.get("env_file") {
            Some(named) => forms::strings(named).into_iter().map(|(f, _)| folder.join(f)).collect(),
            None => vec![inner_folder.join(".env")],
        };
        let inner_variables = self.variables(&env_files, variables);
        let files: Vec<PathBuf> = paths.iter().map(|p| ir::world::plain(&folder.join(p))).collect();
        self.open.push(place);
        // Files are remembered as substituted, and the included project substitutes with its own variables.
        let outer = std::mem::take(&mut self.read);
        let inner = self.project(&files, &inner_folder, &inner_variables);
        self.read = outer;
        self.open.pop();
        let Some(mut inner) = inner else { return };
        rebase(&mut inner, &prefix);
        self.add(whole, inner, item.span);
    }

    /// Adds the sections of an included project; the same name with another meaning is an error, as in compose.
    fn add(&mut self, whole: &mut Yaml, inner: Yaml, included_at: Span) {
        let (Data::Map(sections), Data::Map(out)) = (inner.data, &mut whole.data) else { return };
        for (section, content) in sections {
            if matches!(section.text.as_str(), "name" | "version" | "include") {
                continue;
            }
            let Some((_, there)) = out.iter_mut().find(|(k, _)| k.text == section.text) else {
                out.push((section, content));
                continue;
            };
            let (Data::Map(there), Data::Map(new)) = (&mut there.data, content.data) else { continue };
            for (name, value) in new {
                match there.iter().find(|(k, _)| k.text == name.text) {
                    None => there.push((name, value)),
                    Some((_, mine)) if merge::same(mine, &value) => {}
                    Some((key, _)) => self.diagnostics.push(
                        Diagnostic::error(
                            "include-conflict",
                            format!("`{}` is declared here and in an included file", name.text),
                        )
                        .at(key.span, "declared here")
                        .related(name.span, "and here")
                        .related(included_at, "included here")
                        .help("rename one of the two, or move the difference into an override file"),
                    ),
                }
            }
        }
    }
}

/// A name that no service has, with the nearest that one has.
pub(super) fn unknown_service<'n>(
    name: &str,
    candidates: impl IntoIterator<Item = &'n str>,
    span: Span,
) -> Diagnostic {
    let diagnostic =
        Diagnostic::error("unknown-service", format!("no service is called `{name}`")).at(span, "named here");
    match ir::diagnostic::nearest(name, candidates) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic.help("declare it under `services:`, or remove the mention"),
    }
}

/// A file and the name of a service in it.
type Place = (PathBuf, String);

/// One service on the way down a chain of `extends`.
struct Link {
    place: Place,
    service: Yaml,
    /// Folder of the file it extends from, relative to its own.
    prefix: Option<PathBuf>,
}

fn laid_over(mut base: Yaml, service: Yaml, prefix: Option<&Path>) -> Yaml {
    if let Some(prefix) = prefix {
        rebase_service(&mut base, prefix);
    }
    if let Data::Map(entries) = &mut base.data {
        entries.retain(|(k, _)| k.text != "extends");
    }
    merge::service(base, service)
}

/// Long circles are shown by their ends.
fn extends_cycle(walked: &IndexSet<Place>, closing: &Place, extends: &Yaml) -> Diagnostic {
    const SHOWN: usize = 4;
    let start = walked.get_index_of(closing).unwrap_or_default();
    let mut circle: Vec<String> = walked.iter().skip(start).map(|(_, name)| format!("`{name}`")).collect();
    if circle.len() > 2 * SHOWN {
        let hidden = circle.len() - 2 * SHOWN;
        circle.splice(SHOWN..SHOWN + hidden, [format!("{hidden} others")]);
    }
    let name = &closing.1;
    Diagnostic::error("extends-cycle", format!("`{name}` extends itself, through {}", circle.join(" > ")))
        .at(extends.span, "closes the circle")
        .because("A service is laid over the one it extends, so the chain must end.")
        .help("remove one of these `extends`")
}

fn section_mut<'t>(tree: &'t mut Yaml, name: &str) -> Option<&'t mut Data> {
    let Data::Map(sections) = &mut tree.data else { return None };
    sections.iter_mut().find(|(k, _)| k.text == name).map(|(_, content)| &mut content.data)
}

/// Rewrites the relative paths of an included project to start at the including one's folder.
fn rebase(tree: &mut Yaml, prefix: &Path) {
    let Data::Map(sections) = &mut tree.data else { return };
    for (section, content) in sections {
        let Data::Map(entries) = &mut content.data else { continue };
        for (_, entry) in entries {
            match section.text.as_str() {
                "services" | "jobs" => rebase_service(entry, prefix),
                "secrets" | "configs" => rebase_key(entry, "file", prefix),
                _ => {}
            }
        }
    }
}

fn rebase_service(service: &mut Yaml, prefix: &Path) {
    if prefix.as_os_str().is_empty() {
        return;
    }
    let Data::Map(entries) = &mut service.data else { return };
    for (key, value) in entries {
        match (key.text.as_str(), &mut value.data) {
            ("build" | "env_file" | "label_file", Data::Str(path)) => rebase_path(path, prefix),
            ("build", Data::Map(_)) => rebase_key(value, "context", prefix),
            ("env_file" | "label_file", Data::Seq(items)) => {
                items.iter_mut().for_each(|item| match &mut item.data {
                    Data::Str(path) => rebase_path(path, prefix),
                    _ => rebase_key(item, "path", prefix),
                })
            }
            ("volumes", Data::Seq(items)) => items.iter_mut().for_each(|item| {
                let is_bind = forms::text(item, "type").as_deref() == Some("bind");
                match &mut item.data {
                    Data::Str(mount) if mount.starts_with('.') => rebase_path(mount, prefix),
                    _ if is_bind => rebase_key(item, "source", prefix),
                    _ => {}
                }
            }),
            _ => {}
        }
    }
}

fn rebase_key(node: &mut Yaml, key: &str, prefix: &Path) {
    let Data::Map(entries) = &mut node.data else { return };
    for (name, value) in entries {
        if let (true, Data::Str(path)) = (name.text == key, &mut value.data) {
            rebase_path(path, prefix);
        }
    }
}

fn rebase_path(path: &mut String, prefix: &Path) {
    if path.starts_with(['/', '~']) || path.contains("://") || path.starts_with("git@") {
        return;
    }
    let joined = ir::world::plain(&prefix.join(&*path));
    let text = joined.to_string_lossy().replace('\\', "/");
    *path = if text.starts_with("..") { text } else { format!("./{text}") };
}
