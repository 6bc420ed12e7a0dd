//! How is a point in time written in HTTP, and read back? (RFC 9110 §5.6.7, IMF-fixdate)
//!
//! Only the one form that HTTP writes today: `Sun, 06 Nov 1994 08:49:37 GMT`.
use super::strings::leading_int;

/// Characters of a date.
pub const LEN: usize = 29;

const WEEKDAYS: [&[u8; 3]; 7] = [b"Sun", b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat"];
const MONTHS: [&[u8; 3]; 12] =
    [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];
const SECONDS_PER_DAY: i64 = 86_400;

/// The date for `unix_secs` seconds since 1970; `None` outside the years 0 to 9999, which have no such form.
pub fn render(unix_secs: i64) -> Option<[u8; LEN]> {
    let days = unix_secs.div_euclid(SECONDS_PER_DAY);
    let second = unix_secs.rem_euclid(SECONDS_PER_DAY);
    let (year, month, day) = civil_from_days(days)?;
    // 1970-01-01 was a Thursday.
    let weekday = usize::try_from((days + 4).rem_euclid(7)).ok()?;
    let mut date = *b"Www, 00 Mmm 0000 00:00:00 GMT";
    date[..3].copy_from_slice(WEEKDAYS.get(weekday)?.as_slice());
    put_number(&mut date[5..7], day);
    date[8..11].copy_from_slice(MONTHS.get(usize::try_from(month - 1).ok()?)?.as_slice());
    put_number(&mut date[12..16], year);
    put_number(&mut date[17..19], second / 3600);
    put_number(&mut date[20..22], second / 60 % 60);
    put_number(&mut date[23..25], second % 60);
    Some(date)
}

/// Seconds since 1970 of the date at the start of `text`; `None` if there is none.
///
/// Lax as the original: the weekday must be one but need not be the right one, days beyond the month roll over into
/// the next, a second or minute of 60 into the next minute or hour. Years before 1900 are refused, and so is the second
/// before 1970, which the original uses as its error value.
pub fn parse(text: &[u8]) -> Option<i64> {
    let date: &[u8; LEN] = text.first_chunk()?;
    if !WEEKDAYS.iter().any(|name| date.starts_with(name.as_slice())) {
        return None;
    }
    let separators = [(3, &b", "[..]), (7, b" "), (11, b" "), (16, b" "), (19, b":"), (22, b":"), (25, b" GMT")];
    if separators.iter().any(|&(at, wanted)| !date[at..].starts_with(wanted)) {
        return None;
    }
    let number = |from: usize, to: usize| i64::from(leading_int(&date[from..to]));
    let month = MONTHS.iter().position(|name| date[8..11] == name[..])?;
    let (day, year) = (number(5, 7), number(12, 16));
    let (hour, minute, second) = (number(17, 19), number(20, 22), number(23, 25));
    let is_in_range =
        year >= 1900 && (0..=23).contains(&hour) && (0..=60).contains(&minute) && (0..=61).contains(&second);
    if !is_in_range {
        return None;
    }
    let days = days_from_civil(year, month as i64 + 1) + day - 1;
    Some(days * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second).filter(|&time| time != -1)
}

/// Days from 1970-01-01 to the first of a month, in the Gregorian calendar carried back.
fn days_from_civil(year: i64, month: i64) -> i64 {
    // Years that start in March have the leap day at their end.
    let years = if month < 3 { year - 1 } else { year };
    let month_from_march = (month + 9) % 12;
    let leap_days = years.div_euclid(4) - years.div_euclid(100) + years.div_euclid(400);
    years * 365 + leap_days + (153 * month_from_march + 2) / 5 - DAYS_FROM_YEAR_0_TO_1970
}

/// From 0000-03-01 to 1970-01-01.
const DAYS_FROM_YEAR_0_TO_1970: i64 = 719_468;

/// Year, month (1 to 12) and day (1 to 31); `None` outside the years 0 to 9999.
fn civil_from_days(days: i64) -> Option<(i64, i64, i64)> {
    let (first, last) = (days_from_civil(0, 1), days_from_civil(10_000, 1) - 1);
    if !(first..=last).contains(&days) {
        return None;
    }
    // An estimate that is never too late, and early by less than twenty years.
    let mut year = days.div_euclid(366) + 1970;
    if days < 0 {
        year = days.div_euclid(365) + 1969;
    }
    while days_from_civil(year + 1, 1) <= days {
        year += 1;
    }
    let month = (1..=12).rev().find(|&month| days_from_civil(year, month) <= days)?;
    Some((year, month, days - days_from_civil(year, month) + 1))
}

/// Writes `number` into all of `place`, with leading zeros.
fn put_number(place: &mut [u8], number: i64) {
    let mut rest = number;
    for digit in place.iter_mut().rev() {
        *digit = b'0' + u8::try_from(rest.rem_euclid(10)).unwrap_or(0);
        rest /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(unix_secs: i64) -> String {
        String::from_utf8(render(unix_secs).unwrap().to_vec()).unwrap()
    }

    #[test]
    fn the_weekday_is_the_right_one() {
        assert_eq!(shown(0), "Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(shown(784_111_777), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(shown(951_782_400), "Tue, 29 Feb 2000 00:00:00 GMT");
        assert_eq!(shown(-1), "Wed, 31 Dec 1969 23:59:59 GMT");
        assert_eq!(shown(253_402_300_799), "Fri, 31 Dec 9999 23:59:59 GMT");
    }

    #[test]
    fn years_without_four_digits_are_refused() {
        assert_eq!(render(253_402_300_800), None);
        assert_eq!(render(-62_167_219_201), None);
        assert_eq!(shown(-62_167_219_200), "Sat, 01 Jan 0000 00:00:00 GMT");
        assert_eq!(render(i64::MAX), None);
        assert_eq!(render(i64::MIN), None);
    }

    #[test]
    fn days_beyond_the_month_roll_over() {
        assert_eq!(parse(b"Thu, 29 Feb 2001 12:00:00 GMT"), Some(983_448_000));
        assert_eq!(parse(b"Sun, xx Nov 1994 08:49:37 GMT"), Some(783_593_377));
    }

    #[test]
    fn other_forms_are_refused() {
        for text in
            ["Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994     ", "Sun, 06 Nov 1994 08:49:37 UTC", ""]
        {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_rendered_is_parsed(unix_secs in -2_208_988_800i64..253_402_300_800) {
            let date = render(unix_secs).unwrap();
            prop_assert_eq!(parse(&date), Some(unix_secs).filter(|&time| time != -1));
        }

        #[test]
        fn any_time_and_text_is_survived(unix_secs: i64, text: Vec<u8>, digits in "[A-Z][a-z]{2}, [ -9]{2} Nov [ -9]{4} [ -9]{2}:[ -9]{2}:[ -9]{2} GMT") {
            render(unix_secs);
            parse(&text);
            parse(digits.as_bytes());
        }
    }
}
