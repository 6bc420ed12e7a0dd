#!/usr/bin/env bash
# Instructions that fixed loads take, counted by callgrind: they are the same on a noisy machine as on a quiet one, so
# that a change which makes the library slower shows. Beside each stands what was recorded, in benches/instructions.txt.
#
#   instructions.sh BUILD_DIR [record]
#
# Exit status 1 when a load takes over 5 % more than recorded.
set -euo pipefail
build=$(realpath "$1")
mode=${2:-compare}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
recorded=$root/benches/instructions.txt
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
gcc -O2 -I"$root/include" -o "$work/fixed" "$root/benches/side-by-side/lws_fixed.c" -L"$build/lib" -lwebsockets -Wl,-rpath,"$build/lib"

# The difference of two amounts, so that start and end do not count.
count() {
	local amount=$1
	shift
	local port
	port=$("$root/.venv/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	valgrind --tool=callgrind --callgrind-out-file="$work/out" "$work/fixed" "$port" "$1" "$amount" "${@:2}" >"$work/log" 2>&1 || {
		cat "$work/log" >&2
		return 1
	}
	sed -n 's/^\(summary\|totals\): //p' "$work/out" | head -1
}

status=0
: >"$work/new"
while read -r name few many arguments; do
	# shellcheck disable=SC2086 # several words
	a=$(count "$few" $arguments)
	# shellcheck disable=SC2086
	b=$(count "$many" $arguments)
	per=$(((b - a) / (many - few)))
	echo "$name $per" >>"$work/new"
	before=$(awk -v name="$name" '$1 == name { print $2 }' "$recorded" 2>/dev/null || true)
	printf '%-24s %9d per message or connection' "$name" "$per"
	if [ "$mode" = compare ] && [ -n "$before" ]; then
		awk -v now="$per" -v before="$before" 'BEGIN { printf ", recorded %d: %+.1f %%", before, (now / before - 1) * 100; exit now > before * 1.05 }' || {
			printf ', MORE'
			status=1
		}
	fi
	echo
done <<'LOADS'
pingpong-16B 2000 8000 messages 16 1
pipelined-16B 4000 24000 messages 16 16
messages-16KiB 500 2500 messages 16384 4
messages-64KiB 200 1000 messages 65536 2
connects 50 250 connects
LOADS
if [ "$mode" = record ]; then
	{
		echo "# Instructions per message (client and server together) or connection, by callgrind; written by tests/scripts/instructions.sh."
		cat "$work/new"
	} >"$recorded"
fi
exit $status
