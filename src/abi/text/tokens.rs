//! `lws_token_to_string`.
use crate::abi::layout::lws_token_indexes;
use crate::abi::{guard, older};
use crate::proto::http::token::Token;
use std::ffi::c_uchar;
use std::sync::LazyLock;

/// The names with a NUL behind each.
static NAMES: LazyLock<Vec<Vec<u8>>> =
    LazyLock::new(|| Token::ALL.iter().map(|token| [token.name().as_bytes(), b"\0"].concat()).collect());

/// Name of a known header, in lower case with its colon, as `lws_add_http_header_by_name` takes it.
///
/// Static. NULL for numbers that are no header of the protocol.
#[unsafe(no_mangle)]
pub extern "C" fn lws_token_to_string(token: lws_token_indexes) -> *const c_uchar {
    guard::pure("lws_token_to_string", std::ptr::null(), || {
        let name = usize::try_from(older::token(token.0)).ok().and_then(|number| NAMES.get(number));
        name.map_or(std::ptr::null(), |name| name.as_ptr())
    })
}
