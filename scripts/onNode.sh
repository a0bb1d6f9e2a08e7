#!/bin/sh
# Becomes the command it is given, on the Node that `npm ci` brought, so that no process of an older Node stays beside
# it. npm 10 links no node_modules/.bin/node. Where nothing was brought, the PATH's Node says what is missing.
for folder in "${0%/*}"/../node_modules/node-linux-*/bin; do
  [ -x "$folder/node" ] && PATH="$(cd "$folder" && pwd):$PATH" && export PATH && break
done
exec "$@"
