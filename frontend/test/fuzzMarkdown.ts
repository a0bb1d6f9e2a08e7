/** `npm run fuzz:markdown`: random documents through the markdown engine, a million unless told otherwise. */
import process from 'node:process';
import { parseArgs } from 'node:util';
import { fuzz } from './fuzzDocuments.ts';

const { values } = parseArgs({
  options: {
    documents: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  process.stdout.write(
    'npm run fuzz:markdown -- [--documents N] [--seed N]\n\nStreams N random documents in random deltas and compares each with one parse.\n',
  );
} else {
  const documents = Number(values.documents);
  const startedAtMs = Date.now();
  const failures = fuzz(Number(values.seed), documents, (done) => {
    if (done % 100_000 === 0) process.stdout.write(`${done.toLocaleString('en')} documents\n`);
  });
  for (const failure of failures.slice(0, 10)) process.stdout.write(`${JSON.stringify(failure)}\n`);
  const seconds = Math.round((Date.now() - startedAtMs) / 1000);
  process.stdout.write(
    `seed ${values.seed}: ${failures.length} mismatches in ${documents.toLocaleString('en')} documents, ${seconds} s\n`,
  );
  process.exitCode = failures.length === 0 ? 0 : 1;
}
