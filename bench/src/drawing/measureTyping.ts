/**
 * `npm run measure:typing`: types into a draft of 100 KB while an answer streams, and measures the cost of each key on
 * the page's main thread, in thread time: the task with its handlers, and the frame that shows it.
 */
import type { Page } from '@playwright/test';
import { startRill } from '../../../e2e/support/startRill.ts';
import { ensureBuilt } from '../../../scripts/ensureBuilt.ts';
import { type KeyCost, keyCosts } from '../frames/readTrace.ts';
import { openBrowser } from '../support/browser.ts';
import { figure, formatTable, say } from '../support/report.ts';
import { percentile } from '../support/statistics.ts';

const tokensPerSecond = 100;
const keys = 500;
/** The pace of a very fast typist. */
const betweenKeysMs = 50;
const line = 'A draft that grew for a while, with commas, numbers like 42, and words. ';
const draftCharacters = 100_000;
const draftOf = (paragraph: string) =>
  paragraph.repeat(Math.ceil(draftCharacters / paragraph.length)).slice(0, draftCharacters);
const drafts = [
  { name: 'empty', text: '' },
  { name: '100 KB, paragraphs of 7 sentences', text: draftOf(`${line.repeat(7)}\n\n`) },
  { name: '100 KB, one paragraph', text: draftOf(line) },
];

async function typeInto(page: Page, draft: string): Promise<KeyCost[]> {
  const composer = page.getByRole('textbox', { name: 'Message', exact: true });
  await composer.fill('Write');
  await composer.press('Enter');
  await page.locator('.message-body p').first().waitFor();
  await composer.fill(draft);
  await composer.press('ControlOrMeta+End');
  await browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline'] });
  await composer.pressSequentially('letters '.repeat(keys / 8).padEnd(keys, '.'), {
    delay: betweenKeysMs,
    timeout: 0,
  });
  const trace = await browser.stopTracing();
  if (!(await page.getByRole('button', { name: 'Stop answer' }).isVisible()))
    throw new Error('The answer ended before the last key.');
  return keyCosts(JSON.parse(trace.toString()));
}

ensureBuilt('page', 'server');
const rill = await startRill({
  environment: { RILL_DEFAULT_MODEL: 'demo/long' },
  simulator: { tokensPerSecond },
});
const browser = await openBrowser();
try {
  const rows: (string | number)[][] = [];
  for (const { name, text } of drafts) {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.goto(rill.url);
    const costs = await typeInto(page, text);
    const handledMs = costs.map((cost) => cost.handledMs);
    const drawnMs = costs.map((cost) => cost.drawnMs);
    const of = (times: readonly number[]) => [0.5, 0.99].map((share) => figure(percentile(times, share)));
    rows.push([name, ...of(handledMs), ...of(drawnMs), figure(Math.max(...drawnMs))]);
    await page.close();
  }
  say(
    formatTable({
      title: `What one of ${keys} keys costs the page, ms, while an answer of ${tokensPerSecond} tokens a second streams`,
      head: ['draft', 'handlers p50', 'p99', 'with its frame p50', 'p99', 'longest'],
      rows,
    }),
  );
} finally {
  await browser.close();
  await rill.stop();
}
