/**
 * Tests that nothing that a reader looks at moves by itself: cumulative layout shift, as browsers count it, during an
 * answer.
 */
import type { Page } from '@playwright/test';
import { ChatPage } from './support/chatPage.ts';
import { expect, test } from './support/rillTest.ts';

declare global {
  interface Window {
    layoutShifts: { value: number; sources: string[] }[];
  }
}

/** Counts every shift from now on; browsers do not count those within half a second after a key or a click. */
async function recordShifts(page: Page): Promise<void> {
  await page.addInitScript(() => {
    window.layoutShifts = [];
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & {
        value: number;
        hadRecentInput: boolean;
        sources: { node: Node | null; previousRect: DOMRect; currentRect: DOMRect }[];
      })[]) {
        if (entry.hadRecentInput) continue;
        window.layoutShifts.push({
          value: entry.value,
          sources: entry.sources.map(({ node, previousRect, currentRect }) => {
            const name =
              node instanceof Element
                ? `${node.tagName}.${node.className}`
                : String(node?.textContent ?? node);
            return `${name} ${previousRect.top} -> ${currentRect.top}`;
          }),
        });
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
}

const paragraph = 'The Moon pulls **harder on the near side** of the Earth than on its centre. ';
const document = [
  paragraph.repeat(3),
  '\n\n## Why two a day\n\n',
  ...Array.from({ length: 6 }, (_, index) => `- item ${index} with \`code\` in it\n`),
  // The head is the widest row, because a wider row after it would widen a column. Both columns are aligned to the
  // left, because text that is aligned to the right moves while its cell is written. Browsers count either as a shift.
  '\n| Point of measurement | Range in metres |\n| --- | --- |\n',
  ...Array.from({ length: 5 }, (_, index) => `| Point ${index} | ${index} m |\n`),
  '\n```ts\n',
  ...Array.from({ length: 12 }, (_, index) => `const value${index} = compute(${index});\n`),
  '```\n\n',
  paragraph.repeat(12),
];

test('an answer that thinks, streams and ends shifts nothing', async ({ page, rill }) => {
  rill.simulator.nextScript('demo/quick', [
    { reasoning: 'The question is short. ' },
    { waitMs: 1000 },
    { text: document.join(''), tokensPerSecond: 300 },
  ]);
  await expectNoShift(page);
});

test('an answer whose blocks come whole shifts nothing', async ({ page, rill }) => {
  rill.simulator.nextScript(
    'demo/quick',
    document
      .join('')
      .split(/(?<=\n\n)/)
      .flatMap((delta) => [{ waitMs: 700 }, { delta }]),
  );
  await expectNoShift(page);
});

async function expectNoShift(page: Page): Promise<void> {
  await recordShifts(page);
  const chat = new ChatPage(page);
  await chat.open();
  await chat.send('How do tides work?');
  await chat.settled();
  await expect(chat.lastAnswer.getByRole('button', { name: /^About this answer/ })).toBeVisible();
  expect(await page.evaluate(() => window.layoutShifts)).toEqual([]);
}
