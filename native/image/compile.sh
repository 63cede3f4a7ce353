#!/bin/sh
# Compiles with the chosen Go and gcc, offline: nothing that a module says can fetch code or another compiler here.
#   compile.sh go        the packages of Go's own library without C, before gcc is there
#   compile.sh cgo       the one with C
#   compile.sh program   package PROGRAM of /src, with the module made in /module: /out/program and /out/facts
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

fail() {
  echo "compile.sh: $*" >&2
  exit 1
}

compile_program() {
  mkdir -p /out
  cd /src
  cp /module/go.mod /module/go.sum .
  if [ -f /module/symbolizer.go ]; then
    cp /module/symbolizer.go "$package/cgo_deadlock_symbolizer.go"
    rm -rf vendor # it lacks what was added
  fi
  if [ -f vendor/modules.txt ]; then
    export GOFLAGS=-mod=vendor
  elif [ "$minor" -ge 14 ]; then
    export GOFLAGS=-mod=mod
  fi
  name=$(go list -f '{{.Name}}' "$package")
  [ "$name" = main ] || fail "the program is package $name; only a main package can be run"
  go build -o /out/program "$package"
}

# Packages of the program that set a symbolizer, unless the linker found that nobody calls that.
list_symbolizers() {
  nm /out/program | grep -q ' runtime\.SetCgoTraceback$' || return 0
  go list -deps -f '{{if not .Standard}}{{.ImportPath}} {{.Dir}}{{end}}' "$package" | while read -r path folder; do
    [ -n "$path" ] || continue
    ! grep -ls 'runtime\.SetCgoTraceback(' "$folder"/*.go | grep -qv '_test\.go$' || echo "$path"
  done
}

# Go's runtime takes one symbolizer and panics at the second.
refuse_second() {
  [ -f /module/symbolizer ] || return 0
  asked=$(cut -d ' ' -f 1 /module/symbolizer)
  while read -r path; do
    case $path/ in
      "$asked"/*) ;;
      *) fail "the program has a symbolizer already, $path, and Go takes only one: leave out the input symbolizer, or that import" ;;
    esac
  done < /tmp/symbolizers
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
    [ -z "${PROGRAM:-}" ] || sed 's/^/symbolizer-package /' /tmp/symbolizers
    ! nm /out/program | grep -q ' [Tt] _Unwind_RaiseException$' || echo 'unwinder linked-in'
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
    package=${PROGRAM:-.}
    compile_program
    list_symbolizers > /tmp/symbolizers
    refuse_second
    write_facts
    [ -z "${PROGRAM:-}" ] || sh /image/packages.sh list /out/program > /packages
    ;;
esac
