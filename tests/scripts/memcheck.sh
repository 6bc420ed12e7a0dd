#!/usr/bin/env bash
# The C tests and examples under valgrind, with a leak check. Timings are ten times as
# generous; tests about time itself (label timing) are left out, and those about memory
# use do not look at its figures.
#
#   memcheck.sh BUILD_DIR [ctest options]
set -euo pipefail
build=$1
shift
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export OXLWS_TEST_WRAPPER="valgrind -q --error-exitcode=99 --leak-check=full --show-leak-kinds=definite,possible
--errors-for-leak-kinds=definite,possible --num-callers=30 --suppressions=$here/valgrind.supp"
export OXLWS_TEST_TOOL=1
exec ctest --test-dir "$build" -L '^(c|examples)$' -LE '^timing$' -j "$(nproc)" --output-on-failure --no-tests=error "$@"
