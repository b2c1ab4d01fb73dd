#!/usr/bin/env bash
# Runs the tests, one after the other: those that start processes, fill disks and kill things want the machine to
# themselves. What failed is told once more at the end, above the summary. Arguments go to `swift test`.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1

log=.build/tests.log
mkdir -p .build
swift test --no-parallel "$@" 2>&1 | tee "$log"
status=$?
if [ "$status" -ne 0 ]; then
  printf '\nWhat failed (the whole output is in %s):\n' "$log"
  grep -a -E '^(✘|error:|.*Fatal error)' "$log" || true
fi
exit "$status"
