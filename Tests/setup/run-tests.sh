#!/usr/bin/env bash
# Runs the tests. Without arguments all of what is built, in two lanes beside each other: those that start processes, fill disks
# and kill things, which mostly wait, and all others. Within a lane it is one test after the other. With arguments they
# go to `swift test`, in one lane. What failed is told once more at the end, above the summary.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1

mkdir -p .build
log=.build/tests.log
processes='^CDBAcceptanceTests\.'

told() {
  printf '\nWhat failed (the whole output is in %s):\n' "$*"
  grep -a -h -E '^(✘|error:|.*Fatal error)' "$@" || true
}

if [ "$#" -gt 0 ]; then
  swift test --no-parallel "$@" 2>&1 | tee "$log"
  status=$?
  [ "$status" -eq 0 ] || told "$log"
  exit "$status"
fi

bundle="$(swift build --show-bin-path)/cdbPackageTests.xctest"
# lane LOG ARGUMENT…: whole lines and no colours, so that two lanes can share a screen.
lane() {
  local log=$1
  shift
  "$bundle" --testing-library swift-testing --no-parallel "$@" 2>&1 |
    awk -v log_file="$log" '{ gsub(/\033\[[0-9;]*m/, ""); print; print > log_file; fflush(); fflush(log_file) }'
}

others=.build/tests-others.log
lane "$log" --filter "$processes" &
first=$!
lane "$others" --skip "$processes" &
second=$!
wait "$first"
status=$?
wait "$second" || status=$?
[ "$status" -eq 0 ] || told "$log" "$others"
printf '\n'
tail -n 1 "$others"
tail -n 1 "$log"
exit "$status"
