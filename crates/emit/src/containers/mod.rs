//! Images and the application on a laptop: Dockerfiles for sources without one, and a compose file.
//!
//! A Dockerfile is written only for a service whose language and package manager the scan recognised; a
//! service with a Dockerfile of its own keeps it. What cannot be known here (the digest of a base image, a
//! start command nobody wrote down) is an argument or a diagnostic, never an invention.

pub mod compose;
mod dockerfile;
mod migrations;
mod stacks;
pub mod trial;

use ir::{Bundle, Diagnostic, Diagnostics};
use spec::{Build, Resource, ResourceType, Service, Source, Spec, UseTarget};

use crate::{Context, Target};

/// `containers/<service>/Dockerfile` and its ignore file.
pub static TARGET: Target = Target { name: "containers", step: crate::Step::Pipeline, wanted, emit };

/// What no image needs: version control, local state, secrets, what is installed or built inside.
static IGNORED: &[&str] = &[
    ".git",
    ".gitignore",
    ".github",
    ".vscode",
    ".idea",
    ".env",
    ".env.*",
    "!.env.example",
    "*.pem",
    "*.key",
    "*.log",
    ".DS_Store",
    "Dockerfile*",
    "compose*.yaml",
    "node_modules",
    "__pycache__",
    "*.pyc",
    ".venv",
    "venv",
    "target",
    "coverage",
    ".pytest_cache",
    ".ruff_cache",
    ".gradle",
];

fn wanted(context: &Context<'_>) -> bool {
    context.spec.services.values().any(|s| matches!(s.source, Source::Build(_)))
}

fn emit(context: &Context<'_>) -> (Bundle, Diagnostics) {
    dockerfiles(context.spec)
}

/// A Dockerfile for every service that needs one.
pub fn dockerfiles(spec: &Spec) -> (Bundle, Diagnostics) {
    let mut bundle = Bundle::new();
    let mut diagnostics = Diagnostics::new();
    for (name, service) in &spec.services {
        let Source::Build(build) = &service.source else { continue };
        if has_own(build) {
            continue;
        }
        match written(spec, service, build) {
            Ok(file) => {
                bundle.add(dockerfile_path(name), file.print());
                bundle.add(format!("{}.dockerignore", dockerfile_path(name)), ignore_file());
            }
            Err(lack) => diagnostics.push(
                Diagnostic::warning("no-dockerfile", format!("no Dockerfile can be written for {name}"))
                    .at(build.context.span, "built from here")
                    .because(lack.because)
                    .help(lack.help),
            ),
        }
    }
    (bundle, diagnostics)
}

/// The Dockerfile of a service without one of its own.
fn written(spec: &Spec, service: &Service, build: &Build) -> Result<dockerfile::Dockerfile, stacks::Lack> {
    let database = database(spec, service).and_then(|(name, resource)| {
        Some(migrations::Database {
            prefix: compose::settings::prefix(name),
            ty: *resource.ty,
            image: compose::backing::image(compose::backing::of(*resource.ty)?, resource),
        })
    });
    stacks::dockerfile(&stacks::Facts {
        scan: build.scan.as_ref(),
        port: service.port.as_ref().map(|p| p.value),
        health: service.health.as_ref().map(|h| h.value.as_str()),
        command: service.command.as_deref(),
        database,
    })
}

/// The only SQL database that a service uses.
fn database<'s>(spec: &'s Spec, service: &'s Service) -> Option<(&'s str, &'s Resource)> {
    let used = service.uses.iter().filter(|u| u.target == UseTarget::Resource);
    let mut databases = used
        .filter_map(|u| Some((u.name.as_str(), spec.resources.get(&u.name)?)))
        .filter(|(_, r)| matches!(*r.ty, ResourceType::Postgres | ResourceType::Mysql));
    databases.next().filter(|_| databases.next().is_none())
}

/// Whether the service brings its own Dockerfile.
fn has_own(build: &Build) -> bool {
    build.dockerfile.is_some() || build.scan.as_ref().is_some_and(|s| s.dockerfile.is_some())
}

/// Where the Dockerfile of a service without one of its own is written.
pub(crate) fn dockerfile_path(service: &str) -> String {
    format!("containers/{service}/Dockerfile")
}

fn ignore_file() -> String {
    let mut text = String::from(
        "# Not sent to the builder: local state, secrets, and what the image installs or builds itself\n",
    );
    for pattern in IGNORED {
        let nested = !pattern.starts_with('!') && !pattern.starts_with("compose");
        text.push_str(&if nested { format!("**/{pattern}\n") } else { format!("{pattern}\n") });
    }
    text
}

#[cfg(test)]
mod tests;
