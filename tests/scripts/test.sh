#!/usr/bin/env bash
# `make test`: the Rust tests, then ctest. Both are run even if the first fails.
#
#   test.sh BUILD_DIR CARGO_TARGET_DIR
#
# The last lines are the two sums.
set -uo pipefail
build=$1
target=$2
log=$(mktemp)
trap 'rm -f "$log"' EXIT

echo "== cargo test"
cargo test --locked --no-fail-fast --target-dir "$target" 2>&1 | tee "$log"
rust_status=${PIPESTATUS[0]}
rust_sum=$(awk '/^test result:/ { passed += $4; failed += $6 } END { printf "%d passed, %d failed", passed, failed }' "$log")

echo "== ctest"
ctest --test-dir "$build" -j "$(nproc)" --output-on-failure --no-tests=error 2>&1 | tee "$log"
c_status=${PIPESTATUS[0]}
c_sum=$(grep -E 'tests passed, .* tests failed out of' "$log" || echo "did not run")

echo "== sums"
echo "cargo test: $rust_sum"
echo "ctest: $c_sum"
if [ "$rust_status" != 0 ] || [ "$c_status" != 0 ]; then
	echo "make test: FAILED"
	exit 1
fi
echo "make test: ok"
