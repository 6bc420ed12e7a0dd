#!/bin/sh
# The two products are one crate with and without a feature. In one target folder of cargo they would
# overwrite each other at every turn, so the second has a folder of its own; what cargo compiled for
# the first besides the crate itself (all dependencies, which are the same) is linked into it here.
#
#   seed_target.sh FROM TO      folders such as target/release and target/other-soname/release
#
# Does nothing once TO exists, or while there is no FROM: then cargo compiles everything.
set -eu
from=$1
to=$2
[ ! -e "$to" ] && [ -d "$from/deps" ] && [ -d "$from/.fingerprint" ] && [ -d "$from/build" ] || exit 0
rm -rf "$to.seed"
mkdir -p "$to.seed"
for part in deps build .fingerprint; do
	cp -al "$from/$part" "$to.seed/$part" 2>/dev/null || cp -a "$from/$part" "$to.seed/$part"
done
# Hard links share their bytes: nothing that this crate writes again may be one of them.
rm -rf "$to.seed"/deps/*websockets* "$to.seed"/.fingerprint/oxlws-* "$to.seed"/build/oxlws-*
find "$to.seed/deps" -maxdepth 1 -type f ! -name 'lib*' ! -name '*.d' -links +1 -delete
mv "$to.seed" "$to"
