/** Says what axe finds wrong with the page once nothing fades or moves any more, as short lines. */
import type { Page } from '@playwright/test';
import axe, { type AxeResults } from 'axe-core';

export async function violationsOf(page: Page): Promise<string[]> {
  // Half-way in, what fades in has colours of no design: animations are waited for, and a transition, which a hover may
  // begin at any moment, is skipped. What pulses for ever is as it is.
  await page.waitForFunction(() =>
    document
      .getAnimations()
      .every(
        ({ playState, effect }) =>
          playState !== 'running' || effect?.getComputedTiming().endTime === Infinity,
      ),
  );
  // Evaluated through the debugger, which the page's own policy does not bind.
  await page.evaluate(axe.source);
  await page.evaluate(() => {
    const still = new CSSStyleSheet();
    still.replaceSync('*, ::before, ::after, ::backdrop { transition: none !important }');
    document.adoptedStyleSheets.push(still);
  });
  const results = await page.evaluate<AxeResults>('axe.run(document)');
  await page.evaluate(() => document.adoptedStyleSheets.pop());
  return results.violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`,
  );
}
