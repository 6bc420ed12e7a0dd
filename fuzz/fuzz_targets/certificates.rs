#![no_main]
//! Certificates and PEM text of anybody.
use libfuzzer_sys::fuzz_target;
use websockets::proto::x509::{Certificate, pem};

fuzz_target!(|data: &[u8]| {
    for block in pem::blocks(data) {
        let _ = block.map(|block| block.bytes.len());
    }
    if let Ok(certificate) = Certificate::from_pem_or_der(data) {
        let _ = (certificate.describe(), certificate.subject().len(), certificate.public_key_parts().is_some());
        let _ = (certificate.is_self_signed(), certificate.signed_part().len(), certificate.alt_names().len());
        let _ = (certificate.not_before(), certificate.not_after(), certificate.key_usage_bits());
    }
});
