#!/bin/sh
# Compiles each folder of C in /native to one static program of the same name in /out.
set -eu

mkdir -p /out
for folder in /native/*/; do
  name=$(basename "$folder")
  if [ -f "$folder/Makefile" ]; then
    cp -R "$folder" "/tmp/$name"
    make -C "/tmp/$name" OUT="/out/$name"
  elif ls "$folder"/*.c > /dev/null 2>&1; then
    gcc -std=gnu11 -O2 -Wall -static -o "/out/$name" "$folder"/*.c
  fi
done
