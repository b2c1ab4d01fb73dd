#!/usr/bin/env bash
# Builds the image and runs docker/compose.yml in a Docker engine of its own (see README.md). Takes root on a Debian 12. Where
# that is not given it is skipped with a message, and on a build server (CI=true) it fails.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

cannot() {
  if [ "${CI:-}" = true ]; then
    echo "FAIL containers: $1"
    echo "0 passed, 1 failed"
    exit 1
  fi
  echo "containers: $1; skipped"
  exit 0
}

if [ "${CONTAINERS:-}" = off ]; then
  echo "containers: CONTAINERS=off says that there can be no Docker engine here; skipped"
  exit 0
fi
# shellcheck disable=SC1091 # the distribution's
[ "$(. /etc/os-release 2>/dev/null && echo "${ID:-}${VERSION_ID:-}")" = debian12 ] ||
  cannot "the image's base is Debian 12, which a binary from here would not fit"
[ "$(id -u)" -eq 0 ] || cannot "only root starts a Docker engine"
Tests/setup/packages.sh containers || cannot "the packages of the Docker engine cannot be installed"
Tests/setup/python.sh

if [ -z "${CDB_BINARY:-}" ]; then
  make --no-print-directory build-image
  CDB_BINARY=.build-image/release/cdb
fi
binary=$(realpath "$CDB_BINARY")
# What is no setting must not be in the environment of cdb.
unset CDB_BINARY CDB_REVISION CDB_TEST_PYTHON
# Whatever hangs: the first signal lets it clear away.
exec timeout --signal=TERM --kill-after=90 "${CONTAINERS_LIMIT:-900}" \
  env PYTHONDONTWRITEBYTECODE=1 .venv/bin/python Tests/containers "$binary"
