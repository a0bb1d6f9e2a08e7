#!/bin/sh
# Runs the server; `npm start` and `rill start` do. The heap for new objects begins with 3 MB and not 1: until the first
# text of an answer that saves 45 to 60 of 290 to 360 ms of CPU on busy cores, nearly all of them of the garbage
# collector, and costs 1 MB. 4 MB would save no more, and cost 2. V8 has two threads of its own and not four: 0.5 MB.
scripts=${0%/*}
exec sh "$scripts/onNode.sh" node --min-semi-space-size=3 --v8-pool-size=2 "$scripts/start.js" "$@"
