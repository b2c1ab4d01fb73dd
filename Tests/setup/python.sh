#!/bin/sh
# Makes .venv with the Python packages that tests use as independent checkers of what cdb writes. Where
# they are there already it does nothing, and needs no network.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
venv="$root/.venv"

if [ -x "$venv/bin/python" ] && "$venv/bin/python" -c 'import axe_playwright_python, google.protobuf, jsonschema, mcp, noida_db, osmem_server, prometheus_client, websocket, yaml' 2>/dev/null &&
  [ -x "$venv/bin/check-jsonschema" ] && [ -x "$venv/bin/compose-lint" ] && [ -x "$venv/bin/hadolint" ]; then
  exit 0
fi

echo "setup: making .venv with $(tr '\n' ' ' <"$root/Tests/setup/requirements.txt")"
# An environment whose interpreter is gone, or that was moved, is made anew.
if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
  rm -rf "$venv"
  python3 -m venv "$venv"
fi
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$root/Tests/setup/requirements.txt"
# Only the axe.min.js that it carries is used, so what it depends on is not wanted.
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps 'axe-playwright-python>=0.1.6'
