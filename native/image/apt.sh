#!/bin/sh
# Reads package lists and installs packages without leaving a trace in the image's own apt settings.
#   apt.sh update | install PACKAGE... | download PACKAGE... | clean
# A mirror's root comes as the secret `apt-mirror`. APT_FALLBACKS lists archives of retired releases, each as
# MAIN,SECURITY, tried in that order when the image's own sources fail.
set -eu

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export APT_CONFIG="$work/apt.conf" DEBIAN_FRONTEND=noninteractive

sources() { # the image's own sources, at the mirror where one is given
  rm -rf "$work/parts" && mkdir "$work/parts" && : > "$work/sources.list"
  [ ! -e /etc/apt/sources.list ] || cat /etc/apt/sources.list > "$work/sources.list"
  for file in /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
    [ ! -e "$file" ] || cat "$file" > "$work/parts/${file##*/}"
  done
  [ -s /run/secrets/apt-mirror ] || return 0
  mirror=$(sed -e 1q /run/secrets/apt-mirror | sed -e 's:/*$::' -e 's:/\(debian\|ubuntu\)$::')
  sed -i -E \
    -e "s#https?://(deb|ftp[.a-z]*)\.debian\.org/#$mirror/#g" \
    -e "s#https?://security\.debian\.org/(debian-security)?/?#$mirror/debian-security/#g" \
    -e "s#https?://([a-z]+\.)?(archive|security|ports)\.ubuntu\.com/#$mirror/#g" \
    "$work/sources.list" "$work"/parts/* 2> /dev/null || true
}

retired_sources() { # $1: MAIN,SECURITY
  rm -rf "$work/parts" && mkdir "$work/parts"
  codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
  echo "deb ${1%,*} $codename main" > "$work/sources.list"
  case $codename in stretch | buster) suite=$codename/updates ;; *) suite=$codename-security ;; esac
  echo "deb ${1#*,} $suite main" >> "$work/sources.list"
}

generate=true # apt's own cache, which costs as much as reading the lists; only what installs needs it

settings() {
  cat > "$APT_CONFIG" << END
Dir::Etc::SourceList "$work/sources.list";
Dir::Etc::SourceParts "$work/parts";
Acquire::Retries "3";
Acquire::http::Timeout "30";
Acquire::Languages "none";
APT::Update::Error-Mode "any";
APT::Install-Recommends "false";
APT::Sandbox::User "root";
pkgCacheFile::Generate "$generate";
DPkg::Options { "--force-unsafe-io"; "--path-exclude=/usr/share/doc/*"; "--path-exclude=/usr/share/man/*";
  "--path-exclude=/usr/share/info/*"; "--path-exclude=/usr/share/locale/*"; };
$1
END
}

update() {
  for pause in 2 5 0; do
    sources
    settings ''
    apt-get update -qq && return
    for fallback in ${APT_FALLBACKS:-}; do
      echo "apt.sh: the image's own sources fail; trying ${fallback%,*}" >&2
      retired_sources "$fallback"
      settings 'Acquire::Check-Valid-Until "false";'
      apt-get update -qq && return
    done
    sleep "$pause"
  done
  echo 'apt.sh: no package source answers' >&2
  return 1
}

fetch() { # packages named by lists that have grown old are gone from the archive: read the lists again, once
  "$@" || { update && "$@"; }
}

command -v apt-get > /dev/null || {
  echo 'apt.sh: this base image has no apt-get: only Debian and Ubuntu bases can be built on' >&2
  exit 1
}
action=$1
shift
sources
settings ''
case $action in
  update) generate=false update ;;
  install)
    fetch apt-get install -y -qq "$@" > "$work/log" 2>&1 || { cat "$work/log" >&2 && exit 1; }
    ;;
  download) fetch apt-get download -qq "$@" ;;
  clean) rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*.deb /var/cache/apt/*.bin /var/log/apt /var/log/dpkg.log ;;
esac
