//! Compiles the C fronts of the variadic functions and the sleep of the loop, and gives the shared library its name for the dynamic linker.

use std::env;
use std::path::PathBuf;

mod build_tag;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build_tag.rs");
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    println!("cargo::rustc-env=OXLWS_BUILD_TAG={}", build_tag::tag(&root));
    println!("cargo::rerun-if-changed=src/abi/variadic.c");
    println!("cargo::rerun-if-changed=src/abi/sleep.c");

    // Hidden: the public names are small jumps on the Rust side (src/abi/variadic.rs), nothing of this is exported.
    cc::Build::new()
        .file("src/abi/variadic.c")
        .file("src/abi/sleep.c")
        .std("c11")
        .warnings(true)
        .extra_warnings(true)
        .flag_if_supported("-fvisibility=hidden")
        .define("_FILE_OFFSET_BITS", "64")
        .compile("oxlws_variadic");

    // Where Debian keeps libraries of this machine's kind.
    let arch = env::var("CARGO_CFG_TARGET_ARCH").unwrap_or_default();
    println!("cargo::rustc-env=OXLWS_MULTIARCH={arch}-linux-gnu");

    if env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        let soname = if env::var_os("CARGO_FEATURE_ABI41").is_some() { 17 } else { 19 };
        println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libwebsockets.so.{soname}");
        // A helper thread may still be inside the system's resolver when the program unloads the library.
        println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}
