/**
 * `npm run measure:typing`: types into a draft of 100 KB while an answer streams, and measures what each key costs the
 * page: from the moment its handlers begin until the frame that shows it is drawn, without the wait for that frame.
 */
import type { Page } from '@playwright/test';
import { startRill } from '../../../e2e/support/startRill.ts';
import { ensureBuilt } from '../../../scripts/ensureBuilt.ts';
import { openBrowser } from '../support/browser.ts';
import { figure, formatTable, say } from '../support/report.ts';
import { percentile } from '../support/statistics.ts';

const tokensPerSecond = 100;
const keys = 500;
/** A very fast typist. */
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

interface Typed {
  /** The handlers of the key and of the input. */
  readonly handledMs: readonly number[];
  /** The same, and the frame that shows the letter: its style, layout and paint, and what else that frame does. */
  readonly drawnMs: readonly number[];
}

/** Sums up, for each key, the work of its handlers and that of the frame after it. */
function watchKeys(count: number): Promise<Typed> {
  return new Promise((resolve) => {
    const handledMs: number[] = [];
    const drawnMs: number[] = [];
    let beganMs = 0;
    addEventListener('keydown', () => (beganMs = performance.now()), { capture: true });
    // A message is handled after the handlers of the input and what they left to do at once.
    const afterInput = new MessageChannel();
    const afterFrame = new MessageChannel();
    let frameBeganMs = 0;
    afterInput.port1.onmessage = () => handledMs.push(performance.now() - beganMs);
    afterFrame.port1.onmessage = () => {
      drawnMs.push((handledMs.at(-1) ?? 0) + performance.now() - frameBeganMs);
      if (drawnMs.length === count) resolve({ handledMs, drawnMs });
    };
    addEventListener(
      'input',
      () => {
        afterInput.port2.postMessage(null);
        requestAnimationFrame(() => {
          frameBeganMs = performance.now();
          afterFrame.port2.postMessage(null);
        });
      },
      { capture: true },
    );
  });
}

async function typeInto(page: Page, draft: string): Promise<Typed> {
  const composer = page.getByRole('textbox', { name: 'Message', exact: true });
  await composer.fill('Write');
  await composer.press('Enter');
  await page.locator('.message-body p').first().waitFor();
  await composer.fill(draft);
  await composer.press('ControlOrMeta+End');
  const [seen] = await Promise.all([
    page.evaluate(watchKeys, keys),
    composer.pressSequentially('letters '.repeat(keys / 8).padEnd(keys, '.'), {
      delay: betweenKeysMs,
      timeout: 0,
    }),
  ]);
  if (!(await page.getByRole('button', { name: 'Stop answer' }).isVisible()))
    throw new Error('The answer ended before the last key.');
  return seen;
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
    const { handledMs, drawnMs } = await typeInto(page, text);
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
