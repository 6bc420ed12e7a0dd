//! Which build this is: what libwebsockets.so and liboxlws-rustls.so compare before they talk. Used by both build scripts.

use std::path::Path;
use std::process::Command;
use std::{env, fs};

/// Version, compiler, and a hash of Cargo.lock. Both objects are made of the same lock file, so it is the same rustls, too.
pub fn tag(root: &Path) -> String {
    let lock = root.join("Cargo.lock");
    println!("cargo::rerun-if-changed={}", lock.display());
    // FNV-1a: the lock file is told apart from other versions of itself, not from forgeries.
    let hash = fs::read(&lock)
        .unwrap_or_default()
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let compiler = Command::new(rustc).arg("--version").output().map(|output| output.stdout).unwrap_or_default();
    let version = env::var("CARGO_PKG_VERSION").unwrap_or_default();
    format!("oxlws {version}, lock {hash:016x}, {}", String::from_utf8_lossy(&compiler).trim())
}
