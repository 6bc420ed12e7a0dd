//! Names the object, binds its own functions to itself, and puts rustls.h where CMake finds it.

use std::path::PathBuf;
use std::{env, fs};

#[path = "../build_tag.rs"]
mod build_tag;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=../build_tag.rs");
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    println!("cargo::rustc-env=OXLWS_BUILD_TAG={}", build_tag::tag(&here.join("..")));
    // Another librustls in the process must not get between this object and its own functions.
    println!("cargo::rustc-cdylib-link-arg=-Wl,-Bsymbolic");
    println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,liboxlws-rustls.so");
    println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
    // The header belongs to the version of rustls-ffi that is linked in: it is not kept in this source.
    if let (Some(include), Some(out)) = (env::var_os("DEP_RUSTLS_FFI_INCLUDE"), env::var_os("OUT_DIR")) {
        let profile = PathBuf::from(&out).ancestors().nth(3).map(PathBuf::from).unwrap_or_else(|| out.into());
        fs::copy(PathBuf::from(include).join("rustls.h"), profile.join("rustls.h")).expect("copying rustls.h");
    }
}
