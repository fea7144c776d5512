//! Tables in plain text: columns as wide as they need to be, numbers to the right.

/// How a column is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// Lays out rows under a heading, indented by two spaces.
#[must_use]
pub fn table(heading: &[(&str, Align)], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|r| r.get(column)).map(|c| c.chars().count());
        cells.chain([heading[column].0.chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..heading.len()).map(width).collect();
    let line = |cells: Vec<&str>| {
        let mut out = String::from(" ");
        for ((cell, width), (_, align)) in cells.iter().zip(&widths).zip(heading) {
            match align {
                Align::Left => out.push_str(&format!(" {cell:<width$} ")),
                Align::Right => out.push_str(&format!(" {cell:>width$} ")),
            }
        }
        out.trim_end().to_owned() + "\n"
    };
    let mut out = line(heading.iter().map(|(h, _)| *h).collect());
    let rule: Vec<String> = widths.iter().map(|w| "-".repeat(*w)).collect();
    out.push_str(&line(rule.iter().map(String::as_str).collect()));
    for row in rows {
        out.push_str(&line(row.iter().map(String::as_str).collect()));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let rows =
            vec![vec!["a".to_owned(), "$1.00".to_owned()], vec!["bcd".to_owned(), "$10.00".to_owned()]];
        let text = table(&[("what", Align::Left), ("cost", Align::Right)], &rows);
        assert_eq!(text, "  what    cost\n  ----  ------\n  a      $1.00\n  bcd   $10.00\n");
    }
}
