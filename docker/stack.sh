#!/usr/bin/env bash
# The profile `core` of compose.yml without containers: Redis and PostgreSQL of the system's packages and cdb's services, on
# loopback, each started again when it ends by itself. Ctrl-C (or SIGTERM) ends all of it, the way in first.
#
#   docker/stack.sh [--data-dir D] [--redis-port N] [--postgres-port N] [-- flags of every service]
set -euo pipefail

directory=data/stack
redis_port=6379
postgres_port=5432
cdb=${CDB_BINARY:-cdb}
while [ $# -gt 0 ]; do
  case "$1" in
  --data-dir) directory=$2 && shift 2 ;;
  --redis-port) redis_port=$2 && shift 2 ;;
  --postgres-port) postgres_port=$2 && shift 2 ;;
  --) shift && break ;;
  *) echo "stack: unknown option $1; it takes --data-dir, --redis-port, --postgres-port, and -- before flags of the services" >&2 && exit 2 ;;
  esac
done
mkdir -p "$directory/redis" "$directory/logs"
directory=$(cd "$directory" && pwd)

say() { echo "stack: $*"; }
fail() { echo "stack: $*" >&2 && exit 3; }

command -v redis-server >/dev/null || fail "redis-server is missing (Debian: apt-get install redis-server)"
postgres=$(find /usr/lib/postgresql -maxdepth 3 -name initdb -printf '%h\n' 2>/dev/null | sort -V | tail -1)
[ -n "$postgres" ] || fail "PostgreSQL is missing (Debian: apt-get install postgresql)"
for port in "$redis_port" "$postgres_port"; do
  if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
    fail "something listens on 127.0.0.1:$port already: name another port with --redis-port or --postgres-port"
  fi
done

# PostgreSQL refuses to run as root.
as_postgres=()
if [ "$(id -u)" -eq 0 ]; then
  as_postgres=(setpriv --reuid postgres --regid postgres --clear-groups --)
fi
if [ ! -e "$directory/postgres/PG_VERSION" ]; then
  mkdir -p "$directory/postgres"
  if [ "$(id -u)" -eq 0 ]; then
    chown postgres:postgres "$directory/postgres"
    folder=$directory
    while [ "$folder" != / ]; do
      [ "$(stat -c %a "$folder" | tail -c 2)" -ge 1 ] || fail "$folder cannot be entered by the user postgres: chmod o+x $folder, or choose another --data-dir"
      folder=$(dirname "$folder")
    done
  fi
  "${as_postgres[@]}" "$postgres/initdb" -D "$directory/postgres" -U cdb -A trust -E UTF8 --locale=C.UTF-8 \
    --no-instructions >"$directory/logs/initdb.log" 2>&1 || fail "initdb failed: see $directory/logs/initdb.log"
fi

names=()
pids=()
ending=""

# Keeps a program running: it is started again when it ends by itself, ever later if it does so at once.
keep() {
  local name=$1 pause=0 child started
  shift
  child=""
  # Ctrl-C reaches this shell, too: it has to be there until the script tells it to end its program.
  trap '' INT
  trap 'ending=1; [ -z "$child" ] || kill -TERM "$child" 2>/dev/null || true' TERM
  while [ -z "$ending" ]; do
    started=$SECONDS
    # In a session of its own: Ctrl-C goes to this script alone, which ends all in their order.
    setsid "$@" >>"$directory/logs/$name.out" 2>&1 &
    child=$!
    local code=0
    wait "$child" 2>/dev/null || code=$?
    # A signal to this shell ends the wait, not the program.
    while kill -0 "$child" 2>/dev/null; do wait "$child" 2>/dev/null || code=$?; done
    [ -z "$ending" ] || break
    # A service that ends so has done its work or is set wrong; a server has been shut down by somebody, and is missed.
    if { [ "$code" -eq 0 ] || [ "$code" -eq 2 ]; } && [ "$name" != redis ] && [ "$name" != postgres ]; then
      echo "stack: $name has ended ($code): $(tail -n 1 "$directory/logs/$name.out")"
      break
    fi
    if [ $((SECONDS - started)) -lt 5 ]; then pause=$((pause < 8 ? pause + 1 : 8)); else pause=0; fi
    echo "stack: $name ended with $code; it is started again in $pause s"
    sleep "$pause" &
    wait $! || true
  done
}

start() {
  keep "$@" &
  names+=("$1")
  pids+=($!)
}

finish() {
  trap '' INT TERM
  ending=1
  # The gate closes its door first; then in the order of the flow, so that what was accepted is worked off.
  for name in gate ws core risk execution db-writer redis postgres; do
    for index in "${!names[@]}"; do
      if [ "${names[$index]}" = "$name" ]; then
        kill -TERM "${pids[$index]}" 2>/dev/null || true
        wait "${pids[$index]}" 2>/dev/null || true
      fi
    done
  done
  say "ended"
}
trap 'finish; exit 0' INT TERM

start redis redis-server --port "$redis_port" --bind 127.0.0.1 --dir "$directory/redis" --save "" --appendonly yes \
  --appendfsync everysec --maxmemory-policy noeviction --daemonize no
start postgres "${as_postgres[@]}" "$postgres/postgres" -D "$directory/postgres" -h 127.0.0.1 -p "$postgres_port" \
  -c unix_socket_directories=
until "$postgres/pg_isready" -q -h 127.0.0.1 -p "$postgres_port"; do sleep 0.1; done
"$postgres/psql" -q -h 127.0.0.1 -p "$postgres_port" -U cdb -d postgres -tAc \
  "SELECT 1 FROM pg_database WHERE datname = 'cdb'" | grep -q 1 ||
  "$postgres/createdb" -h 127.0.0.1 -p "$postgres_port" -U cdb cdb

umask 077
echo "postgresql://cdb@127.0.0.1:$postgres_port/cdb" >"$directory/store-url"
flags=(--data-dir "$directory/cdb" --set "bus.url=redis://127.0.0.1:$redis_port"
  --set "store.url_file=$directory/store-url" "$@")
for service in db-writer execution risk core ws; do
  start "$service" "$cdb" "$service" "${flags[@]}"
done
# The gate has the same configuration, and no flags of its own for what only the others do: their settings, then.
gate_flags=("${flags[@]:0:$((${#flags[@]} - $#))}")
while [ "$#" -gt 0 ]; do
  case $1 in
  --feed | --speed | --bus | --duration)
    [ "$#" -ge 2 ] || break
    set -- "$1=$2" "${@:3}"
    continue
    ;;
  --feed=*) gate_flags+=(--set "feed.source=${1#*=}") ;;
  --speed=*) gate_flags+=(--set "feed.speed=${1#*=}") ;;
  --bus=*) gate_flags+=(--set "bus.url=${1#*=}") ;;
  # When the others end is not the gate's.
  --duration=*) ;;
  *) gate_flags+=("$1") ;;
  esac
  shift
done
start gate "$cdb" gate serve "${gate_flags[@]}"

say "look   http://127.0.0.1:8004/ (the gate), metrics of each service at 8000 to 8004 and 8010"
say "ask    cdb why --listen 127.0.0.1:8004"
say "kept   $directory, logs in $directory/cdb/logs and $directory/logs; Ctrl-C ends all"
while [ -z "$ending" ]; do
  running=0
  for pid in "${pids[@]:2}"; do if kill -0 "$pid" 2>/dev/null; then running=$((running + 1)); fi; done
  [ "$running" -gt 0 ] || break
  sleep 1 &
  wait $! || true
done
finish
