#!/usr/bin/env bash
# Debian packages of both products, for the machine's architecture.
#
#   deb.sh BUILD_DIR BUILD_DIR_OF_4.1 OUTPUT_DIR
#
#   liboxlws19, liboxlws17   beside the distribution's library: /usr/lib/oxlws/libwebsockets.so.NN, which no other
#                            program finds by itself, and /usr/lib/oxlws/4.3 (4.1) with headers, CMake package,
#                            pkg-config files and static library
#   liboxlws-rustls          configurations of rustls-ffi for <oxlws.h>, if BUILD_DIR has it (OXLWS_RUSTLS)
#   oxlws-tools              with-oxlws, oxlws-doctor and their man pages
#   oxlws-system19, -17      instead of the distribution's library: diverts it, and gives it back when removed
set -euo pipefail
build=$(realpath "$1") build41=$(realpath "$2")
mkdir -p "$3"
output=$(realpath "$3")
source=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$source/Cargo.toml" | head -n 1)
architecture=$(dpkg --print-architecture)
multiarch=$(gcc -print-multiarch)
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
umask 022
rm -f "$output"/*.deb

# libc_needed FILE...: the newest version of glibc whose symbols the files use
libc_needed() {
	for file in "$@"; do objdump -T "$file"; done | grep -o 'GLIBC_2\.[0-9.]*' | sed 's/GLIBC_//' | sort -uV | tail -n 1
}

# package NAME SECTION DEPENDS SUMMARY TEXT [more control lines]: from the tree $stage/NAME
package() {
	local name=$1 root=$stage/$1 doc
	doc=$root/usr/share/doc/$name
	mkdir -p "$doc" "$root/DEBIAN"
	{
		echo "oxlws, a replacement for libwebsockets"
		echo
		echo "Licence of the project: MIT or Apache-2.0, at your choice."
		echo "The Apache-2.0 text is in /usr/share/common-licenses/Apache-2.0."
		echo
		cat "$source/LICENSE-MIT"
	} >"$doc/copyright"
	gzip -9nc "$source/CHANGELOG.md" >"$doc/changelog.gz"
	(cd "$root" && find usr -type f -printf '%P\0' | sort -z | xargs -0 -I{} md5sum "usr/{}") >"$root/DEBIAN/md5sums"
	{
		echo "Package: $name"
		echo "Version: $version"
		echo "Architecture: $architecture"
		echo "Maintainer: The oxlws authors <oxlws@localhost>"
		echo "Section: $2"
		echo "Priority: optional"
		echo "Installed-Size: $(du -sk --exclude=DEBIAN "$root" | cut -f 1)"
		[ -z "$3" ] || echo "Depends: $3"
		[ -z "${6:-}" ] || echo "$6"
		echo "Description: $4"
		echo "$5" | sed 's/^/ /'
	} >"$root/DEBIAN/control"
	find "$root" -type d -exec chmod 755 {} +
	dpkg-deb --root-owner-group -Zzstd -z6 --build "$root" "$output/${name}_${version}_$architecture.deb" >/dev/null
	echo "${name}_${version}_$architecture.deb"
}

# product SOVERSION ABI BUILD
product() {
	local number=$1 abi=$2 tree=$3 root=$stage/liboxlws$1 home
	home=$root/usr/lib/oxlws/$abi
	cmake --install "$tree" --prefix "$home" >/dev/null
	[ "$number" = 17 ] || cp -a "$home" "$stage/installed"
	rm -rf "$home/bin" "$home/share" "$home/lib/oxlws"
	if [ -e "$home/lib/liboxlws-rustls.so" ]; then
		local object=$stage/liboxlws-rustls
		mkdir -p "$object/usr/lib/oxlws/$abi/lib" "$object/usr/lib/oxlws/$abi/include"
		mv "$home/lib/liboxlws-rustls.so" "$object/usr/lib/oxlws/"
		ln -s ../../liboxlws-rustls.so "$object/usr/lib/oxlws/$abi/lib/liboxlws-rustls.so"
		mv "$home/include/rustls.h" "$object/usr/lib/oxlws/$abi/include/"
	fi
	mv "$home/lib/libwebsockets.so.$number" "$root/usr/lib/oxlws/"
	ln -s "../../libwebsockets.so.$number" "$home/lib/libwebsockets.so.$number"
	strip --strip-unneeded "$root/usr/lib/oxlws/libwebsockets.so.$number"
	chmod 644 "$root/usr/lib/oxlws/libwebsockets.so.$number"
	package "liboxlws$number" libs \
		"libc6 (>= $(libc_needed "$root/usr/lib/oxlws/libwebsockets.so.$number")), libgcc-s1" \
		"drop-in replacement for libwebsockets.so.$number" \
		"The library lies in /usr/lib/oxlws, where programs find it with the command
with-oxlws only. /usr/lib/oxlws/$abi has headers, CMake package, pkg-config
files and the static library." "Recommends: oxlws-tools"

	# The diverted library must not stay in a folder that ldconfig reads: it would win again.
	root=$stage/oxlws-system$number
	local library=/usr/lib/$multiarch/libwebsockets.so.$number away=/usr/lib/oxlws/diverted/libwebsockets.so.$number
	mkdir -p "$root/usr/lib/$multiarch" "$root/usr/lib/oxlws/diverted" "$root/DEBIAN"
	ln -s "/usr/lib/oxlws/libwebsockets.so.$number" "$root$library"
	cat >"$root/DEBIAN/preinst" <<END
#!/bin/sh
set -e
if [ "\$1" = install ] || [ "\$1" = upgrade ]; then
	mkdir -p "\$DPKG_ROOT/usr/lib/oxlws/diverted"
	dpkg-divert --package oxlws-system$number --add --rename --divert $away $library
fi
END
	cat >"$root/DEBIAN/postrm" <<END
#!/bin/sh
set -e
if [ "\$1" = remove ] || [ "\$1" = abort-install ] || [ "\$1" = disappear ]; then
	dpkg-divert --package oxlws-system$number --remove --rename --divert $away $library
	rmdir --ignore-fail-on-non-empty "\$DPKG_ROOT/usr/lib/oxlws/diverted" "\$DPKG_ROOT/usr/lib/oxlws" 2>/dev/null || true
fi
END
	chmod 755 "$root/DEBIAN/preinst" "$root/DEBIAN/postrm"
	echo "activate-noawait ldconfig" >"$root/DEBIAN/triggers"
	package "oxlws-system$number" libs "liboxlws$number (= $version)" \
		"oxlws instead of the system's libwebsockets.so.$number" \
		"All programs that use libwebsockets.so.$number run on oxlws while this package is
installed. The distribution's library is moved aside and comes back when the
package is removed."
}

product 19 4.3 "$build"
product 17 4.1 "$build41"

root=$stage/liboxlws-rustls
if [ -d "$root" ]; then
	strip --strip-unneeded "$root/usr/lib/oxlws/liboxlws-rustls.so"
	chmod 644 "$root/usr/lib/oxlws/liboxlws-rustls.so"
	# Only objects of one build understand each other, so the version has to be the same.
	package liboxlws-rustls libs \
		"liboxlws19 (= $version), libc6 (>= $(libc_needed "$root/usr/lib/oxlws/liboxlws-rustls.so")), libgcc-s1" \
		"TLS configurations of rustls for programs on oxlws" \
		"liboxlws-rustls.so has the C interface of rustls (rustls-ffi), and hands the
configurations that a program makes with it to oxlws, see <oxlws.h>. Compile with
the headers and libraries of /usr/lib/oxlws/4.3."
fi

root=$stage/oxlws-tools
mkdir -p "$root/usr/bin" "$root/usr/share/man/man1"
for command in with-oxlws oxlws-doctor; do
	install -m 755 -s "$stage/installed/bin/$command" "$root/usr/bin/$command"
	gzip -9nc "$source/docs/man/$command.1" >"$root/usr/share/man/man1/$command.1.gz"
done
mkdir -p "$root/usr/share/man/man3"
gzip -9nc "$source/docs/man/oxlws.h.3" >"$root/usr/share/man/man3/oxlws.h.3.gz"
package oxlws-tools utils "libc6 (>= $(libc_needed "$root"/usr/bin/*)), liboxlws19" \
	"run a program on oxlws, or test a websocket endpoint" \
	"with-oxlws runs one program on oxlws without touching the system, or on both
libraries to show the difference. oxlws-doctor tests an endpoint and names what
is wrong." "Recommends: liboxlws17"
