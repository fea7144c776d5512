//! What the rehearsal proved.

use deliver::Rehearsal;

/// One block a stack.
#[must_use]
pub fn text(rehearsals: &[Rehearsal]) -> String {
    let mut out = String::new();
    for rehearsal in rehearsals {
        out.push_str(&format!(
            "{}: {} resources, {} steps\n",
            rehearsal.stack, rehearsal.resources, rehearsal.steps
        ));
        for trial in &rehearsal.trials {
            let verdict = if trial.failures.is_empty() { "held" } else { "FAILED" };
            out.push_str(&format!("  {verdict:<6}  {} ({})\n", trial.name, times(trial.runs)));
            for failure in &trial.failures {
                out.push_str(&format!("          {failure}\n"));
            }
        }
        out.push('\n');
    }
    out
}

fn times(runs: usize) -> String {
    if runs == 1 { "once".to_owned() } else { format!("{runs} times") }
}
