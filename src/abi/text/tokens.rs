//! `lws_token_to_string`.
use crate::abi::layout::lws_token_indexes;
use crate::abi::{guard, older};
use crate::proto::http::token::Token;
use std::ffi::{CStr, c_uchar};
use std::sync::LazyLock;

/// The names with a NUL behind each.
static NAMES: LazyLock<Vec<Vec<u8>>> =
    LazyLock::new(|| Token::ALL.iter().map(|token| [token.name().as_bytes(), b"\0"].concat()).collect());

/// What 4.1.6 calls some of its numbers otherwise: the end of the head, the methods without their blank, the arguments of
/// the request, and the last number, which has no name.
const OLDER_NAMES: [(u32, &CStr); 6] =
    [(8, c"\r\n"), (73, c"patch"), (74, c"put"), (75, c"delete"), (76, c"uri-args"), (87, c"")];

/// Name of a known header, in lower case with its colon, as `lws_add_http_header_by_name` takes it.
///
/// Static. NULL for numbers that are no header of the protocol.
#[unsafe(no_mangle)]
pub extern "C" fn lws_token_to_string(token: lws_token_indexes) -> *const c_uchar {
    guard::pure("lws_token_to_string", std::ptr::null(), || {
        let older = OLDER_NAMES.iter().find(|(number, _)| cfg!(feature = "abi41") && *number == token.0);
        if let Some((_, name)) = older {
            return name.as_ptr().cast();
        }
        let name = usize::try_from(older::token(token.0)).ok().and_then(|number| NAMES.get(number));
        name.map_or(std::ptr::null(), |name| name.as_ptr())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(number: u32) -> Option<&'static CStr> {
        let name = lws_token_to_string(lws_token_indexes(number));
        // SAFETY: NULL or a static text.
        (!name.is_null()).then(|| unsafe { CStr::from_ptr(name.cast()) })
    }

    #[test]
    fn names_are_those_of_the_release() {
        let older = cfg!(feature = "abi41");
        for (number, in_4_1, in_4_3) in [
            (0, Some(c"get "), Some(c"get ")),
            (3, Some(c"host:"), Some(c"host:")),
            (8, Some(c"\r\n"), Some(c"")),
            (73, Some(c"patch"), Some(c"patch ")),
            (74, Some(c"put"), Some(c"put ")),
            (75, Some(c"delete"), Some(c"delete ")),
            (76, Some(c"uri-args"), Some(c"")),
        ] {
            assert_eq!(name(number), if older { in_4_1 } else { in_4_3 }, "{number}");
        }
        assert_eq!(name(87), Some(if older { c"" } else { c"x-amzn-dss-signature:" }));
        assert!(!older || name(88).is_none());
        assert_eq!(name(1000), None);
    }
}
