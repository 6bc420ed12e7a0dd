//! What the fuzz targets share: how an input is cut into pieces.
//!
//! Most targets state one rule: however the bytes of a peer are cut, the events are the same. So each input begins
//! with a byte that says how it is cut.

/// The rest of `data` as one piece, and the same cut by a pattern that its first byte chooses.
pub fn whole_and_cut(data: &[u8]) -> Option<(&[u8], Vec<&[u8]>)> {
    let (&seed, rest) = data.split_first()?;
    Some((rest, cut(rest, seed)))
}

/// Pieces of `bytes`; `seed` chooses their sizes.
pub fn cut(bytes: &[u8], seed: u8) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    let (mut rest, mut state) = (bytes, u32::from(seed).wrapping_mul(0x9e37_79b9) | 1);
    while !rest.is_empty() {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let size = match seed % 4 {
            0 => 1,
            1 => 1 + (state >> 24) as usize % 3,
            2 => 1 + (state >> 20) as usize % 64,
            _ => 1 + (state >> 16) as usize % 2048,
        };
        let (piece, tail) = rest.split_at(size.min(rest.len()));
        pieces.push(piece);
        rest = tail;
    }
    pieces
}
