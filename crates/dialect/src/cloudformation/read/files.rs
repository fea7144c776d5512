//! Which files are templates, and reading them within their folder.
//!
//! Templates are known by what they hold, because their names say nothing: a folder is walked, an assembly of the CDK is
//! read by its manifest. No path leaves the folder and no link is followed, since what is read may come from anybody.

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;

use ir::world::{Entry, EntryKind, plain};
use ir::yaml::{self, Scalars, Yaml};
use ir::{Diagnostic, Diagnostics, FileId, SourceMap, Span, World};

use super::scope::{Deployment, section};
use super::session::Session;
use super::tree;
use crate::reading::{MOST_BYTES, MOST_MODULES, MOST_NODES, Place};

/// One template.
pub struct Template {
    /// From the folder.
    pub path: PathBuf,
    /// Its tree, every function in its long form.
    pub root: Yaml,
}

/// A template that is deployed by itself, unless another one nests it.
pub struct Found {
    /// From the folder.
    pub path: PathBuf,
    /// What the assembly says of its deployment.
    pub deployment: Deployment,
    /// Tags that the assembly gives it.
    pub tags: Vec<(String, String)>,
}

/// The files of a place.
pub struct Files<'a> {
    world: &'a dyn World,
    /// Where paths begin.
    folder: PathBuf,
    /// The file that was named, when it was no folder.
    only: Option<PathBuf>,
    /// What was read.
    pub sources: SourceMap,
    /// What was said of the files.
    pub session: Session,
    templates: HashMap<PathBuf, Option<Rc<Template>>>,
    lists: HashMap<PathBuf, Rc<Vec<Entry>>>,
    seen: usize,
    first: bool,
}

impl<'a> Files<'a> {
    /// Those of a folder, or one file and those it names.
    #[must_use]
    pub fn new(place: &Place<'a>) -> Self {
        let file = place.world.kind(place.root) != Some(EntryKind::Folder);
        let parent = || place.root.parent().unwrap_or(Path::new("")).to_owned();
        Self {
            world: place.world,
            folder: if file { parent() } else { place.root.to_owned() },
            only: if file { place.root.file_name().map(PathBuf::from) } else { None },
            sources: SourceMap::default(),
            session: Session::default(),
            templates: HashMap::new(),
            lists: HashMap::new(),
            seen: 0,
            first: false,
        }
    }

    /// Whether any file is a template.
    pub fn any(&mut self) -> bool {
        !self.find(true).is_empty()
    }

    /// How many templates were read.
    #[must_use]
    pub fn count(&self) -> usize {
        self.templates.values().flatten().count()
    }

    /// The templates of the place, in the order of their paths; of a folder only the `first` when that is enough.
    pub fn find(&mut self, first: bool) -> Vec<Found> {
        self.first = first;
        let mut found = Vec::new();
        match self.only.clone() {
            Some(path) => self.candidate(path, true, &mut found),
            None => self.walk(Path::new(""), 0, &mut found),
        }
        found
    }

    fn walk(&mut self, folder: &Path, depth: usize, found: &mut Vec<Found>) {
        let entries = self.list(folder);
        if entries.iter().any(|e| e.name == "manifest.json") && self.assembly(folder, depth, found) {
            return;
        }
        for entry in entries.iter() {
            self.seen += 1;
            if self.first && !found.is_empty() {
                return;
            }
            if self.seen > MOST_NODES || entry.name.starts_with('.') || entry.name == "node_modules" {
                continue;
            }
            let path = folder.join(&entry.name);
            match entry.kind {
                EntryKind::Folder if depth < MOST_MODULES => self.walk(&path, depth + 1, found),
                EntryKind::File => self.candidate(path, false, found),
                _ => {}
            }
        }
    }

    fn candidate(&mut self, path: PathBuf, named: bool, found: &mut Vec<Found>) {
        let ending = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
        if !named && !["yaml", "yml", "json", "template"].contains(&ending) {
            return;
        }
        if self.template(&path, named).is_some() {
            found.push(Found { path, deployment: Deployment::default(), tags: Vec::new() });
        }
    }

    /// Finds the stacks of an assembly of the CDK; `false` when the folder is none.
    fn assembly(&mut self, folder: &Path, depth: usize, found: &mut Vec<Found>) -> bool {
        let Some(text) = self.text(&folder.join("manifest.json"), false) else { return false };
        let shown = shown(&self.folder.join(folder).join("manifest.json"));
        let file = self.sources.add(shown, text);
        let (documents, _) = yaml::parse(&self.sources.get(file).text, file);
        let Some(root) = documents.first().filter(|root| root.get("artifacts").is_some()) else {
            return false;
        };
        for (id, artifact) in section(root, "artifacts") {
            let property = |name: &str| artifact.get("properties").and_then(|p| p.get(name));
            let text = |name: &str| property(name).and_then(Yaml::as_str);
            match artifact.get("type").and_then(Yaml::as_str) {
                Some("cdk:cloud-assembly") if depth < MOST_MODULES => {
                    if let Some(inner) = text("directoryName")
                        && let Some(path) = self.within(folder, inner, artifact.span, &self.session)
                    {
                        self.assembly(&path, depth + 1, found);
                    }
                }
                Some("aws:cloudformation:stack") => {
                    let Some(name) = text("templateFile") else { continue };
                    let Some(path) = self.within(folder, name, artifact.span, &self.session) else {
                        continue;
                    };
                    if self.template(&path, true).is_none() {
                        continue;
                    }
                    let place = artifact.get("environment").and_then(Yaml::as_str).unwrap_or_default();
                    let mut parts = place.trim_start_matches("aws://").split('/');
                    let mut known = || {
                        parts
                            .next()
                            .filter(|p| !p.is_empty() && !p.starts_with("unknown-"))
                            .map(str::to_owned)
                    };
                    let (account, region) = (known(), known());
                    let name = Some(text("stackName").unwrap_or(&id.text).to_owned());
                    let tags = property("tags").and_then(Yaml::entries).unwrap_or_default();
                    let tags =
                        tags.iter().filter_map(|(key, value)| Some((key.text.clone(), value.scalar()?)));
                    found.push(Found {
                        path,
                        deployment: Deployment { region, account, name },
                        tags: tags.collect(),
                    });
                }
                _ => {}
            }
        }
        true
    }

    /// The path from the folder of what a file in `from` names; nothing, and a diagnostic, when it leads out.
    pub fn within(&self, from: &Path, named: &str, at: Span, session: &Session) -> Option<PathBuf> {
        let named = named.strip_prefix("file://").unwrap_or(named).replace('\\', "/");
        let path = plain(&from.join(named));
        if path.components().all(|part| matches!(part, Component::Normal(_))) {
            return Some(path);
        }
        session.lose(
            Diagnostic::error(
                "outside-folder",
                format!("`{}` is not in the folder that is read", path.display()),
            )
            .at(at, "leads out of it")
            .help("read the folder that holds both"),
        );
        None
    }

    /// The template at a path; `named` when something says that there is one.
    pub fn template(&mut self, path: &Path, named: bool) -> Option<Rc<Template>> {
        if let Some(known) = self.templates.get(path) {
            return known.clone();
        }
        let template = self.load(path, named).map(Rc::new);
        self.templates.insert(path.to_owned(), template.clone());
        template
    }

    fn load(&mut self, path: &Path, named: bool) -> Option<Template> {
        let text = self.text(path, named)?;
        let sure = text.contains("AWSTemplateFormatVersion");
        let may_be = text.contains("Resources") && text.contains("::");
        if !(named || sure || may_be) {
            return None;
        }
        let file = self.sources.add(shown(&self.folder.join(path)), text);
        let (documents, said) = yaml::parse_begun(&self.sources.get(file).text, file, Scalars::Yaml11);
        let root = documents.into_iter().find(is_template);
        if root.is_some() || named || sure {
            self.keep(said);
        }
        let Some(root) = root else {
            if named || sure {
                let whole = Span { file, start: 0, end: 0 };
                self.session.lose(
                    Diagnostic::error("no-template", "the file holds no CloudFormation template")
                        .at(whole, "expected `AWSTemplateFormatVersion` or `Resources`")
                        .because("A template is a mapping whose `Resources` each have a `Type` such as AWS::S3::Bucket."),
                );
            }
            return None;
        };
        Some(Template { path: path.to_owned(), root: tree::long_forms(root, &self.session) })
    }

    fn keep(&self, said: Diagnostics) {
        if said.has_errors() {
            self.session.lost.set(self.session.lost.get() + 1);
        }
        said.into_iter().for_each(|diagnostic| self.session.say(diagnostic));
    }

    /// The text of a file in the folder.
    fn text(&mut self, path: &Path, named: bool) -> Option<String> {
        let entry = self.entry(path);
        let whole = self.folder.join(path);
        let size = match &entry {
            Some(Entry { kind: EntryKind::File, size, .. }) => *size,
            Some(_) | None => {
                if named {
                    let reason =
                        if entry.is_some() { "it is no file, or a link" } else { "it does not exist" };
                    self.session.lose(Diagnostic::error(
                        "unreadable-file",
                        format!("{} cannot be read: {reason}", whole.display()),
                    ));
                }
                return None;
            }
        };
        self.contents(&whole, size, named)
    }

    /// The files of a folder, by path.
    pub fn in_folder(&mut self, folder: &Path) -> Vec<PathBuf> {
        let entries = self.list(folder);
        let files = entries.iter().filter(|entry| entry.kind == EntryKind::File);
        files.map(|entry| folder.join(&entry.name)).collect()
    }

    /// The text of a file in the folder that is no template.
    pub fn inner(&mut self, path: &Path) -> Option<FileId> {
        let text = self.text(path, false)?;
        Some(self.sources.add(shown(&self.folder.join(path)), text))
    }

    /// The text of a file that the user named beside the place.
    pub fn beside(&mut self, path: &Path) -> Option<FileId> {
        let folder = path.parent().unwrap_or(Path::new(""));
        let name = path.file_name()?.to_string_lossy().into_owned();
        let entries = self.world.list(folder).unwrap_or_default();
        let size = entries.into_iter().find(|e| e.name == name).map_or(0, |e| e.size);
        let text = self.contents(path, size, true)?;
        Some(self.sources.add(shown(path), text))
    }

    fn contents(&self, whole: &Path, size: u64, named: bool) -> Option<String> {
        if size > MOST_BYTES {
            let summary = format!("{} has more than {} MiB and is not read", shown(whole), MOST_BYTES >> 20);
            self.session.lose(if named {
                Diagnostic::error("too-large", summary)
            } else {
                Diagnostic::warning("too-large", summary)
            });
            return None;
        }
        match self.world.read_text(whole) {
            Ok(text) => Some(text),
            Err(e) => {
                if named {
                    self.session.lose(Diagnostic::error("unreadable-file", e.to_string()));
                }
                None
            }
        }
    }

    /// What a path leads to when no part of it is a link.
    fn entry(&mut self, path: &Path) -> Option<Entry> {
        let mut folder = PathBuf::new();
        let mut parts = path.components().peekable();
        while let Some(part) = parts.next() {
            let name = part.as_os_str().to_string_lossy();
            let entries = self.list(&folder);
            let entry = entries.iter().find(|e| e.name == name)?;
            if parts.peek().is_none() {
                return Some(entry.clone());
            }
            if entry.kind != EntryKind::Folder {
                return None;
            }
            folder.push(part);
        }
        None
    }

    fn list(&mut self, folder: &Path) -> Rc<Vec<Entry>> {
        if let Some(known) = self.lists.get(folder) {
            return known.clone();
        }
        let entries = Rc::new(self.world.list(&self.folder.join(folder)).unwrap_or_default());
        self.lists.insert(folder.to_owned(), entries.clone());
        entries
    }
}

/// A path as people write it, on every system.
fn shown(path: &Path) -> String {
    path.display().to_string().replace('\\', "/")
}

/// Whether a document is a template.
fn is_template(root: &Yaml) -> bool {
    let typed = |resource: &Yaml| {
        resource.get("Type").and_then(Yaml::as_str).is_some_and(|name| {
            let mut parts = name.split("::");
            parts.by_ref().take(2).filter(|part| !part.is_empty()).count() == 2
        })
    };
    let resources = || root.get("Resources").is_some_and(|r| r.entries().is_some());
    root.get("AWSTemplateFormatVersion").is_some()
        || root.get("Transform").is_some() && resources()
        || section(root, "Resources").iter().any(|(_, resource)| typed(resource))
}
