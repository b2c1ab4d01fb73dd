#!/bin/sh
# Installs the system packages that are missing: what a build needs, with `stack` the servers that services need too, with
# `containers` a Docker engine and what makes a base image, and with `tests` what the tests need. Where nothing is missing it does nothing, and needs no network.
set -eu

needed="make pkg-config libcurl4-openssl-dev libhiredis-dev libpq-dev libprotobuf-c-dev libsnappy-dev libsqlite3-dev zlib1g-dev"
if [ "${1:-}" = stack ]; then
  needed="$needed postgresql redis-server util-linux"
fi
if [ "${1:-}" = containers ]; then
  needed="$needed python3 python3-venv binutils debootstrap docker-compose util-linux"
  # Another distributor's engine is as good, and would be in the way of Debian's.
  command -v dockerd >/dev/null 2>&1 || [ -x /usr/sbin/dockerd ] || needed="$needed docker.io"
fi
if [ "${1:-}" = tests ]; then
  needed="$needed python3 python3-venv prometheus prometheus-pushgateway postgresql redis-server libfaketime openssl chromium"
  # What makes faults from outside: namespaces, mounts, limits, damaged file systems.
  needed="$needed iproute2 util-linux mount e2fsprogs"
  # What the generated sources are compared with.
  needed="$needed protobuf-c-compiler libprotobuf-dev"
fi

if ! command -v dpkg-query >/dev/null 2>&1 || ! command -v apt-get >/dev/null 2>&1; then
  if pkg-config --exists libcurl hiredis libpq libprotobuf-c snappy sqlite3 zlib 2>/dev/null; then
    exit 0
  fi
  echo "setup: this is neither Debian nor Ubuntu: install pkg-config and the headers of libcurl, hiredis, libpq," \
    "protobuf-c, snappy, SQLite and zlib (for the tests also Python 3 with venv, Prometheus, PostgreSQL and Redis)," \
    "then run this again" >&2
  exit 2
fi

is_installed() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

missing=""
for package in $needed; do
  is_installed "$package" || missing="$missing $package"
done
if [ -z "$missing" ]; then
  exit 0
fi

as_root=""
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null 2>&1; then
    echo "setup: as root, run: apt-get update && apt-get install --no-install-recommends$missing" >&2
    exit 2
  fi
  as_root="sudo"
fi

echo "setup: installing$missing${as_root:+ (with sudo)}"

# Tests start servers of their own; the packages' services would only take their ports.
keep_from_running() {
  if [ -d /run/systemd/system ]; then
    echo "setup: keeping $* from running (systemctl unmask allows it again)"
    $as_root systemctl mask --quiet "$@"
  fi
}
case "$missing" in
*prometheus*) keep_from_running prometheus.service prometheus-pushgateway.service ;;
esac
case "$missing" in
*redis-server*) keep_from_running redis-server.service ;;
esac
case "$missing" in
*docker.io*) keep_from_running docker.service docker.socket containerd.service ;;
esac
case "$missing" in
*postgresql*)
  keep_from_running postgresql.service
  # The tests make clusters of their own; where there is none yet, the package must not make one.
  if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
    $as_root mkdir -p /etc/postgresql-common
    echo "create_main_cluster = false" | $as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
  fi
  ;;
esac

$as_root apt-get update -qq
# shellcheck disable=SC2086 # a list of names
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
