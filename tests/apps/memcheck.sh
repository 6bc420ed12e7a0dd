#!/usr/bin/env bash
# The programs of this folder under valgrind, on our library: `make apps-memcheck`. Many programs have faults of their own;
# what counts is a report with a function of our library in it, but for leaks, where that may be the program's.
#
#   memcheck.sh BUILD_DIR PYTHON [PROGRAM...]
set -euo pipefail
build=$(realpath "$1") python=$(realpath -s "$2")
shift 2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ $# -gt 0 ] || set -- janus rtpengine kamailio csound driftnet swupdate
command -v valgrind >/dev/null || { echo "SKIPPED: no valgrind here"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export OXLWS_APP_PATIENCE=${OXLWS_APP_PATIENCE:-240}

status=0
for program in "$@"; do
	mkdir "$work/$program"
	"$python" "$here/$program.py" --only ours --ours "$build/lib/oxlws" --certs "$build/certs" \
		--wrapper "valgrind -q --num-callers=30 --suppressions=$here/../valgrind.supp --log-file=$work/$program/%p" >"$work/out" 2>&1 ||
		{ cat "$work/out"; echo "$program: FAILED"; status=1; continue; }
	logs=("$work/$program"/*)
	[ -e "${logs[0]}" ] || { echo "$program: FAILED: valgrind did not run"; status=1; continue; }
	# Reports are separated by empty lines.
	sed -E 's/^==[0-9]+== ?//' "${logs[@]}" | awk 'BEGIN { RS = ""; ORS = "\n\n" } /libwebsockets\.so/' >"$work/reports"
	if [ -s "$work/reports" ]; then
		cat "$work/reports"
		echo "$program: FAILED: reports with our library"
		status=1
	else
		echo "$program: ok, ${#logs[@]} processes, nothing about our library"
	fi
done
exit $status
