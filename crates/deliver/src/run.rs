//! Carrying out a plan, step by step, with a journal that survives a kill.
//!
//! An intent is written before each step and an acknowledgement after it. Whoever comes next finds at most one
//! open intent, asks the cloud whether it happened, and then resumes or rolls back; nothing is done twice.

use std::rc::Rc;

use ir::{Node, Stack};

use crate::cloud::{Cloud, Desired, Fate, Refusal, Slot};
use crate::plan::{Action, Difference};

/// One step of a run.
#[derive(Clone, Debug)]
pub(crate) struct RunStep<'a> {
    pub action: Action,
    /// Of a replacement: whether the new one is made before the old one goes.
    pub create_first: bool,
    /// What there was.
    pub former: Option<Rc<Desired<'a>>>,
    /// What there will be.
    pub wanted: Option<Rc<Desired<'a>>>,
}

impl<'a> RunStep<'a> {
    fn either(&self) -> &Desired<'a> {
        let either = self.wanted.as_ref().or(self.former.as_ref());
        either.expect("a step has a before or an after")
    }

    pub(crate) fn slot(&self) -> Slot {
        self.either().slot
    }

    pub(crate) fn address(&self) -> String {
        self.either().node.address.to_string()
    }
}

/// The steps of a run, in order.
#[derive(Debug)]
pub(crate) struct Steps<'a> {
    all: Vec<RunStep<'a>>,
    /// By slot: which step changes it.
    at: Vec<Option<usize>>,
}

impl<'a> std::ops::Deref for Steps<'a> {
    type Target = [RunStep<'a>];

    fn deref(&self) -> &Self::Target {
        &self.all
    }
}

impl<'a> Steps<'a> {
    /// These steps, in this order.
    pub(crate) fn of(all: Vec<RunStep<'a>>) -> Self {
        let mut at = vec![None; all.iter().map(|step| step.slot() + 1).max().unwrap_or_default()];
        for (place, step) in all.iter().enumerate() {
            at[step.slot()] = Some(place);
        }
        Steps { all, at }
    }

    /// What the steps from the `first` on do with a resource that a replaced one asks after.
    fn fate(&self, first: usize, slot: Slot) -> Fate {
        let at = self.at.get(slot).copied().flatten().filter(|at| *at >= first);
        match at.map(|at| &self.all[at]) {
            None => Fate::Stays,
            Some(step) => match step.action {
                Action::Replace if !step.create_first => Fate::Goes,
                Action::Replace | Action::Update => Fate::Moves,
                // A creation that is taken back and a deletion come before what they refer to goes.
                Action::Create | Action::Delete => Fate::Goes,
            },
        }
    }
}

/// Where an injected failure strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Before the cloud did anything.
    BeforeEffect,
    /// After the cloud did it and before anybody heard.
    AfterEffect,
}

/// What a run remembers: the steps acknowledged, and the one that was begun, with the identity it met.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    pub done: usize,
    pub open: Option<Option<u64>>,
}

/// The steps that make the differences of a stack.
pub(crate) fn steps<'a>(
    cloud: &mut Cloud<'a>,
    stack: &'a Stack,
    differences: &[Difference<'a>],
) -> Steps<'a> {
    let mut prepared = |node: &dyn Fn(&Difference<'a>) -> Option<&'a Node>| -> Vec<_> {
        let found: Vec<_> = differences.iter().map(node).collect();
        let nodes: Vec<_> = found.iter().flatten().copied().collect();
        let mut desired = cloud.prepare(stack, &nodes).into_iter();
        found.iter().map(|node| node.and_then(|_| desired.next())).collect()
    };
    let former = prepared(&|d| d.former);
    let wanted = prepared(&|d| Some(d.node).filter(|_| d.action != Action::Delete));
    let both = former.into_iter().zip(wanted);
    let step = |(difference, (former, wanted)): (&Difference<'a>, (_, _))| RunStep {
        action: difference.action,
        create_first: difference.create_first,
        former,
        wanted,
    };
    Steps::of(differences.iter().zip(both).map(step).collect())
}

/// Executes the next step of a run; a fault ends it on one side of the effect or the other.
pub(crate) fn advance<'a>(
    cloud: &mut Cloud<'a>,
    steps: &Steps<'a>,
    journal: &mut Journal,
    fault: Option<Fault>,
) -> Result<(), Refusal> {
    let step = &steps[journal.done];
    journal.open = Some(cloud.identity(step.slot()));
    if fault == Some(Fault::BeforeEffect) {
        return Ok(());
    }
    effect(cloud, steps, journal.done)?;
    if fault == Some(Fault::AfterEffect) {
        return Ok(());
    }
    journal.done += 1;
    journal.open = None;
    Ok(())
}

fn effect<'a>(cloud: &mut Cloud<'a>, steps: &Steps<'a>, at: usize) -> Result<(), Refusal> {
    let step = &steps[at];
    match (step.action, &step.wanted) {
        (Action::Create, Some(wanted)) => cloud.create(wanted),
        (Action::Update, Some(wanted)) => cloud.update(wanted),
        (Action::Replace, Some(wanted)) => {
            cloud.replace(wanted, step.create_first, &|slot| steps.fate(at + 1, slot))
        }
        _ => cloud.delete(step.slot()),
    }
}

/// Whether the step with the open intent happened, as the cloud shows it. What was there before and still is was not
/// made by this run, so that nobody takes it back.
fn happened(cloud: &Cloud<'_>, step: &RunStep<'_>, met: Option<u64>) -> bool {
    let now = cloud.identity(step.slot());
    match step.action {
        Action::Create | Action::Delete | Action::Replace => now != met,
        Action::Update => step.wanted.as_ref().is_some_and(|wanted| cloud.has(wanted)),
    }
}

/// Closes an open intent by asking the cloud, so that the journal says what is true.
pub(crate) fn settle<'a>(cloud: &Cloud<'a>, steps: &Steps<'a>, journal: &mut Journal) {
    let Some(met) = journal.open.take() else { return };
    if happened(cloud, &steps[journal.done], met) {
        journal.done += 1;
    }
}

/// Takes back the last `count` acknowledged steps: first what was there comes back, dependencies first, then
/// what was made goes, dependents first. Returns the number of cloud operations.
pub(crate) fn roll_back<'a>(
    cloud: &mut Cloud<'a>,
    steps: &Steps<'a>,
    journal: &mut Journal,
    count: usize,
) -> Result<usize, (String, Refusal)> {
    settle(cloud, steps, journal);
    let first = journal.done.saturating_sub(count);
    let taken = &steps[first..journal.done];
    let mut operations = 0;
    let failed = |step: &RunStep<'_>, refusal| (step.address(), refusal);
    // Deletions come last in a plan and in reverse order; taken back in reverse they are dependencies first.
    let deleted = taken.iter().rev().filter(|s| s.action == Action::Delete);
    let changed: Vec<&RunStep<'a>> =
        taken.iter().filter(|s| matches!(s.action, Action::Update | Action::Replace)).collect();
    for step in deleted {
        if let Some(former) = &step.former {
            cloud.create(former).map_err(|r| failed(step, r))?;
            operations += 1;
        }
    }
    let replaces = changed.iter().any(|step| step.action == Action::Replace);
    // What refers to a replaced resource holds its old identity until it is touched, also when its own step of
    // the plan has not come yet.
    let later = if replaces { &steps[first..] } else { &[] };
    let fate = |slot| steps.fate(first, slot);
    for step in &changed {
        let Some(former) = &step.former else { continue };
        let result = match step.action {
            Action::Replace => cloud.replace(former, step.create_first, &fate),
            _ => cloud.update(former),
        };
        result.map_err(|r| failed(step, r))?;
        operations += 1;
    }
    for step in later {
        let Some(former) = step.former.as_ref().filter(|former| !cloud.has(former)) else { continue };
        let result = match step.action {
            Action::Replace => cloud.replace(former, step.create_first, &fate),
            Action::Update => cloud.update(former),
            Action::Create | Action::Delete => continue,
        };
        result.map_err(|r| failed(step, r))?;
        operations += 1;
    }
    for step in taken.iter().rev().filter(|s| s.action == Action::Create) {
        // What this run has made holds nothing yet, so its protection protects nothing.
        if cloud.protects(step.slot()) {
            cloud.lift_protection(step.slot()).map_err(|r| failed(step, r))?;
            operations += 1;
        }
        cloud.delete(step.slot()).map_err(|r| failed(step, r))?;
        operations += 1;
    }
    journal.done = first;
    Ok(operations)
}
