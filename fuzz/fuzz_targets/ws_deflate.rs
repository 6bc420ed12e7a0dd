#![no_main]
//! permessage-deflate: what a peer sends inflates in bounded steps, the same however it is cut; what we deflate comes
//! back.
use libfuzzer_sys::fuzz_target;
use oxlws_fuzz::whole_and_cut;
use std::num::NonZeroU32;
use websockets::proto::ws::deflate::Inflater;

const MOST: usize = 1 << 20;

fn inflate(pieces: &[&[u8]], bits: u8, takeover: bool, ratio: Option<NonZeroU32>, room: usize) -> Result<Vec<u8>, ()> {
    let mut inflater = Inflater::new(bits, takeover);
    inflater.set_max_ratio(ratio);
    let (mut all, mut out) = (Vec::new(), vec![0; room]);
    let count = pieces.len();
    for (number, piece) in pieces.iter().enumerate() {
        let mut consumed = 0;
        loop {
            let before = consumed;
            let step = inflater.inflate(piece, &mut consumed, number + 1 == count, &mut out).map_err(|_| ())?;
            assert!(step.produced <= room && consumed <= piece.len());
            all.extend_from_slice(&out[..step.produced]);
            if step.drained {
                break;
            }
            assert!(step.produced > 0 || consumed > before, "no progress");
            if all.len() > MOST {
                return Ok(all);
            }
        }
    }
    if let Some(ratio) = ratio {
        let taken: usize = pieces.iter().map(|piece| piece.len()).sum();
        let most = (taken as u64 * u64::from(ratio.get())).max(64 * 1024) + 2 * room as u64;
        assert!(all.len() as u64 <= most, "{} of {taken}", all.len());
    }
    Ok(all)
}

fuzz_target!(|data: &[u8]| {
    let Some((&flags, data)) = data.split_first() else { return };
    let Some((whole, pieces)) = whole_and_cut(data) else { return };
    if whole.is_empty() {
        return;
    }
    let (bits, takeover) = (8 + flags % 8, flags & 8 != 0);
    let ratio = if flags & 16 != 0 { NonZeroU32::new(u32::from(flags >> 5) + 1) } else { None };
    let one = inflate(&[whole], bits, takeover, ratio, 4096);
    let cut = inflate(&pieces, bits, takeover, ratio, 1 + usize::from(flags) * 7);
    if let (Ok(one), Ok(cut)) = (&one, &cut)
        && one.len().max(cut.len()) <= MOST
    {
        assert_eq!(one, cut);
    }
    if ratio.is_none() {
        assert_eq!(one.is_ok(), cut.is_ok());
    }
});
