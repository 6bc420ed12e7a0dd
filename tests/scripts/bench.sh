#!/usr/bin/env bash
# Cost beside the genuine library (benches/side-by-side/README.md), written to DOCS_DIR/performance.md with its plots. Run
# nothing else meanwhile. The genuine library is installed when it is missing and apt reaches it.
#
#   bench.sh BUILD_DIR GENUINE_INCLUDE_DIR DOCS_DIR
#
# ROUNDS (5), SECS (1.5) and ONLY (all loads) may be set in the environment. With ONLY the figures are shown, not written.
set -euo pipefail
build=$(realpath "$1")
include=$2
docs=$3
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
if [ ! -e "$include/libwebsockets.h" ]; then
	apt-get install -y -q libwebsockets-dev libwebsockets-evlib-uv libwebsockets-evlib-ev libwebsockets-evlib-glib >/dev/null || true
fi
libraries=()
genuine=$(find /usr/lib -maxdepth 2 -name 'libwebsockets.so' -print -quit)
if [ -e "$include/libwebsockets.h" ] && [ -n "$genuine" ]; then
	version=$(sed -n 's/^#define LWS_LIBRARY_VERSION "\([^"-]*\).*/\1/p' "$include/lws_config.h" | head -1)
	libraries+=("lws=$include:$(dirname "$genuine")")
else
	echo "bench: no genuine library: measuring ours alone"
fi
libraries+=("ours=$root/include:$build/lib")
cd "$root/benches/side-by-side"
if [ -n "${ONLY:-}" ] || [ "${#libraries[@]}" -lt 2 ]; then
	exec python3 compare.py --rounds "${ROUNDS:-5}" --secs "${SECS:-1.5}" ${ONLY:+--only "$ONLY"} "${libraries[@]}"
fi
exec python3 report.py --rounds "${ROUNDS:-5}" --secs "${SECS:-1.5}" --out "$docs" \
	--original "version ${version:-unknown}, Debian's package" "${libraries[@]}"
