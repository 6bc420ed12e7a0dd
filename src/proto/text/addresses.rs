//! How is an IP address written, read, and compared with a network?
//!
//! Reading is strict and needs no resolver. Writing follows the original, which is not RFC 5952: the *first* run of
//! zero groups is shortened, even if it is a single group and even if a longer one follows.
use super::write::Text;
use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Why a text is no numeric address. The numbers are what the original returns for the same cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum NotNumeric {
    /// something that is no number stands where one must be, or the parts of an IPv4 address are too few
    NoNumber = -1,
    /// a single `:` ends or begins the address
    LoneColon = -2,
    /// no room for the four bytes of an IPv4 address
    NoRoomForV4 = -3,
    /// no room for the 16 bytes of an IPv6 address
    NoRoomForV6 = -4,
    /// a part of an IPv4 address is above 255
    Above255 = -6,
    /// `::` twice, or three colons in a row
    SecondGap = -8,
    /// a character that never occurs at this place
    Foreign = -10,
    /// too many parts, or too few without a `::`
    WrongCount = -12,
}

/// Reads an address whose bytes must fit in `room` bytes.
///
/// IPv4: four decimal parts of up to three digits; leading zeros are decimal too. IPv6: RFC 4291 §2.2 without the
/// embedded IPv4 form, except for `::ffff:1.2.3.4`. Blanks around either are allowed; brackets, scopes and ports not.
pub fn parse(text: &[u8], room: usize) -> Result<IpAddr, NotNumeric> {
    let text = text.trim_ascii();
    if text.contains(&b':') {
        if room < 16 {
            return Err(NotNumeric::NoRoomForV6);
        }
        parse_v6(text).map(IpAddr::V6)
    } else {
        let address = parse_v4(text)?;
        if room < 4 { Err(NotNumeric::NoRoomForV4) } else { Ok(IpAddr::V4(address)) }
    }
}

fn parse_v4(text: &[u8]) -> Result<Ipv4Addr, NotNumeric> {
    let mut octets = [0; 4];
    let mut count = 0;
    for part in text.split(|&byte| byte == b'.') {
        let octet = octets.get_mut(count).ok_or(NotNumeric::WrongCount)?;
        if part.is_empty() || part.len() > 3 || !part.iter().all(u8::is_ascii_digit) {
            return Err(NotNumeric::NoNumber);
        }
        let value = part.iter().fold(0u16, |value, digit| value * 10 + u16::from(digit - b'0'));
        *octet = u8::try_from(value).map_err(|_| NotNumeric::Above255)?;
        count += 1;
    }
    if count == 4 { Ok(Ipv4Addr::from(octets)) } else { Err(NotNumeric::NoNumber) }
}

/// The groups of an IPv6 address read so far, and where the `::` stands among them.
#[derive(Default)]
struct Groups {
    values: [u16; 8],
    count: usize,
    gap: Option<usize>,
}

impl Groups {
    fn push(&mut self, value: u16) -> Result<(), NotNumeric> {
        *self.values.get_mut(self.count).ok_or(NotNumeric::WrongCount)? = value;
        self.count += 1;
        Ok(())
    }

    /// Nothing but `::ffff:` so far: an IPv4 address may follow.
    fn is_mapped_prefix(&self) -> bool {
        self.gap == Some(0) && self.values[..self.count] == [0xffff]
    }

    fn address(mut self) -> Result<Ipv6Addr, NotNumeric> {
        match self.gap {
            None if self.count < 8 => return Err(NotNumeric::WrongCount),
            None => {}
            // The gap stands for at least one group.
            Some(_) if self.count == 8 => return Err(NotNumeric::WrongCount),
            Some(gap) => {
                let zeros = 8 - self.count;
                self.values[gap..].rotate_right(zeros);
                self.values[gap..gap + zeros].fill(0);
            }
        }
        Ok(Ipv6Addr::from(self.values))
    }
}

fn parse_v6(text: &[u8]) -> Result<Ipv6Addr, NotNumeric> {
    let mut groups = Groups::default();
    let mut rest = text;
    loop {
        let is_start = rest.len() == text.len();
        match rest {
            [] => break,
            [b':', b':', b':', ..] => return Err(NotNumeric::SecondGap),
            [b':', b':', after @ ..] => {
                if groups.gap.replace(groups.count).is_some() {
                    return Err(NotNumeric::SecondGap);
                }
                rest = after;
            }
            [b':'] => return Err(NotNumeric::LoneColon),
            [b':', ..] if is_start => return Err(NotNumeric::LoneColon),
            [b':', after @ ..] => rest = after,
            _ => {}
        }
        if rest.is_empty() {
            break;
        }
        let len = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        let (digits, after) = rest.split_at(len);
        match after {
            [b'.', ..] if groups.is_mapped_prefix() => {
                let [a, b, c, d] = parse_v4(rest)?.octets();
                groups.push(u16::from_be_bytes([a, b]))?;
                groups.push(u16::from_be_bytes([c, d]))?;
                break;
            }
            [] | [b':', ..] => groups.push(group(digits)?)?,
            _ => return Err(NotNumeric::Foreign),
        }
        rest = after;
    }
    groups.address()
}

/// One to four hexadecimal digits.
fn group(digits: &[u8]) -> Result<u16, NotNumeric> {
    if !(1..=4).contains(&digits.len()) {
        return Err(NotNumeric::NoNumber);
    }
    digits.iter().try_fold(0u16, |value, &digit| {
        super::hex::digit(digit).map(|digit| value << 4 | u16::from(digit)).ok_or(NotNumeric::NoNumber)
    })
}

/// The bytes of a group and its colon, at the most, and what the original wants beyond them.
const ROOM_PER_GROUP: usize = 8;

/// Writes an address with a NUL into `out` and returns its length.
///
/// An IPv4 address that does not fit is cut, and the size of `out` returned. For IPv6 there must be eight bytes left
/// before every group, else the result is `None` and `out` holds what was written.
pub fn write(address: IpAddr, out: &mut [u8]) -> Option<usize> {
    let mut text = Text::new(out);
    match address {
        IpAddr::V4(address) => {
            // Text has no errors: what does not fit is cut.
            let _ = write!(text, "{address}");
            Some(text.finish_like_snprintf())
        }
        IpAddr::V6(address) => {
            let is_whole = write_v6(address, &mut text);
            let len = text.finish();
            is_whole.then_some(len)
        }
    }
}

fn write_v6(address: Ipv6Addr, text: &mut Text<'_>) -> bool {
    if let Some(v4) = mapped_v4(address) {
        let _ = write!(text, "::ffff:{v4}");
        return text.wanted() == text.written().len();
    }
    let groups = address.segments();
    let gap = groups.iter().position(|&group| group == 0);
    let gap_len = groups.iter().skip(gap.unwrap_or(8)).take_while(|&&group| group == 0).count();
    let mut index = 0;
    while index < 8 {
        if text.room_left() < ROOM_PER_GROUP {
            return false;
        }
        if Some(index) == gap {
            text.push(b"::");
            index += gap_len;
            continue;
        }
        let follows_gap = gap.is_some_and(|gap| index == gap + gap_len);
        let separator = if index == 0 || follows_gap { "" } else { ":" };
        let _ = write!(text, "{separator}{:x}", groups[index]);
        index += 1;
    }
    true
}

/// The IPv4 address in `::ffff:1.2.3.4`.
pub fn mapped_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    address.to_ipv4_mapped()
}

/// Whether `address` lies in the network of the first `bits` bits of `network`.
///
/// A mapped IPv6 address is inside an IPv4 network if its IPv4 address is (`bits` counts as for IPv4). An IPv4 address is
/// in no IPv6 network. No bits: everything that can be compared is inside; more bits than there are count as all.
pub fn is_on_net(address: IpAddr, network: IpAddr, bits: i32) -> bool {
    let bits = u32::try_from(bits).unwrap_or(0);
    match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => same_v4_net(address, network, bits),
        (IpAddr::V6(address), IpAddr::V6(network)) => {
            let mask = u128::MAX.checked_shl(128 - bits.min(128)).unwrap_or(0);
            (u128::from(address) ^ u128::from(network)) & mask == 0
        }
        (IpAddr::V6(address), IpAddr::V4(network)) => {
            mapped_v4(address).is_some_and(|address| same_v4_net(address, network, bits))
        }
        (IpAddr::V4(_), IpAddr::V6(_)) => false,
    }
}

fn same_v4_net(address: Ipv4Addr, network: Ipv4Addr, bits: u32) -> bool {
    let mask = u32::MAX.checked_shl(32 - bits.min(32)).unwrap_or(0);
    (u32::from(address) ^ u32::from(network)) & mask == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(text: &str) -> String {
        let mut out = [0; 64];
        let len = write(parse(text.as_bytes(), 16).unwrap(), &mut out).unwrap();
        String::from_utf8(out[..len].to_vec()).unwrap()
    }

    #[test]
    fn leading_zeros_are_decimal() {
        assert_eq!(shown(" 010.1.02.3 "), "10.1.2.3");
    }

    #[test]
    fn gaps_stand_for_at_least_one_group() {
        assert_eq!(parse(b"1:2:3:4:5:6:7::", 16), Ok("1:2:3:4:5:6:7:0".parse().unwrap()));
        assert_eq!(parse(b"1:2:3:4::5:6:7:8", 16), Err(NotNumeric::WrongCount));
        assert_eq!(parse(b"1::3::5", 16), Err(NotNumeric::SecondGap));
        assert_eq!(parse(b"1:2:3:4:5:6:7:8:9", 16), Err(NotNumeric::WrongCount));
    }

    #[test]
    fn the_first_run_of_zeros_is_shortened() {
        assert_eq!(shown("1:0:0:2:0:0:0:3"), "1::2:0:0:0:3");
        assert_eq!(shown("a:b:c:d:e:f:0:1"), "a:b:c:d:e:f::1");
        assert_eq!(shown("0:0:1:0:0:0:0:0"), "::1:0:0:0:0:0");
        assert_eq!(shown("::"), "::");
        assert_eq!(shown("::FFFF:1.2.3.4"), "::ffff:1.2.3.4");
    }

    #[test]
    fn an_address_that_does_not_fit_is_cut_or_refused() {
        let mut out = [0xa5; 9];
        assert_eq!(write("127.0.0.1".parse().unwrap(), &mut out), Some(9));
        assert_eq!(&out, b"127.0.0.\0");
        assert_eq!(write("1:2::".parse().unwrap(), &mut out), None);
        assert_eq!(write("::ffff:1.2.3.4".parse().unwrap(), &mut out), None);
        assert_eq!(write("::1".parse().unwrap(), &mut []), None);
    }

    #[test]
    fn networks_compare_the_leading_bits() {
        let on_net = |address: &str, network: &str, bits| {
            is_on_net(parse(address.as_bytes(), 16).unwrap(), parse(network.as_bytes(), 16).unwrap(), bits)
        };
        assert!(on_net("10.1.2.3", "10.1.2.2", 31));
        assert!(!on_net("10.1.2.3", "10.1.2.2", 32));
        assert!(!on_net("10.1.2.3", "10.1.2.2", 99));
        assert!(on_net("10.1.2.3", "99.0.0.0", -1));
        assert!(on_net("::ffff:10.1.2.3", "10.0.0.0", 8));
        assert!(!on_net("10.1.2.3", "::ffff:10.0.0.0", 104));
        assert!(on_net("2001:db8::5", "2001:db8::4", 127));
        assert!(on_net("2001:db8::5", "2001:db8::5", 128));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(groups: [u16; 8], zeros: u8, v4: [u8; 4]) {
            let mut groups = groups;
            for (index, group) in groups.iter_mut().enumerate() {
                *group *= u16::from(zeros >> index & 1);
            }
            for address in [IpAddr::from(groups), IpAddr::from(v4)] {
                let mut out = [0; 64];
                let len = write(address, &mut out).unwrap();
                prop_assert_eq!(parse(&out[..len], 16), Ok(address));
            }
        }

        #[test]
        fn accepted_ipv6_means_what_the_standard_library_says(text in "[0-9a-f:]{0,24}") {
            if let Ok(IpAddr::V6(address)) = parse(text.as_bytes(), 16) {
                prop_assert_eq!(text.parse::<Ipv6Addr>(), Ok(address));
            } else {
                prop_assert!(text.parse::<Ipv6Addr>().is_err());
            }
        }

        #[test]
        fn any_text_and_room_is_survived(text: Vec<u8>, room in 0usize..20, address: [u8; 16]) {
            let _ = parse(&text, room);
            write(address.into(), &mut vec![0; room]);
        }
    }
}
