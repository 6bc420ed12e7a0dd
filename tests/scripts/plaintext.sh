#!/usr/bin/env bash
# The library with LWS_TLS_LOG_PLAINTEXT_RX and _TX: decrypted bytes are in the log
# when the environment asks, and only then. Built without optimisation, beside the Rust tests.
#
#   plaintext.sh SOURCE_DIR CARGO_TARGET_DIR ECHO_SERVER ECHO_CLIENT CERTS_DIR SONAME
set -euo pipefail
source=$1 target=$2 server=$3 client=$4 certs=$5 soname=$6
work=$(mktemp -d)
server_pid=
trap '[ -z "$server_pid" ] || kill "$server_pid"; rm -rf "$work"' EXIT

features=tls-log-plaintext-rx,tls-log-plaintext-tx
case $soname in *.17) features+=,abi41 ;; esac
cargo build --locked --quiet --lib --manifest-path "$source/Cargo.toml" --target-dir "$target" \
	--features "$features"
mkdir "$work/lib"
cp "$target/debug/libwebsockets.so" "$work/lib/$soname"

# There before anybody reads it.
: >"$work/server"
"$server" --port 0 --cert "$certs/server.pem" --key "$certs/server.key" >"$work/server" 2>&1 &
server_pid=$!
for _ in $(seq 100); do
	port=$(sed -n 's/.*listening on port \([0-9]*\).*/\1/p' "$work/server")
	[ -n "$port" ] && break
	sleep 0.1
done
[ -n "$port" ] || { echo "the server does not listen"; cat "$work/server"; exit 1; }

# one connection of the client with the special library; its log goes to $work/log
run() {
	env LD_LIBRARY_PATH="$work/lib" "$@" "$client" --verbose --count 1 --ca "$certs/ca.pem" "wss://localhost:$port/" \
		>"$work/log" 2>&1 || { echo "the client failed:"; cat "$work/log"; exit 1; }
}
expect() {
	grep -q "$1" "$work/log" || { echo "the log has no '$1':"; cat "$work/log"; exit 1; }
}

run OXLWS_TLS_LOG_PLAINTEXT=1
expect "decrypted data, secrets included"
expect "plaintext tx: 0000: 47 45 54 20 2F"
expect "plaintext rx: 0000: 48 54 54 50 2F"
for asked in "" 0; do
	run OXLWS_TLS_LOG_PLAINTEXT=$asked
	if grep -q "plaintext [rt]x\|decrypted data" "$work/log"; then
		echo "bytes in the log though OXLWS_TLS_LOG_PLAINTEXT is '$asked':"
		cat "$work/log"
		exit 1
	fi
done
echo "plaintext: logged when asked for, not otherwise"
