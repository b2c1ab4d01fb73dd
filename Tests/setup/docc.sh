#!/usr/bin/env bash
# Makes the documentation of the libraries around OpenMetrics from modules that are built already.
#   docc.sh PRODUCTS ARCHIVE [FLAGS]
# PRODUCTS is SwiftPM's folder of products, ARCHIVE is what is written, FLAGS go to docc. Ends with 3 where the
# toolchain has no docc.
set -euo pipefail

# A toolchain that is not on the PATH is found by its compiler.
PATH="$PATH:$(dirname "$(readlink -f "$(command -v swift)")")"
for tool in docc swift-symbolgraph-extract; do
  command -v "$tool" >/dev/null || { echo "docc: the toolchain has no $tool" >&2; exit 3; }
done
[ "$#" -ge 2 ] || { echo "usage: docc.sh PRODUCTS ARCHIVE [FLAGS]" >&2; exit 2; }

sources=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../Sources" && pwd)
products=$(cd "$1" && pwd -P)
archive=$2
shift 2

# C modules: SwiftPM writes the maps of most; others lie in their sources.
maps=()
for map in "$products"/*.build/module.modulemap; do
  [ ! -e "$map" ] || maps+=(-Xcc "-fmodule-map-file=$map")
done
for map in "$sources"/*/module.modulemap "$products"/../../checkouts/*/Sources/*/include/module.modulemap; do
  [ ! -e "$map" ] || maps+=(-I "$(dirname "$map")")
done

graphs=$(mktemp -d)
trap 'rm -rf "$graphs"' EXIT
target=$(swift -print-target-info | sed -n 's/.*"unversionedTriple": "\(.*\)".*/\1/p')
for folder in "$sources"/OpenMetrics*; do
  swift-symbolgraph-extract -module-name "$(basename "$folder")" -target "$target" -I "$products/Modules" \
    "${maps[@]}" -module-cache-path "$graphs/modules" -minimum-access-level public \
    -emit-extension-block-symbols -output-dir "$graphs"
done

docc convert "$sources/OpenMetrics/OpenMetrics.docc" --additional-symbol-graph-dir "$graphs" \
  --fallback-display-name OpenMetrics --fallback-bundle-identifier OpenMetrics \
  --output-path "$archive" "$@"
