//! Cron expressions as EventBridge Scheduler writes them.
//!
//! Five-field cron counts Sunday as 0 or 7 and runs when the day of the month or the day of the week matches;
//! AWS has six fields, counts Sunday as 1 and accepts only one of the two days. So days of the week become
//! names, and an expression with both days becomes two schedules. It must not know what is scheduled.

use ir::units::HOURS_A_MONTH;

/// One schedule of AWS.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Schedule {
    /// Such as `cron(0 2 * * ? *)`.
    pub expression: String,
    /// Expected runs a month, of a billing month.
    pub runs_month: f64,
}

/// Days in a billing month.
const DAYS_A_MONTH: f64 = HOURS_A_MONTH / 24.0;
const WEEKDAYS: &[&str] = &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const MONTHS: &[&str] = &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

/// Reads five-field cron; the error is a sentence that says what is wrong.
pub(crate) fn schedules(cron: &str) -> Result<Vec<Schedule>, String> {
    let fields: Vec<&str> = cron.split_whitespace().collect();
    let [minute, hour, day, month, weekday] = fields.as_slice() else {
        return Err(format!("It has {} fields instead of five.", fields.len()));
    };
    let minute = Field::read("minute", minute, 0, 59, &[])?;
    let hour = Field::read("hour", hour, 0, 23, &[])?;
    let day = Field::read("day of the month", day, 1, 31, &[])?;
    let month = Field::read("month", month, 1, 12, MONTHS)?;
    let mut weekday = Field::read("day of the week", weekday, 0, 7, WEEKDAYS)?;
    if weekday.values.contains(&7) {
        weekday.values.retain(|d| *d != 7);
        weekday.values.push(0);
        weekday.values.sort_unstable();
        weekday.values.dedup();
    }
    // With all seven days named the field says nothing.
    weekday.every |= weekday.values.len() == 7;

    let runs_a_day = (minute.values.len() * hour.values.len()) as f64 * month.values.len() as f64 / 12.0;
    let schedule = |day: &str, weekday: &str, days: f64| Schedule {
        expression: format!("cron({} {} {day} {} {weekday} *)", minute.text(), hour.text(), month.text()),
        runs_month: runs_a_day * days,
    };
    let names = || weekday.values.iter().map(|d| WEEKDAYS[*d as usize]).collect::<Vec<_>>().join(",");
    let some_days = || schedule(&day.text(), "?", day.values.len() as f64 * DAYS_A_MONTH / 31.0);
    let some_weekdays = || schedule("?", &names(), weekday.values.len() as f64 * DAYS_A_MONTH / 7.0);
    Ok(match (day.every, weekday.every) {
        (true, true) => vec![schedule("*", "?", DAYS_A_MONTH)],
        (false, true) => vec![some_days()],
        (true, false) => vec![some_weekdays()],
        (false, false) => vec![some_days(), some_weekdays()],
    })
}

/// The values a field names, sorted.
struct Field {
    every: bool,
    values: Vec<u32>,
}

impl Field {
    fn read(what: &str, text: &str, min: u32, max: u32, names: &[&str]) -> Result<Field, String> {
        let wrong = || format!("`{text}` is no {what}.");
        let number = |word: &str| -> Result<u32, String> {
            if let Some(place) = names.iter().position(|n| n.eq_ignore_ascii_case(word)) {
                return Ok(min + u32::try_from(place).map_err(|_| wrong())?);
            }
            word.parse().ok().filter(|n| (min..=max).contains(n)).ok_or_else(wrong)
        };
        let mut values = Vec::new();
        for item in text.split(',') {
            let (range, step) = match item.split_once('/') {
                Some((range, step)) => (range, step.parse().ok().filter(|s| *s > 0).ok_or_else(wrong)?),
                None => (item, 1usize),
            };
            let (from, to) = match range.split_once('-') {
                _ if range == "*" => (min, max),
                Some((from, to)) => (number(from)?, number(to)?),
                None if item.contains('/') => (number(range)?, max),
                None => (number(range)?, number(range)?),
            };
            if from > to {
                return Err(wrong());
            }
            values.extend((from..=to).step_by(step));
        }
        values.sort_unstable();
        values.dedup();
        Ok(Field { every: text == "*", values })
    }

    fn text(&self) -> String {
        if self.every {
            return "*".to_owned();
        }
        self.values.iter().map(u32::to_string).collect::<Vec<_>>().join(",")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expressions(cron: &str) -> Vec<String> {
        schedules(cron).expect(cron).into_iter().map(|s| s.expression).collect()
    }

    #[test]
    fn every_form_of_five_field_cron_is_understood() {
        for (cron, expected) in [
            ("0 2 * * *", "cron(0 2 * * ? *)"),
            ("*/20 * * * *", "cron(0,20,40 * * * ? *)"),
            ("5-15/5 8 1 1,7 *", "cron(5,10,15 8 1 1,7 ? *)"),
            ("0 6 * * 1-5", "cron(0 6 ? * MON,TUE,WED,THU,FRI *)"),
            ("0 6 * jan SUN", "cron(0 6 ? 1 SUN *)"),
            ("0 6 * * 7", "cron(0 6 ? * SUN *)"),
            ("0 6 * * 0-7", "cron(0 6 * * ? *)"),
            ("50/5 6 * * *", "cron(50,55 6 * * ? *)"),
        ] {
            assert_eq!(expressions(cron), [expected], "{cron}");
        }
        assert_eq!(expressions("0 0 1 * 1"), ["cron(0 0 1 * ? *)", "cron(0 0 ? * MON *)"]);
    }

    #[test]
    fn what_is_no_cron_is_refused() {
        for cron in [
            "",
            "* * * *",
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "* * * 13 *",
            "* * * * 8",
            "5-1 * * * *",
            "*/0 * * * *",
            "a * * * *",
            "1- * * * *",
            "é * * * *",
        ] {
            assert!(schedules(cron).is_err(), "{cron}");
        }
    }

    #[test]
    fn runs_a_month_are_counted() {
        let runs = |cron| schedules(cron).expect("valid").iter().map(|s| s.runs_month).sum::<f64>();
        assert!((runs("0 2 * * *") - DAYS_A_MONTH).abs() < 1e-9);
        assert!((runs("*/30 * * * 1") - 48.0 * DAYS_A_MONTH / 7.0).abs() < 1e-9);
    }
}
