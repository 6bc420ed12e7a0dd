//! How are `${name}` references in a text replaced while it streams through a buffer of fixed size?
//!
//! [`advance`] copies text until it needs something: a name looked up, or a new buffer. What must survive in between is
//! in [`State`]. `$x` stays `$x`, and `$$` stays `$$`, whose second `$` may still open a reference.

/// Longest name of a reference.
pub const MAX_NAME: usize = 31;

/// What the end of the text so far was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    #[default]
    Plain,
    /// a `$` that has not been written yet
    Dollar,
    /// a `$` that has been written; `{` behind it still opens a reference
    WrittenDollar,
    /// inside `${`
    Name,
    /// at the `}`, with part of the replacement written
    Replacement,
}

/// The state between calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    pub stage: Stage,
    /// the name read so far, with a NUL behind it
    pub name: [u8; MAX_NAME + 1],
    pub name_len: usize,
}

/// Why [`advance`] stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// the text is used up
    End,
    /// the buffer is full
    Full,
    /// [`State::name`] must be looked up and its replacement written; then [`replaced`] is due
    Replace,
    /// a name is too long
    NameTooLong,
}

/// Where the output goes: real bytes, or a count of them.
pub trait Sink {
    /// Takes one byte; false if there is no room.
    fn put(&mut self, byte: u8) -> bool;
    /// Whether there is no room left.
    fn is_full(&self) -> bool;
}

/// Goes through `text` from `*at` on until something is needed, and leaves `*at` behind what is used up.
///
/// At [`Stop::Replace`] that is the index of the `}`.
pub fn advance(state: &mut State, text: &[u8], at: &mut usize, sink: &mut impl Sink) -> Stop {
    while let Some(&byte) = text.get(*at) {
        match state.stage {
            Stage::Replacement => return Stop::Replace,
            Stage::Name => match byte {
                b'}' => {
                    state.stage = Stage::Replacement;
                    return Stop::Replace;
                }
                _ if state.name_len >= MAX_NAME => return Stop::NameTooLong,
                _ => {
                    state.name[state.name_len] = byte;
                    state.name_len += 1;
                }
            },
            Stage::Dollar | Stage::WrittenDollar if byte == b'{' => {
                *state = State { stage: Stage::Name, ..State::default() };
            }
            Stage::Dollar => {
                if !sink.put(b'$') {
                    return Stop::Full;
                }
                state.stage = if byte == b'$' { Stage::WrittenDollar } else { Stage::Plain };
                if sink.is_full() {
                    return Stop::Full;
                }
                // The byte behind the sign is now looked at again.
                continue;
            }
            Stage::Plain if byte == b'$' => state.stage = Stage::Dollar,
            Stage::Plain | Stage::WrittenDollar => {
                if !sink.put(byte) {
                    return Stop::Full;
                }
                state.stage = if byte == b'$' { Stage::WrittenDollar } else { Stage::Plain };
            }
        }
        *at += 1;
        if sink.is_full() {
            return Stop::Full;
        }
    }
    Stop::End
}

/// The replacement is complete: goes on behind the `}`.
pub fn replaced(state: &mut State, at: &mut usize) {
    state.stage = Stage::Plain;
    *at += 1;
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    struct Room {
        bytes: Vec<u8>,
        size: usize,
    }

    impl Sink for Room {
        fn put(&mut self, byte: u8) -> bool {
            let fits = !self.is_full();
            if fits {
                self.bytes.push(byte);
            }
            fits
        }

        fn is_full(&self) -> bool {
            self.bytes.len() == self.size
        }
    }

    /// Expands `text`, given in pieces, through buffers of `size` bytes; `${a}` is `1`, other names expand to themselves.
    fn expanded<'a>(pieces: impl IntoIterator<Item = &'a [u8]>, size: usize) -> Result<Vec<u8>, Stop> {
        let (mut state, mut all) = (State::default(), Vec::new());
        let mut room = Room { bytes: Vec::new(), size };
        for text in pieces {
            let (mut at, mut done) = (0, 0);
            loop {
                match advance(&mut state, text, &mut at, &mut room) {
                    Stop::End => break,
                    Stop::NameTooLong => return Err(Stop::NameTooLong),
                    Stop::Full => all.append(&mut room.bytes),
                    Stop::Replace => {
                        let name = state.name[..state.name_len].to_vec();
                        let value = if name == b"a" { b"1".to_vec() } else { name };
                        while done < value.len() {
                            if !room.put(value[done]) {
                                all.append(&mut room.bytes);
                            } else {
                                done += 1;
                            }
                        }
                        done = 0;
                        replaced(&mut state, &mut at);
                    }
                }
            }
        }
        all.append(&mut room.bytes);
        Ok(all)
    }

    fn whole(text: &str) -> String {
        String::from_utf8(expanded([text.as_bytes()], 100).unwrap()).unwrap()
    }

    #[test]
    fn references_are_replaced_and_signs_stay() {
        assert_eq!(whole("x${a}y"), "x1y");
        assert_eq!(whole("$x$y"), "$x$y");
        assert_eq!(whole("$$"), "$$");
        assert_eq!(whole("$${a}"), "$$1");
        assert_eq!(whole("$$$x"), "$$$x");
        assert_eq!(whole("}${a}}{a}"), "}1}{a}");
    }

    #[test]
    fn what_is_not_finished_is_not_written() {
        assert_eq!(whole("abc$"), "abc");
        assert_eq!(whole("${a"), "");
    }

    #[test]
    fn long_names_are_refused() {
        assert_eq!(expanded([format!("${{{}}}", "n".repeat(32)).as_bytes()], 9), Err(Stop::NameTooLong));
        assert_eq!(whole(&format!("${{{}}}", "n".repeat(31))), "n".repeat(31));
    }

    proptest! {
        #[test]
        fn neither_pieces_nor_buffers_change_the_result(text in "[${}ab]{0,30}", piece in 1usize..6, size in 1usize..6) {
            let plain = expanded([text.as_bytes()], 1000);
            prop_assert_eq!(expanded(text.as_bytes().chunks(piece), size), plain);
        }
    }
}
