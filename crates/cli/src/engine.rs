//! The eight steps, in order, over one value that grows.
//!
//! Everything is computed before anything is written: a step that reports an error ends the run with the
//! user's files untouched. What each step did is handed to a listener, so that progress is the caller's.

use check::Report;
use cost::Estimate;
use deliver::Rehearsal;
use design::Blueprint;
use emit::{Context, Step};
use ir::{Bundle, Diagnostic, Diagnostics, Stack};

use crate::input::Understood;
use crate::view::count;

/// Everything that is known after the steps that ran.
#[derive(Debug)]
pub struct Delivery {
    /// What was asked, and how it was read.
    pub understood: Understood,
    /// What was chosen.
    pub blueprint: Blueprint,
    /// The resources.
    pub stacks: Vec<Stack>,
    /// What they cost, one a stack.
    pub estimates: Vec<Estimate>,
    /// What the checks said.
    pub report: Report,
    /// What the rehearsal proved, one a stack.
    pub rehearsals: Vec<Rehearsal>,
    /// The files.
    pub bundle: Bundle,
}

/// The names of the steps, as progress shows them.
pub const STEPS: [&str; 8] = [
    "Understand",
    "Design",
    "Write infrastructure code",
    "CI/CD",
    "Observability",
    "Test",
    "Document",
    "Submit",
];

/// Hears what each step did: its place in [`STEPS`] and a few words.
pub type Listener<'a> = &'a mut dyn FnMut(usize, &str);

/// Spec to graph and its price: enough to show a design.
pub fn design(
    understood: &Understood,
    diagnostics: &mut Diagnostics,
) -> Option<(Blueprint, Vec<Stack>, Vec<Estimate>)> {
    let (blueprint, said) = design::design(&understood.spec);
    diagnostics.extend(said);
    let blueprint = blueprint.filter(|_| !diagnostics.has_errors())?;
    let (stacks, said) = lower::lower(&understood.spec, &blueprint);
    diagnostics.extend(said);
    for stack in &stacks {
        diagnostics.extend(check::validate(stack));
    }
    if diagnostics.has_errors() {
        return None;
    }
    let estimates = stacks.iter().map(cost::estimate).collect();
    Some((blueprint, stacks, estimates))
}

/// Steps two to seven. The first was the caller's, the last writes outside and is the caller's too.
pub fn deliver(
    understood: Understood,
    diagnostics: &mut Diagnostics,
    hear: Listener<'_>,
) -> Option<Delivery> {
    let (blueprint, stacks, estimates) = design(&understood, diagnostics)?;
    hear(
        1,
        &format!(
            "{}, {} a month",
            count(blueprint.decisions.len(), "decision", "decisions"),
            estimates.iter().map(Estimate::total).sum::<ir::Usd>()
        ),
    );
    let mut delivery = Delivery {
        understood,
        blueprint,
        stacks,
        estimates,
        report: Report::default(),
        rehearsals: Vec::new(),
        bundle: Bundle::new(),
    };
    write_code(&mut delivery, diagnostics)?;
    let resources: usize = delivery.stacks.iter().map(|s| s.graph.len()).sum();
    hear(
        2,
        &format!(
            "{} resources in {} stacks, {} files",
            resources,
            delivery.stacks.len(),
            delivery.bundle.len()
        ),
    );
    for (place, step) in [(3, Step::Pipeline), (4, Step::Observability)] {
        let files = run_targets(&mut delivery, step, diagnostics);
        hear(place, &format!("{files} files"));
    }
    test(&mut delivery, diagnostics);
    let trials: usize = delivery.rehearsals.iter().flat_map(|r| &r.trials).map(|t| t.runs).sum();
    hear(
        5,
        &format!(
            "{} checks, {} open findings, {} rehearsals, {}",
            delivery.report.rules,
            delivery.report.open().count(),
            trials,
            if delivery.rehearsals.iter().all(Rehearsal::passed) {
                "all rolled back"
            } else {
                "not all rolled back"
            }
        ),
    );
    delivery.bundle.add(SPEC_FILE, spec::yaml::print(&delivery.understood.spec));
    let understood = &delivery.understood;
    let requests = emit::document::handoffs::requests(Some(&understood.spec), &understood.refusals);
    let files = requests.len() + run_targets(&mut delivery, Step::Document, diagnostics);
    requests.into_iter().for_each(|(path, text)| delivery.bundle.add(&path, text));
    hear(6, &format!("{files} files"));
    (!diagnostics.has_errors()).then_some(delivery)
}

fn write_code(delivery: &mut Delivery, diagnostics: &mut Diagnostics) -> Option<()> {
    let wanted = &delivery.understood.spec.deliver.iac;
    let Some(writer) = dialect::WRITERS.iter().find(|w| w.name == *wanted) else {
        diagnostics.push(
            Diagnostic::error("not-supported", format!("no writer for `{wanted}`"))
                .help("set `deliver.iac: terraform`"),
        );
        return None;
    };
    let kinds = || delivery.stacks.iter().flat_map(|s| s.graph.nodes()).map(|n| n.kind().as_str());
    let says = |kind: &str| writer.providers.iter().any(|p| kind.split('_').next() == Some(p));
    if !writer.providers.is_empty() && !kinds().any(says) {
        diagnostics.push(
            Diagnostic::error("another-cloud", format!("`{wanted}` cannot say what was designed"))
                .because(format!("It describes {} alone.", writer.providers.join(", ")))
                .help("set `deliver.iac: terraform`, or design for the cloud of that dialect"),
        );
        return None;
    }
    let (bundle, said) = (writer.write)(&delivery.stacks);
    diagnostics.extend(said);
    delivery.bundle.extend(bundle);
    (!diagnostics.has_errors()).then_some(())
}

/// Runs the checks and the rehearsal.
pub fn test(delivery: &mut Delivery, diagnostics: &mut Diagnostics) {
    delivery.report = checked(&delivery.blueprint, &delivery.stacks);
    let (rehearsals, said) = deliver::rehearse(&delivery.stacks);
    diagnostics.extend(said);
    delivery.rehearsals = rehearsals;
}

/// What was decided about each service and resource of an environment on which people depend.
fn part_decisions<'a>(blueprint: &'a Blueprint, stacks: &'a [Stack]) -> Vec<check::PartDecision<'a>> {
    let mut found = Vec::new();
    for decision in &blueprint.decisions {
        let environment = decision.environment.as_ref().and_then(|name| blueprint.environments.get(name));
        let Some(environment) = environment.filter(|e| e.critical) else { continue };
        let stack = stacks.iter().find(|s| s.environment && s.name == environment.name);
        let (Some(stack), Some(part)) = (stack, &decision.subject) else { continue };
        let component = if decision.id.ends_with(".compute") {
            emit::place::service_component(stack, part)
        } else {
            emit::place::resource_component(stack, part)
        };
        let because = decision.because.trim_end_matches('.');
        let reason = format!("`{}` chose {}. {because}", decision.id, decision.chosen);
        found.push(check::PartDecision { stack: &stack.name, component, reason });
    }
    found
}

/// Runs the checks, with the exceptions that follow from the design: environments nobody depends on are not
/// held to what production is held to, and a firewall that the designer left out with a reason is not missing.
#[must_use]
pub fn checked(blueprint: &Blueprint, stacks: &[Stack]) -> Report {
    let relaxed = blueprint.environments.values().filter(|e| !e.critical).map(|e| e.name.as_str());
    let circumstances = check::Circumstances {
        relaxed: &relaxed.collect::<Vec<_>>(),
        decisions: &part_decisions(blueprint, stacks),
        budgeted: blueprint.budget.is_some(),
    };
    let mut exceptions = check::default_exceptions(&circumstances);
    for environment in blueprint.environments.values().filter(|e| e.critical && !e.network.firewall) {
        let id = format!("{}.edge.firewall", environment.name);
        if let Some(decision) = blueprint.decisions.iter().find(|d| d.id == id) {
            exceptions.push(check::Exception {
                rule: "load-balancer-without-firewall".to_owned(),
                stack: Some(environment.name.clone()),
                component: None,
                reason: decision.because.trim_end_matches('.').to_owned(),
            });
        }
    }
    check::run(stacks, &exceptions)
}

fn run_targets(delivery: &mut Delivery, step: Step, diagnostics: &mut Diagnostics) -> usize {
    let mut files = Bundle::new();
    let context = Context {
        spec: &delivery.understood.spec,
        blueprint: &delivery.blueprint,
        stacks: &delivery.stacks,
        estimates: &delivery.estimates,
        report: &delivery.report,
        rehearsals: &delivery.rehearsals,
    };
    // An application that came with a compose file keeps it.
    let has_compose = delivery.understood.own_compose;
    let wanted =
        |t: &&&emit::Target| t.step == step && !(has_compose && t.name == "compose") && (t.wanted)(&context);
    for target in emit::TARGETS.iter().filter(wanted) {
        let (bundle, said) = (target.emit)(&context);
        diagnostics.extend(said);
        files.extend(bundle);
    }
    let count = files.len();
    delivery.bundle.extend(files);
    count
}

/// Where the bundle keeps the spec it was made from: what the next run compares with.
pub const SPEC_FILE: &str = ".mainstay/spec.yaml";

/// What a change of the spec changes.
#[derive(Debug)]
pub struct Changes {
    /// Decisions that came out otherwise.
    pub decisions: Vec<design::DecisionChange>,
    /// What it costs.
    pub cost: cost::Difference,
    /// What happens to resources, one plan a stack.
    pub plans: Vec<deliver::Plan>,
}

/// Compares with the spec that the bundle was made from; `None` when that one cannot be designed any more.
#[must_use]
pub fn changes(before: &str, decisions: &[design::Decision], delivery: &Delivery) -> Option<Changes> {
    let mut sources = ir::SourceMap::default();
    let (spec, _) = spec::yaml::read(SPEC_FILE, before, &[], &mut sources);
    let old = Understood { spec: spec?, ..delivery.understood.clone() };
    let (_, stacks, estimates) = design(&old, &mut Diagnostics::new())?;
    let find = |name: &str, among: &[Stack]| among.iter().position(|s| s.name == name);
    let mut plans: Vec<deliver::Plan> = Vec::new();
    for after in &delivery.stacks {
        let before = find(&after.name, &stacks).map(|at| &stacks[at]);
        plans.push(deliver::plan(before, Some(after)));
    }
    for gone in stacks.iter().filter(|s| find(&s.name, &delivery.stacks).is_none()) {
        plans.push(deliver::plan(Some(gone), None));
    }
    plans.retain(|p| !p.changes.is_empty());
    Some(Changes {
        decisions: design::diff(decisions, &delivery.blueprint.decisions),
        cost: cost::diff(&estimates, &delivery.estimates),
        plans,
    })
}

/// Why nothing may be written, if anything stands against it.
#[must_use]
pub fn gate(delivery: &Delivery) -> Option<String> {
    let open = delivery.report.open().count();
    let failed = delivery.rehearsals.iter().filter(|r| !r.passed()).count();
    let findings = |n| count(n, "finding is open", "findings are open");
    let failures = |n| format!("the rehearsal of {} failed", count(n, "stack", "stacks"));
    match (open, failed) {
        (0, 0) => None,
        (0, _) => Some(format!("refused: {}", failures(failed))),
        (_, 0) => Some(format!("refused: {}", findings(open))),
        _ => Some(format!("refused: {} and {}", findings(open), failures(failed))),
    }
}
