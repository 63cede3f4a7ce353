#!/bin/sh
# Fetches Go code with Debian's go command, which verifies it against the signed checksum database.
#   go.sh command             puts that go command at /gocmd/bin/go
#   go.sh toolchain RELEASE   puts that Go release at /usr/local/go
#   go.sh module              fetches the modules that /src needs; makes /module: its go.mod and go.sum, and symbolizer.go
# The secret `go-env` is a file as `go env -w` writes it (GOPROXY, GOSUMDB...), the secret `ca` a bundle of certificates.
set -eu

export GOROOT=/gocmd GOPATH=/gopath GOCACHE=/tmp/gocache GOFLAGS=-modcacherw GOTOOLCHAIN=auto
export PATH="/gocmd/bin:$PATH"
[ ! -s /run/secrets/go-env ] || export GOENV=/run/secrets/go-env
[ ! -s /run/secrets/ca ] || export SSL_CERT_FILE=/run/secrets/ca

fail() {
  echo "go.sh: $*" >&2
  exit 1
}

field() { # $1 of the JSON object on standard input, as the go command prints it
  sed -n "s/^[[:space:]]*\"$1\": \"\(.*\)\",\{0,1\}\$/\1/p"
}

download() { # go mod download's JSON for $1, or for all that /module needs; in /tmp/download.json
  for pause in 2 5 0; do
    go mod download -json $1 > /tmp/download.json 2> /tmp/download.err && return
    field Error < /tmp/download.json | sed 's/\\n/\n/g; s/\\t/  /g; s/\\"/"/g' >&2
    cat /tmp/download.err >&2
    # Answers that stay the same however often one asks.
    ! grep -qE '40[0-9] |410 Gone|SECURITY ERROR|not found|invalid|disabled' /tmp/download.json /tmp/download.err || break
    sleep "$pause"
  done
  if grep -q 'git": executable file not found' /tmp/download.json /tmp/download.err; then
    echo 'go.sh: the module proxies do not have it, and fetching it from its repository needs git, which this build has not; modules of your own can be vendored (go mod vendor)' >&2
  fi
  fail "cannot download ${1:-the modules that the program needs}"
}

fetch_command() {
  mkdir -p /gocmd && cd /gocmd
  sh /image/apt.sh download golang-1.24-go
  # The three files come first in a large archive: tar stops there, and dpkg-deb says that nobody reads on.
  dpkg-deb --fsys-tarfile golang-1.24-go_*.deb 2> /dev/null |
    tar -x --occurrence=1 --strip-components=4 ./usr/lib/go-1.24/bin/go ./usr/lib/go-1.24/go.env ./usr/lib/go-1.24/VERSION
  rm ./*.deb
}

fetch_toolchain() {
  architecture=$(dpkg --print-architecture)
  download "golang.org/toolchain@v0.0.1-go$1.linux-$architecture"
  mv "$(field Dir < /tmp/download.json)" /usr/local/go
  cd /usr/local/go
  # A module's archive keeps no run bits.
  chmod +x bin/* pkg/tool/*/*
  # Half of it is not needed to compile, and it is copied from here.
  rm -rf api doc misc test src/cmd pkg/*_race "$GOPATH"
  (cd pkg/tool/*/ && rm -f addr2line api cover dist distpack doc fix nm objdump oldlink pprof test2json tour trace vet)
}

# The program's module with its symbolizer, where one is added: SYMBOLIZER is `none`, MODULE@VERSION or a folder;
# SYMBOLIZER_IMPORT the package to import, unless it is the module's root; SYMBOLIZER_REQUIRES are MODULE@VERSION that
# its go.mod leaves out.
make_module() {
  mkdir -p /module "$GOPATH" && cd /src
  touch go.sum
  # Older Go releases can't read a toolchain line, and the compile step stays with its own Go anyway.
  go mod edit -toolchain=none
  cp go.mod go.sum /module
  case ${SYMBOLIZER:-none} in
    none)
      [ -f vendor/modules.txt ] || download ''
      return 0
      ;;
    /*) add_local "$SYMBOLIZER" ;;
    *) add_download "$SYMBOLIZER" ;;
  esac
  for required in ${SYMBOLIZER_REQUIRES:-}; do go mod edit -require="$required"; done
  printf 'package main\n\nimport _ "%s"\n' "${SYMBOLIZER_IMPORT:-$path}" > /module/symbolizer.go
  echo "$path $source" > /module/symbolizer
  download '' # all of the graph
  # A symbolizer that asks for a newer Go has raised the program's own line; older Go releases can't read that, and need not.
  go mod edit -go="$(awk '$1 == "go" { print $2 }' /module/go.mod)" -toolchain=none
  for key in Path Version Sum GoModSum; do field "$key" < /tmp/download.json > "/tmp/$key"; done
  paste -d ' ' /tmp/Path /tmp/Version /tmp/Sum >> go.sum
  paste -d ' ' /tmp/Path /tmp/Version /tmp/GoModSum | sed 's: \([^ ]*\)$:/go.mod \1:' >> go.sum
  cat go.mod go.sum
  cp go.mod go.sum /module
}

module_path() {
  awk '$1 == "module" { gsub(/["`]/, "", $2); print $2; exit }' "$1"
}

add_local() {
  [ -f "$1/go.mod" ] || fail 'the symbolizer folder has no go.mod'
  path=$(module_path "$1/go.mod") source='local'
  go mod edit -dropreplace="$path"
  go mod edit -require="$path@v0.0.0" -replace="$path=$1"
}

add_download() {
  download "$1"
  version=$(field Version < /tmp/download.json)
  path=$(module_path "$(field GoMod < /tmp/download.json)")
  source="${1%@*} $version"
  go mod edit -dropreplace="$path" # a program of the user's own may have one
  if [ "$path" = "${1%@*}" ]; then
    go mod edit -require="$path@$version"
  else # a fork that keeps the path of what it was forked from
    go mod edit -require="$path@v0.0.0" -replace="$path=${1%@*}@$version"
  fi
}

case $1 in
  command) fetch_command ;;
  toolchain) fetch_toolchain "$2" ;;
  module) make_module ;;
esac
