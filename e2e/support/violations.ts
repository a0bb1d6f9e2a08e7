/** Says what axe finds wrong with the page as it is now, as short lines. */
import type { Page } from '@playwright/test';
import axe, { type AxeResults } from 'axe-core';

export async function violationsOf(page: Page): Promise<string[]> {
  // Evaluated through the debugger, which the page's own policy does not bind.
  await page.evaluate(axe.source);
  const results = await page.evaluate<AxeResults>('axe.run(document)');
  return results.violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`,
  );
}
