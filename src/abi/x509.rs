//! `lws_x509_*`: facts of a certificate that a program holds.
//!
//! An object is made by `lws_x509_create`, filled from PEM, asked, and given back with `lws_x509_destroy`. Nothing here
//! touches a context: objects may be used in any thread, one thread at a time.
//!
//! # What C promises
//! Objects come from `lws_x509_create` and are not used after `lws_x509_destroy`; a result buffer has room for the union,
//! and for `len` bytes at `ns.name`.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::layout::*;
use super::{cstr, guard};
use crate::engine::log::{self, Level};
use crate::proto::x509::{Certificate, printable};
use std::ffi::{c_char, c_int, c_void};
use std::ptr;

/// What is behind a `struct lws_x509_cert *`.
#[derive(Default)]
struct Held {
    certificate: Option<Certificate>,
}

/// # Safety
/// NULL or an object of `lws_x509_create`, used by this thread alone.
unsafe fn held<'a>(x509: *mut lws_x509_cert) -> Option<&'a mut Held> {
    // SAFETY: the caller's promise.
    unsafe { x509.cast::<Held>().as_mut() }
}

/// Makes an empty certificate object. Returns 0, or 1 for a NULL argument.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_x509_create(x509: *mut *mut lws_x509_cert) -> c_int {
    guard::pure("lws_x509_create", 1, || {
        if x509.is_null() {
            return 1;
        }
        // SAFETY: the program's variable.
        unsafe { *x509 = Box::into_raw(Box::<Held>::default()).cast() };
        0
    })
}

/// Frees a certificate object and sets the variable to NULL. NULL is allowed in both places.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_x509_destroy(x509: *mut *mut lws_x509_cert) {
    guard::pure("lws_x509_destroy", (), || {
        if x509.is_null() {
            return;
        }
        // SAFETY: the program's variable; see the module.
        unsafe {
            let object = ptr::replace(x509, ptr::null_mut());
            if !object.is_null() {
                drop(Box::from_raw(object.cast::<Held>()));
            }
        }
    });
}

/// Takes the first certificate of a PEM text of `len` bytes; a final NUL may be counted or not.
///
/// Returns 0, or -1 if there is none or it cannot be read; the object then keeps what it had.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_x509_parse_from_pem(x509: *mut lws_x509_cert, pem: *const c_void, len: usize) -> c_int {
    const NAME: &str = "lws_x509_parse_from_pem";
    guard::pure(NAME, -1, || {
        // SAFETY: see the module; `len` readable bytes.
        let (Some(held), text) = (unsafe { (held(x509), cstr::bytes(pem.cast(), len)) }) else { return -1 };
        match Certificate::from_pem(text) {
            Ok(certificate) => {
                held.certificate = Some(certificate);
                0
            }
            Err(why) => {
                log::process(Level::Err, NAME, format_args!("unable to parse PEM cert: {why}"));
                -1
            }
        }
    })
}

/// Answers a question about the certificate; texts and blobs go to `buf->ns`, `len` bytes at `ns.name` (0: 64).
///
/// Returns 0; 1 if the certificate has no such extension; -1 if there is no certificate, the question does not apply or
/// the room is too small (then `ns.len` is the size needed). An issuer's name that is too long is cut.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_x509_info(
    x509: *mut lws_x509_cert,
    r#type: lws_tls_cert_info,
    buf: *mut lws_tls_cert_info_results,
    len: usize,
) -> c_int {
    guard::pure("lws_x509_info", -1, || {
        // SAFETY: see the module.
        unsafe { info(held(x509).and_then(|held| held.certificate.as_ref()), r#type, buf, len) }
    })
}

/// Whether `trusted` is named as the issuer of `x509`, by names and key ids; signatures are not looked at.
///
/// `common_name`: NULL, or what the subject's CN must be, exactly. Returns 0, or -1: the log says why. This is no proof of
/// anything: TLS connections verify for themselves.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_x509_verify(
    x509: *mut lws_x509_cert,
    trusted: *mut lws_x509_cert,
    common_name: *const c_char,
) -> c_int {
    const NAME: &str = "lws_x509_verify";
    guard::pure(NAME, -1, || {
        // SAFETY: see the module. Both may be the same object, so only shared borrows are made.
        let (own, issuer, wanted) = unsafe {
            let own = x509.cast::<Held>().cast_const().as_ref().and_then(|held| held.certificate.as_ref());
            let issuer = trusted.cast::<Held>().cast_const().as_ref().and_then(|held| held.certificate.as_ref());
            (own, issuer, cstr::text(common_name))
        };
        let why = match (own, issuer, wanted) {
            (None, ..) => Some("there is no certificate to verify".to_owned()),
            (_, None, _) => Some("there is no trusted certificate".to_owned()),
            (Some(own), _, Some(wanted)) if common_name_of(own).as_bytes() != wanted.to_bytes() => {
                let (found, wanted) = (printable(common_name_of(own)), printable(&wanted.to_string_lossy()));
                Some(format!("common name mismatch: it is '{found}', wanted is '{wanted}'"))
            }
            (Some(own), Some(issuer), _) => {
                let why = own.why_not_issued_by(issuer);
                why.map(|why| format!("unable to verify cert relationship: {why}"))
            }
        };
        // The program's log function is called without a borrow of its objects.
        match why {
            Some(why) => {
                log::process(Level::Err, NAME, format_args!("{why}"));
                -1
            }
            None => 0,
        }
    })
}

/// The CN attribute alone; the whole subject when it has none.
fn common_name_of(certificate: &Certificate) -> &str {
    certificate.common_name().unwrap_or_else(|| certificate.subject())
}

/// Answers a question about `certificate`, for all `*_cert_info` calls.
///
/// # Safety
/// `buf` is NULL or as the module says.
pub unsafe fn info(
    certificate: Option<&Certificate>,
    question: lws_tls_cert_info,
    buf: *mut lws_tls_cert_info_results,
    len: usize,
) -> c_int {
    if buf.is_null() {
        return -1;
    }
    // SAFETY: the caller's promise, in the whole function.
    unsafe {
        (&raw mut (*buf).ns.len).write(0);
        let Some(certificate) = certificate else { return -1 };
        let optional = |bytes: Option<&[u8]>| bytes.map_or(1, |bytes| give(bytes, buf, len, Ending::Blob));
        match question {
            LWS_TLS_CERT_INFO_VALIDITY_FROM => (&raw mut (*buf).time).write(certificate.not_before()),
            LWS_TLS_CERT_INFO_VALIDITY_TO => (&raw mut (*buf).time).write(certificate.not_after()),
            LWS_TLS_CERT_INFO_USAGE => (&raw mut (*buf).usage).write(certificate.key_usage_bits()),
            LWS_TLS_CERT_INFO_COMMON_NAME => {
                return give(common_name_of(certificate).as_bytes(), buf, len, Ending::Text);
            }
            LWS_TLS_CERT_INFO_ISSUER_NAME => {
                let room = room(len).saturating_sub(1);
                let issuer = certificate.issuer().as_bytes();
                return give(issuer.get(..room).unwrap_or(issuer), buf, len, Ending::Text);
            }
            LWS_TLS_CERT_INFO_OPAQUE_PUBLIC_KEY => return give(certificate.public_key_der(), buf, len, Ending::Blob),
            LWS_TLS_CERT_INFO_DER_RAW => return give(certificate.der(), buf, len, Ending::Blob),
            LWS_TLS_CERT_INFO_AUTHORITY_KEY_ID => return optional(certificate.authority_key_id()),
            LWS_TLS_CERT_INFO_AUTHORITY_KEY_ID_ISSUER => {
                let issuer = certificate.authority_issuer();
                return issuer.map_or(1, |issuer| give(issuer.as_bytes(), buf, len, Ending::Text));
            }
            LWS_TLS_CERT_INFO_AUTHORITY_KEY_ID_SERIAL => return optional(certificate.authority_serial()),
            LWS_TLS_CERT_INFO_SUBJECT_KEY_ID => return optional(certificate.subject_key_id()),
            _ => return -1,
        }
    }
    0
}

/// Bytes at `ns.name`.
fn room(len: usize) -> usize {
    if len == 0 { 64 } else { len }
}

/// What stands behind a result.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// A NUL, which must fit too.
    Text,
    /// Nothing.
    Blob,
}

/// # Safety
/// `len` writable bytes (0: 64) at `ns.name`.
unsafe fn give(bytes: &[u8], buf: *mut lws_tls_cert_info_results, len: usize, ending: Ending) -> c_int {
    let needed = bytes.len() + usize::from(ending == Ending::Text);
    let fits = needed <= room(len);
    let told = if fits { bytes.len() } else { needed };
    // SAFETY: the caller's promise; the bytes are ours and do not overlap the program's.
    unsafe {
        (&raw mut (*buf).ns.len).write(c_int::try_from(told).unwrap_or(c_int::MAX));
        if !fits {
            return -1;
        }
        let name = (&raw mut (*buf).ns.name).cast::<u8>();
        ptr::copy_nonoverlapping(bytes.as_ptr(), name, bytes.len());
        if ending == Ending::Text {
            name.add(bytes.len()).write(0);
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, DnType, KeyPair, date_time_ymd};
    use std::mem::{MaybeUninit, offset_of};

    const NAME_AT: usize = offset_of!(lws_tls_cert_info_results_ns, name);

    /// A result with a larger buffer behind it.
    struct Room(MaybeUninit<[u64; 512]>);

    impl Room {
        fn new() -> Self {
            Room(MaybeUninit::zeroed())
        }

        fn ask(&mut self, x509: *mut lws_x509_cert, question: lws_tls_cert_info, len: usize) -> c_int {
            // SAFETY: a living object, and 4096 bytes of room.
            unsafe { lws_x509_info(x509, question, self.0.as_mut_ptr().cast(), len) }
        }

        fn bytes(&self) -> &[u8] {
            // SAFETY: all zeroed at first, then written.
            unsafe {
                let start = self.0.as_ptr().cast::<u8>();
                let len = start.cast::<c_int>().read();
                std::slice::from_raw_parts(start.add(NAME_AT), len as usize)
            }
        }

        fn time(&self) -> i64 {
            // SAFETY: as above.
            unsafe { self.0.as_ptr().cast::<i64>().read() }
        }
    }

    fn parsed(pem: &str) -> *mut lws_x509_cert {
        let mut x509 = ptr::null_mut();
        // SAFETY: a variable and a text.
        unsafe {
            assert_eq!(lws_x509_create(&raw mut x509), 0);
            assert_eq!(lws_x509_parse_from_pem(x509, pem.as_ptr().cast(), pem.len()), 0);
        }
        x509
    }

    #[test]
    fn questions_have_the_true_answers() {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec!["localhost".into()]).unwrap();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, "localhost");
        params.distinguished_name.push(DnType::OrganizationName, "Test");
        params.not_before = date_time_ymd(2024, 2, 29);
        let made = params.self_signed(&key).unwrap();
        let mut x509 = parsed(&made.pem());
        let mut result = Room::new();

        assert_eq!(result.ask(x509, LWS_TLS_CERT_INFO_VALIDITY_FROM, 0), 0);
        assert_eq!(result.time(), 1_709_164_800);
        assert_eq!(result.ask(x509, LWS_TLS_CERT_INFO_COMMON_NAME, 0), 0);
        assert_eq!(result.bytes(), b"localhost");
        assert_eq!(result.ask(x509, LWS_TLS_CERT_INFO_COMMON_NAME, 9), -1);
        assert_eq!(result.ask(x509, LWS_TLS_CERT_INFO_ISSUER_NAME, 6), 0);
        assert_eq!(result.bytes(), b"/CN=l");
        assert_eq!(result.ask(x509, LWS_TLS_CERT_INFO_DER_RAW, 64), -1);
        assert_eq!(result.time() as u32 as usize, made.der().len());
        assert_eq!(result.ask(x509, LWS_TLS_CERT_INFO_DER_RAW, 4000), 0);
        assert_eq!(result.bytes(), &made.der()[..]);
        assert_eq!(result.ask(x509, LWS_TLS_CERT_INFO_AUTHORITY_KEY_ID, 0), 1);
        assert_eq!(result.ask(x509, LWS_TLS_CERT_INFO_VERIFIED, 0), -1);
        assert_eq!(result.ask(x509, lws_tls_cert_info(99), 0), -1);
        // SAFETY: living objects and C strings.
        unsafe {
            assert_eq!(lws_x509_verify(x509, x509, c"localhost".as_ptr()), 0);
            assert_eq!(lws_x509_verify(x509, x509, c"localhos".as_ptr()), -1);
            assert_eq!(lws_x509_verify(x509, ptr::null_mut(), ptr::null()), -1);
            lws_x509_destroy(&raw mut x509);
            assert!(x509.is_null());
            lws_x509_destroy(&raw mut x509);
        }
    }

    #[test]
    fn what_is_no_certificate_is_refused() {
        let mut x509 = ptr::null_mut();
        let mut result = Room::new();
        // SAFETY: variables and texts of this test.
        unsafe {
            lws_x509_create(&raw mut x509);
            assert_eq!(lws_x509_parse_from_pem(x509, c"nonsense".as_ptr().cast(), 8), -1);
            assert_eq!(lws_x509_parse_from_pem(x509, ptr::null(), 8), -1);
            assert_eq!(lws_x509_parse_from_pem(ptr::null_mut(), ptr::null(), 0), -1);
            assert_eq!(result.ask(x509, LWS_TLS_CERT_INFO_COMMON_NAME, 0), -1);
            assert_eq!(lws_x509_info(x509, LWS_TLS_CERT_INFO_COMMON_NAME, ptr::null_mut(), 0), -1);
            lws_x509_destroy(&raw mut x509);
        }
    }
}
