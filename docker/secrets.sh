#!/usr/bin/env bash
# Makes the secrets of compose.yml, each from 32 random bytes, where they are not there yet. What is there is kept: a new password
# would not fit the database that was made with the old one.
#
#   docker/secrets.sh [FOLDER]        docker/secrets unless it is named
set -euo pipefail

folder=${1:-$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/secrets}
# The group of the image's user. postgres and redis are in it too, by compose.yml.
group=10001
umask 077
mkdir -p "$folder"
chmod 0700 "$folder"

write() {
  local draft
  draft=$(mktemp "$folder/.draft.XXXXXX")
  cat >"$draft"
  # The folder keeps out everybody on this machine; inside of a container only this mode counts.
  if chgrp "$group" "$draft" 2>/dev/null; then chmod 0440 "$draft"; else chmod 0444 "$draft"; fi
  mv "$draft" "$folder/$1"
  echo "secrets: made $folder/$1"
}

for name in http_token postgres_password store_password reader_password redis_password; do
  [ -s "$folder/$name" ] || od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n' | write "$name"
done
# Redis keeps a hash of its password and not the password.
if [ ! -s "$folder/redis_acl" ] || [ "$folder/redis_password" -nt "$folder/redis_acl" ]; then
  echo "user default on #$(tr -d '\n' <"$folder/redis_password" | sha256sum | cut -d' ' -f1) ~* &* +@all" | write redis_acl
fi
