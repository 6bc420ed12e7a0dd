#!/usr/bin/env bash
# Installs what building and testing need and this machine lacks. Safe to run
# again and again: it does nothing, without network, when nothing is missing.
#
#   setup.sh           the needed parts; also tries the optional ones
#   setup.sh --cross   what `make linkers` needs: lld, a compiler, the C library and qemu for aarch64, and Rust's library for it
#   setup.sh --lean    only what `make demo` needs: no valgrind in use, no .venv, nothing optional
#
# Needed: a C compiler, make, cargo (not installed here), cmake, pkg-config,
# openssl, valgrind, Python 3 with a virtual environment in .venv that has the
# `websockets` and `h2` modules. Optional: the development files of libuv, libev, GLib,
# libevent and systemd, for the objects of `evlib/`; Debian's libwebsockets-dev, the
# genuine library that comparing tests use, and its plugins for event libraries;
# curl, nginx, chromium with chromium-driver and the Python module `aiohttp`, under
# which the servers are tried. What is missing is said so and skipped.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

log="${TMPDIR:-/tmp}/oxlws-setup.$(id -u).log"
: >"$log"

die() {
	echo "setup: $*" >&2
	echo "setup: last lines of $log:" >&2
	tail -n 20 "$log" >&2
	exit 1
}

as_root=()
[ "$(id -u)" = 0 ] || as_root=(sudo -n)

apt_updated=no
apt_install() {
	command -v apt-get >/dev/null || return 1
	if [ "$apt_updated" = no ]; then
		"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q update >>"$log" 2>&1 </dev/null || true
		apt_updated=yes
	fi
	"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
		-o Dpkg::Options::=--force-confold install --no-install-recommends "$@" >>"$log" 2>&1 </dev/null
}

command -v cargo >/dev/null || die "cargo is missing: install Rust (https://rustup.rs) first"

# command that must exist = Debian package that brings it
missing=()
for pair in cc=gcc g++=g++ make=make cmake=cmake pkg-config=pkg-config openssl=openssl readelf=binutils \
	valgrind=valgrind python3=python3; do
	command -v "${pair%%=*}" >/dev/null || missing+=("${pair#*=}")
done
echo '#include <stdio.h>
int main(void) { return 0; }' | cc -xc -fsyntax-only - >>"$log" 2>&1 || missing+=(libc6-dev)
if [ "${#missing[@]}" -gt 0 ]; then
	echo "setup: installing ${missing[*]}"
	apt_install "${missing[@]}" || die "could not install ${missing[*]}"
fi

if [ "${1:-}" = --cross ]; then
	missing=()
	for pair in ld.lld=lld aarch64-linux-gnu-gcc=gcc-aarch64-linux-gnu qemu-aarch64=qemu-user; do
		command -v "${pair%%=*}" >/dev/null || missing+=("${pair#*=}")
	done
	[ -e /usr/aarch64-linux-gnu/include/stdio.h ] || missing+=(libc6-dev-arm64-cross)
	if [ "${#missing[@]}" -gt 0 ]; then
		echo "setup: installing ${missing[*]}"
		apt_install "${missing[@]}" || die "could not install ${missing[*]}"
	fi
	[ -d "$(rustc --print sysroot)/lib/rustlib/aarch64-unknown-linux-gnu" ] ||
		rustup target add aarch64-unknown-linux-gnu >>"$log" 2>&1 || die "could not add Rust's library for aarch64"
	exit 0
fi

# The demonstration needs no more.
[ "${1:-}" != --lean ] || exit 0

# The virtual environment is remade when its Python has gone.
if ! .venv/bin/python -c 'import websockets.version as v; assert int(v.version.split(".")[0]) >= 11' >>"$log" 2>&1; then
	echo "setup: making .venv with the websockets module"
	rm -rf .venv
	if ! python3 -m venv .venv >>"$log" 2>&1; then
		rm -rf .venv
		apt_install python3-venv || die "could not install python3-venv"
		python3 -m venv .venv >>"$log" 2>&1 || die "python3 -m venv failed"
	fi
	.venv/bin/python -m pip --quiet install 'websockets>=11' >>"$log" 2>&1 </dev/null ||
		die "pip could not install websockets"
fi
if ! .venv/bin/python -c 'import h2' >>"$log" 2>&1; then
	echo "setup: installing the h2 module"
	.venv/bin/python -m pip --quiet install 'h2>=4.1' >>"$log" 2>&1 </dev/null || die "pip could not install h2"
fi

# Event libraries: what is missing is not built and not tested.
missing=()
for pair in libuv=libuv1-dev glib-2.0=libglib2.0-dev libevent=libevent-dev libsystemd=libsystemd-dev; do
	pkg-config --exists "${pair%%=*}" || missing+=("${pair#*=}")
done
echo '#include <ev.h>' | cc -xc -fsyntax-only - >>"$log" 2>&1 || missing+=(libev-dev)
evlib_note=.venv/evlibs-not-available
if [ "${#missing[@]}" -gt 0 ] && [ ! -e "$evlib_note" ]; then
	echo "setup: installing ${missing[*]} (event libraries)"
	if ! apt_install "${missing[@]}"; then
		: >"$evlib_note"
		echo "setup: not available; contexts in their loops will not be built"
	fi
fi

# Tried once per machine; a machine without it only loses comparisons.
oracle_note=.venv/oracle-not-available
if [ ! -e /usr/include/libwebsockets.h ] && [ ! -e "$oracle_note" ]; then
	echo "setup: installing libwebsockets-dev (genuine library, for comparisons)"
	if ! apt_install libwebsockets-dev libwebsockets-evlib-uv libwebsockets-evlib-ev libwebsockets-evlib-glib; then
		: >"$oracle_note"
		echo "setup: not available; comparisons with the genuine library will be skipped"
	fi
fi

# Peers of the interop tests, tried once per machine like the genuine library.
peers_note=.venv/peers-not-available
peers=()
for pair in curl=curl nginx=nginx-light chromium=chromium chromedriver=chromium-driver; do
	PATH="$PATH:/usr/sbin" command -v "${pair%%=*}" >/dev/null || peers+=("${pair#*=}")
done
if [ "${#peers[@]}" -gt 0 ] && [ ! -e "$peers_note" ]; then
	echo "setup: installing ${peers[*]} (peers of tests)"
	if ! apt_install "${peers[@]}"; then
		: >"$peers_note"
		echo "setup: not available; tests with ${peers[*]} will be skipped"
	fi
fi
aiohttp_note=.venv/aiohttp-not-available
if ! .venv/bin/python -c 'import aiohttp' >>"$log" 2>&1 && [ ! -e "$aiohttp_note" ]; then
	echo "setup: adding aiohttp to .venv"
	if ! .venv/bin/python -m pip --quiet install aiohttp >>"$log" 2>&1 </dev/null; then
		: >"$aiohttp_note"
		echo "setup: not available; tests with aiohttp will be skipped"
	fi
fi

# The Autobahn test suite, whose cases a part of the tests plays.
autobahn_note=.venv/autobahn-not-available
if ! .venv-autobahn/bin/python -c 'import autobahn, twisted, importlib.metadata as m; m.version("autobahntestsuite")' >>"$log" 2>&1 && [ ! -e "$autobahn_note" ]; then
	echo "setup: making .venv-autobahn with the Autobahn test suite"
	if ! { python3 -m venv .venv-autobahn &&
		.venv-autobahn/bin/python -m pip --quiet install autobahntestsuite==25.10.1 autobahn twisted setuptools; } >>"$log" 2>&1 </dev/null; then
		: >"$autobahn_note"
		echo "setup: not available; its cases will be skipped"
	fi
fi
