/** Says what axe finds wrong with the page as it is once what moves has come to rest, as short lines. */
import type { Page } from '@playwright/test';
import axe, { type AxeResults } from 'axe-core';

export async function violationsOf(page: Page): Promise<string[]> {
  // Half-way in, a sheet that fades in has colours of no design. What pulses for ever is as it is.
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
  const results = await page.evaluate<AxeResults>('axe.run(document)');
  return results.violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`,
  );
}
