//! Names in a text that are replaced by values, where a name may be cut in two by the end of a piece.

/// Most bytes of a cut name that are kept for the next piece.
pub const MAX_HELD: usize = 16;

/// What became of a piece.
#[derive(Debug, PartialEq, Eq)]
pub struct Substituted {
    pub text: Vec<u8>,
    /// The start of a name at the end of the piece, to be put in front of the next one.
    pub held: Vec<u8>,
}

/// Replaces every name of `names` (which begin with `$`) by what `value` gives for its number; the longest name wins.
///
/// `None`: the text would be longer than `limit`.
pub fn substitute(
    text: &[u8],
    names: &[&[u8]],
    is_final: bool,
    limit: usize,
    mut value: impl FnMut(usize) -> Vec<u8>,
) -> Option<Substituted> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'$', rest) {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at..];
        let may_continue = names.iter().any(|name| name.len() > rest.len() && name.starts_with(rest));
        if may_continue && !is_final && rest.len() <= MAX_HELD {
            return (out.len() <= limit).then(|| Substituted { text: out, held: rest.to_vec() });
        }
        let found = names.iter().enumerate().filter(|(_, name)| !name.is_empty() && rest.starts_with(name));
        match found.max_by_key(|(_, name)| name.len()) {
            Some((number, name)) => {
                out.extend_from_slice(&value(number));
                rest = &rest[name.len()..];
            }
            None => {
                out.push(b'$');
                rest = &rest[1..];
            }
        }
        if out.len() > limit {
            return None;
        }
    }
    out.extend_from_slice(rest);
    (out.len() <= limit).then_some(Substituted { text: out, held: Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(text: &str, is_final: bool) -> Option<(String, String)> {
        let names: [&[u8]; 3] = [b"$a", b"$ab", b"$long_name"];
        let done = substitute(text.as_bytes(), &names, is_final, 40, |number| format!("<{number}>").into_bytes())?;
        Some((String::from_utf8(done.text).unwrap(), String::from_utf8(done.held).unwrap()))
    }

    #[test]
    fn names_are_replaced_and_cut_ones_are_held() {
        for (text, is_final, out, held) in [
            ("x$a y", false, "x<0> y", ""),
            ("$ab$ac", false, "<1><0>c", ""),
            ("1 $ 2 $z", false, "1 $ 2 $z", ""),
            ("end $long", false, "end ", "$long"),
            ("end $long", true, "end $long", ""),
            ("end $a", false, "end ", "$a"),
            ("end $a", true, "end <0>", ""),
            ("$$a.", false, "$<0>.", ""),
            ("", false, "", ""),
        ] {
            assert_eq!(run(text, is_final), Some((out.into(), held.into())), "{text}");
        }
        assert_eq!(run(&"$a.".repeat(20), true), None);
    }
}
