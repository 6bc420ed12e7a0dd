#!/usr/bin/env bash
# Runs c-examples/pinning-client against an echo server with CERT, with the right key and with another one:
#   pinning.sh PROGRAM PORT CERT OTHER-CERT
set -euo pipefail

pin() { openssl x509 -in "$1" -pubkey -noout | openssl pkey -pubin -outform der | sha256sum | cut -d' ' -f1; }

"$1" localhost "$2" "$(pin "$3")"
"$1" localhost "$2" "$(pin "$4")" && exit 1
exit 0
