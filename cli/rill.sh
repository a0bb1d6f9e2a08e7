#!/bin/sh
# Runs the rill command in the current folder, on the Node that `npm ci` installed.
root=$(dirname "$(readlink -f "$0")")/..
if [ "$1" = start ]; then
  shift
  exec sh "$root/scripts/serve.sh" "$@"
fi
exec sh "$root/scripts/onNode.sh" node "$root/scripts/run.js" "$root/cli/src/main.ts" "$@"
