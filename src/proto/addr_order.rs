//! In which order, and when, are a server's addresses tried? (RFC 8305, "happy eyeballs")
//!
//! [`interleave`] alternates the families so that one that is broken costs little. The caller starts the first at once,
//! the next one [`STAGGER_US`] later or as soon as one has failed, and takes the first attempt that succeeds.

use std::net::SocketAddr;

/// Time between two attempts while the earlier ones are still undecided (RFC 8305 §5), in microseconds.
pub const STAGGER_US: u64 = 250_000;

/// Orders resolved addresses for trying: families alternate, beginning with that of the first; within a family the
/// resolver's order stays. An address that is there twice is tried once.
pub fn interleave(resolved: &[SocketAddr]) -> Vec<SocketAddr> {
    let Some(first) = resolved.first() else { return Vec::new() };
    let mut unique: Vec<SocketAddr> = Vec::with_capacity(resolved.len());
    for address in resolved {
        if !unique.contains(address) {
            unique.push(*address);
        }
    }
    let (preferred, others): (Vec<_>, Vec<_>) = unique.into_iter().partition(|a| a.is_ipv4() == first.is_ipv4());
    let mut out = Vec::with_capacity(resolved.len());
    let (mut preferred, mut others) = (preferred.into_iter(), others.into_iter());
    loop {
        let pair = [preferred.next(), others.next()];
        if pair == [None, None] {
            return out;
        }
        out.extend(pair.into_iter().flatten());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(texts: &[&str]) -> Vec<SocketAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn families_alternate_beginning_with_the_first() {
        let resolved = addresses(&["[::1]:1", "[::2]:1", "[::3]:1", "1.1.1.1:1", "1.1.1.2:1"]);
        assert_eq!(interleave(&resolved), addresses(&["[::1]:1", "1.1.1.1:1", "[::2]:1", "1.1.1.2:1", "[::3]:1"]));
        let resolved = addresses(&["1.1.1.1:1", "[::1]:1", "[::2]:1"]);
        assert_eq!(interleave(&resolved), resolved);
        assert!(interleave(&[]).is_empty());
    }

    #[test]
    fn an_address_is_tried_once() {
        let resolved = addresses(&["1.1.1.1:1", "1.1.1.1:1", "1.1.1.1:2"]);
        assert_eq!(interleave(&resolved), addresses(&["1.1.1.1:1", "1.1.1.1:2"]));
    }
}
