//! Dates of http headers (RFC 9110 §5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT` and the two obsolete forms.
//!
//! Times are seconds since 1970, UTC. Weekdays are computed, so they are right; read weekdays are not compared.

/// The date as headers have it: 29 characters for the years 0 to 9999, to which other times are clamped.
pub fn render(unix_secs: i64) -> String {
    let secs = unix_secs.clamp(FIRST_SECOND, LAST_SECOND);
    let days = secs.div_euclid(DAY_SECS);
    let of_day = secs.rem_euclid(DAY_SECS);
    let (year, month, day) = civil_from_days(days);
    // 1 January 1970 was a Thursday.
    let weekday = WEEKDAYS[usize::try_from((days + 4).rem_euclid(7)).unwrap_or(0)];
    let month = MONTHS[usize::try_from(month - 1).unwrap_or(0)];
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    format!("{weekday}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT")
}

/// Reads a date in one of the three forms; `this_year` decides the century of a two-digit year. `None` if it is none.
pub fn parse(text: &[u8], this_year: i64) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?.trim_matches([' ', '\t']);
    match text.split_once(',') {
        Some((weekday, rest)) if WEEKDAYS.contains(&weekday) => parse_fixed(rest),
        Some((weekday, rest)) if LONG_WEEKDAYS.contains(&weekday) => parse_rfc850(rest, this_year),
        Some(_) => None,
        None => parse_asctime(text),
    }
}

/// ` 06 Nov 1994 08:49:37 GMT`
fn parse_fixed(rest: &str) -> Option<i64> {
    let [day, month, year, time, "GMT"] = words(rest.strip_prefix(' ')?)? else { return None };
    assemble(number(year, 4)?, month_number(month)?, number(day, 2)?, time)
}

/// ` 06-Nov-94 08:49:37 GMT`; a year that seems more than 50 years ahead is in the past.
fn parse_rfc850(rest: &str, this_year: i64) -> Option<i64> {
    let [date, time, "GMT"] = words(rest.strip_prefix(' ')?)? else { return None };
    let mut parts = date.splitn(3, '-');
    let (day, month, year) = (parts.next()?, parts.next()?, number(parts.next()?, 2)?);
    let year = this_year - this_year.rem_euclid(100) + year;
    let year = if year > this_year + 50 { year - 100 } else { year };
    assemble(year, month_number(month)?, number(day, 2)?, time)
}

/// `Sun Nov  6 08:49:37 1994`
fn parse_asctime(text: &str) -> Option<i64> {
    let (weekday, rest) = text.split_once(' ')?;
    let (month, rest) = rest.split_once(' ')?;
    let (day, rest) = rest.split_at_checked(2)?;
    let [time, year] = words(rest.strip_prefix(' ')?)?;
    if !WEEKDAYS.contains(&weekday) {
        return None;
    }
    let day = match day.strip_prefix(' ') {
        Some(digit) => number(digit, 1)?,
        None => number(day, 2)?,
    };
    assemble(number(year, 4)?, month_number(month)?, day, time)
}

/// Exactly `N` words with single blanks between them.
fn words<const N: usize>(text: &str) -> Option<[&str; N]> {
    let mut parts = text.split(' ');
    let mut out = [""; N];
    for word in &mut out {
        *word = parts.next()?;
    }
    parts.next().is_none().then_some(out)
}

fn assemble(year: i64, month: i64, day: i64, time: &str) -> Option<i64> {
    let mut parts = time.splitn(3, ':');
    from_parts(year, month, day, [number(parts.next()?, 2)?, number(parts.next()?, 2)?, number(parts.next()?, 2)?])
}

/// The time of a UTC date, month from 1, and clock: hour, minute, second. `None` if there is no such day or time.
pub(super) fn from_parts(year: i64, month: i64, day: i64, [hour, minute, second]: [i64; 3]) -> Option<i64> {
    // Second 60 is a leap second and becomes the next minute.
    if hour > 23 || minute > 59 || second > 60 || day < 1 || day > days_in_month(year, month) {
        return None;
    }
    Some(days_from_civil(year, month, day) * DAY_SECS + hour * 3600 + minute * 60 + second)
}

fn number(text: &str, digits: usize) -> Option<i64> {
    if text.len() != digits || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

fn month_number(name: &str) -> Option<i64> {
    i64::try_from(MONTHS.iter().position(|month| *month == name)? + 1).ok()
}

/// The month, from 1, whose name begins like `word`; three letters count, in any case.
pub(super) fn month_of(word: &[u8]) -> Option<i64> {
    let is_it = |month: &str| word.get(..3).is_some_and(|letters| letters.eq_ignore_ascii_case(month.as_bytes()));
    i64::try_from(MONTHS.iter().position(|month| is_it(month))? + 1).ok()
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970 of a Gregorian date. Years are counted from March, so that leap days come last; 400 of them have
/// 146097 days, and the months from March on begin at day (153 m + 2) / 5.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let march_year = if month > 2 { year } else { year - 1 };
    let march_month = (month + 9) % 12;
    let era = march_year.div_euclid(400);
    let year_of_era = march_year.rem_euclid(400);
    let day_of_year = (153 * march_month + 2) / 5 + day - 1;
    era * ERA_DAYS + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - EPOCH_DAYS
}

/// The inverse: year, month 1 to 12, day 1 to 31.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + EPOCH_DAYS;
    let era = shifted.div_euclid(ERA_DAYS);
    let day_of_era = shifted.rem_euclid(ERA_DAYS);
    // Leave the leap days out, then years have 365 days each.
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month, day)
}

const DAY_SECS: i64 = 86_400;
const ERA_DAYS: i64 = 146_097;
/// From 1 March of year 0 to 1 January 1970.
const EPOCH_DAYS: i64 = 719_468;
/// 1 January of year 0, and the last second of 9999.
const FIRST_SECOND: i64 = -62_167_219_200;
const LAST_SECOND: i64 = 253_402_300_799;
const WEEKDAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const LONG_WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn dates_are_rendered_with_the_right_weekday() {
        for (secs, expected) in [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (1_709_164_800, "Thu, 29 Feb 2024 00:00:00 GMT"),
            (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
            (-2_203_891_200, "Thu, 01 Mar 1900 00:00:00 GMT"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
            (i64::MAX, "Fri, 31 Dec 9999 23:59:59 GMT"),
            (i64::MIN, "Sat, 01 Jan 0000 00:00:00 GMT"),
        ] {
            assert_eq!(render(secs), expected, "{secs}");
        }
    }

    #[test]
    fn all_three_forms_are_read() {
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            " Mon, 06 Nov 1994 08:49:37 GMT ",
        ] {
            assert_eq!(parse(text.as_bytes(), 2024), Some(784_111_777), "{text}");
        }
        assert_eq!(parse(b"Wed Nov 16 08:49:37 1994", 2024), Some(784_975_777));
        assert_eq!(parse(b"Sunday, 06-Nov-74 08:49:37 GMT", 2024), Some(3_308_719_777), "2074");
        assert_eq!(parse(b"Sunday, 06-Nov-75 08:49:37 GMT", 2024), Some(184_495_777), "1975");
        assert_eq!(parse(b"Sun, 06 Nov 1994 23:59:60 GMT", 2024), Some(784_166_400));
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "x",
            "Xxx, 06 Nov 1994 08:49:37 GMT",
            "sun, 06 Nov 1994 08:49:37 GMT",
            "Sun, 06 nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 UTC",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49:37 GMT x",
            "Sun, 6 Nov 1994 08:49:37 GMT",
            "Sun, 00 Nov 1994 08:49:37 GMT",
            "Sun, 31 Nov 1994 08:49:37 GMT",
            "Thu, 29 Feb 2001 12:00:00 GMT",
            "Sun, 06 Nov 1994 24:00:00 GMT",
            "Sun, 06 Nov 1994 08:60:00 GMT",
            "Sun, 06 Nov 1994 08:00:61 GMT",
            "Sun, 06 Nov 1994 +8:00:00 GMT",
            "Sun,06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-1994 08:49:37 GMT",
            "Sun Nov 6 08:49:37 1994",
            "S\u{e4}n Nov  6 08:49:37 1994",
            "Sun Nov \u{e4}",
        ] {
            assert_eq!(parse(text.as_bytes(), 2024), None, "{text:?}");
        }
        assert_eq!(parse(b"\xff\xff", 2024), None);
    }

    proptest! {
        #[test]
        fn every_rendered_date_is_read_back(secs in FIRST_SECOND..=LAST_SECOND) {
            prop_assert_eq!(parse(render(secs).as_bytes(), 2024), Some(secs));
        }

        #[test]
        fn no_text_makes_it_panic(text in prop::collection::vec(any::<u8>(), 0..40), year in any::<i16>()) {
            let _ = parse(&text, i64::from(year));
        }
    }
}
