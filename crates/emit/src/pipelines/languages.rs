//! What each language needs before its linter and its tests can run: one row a package manager.
//!
//! Versions are used where the sources name none. Must not know any CI system.

use spec::{Scan, Stack};

/// A language that CI systems know how to set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Language {
    /// Node.js.
    Node,
    /// Python.
    Python,
    /// Go.
    Go,
    /// Java.
    Java,
}

/// What a setup action keeps between runs. It fails when the file that says what is stale is not there.
#[derive(Clone, Copy, Debug)]
pub struct Cache {
    /// How the action is told to keep it.
    pub on: &'static str,
    /// How the action is told to keep nothing.
    pub off: &'static str,
    /// Manifest that stands for a lockfile; `None` where only a lockfile does.
    manifest: Option<&'static str>,
}

/// One package manager.
#[derive(Debug)]
pub struct Tool {
    /// What sources say.
    pub stack: Stack,
    /// Its name in job ids.
    pub id: &'static str,
    /// The language it belongs to.
    pub language: Language,
    /// What is kept between runs, as setup actions name it; `None`: nothing.
    pub cache: Option<Cache>,
    /// Makes the package manager available, before the language is set up.
    pub prepare: Option<&'static str>,
    /// Version of the language when the sources name none.
    pub version: &'static str,
    /// Installs dependencies exactly as locked.
    install: &'static [&'static str],
    /// Installs them when nothing is locked.
    install_unlocked: &'static [&'static str],
    /// Runs a command inside what was installed.
    within: &'static [&'static str],
}

/// Every package manager.
pub static TOOLS: &[Tool] = &[
    Tool {
        stack: Stack::NodeNpm,
        id: "npm",
        language: Language::Node,
        cache: Some(Cache { on: "npm", off: "", manifest: None }),
        prepare: None,
        version: "22",
        install: &["npm", "ci"],
        install_unlocked: &["npm", "install"],
        within: &[],
    },
    Tool {
        stack: Stack::NodePnpm,
        id: "pnpm",
        language: Language::Node,
        cache: Some(Cache { on: "pnpm", off: "", manifest: None }),
        prepare: Some("corepack enable"),
        version: "22",
        install: &["pnpm", "install", "--frozen-lockfile"],
        install_unlocked: &["pnpm", "install"],
        within: &[],
    },
    Tool {
        stack: Stack::NodeYarn,
        id: "yarn",
        language: Language::Node,
        cache: Some(Cache { on: "yarn", off: "", manifest: None }),
        prepare: Some("corepack enable"),
        version: "22",
        install: &["yarn", "install", "--frozen-lockfile"],
        install_unlocked: &["yarn", "install"],
        within: &[],
    },
    Tool {
        stack: Stack::PythonPip,
        id: "pip",
        language: Language::Python,
        cache: Some(Cache { on: "pip", off: "", manifest: None }),
        prepare: None,
        version: "3.12",
        install: &["python", "-m", "pip", "install", "-r"],
        install_unlocked: &["python", "-m", "pip", "install", "."],
        within: &[],
    },
    Tool {
        stack: Stack::PythonPoetry,
        id: "poetry",
        language: Language::Python,
        cache: Some(Cache { on: "poetry", off: "", manifest: None }),
        prepare: Some("pipx install poetry"),
        version: "3.12",
        install: &["poetry", "install"],
        install_unlocked: &["poetry", "install"],
        within: &["poetry", "run"],
    },
    Tool {
        stack: Stack::PythonUv,
        id: "uv",
        language: Language::Python,
        cache: None,
        prepare: Some("pipx install uv"),
        version: "3.12",
        install: &["uv", "sync", "--locked"],
        install_unlocked: &["uv", "sync"],
        within: &["uv", "run"],
    },
    Tool {
        stack: Stack::Go,
        id: "go",
        language: Language::Go,
        cache: Some(Cache { on: "true", off: "false", manifest: None }),
        prepare: None,
        version: "stable",
        install: &["go", "mod", "download"],
        install_unlocked: &["go", "mod", "download"],
        within: &[],
    },
    Tool {
        stack: Stack::JavaMaven,
        id: "maven",
        language: Language::Java,
        cache: Some(Cache { on: "maven", off: "", manifest: Some("pom.xml") }),
        prepare: None,
        version: "21",
        install: &[],
        install_unlocked: &[],
        within: &[],
    },
    Tool {
        stack: Stack::JavaGradle,
        id: "gradle",
        language: Language::Java,
        cache: Some(Cache { on: "gradle", off: "", manifest: Some("*.gradle*") }),
        prepare: None,
        version: "21",
        install: &[],
        install_unlocked: &[],
        within: &[],
    },
];

/// The package manager of some sources. A site that has to be built first is known by its commands.
pub fn tool(scan: &Scan) -> Option<&'static Tool> {
    let found = match scan.stack? {
        Stack::Static => {
            let command = scan.build.as_ref().or(scan.test.as_ref()).or(scan.lint.as_ref())?;
            TOOLS.iter().find(|t| t.language == Language::Node && command.first().is_some_and(|c| c == t.id))
        }
        stack => TOOLS.iter().find(|t| t.stack == stack),
    };
    found.filter(|_| scan.lint.is_some() || scan.test.is_some())
}

impl Tool {
    /// The file that says when what is kept between runs is stale; `None`: nothing can be kept.
    pub fn key(&self, scan: &Scan) -> Option<String> {
        let cache = self.cache?;
        scan.lockfile.clone().or(cache.manifest.map(str::to_owned))
    }

    /// The command that installs the dependencies of some sources.
    pub fn install(&self, scan: &Scan) -> Vec<String> {
        let locked = scan.lockfile.as_deref();
        let words = if locked.is_some() { self.install } else { self.install_unlocked };
        let mut command: Vec<String> = words.iter().map(|w| (*w).to_owned()).collect();
        if self.stack == Stack::PythonPip {
            command.extend(locked.map(str::to_owned));
            // Many lists of requirements leave out the tools that the project is set up for.
            command.extend([&scan.lint, &scan.test].into_iter().flatten().filter_map(|c| python_tool(c)));
        }
        command
    }

    /// A command of the sources, run inside what was installed.
    pub fn within(&self, command: &Option<Vec<String>>) -> Vec<String> {
        let Some(command) = command else { return Vec::new() };
        self.within.iter().map(|w| (*w).to_owned()).chain(command.iter().cloned()).collect()
    }
}

/// The package that a Python command comes from; `None` when it comes with Python.
fn python_tool(command: &[String]) -> Option<String> {
    let name = match command {
        [python, flag, module, ..] if python == "python" && flag == "-m" => module,
        [program, ..] => program,
        [] => return None,
    };
    (!matches!(name.as_str(), "python" | "unittest" | "compileall")).then(|| name.clone())
}
