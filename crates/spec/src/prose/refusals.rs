//! Work that belongs to another role: recognised, named, and handed over with what that role needs from here.
//!
//! A rule is a verb and an object of that role's work, or an object alone where it can mean nothing else. The
//! rest of the sentence is still read for what the infrastructure needs.

use super::draft::Draft;
use super::reader;
use super::tokens::{Sentence, Token};

/// Something that was asked of the wrong person.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Refusal {
    /// Whose work it is: `backend`, `frontend`, `qa`, `data-science` or `product-owner`.
    pub role: &'static str,
    /// The words, as written.
    pub asked: String,
    /// Why it is theirs, in a full sentence.
    pub because: &'static str,
    /// Heading and text of each part of the handoff, in order.
    pub handoff: Vec<(&'static str, String)>,
}

struct Role {
    name: &'static str,
    because: &'static str,
    provided: &'static str,
    needed: &'static str,
}

static BACKEND: Role = Role {
    name: "backend",
    because: "Application code belongs to the backend role; Mainstay builds what it runs on.",
    provided: "Application settings and connection strings by reference, a pipeline that builds and deploys each commit, logs and traces.",
    needed: "The source folder, its port, a health route, and the resources it uses.",
};
static FRONTEND: Role = Role {
    name: "frontend",
    because: "Pages and their design belong to the frontend role; Mainstay serves what they build.",
    provided: "Build settings, public environment variables, a content delivery network, a pipeline that publishes each commit.",
    needed: "The build command and the folder it writes.",
};
static QA: Role = Role {
    name: "qa",
    because: "Manual testing belongs to the QA role; Mainstay provides the environments it happens in.",
    provided: "A test environment with its address, load-test infrastructure, logs of every run.",
    needed: "What must hold before a release, and the load to test with.",
};
static DATA_SCIENCE: Role = Role {
    name: "data-science",
    because: "Models and their training belong to the data science role; Mainstay provides the machines and the serving.",
    provided: "Machines to train on, storage for data and models, an endpoint to serve from.",
    needed: "Size of the data, memory and accelerators of a run, requests a second to the model.",
};
static PRODUCT_OWNER: Role = Role {
    name: "product-owner",
    because: "What is built and in which order is the product owner's decision; Mainstay says what it costs to run.",
    provided: "Infrastructure requirements, monthly cost of each alternative, what a target of availability costs.",
    needed: "Expected load, availability, budget and dates.",
};

struct Rule {
    role: &'static Role,
    /// One of these must stand before the object; empty: the object says it all.
    verbs: &'static [&'static str],
    objects: &'static [&'static str],
}

static MAKING: &[&str] = &[
    "write",
    "writing",
    "code",
    "implement",
    "develop",
    "program",
    "design",
    "redesign",
    "build",
    "create",
    "fix",
    "style",
    "add",
    "refactor",
    "debug",
    "rewrite",
];
static CODING: &[&str] =
    &["write", "writing", "code", "implement", "develop", "program", "refactor", "debug", "rewrite"];

static RULES: &[Rule] = &[
    Rule {
        role: &FRONTEND,
        verbs: MAKING,
        objects: &[
            "page",
            "pages",
            "screen",
            "screens",
            "button",
            "form",
            "css",
            "ui",
            "component",
            "components",
            "layout",
            "logo",
            "modal",
            "stylesheet",
            "navigation",
        ],
    },
    Rule {
        role: &FRONTEND,
        verbs: MAKING,
        objects: &["mobile app", "ios app", "android app", "flutter app"],
    },
    Rule { role: &FRONTEND, verbs: CODING, objects: &["frontend", "website", "site", "front-end"] },
    Rule {
        role: &BACKEND,
        verbs: MAKING,
        objects: &[
            "endpoint",
            "endpoints",
            "business logic",
            "authentication",
            "checkout",
            "feature",
            "features",
            "unit tests",
            "bug",
            "bugs",
            "controller",
            "sign-up",
            "signup",
            "login",
        ],
    },
    Rule {
        role: &BACKEND,
        verbs: CODING,
        objects: &["api", "backend", "back-end", "app", "application", "worker"],
    },
    Rule {
        role: &QA,
        verbs: &[],
        objects: &[
            "manual testing",
            "manual qa",
            "usability test",
            "usability tests",
            "manual test",
            "manual tests",
            "exploratory testing",
            "acceptance testing",
            "regression testing",
            "usability testing",
            "test plan",
        ],
    },
    Rule {
        role: &QA,
        verbs: &["test", "click", "check"],
        objects: &["by hand", "manually", "through the app"],
    },
    Rule {
        role: &DATA_SCIENCE,
        verbs: &["train", "training", "retrain", "fine-tune", "tune", "evaluate"],
        objects: &["model", "models", "classifier", "network", "llm", "gpt"],
    },
    Rule {
        role: &DATA_SCIENCE,
        verbs: &["label", "annotate", "clean"],
        objects: &["images", "data", "dataset", "photos", "samples"],
    },
    Rule {
        role: &DATA_SCIENCE,
        verbs: &[],
        objects: &["model training", "feature engineering", "hyperparameters", "hyperparameter"],
    },
    Rule {
        role: &PRODUCT_OWNER,
        verbs: &[],
        objects: &[
            "roadmap",
            "product backlog",
            "user stories",
            "user story",
            "market research",
            "pricing strategy",
            "sprint planning",
        ],
    },
    Rule {
        role: &PRODUCT_OWNER,
        verbs: &["prioritise", "prioritize", "groom", "decide", "rank"],
        objects: &["features", "feature", "backlog", "requirements", "roadmap", "epics"],
    },
];
static NOT_ASKED: &[&str] = &["no", "not", "don't", "without", "never"];

/// What a sentence asks of other roles, one a role. The words are claimed: they say nothing else.
pub(super) fn find(sentence: &Sentence, draft: &mut Draft<'_>) -> Vec<Refusal> {
    if reader::asks(sentence) {
        return Vec::new();
    }
    let mut found: Vec<Refusal> = Vec::new();
    let mut taken: Vec<(usize, usize)> = Vec::new();
    for rule in RULES {
        let Some((first, last)) = asked(&sentence.tokens, rule) else { continue };
        // "The login page" is a page: words that were taken mean nothing else.
        let inside = taken.iter().any(|(f, l)| *f <= first && last <= *l);
        if inside || found.iter().any(|r| r.role == rule.role.name) {
            continue;
        }
        taken.push((first, last));
        let said = sentence.tokens[first].start..sentence.tokens[last].end;
        let asked = draft.text[said.clone()].to_owned();
        draft.claim(said);
        let role = rule.role;
        found.push(Refusal {
            role: role.name,
            because: role.because,
            handoff: vec![
                ("Asked", asked.clone()),
                ("Why it is yours", role.because.to_owned()),
                ("What the infrastructure provides", role.provided.to_owned()),
                ("What the infrastructure needs from you", role.needed.to_owned()),
            ],
            asked,
        });
    }
    found
}

/// The first and last token of what a rule finds.
fn asked(tokens: &[Token], rule: &Rule) -> Option<(usize, usize)> {
    let object =
        |at: usize| rule.objects.iter().find_map(|o| phrase_at(tokens, at, o).map(|last| (at, last)));
    (0..tokens.len()).filter_map(object).find_map(|(at, last)| {
        let first = if rule.verbs.is_empty() {
            at
        } else {
            // The verb of this object: not one on the other side of a comma, and not far away.
            let near = (at.saturating_sub(5)..at)
                .rev()
                .take_while(|i| !tokens[*i].is(',') && tokens[*i].word() != "with");
            near.into_iter().find(|i| rule.verbs.contains(&tokens[*i].word()))?
        };
        let before = &tokens[first.saturating_sub(2)..first];
        (!before.iter().any(|t| NOT_ASKED.contains(&t.word()))).then_some((first, last))
    })
}

fn phrase_at(tokens: &[Token], at: usize, phrase: &str) -> Option<usize> {
    let mut last = at;
    for (offset, word) in phrase.split(' ').enumerate() {
        last = at + offset;
        if tokens.get(last)?.word() != word {
            return None;
        }
    }
    Some(last)
}
