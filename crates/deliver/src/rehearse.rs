//! Deploy, update, fail, roll back, resume and destroy, in the embedded cloud.
//!
//! The proof that a rollback works is that it was done: every step of the deployment and of a realistic update
//! is made to fail on both sides of its effect and taken back, and whole runs are rolled back from steps spread
//! over their length. Trials use the same journal and the same cloud as each other, so that the cost of one is
//! the steps it takes back and never a copy of the world. What was tried, and how often, is in the report.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use ir::{Address, AddressHasher, Diagnostic, Diagnostics, Mode, Node, Stack, Value};

use crate::cloud::Cloud;
use crate::plan::{Action, differences, ordered};
use crate::report::{Rehearsal, Trial};
use crate::run::{Fault, Journal, Steps, advance, roll_back, settle, steps};

/// Runs of at most so many steps are rolled back whole from every step; longer ones from this many.
const WHOLE_ROLLBACKS: usize = 32;

/// Rehearses the stacks in the order they are applied, all in one account.
#[must_use]
pub fn rehearse(stacks: &[Stack]) -> (Vec<Rehearsal>, Diagnostics) {
    let updates: Vec<Update> = stacks.iter().map(realistic_update).collect();
    let mut cloud = Cloud::default();
    let mut out = Vec::new();
    let mut deployed = Vec::new();
    for (stack, update) in stacks.iter().zip(&updates) {
        let (steps, rehearsal) = up(&mut cloud, stack, update);
        deployed.push(steps);
        out.push(rehearsal);
    }
    for (steps, rehearsal) in deployed.iter().zip(&mut out).rev() {
        down(&mut cloud, steps, rehearsal);
    }
    let diagnostics = out.iter().flat_map(complaints).collect();
    (out, diagnostics)
}

/// So many failures of a trial are shown; the rehearsal holds all of them.
const SHOWN: usize = 5;

fn complaints(rehearsal: &Rehearsal) -> Vec<Diagnostic> {
    let failed = rehearsal.trials.iter().filter(|t| !t.failures.is_empty());
    let complain = |trial: &Trial| {
        let summary = format!("the cloud would refuse {}: {}", rehearsal.stack, trial.name);
        let diagnostic = Diagnostic::error("rehearsal-failed", summary);
        let diagnostic =
            trial.failures.iter().take(SHOWN).fold(diagnostic, |d, failure| d.because(failure.clone()));
        let diagnostic = match trial.failures.len().saturating_sub(SHOWN) {
            0 => diagnostic,
            more => diagnostic.because(format!("and {more} more")),
        };
        diagnostic
            .because("The rehearsal found this in what was written, before anything was touched.")
            .help("report it with the spec: what Mainstay writes should have held, and nothing you wrote is at fault")
    };
    failed.map(complain).collect()
}

/// Deploys a stack and updates it, failing all the way. The steps are those of the deployment.
fn up<'a>(cloud: &mut Cloud<'a>, stack: &'a Stack, update: &'a Update) -> (Steps<'a>, Rehearsal) {
    let mut rehearsal = Rehearsal { stack: stack.name.clone(), ..Rehearsal::default() };
    let wanted = ordered(stack);
    let deployment = steps(cloud, stack, &differences(&|_| None, &wanted, &[]));
    rehearsal.resources = deployment.len();
    if !suite(cloud, &deployment, ("deployment", ""), &mut rehearsal) {
        return (deployment, rehearsal);
    }
    rehearsal.trials.push(second_apply(cloud, stack, &deployment, &wanted));

    // An update changes no reference, so that the order stays.
    let next: Vec<&Node> =
        wanted.iter().map(|node| update.nodes.get(&node.address).unwrap_or(*node)).collect();
    let changes = differences(&|address| cloud.settings(&stack.name, address), &next, &[]);
    let changes = steps(cloud, stack, &changes);
    let before = cloud.fingerprint().settings;
    if suite(cloud, &changes, ("update", &update.words), &mut rehearsal) {
        let trial = finished_rollback(cloud, &changes, before, &mut rehearsal.steps);
        rehearsal.trials.push(trial);
    }
    (deployment, rehearsal)
}

/// Whether everything that was deployed is as it was asked for, so that applying again changes nothing.
fn second_apply<'a>(
    cloud: &Cloud<'a>,
    stack: &'a Stack,
    deployment: &Steps<'a>,
    wanted: &[&'a Node],
) -> Trial {
    let missing = deployment.iter().filter(|s| s.wanted.as_ref().is_some_and(|w| !cloud.has(w)));
    let mut failures: Vec<String> =
        missing.map(|s| format!("{} is not as it was asked for", s.address())).collect();
    let again = differences(&|address| cloud.settings(&stack.name, address), wanted, &[]);
    failures.extend(again.iter().map(|d| format!("a second apply would change {}", d.node.address)));
    Trial { name: "a second apply does nothing".into(), runs: 1, failures }
}

/// Rolls a finished run back; `before` is the fingerprint of all settings from which it started.
fn finished_rollback<'a>(
    cloud: &mut Cloud<'a>,
    changes: &Steps<'a>,
    before: u64,
    counted: &mut usize,
) -> Trial {
    let mut journal = Journal { done: changes.len(), open: None };
    let mut trial = Trial { name: "a finished update is rolled back".into(), runs: 1, failures: Vec::new() };
    take_back(cloud, changes, &mut journal, changes.len(), counted, &mut trial);
    if cloud.fingerprint().settings != before || !cloud.broken().is_empty() {
        trial.failures.push("the former state did not come back".to_owned());
    }
    trial
}

/// Carries a run out while failing it at every step. `what` is its name and what it changes in words. Whether it
/// reached its end.
fn suite<'a>(
    cloud: &mut Cloud<'a>,
    steps: &Steps<'a>,
    (what, words): (&str, &str),
    rehearsal: &mut Rehearsal,
) -> bool {
    let trial = |name: String| Trial { name, runs: 0, failures: Vec::new() };
    let name = if words.is_empty() { what.to_owned() } else { format!("{what}: {words}") };
    let mut run = Trial { runs: 1, ..trial(name) };
    let mut undone = trial(format!("{what}: every step fails before and after its effect and is taken back"));
    let mut resumed = trial(format!("{what}: killed at every step and resumed"));
    let whole = spread(steps.len());
    let mut rolled =
        trial(format!("{what}: rolled back whole after {} of {} steps", whole.len(), steps.len()));
    let mut journal = Journal::default();
    let start = cloud.fingerprint();
    let restores_identities = steps.iter().all(|s| matches!(s.action, Action::Create | Action::Update));
    for at in 0..steps.len() {
        fail_once(cloud, steps, &mut journal, &mut rehearsal.steps, &mut undone);
        if journal.done != at {
            // What could not be taken back has been told; the run stands nowhere from which it could go on.
            break;
        }
        let address = || steps[at].address();
        // Killed after the effect: whoever comes next must find it and not do it twice.
        if let Err(refusal) = advance(cloud, steps, &mut journal, Some(Fault::AfterEffect)) {
            run.failures.push(format!("{} was refused: {refusal}", address()));
            break;
        }
        rehearsal.steps += 1;
        resumed.runs += 1;
        settle(cloud, steps, &mut journal);
        if journal.done != at + 1 {
            resumed.failures.push(format!("{} would be done twice", address()));
            break;
        }
        if !whole.contains(&(at + 1)) {
            continue;
        }
        rolled.runs += 1;
        take_back(cloud, steps, &mut journal, at + 1, &mut rehearsal.steps, &mut rolled);
        let now = cloud.fingerprint();
        if now.settings != start.settings
            || (restores_identities && now.identities != start.identities)
            || !cloud.broken().is_empty()
        {
            rolled.failures.push(format!("the former state did not come back after {}", address()));
        }
        for _ in 0..=at {
            if let Err(refusal) = advance(cloud, steps, &mut journal, None) {
                rolled.failures.push(format!(
                    "{} was refused after a roll back: {refusal}",
                    steps[journal.done].address()
                ));
                break;
            }
            rehearsal.steps += 1;
        }
        if journal.done != at + 1 {
            break;
        }
    }
    let broken = cloud.broken_references();
    run.failures.extend(broken.into_iter().map(|name| format!("{name} refers to something that is gone")));
    let finished = journal.done == steps.len() && run.failures.is_empty();
    rehearsal.trials.extend([run, undone, resumed, rolled]);
    finished
}

/// Fails the next step before its effect, then after it, and takes each back.
fn fail_once<'a>(
    cloud: &mut Cloud<'a>,
    steps: &Steps<'a>,
    journal: &mut Journal,
    counted: &mut usize,
    trial: &mut Trial,
) {
    let step = &steps[journal.done];
    let keeps_identity = matches!(step.action, Action::Create | Action::Update);
    let before = cloud.fingerprint();
    let broken = if keeps_identity { BTreeSet::new() } else { cloud.broken().clone() };
    for fault in [Fault::BeforeEffect, Fault::AfterEffect] {
        let met = journal.done;
        trial.runs += 1;
        if advance(cloud, steps, journal, Some(fault)).is_err() {
            // A refusal is an outcome of the run itself, and reported there.
            journal.open = None;
            return;
        }
        settle(cloud, steps, journal);
        *counted += journal.done - met;
        let count = journal.done - met;
        take_back(cloud, steps, journal, count, counted, trial);
        let now = cloud.fingerprint();
        let restored =
            now.settings == before.settings && (!keeps_identity || now.identities == before.identities);
        let whole = keeps_identity || cloud.broken().is_subset(&broken);
        if !restored || !whole {
            trial.failures.push(format!("{} left something behind", step.address()));
        }
    }
}

fn take_back<'a>(
    cloud: &mut Cloud<'a>,
    steps: &Steps<'a>,
    journal: &mut Journal,
    count: usize,
    counted: &mut usize,
    trial: &mut Trial,
) {
    match roll_back(cloud, steps, journal, count) {
        Ok(operations) => *counted += operations,
        Err((address, refusal)) => {
            trial.failures.push(format!("{address} could not be taken back: {refusal}"));
        }
    }
}

/// The numbers of finished steps after which a run of `steps` is rolled back whole: all of them for a short run.
fn spread(steps: usize) -> BTreeSet<usize> {
    if steps <= WHOLE_ROLLBACKS {
        return (1..=steps).collect();
    }
    (1..=WHOLE_ROLLBACKS).map(|i| i * steps / WHOLE_ROLLBACKS).collect()
}

/// Destroys what was deployed, the last first: refused while something is protected, then with protection lifted.
fn down<'a>(cloud: &mut Cloud<'a>, deployed: &Steps<'a>, rehearsal: &mut Rehearsal) {
    let existing: Vec<_> = deployed.iter().rev().filter(|s| cloud.identity(s.slot()).is_some()).collect();
    let protected: Vec<_> = existing.iter().filter(|s| cloud.protects(s.slot())).collect();
    if !protected.is_empty() {
        let slipped = protected.iter().filter(|s| cloud.delete(s.slot()).is_ok());
        let failures = slipped.map(|s| format!("{} was deleted although protected", s.address())).collect();
        let name = "what is protected cannot be destroyed".to_owned();
        rehearsal.trials.push(Trial { name, runs: protected.len(), failures });
    }
    let mut trial = Trial { name: "destroy".into(), runs: 1, failures: Vec::new() };
    for step in &protected {
        if let Err(refusal) = cloud.lift_protection(step.slot()) {
            trial.failures.push(format!("{} could not be released: {refusal}", step.address()));
        }
        rehearsal.steps += 1;
    }
    for step in &existing {
        if let Err(refusal) = cloud.delete(step.slot()) {
            trial.failures.push(format!("{} could not be deleted: {refusal}", step.address()));
        }
        rehearsal.steps += 1;
    }
    let left = deployed.iter().rev().filter(|s| cloud.identity(s.slot()).is_some());
    trial.failures.extend(left.map(|s| format!("{} is left", s.address())).collect::<Vec<_>>());
    rehearsal.trials.push(trial);
}

/// What a next version of a stack changes, also in words.
struct Update {
    nodes: IndexMap<Address, Node, AddressHasher>,
    words: String,
}

/// Attributes that an update makes larger: what changes when an application grows.
static GROWTH: &[(&str, &str)] = &[
    ("aws_appautoscaling_target", "max_capacity"),
    ("aws_cloudwatch_log_group", "retention_in_days"),
    ("aws_db_instance", "allocated_storage"),
    ("aws_db_instance", "instance_class"),
    ("aws_docdb_cluster_instance", "instance_class"),
    ("aws_ecs_service", "desired_count"),
    ("aws_ecs_task_definition", "memory"),
    ("aws_elasticache_replication_group", "node_type"),
    ("aws_lambda_function", "memory_size"),
    ("aws_lambda_function", "timeout"),
    ("aws_mq_broker", "host_instance_type"),
    ("aws_rds_cluster_instance", "instance_class"),
    ("aws_sqs_queue", "visibility_timeout_seconds"),
];

/// Kinds that are replaced in practice besides task definitions, which every image replaces: a service listens on
/// another port, a group or policy is described in other words, a key gets another name. The first that a stack
/// has is replaced.
static REPLACED: &[(&str, &str)] = &[
    ("aws_lb_target_group", "port"),
    ("aws_security_group", "description"),
    ("aws_iam_policy", "description"),
    ("aws_kms_alias", "name"),
];

/// What a next version of a stack would want: new images, more capacity, and one resource that is replaced.
fn realistic_update(stack: &Stack) -> Update {
    let mut nodes: IndexMap<Address, Node, AddressHasher> = IndexMap::default();
    let mut words: BTreeSet<String> = BTreeSet::new();
    let replaced = replaceable(stack);
    for node in stack.graph.nodes() {
        let mut next: Option<Node> = None;
        for (_, attribute) in GROWTH.iter().filter(|(kind, _)| *kind == node.kind().as_str()) {
            if let Some(grown) = node.get(attribute).and_then(grown) {
                next.get_or_insert_with(|| node.clone()).attrs.insert((*attribute).to_owned(), grown);
                words.insert(format!("larger {attribute}"));
            }
        }
        if let Some(Value::Json(containers)) = node.get("container_definitions") {
            let images = Value::json(next_images(containers));
            let next = next.get_or_insert_with(|| node.clone());
            next.attrs.insert("container_definitions".to_owned(), images);
            words.insert("new images".to_owned());
        }
        if let Some((address, attribute)) = &replaced
            && *address == node.address
        {
            change_fixed(next.get_or_insert_with(|| node.clone()), attribute);
            words.insert(format!("{address} replaced for another {attribute}"));
        }
        nodes.extend(next.map(|next| (node.address.clone(), next)));
    }
    let words: Vec<String> = words.into_iter().collect();
    Update { nodes, words: words.join(", ") }
}

/// Sizes of machines, each about twice the one before.
static SIZES: &[&str] = &["micro", "small", "medium", "large", "xlarge", "2xlarge", "4xlarge"];

/// Twice a number, or the next size of a machine; `None` for what has no next.
fn grown(value: &Value) -> Option<Value> {
    match value {
        Value::Int(n) => n.checked_mul(2).filter(|_| *n > 0).map(Value::Int),
        Value::Str(text) => match text.parse::<i64>() {
            Ok(n) => Some(Value::Str(n.checked_mul(2).filter(|_| n > 0)?.to_string())),
            Err(_) => {
                let (family, size) = text.rsplit_once('.')?;
                let next = SIZES.iter().position(|s| *s == size)? + 1;
                Some(Value::Str(format!("{family}.{}", SIZES.get(next)?)))
            }
        },
        _ => None,
    }
}

/// Gives an attribute that is fixed at creation another value, and the name that carries the value with it.
fn change_fixed(node: &mut Node, attribute: &str) {
    let Some(before) = node.get(attribute).cloned() else { return };
    let after = match &before {
        Value::Int(n) => Value::Int(n.wrapping_add(1)),
        other => Value::template([other.clone(), "-next".into()]),
    };
    if let (Some(old), Some(new), Some(Value::Template(parts))) =
        (before.text(), after.text(), node.attrs.get_mut("name"))
        && let Some(Value::Str(last)) = parts.last_mut()
        && let Some(stem) = last.strip_suffix(&old)
    {
        *last = format!("{stem}{new}");
    }
    node.attrs.insert(attribute.to_owned(), after);
}

fn next_images(containers: &Value) -> Value {
    let Some(items) = containers.as_list() else { return containers.clone() };
    let next = |container: &Value| match container.as_map() {
        Some(entries) if entries.contains_key("image") => {
            let mut entries = entries.clone();
            entries.insert("image".to_owned(), Value::template([entries["image"].clone(), "-next".into()]));
            Value::Map(entries)
        }
        _ => container.clone(),
    };
    Value::List(items.iter().map(next).collect())
}

/// The resource that the update replaces, and the attribute that changes. What holds data or is protected is not
/// replaced by anybody; what something else points elsewhere after creation is replaced by that something.
fn replaceable(stack: &Stack) -> Option<(Address, &'static str)> {
    let mut moved: BTreeSet<&Address> = BTreeSet::new();
    for node in stack.graph.nodes() {
        let elsewhere = node.lifecycle.ignore_changes.iter().filter_map(|name| node.attrs.get(name));
        moved.extend(elsewhere.flat_map(Value::refs).map(|r| &r.to));
    }
    let harmless = |node: &&Node| {
        let holds = catalog::kinds::of(&node.address).is_none_or(|info| info.holds_data);
        node.address.mode == Mode::Managed
            && !holds
            && !crate::cloud::is_protected(node)
            && !moved.contains(&node.address)
    };
    REPLACED.iter().find_map(|(kind, attribute)| {
        let mut nodes = stack.graph.of_kind(kind).filter(harmless);
        let node = nodes.find(|n| n.get(attribute).is_some())?;
        Some((node.address.clone(), *attribute))
    })
}

/// Each way in which the machinery could be wrong, planted: a rehearsal that notices none of them proves nothing.
#[cfg(test)]
mod defects;
