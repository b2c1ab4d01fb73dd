#!/usr/bin/env bash
# Makes the image from a binary that is built here, so that nothing compiles inside of Docker. Takes a Debian 12, as the
# image's base is one.
#
#   docker/image.sh [TAG [further arguments of docker build]]
#
# CDB_BINARY is what `swift build -c release --product cdb --static-swift-stdlib` has built; DOCKER is the client.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
tag=${1:-cdb:0.1.0}
[ "$#" -eq 0 ] || shift
[ -x "${CDB_BINARY:-}" ] || { echo "image: CDB_BINARY names no program: ${CDB_BINARY:-nothing}" >&2; exit 2; }

if ldd "$CDB_BINARY" | grep -q libswiftCore; then
  echo "image: $CDB_BINARY needs the Swift runtime: build it with --static-swift-stdlib" >&2
  exit 2
fi

context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
strip -o "$context/cdb" "$CDB_BINARY"
chmod 0755 "$context/cdb"
# shellcheck disable=SC2086 # the client may come with options
${DOCKER:-docker} build --file "$root/docker/Dockerfile" --target prebuilt --tag "$tag" \
  --build-arg "CDB_REVISION=$(git -C "$root" rev-parse --short=12 HEAD 2>/dev/null || echo unknown)" "$@" "$context"
