//! PromQL from small functions.
//!
//! Rules, dashboards and their tests need the same expressions; building them here from their parts keeps
//! label values escaped and the three in step. It must not know any metric or any service.

/// Labels that every aggregation of this bundle keeps.
pub const BY: &[&str] = &design::telemetry::ALERT_LABELS;

/// How a label is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    /// Equal.
    Is,
    /// Not equal.
    IsNot,
    /// Matches an RE2 pattern.
    Like,
}

/// A series selector such as `up{job="api"}`.
pub fn selector(metric: &str, matchers: &[(&str, Match, &str)]) -> String {
    if matchers.is_empty() {
        return metric.to_owned();
    }
    let one = |(label, how, value): &(&str, Match, &str)| {
        let operator = match how {
            Match::Is => "=",
            Match::IsNot => "!=",
            Match::Like => "=~",
        };
        format!("{label}{operator}\"{}\"", escape(value))
    };
    let inside: Vec<String> = matchers.iter().map(one).collect();
    format!("{metric}{{{}}}", inside.join(","))
}

/// A function over the last `window` of a selector, such as `rate(up[5m])`.
pub fn over(function: &str, selector: &str, window: &str) -> String {
    format!("{function}({selector}[{window}])")
}

/// An aggregation that keeps [`BY`], such as `sum by (service_name, deployment_environment_name) (x)`.
pub fn by(aggregation: &str, expression: &str) -> String {
    format!("{aggregation} by ({}) ({expression})", BY.join(", "))
}

/// A share whose numerator may have no series yet: nothing counted is zero, not silence.
pub fn share(part: &str, whole: &str) -> String {
    format!("({part} or 0 * {whole}) / {whole}")
}

/// A number with at most twelve digits after the point, none of them idle.
pub fn number(value: f64) -> String {
    let text = format!("{value:.12}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A pattern for the `le` of a bucket. Prometheus 3 writes whole numbers as `1.0`, Prometheus 2 as `1`.
pub fn boundary(seconds: f64) -> String {
    let text = number(seconds);
    if text.contains('.') { text.replace('.', "\\.") } else { format!("{text}(\\.0)?") }
}

fn escape(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn label_values_are_escaped() {
        let text = selector("up", &[("a", Match::Is, "x\"y\\z\n"), ("b", Match::Like, "5..")]);
        assert_eq!(text, "up{a=\"x\\\"y\\\\z\\n\",b=~\"5..\"}");
        assert_eq!(selector("up", &[]), "up");
    }

    #[test]
    fn numbers_are_exact_and_short() {
        for (value, expected) in
            [(0.0144, "0.0144"), (14.4 * 0.001, "0.0144"), (3.0, "3"), (1e-6, "0.000001")]
        {
            assert_eq!(number(value), expected);
        }
    }

    #[test]
    fn a_boundary_matches_both_ways_of_writing_whole_numbers() {
        assert_eq!(boundary(0.3), "0\\.3");
        assert_eq!(boundary(2.0), "2(\\.0)?");
    }
}
