#!/usr/bin/env bash
# The C tests and examples, the hostile peers and a short soak with AddressSanitizer in the Rust code and, with
# UndefinedBehaviorSanitizer, in the C code; the C compiler's runtime serves both.
# The stable compiler is told to accept the option. Needs gcc's libasan.
#
#   asan.sh BUILD_DIR [ctest options]
set -euo pipefail
build=$1
shift
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
triple=$(rustc -vV | sed -n 's/^host: //p')
cmake -S . -B "$build" -DCMAKE_BUILD_TYPE=Debug -DOXLWS_SANITIZE=ON -DLWS_ORACLE_PREFIX=/none -DOXLWS_CARGO_TRIPLE="$triple" \
	"-DOXLWS_CARGO_ENV=RUSTC_BOOTSTRAP=1;RUSTFLAGS=-Zsanitizer=address -Cforce-frame-pointers=yes" ${OXLWS_ASAN_CMAKE:-} >/dev/null
cmake --build "$build" -j "$(nproc)"
# Label timing is left out; memory figures mean nothing here.
export ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
export OXLWS_TEST_TOOL=1
exec ctest --test-dir "$build" -L '^(c|examples|hostile|soak)$' -LE '^timing$' -j "$(nproc)" --output-on-failure --no-tests=error "$@"
