#!/usr/bin/env bash
# The Debian packages, made, and used in a folder: control files and contents, programs compiled and run from what
# `dpkg-deb -x` unpacks, and dpkg itself with a folder as root, where the diversion comes and goes. Nothing of the system
# is touched; needs neither root nor the network.
#
#   unpacked.sh BUILD_DIR BUILD_DIR_OF_4.1 OUTPUT_DIR
#
# Exit status 77: the product of soname 17 is not built, or this is no Debian system.
set -euo pipefail

grep_all() {
	grep "$@" >/dev/null
}
fail() {
	echo "FAILED: $*"
	exit 1
}
skip() {
	echo "SKIPPED: $*"
	exit 77
}

command -v dpkg-deb >/dev/null || skip "no dpkg-deb here"
[ -e "$2/cmake_install.cmake" ] && [ -e "$2/lib/libwebsockets.so.17" ] || skip "the product of soname 17 is not built in $2 (make build-4.1)"
build=$(realpath "$1") build41=$(realpath "$2") output=$3
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
multiarch=$(gcc -print-multiarch)
CC=${CC:-cc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
names="liboxlws19 liboxlws17 oxlws-tools oxlws-system19 oxlws-system17"
[ ! -e "$build/lib/liboxlws-rustls.so" ] || names="$names liboxlws-rustls"

mkdir -p "$output"
"$here/../../packaging/deb.sh" "$build" "$build41" "$output"
version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$here/../../Cargo.toml" | head -n 1)

# ---- what dpkg reads
for name in $names; do
	file=$(echo "$output/${name}"_*.deb)
	[ -e "$file" ] || fail "no package $name"
	field() { dpkg-deb --field "$file" "$1"; }
	[ "$(field Package)" = "$name" ] || fail "$name calls itself $(field Package)"
	[ "$(field Version)" = "$version" ] || fail "$name has the version $(field Version)"
	[ "$(field Architecture)" = "$(dpkg --print-architecture)" ] || fail "$name is for $(field Architecture)"
	for needed in Maintainer Section Priority Installed-Size Depends Description; do
		[ -n "$(field $needed)" ] || fail "$name has no field $needed"
	done
	[ "$(field Description | wc -l)" -gt 1 ] || fail "$name is described in one line only"
	[ "$(stat -c %s "$file")" -lt 12000000 ] || fail "$name has $(stat -c %s "$file") bytes"
	dpkg-deb --contents "$file" >"$work/contents"
	if grep -vE '^[-dl][rwx-]{9} root/root ' "$work/contents"; then fail "$name has files of somebody"; fi
	if grep -E '^-.......w|^d.......w|^-..s|^-.....s' "$work/contents"; then fail "$name has files that everybody may write, or with rights"; fi
	if grep -E " \./(usr/local|home|work|root|tmp|build|etc|var)/" "$work/contents"; then fail "$name has files where they do not belong"; fi
	grep_all "usr/share/doc/$name/copyright" "$work/contents" || fail "$name has no copyright file"
	dpkg-deb -x "$file" "$work/$name"
	dpkg-deb -e "$file" "$work/$name.control"
	(cd "$work/$name" && md5sum --quiet -c "../$name.control/md5sums") || fail "md5sums of $name"
	for script in "$work/$name.control"/*inst "$work/$name.control"/*rm; do
		[ ! -e "$script" ] || sh -n "$script" || fail "$script"
	done
	if grep -rlF "$build" "$work/$name"; then fail "$name knows the folder it was built in"; fi
done
# Whoever depends on a library of ours gets it from ours.
dpkg-deb --field "$output"/oxlws-system17_*.deb Depends | grep_all "liboxlws17 (= $version)" || fail "oxlws-system17 depends on another"
for number in 17 19; do
	objdump -p "$work/liboxlws$number/usr/lib/oxlws/libwebsockets.so.$number" >"$work/dynamic"
	grep_all -E "SONAME +libwebsockets.so.$number$" "$work/dynamic" || fail "soname $number"
	if sed -n 's/.*NEEDED *//p' "$work/dynamic" | grep -vE '^(libc|libm|libgcc_s|ld-linux.*|libdl|libpthread)\.so'; then
		fail "liboxlws$number needs more than it says"
	fi
done
for page in with-oxlws oxlws-doctor; do
	gzip -t "$work/oxlws-tools/usr/share/man/man1/$page.1.gz" || fail "man page $page"
done
echo "ok: made, $(echo "$names" | wc -w) packages of $version"

# ---- unpacked: a program for each number, built against the packages' files only, run by with-oxlws
for name in liboxlws19 liboxlws17 liboxlws-rustls oxlws-tools; do
	[ ! -d "$work/$name" ] || cp -a "$work/$name/." "$work/root/"
done
with=$work/root/usr/bin/with-oxlws
for pair in 19:4.3 17:4.1; do
	number=${pair%:*} abi=${pair#*:}
	export PKG_CONFIG_PATH=$work/root/usr/lib/oxlws/$abi/lib/pkgconfig
	$CC "$here/../tools/version.c" $(pkg-config --cflags --libs libwebsockets) -o "$work/version$number"
	$CC "$here/../tools/version.c" $(pkg-config --cflags --libs libwebsockets_static) -o "$work/static$number"
	"$work/static$number" </dev/null 2>/dev/null | grep_all "version $abi" || fail "static program of $abi"
	"$with" "$work/version$number" </dev/null >"$work/out" 2>&1 || fail "with-oxlws version$number: $(cat "$work/out")"
	grep_all "version $abi" "$work/out" || fail "with-oxlws version$number runs another"
	grep_all "is $work/root/usr/lib/oxlws/libwebsockets.so.$number, oxlws $version" "$work/out" ||
		fail "with-oxlws version$number does not say what it took: $(cat "$work/out")"
	cmake -S "$here/../build/cmake-consumer" -B "$work/cmake$number" -DCMAKE_PREFIX_PATH="$work/root/usr/lib/oxlws/$abi" >"$work/out" 2>&1 ||
		{ cat "$work/out"; fail "find_package in the package of $abi"; }
done
if [ -e "$work/root/usr/lib/oxlws/liboxlws-rustls.so" ]; then
	# The object and the library are of one build, and the library takes a configuration of it.
	home=$work/root/usr/lib/oxlws/4.3
	$CC -I"$home/include" "$here/rustls_object.c" -o "$work/rustls-object" -L"$home/lib" -loxlws-rustls -lwebsockets
	LD_LIBRARY_PATH=$work/root/usr/lib/oxlws "$work/rustls-object" || fail "liboxlws-rustls.so and the library of its package do not fit"
	echo "ok: liboxlws-rustls"
fi
"$work/root/usr/bin/oxlws-doctor" --version | grep_all "oxlws $version" || fail "oxlws-doctor does not start"
echo "ok: used from a folder"

# ---- installed by dpkg into a folder: the diversion
as_root=
if [ "$(id -u)" != 0 ]; then
	command -v fakeroot >/dev/null || { echo "not root and no fakeroot: dpkg is not tried"; exit 0; }
	as_root=fakeroot
fi
target=$work/target library=usr/lib/$multiarch/libwebsockets.so.17
mkdir -p "$target/var/lib/dpkg/info" "$target/var/lib/dpkg/updates" "$target/var/lib/dpkg/triggers" "$target/var/log"
: >"$target/var/lib/dpkg/status"
# Maintainer scripts run here, with DPKG_ROOT; dpkg itself works on nothing but the folder.
dpkg_there() {
	$as_root env PATH="/usr/sbin:/sbin:$PATH" dpkg --root="$target" --log="$work/dpkg.log" --force-script-chrootless --force-depends \
		--no-triggers "$@" >"$work/out" 2>&1 || { cat "$work/out"; fail "dpkg $*"; }
}
# The distribution's package, in two versions.
for release in 1 2; do
	mkdir -p "$work/genuine$release/DEBIAN" "$work/genuine$release/usr/lib/$multiarch"
	echo "the distribution's library, version $release" >"$work/genuine$release/$library"
	printf 'Package: libwebsockets17\nVersion: %s\nArchitecture: all\nMaintainer: nobody\nDescription: stand-in\n' "$release" \
		>"$work/genuine$release/DEBIAN/control"
	dpkg-deb --root-owner-group --build "$work/genuine$release" "$work/genuine$release.deb" >/dev/null
done
outside() { dpkg-divert --list; dpkg-query -W 'libwebsockets*' '*oxlws*' 2>/dev/null || true; }
outside >"$work/outside"
listing() { (cd "$target" && find . -path ./var -prune -o -print | sort); }
release_at() { sed -n 's/.*version //p' "$target/$1"; }

dpkg_there -i "$work/genuine1.deb"
listing >"$work/before"
dpkg_there -i "$output"/liboxlws17_*.deb "$output"/liboxlws19_*.deb "$output"/oxlws-tools_*.deb
[ "$(release_at "$library")" = 1 ] || fail "installing beside the library changed it"
dpkg_there -i "$output"/oxlws-system17_*.deb
away=usr/lib/oxlws/diverted/libwebsockets.so.17
[ "$(readlink "$target/$library")" = /usr/lib/oxlws/libwebsockets.so.17 ] || fail "the diversion does not show ours"
[ -e "$target$(readlink "$target/$library")" ] || fail "the diversion shows nothing"
[ "$(release_at "$away")" = 1 ] || fail "the original is not aside"
dpkg_there -i "$output"/oxlws-system17_*.deb
[ "$(readlink "$target/$library")" = /usr/lib/oxlws/libwebsockets.so.17 ] || fail "gone after installing again"
dpkg_there -i "$work/genuine2.deb"
[ -L "$target/$library" ] || fail "an upgrade of the distribution's package took ours away"
[ "$(release_at "$away")" = 2 ] || fail "an upgrade of the distribution's package went astray"
dpkg_there --remove oxlws-system17
[ ! -L "$target/$library" ] && [ "$(release_at "$library")" = 2 ] || fail "the distribution's library did not come back"
dpkg_there --purge oxlws-system17 liboxlws17 liboxlws19 oxlws-tools
listing >"$work/after"
diff "$work/before" "$work/after" || fail "something is left"
outside | cmp - "$work/outside" || fail "the system itself was changed"
echo "ok: installed, diverted and removed by dpkg in a folder"
