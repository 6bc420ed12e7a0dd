//! How are messages deflated and inflated in bounded steps? (RFC 7692 §7.2)
//!
//! # Theory of operation
//!
//! A compressed message is a raw deflate stream that ends with an empty stored block, 00 00 ff ff, which the sender
//! cuts off and the receiver puts back. Everything before belongs to one endless stream per direction ("context
//! takeover") or, with `no_context_takeover`, to a fresh one per message.
//!
//! **Inflating** goes piece by piece into the caller's buffer, so a message of any size needs a fixed amount of memory.
//! The program wants to know with a piece whether it is the last one of its message, but a deflate stream does not say
//! how much is still in it. So whenever the buffer is full, the inflater goes one byte further and keeps that byte for
//! the next piece: [`InflateStep::drained`] is exact, and there are no empty last pieces behind a full one.
//!
//! A sender may also end a message with a final block (BFINAL, RFC 7692 §7.2.3.4). A new stream starts behind it, with
//! an empty window, as compressors that finish a stream do.
//!
//! **Window sizes**: the deflate code we use has windows of 9 to 15 bits. Inflating 8-bit data with a 9-bit window is
//! always right. Compressing for an 8-bit window works too: the 9-bit compressor keeps 262 bytes of its 512 in reserve
//! and never refers back by more than 250 bytes (pinned by a test), so 8 bits can be agreed to in both directions.
use super::Side;
use super::error::{self, PeerError};
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use std::num::NonZeroU32;

/// What is cut off the end of every compressed message (RFC 7692 §7.2.1).
const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

/// What the deflate code offers.
const MIN_WINDOW_BITS: u8 = 9;
const MAX_WINDOW_BITS: u8 = 15;

/// A message that inflates to no more than this many bytes is never judged by its ratio.
pub const RATIO_GRACE_BYTES: u64 = 64 * 1024;

/// Final blocks in one message; each costs a new stream, and honest senders make one.
const MAX_FINAL_BLOCKS: u32 = 1024;

/// What both ends agreed on (RFC 7692 §7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeflateParams {
    /// The server compresses every message by itself.
    pub server_no_context_takeover: bool,
    /// The client compresses every message by itself.
    pub client_no_context_takeover: bool,
    /// Base-2 logarithm of the server's window, 8 to 15.
    pub server_max_window_bits: u8,
    /// Base-2 logarithm of the client's window, 8 to 15.
    pub client_max_window_bits: u8,
}

impl Default for DeflateParams {
    fn default() -> DeflateParams {
        DeflateParams {
            server_no_context_takeover: false,
            client_no_context_takeover: false,
            server_max_window_bits: MAX_WINDOW_BITS,
            client_max_window_bits: MAX_WINDOW_BITS,
        }
    }
}

impl DeflateParams {
    /// For what the peer sends, when we are on `side`.
    pub fn inflater(&self, side: Side) -> Inflater {
        match side {
            Side::Client => Inflater::new(self.server_max_window_bits, self.server_no_context_takeover),
            Side::Server => Inflater::new(self.client_max_window_bits, self.client_no_context_takeover),
        }
    }

    /// For what we send, when we are on `side`; `level` as for [`Deflater::new`].
    pub fn deflater(&self, side: Side, level: Option<u8>) -> Deflater {
        match side {
            Side::Client => Deflater::new(level, self.client_max_window_bits, self.client_no_context_takeover),
            Side::Server => Deflater::new(level, self.server_max_window_bits, self.server_no_context_takeover),
        }
    }
}

/// What one call of [`Inflater::inflate`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InflateStep {
    /// Bytes written to the start of `out`.
    pub produced: usize,
    /// All input was taken and nothing more can come of it. While this is false call again with the rest of the input.
    pub drained: bool,
    /// `drained`, and the message is over: this was its last piece.
    pub message_done: bool,
}

/// Inflates the messages of one direction.
///
/// Memory: about 48 KiB, whatever the window, from the first compressed message on.
#[derive(Debug)]
pub struct Inflater {
    stream: Option<Decompress>,
    window_bits: u8,
    no_context_takeover: bool,
    max_ratio: Option<NonZeroU32>,
    failed: Option<&'static PeerError>,
    /// The byte that was found behind a full buffer.
    ahead: Option<u8>,
    /// How much of [`TAIL`] was put behind this message.
    tail_fed: usize,
    /// Of this message.
    final_blocks: u32,
    taken: u64,
    given: u64,
}

impl Inflater {
    /// For a peer with a window of 2^`window_bits` bytes. Allocates nothing yet.
    pub fn new(window_bits: u8, no_context_takeover: bool) -> Inflater {
        Inflater {
            stream: None,
            window_bits: window_bits.clamp(MIN_WINDOW_BITS, MAX_WINDOW_BITS),
            no_context_takeover,
            max_ratio: None,
            failed: None,
            ahead: None,
            tail_fed: 0,
            final_blocks: 0,
            taken: 0,
            given: 0,
        }
    }

    /// Refuses messages that inflate to more than `max_ratio` times their compressed size, once they exceed
    /// [`RATIO_GRACE_BYTES`]. `None`, the default: no limit. Deflate reaches 1032 at most.
    pub fn set_max_ratio(&mut self, max_ratio: Option<NonZeroU32>) {
        self.max_ratio = max_ratio;
    }

    /// Inflates from `input[*consumed..]` into `out` and advances `consumed`.
    ///
    /// `end_of_message`: the message has no bytes behind `input`, so its cut tail is put back. Call until
    /// [`InflateStep::drained`], giving the unconsumed rest again; an empty `out` makes no progress. Errors: the data
    /// does not inflate, or the ratio is exceeded; they are final.
    pub fn inflate(
        &mut self,
        input: &[u8],
        consumed: &mut usize,
        end_of_message: bool,
        out: &mut [u8],
    ) -> Result<InflateStep, PeerError> {
        if let Some(error) = self.failed {
            return Err(*error);
        }
        self.step(input, consumed, end_of_message, out).map_err(|error| {
            self.failed = Some(error);
            *error
        })
    }

    fn step(
        &mut self,
        input: &[u8],
        consumed: &mut usize,
        end: bool,
        out: &mut [u8],
    ) -> Result<InflateStep, &'static PeerError> {
        let more = |produced| InflateStep { produced, drained: false, message_done: false };
        let mut produced = 0;
        match (out.first_mut(), self.ahead) {
            (None, _) => return Ok(more(0)),
            (Some(first), Some(byte)) => {
                *first = byte;
                self.ahead = None;
                produced = 1;
            }
            (Some(_), None) => {}
        }
        produced += self.fill(input, consumed, end, out.get_mut(produced..).unwrap_or_default())?;
        if produced == out.len() {
            let mut byte = 0;
            if self.fill(input, consumed, end, std::slice::from_mut(&mut byte))? == 1 {
                self.ahead = Some(byte);
                return Ok(more(produced));
            }
        }
        if end {
            self.end_message();
        }
        Ok(InflateStep { produced, drained: true, message_done: end })
    }

    /// Fills `out` as far as the input goes; less than all of it means that there is nothing more.
    fn fill(
        &mut self,
        input: &[u8],
        consumed: &mut usize,
        end: bool,
        out: &mut [u8],
    ) -> Result<usize, &'static PeerError> {
        let window_bits = self.window_bits;
        let stream = self.stream.get_or_insert_with(|| Decompress::new_with_window_bits(false, window_bits));
        let mut produced = 0;
        loop {
            let room = out.get_mut(produced..).unwrap_or_default();
            if room.is_empty() {
                return Ok(produced);
            }
            let own = input.get(*consumed..).unwrap_or_default();
            let feeds_tail = own.is_empty() && end;
            let source = if feeds_tail { TAIL.get(self.tail_fed..).unwrap_or_default() } else { own };
            let (in_before, out_before) = (stream.total_in(), stream.total_out());
            let Ok(status) = stream.decompress(source, room, FlushDecompress::Sync) else {
                return Err(&error::BAD_DEFLATE);
            };
            let took = (stream.total_in() - in_before) as usize;
            let gave = (stream.total_out() - out_before) as usize;
            *(if feeds_tail { &mut self.tail_fed } else { &mut *consumed }) += took;
            produced += gave;
            self.taken += took as u64;
            self.given += gave as u64;
            if let Some(ratio) = self.max_ratio
                && self.given > RATIO_GRACE_BYTES.max(self.taken.saturating_mul(u64::from(ratio.get())))
            {
                return Err(&error::INFLATES_TOO_MUCH);
            }
            if status == Status::StreamEnd {
                self.final_blocks += 1;
                if self.final_blocks > MAX_FINAL_BLOCKS {
                    return Err(&error::BAD_DEFLATE);
                }
                stream.reset(false);
            } else if took == 0 && gave == 0 {
                // Nothing happens without input; with it, something has to.
                return if source.is_empty() { Ok(produced) } else { Err(&error::BAD_DEFLATE) };
            }
        }
    }

    fn end_message(&mut self) {
        if let Some(stream) = &mut self.stream
            && (self.no_context_takeover || self.final_blocks > 0)
        {
            stream.reset(false);
        }
        (self.tail_fed, self.final_blocks, self.taken, self.given) = (0, 0, 0, 0);
    }
}

/// The compressor failed, which only a fault of ours can cause; the connection has to be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeflateFailed;

/// Deflates the messages of one direction.
///
/// Memory: 250 KiB with a 9-bit window to 380 KiB with a 15-bit window, from the first message on.
#[derive(Debug)]
pub struct Deflater {
    stream: Option<Compress>,
    level: Compression,
    window_bits: u8,
    no_context_takeover: bool,
}

impl Deflater {
    /// `level` 0 to 9, `None` for the usual 6. `window_bits` 8 to 15; see the module about 8. Allocates nothing yet.
    ///
    /// There is no memory level: the deflate code we use does not have that setting.
    pub fn new(level: Option<u8>, window_bits: u8, no_context_takeover: bool) -> Deflater {
        Deflater {
            stream: None,
            level: level.map_or_else(Compression::default, |level| Compression::new(u32::from(level.min(9)))),
            window_bits: window_bits.clamp(MIN_WINDOW_BITS, MAX_WINDOW_BITS),
            no_context_takeover,
        }
    }

    /// Appends to `out` the payload of one frame: `input`, the next piece of the message, compressed.
    ///
    /// `last_of_message`: this frame has FIN. RSV1 belongs on the first frame of the message only. Every frame is
    /// flushed, so the peer can inflate all of it as soon as it arrives.
    pub fn compress_message_piece(
        &mut self,
        input: &[u8],
        last_of_message: bool,
        out: &mut Vec<u8>,
    ) -> Result<(), DeflateFailed> {
        if !input.is_empty() {
            self.deflate(input, out)?;
            if last_of_message {
                let end = out.len().checked_sub(TAIL.len()).ok_or(DeflateFailed)?;
                if out.get(end..) != Some(&TAIL) {
                    return Err(DeflateFailed);
                }
                out.truncate(end);
            }
        } else if last_of_message {
            // All before ends at a byte boundary; the start of an empty stored block follows (RFC 7692 §7.2.3.6).
            out.push(0);
        }
        if let Some(stream) = &mut self.stream
            && last_of_message
            && self.no_context_takeover
        {
            stream.reset();
        }
        Ok(())
    }

    /// Appends all of `input`, flushed.
    fn deflate(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<(), DeflateFailed> {
        let (level, window_bits) = (self.level, self.window_bits);
        let stream = self.stream.get_or_insert_with(|| Compress::new_with_window_bits(level, false, window_bits));
        let mut rest = input;
        loop {
            // Text shrinks to less than half; what does not fit takes another round. A flush needs 6 free bytes.
            out.reserve(64 + rest.len() / 2);
            let (in_before, len_before) = (stream.total_in(), out.len());
            stream.compress_vec(rest, out, FlushCompress::Sync).map_err(|_| DeflateFailed)?;
            let took = (stream.total_in() - in_before) as usize;
            rest = rest.get(took..).unwrap_or_default();
            if out.len() < out.capacity() {
                // Room is left, so all that is to come has come.
                return if rest.is_empty() { Ok(()) } else { Err(DeflateFailed) };
            }
            if took == 0 && out.len() == len_before {
                return Err(DeflateFailed);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HELLO: [u8; 7] = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];

    fn compressed(deflater: &mut Deflater, message: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        deflater.compress_message_piece(message, true, &mut out).expect("compresses");
        out
    }

    /// Inflates one message given in frames, in pieces of at most `room`; checks what every step promises.
    fn inflated(inflater: &mut Inflater, frames: &[&[u8]], room: usize) -> Result<Vec<u8>, PeerError> {
        let mut message = Vec::new();
        let mut out = vec![0; room];
        for (i, frame) in frames.iter().enumerate() {
            let end = i + 1 == frames.len();
            let mut consumed = 0;
            loop {
                let step = inflater.inflate(frame, &mut consumed, end, &mut out)?;
                message.extend_from_slice(&out[..step.produced]);
                assert_eq!(step.message_done, step.drained && end);
                if step.drained {
                    assert_eq!(consumed, frame.len());
                    break;
                }
                assert_eq!(step.produced, room, "only a full buffer interrupts");
            }
        }
        Ok(message)
    }

    #[test]
    fn the_examples_of_rfc_7692_inflate() {
        let takeover = || Inflater::new(15, false);
        assert_eq!(inflated(&mut takeover(), &[&HELLO], 100), Ok(b"Hello".to_vec()));
        // §7.2.3.1: the same in two fragments.
        assert_eq!(inflated(&mut takeover(), &[&HELLO[..3], &HELLO[3..]], 100), Ok(b"Hello".to_vec()));
        // §7.2.3.2: a second message that refers to the first one.
        let mut shared = takeover();
        assert_eq!(inflated(&mut shared, &[&HELLO], 100), Ok(b"Hello".to_vec()));
        assert_eq!(inflated(&mut shared, &[&[0xf2, 0x00, 0x11, 0x00, 0x00]], 100), Ok(b"Hello".to_vec()));
        // §7.2.3.3: a stored block.
        let stored = [0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00];
        assert_eq!(inflated(&mut takeover(), &[&stored], 100), Ok(b"Hello".to_vec()));
        // §7.2.3.4: a final block, and the connection goes on.
        let mut after_final = takeover();
        let with_final = [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00];
        assert_eq!(inflated(&mut after_final, &[&with_final], 100), Ok(b"Hello".to_vec()));
        assert_eq!(inflated(&mut after_final, &[&HELLO], 100), Ok(b"Hello".to_vec()));
        // The same by a sender who forgets the zero byte behind it.
        assert_eq!(inflated(&mut after_final, &[&with_final[..7]], 100), Ok(b"Hello".to_vec()));
        assert_eq!(inflated(&mut after_final, &[&HELLO], 100), Ok(b"Hello".to_vec()));
        // §7.2.3.5: two blocks in one message.
        let two = [0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00];
        assert_eq!(inflated(&mut takeover(), &[&two], 100), Ok(b"Hello".to_vec()));
        // §7.2.3.6: an empty message.
        assert_eq!(inflated(&mut takeover(), &[&[0x00]], 100), Ok(Vec::new()));
    }

    #[test]
    fn hello_is_compressed_as_4_3_5_does_it() {
        let mut deflater = Deflater::new(None, 15, true);
        assert_eq!(compressed(&mut deflater, b"Hello"), HELLO);
        assert_eq!(compressed(&mut deflater, b"Hello"), HELLO, "no context is taken over");
        let mut shared = Deflater::new(None, 15, false);
        assert_eq!(compressed(&mut shared, b"Hello"), HELLO);
        assert!(compressed(&mut shared, b"Hello").len() < HELLO.len(), "the context is taken over");
    }

    #[test]
    fn empty_messages_and_empty_pieces_are_one_zero_byte() {
        for no_context_takeover in [false, true] {
            let mut deflater = Deflater::new(None, 15, no_context_takeover);
            let mut inflater = Inflater::new(15, no_context_takeover);
            for _ in 0..3 {
                assert_eq!(compressed(&mut deflater, b""), [0]);
                assert_eq!(inflated(&mut inflater, &[&[0]], 10), Ok(Vec::new()));
                let full = compressed(&mut deflater, b"between");
                assert_eq!(inflated(&mut inflater, &[&full], 10), Ok(b"between".to_vec()));
            }
            let (mut first, mut middle, mut last) = (Vec::new(), Vec::new(), Vec::new());
            deflater.compress_message_piece(b"first", false, &mut first).expect("compresses");
            deflater.compress_message_piece(b"", false, &mut middle).expect("compresses");
            deflater.compress_message_piece(b"", true, &mut last).expect("compresses");
            assert_eq!((middle.len(), &last[..]), (0, &[0][..]));
            assert_eq!(inflated(&mut inflater, &[&first, &middle, &last], 10), Ok(b"first".to_vec()));
        }
    }

    #[test]
    fn an_exactly_full_last_piece_is_known_to_be_the_last() {
        let message = [b'x'; 4096];
        let bytes = compressed(&mut Deflater::new(None, 15, false), &message);
        for end_together in [true, false] {
            let mut inflater = Inflater::new(15, false);
            let (mut out, mut consumed) = ([0; 1024], 0);
            let mut steps = Vec::new();
            while steps.last().is_none_or(|step: &InflateStep| !step.drained) {
                steps.push(inflater.inflate(&bytes, &mut consumed, end_together, &mut out).expect("inflates"));
            }
            assert_eq!(steps.iter().map(|step| step.produced).collect::<Vec<_>>(), [1024; 4]);
            assert_eq!(steps[3].message_done, end_together);
            if !end_together {
                let done = InflateStep { produced: 0, drained: true, message_done: true };
                assert_eq!(inflater.inflate(&[], &mut 0, true, &mut out), Ok(done));
            }
        }
    }

    #[test]
    fn an_empty_buffer_makes_no_progress_and_does_no_harm() {
        let mut inflater = Inflater::new(15, false);
        let mut consumed = 0;
        let step = inflater.inflate(&HELLO, &mut consumed, true, &mut []).expect("inflates");
        assert_eq!((step, consumed), (InflateStep { produced: 0, drained: false, message_done: false }, 0));
        assert_eq!(inflated(&mut inflater, &[&HELLO], 2), Ok(b"Hello".to_vec()));
    }

    #[test]
    fn garbage_is_refused_for_good() {
        let mut inflater = Inflater::new(15, false);
        assert_eq!(inflated(&mut inflater, &[&[0xff; 20]], 100), Err(error::BAD_DEFLATE));
        assert_eq!(inflated(&mut inflater, &[&HELLO], 100), Err(error::BAD_DEFLATE));
        // A reference into a context that was not taken over.
        let mut fresh = Inflater::new(15, true);
        assert_eq!(inflated(&mut fresh, &[&HELLO], 100), Ok(b"Hello".to_vec()));
        assert_eq!(inflated(&mut fresh, &[&[0xf2, 0x00, 0x11, 0x00, 0x00]], 100), Err(error::BAD_DEFLATE));
    }

    #[test]
    fn endless_final_blocks_are_refused() {
        let finals = [0x03, 0x00].repeat(2000);
        assert_eq!(inflated(&mut Inflater::new(15, false), &[&finals], 100), Err(error::BAD_DEFLATE));
        assert_eq!(inflated(&mut Inflater::new(15, false), &[&finals[..200], &[0]], 100), Ok(Vec::new()));
    }

    #[test]
    fn a_bomb_is_refused_with_a_ratio_limit_and_passes_without() {
        let message = vec![0; 4 << 20];
        let bomb = compressed(&mut Deflater::new(Some(9), 15, false), &message);
        assert!(bomb.len() < message.len() / 500);
        let limited = |ratio| {
            let mut inflater = Inflater::new(15, false);
            inflater.set_max_ratio(NonZeroU32::new(ratio));
            inflated(&mut inflater, &[&bomb], 4096).map(|message| message.len())
        };
        assert_eq!(limited(100), Err(error::INFLATES_TOO_MUCH));
        assert_eq!(limited(1100), Ok(message.len()));
        assert_eq!(limited(0), Ok(message.len()), "no limit");
        // Small messages may have any ratio, and the count starts anew with every message.
        let small = compressed(&mut Deflater::new(Some(9), 15, true), &[0; 60_000]);
        let mut inflater = Inflater::new(15, true);
        inflater.set_max_ratio(NonZeroU32::new(10));
        for _ in 0..5 {
            assert_eq!(inflated(&mut inflater, &[&small], 4096).map(|message| message.len()), Ok(60_000));
        }
    }

    #[test]
    fn a_flush_that_just_fits_its_room_is_complete() {
        // Every amount of spare capacity in front of the flush, so that it also ends exactly at the end of the room.
        let noise: Vec<u8> = (0..300u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        for len in (1..300).step_by(if cfg!(miri) { 75 } else { 1 }) {
            let mut deflater = Deflater::new(None, 15, false);
            let mut inflater = Inflater::new(15, false);
            for _ in 0..3 {
                let mut out = Vec::with_capacity(len);
                deflater.compress_message_piece(&noise[..len], true, &mut out).expect("compresses");
                assert_eq!(inflated(&mut inflater, &[&out], 64), Ok(noise[..len].to_vec()));
            }
        }
    }

    /// A message with repetitions near and far, and some noise.
    fn message() -> impl Strategy<Value = Vec<u8>> {
        let words = prop::collection::vec((any::<u8>(), 0usize..400), 0..40);
        (words, prop::collection::vec(any::<u8>(), 0..50)).prop_map(|(words, noise)| {
            let mut message = noise;
            for (byte, len) in words {
                match byte {
                    0..=99 => message.extend(std::iter::repeat_n(byte, len)),
                    100..=199 => message.extend((0..len).map(|i| (i * usize::from(byte)) as u8)),
                    _ => message.extend_from_within(message.len() / 2..(message.len() / 2 + len).min(message.len())),
                }
            }
            message
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 2 } else { 64 }))]
        #[test]
        fn messages_survive_all_parameters_fragments_and_buffers(
            messages in prop::collection::vec(prop::collection::vec(message(), 1..4), 1..5),
            bits in 8u8..16, no_context_takeover: bool, level in prop::option::of(0u8..10),
            room in 1usize..600, cut in 1usize..700,
        ) {
            let mut deflater = Deflater::new(level, bits, no_context_takeover);
            let mut inflater = Inflater::new(bits, no_context_takeover);
            for message in messages {
                let mut bytes = Vec::new();
                for (i, piece) in message.iter().enumerate() {
                    deflater.compress_message_piece(piece, i + 1 == message.len(), &mut bytes).expect("compresses");
                }
                let frames: Vec<&[u8]> = bytes.chunks(cut).collect();
                prop_assert_eq!(inflated(&mut inflater, &frames, room), Ok(message.concat()));
            }
        }

        #[test]
        fn any_bytes_are_inflated_or_refused_within_bounds(bytes: Vec<u8>, bits in 8u8..16, room in 1usize..100) {
            let mut inflater = Inflater::new(bits, false);
            for frame in bytes.chunks(37) {
                if inflated(&mut inflater, &[frame], room).is_err() {
                    break;
                }
            }
        }
    }

    #[test]
    fn a_compressor_for_8_bits_refers_back_by_at_most_256_bytes() {
        let text: Vec<u8> = (0..30_000u32).map(|i| (i * i / 7 % 251) as u8 & 0x1f).collect();
        let farthest_reference = |level, window_bits| {
            let mut farthest_of_all = 0;
            for message in [&text[..], &[0; 5000], &text[..240].repeat(20), &text[..700].repeat(20)] {
                let mut deflater = Deflater::new(Some(level), window_bits, false);
                let mut bytes = Vec::new();
                for piece in message.chunks(999) {
                    deflater.compress_message_piece(piece, false, &mut bytes).expect("compresses");
                }
                let (inflated, farthest) = reference::inflate(&bytes);
                assert!(inflated == message, "level {level}");
                farthest_of_all = farthest.max(farthest_of_all);
            }
            farthest_of_all
        };
        for level in 1..10 {
            let farthest = farthest_reference(level, 8);
            assert!((200..=256).contains(&farthest), "level {level}: {farthest}");
            assert!(farthest_reference(level, 10) > 256, "level {level}");
        }
    }

    /// A slow inflater that follows RFC 1951 to the letter and tells how far the data refers back.
    mod reference {
        const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

        struct Bits<'a> {
            bytes: &'a [u8],
            at: usize,
        }

        impl Bits<'_> {
            fn take(&mut self, count: u32) -> usize {
                (0..count).fold(0, |value, i| value | (self.bit() << i))
            }

            fn bit(&mut self) -> usize {
                let bit = self.bytes[self.at / 8] >> (self.at % 8) & 1;
                self.at += 1;
                usize::from(bit)
            }

            /// Decodes one symbol of a canonical Huffman code given by its code lengths.
            fn symbol(&mut self, lengths: &[usize]) -> usize {
                let (mut code, mut first) = (0, 0);
                for len in 1.. {
                    code |= self.bit();
                    let of_this_length = lengths.iter().filter(|l| **l == len).count();
                    if code < first + of_this_length {
                        let nth = code - first;
                        return lengths.iter().enumerate().filter(|(_, l)| **l == len).nth(nth).expect("in the code").0;
                    }
                    (code, first) = (code << 1, (first + of_this_length) << 1);
                }
                unreachable!("codes end")
            }
        }

        pub fn inflate(bytes: &[u8]) -> (Vec<u8>, usize) {
            let mut bits = Bits { bytes, at: 0 };
            let (mut out, mut farthest) = (Vec::new(), 0);
            while bits.at < bytes.len() * 8 {
                bits.bit();
                let (literals, distances) = match bits.take(2) {
                    0 => {
                        bits.at = bits.at.next_multiple_of(8);
                        let len = bits.take(16);
                        bits.take(16);
                        out.extend((0..len).map(|_| bits.take(8) as u8));
                        continue;
                    }
                    1 => {
                        let len = |i| {
                            if i < 144 {
                                8
                            } else if i < 256 {
                                9
                            } else if i < 280 {
                                7
                            } else {
                                8
                            }
                        };
                        ((0..288).map(len).collect(), vec![5; 30])
                    }
                    _ => dynamic(&mut bits),
                };
                loop {
                    match bits.symbol(&literals) {
                        256 => break,
                        byte @ 0..256 => out.push(byte as u8),
                        symbol => {
                            let i = symbol - 257;
                            let extra = (i as u32 / 4).saturating_sub(1);
                            let base = if i < 4 { i + 3 } else { ((4 + i % 4) << extra) + 3 };
                            let len = if i == 28 { 258 } else { base + bits.take(extra) };
                            let code = bits.symbol(&distances);
                            let extra = (code as u32 / 2).saturating_sub(1);
                            let base = if code < 2 { code + 1 } else { ((2 + code % 2) << extra) + 1 };
                            let distance = base + bits.take(extra);
                            farthest = farthest.max(distance);
                            (0..len).for_each(|_| out.push(out[out.len() - distance]));
                        }
                    }
                }
            }
            (out, farthest)
        }

        fn dynamic(bits: &mut Bits<'_>) -> (Vec<usize>, Vec<usize>) {
            let (literals, distances, codes) = (bits.take(5) + 257, bits.take(5) + 1, bits.take(4) + 4);
            let mut of_codes = [0; 19];
            for place in &ORDER[..codes] {
                of_codes[*place] = bits.take(3);
            }
            let mut lengths = Vec::new();
            while lengths.len() < literals + distances {
                let (value, times) = match bits.symbol(&of_codes) {
                    16 => (*lengths.last().expect("something to repeat"), 3 + bits.take(2)),
                    17 => (0, 3 + bits.take(3)),
                    18 => (0, 11 + bits.take(7)),
                    len => (len, 1),
                };
                lengths.extend(std::iter::repeat_n(value, times));
            }
            let distances = lengths.split_off(literals);
            (lengths, distances)
        }
    }
}
