#!/usr/bin/env bash
# The Debian packages: made, installed, used and removed in a folder (unpacked.sh, a part of `make test`), then in a root
# of its own made with debootstrap, where that works (as root, with the network; kept in CACHE for the next time).
#
#   packages.sh BUILD_DIR BUILD_DIR_OF_4.1 [CACHE]
set -euo pipefail

# grep -q ends before it has read all, and then the program in front of the pipe fails.
grep_all() {
	grep "$@" >/dev/null
}

build=$(realpath "$1") build41=$(realpath "$2") cache=${3:-}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
multiarch=$(gcc -print-multiarch)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() {
	echo "FAILED: $*"
	exit 1
}

"$here/unpacked.sh" "$build" "$build41" "$build/deb"

# A program for each number, built against the installed files only.
build_programs() { # ROOT
	for pair in 19:4.3 17:4.1; do
		PKG_CONFIG_PATH=$1/usr/lib/oxlws/${pair#*:}/lib/pkgconfig
		export PKG_CONFIG_PATH
		cc "$here/../tools/version.c" $(pkg-config --cflags --libs libwebsockets) -o "$work/version${pair%:*}"
		cc "$here/../tools/version.c" $(pkg-config --cflags --libs libwebsockets_static) -o "$work/static${pair%:*}"
		"$work/static${pair%:*}" </dev/null 2>/dev/null | grep_all "version ${pair#*:}" || fail "static program of ${pair#*:}"
	done
}

root=
if [ "$(id -u)" = 0 ] && command -v debootstrap >/dev/null && [ -n "$cache" ]; then
	if [ ! -e "$cache/made" ]; then
		rm -rf "$cache"
		mkdir -p "$cache"
		if debootstrap --variant=minbase --include=libwebsockets17 bookworm "$cache/root" >"$cache/log" 2>&1; then
			: >"$cache/made"
		else
			echo "debootstrap does not work here: $(tail -n 1 "$cache/log")"
		fi
	fi
	[ ! -e "$cache/made" ] || root=$cache/root
fi

if [ -z "$root" ]; then
	echo "no debootstrap here: what was done in a folder must do"
	exit 0
fi

echo "== installed in a root made with debootstrap"
mount -t proc proc "$root/proc" # without it the dynamic linker cannot tell where a program is
trap 'umount "$root/proc"; rm -rf "$work"' EXIT
inside() { chroot "$root" /usr/bin/env PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C "$@"; }
library=/usr/lib/$multiarch/libwebsockets.so.17
inside dpkg --purge oxlws-system17 oxlws-tools liboxlws17 liboxlws19 >/dev/null 2>&1 || true # of a run that failed
genuine=$(inside sha256sum "$library")
inside sh -c 'dpkg-query -W -f "\${Package}\n"; dpkg-divert --list' >"$work/before"
mkdir -p "$root/tmp/deb"
cp "$build"/deb/*.deb "$root/tmp/deb/"
inside sh -c 'dpkg -i /tmp/deb/liboxlws1*.deb /tmp/deb/oxlws-tools_*.deb' >"$work/log" 2>&1 || { cat "$work/log"; fail "dpkg -i"; }
build_programs "$root"
cp "$work"/version1[79] "$root/tmp/"
# Beside the distribution: nobody gets ours who does not ask.
[ "$(inside sha256sum "$library")" = "$genuine" ] || fail "the system's library changed"
says() { inside sh -c "$1 </dev/null 2>&1" || true; }
says 'ldd /tmp/version17' | grep_all "=> .*${library#/usr}" || fail "version17 does not run on the system's library"
says 'with-oxlws /tmp/version17' | grep_all 'version 4.1' || fail "with-oxlws version17"
says 'with-oxlws /tmp/version19' | grep_all 'version 4.3' || fail "with-oxlws version19"
says 'oxlws-doctor --help' | grep_all -i usage || fail "oxlws-doctor does not start"
says '/tmp/version19' | grep_all 'cannot open shared object' || fail "version19 found a library by itself"
says 'with-oxlws --ab /tmp/version17' >"$work/log" || true
grep -q 'stderr: the same' "$work/log" || { cat "$work/log"; fail "--ab"; }
echo "ok: beside the system's library"

# Instead of it.
inside sh -c 'dpkg -i /tmp/deb/oxlws-system17_*.deb' >"$work/log" 2>&1 || { cat "$work/log"; fail "dpkg -i oxlws-system17"; }
inside ldconfig
[ "$(inside readlink -f "$library")" = /usr/lib/oxlws/libwebsockets.so.17 ] || fail "the diversion does not show ours"
[ "$(inside sha256sum /usr/lib/oxlws/diverted/libwebsockets.so.17 | cut -d ' ' -f 1)" = "${genuine%% *}" ] || fail "the original is not aside"
says '/tmp/version17' | grep_all 'version 4.1' || fail "version17 on the diverted library"
# A new version of the distribution's package goes to the diverted place, and a second installation changes nothing.
inside sh -c 'dpkg -i /tmp/deb/oxlws-system17_*.deb' >"$work/log" 2>&1 || { cat "$work/log"; fail "installing again"; }
[ "$(inside readlink -f "$library")" = /usr/lib/oxlws/libwebsockets.so.17 ] || fail "gone after installing again"
echo "ok: instead of the system's library"

inside dpkg --purge oxlws-system17 >"$work/log" 2>&1 || { cat "$work/log"; fail "purge oxlws-system17"; }
[ "$(inside sha256sum "$library")" = "$genuine" ] || fail "the system's library did not come back"
inside dpkg --purge oxlws-tools liboxlws17 liboxlws19 >"$work/log" 2>&1 || { cat "$work/log"; fail "purge"; }
inside sh -c 'dpkg-query -W -f "\${Package}\n"; dpkg-divert --list' >"$work/after"
cmp "$work/before" "$work/after" || fail "packages or diversions are left"
[ ! -e "$root/usr/lib/oxlws" ] || fail "left: $(find "$root/usr/lib/oxlws")"
[ ! -e "$root/usr/bin/with-oxlws" ] || fail "with-oxlws is left"
rm -rf "$root/tmp/deb" "$root"/tmp/version1[79]
echo "ok: removed, nothing is left"
