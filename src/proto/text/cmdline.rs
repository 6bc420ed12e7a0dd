//! Which value does a command line give an option?

/// Where the value of an option is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// from this byte of the argument with this index on
    Inside { argument: usize, offset: usize },
    /// the whole argument with this index, the one behind the option
    Next { argument: usize },
}

/// Longest value that is accepted as an argument of its own.
pub const MAX_VALUE: usize = 1024;

/// Looks for the last argument that begins with `option`; the first one, the program's name, does not count.
///
/// `-d 15`, `-d=15` and `-d15` all give `15`; `-d` at the very end gives the empty text behind it. Every argument that
/// begins with the option counts, so `--server` also finds `--server-port`. `arguments` gives the text with an index;
/// there are `count`.
pub fn find<'a>(count: usize, arguments: impl Fn(usize) -> Option<&'a [u8]>, option: &[u8]) -> Option<Found> {
    let (argument, text) = (1..count)
        .rev()
        .find_map(|index| Some((index, arguments(index)?)).filter(|(_, text)| text.starts_with(option)))?;
    let offset = option.len();
    match &text[offset..] {
        [] if argument + 1 < count => {
            let argument = argument + 1;
            let value = arguments(argument)?;
            (value.len() <= MAX_VALUE).then_some(Found::Next { argument })
        }
        [b'=', ..] => Some(Found::Inside { argument, offset: offset + 1 }),
        _ => Some(Found::Inside { argument, offset }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value<'a>(option: &str, arguments: &[&'a str]) -> Option<&'a str> {
        match find(arguments.len(), |index| arguments.get(index).map(|text| text.as_bytes()), option.as_bytes())? {
            Found::Inside { argument, offset } => Some(&arguments[argument][offset..]),
            Found::Next { argument } => Some(arguments[argument]),
        }
    }

    #[test]
    fn all_three_spellings_are_understood() {
        for arguments in [&["p", "-d", "15"][..], &["p", "-d=15"], &["p", "-d15"]] {
            assert_eq!(value("-d", arguments), Some("15"));
        }
    }

    #[test]
    fn the_last_one_wins_and_the_program_name_does_not_count() {
        assert_eq!(value("-d", &["p", "-d15", "-d7"]), Some("7"));
        assert_eq!(value("-d", &["-d", "x"]), None);
        assert_eq!(value("-d", &[]), None);
    }

    #[test]
    fn an_option_at_the_end_has_an_empty_value() {
        assert_eq!(value("-d", &["p", "-d"]), Some(""));
    }

    #[test]
    fn very_long_values_are_refused() {
        let long = "x".repeat(MAX_VALUE + 1);
        assert_eq!(value("-d", &["p", "-d", &long]), None);
        assert_eq!(value("-d", &["p", "-d", &long[1..]]), Some(&long[1..]));
    }

    #[test]
    fn longer_options_with_the_same_start_are_found_too() {
        assert_eq!(value("--server", &["p", "--server", "a", "--server-port", "9"]), Some("-port"));
    }
}
