#!/bin/sh
# Puts the program from /out into its final image and writes down, beside it, what that image will run it with.
set -eu

home=/opt/cgo-deadlock
mkdir -p "$home"
cp /out/program "$home/program"

package() { # the version of the first of these packages that is installed
  for name in "$@"; do
    dpkg-query -W -f '${Version}\n' "$name" 2> /dev/null && return
  done
}

libraries=$(ldd "$home/program" 2>&1)
if echo "$libraries" | grep -q -e 'not found' -e 'no version information'; then
  echo "finish.sh: the base image lacks what the program needs; installing libgcc and libstdc++" >&2
  sh /image/apt.sh install libstdc++6
  libraries=$(ldd "$home/program" 2>&1)
fi
libgcc=$(echo "$libraries" | sed -n 's/.*libgcc_s\.so\.1 => \([^ ]*\).*/\1/p')

{
  cat /out/facts
  . /etc/os-release
  echo "distribution ${PRETTY_NAME:-}"
  echo "architecture $(dpkg --print-architecture)"
  echo "glibc $(getconf GNU_LIBC_VERSION | sed 's/^glibc //')"
  echo "libstdcxx $(package libstdc++6)"
  echo "libgcc $(package libgcc-s1 libgcc1)"
  if [ -n "$libgcc" ]; then
    echo 'linkage shared'
    for name in _dl_find_object dl_iterate_phdr; do
      ! grep -q "$name" "$libgcc" || echo "libgcc-import $name"
    done
  else
    echo 'linkage static'
  fi
} > "$home/facts"
