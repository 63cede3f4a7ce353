#!/bin/sh
# Compiles each folder of C in /native to /out: what its Makefile makes, or one static program of the same name.
set -eu

mkdir -p /out
cp -R /native /tmp/native
for folder in /tmp/native/*/; do
  name=$(basename "$folder")
  if [ -f "$folder/Makefile" ]; then
    make -C "$folder" OUT="/out/$name"
  elif ls "$folder"/*.c > /dev/null 2>&1; then
    gcc -std=gnu11 -O2 -Wall -static -o "/out/$name" "$folder"/*.c
  fi
done
