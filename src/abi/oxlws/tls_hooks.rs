//! The hooks of TLS configurations, called: the engine's question becomes a struct of C, the answer a decision.
//!
//! # What C promises
//! The functions were given with the configuration and may be called as long as anything uses it, with their `user`. They
//! may call any function of the library, which is why nothing is borrowed here while they run.
// A `wsi` is a name that goes on to the program; nothing is behind it.
#![allow(unsafe_code, clippy::not_unsafe_ptr_arg_deref)]

use super::types::{oxlws_tls_key_log_cb, oxlws_tls_peer, oxlws_tls_verify_cb};
use crate::abi::layout::lws;
use crate::engine::tls::hooks::{Answer, Hook, Question};
use crate::proto::x509::Certificate;
use aws_lc_rs::digest::{SHA256, digest};
use std::ffi::{CStr, CString, c_int, c_void};
use std::ptr;

/// Values of C; include/oxlws.h has the same.
mod value {
    use std::ffi::c_int;
    pub const GOOD: c_int = 0;
    pub const ALLOWED_BY_FLAGS: c_int = 1;
    pub const NO_CERTIFICATE: c_int = 2;
    pub const UNKNOWN_ISSUER: c_int = 3;
    pub const SELF_SIGNED: c_int = 4;
    pub const WRONG_NAME: c_int = 5;
    pub const EXPIRED: c_int = 6;
    pub const NOT_YET_VALID: c_int = 7;
    pub const OTHER_PROBLEM: c_int = 8;
    pub const AS_VERIFIED: c_int = 0;
    pub const ACCEPT: c_int = 1;
}

/// A function of C as the engine keeps it.
pub fn verify_hook(function: oxlws_tls_verify_cb, user: *mut c_void) -> Option<Hook> {
    let function = function? as *const c_void;
    Some(Hook { function: function.expose_provenance(), user: user.expose_provenance() })
}

pub fn key_log_hook(function: oxlws_tls_key_log_cb, user: *mut c_void) -> Option<Hook> {
    let function = function? as *const c_void;
    Some(Hook { function: function.expose_provenance(), user: user.expose_provenance() })
}

/// Asks the program. Whatever goes wrong is a refusal.
pub fn judge(wsi: *mut lws, hook: Hook, question: &Question) -> Answer {
    let function: *const c_void = ptr::with_exposed_provenance(hook.function);
    // SAFETY: it was made of such a function, in `verify_hook`; None is the null pointer.
    let function = unsafe { std::mem::transmute::<*const c_void, oxlws_tls_verify_cb>(function) };
    let Some(function) = function else { return Answer::Refuse };
    let (verdict, openssl_number, text) = in_c(question);
    let Ok(host) = question.host.as_deref().map(CString::new).transpose() else { return Answer::Refuse };
    let der: Vec<*const u8> = question.chain.iter().map(|certificate| certificate.as_ptr()).collect();
    let der_len: Vec<usize> = question.chain.iter().map(|certificate| certificate.len()).collect();
    let (certificate_sha256, key_sha256) = fingerprints(question);
    let peer = oxlws_tls_peer {
        size: size_of::<oxlws_tls_peer>(),
        wsi,
        user: ptr::with_exposed_provenance_mut(hook.user),
        host: host.as_ref().map_or(ptr::null(), |host| host.as_ptr()),
        verdict,
        openssl_number,
        text: text.as_ptr(),
        certificates: der.len(),
        der: der.as_ptr(),
        der_len: der_len.as_ptr(),
        certificate_sha256,
        key_sha256,
    };
    // SAFETY: see the module; everything that the struct points to outlives the call.
    match unsafe { function(&raw const peer) } {
        value::AS_VERIFIED => Answer::AsVerified,
        value::ACCEPT => Answer::Accept,
        _ => Answer::Refuse,
    }
}

/// Tells the program a line of the key log.
pub fn tell(wsi: *mut lws, hook: Hook, line: &CStr) {
    let function: *const c_void = ptr::with_exposed_provenance(hook.function);
    // SAFETY: it was made of such a function, in `key_log_hook`; None is the null pointer.
    let function = unsafe { std::mem::transmute::<*const c_void, oxlws_tls_key_log_cb>(function) };
    if let Some(function) = function {
        // SAFETY: see the module.
        unsafe { function(wsi, line.as_ptr(), ptr::with_exposed_provenance_mut(hook.user)) };
    }
}

/// The library's verdict: kind, OpenSSL's number, words.
fn in_c(question: &Question) -> (c_int, c_int, CString) {
    let in_words = |text: &str| CString::new(text.replace('\0', " ")).unwrap_or_default();
    match &question.verdict {
        Ok(_) if question.chain.is_empty() => (value::NO_CERTIFICATE, 0, in_words("the client shows no certificate")),
        Ok(verdict) if verdict.forgiven.is_empty() => (value::GOOD, 0, CString::default()),
        Ok(verdict) => (value::ALLOWED_BY_FLAGS, 0, in_words(&verdict.forgiven.join("; "))),
        Err(failure) => {
            let kind = match failure.openssl_number {
                2 | 20 | 21 => value::UNKNOWN_ISSUER,
                18 | 19 => value::SELF_SIGNED,
                62 => value::WRONG_NAME,
                10 => value::EXPIRED,
                9 => value::NOT_YET_VALID,
                _ => value::OTHER_PROBLEM,
            };
            (kind, failure.openssl_number, in_words(&failure.what))
        }
    }
}

/// SHA-256 of the certificate and of its public key.
fn fingerprints(question: &Question) -> ([u8; 32], [u8; 32]) {
    let sha256 = |bytes: &[u8]| <[u8; 32]>::try_from(digest(&SHA256, bytes).as_ref()).unwrap_or_default();
    let Some(leaf) = question.chain.first() else { return Default::default() };
    let key = Certificate::from_der(leaf).map(|facts| sha256(facts.public_key_der())).unwrap_or_default();
    (sha256(leaf), key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::c_char;

    unsafe extern "C" fn answers_seven(_peer: *const oxlws_tls_peer) -> c_int {
        7
    }

    unsafe extern "C" fn counts(_wsi: *mut lws, line: *const c_char, user: *mut c_void) {
        // SAFETY: the test below gives both.
        unsafe { *user.cast::<usize>() += CStr::from_ptr(line).count_bytes() };
    }

    #[test]
    fn an_unknown_answer_refuses() {
        let question = Question { chain: Vec::new(), host: None, verdict: Ok(Default::default()) };
        let hook = verify_hook(Some(answers_seven), ptr::null_mut()).unwrap();
        assert_eq!(judge(ptr::null_mut(), hook, &question), Answer::Refuse);
        assert_eq!(judge(ptr::null_mut(), Hook { function: 0, user: 0 }, &question), Answer::Refuse);
    }

    #[test]
    fn lines_reach_the_program_with_its_pointer() {
        let mut bytes = 0usize;
        let hook = key_log_hook(Some(counts), (&raw mut bytes).cast()).unwrap();
        tell(ptr::null_mut(), hook, c"12345");
        assert_eq!(bytes, 5);
    }
}
