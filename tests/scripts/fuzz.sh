#!/usr/bin/env bash
# Runs each target of fuzz/ for some seconds. Works on the stable compiler, which is
# told to accept the options that cargo-fuzz needs. Seeds are in fuzz/seeds.
#
#   fuzz.sh SECONDS [TARGET...]
set -euo pipefail
seconds=$1
shift
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
[ -e fuzz/Cargo.toml ] || { echo "fuzz: there is no fuzz/Cargo.toml"; exit 1; }
export RUSTC_BOOTSTRAP=1
command -v cargo-fuzz >/dev/null || cargo install --locked cargo-fuzz
targets=("$@")
[ $# -gt 0 ] || mapfile -t targets < <(cargo fuzz list)
status=0
for target in "${targets[@]}"; do
	echo "== $target, $seconds s"
	mkdir -p "fuzz/corpus/$target"
	cargo fuzz run "$target" "fuzz/corpus/$target" "fuzz/seeds/$target" -- \
		-max_total_time="$seconds" -max_len=4096 -timeout=20 -rss_limit_mb=3000 || status=1
done
exit $status
