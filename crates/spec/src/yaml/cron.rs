//! Cron with five fields, as far as a scheduler needs it to be right: ranges, steps, lists and names.

const FIELDS: [(&str, u32, u32, &[&str]); 5] = [
    ("minute", 0, 59, &[]),
    ("hour", 0, 23, &[]),
    ("day of the month", 1, 31, &[]),
    ("month", 1, 12, &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]),
    ("day of the week", 0, 7, &["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
];

/// What is wrong with an expression, if anything is.
pub fn check(text: &str) -> Result<(), String> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    if fields.len() != FIELDS.len() {
        return Err(format!("it has {} fields and needs 5", fields.len()));
    }
    for (field, (what, low, high, names)) in fields.iter().zip(FIELDS) {
        for item in field.split(',') {
            let wrong = || format!("`{item}` is no {what}");
            let (range, step) = item.split_once('/').map_or((item, None), |(r, s)| (r, Some(s)));
            if step.is_some_and(|s| !matches!(s.parse::<u32>(), Ok(n) if n >= 1 && n <= high)) {
                return Err(wrong());
            }
            if range == "*" {
                continue;
            }
            let value = |s: &str| -> Option<u32> {
                let named =
                    names.iter().position(|n| n.eq_ignore_ascii_case(s)).map(|i| i as u32 + low.min(1));
                named.or_else(|| s.parse().ok()).filter(|n| (low..=high).contains(n))
            };
            let fits = match range.split_once('-') {
                Some((a, b)) => matches!((value(a), value(b)), (Some(a), Some(b)) if a <= b),
                None => value(range).is_some(),
            };
            if !fits {
                return Err(wrong());
            }
        }
    }
    match (fields[2].parse::<u32>(), fields[3].parse::<u32>()) {
        (Ok(day), Ok(month)) if fields[4] == "*" && day > LONGEST[month as usize - 1] => {
            Err(format!("month {month} has no day {day}, so it would never run"))
        }
        _ => Ok(()),
    }
}

/// The most days of each month.
const LONGEST: [u32; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn expressions_are_checked_field_by_field() {
        for right in [
            "0 2 * * *",
            "*/15 9-17 * * mon-fri",
            "0 0 1,15 jan 0",
            "5/10 * * * 7",
            "0 0 29 2 *",
            "0 0 31 2 mon",
        ] {
            assert_eq!(check(right), Ok(()), "{right}");
        }
        for wrong in [
            "0 0 31 2 *",
            "0 0 31 4 *",
            "0 2 * *",
            "60 * * * *",
            "* 24 * * *",
            "*/0 * * * *",
            "5-1 * * * *",
            "x * * * *",
            "",
        ] {
            assert!(check(wrong).is_err(), "{wrong}");
        }
    }
}
