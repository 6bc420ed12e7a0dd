#!/usr/bin/env bash
# Builds programs against the installed library in the ways that programs do.
#
#   consumers.sh install BUILD_DIR PREFIX SOVERSION   install, then move the tree to PREFIX
#   consumers.sh CASE PREFIX [WORK_DIR]   one of the cases below
#
# Each case ends with "ok" from the program it built, or fails.
set -euo pipefail

# grep -q ends before it has read all, and then the program in front of the pipe fails.
grep_all() {
	grep "$@" >/dev/null
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
CC=${CC:-cc}
CXX=${CXX:-c++}

if [ "$1" = install ]; then
	build=$2 prefix=$3 soversion=$4
	rm -rf "$prefix" "$prefix.before"
	cmake --install "$build" --prefix "$prefix.before" >/dev/null
	mv "$prefix.before" "$prefix"
	for file in include/libwebsockets.h include/lws_config.h include/libwebsockets/lws-write.h \
		"lib/libwebsockets.so.$soversion" lib/libwebsockets.so lib/libwebsockets.a \
		lib/cmake/libwebsockets/libwebsockets-config.cmake lib/pkgconfig/libwebsockets.pc \
		lib/pkgconfig/libwebsockets_static.pc bin/with-oxlws share/man/man1/with-oxlws.1; do
		[ -e "$prefix/$file" ] || { echo "not installed: $file"; exit 1; }
	done
	[ "$(readlink "$prefix/lib/libwebsockets.so")" = "libwebsockets.so.$soversion" ]
	readelf -d "$prefix/lib/libwebsockets.so.$soversion" | grep_all "soname: \[libwebsockets.so.$soversion\]"
	# with-oxlws finds the libraries in the moved tree, and nothing else is in their folder.
	[ "$(readlink -f "$prefix/lib/oxlws/libwebsockets.so.$soversion")" = "$(readlink -f "$prefix/lib/libwebsockets.so.$soversion")" ]
	[ -z "$(ls "$prefix/lib/oxlws" | grep -vxE 'libwebsockets\.so\.(17|19)')" ]
	"$prefix/bin/with-oxlws" --check /bin/sh 2>&1 | grep -F "$(readlink -f "$prefix/lib/oxlws")"
	# Nothing that is installed may know where it was built or first installed.
	if grep -rlE "$prefix\.before|$build" "$prefix/lib/cmake" "$prefix/lib/pkgconfig"; then
		echo "these files hold absolute paths"
		exit 1
	fi
	exit 0
fi

case=$1
prefix=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export LD_LIBRARY_PATH=$prefix/lib
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
strict="-Wall -Wextra -Werror"

run() {
	local said
	said=$("$@")
	echo "$said"
	[[ "$said" == *" ok" ]]
}

# How the program must have been linked.
linked_shared() {
	readelf -d "$1" | grep_all 'NEEDED.*libwebsockets\.so\.' || { echo "$1 does not use the shared library"; exit 1; }
}
linked_static() {
	if readelf -d "$1" | grep 'NEEDED.*libwebsockets'; then echo "$1 uses the shared library"; exit 1; fi
}

case "$case" in
doctor)
	# The program finds the library of its own tree.
	unset LD_LIBRARY_PATH
	status=0
	"$prefix/bin/oxlws-doctor" --no-proxy ws://127.0.0.1:1/ || status=$?
	[ "$status" = 4 ]
	ldd "$prefix/bin/oxlws-doctor" | grep_all "=> $prefix/.*libwebsockets"
	[ -e "$prefix/share/man/man1/oxlws-doctor.1" ]
	;;
evlib)
	# A program in a loop of libuv finds the object of that loop in the tree, whatever way it finds the library.
	[ -e "$prefix/lib/libwebsockets-evlib_uv.so" ] || { echo "libuv was not there: no object ok"; exit 0; }
	# shellcheck disable=SC2086 # several words
	$CC $strict -I"$prefix/include" -o evlib "$here/evlib.c" -L"$prefix/lib" -lwebsockets
	run ./evlib
	unset LD_LIBRARY_PATH
	run "$prefix/bin/with-oxlws" ./evlib
	# As the packages lay it out: the library elsewhere, behind a link.
	mkdir -p pack/oxlws/4.3/lib pack/oxlws/4.1/lib system
	cp -L "$prefix"/lib/libwebsockets.so.?? pack/oxlws/
	cp "$prefix"/lib/libwebsockets-evlib_*.so pack/oxlws/4.3/lib/
	cp "$prefix"/lib/libwebsockets-evlib_*.so pack/oxlws/4.1/lib/
	ln -s ../pack/oxlws/libwebsockets.so.17 ../pack/oxlws/libwebsockets.so.19 system/
	LD_LIBRARY_PATH=$work/pack/oxlws run ./evlib
	LD_LIBRARY_PATH=$work/system run ./evlib
	;;
cmake-lower | cmake-capital)
	cmake -S "$here/cmake-consumer" -B b -DCMAKE_PREFIX_PATH="$prefix" -DSPELLING="${case#cmake-}" >log || { cat log; exit 1; }
	grep -E '^-- version 4\.[0-9]' log
	cmake --build b >log 2>&1 || { cat log; exit 1; }
	for how in shared static variable; do
		echo "consumer-$how:"
		run b/consumer-$how
	done
	linked_shared b/consumer-shared
	linked_shared b/consumer-variable
	linked_static b/consumer-static
	;;
cmake-unmet)
	if cmake -S "$here/cmake-unmet" -B b -DCMAKE_PREFIX_PATH="$prefix" >log 2>&1; then
		echo "an unmet requirement did not stop the configuration"
		exit 1
	fi
	grep -q LWS_ROLE_MQTT log
	;;
pkg-config)
	pkg-config --atleast-version=4.0 libwebsockets
	if pkg-config --atleast-version=5 libwebsockets; then echo "claims to be version 5"; exit 1; fi
	$CC $strict "$here/consumer.c" $(pkg-config --cflags --libs libwebsockets) -o shared
	run ./shared
	linked_shared shared
	$CC $strict "$here/consumer.c" $(pkg-config --cflags --libs libwebsockets_static) -o static
	run ./static
	linked_static static
	;;
plain)
	# The way of autotools: AC_CHECK_LIB(websockets, lws_create_vhost), no header, no other library.
	printf 'char lws_create_vhost();\nint main(void) { return lws_create_vhost() && 0; }\n' >probe.c
	$CC -std=gnu89 -w probe.c -L"$prefix/lib" -lwebsockets -o probe
	$CC $strict -I"$prefix/include" "$here/consumer.c" -L"$prefix/lib" -lwebsockets -o plain
	run ./plain
	;;
standards)
	for std in gnu89 c99 gnu99 c11 gnu11 c17 gnu17; do
		$CC -std=$std $strict -fsyntax-only -I"$prefix/include" "$here/consumer.c"
	done
	$CC -std=c11 -pedantic-errors $strict -fsyntax-only -I"$prefix/include" "$here/consumer.c"
	$CC -std=c11 $strict -fsyntax-only -I"$prefix/include" -DNDEBUG "$here/consumer.c"
	printf '#include <lws_config.h>\n#include <lws_config.h>\nint main(void) { return LWS_MAX_SMP - 1; }\n' >config.c
	$CC -std=c11 $strict -I"$prefix/include" config.c -o config
	./config
	;;
cxx)
	for std in c++98 c++11 c++17 c++20; do
		$CXX -std=$std -Wall -Wextra -Werror -I"$prefix/include" "$here/consumer.cpp" -L"$prefix/lib" -lwebsockets -o "cxx"
		run ./cxx
	done
	;;
*)
	echo "no such case: $case" >&2
	exit 2
	;;
esac
