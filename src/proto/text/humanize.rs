//! How is a large number shown to people: `1.476KiB`, `59.999ms`?
use super::write::Text;
use std::fmt::Write;

/// One step of a table of units; tables go from the largest factor to 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit<'a> {
    pub name: &'a [u8],
    pub factor: u64,
}

/// Writes `value` in the first unit of `units` that it reaches (or whose factor is 1): whole units, and for factors
/// above 1 a point and three digits. Writes nothing if there is no such unit.
///
/// The three digits are the remainder in thousandths of the factor *rounded down to an integer*, as the original has
/// them (1536 is `1.512Ki`). Where that would need a fourth digit they are 999.
pub fn humanize<'a>(value: u64, units: impl IntoIterator<Item = Unit<'a>>, out: &mut Text<'_>) {
    let reached = units.into_iter().find(|unit| unit.factor == 1 || unit.factor != 0 && value >= unit.factor);
    let Some(Unit { name, factor }) = reached else {
        return;
    };
    // Text has no errors: what does not fit is cut.
    let _ = if factor == 1 {
        write!(out, "{value}")
    } else {
        let thousandths = value % factor / (factor / 1000).max(1);
        write!(out, "{}.{:03}", value / factor, thousandths.min(999))
    };
    out.push(name);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const UNITS: [Unit<'_>; 3] =
        [Unit { name: b"Mi", factor: 1 << 20 }, Unit { name: b"Ki", factor: 1 << 10 }, Unit { name: b"", factor: 1 }];

    fn shown(value: u64) -> String {
        let mut room = [0; 40];
        let mut out = Text::new(&mut room);
        humanize(value, UNITS, &mut out);
        String::from_utf8(out.written().to_vec()).unwrap()
    }

    #[test]
    fn the_largest_unit_reached_is_used() {
        assert_eq!(shown(0), "0");
        assert_eq!(shown(1023), "1023");
        assert_eq!(shown(1 << 20), "1.000Mi");
    }

    #[test]
    fn the_fraction_never_falls_back_to_zero() {
        assert_eq!(shown(1024 + 999), "1.999Ki");
        assert_eq!(shown(2047), "1.999Ki");
    }

    #[test]
    fn huge_values_keep_all_their_digits() {
        assert_eq!(shown(u64::MAX), "17592186044415.999Mi");
    }

    #[test]
    fn without_units_there_is_no_text() {
        let mut room = [0; 8];
        let mut out = Text::new(&mut room);
        humanize(5, [Unit { name: b"x", factor: 0 }], &mut out);
        assert_eq!(out.written(), b"");
    }

    proptest! {
        #[test]
        fn any_factor_is_survived(value: u64, factor: u64, room in 0usize..30) {
            let mut room = vec![0; room];
            humanize(value, [Unit { name: b"unit", factor }], &mut Text::new(&mut room));
        }
    }
}
