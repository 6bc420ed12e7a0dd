//! How is a payload masked and unmasked? (RFC 6455 §5.3; masking and unmasking are the same operation.)
//!
//! The loops work on blocks of 32 bytes that the compiler turns into vector instructions; only the last few bytes are
//! handled singly. `apply_bytewise` in the tests is the slow twin.

/// Bytes per step of the wide loop.
const BLOCK: usize = 32;

/// Bytes that [`append_masked`] copies before it masks them: they are still in the first-level cache then.
const STRIDE: usize = 4096;

/// Masks or unmasks `buf` in place. `phase` is the offset of `buf[0]` in the frame's payload; only its remainder by 4
/// counts.
#[inline]
pub fn apply(buf: &mut [u8], key: [u8; 4], phase: usize) {
    let word = u32::from_ne_bytes(advance(key, phase));
    let (blocks, tail) = buf.as_chunks_mut::<BLOCK>();
    if !blocks.is_empty() {
        let mut pattern = [0; BLOCK];
        for part in pattern.as_chunks_mut::<4>().0 {
            *part = word.to_ne_bytes();
        }
        for block in blocks {
            for (byte, mask) in block.iter_mut().zip(pattern) {
                *byte ^= mask;
            }
        }
    }
    let (words, tail) = tail.as_chunks_mut::<8>();
    let double = u64::from(word) << 32 | u64::from(word);
    for bytes in words {
        *bytes = (u64::from_ne_bytes(*bytes) ^ double).to_ne_bytes();
    }
    let (words, rest) = tail.as_chunks_mut::<4>();
    for bytes in words {
        *bytes = (u32::from_ne_bytes(*bytes) ^ word).to_ne_bytes();
    }
    for (byte, mask) in rest.iter_mut().zip(word.to_ne_bytes()) {
        *byte ^= mask;
    }
}

/// Appends a masked copy of a whole `payload` to `out`, in one pass over memory.
#[inline]
pub fn append_masked(out: &mut Vec<u8>, payload: &[u8], key: [u8; 4]) {
    out.reserve(payload.len());
    // STRIDE is a multiple of 4, so every step starts at phase 0.
    for part in payload.chunks(STRIDE) {
        let start = out.len();
        out.extend_from_slice(part);
        if let Some(copied) = out.get_mut(start..) {
            apply(copied, key, 0);
        }
    }
}

/// The key for the bytes that follow `by` bytes masked with `key`: the way to keep the phase in the key itself.
#[inline]
pub const fn advance(key: [u8; 4], by: usize) -> [u8; 4] {
    u32::from_be_bytes(key).rotate_left((by as u32 & 3) * 8).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KEY: [u8; 4] = [0x11, 0x22, 0x33, 0x44];

    /// The definition of RFC 6455 §5.3, byte by byte.
    fn apply_bytewise(buf: &mut [u8], key: [u8; 4], phase: usize) {
        for (i, byte) in buf.iter_mut().enumerate() {
            *byte ^= key[(i + phase) % 4];
        }
    }

    fn sample(len: usize) -> Vec<u8> {
        (0..len).map(|i| (i * 7 + 3) as u8).collect()
    }

    #[test]
    fn fast_and_slow_agree_for_every_length_alignment_and_phase() {
        for len in (0..160).step_by(if cfg!(miri) { 23 } else { 1 }) {
            for offset in 0..BLOCK {
                for phase in 0..4 {
                    let mut fast = sample(offset + len);
                    let mut slow = fast.clone();
                    apply(&mut fast[offset..], KEY, phase);
                    apply_bytewise(&mut slow[offset..], KEY, phase);
                    assert_eq!(fast, slow, "len {len} offset {offset} phase {phase}");
                }
            }
        }
    }

    #[test]
    fn appended_copies_are_masked_across_strides_and_leave_the_rest_alone() {
        for len in [0, 1, 3, 4, 31, 32, 33, STRIDE - 1, STRIDE, STRIDE + 1, 3 * STRIDE + 5] {
            let payload = sample(len);
            let mut expected = payload.clone();
            apply_bytewise(&mut expected, KEY, 0);
            let mut out = b"head".to_vec();
            append_masked(&mut out, &payload, KEY);
            assert_eq!(&out[..4], b"head");
            assert_eq!(&out[4..], expected, "len {len}");
        }
    }

    #[test]
    fn a_very_large_phase_counts_by_its_remainder() {
        let (mut a, mut b) = (sample(50), sample(50));
        apply(&mut a, KEY, usize::MAX);
        apply(&mut b, KEY, 3);
        assert_eq!(a, b);
    }

    proptest! {
        #[test]
        fn masking_in_pieces_equals_masking_at_once(
            data: Vec<u8>, key: [u8; 4], cuts in prop::collection::vec(0usize..40, 0..20),
        ) {
            let mut whole = data.clone();
            apply_bytewise(&mut whole, key, 0);
            let (mut by_phase, mut by_key) = (data.clone(), data.clone());
            let (mut at, mut running) = (0usize, key);
            for cut in cuts.into_iter().chain([usize::MAX]) {
                let end = at.saturating_add(cut).min(data.len());
                apply(&mut by_phase[at..end], key, at);
                apply(&mut by_key[at..end], running, 0);
                running = advance(running, end - at);
                at = end;
            }
            prop_assert_eq!(&by_phase, &whole);
            prop_assert_eq!(&by_key, &whole);
        }
    }
}
