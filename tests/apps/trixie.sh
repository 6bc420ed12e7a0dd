#!/usr/bin/env bash
# Programs of Debian 13 on our libwebsockets.so.19 and on theirs, in a root made with debootstrap (as root, with the
# network; kept for the next time): `make apps-trixie`.
#
#   trixie.sh BUILD_DIR FOLDER_OF_THE_ROOT PYTHON [PROGRAM...]
#
# Exit status: 0 all the same on both libraries, 1 not, 77 there is no such root and none can be made.
set -euo pipefail
build=$(realpath "$1") cache=$2 python=$(realpath -s "$3")
shift 3
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ $# -gt 0 ] || set -- mosquitto rtpengine kamailio csound driftnet swupdate
skip() {
	echo "SKIPPED: $*"
	exit 77
}

[ "$(id -u)" = 0 ] || skip "only root can make a root folder"
if [ ! -e "$cache/made" ]; then
	command -v debootstrap >/dev/null || skip "debootstrap is not installed"
	rm -rf "$cache"
	mkdir -p "$cache"
	debootstrap --variant=minbase trixie "$cache/root" >"$cache/log" 2>&1 || skip "debootstrap does not work here: $(tail -n 1 "$cache/log")"
	# No service of a package is started.
	printf '#!/bin/sh\nexit 101\n' >"$cache/root/usr/sbin/policy-rc.d"
	chmod 755 "$cache/root/usr/sbin/policy-rc.d"
	chroot "$cache/root" apt-get -q update >>"$cache/log" 2>&1 || skip "apt is not reachable: $(tail -n 1 "$cache/log")"
	: >"$cache/made"
fi

status=0 sums=
for program in "$@"; do
	echo "== $program of Debian 13"
	result=0
	"$python" "$here/$program.py" --ours "$build/lib/oxlws" --certs "$build/certs" --root "$cache/root" || result=$?
	sums+="$program: $([ $result = 0 ] && echo ok || echo "status $result"); "
	[ $result = 0 ] || status=1
done
echo "Debian 13: $sums"
exit $status
