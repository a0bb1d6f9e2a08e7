/** `npm run fuzz:drafts`: types drafts and disturbs the page, in 1,000 rounds by default. Needs a built page. */
import process from 'node:process';
import { parseArgs } from 'node:util';
import { chromium } from '@playwright/test';
import { fuzzDrafts, fuzzToken } from './draftFuzz/draftRounds.ts';
import { chromiumFlags } from './support/chromiumFlags.ts';
import { startRill } from './support/startRill.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '1000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  process.stdout.write(
    'npm run fuzz:drafts -- [--rounds N] [--seed N]\n\nTypes drafts in a Chromium (CHROMIUM_PATH), disturbs the page, and looks for what was typed.\n',
  );
} else {
  const executablePath = process.env.CHROMIUM_PATH;
  const browser = await chromium.launch({ args: chromiumFlags, ...(executablePath && { executablePath }) });
  const rill = await startRill({ environment: { RILL_ACCESS_TOKEN: fuzzToken } });
  const startedAtMs = Date.now();
  const losses = await fuzzDrafts({
    rill,
    browser,
    seed: Number(values.seed),
    rounds: Number(values.rounds),
    onRound(round) {
      if (round % 50 === 0) process.stdout.write(`${round} rounds\n`);
    },
  });
  await browser.close();
  await rill.stop();
  for (const loss of losses) process.stdout.write(`${JSON.stringify(loss)}\n`);
  const seconds = Math.round((Date.now() - startedAtMs) / 1000);
  process.stdout.write(
    `seed ${values.seed}: ${losses.length} losses in ${values.rounds} rounds, ${seconds} s\n`,
  );
  process.exitCode = losses.length === 0 ? 0 : 1;
}
