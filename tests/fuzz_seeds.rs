//! Do the fuzz targets build against the library as it is, and do they pass on their own seeds?
//!
//! Each target of `fuzz/fuzz_targets` is a module here, with a stand-in for the crates that it uses there.

#![allow(
    unsafe_code,
    unused_attributes,
    unused_imports,
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::pedantic,
    clippy::undocumented_unsafe_blocks
)]

extern crate self as libfuzzer_sys;
extern crate self as oxlws_fuzz;

use std::fs;
use std::path::Path;

#[path = "../fuzz/lib.rs"]
mod cutting;
pub use cutting::{cut, whole_and_cut};

/// The target as a function, instead of the fuzzer's entry point.
#[macro_export]
macro_rules! fuzz_target {
    (|$data:ident: &[u8]| $body:block) => {
        pub fn run($data: &[u8]) $body
    };
}

/// Runs `target` on each file of its folder of seeds; the name of the file is told when it fails.
fn on_seeds(name: &str, target: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(name);
    let mut count = 0;
    for entry in fs::read_dir(&folder).expect("each target has seeds") {
        let path = entry.expect("a readable folder").path();
        println!("{}", path.display());
        target(&fs::read(&path).expect("a readable seed"));
        count += 1;
    }
    assert!(count > 0, "{} is empty", folder.display());
}

macro_rules! targets {
    ($($name:ident $path:literal),+ $(,)?) => {
        $(
            #[path = $path]
            mod $name;
        )+
        mod passes_on_its_seeds {
            $(
                #[test]
                fn $name() {
                    super::on_seeds(stringify!($name), super::$name::run);
                }
            )+
        }
        const NAMES: &[&str] = &[$(stringify!($name)),+];
    };
}

targets! {
    api_calls "../fuzz/fuzz_targets/api_calls.rs",
    certificates "../fuzz/fuzz_targets/certificates.rs",
    expansions "../fuzz/fuzz_targets/expansions.rs",
    http2 "../fuzz/fuzz_targets/http2.rs",
    http_bodies "../fuzz/fuzz_targets/http_bodies.rs",
    http_forms "../fuzz/fuzz_targets/http_forms.rs",
    http_heads "../fuzz/fuzz_targets/http_heads.rs",
    http_values "../fuzz/fuzz_targets/http_values.rs",
    json "../fuzz/fuzz_targets/json.rs",
    lwsws_files "../fuzz/fuzz_targets/lwsws_files.rs",
    proxies "../fuzz/fuzz_targets/proxies.rs",
    text_exports "../fuzz/fuzz_targets/text_exports.rs",
    ws_deflate "../fuzz/fuzz_targets/ws_deflate.rs",
    ws_frames "../fuzz/fuzz_targets/ws_frames.rs",
    ws_handshake "../fuzz/fuzz_targets/ws_handshake.rs",
}

#[test]
fn every_target_is_named_here() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/fuzz_targets");
    let mut found: Vec<String> = fs::read_dir(folder)
        .expect("the targets")
        .map(|entry| {
            entry.expect("a readable folder").path().file_stem().expect("a name").to_string_lossy().into_owned()
        })
        .collect();
    found.sort();
    assert_eq!(found, NAMES);
}
