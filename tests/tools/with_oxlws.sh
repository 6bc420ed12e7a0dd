#!/usr/bin/env bash
# with-oxlws: what it says, which library programs get, what it refuses, and that no file can crash it.
#
#   with_oxlws.sh BUILD_DIR INCLUDE_DIR SOVERSION [GENUINE_LIBRARY]
set -euo pipefail
build=$(realpath "$1") include=$(realpath "$2") soversion=$3 genuine=${4:-}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
with=$build/bin/with-oxlws
CC=${CC:-cc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# expect STATUS PATTERN command...: the status, and a line of its output
expect() {
	local status=0
	"${@:3}" >out 2>&1 </dev/null || status=$?
	if [ "$status" != "$1" ] || ! grep -qE -- "$2" out; then
		echo "FAILED: ${*:3}: status $status, wanted $1 and /$2/ in:"
		cat out
		exit 1
	fi
	echo "ok: ${*:3}"
}

$CC -I"$include" "$here/version.c" -L"$build/lib" -lwebsockets -o version
ours=$(realpath "$build/lib/oxlws/libwebsockets.so.$soversion")

expect 0 '^Usage: with-oxlws' "$with" --help
expect 0 '^with-oxlws \(oxlws [0-9]' "$with" --version
expect 125 '^Usage:' "$with"
expect 125 'Try' "$with" --no-such-option
expect 127 'No such file' "$with" ./no-such-program
expect 125 'no libraries of oxlws in /etc' "$with" --libs=/etc ./version
expect 0 "version: libwebsockets.so.$soversion is .*/lib/oxlws/libwebsockets.so.$soversion, oxlws" "$with" --check ./version
expect 2 '^version 4\.' "$with" ./version a b
expect 2 '^version 4\.' "$with" -q -- ./version a b
if grep -q with-oxlws out; then echo "FAILED: -q is not quiet"; exit 1; fi

# A library that asks, an $ORIGIN path, a script, a plugin.
echo 'const char *lws_get_library_version(void); const char *ask(void) { return lws_get_library_version(); }' >ask.c
$CC -shared -fPIC ask.c -L"$build/lib" -lwebsockets -o libask.so
printf '#include <stdio.h>\nconst char *ask(void);\nint main(void) { puts(ask()); return 0; }\n' >indirect.c
$CC indirect.c -L. -lask -Wl,-rpath,'$ORIGIN' -Wl,--allow-shlib-undefined -o indirect
expect 0 "asked for by .*libask.so" "$with" --check ./indirect
expect 0 '^4\.' "$with" ./indirect
printf '#!/bin/sh\nexec ./version\n' >script
chmod +x script
expect 0 'script, run by /bin/sh is not linked' "$with" --check ./script
expect 0 '^version 4\.' "$with" ./script
printf '#include <dlfcn.h>\n#include <stdio.h>\nint main(void) { void *p = dlopen("./libask.so", RTLD_NOW); const char *(*ask)(void) = p ? (const char *(*)(void))dlsym(p, "ask") : 0; puts(ask ? ask() : dlerror()); return !ask; }\n' >plugin.c
$CC -w plugin.c -ldl -o plugin
expect 0 '^4\.' "$with" ./plugin

# What cannot work is refused.
printf 'int main(void) { return 0; }\n' >nothing.c
$CC -static nothing.c -o static
expect 125 'statically linked' "$with" ./static
expect 125 'not a program' "$with" /etc/passwd
cp version other-number
sed -i "s/libwebsockets\.so\.$soversion/libwebsockets.so.16/" other-number
expect 125 'asks for libwebsockets.so.16' "$with" ./other-number
printf 'void lws_create_context(void) {}\nint main(void) { return 0; }\n' >builtin.c
$CC builtin.c -o builtin
expect 125 'built into it' "$with" ./builtin

# Which file the process has mapped, and a path inside the program that LD_LIBRARY_PATH does not beat.
printf '#include <stdio.h>\n#include <string.h>\nconst char *lws_get_library_version(void);\nint main(void) { char l[4096]; FILE *f = fopen("/proc/self/maps", "r"); lws_get_library_version(); while (fgets(l, sizeof(l), f)) if (strstr(l, "libwebsockets")) { fputs(strchr(l, 47), stdout); break; } return 0; }\n' >mapped.c
$CC -w mapped.c -L"$build/lib" -lwebsockets -o mapped
expect 0 "^$ours$" "$with" ./mapped
mkdir decoy
cp "$ours" "decoy/libwebsockets.so.$soversion"
$CC -w mapped.c -L"$build/lib" -lwebsockets -Wl,--disable-new-dtags -Wl,-rpath,"$work/decoy" -o forced
expect 0 "^$work/decoy" ./forced
expect 0 "^$ours$" "$with" ./forced

# --ab: needs a genuine library of the same number.
if [ -n "$genuine" ] && [[ "$genuine" == *.so.$soversion* ]]; then
	printf 'some\ninput\n' | "$with" --ab ./version x >out 2>&1 || { cat out; echo "FAILED: --ab differs"; exit 1; }
	[ "$(grep -c 'the same' out)" = 3 ]
	echo "ok: --ab, no difference"
	expect 0 "compared with .*/libwebsockets.so.$soversion" "$with" --ab ./version
	expect 1 '^\+/.*oxlws|^\+.*/lib/libwebsockets' "$with" --ab ./mapped
	expect 0 'stdout: the same' "$with" --ab --mask='s/.*libwebsockets.*/a library/' ./mapped
fi

# Nothing to compare: the program gets oxlws in any case, or there is no other library.
expect 125 "it gets oxlws as well, $work/decoy/" "$with" --ab ./forced
if ! ldconfig -p 2>/dev/null | grep -F "libwebsockets.so.$soversion" >/dev/null; then
	expect 125 "no genuine libwebsockets.so.$soversion here" "$with" --ab ./version
fi

# Cut and damaged files end in a message.
size=$(stat -c %s version)
for length in 0 1 2 17 63 64 100 500 1000 4096 $((size / 2)) $((size - 1)); do
	head -c "$length" version >cut
	chmod +x cut
	status=0
	"$with" --check ./cut >out 2>&1 || status=$?
	[ "$status" = 0 ] || [ "$status" = 125 ] || { echo "FAILED: a file cut to $length bytes: status $status"; cat out; exit 1; }
done
for at in 32 33 34 54 56 57 64 72 80 96 104 120 200 300 400 500 600 700; do
	cp version damaged
	printf '\xff\xff\xff\xff\xff\xff\xff' | dd of=damaged bs=1 seek="$at" conv=notrunc status=none
	status=0
	"$with" --check ./damaged >out 2>&1 || status=$?
	[ "$status" = 0 ] || [ "$status" = 125 ] || { echo "FAILED: a file damaged at $at: status $status"; cat out; exit 1; }
done
echo "ok: 12 cut and 18 damaged files"
