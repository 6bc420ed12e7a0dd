#!/usr/bin/env bash
# The Autobahn cases against our server and our client. All 517 by default; the
# families 12 and 13 with COUNT (50) messages per case.
#
#   conformance.sh BUILD_DIR
#
# CASES ('*'), COUNT and SIDE (client or server; both) may be set in the environment; RECORD=1 writes results.tsv.
set -euo pipefail
build=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
venv=.venv-autobahn
if ! "$venv/bin/python" -c 'import autobahn, twisted, importlib.metadata as m; m.version("autobahntestsuite")' 2>/dev/null; then
	echo "conformance: installing the Autobahn test suite into $venv"
	python3 -m venv "$venv"
	"$venv/bin/python" -m pip --quiet install autobahntestsuite==25.10.1 autobahn twisted setuptools
fi
exec "$venv/bin/python" tests/autobahn/conformance.py --build "$build" --runner-python "$venv/bin/python" \
	--cases "${CASES:-*}" --count "${COUNT:-50}" --out "$build" ${SIDE:+--only "$SIDE"} ${RECORD:+--record}
