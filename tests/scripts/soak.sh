#!/usr/bin/env bash
# A long run: reconnects over ws and wss and large messages, again and again, each
# program checking that its memory and descriptors stay flat.
#
#   soak.sh BUILD_DIR MINUTES
set -euo pipefail
build=$(realpath "$1")
minutes=$2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
python=$here/../.venv/bin/python
case=("$python" "$here/scripts/case.py" --limit 3000)
plain="{python} $here/peers/ws_echo.py --no-deflate"
tls="$plain --cert $build/certs/server.pem --key $build/certs/server.key"
end=$((SECONDS + minutes * 60))
round=0
while [ $SECONDS -lt $end ] || [ $round = 0 ]; do
	round=$((round + 1))
	"${case[@]}" --bg "$plain" -- "$build/tests/c/test-client_reconnect" "{p1}" 20000
	"${case[@]}" --bg "$tls" -- "$build/tests/c/test-client_reconnect" "{p1}" 3000 "$build/certs/ca.pem"
	"${case[@]}" --bg "$tls" -- "$build/tests/c/test-ws_huge_messages" "{p1}" "$build/certs/ca.pem"
	"${case[@]}" --bg "$plain" -- "$build/c-examples/echo-client" --count 20000 --size 2000 "ws://127.0.0.1:{p1}/"
	echo "soak: round $round ok after $((SECONDS / 60)) min"
done
