#!/usr/bin/env bash
# What several threads do with the library, with ThreadSanitizer in the Rust code, in Rust's standard library and in C:
# without the standard library, its mutexes and channels would not be understood. The stable compiler is told to accept
# the options; the standard library's sources are a component of the toolchain. C is compiled by gcc or clang and linked
# with the runtime that comes with rustc, which knows both.
#
# The tests named tsan.planted_* hold a race each and pass when it is reported.
#
#   tsan.sh BUILD_DIR [ctest options]
set -euo pipefail
build=$1
shift
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
triple=$(rustc -vV | sed -n 's/^host: //p')
libs=$(rustc --print sysroot)/lib/rustlib
[ -e "$libs/src/rust/library/Cargo.lock" ] || rustup component add rust-src
runtime=$(ls "$libs/$triple/lib/"librustc*_rt.tsan.a)
cmake -S . -B "$build" -DCMAKE_BUILD_TYPE=Debug -DOXLWS_SANITIZE=ON -DOXLWS_SANITIZERS=thread -DOXLWS_CARGO_TRIPLE="$triple" \
	"-DOXLWS_SANITIZER_RUNTIME=-Wl,--whole-archive $runtime -Wl,--no-whole-archive -Wl,--export-dynamic -lpthread -ldl -lm -lrt" \
	"-DOXLWS_CARGO_ENV=RUSTC_BOOTSTRAP=1;RUSTFLAGS=-Zsanitizer=thread -Cforce-frame-pointers=yes" \
	-DLWS_ORACLE_PREFIX=/none -DOXLWS_CARGO_FLAGS=-Zbuild-std=std,panic_unwind ${OXLWS_TSAN_CMAKE:-} >/dev/null
cmake --build "$build" -j "$(nproc)"
export TSAN_OPTIONS="halt_on_error=0:exitcode=99:second_deadlock_stack=1:suppressions=$PWD/tests/tsan/suppressions.txt"
export OXLWS_TEST_TOOL=1
exec ctest --test-dir "$build" -R '^(c\.(threads_|context_|client_resolver|client_lookup|service_cancel|external_poll|evlib_)|misuse\.thread|example\.wscat|tsan\.)' \
	-j "$(nproc)" --output-on-failure --no-tests=error "$@"
