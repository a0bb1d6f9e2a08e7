#!/bin/sh
# Replaces itself by the given command, on the Node that `npm ci` installed, so that no process of an older Node remains.
# npm 10 makes no link node_modules/.bin/node. If no Node was installed, the PATH's Node reports what is missing.
for folder in "${0%/*}"/../node_modules/node-linux-*/bin; do
  [ -x "$folder/node" ] && PATH="$(cd "$folder" && pwd):$PATH" && export PATH && break
done
exec "$@"
