#!/bin/sh
# Runs the server; `npm start` and `rill start` do. The heap for new objects begins with 4 MB and not 1: until the first
# text of an answer that saves 27 of 223 ms of CPU, nearly all of them of the garbage collector, and costs 1 MB.
scripts=${0%/*}
exec sh "$scripts/onNode.sh" node --min-semi-space-size=4 "$scripts/start.js" "$@"
