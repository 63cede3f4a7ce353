#!/bin/sh
# Compiles with the chosen Go and gcc, offline: nothing that a module says can fetch code or another compiler here.
#   compile.sh go        the packages of Go's own library without C, before gcc is there
#   compile.sh cgo       the one with C
#   compile.sh program   /src with the module made in /module: /out/program and /out/facts
set -eu

export GOROOT=/usr/local/go GOPATH=/gopath GOCACHE=/gocache PATH="/usr/local/go/bin:$PATH"
export GOPROXY=off GOSUMDB=off GOTOOLCHAIN=local GOWORK=off GOENV=off
minor=$(sed -n '1s/^go1\.\([0-9]*\).*/\1/p' /usr/local/go/VERSION)

choose_compiler() {
  case ${GCC:-default} in default) suffix= ;; *) suffix=-$GCC ;; esac
  export CGO_ENABLED=1 CC="gcc$suffix" CXX="g++$suffix"
  # The reproducer's own; a link flag that Go does not know as harmless.
  export CGO_LDFLAGS_ALLOW='-Wl,--wrap=.*'
  [ "${LIBGCC:-shared}" = shared ] || export CGO_LDFLAGS='-g -O2 -static-libgcc -static-libstdc++'
}

# Releases before 1.20 bring their library compiled.
compile_library() {
  mkdir -p "$GOCACHE"
  GO111MODULE=off go build "$@"
}

compile_program() {
  mkdir -p /out
  cp -R /module/. /src
  cd /src
  [ "$minor" -lt 14 ] || export GOFLAGS=-mod=mod
  go build -o /out/program .
}

write_facts() {
  archive=$("$CXX" -print-file-name=libgcc_eh.a)
  {
    echo "gcc $("$CXX" -dumpfullversion)"
    echo "compiler $("$CXX" --version | sed 1q)"
    for name in _dl_find_object dl_iterate_phdr; do # what a static unwinder would call
      ! grep -q "$name" "$archive" || echo "libgcc-eh-import $name"
    done
    [ ! -f /module/symbolizer ] || sed 's/^/symbolizer /' /module/symbolizer
    if [ "$minor" -ge 13 ]; then go version -m /out/program; else go version; fi | sed 's/^/go /'
  } > /out/facts
}

case $1 in
  go)
    export CGO_ENABLED=0
    compile_library flag fmt io/ioutil os/signal runtime/pprof
    ;;
  cgo)
    choose_compiler
    compile_library runtime/cgo
    ;;
  program)
    choose_compiler
    compile_program
    write_facts
    ;;
esac
