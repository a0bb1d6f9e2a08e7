/** Reports what axe finds wrong with the page once no element fades or moves any more, as short lines. */
import type { Page } from '@playwright/test';
import axe, { type AxeResults } from 'axe-core';

export async function violationsOf(page: Page): Promise<string[]> {
  // An element that is fading in has colours that the design does not have. So animations are awaited, and transitions,
  // which a hover may begin at any moment, are skipped. Endless animations stay as they are.
  await page.waitForFunction(() =>
    document
      .getAnimations()
      .every(
        ({ playState, effect }) =>
          playState !== 'running' || effect?.getComputedTiming().endTime === Infinity,
      ),
  );
  // Evaluated through the debugger, to which the page's own policy does not apply.
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
