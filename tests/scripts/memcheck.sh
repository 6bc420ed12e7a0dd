#!/usr/bin/env bash
# The C tests and examples under valgrind, with a leak check. Timings are ten times as
# generous; tests about time or memory itself (label timing) are left out.
#
#   memcheck.sh BUILD_DIR [ctest options]
set -euo pipefail
build=$1
shift
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export OXLWS_TEST_WRAPPER="valgrind -q --error-exitcode=99 --leak-check=full --show-leak-kinds=definite,possible
--errors-for-leak-kinds=definite,possible --num-callers=30 --suppressions=$here/valgrind.supp"
exec ctest --test-dir "$build" -L '^(c|examples)$' -LE '^timing$' -j "$(nproc)" --output-on-failure --no-tests=error "$@"
