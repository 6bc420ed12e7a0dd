#!/usr/bin/env bash
# Many connections and many messages between a server and a client of ours, over ws and over wss; memory and
# descriptors of both must stay flat.
#
#   soak.sh BUILD_DIR RECONNECTS MESSAGES
set -euo pipefail
build=$(realpath "$1")
certs=("$build/certs/server.pem" "$build/certs/server.key" "$build/certs/ca.pem")
for what in "reconnects $2" "messages $3"; do
	for scheme in ws wss; do
		echo "== $what, $scheme"
		# shellcheck disable=SC2086
		"$build/tests/soak/test-soak" $what $([ $scheme = ws ] || echo "${certs[@]}")
	done
done
