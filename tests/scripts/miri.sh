#!/usr/bin/env bash
# Unit tests under Miri, which finds undefined behaviour that no test sees: those of the cores, of the tables of
# connections, and of the structures that C shares (lists, timers, rings, arenas). Cryptography is C and sockets are
# the system's, so the rest cannot run there. Needs a nightly toolchain; its component miri is added where it is missing.
#
#   miri.sh [FILTER...]
#
# Each line of tests/miri/run.txt is a run of its own, MIRI_JOBS (the processors) at a time; a line tells when it has ended.
# What a run printed, with the time of each test, is in target/miri/log.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
rustup toolchain list | grep -q '^nightly' || { echo "miri: needs a nightly toolchain (rustup toolchain install nightly)"; exit 1; }
cargo +nightly miri --version >/dev/null 2>&1 || rustup component add --toolchain nightly miri rust-src
export MIRI_TARGET="${CARGO_TARGET_DIR:-target/miri}"
export MIRI_SKIP
MIRI_SKIP=$(sed -n 's/^\([^#|]*[^ |]\) *|.*/--skip \1/p' tests/miri/skip.txt | tr '\n' ' ')
# Few random cases: everything is a hundred thousand times as slow. Their seeds are not kept. Integers that become pointers are
# how handles of C programs work. Tree borrows: a pointer to the node inside a program's object leads to the object, as in C.
export PROPTEST_CASES=2 PROPTEST_DISABLE_FAILURE_PERSISTENCE=true MIRIFLAGS="-Zmiri-disable-isolation -Zmiri-permissive-provenance -Zmiri-tree-borrows"
export MIRI_LOG=$MIRI_TARGET/log
mkdir -p "$MIRI_LOG"
cargo +nightly miri test --locked --lib --target-dir "$MIRI_TARGET" --no-run 2>"$MIRI_LOG/build" || { cat "$MIRI_LOG/build"; exit 1; }

# run FILTER [arguments]: one line of what came of it; what it printed, if it failed
run() {
	local log=$MIRI_LOG/${1//::/-} start=$SECONDS status=0 sum
	# shellcheck disable=SC2086  # words
	cargo +nightly miri test --locked --lib --target-dir "$MIRI_TARGET" -- -Zunstable-options --report-time $MIRI_SKIP "$@" >"$log" 2>&1 || status=$?
	sum=$(sed -n 's/^test result: [^.]*\. \([0-9]* passed; [0-9]* failed\);.*/\1/p' "$log")
	printf '%-64s %s, %d s\n' "$*" "${sum:-ended early, $(grep -c '^test .* ok' "$log") passed}" $((SECONDS - start))
	[ "$status" = 0 ] && [ -n "$sum" ] || { tail -n 60 "$log"; return 1; }
}
export -f run
if [ $# -gt 0 ]; then
	printf '%s\n' "$*"
else
	grep -v '^#' tests/miri/run.txt
fi | xargs -P "${MIRI_JOBS:-$(nproc)}" -I{} bash -c 'run {}' | tee "$MIRI_LOG/sums" || { echo "miri: FAILED"; exit 1; }
awk '{ for (i = 2; i <= NF; i++) if ($i == "passed;") n += $(i - 1) } END { print "miri: " n " tests passed" }' "$MIRI_LOG/sums"
