#!/usr/bin/env bash
# Cost per message beside the genuine library (benches/side-by-side/README.md). Run
# nothing else meanwhile.
#
#   bench.sh BUILD_DIR GENUINE_INCLUDE_DIR:GENUINE_LIB_DIR
#
# ROUNDS (3), SECS (1.5) and ONLY (all loads) may be set in the environment.
set -euo pipefail
build=$(realpath "$1")
genuine=$2
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
libraries=()
if [ -e "${genuine%%:*}/libwebsockets.h" ] && [ -n "${genuine#*:}" ]; then
	libraries+=("lws=$genuine")
else
	echo "bench: no genuine library at $genuine: measuring ours alone"
fi
libraries+=("ours=$root/include:$build/lib")
exec python3 "$root/benches/side-by-side/compare.py" --rounds "${ROUNDS:-3}" --secs "${SECS:-1.5}" \
	${ONLY:+--only "$ONLY"} "${libraries[@]}"
