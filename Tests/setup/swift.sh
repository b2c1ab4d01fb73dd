#!/bin/sh
# Checks that a Swift that can build the package is there. It is never installed from here.
set -eu

needed_major=6
needed_minor=2
way_out="install it from https://www.swift.org/install and put it on the PATH"

if ! command -v swift >/dev/null 2>&1; then
  echo "setup: Swift $needed_major.$needed_minor or newer is needed and no swift was found; $way_out" >&2
  exit 2
fi

version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9]*\.[0-9][0-9]*\).*/\1/p' | head -n 1)
major=${version%%.*}
minor=${version#*.}
if [ -z "$version" ] || [ "$major" -lt "$needed_major" ] ||
  { [ "$major" -eq "$needed_major" ] && [ "$minor" -lt "$needed_minor" ]; }; then
  echo "setup: Swift $needed_major.$needed_minor or newer is needed and this is ${version:-unknown}; $way_out" >&2
  exit 2
fi
