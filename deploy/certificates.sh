#!/bin/sh
# Certificates for mutual TLS between the nodes of a cluster.
#
#   deploy/certificates.sh FOLDER HOST…
#
# HOST: a machine as cluster.yaml names it, or several names of one machine with commas between them. Makes an authority
# in FOLDER unless one is there, and FOLDER/HOST/ (the first name) with ca.pem, node.pem and node.key: what belongs onto
# that machine. FOLDER/ca.key stays where it is: whoever has it can join.
set -eu

days=3650

if [ $# -lt 2 ]; then
  echo "usage: $0 FOLDER HOST…" >&2
  exit 2
fi
folder=$1
shift
umask 077
mkdir -p "$folder"

if [ ! -e "$folder/ca.key" ]; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days $days \
    -subj "/CN=paxbench cluster" -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign" \
    -keyout "$folder/ca.key" -out "$folder/ca.pem" 2>/dev/null
fi

# "10.0.0.1,a.example" → "IP:10.0.0.1,DNS:a.example"
alternatives() {
  echo "$1" | tr ',' '\n' | sed -E 's/^([0-9]+(\.[0-9]+){3}|.*:.*)$/IP:\1/; t; s/^/DNS:/' | paste -sd, -
}

for names in "$@"; do
  host=${names%%,*}
  to="$folder/$host"
  mkdir -p "$to"
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$host" \
    -keyout "$to/node.key" -out "$to/node.csr" 2>/dev/null
  printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth,clientAuth\nbasicConstraints=critical,CA:FALSE\n' "$(alternatives "$names")" > "$to/extensions"
  openssl x509 -req -in "$to/node.csr" -CA "$folder/ca.pem" -CAkey "$folder/ca.key" -days $days \
    -extfile "$to/extensions" -out "$to/node.pem" 2>/dev/null
  rm "$to/node.csr" "$to/extensions"
  cp "$folder/ca.pem" "$to/ca.pem"
  echo "$to"
done
