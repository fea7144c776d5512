//! Java with Maven or Gradle.
//!
//! Maven's manifest is XML and read as such. Gradle's is a program: only the few phrases that name the Java
//! release, the project and its version are looked for, and what they do not say stays unknown.

use ir::Diagnostics;

use super::{Sources, unreadable, version_in, words};
use crate::model::{Scan, Stack};

const POM: &str = "pom.xml";
const GRADLE: &[&str] = &["build.gradle.kts", "build.gradle"];

pub(super) fn claims_maven(sources: &Sources<'_>) -> bool {
    sources.has(POM)
}

pub(super) fn claims_gradle(sources: &Sources<'_>) -> bool {
    sources.first_of(GRADLE).is_some()
}

pub(super) fn read_maven(sources: &Sources<'_>, diagnostics: &mut Diagnostics) -> Scan {
    let program = if sources.has("mvnw") { "./mvnw" } else { "mvn" };
    let mut scan = Scan {
        stack: Some(Stack::JavaMaven),
        build: Some(words(&format!("{program} --batch-mode package -DskipTests"))),
        test: Some(words(&format!("{program} --batch-mode verify"))),
        ..Scan::default()
    };
    let text = sources.text(POM).unwrap_or_default();
    match roxmltree::Document::parse(&text) {
        Ok(document) => {
            let pom = Pom { project: document.root_element() };
            scan.version = pom.release();
            scan.artifact = pom.jar();
            scan.health =
                text.contains("spring-boot-starter-actuator").then(|| "/actuator/health".to_owned());
        }
        Err(e) => diagnostics.push(unreadable(sources, POM, &e.to_string())),
    }
    scan.start = scan.artifact.as_ref().map(|jar| words(&format!("java -jar {jar}")));
    scan
}

pub(super) fn read_gradle(sources: &Sources<'_>, _: &mut Diagnostics) -> Scan {
    let program = if sources.has("gradlew") { "./gradlew" } else { "gradle" };
    let script = sources.first_of(GRADLE).and_then(|f| sources.text(f)).unwrap_or_default();
    let settings = sources
        .first_of(&["settings.gradle.kts", "settings.gradle"])
        .and_then(|f| sources.text(f))
        .unwrap_or_default();
    let spring = script.contains("org.springframework.boot");
    let name = quoted_after(&settings, "rootProject.name").or_else(|| sources.name());
    let version = script.lines().find(|l| l.starts_with("version")).and_then(|l| quoted_after(l, "version"));
    let artifact = name.map(|n| match version {
        Some(v) => format!("build/libs/{n}-{v}.jar"),
        None => format!("build/libs/{n}.jar"),
    });
    let releases = [
        "JavaLanguageVersion.of(",
        "jvmToolchain(",
        "options.release",
        "JavaVersion.VERSION_",
        "sourceCompatibility",
    ];
    Scan {
        stack: Some(Stack::JavaGradle),
        version: releases
            .iter()
            .find_map(|p| script.split_once(p))
            .and_then(|(_, rest)| version_in(rest.lines().next()?, 1)),
        lockfile: sources.has("gradle.lockfile").then(|| "gradle.lockfile".to_owned()),
        build: Some(words(&format!("{program} --no-daemon {}", if spring { "bootJar" } else { "jar" }))),
        // A library is built for other modules and starts nothing.
        start: artifact
            .as_ref()
            .filter(|_| spring || !script.contains("java-library"))
            .map(|jar| words(&format!("java -jar {jar}"))),
        test: Some(words(&format!("{program} --no-daemon check"))),
        health: script.contains("spring-boot-starter-actuator").then(|| "/actuator/health".to_owned()),
        artifact,
        ..Scan::default()
    }
}

/// The text between the first pair of quotes after a phrase, on the same line.
fn quoted_after(text: &str, phrase: &str) -> Option<String> {
    let (_, rest) = text.split_once(phrase)?;
    let mut parts = rest.lines().next()?.split(['"', '\'']);
    parts.next()?;
    parts.next().filter(|v| !v.is_empty() && !v.contains('$')).map(str::to_owned)
}

struct Pom<'a, 'input> {
    project: roxmltree::Node<'a, 'input>,
}

impl Pom<'_, '_> {
    fn text(&self, path: &[&str]) -> Option<String> {
        let child = |node: roxmltree::Node<'_, '_>, name: &str| -> Option<roxmltree::NodeId> {
            node.children().find(|c| c.has_tag_name(name) || c.tag_name().name() == name).map(|c| c.id())
        };
        let mut node = self.project;
        for name in path {
            node = self.project.document().get_node(child(node, name)?)?;
        }
        let text = node.text()?.trim();
        (!text.is_empty()).then(|| self.resolved(text))?
    }

    /// Resolves a value that is one `${property}`; one that no property of this file defines is unknown.
    fn resolved(&self, text: &str) -> Option<String> {
        let Some(name) = text.strip_prefix("${").and_then(|t| t.strip_suffix('}')) else {
            return (!text.contains("${")).then(|| text.to_owned());
        };
        let properties = self.project.children().find(|c| c.tag_name().name() == "properties")?;
        let value = properties.children().find(|c| c.tag_name().name() == name)?.text()?.trim();
        (!value.contains("${")).then(|| value.to_owned())
    }

    fn release(&self) -> Option<String> {
        let names =
            ["maven.compiler.release", "java.version", "maven.compiler.target", "maven.compiler.source"];
        let text = names.iter().find_map(|n| self.text(&["properties", n]))?;
        // Releases before 9 are written 1.8.
        version_in(text.strip_prefix("1.").unwrap_or(&text), 1)
    }

    fn jar(&self) -> Option<String> {
        let packaging = self.text(&["packaging"]);
        if packaging.is_some_and(|p| p != "jar") {
            return None;
        }
        if let Some(name) = self.text(&["build", "finalName"]) {
            return Some(format!("target/{name}.jar"));
        }
        let version = self.text(&["version"]).or_else(|| self.text(&["parent", "version"]))?;
        Some(format!("target/{}-{version}.jar", self.text(&["artifactId"])?))
    }
}
