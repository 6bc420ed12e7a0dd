#!/bin/sh
# headers_compile.sh INCLUDE_DIR [CC [CXX]]: the headers compile without a warning in the language standards that programs
# use, with and without NDEBUG, and without the headers of OpenSSL and libcap; the macros and inlines work.
set -eu
include=$1
cc=${2:-${CC:-cc}}
cxx=${3:-${CXX:-c++}}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
warnings="-Wall -Wextra -Wpedantic -Werror"

echo '#include <libwebsockets.h>' >"$work/all.c"
echo '#include <lws_config.h>
#if !defined(LWS_OPENSSL_SUPPORT) || LWS_LIBRARY_VERSION_NUMBER < 4001000
#error lws_config.h alone
#endif
typedef int not_empty;' >"$work/config.c"
echo '#include <oxlws.h>
#if OXLWS_VERSION_NUMBER < 1000
#error oxlws.h
#endif' >"$work/oxlws.c"
cp "$work/all.c" "$work/all.cc"
cp "$work/oxlws.c" "$work/oxlws.cc"
cp "$work/config.c" "$work/config.cc"
cp "$here/use_headers.c" "$work/use.c"
cp "$here/use_headers.c" "$work/use.cc"

# The same headers as on a machine that has neither OpenSSL's nor libcap's.
cp -R "$include" "$work/bare"
sed -e 's/__has_include(<[a-z]*\/[a-z]*\.h>)/0/' "$include/libwebsockets.h" >"$work/bare/libwebsockets.h"

for define in "" -DNDEBUG; do
	for dir in "$include" "$work/bare"; do
		# shellcheck disable=SC2086
		for std in c99 gnu99 c11 gnu17; do
			"$cc" -std=$std $warnings $define -I "$dir" -fsyntax-only "$work/all.c"
			"$cc" -std=$std $warnings $define -I "$dir" -fsyntax-only "$work/oxlws.c"
			"$cc" -std=$std $warnings $define -I "$dir" -fsyntax-only "$work/config.c"
		done
		# shellcheck disable=SC2086
		for std in c++11 c++17 c++20; do
			"$cxx" -std=$std $warnings $define -I "$dir" -fsyntax-only "$work/all.cc"
			"$cxx" -std=$std $warnings $define -I "$dir" -fsyntax-only "$work/oxlws.cc"
			"$cxx" -std=$std $warnings $define -I "$dir" -fsyntax-only "$work/config.cc"
		done
		# Old programs: accepted, with what these standards call extensions.
		"$cc" -std=gnu89 -Wall -Werror $define -I "$dir" -fsyntax-only "$work/all.c"
		"$cc" -std=gnu89 -Wall -Werror $define -I "$dir" -fsyntax-only "$work/oxlws.c"
		"$cxx" -std=c++98 -Wall -Werror $define -I "$dir" -fsyntax-only "$work/all.cc"
		"$cxx" -std=c++98 -Wall -Werror $define -I "$dir" -fsyntax-only "$work/oxlws.cc"
		# shellcheck disable=SC2086
		"$cc" -std=gnu11 $warnings $define -I "$dir" -o "$work/use" "$work/use.c"
		"$work/use"
		# shellcheck disable=SC2086
		"$cxx" -std=c++17 $warnings $define -I "$dir" -o "$work/use" "$work/use.cc"
		"$work/use"
	done
done
# What the test programs share, in the plain language.
echo '#include "harness.h"
int main(void) { return 0; }' >"$work/harness.c"
# shellcheck disable=SC2086
"$cc" -std=c99 $warnings -I "$include" -I "$here/../c" -fsyntax-only "$work/harness.c"
echo "headers compile: ok"
