#!/usr/bin/env bash
# Makes the certificates of the tests in the folder given:
#
#   make-certs.sh DIR
#
#   ca.pem                    a test authority            other-ca.pem  another one
#   server.pem  server.key    localhost, 127.0.0.1, ::1   by ca
#   expired.pem expired.key   the same names, ran out on 2025-01-01
#   wrongname.pem .key        wrong.example               by ca
#   selfsigned.pem .key       localhost, signed by itself
#   client.pem  client.key    for client authentication   by ca
#   encrypted.key             server.key under the passphrase "secret"
#
# Nothing is done when DIR is complete. The keys are worth nothing: they are made
# anew on each machine and trusted by nobody.
set -euo pipefail
dir=$1
mkdir -p "$dir"
cd "$dir"
[ -e complete ] && exit 0

exec 3>&2 2>make-certs.log
trap 'status=$?; [ $status = 0 ] || { echo "make-certs.sh failed:"; tail -n 20 make-certs.log; } >&3; exit $status' EXIT

key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1"; }

authority() { # name, common name
	key "$1.key"
	openssl req -x509 -new -key "$1.key" -sha256 -days 3650 -subj "/CN=$2" \
		-addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign -out "$1.pem"
}

leaf() { # name, common name, alternative names, usage, further options of `openssl ca`
	local name=$1 cn=$2 san=$3 usage=$4
	shift 4
	key "$name.key"
	openssl req -new -key "$name.key" -subj "/CN=$cn" -out "$name.csr"
	printf 'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=%s\nsubjectAltName=%s\n' \
		"$usage" "$san" >"$name.ext"
	openssl ca -batch -notext -config ca.conf -extfile "$name.ext" -in "$name.csr" -out "$name.pem" "$@"
}

cat >ca.conf <<'CONF'
[ca]
default_ca = test_ca
[test_ca]
new_certs_dir = .
database = index.txt
serial = serial
private_key = ca.key
certificate = ca.pem
default_md = sha256
default_days = 3650
policy = any
unique_subject = no
[any]
commonName = supplied
CONF
: >index.txt
echo 1000 >serial

authority ca "oxlws test authority"
authority other-ca "another test authority"
names=DNS:localhost,IP:127.0.0.1,IP:::1
leaf server localhost "$names" serverAuth
leaf expired localhost "$names" serverAuth -startdate 20240101000000Z -enddate 20250101000000Z
leaf wrongname wrong.example DNS:wrong.example serverAuth
leaf client "test client" DNS:client.example clientAuth
key selfsigned.key
openssl req -x509 -new -key selfsigned.key -sha256 -days 3650 -subj /CN=localhost \
	-addext "subjectAltName=$names" -out selfsigned.pem
openssl ec -in server.key -aes256 -passout pass:secret -out encrypted.key
: >complete
