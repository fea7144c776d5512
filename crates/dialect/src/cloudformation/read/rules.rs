//! Rules: what a template asserts of its parameters before anything is made.

use ir::Diagnostic;
use ir::yaml::Yaml;

use super::conditions::Verdict;
use super::scope::{Scope, section};

/// Says which assertions do not hold. What cannot be told is the cloud's to judge.
pub fn check(root: &Yaml, scope: &Scope<'_>) {
    for (key, rule) in section(root, "Rules") {
        let applies = rule.get("RuleCondition").map(|condition| scope.judge(condition));
        if !matches!(applies, None | Some(Verdict::Is(true))) {
            continue;
        }
        for assertion in rule.get("Assertions").and_then(Yaml::items).unwrap_or_default() {
            let Some(assert) = assertion.get("Assert") else { continue };
            if scope.judge(assert) != Verdict::Is(false) {
                continue;
            }
            let words = assertion.get("AssertDescription").and_then(Yaml::scalar);
            let mut said = Diagnostic::warning(
                "violated-rule",
                format!("the rule `{}` of the template is violated", key.text),
            )
            .at(assert.span, "does not hold for the parameters given");
            if let Some(words) = words {
                said = said.because(format!("{}.", words.trim_end_matches('.')));
            }
            scope.session.say(said.help("give other values to the parameters that it names"));
        }
    }
}
