//! Decrypted bytes in the log, for developers: only in builds made for it, and only when the environment asks too.
//!
//! The cargo features `tls-log-plaintext-rx` and `tls-log-plaintext-tx` (CMake: LWS_TLS_LOG_PLAINTEXT_RX and _TX) put
//! the code in; without them nothing here exists. Such a build logs nothing unless OXLWS_TLS_LOG_PLAINTEXT is set, which
//! programs with raised privileges never obey, and says loudly that secrets are shown.
use crate::engine::wsi::Wsi;

#[cfg(any(feature = "tls-log-plaintext-rx", feature = "tls-log-plaintext-tx"))]
mod dump {
    use crate::engine::log::{self, Level, Scope};
    use crate::engine::sys;
    use crate::engine::wsi::Wsi;
    use std::sync::OnceLock;

    fn is_asked_for() -> bool {
        static ASKED: OnceLock<bool> = OnceLock::new();
        *ASKED.get_or_init(|| {
            let asked =
                sys::secure_env(c"OXLWS_TLS_LOG_PLAINTEXT").is_some_and(|value| !value.is_empty() && value != "0");
            if asked {
                let text = format_args!("OXLWS_TLS_LOG_PLAINTEXT: decrypted data, secrets included, goes to the log");
                log::process(Level::Warn, "tls", text);
            }
            asked
        })
    }

    /// 16 bytes a line, at NOTICE.
    pub fn bytes(wsi: &Wsi, direction: &str, bytes: &[u8]) {
        if !is_asked_for() || !log::enabled(Level::Notice, Scope::Wsi(wsi)) {
            return;
        }
        for (index, line) in bytes.chunks(16).enumerate() {
            let hex: String = line.iter().map(|byte| format!("{byte:02X} ")).collect();
            let text: String =
                line.iter().map(|byte| if (0x20..0x7f).contains(byte) { char::from(*byte) } else { '.' }).collect();
            let line = format_args!("{:04X}: {hex:<48}   {text}", index * 16);
            log::line(Level::Notice, Scope::Wsi(wsi), direction, line);
        }
    }
}

/// Bytes that were decrypted.
#[inline]
pub fn received(wsi: &Wsi, bytes: &[u8]) {
    #[cfg(feature = "tls-log-plaintext-rx")]
    dump::bytes(wsi, "plaintext rx", bytes);
    let _ = (wsi, bytes);
}

/// Bytes that are about to be encrypted.
#[inline]
pub fn to_send(wsi: &Wsi, bytes: &[u8]) {
    #[cfg(feature = "tls-log-plaintext-tx")]
    dump::bytes(wsi, "plaintext tx", bytes);
    let _ = (wsi, bytes);
}
