/** `npm run fuzz:fence [-- COUNT [FIRST SEED]]`: interleaves fences, appends, faults and readers on a real Postgres. */

import { startPostgres } from './postgres/postgresServer.ts';
import { runInterleavings } from './postgres/runInterleavings.ts';

const [count = 3000, firstSeed = Date.now() % 1_000_000_000] = process.argv.slice(2).map(Number);
const server = await startPostgres();
await server.query('CREATE DATABASE fence');
process.stdout.write(`${count} interleavings from seed ${firstSeed}\n`);
const startedAtMs = performance.now();
const found = await runInterleavings({
  url: server.url('fence'),
  firstSeed,
  count,
  onDone: (done) => {
    if (done % 500 === 0) process.stdout.write(`${done}\n`);
  },
});
for (const { seed, violation } of found) process.stdout.write(`seed ${seed}: ${violation}\n`);
const seconds = Math.round((performance.now() - startedAtMs) / 1000);
process.stdout.write(`${count} interleavings, ${found.length} violations, ${seconds} s\n`);
await server.close();
process.exit(found.length > 0 ? 1 : 0);
