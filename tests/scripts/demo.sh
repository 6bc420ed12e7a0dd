#!/usr/bin/env bash
# Shows the main job: a C server and a C client, both built from c-examples, talk
# wss through the library.
#
#   demo.sh BUILD_DIR
set -euo pipefail
build=$(realpath "$1")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
"$here/certs/make-certs.sh" "$build/certs"

output=$(mktemp -d)
server=
cleanup() {
	[ -z "$server" ] || kill "$server" 2>/dev/null || true
	wait 2>/dev/null || true
	rm -rf "$output"
}
trap cleanup EXIT

mkfifo "$output/server"
"$build/c-examples/echo-server" --port 0 --pmd --cert "$build/certs/server.pem" --key "$build/certs/server.key" \
	>"$output/server" &
server=$!
exec 3<"$output/server"
IFS= read -r -t 10 line <&3 || { echo "demo: the server did not start" >&2; exit 1; }
port=$(sed -n 's/^listening on port \([0-9]*\).*/\1/p' <<<"$line")

echo "\$ echo-server --port 0 --cert server.pem --key server.key --pmd"
echo "server: $line"
echo "\$ echo-client --ca ca.pem --pmd wss://localhost:$port/"
status=0
timeout 20 "$build/c-examples/echo-client" --ca "$build/certs/ca.pem" --pmd "wss://localhost:$port/" |
	sed 's/^/client: /' || status=$?
kill "$server"
wait "$server" || status=$?
server=
sed 's/^/server: /' <&3
echo "Both programs are plain libwebsockets programs; the library under them:"
readelf -d "$build/c-examples/echo-client" | sed -n 's/.*NEEDED.*\[\(libwebsockets[^]]*\)\]/  \1/p'
if [ "$status" = 0 ]; then echo "demo: works"; else echo "demo: FAILED" >&2; fi
exit "$status"
