#!/usr/bin/env bash
# `make test`: the Rust tests, ctest of the product of soname 19, then ctest of the product of
# soname 17 (the programs of tests/apps only once). All are run even if one fails.
#
#   test.sh BUILD_DIR BUILD_DIR_OF_4.1 CARGO_TARGET_DIR
#
# The last lines are the sums.
set -uo pipefail
build=$1
build41=$2
target=$3
log=$(mktemp)
trap 'rm -f "$log"' EXIT

echo "== cargo test"
cargo test --locked --no-fail-fast --target-dir "$target" 2>&1 | tee "$log"
rust_status=${PIPESTATUS[0]}
rust_sum=$(awk '/^test result:/ { passed += $4; failed += $6 } END { printf "%d passed, %d failed", passed, failed }' "$log")

# run_ctest BUILD_DIR [options]: leaves c_status and c_sum
run_ctest() {
	ctest --test-dir "$1" -j "$(nproc)" --output-on-failure --no-tests=error "${@:2}" 2>&1 | tee "$log"
	c_status=${PIPESTATUS[0]}
	c_sum=$(grep -E 'tests passed, .* tests failed out of' "$log" || echo "did not run")
	local skipped
	skipped=$(grep -c '\*\*\*Skipped' "$log")
	[ "$skipped" = 0 ] || c_sum="$c_sum, $skipped skipped"
}

echo "== ctest"
run_ctest "$build"
status19=$c_status sum19=$c_sum
echo "== ctest, libwebsockets.so.17"
run_ctest "$build41" -LE '^(app|deb)$'

echo "== sums"
echo "cargo test: $rust_sum"
echo "ctest: $sum19"
echo "ctest, libwebsockets.so.17: $c_sum"
if [ "$rust_status" != 0 ] || [ "$status19" != 0 ] || [ "$c_status" != 0 ]; then
	echo "make test: FAILED"
	exit 1
fi
echo "make test: ok"
