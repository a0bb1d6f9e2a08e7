/**
 * `npm run measure:picker`: measures the longest task of the built page while the model list opens, is searched and
 * closes.
 */
import type { Browser, Page } from '@playwright/test';
import { startRill } from '../../../e2e/support/startRill.ts';
import { ensureBuilt } from '../../../scripts/ensureBuilt.ts';
import { longestTaskMs } from '../frames/readTrace.ts';
import { openBrowser } from '../support/browser.ts';
import { figure, formatTable, say } from '../support/report.ts';

const counts = [400, 1000];
const rounds = 3;
const searched = 'maker 7';

interface Step {
  readonly name: string;
  run(page: Page): Promise<void>;
}

const search = (page: Page) => page.getByRole('combobox', { name: 'Search models' });

const steps: readonly Step[] = [
  {
    name: 'open',
    async run(page) {
      await page.getByRole('button', { name: /^Model: / }).click();
      await page.getByRole('option').first().waitFor();
    },
  },
  {
    name: 'type',
    async run(page) {
      await search(page).pressSequentially(searched);
      await page
        .getByText(/\d+ models/)
        .first()
        .waitFor({ state: 'attached' });
    },
  },
  { name: 'clear', run: (page) => search(page).fill('') },
  {
    name: 'scroll',
    run: (page) => page.getByRole('listbox').evaluate((list) => list.scrollTo(0, list.scrollHeight)),
  },
  {
    name: 'close',
    async run(page) {
      await page.keyboard.press('Escape');
      await search(page).waitFor({ state: 'detached' });
    },
  },
];

/** Replaces the server's list with one as long as that of a provider with many models. */
async function answerWithModels(page: Page, count: number): Promise<void> {
  await page.route('**/api/models', async (route) => {
    const response = await route.fetch();
    const list = await response.json();
    const [example] = list.models;
    const models = Array.from({ length: count }, (_, index) => ({
      ...example,
      id: `maker-${index % 40}/model-${index}`,
      name: `Maker ${index % 40}: Model ${index}`,
    }));
    await route.fulfill({ response, json: { ...list, models, defaultModel: models.at(-1)?.id } });
  });
}

const twoFrames = (page: Page): Promise<void> =>
  page.evaluate(
    () => new Promise<void>((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve()))),
  );

/** The longest task of each step, in order. */
async function measureOnce(
  browser: Browser,
  url: string,
  count: number,
  isFirst: boolean,
): Promise<number[]> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  try {
    await answerWithModels(page, count);
    await page.goto(url);
    await page.getByRole('button', { name: /^Model: / }).waitFor();
    // The first opening also loads the picker's script.
    if (!isFirst) for (const { run } of steps) await run(page);
    const longest: number[] = [];
    for (const { run } of steps) {
      await twoFrames(page);
      await browser.startTracing(page, { categories: ['toplevel'] });
      await run(page);
      await twoFrames(page);
      const trace = await browser.stopTracing();
      longest.push(longestTaskMs(JSON.parse(trace.toString())));
    }
    return longest;
  } finally {
    await page.close();
  }
}

ensureBuilt('page', 'server');
const rill = await startRill();
const browser = await openBrowser();
try {
  const rows: (string | number)[][] = [];
  for (const count of counts) {
    for (const isFirst of [true, false]) {
      const measured: number[][] = [];
      for (let round = 0; round < rounds; round += 1)
        measured.push(await measureOnce(browser, rill.url, count, isFirst));
      const best = steps.map((_, step) =>
        figure(Math.min(...measured.map((longest) => longest[step] ?? Number.NaN))),
      );
      rows.push([`${count} models`, isFirst ? 'first opening' : 'opened before', ...best]);
    }
  }
  say(
    formatTable({
      title: `The page's longest task, ms on its thread, of ${rounds} rounds the one with the least other work on the machine`,
      head: ['list', '', ...steps.map(({ name }) => name)],
      rows,
    }),
  );
} finally {
  await browser.close();
  await rill.stop();
}
