#!/bin/sh
# Writes down, beside the program, what its base image will run it with. Runs in that image.
set -eu

home=/opt/cgo-deadlock

package() { # the version of the first of these packages that is installed
  for name in "$@"; do
    dpkg-query -W -f '${Version}\n' "$name" 2> /dev/null && return
  done
}

libraries=$(ldd "$home/program" 2>&1 || true) # it fails for a static program
if echo "$libraries" | grep -q 'not found'; then
  echo "$libraries" >&2
  echo "facts.sh: the base image cannot run what its own compiler made. Its copy here is older than its packages: pull it again." >&2
  exit 1
fi
libgcc=$(echo "$libraries" | sed -n 's/.*libgcc_s\.so\.1 => \([^ ]*\).*/\1/p')

{
  . /etc/os-release
  echo "distribution ${PRETTY_NAME:-}"
  echo "architecture $(dpkg --print-architecture)"
  echo "glibc $(getconf GNU_LIBC_VERSION | sed 's/^glibc //')"
  ! echo "$libraries" | grep -q 'libstdc++' || echo "libstdcxx $(package libstdc++6)"
  echo "libgcc $(package libgcc-s1 libgcc1)"
  if [ -n "$libgcc" ]; then
    echo 'linkage shared'
    for name in _dl_find_object dl_iterate_phdr; do
      ! grep -q "$name" "$libgcc" || echo "libgcc-import $name"
    done
  elif grep -q '^unwinder linked-in$' "$home/facts"; then
    echo 'linkage static'
  fi
} >> "$home/facts"
