#!/usr/bin/env bash
# Unit tests under Miri, which finds undefined behaviour that no test sees: those of the cores, of the tables of
# connections, and of the structures that C shares (lists, timers, rings, arenas). Cryptography is C and sockets are
# the system's, so the rest cannot run there. Needs a nightly toolchain; its component miri is added where it is missing.
#
#   miri.sh [FILTER...]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
rustup toolchain list | grep -q '^nightly' || { echo "miri: needs a nightly toolchain (rustup toolchain install nightly)"; exit 1; }
cargo +nightly miri --version >/dev/null 2>&1 || rustup component add --toolchain nightly miri rust-src
filters=("$@")
[ $# -gt 0 ] || mapfile -t filters < <(grep -v '^#' tests/miri/run.txt)
mapfile -t skipped < <(sed -n 's/^\([^#|]*[^ |]\) *|.*/--skip\n\1/p' tests/miri/skip.txt)
# Few random cases: everything is a hundred times as slow. Their seeds are not kept. Integers that become pointers are how
# handles of C programs work. Tree borrows: a pointer to the node inside a program's object leads to the object, as in C.
export PROPTEST_CASES=4 PROPTEST_DISABLE_FAILURE_PERSISTENCE=true MIRIFLAGS="-Zmiri-disable-isolation -Zmiri-permissive-provenance -Zmiri-tree-borrows"
exec cargo +nightly miri test --locked --lib --target-dir "${CARGO_TARGET_DIR:-target/miri}" -- "${skipped[@]}" "${filters[@]}"
