#!/bin/sh
# Debian packages of a program of the user's own. PACKAGES are those that the user named.
#   packages.sh build           installs them to compile with
#   packages.sh list PROGRAM    prints those that it needs to run
#   packages.sh run FILE        installs those listed that this image lacks
set -efu

PACKAGES=${PACKAGES:-}

apt() {
  sh "$(dirname "$0")/apt.sh" "$@"
}

owner() { # the package that a file belongs to; dpkg knows it by its path before or after /usr was merged
  real=$(readlink -f "$1")
  for path in "$1" "$real" "/usr$real" "${real#/usr}"; do
    dpkg-query -S "$path" 2> /dev/null | sed -n '1s/^\([^:, ]*\)[:,].*/\1/p' | grep . && return
  done
  echo "packages.sh: $1 belongs to no package, so it is not in the image that the program runs in" >&2
}

list() { # what it is linked to, and what was named and is not for compiling: what it loads later, data, plug-ins
  ldd "$1" 2> /dev/null | sed -n 's/.* => \(\/[^ ]*\) .*/\1/p' | while read -r file; do owner "$file"; done
  for name in $PACKAGES; do
    case ${name%%=*} in *-dev | pkg-config | pkgconf) ;; *) echo "$name" ;; esac
  done
}

missing() { # of the packages in file $1
  while read -r name; do
    dpkg-query -W -f '${db:Status-Status}\n' "$name" 2> /dev/null | grep -q '^installed$' || echo "$name"
  done < "$1"
}

case $1 in
  build) [ -z "$PACKAGES" ] || apt install pkg-config $PACKAGES ;;
  list) list "$2" | sort -u ;;
  run)
    lacking=$(missing "$2")
    [ -n "$lacking" ] || exit 0
    apt update
    # An upgrade would put another C library under the program than the one asked for.
    apt install --no-upgrade $lacking
    apt clean
    ;;
esac
