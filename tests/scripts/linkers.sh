#!/usr/bin/env bash
# The functions that take `...` are C behind jumps in assembly (src/abi/variadic.rs): does one plain build give them to
# programs, whichever linker makes the library, on each processor that the jumps are written for?
#
#   linkers.sh CARGO_TARGET_DIR [x86_64|aarch64]...
#
# Builds the shared library with bfd and with lld, and runs tests/c/log_variadics.c on it; what is not for this machine
# under qemu-aarch64. A linker, compiler or emulator that is missing is a failure; `make linkers` installs them.
set -euo pipefail
source=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
target=$(realpath -m "$1")
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$source"
# A compiler for another processor looks for ld.lld in folders of its own only.
mkdir "$work/linkers"
ln -s "$(command -v ld.lld)" "$work/linkers/ld.lld"

# try ARCHITECTURE LINKER COMPILER [emulator...]
try() {
	local architecture=$1 linker=$2 compiler=$3 place=$target/debug library made_by=bfd
	local options=(--quiet --locked --lib --crate-type cdylib --target-dir "$target")
	shift 3
	if [ "$architecture" != "$(uname -m)" ]; then
		options+=(--target "$architecture-unknown-linux-gnu")
		place=$target/$architecture-unknown-linux-gnu/debug
	fi
	# Only the last step differs, so cargo compiles the dependencies once for each processor. The last word counts:
	# where rustc asks for its own lld, this overrides it.
	cargo rustc "${options[@]}" -- -Clinker="$compiler" -Clink-arg=-B"$work/linkers" -Clink-arg=-fuse-ld="$linker"
	library=$work/$architecture-$linker
	mkdir "$library"
	cp "$place/libwebsockets.so" "$library/libwebsockets.so.19"
	ln -s libwebsockets.so.19 "$library/libwebsockets.so"
	if readelf -p .comment "$library/libwebsockets.so.19" | grep -q LLD; then made_by=lld; fi
	[ "$made_by" = "$linker" ] || { echo "$architecture: wanted $linker, and $made_by made the library"; return 1; }
	# Headers of OpenSSL have a part for each processor; the types that count here are the same.
	"$compiler" -std=c99 -Wall -Wextra -Werror -Iinclude -Itests/c -idirafter "/usr/include/$(gcc -print-multiarch)" \
		tests/c/log_variadics.c -o "$library/test" -L"$library" -lwebsockets -pthread
	"${@:-env}" "LD_LIBRARY_PATH=$library" "$library/test" >"$library/out"
	diff -u tests/c/log_variadics.expected "$library/out"
	echo "$architecture, $linker: prints what is expected"
}

[ $# -gt 0 ] || set -- x86_64 aarch64
for architecture; do
	for linker in bfd lld; do
		compiler=$architecture-linux-gnu-gcc
		if [ "$architecture" = "$(uname -m)" ]; then
			try "$architecture" $linker gcc
		else
			try "$architecture" $linker "$compiler" "qemu-$architecture" -L "/usr/$architecture-linux-gnu" -E
		fi
	done
done
