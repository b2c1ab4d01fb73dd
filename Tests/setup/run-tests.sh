#!/usr/bin/env bash
# Runs the tests. Without arguments all of what is built, in four lanes beside each other: most of the time a test waits, for
# a process, a server or a clock. Within a lane it is one test after the other. Feeds at many times the market's speed come when
# the machine is free again. With arguments they go to `swift test`, in one lane. What failed is told once more at the
# end, above the summaries.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1

mkdir -p .build
log=.build/tests

told() {
  printf '\nWhat failed (the whole output is in %s):\n' "$*"
  grep -a -h -E '^(✘|error:|.*Fatal error)' "$@" || true
}

if [ "$#" -gt 0 ]; then
  swift test --no-parallel "$@" 2>&1 | tee "$log.log"
  status=$?
  [ "$status" -eq 0 ] || told "$log.log"
  exit "$status"
fi

bundle="$(swift build --show-bin-path)/cdbPackageTests.xctest"
logs=()
lanes=()
# lane ARGUMENT…: whole lines and no colours, so that lanes can share a screen.
lane() {
  local file="$log-$((${#lanes[@]} + 1)).log"
  (
    "$bundle" --testing-library swift-testing --no-parallel "$@" 2>&1 |
      sed -u 's/\x1b\[[0-9;]*m//g' | tee "$file"
  ) &
  lanes+=("$!")
  logs+=("$file")
}

# Whatever is not named in the first ones is in the last. All take about as long as one another: what is moved makes up for
# what has become heavier.
whole='^CDBAcceptanceTests\.'
first='^CDBAcceptanceTests\.[A-N]'
moved='^CDBAcceptanceTests\.SharedCoreTests/'
parts='^CDB((Pipeline|Services)Tests\.|AcceptanceTests\.SharedCoreTests/)'
fast='^CDBServicesTests\.(Campaign|LiveFeed|LiveTLS|RecordedLiveFeed|SimulatedExchange)Tests/'
lane --filter "$first"
lane --filter "$whole" --skip "$first" --skip "$moved"
lane --filter "$parts" --skip "$fast"
lane --skip "$whole" --skip "$parts"

status=0
for process in "${lanes[@]}"; do wait "$process" || status=$?; done
lane --filter "$fast"
wait "${lanes[4]}" || status=$?
[ "$status" -eq 0 ] || told "${logs[@]}"
printf '\n'
for file in "${logs[@]}"; do tail -n 1 "$file"; done
exit "$status"
