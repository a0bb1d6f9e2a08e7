/** Extends Playwright's `test` with a separate product for each test; its output is attached when the test fails. */
import { test as base } from '@playwright/test';
import { type Rill, type StartRillOptions, startRill } from './startRill.ts';

interface RillFixtures {
  /** Set with `test.use({ rillOptions: … })`. */
  rillOptions: StartRillOptions;
  rill: Rill;
}

export const test = base.extend<RillFixtures>({
  rillOptions: [{}, { option: true }],
  rill: async ({ rillOptions }, use, testInfo) => {
    const rill = await startRill(rillOptions);
    await use(rill);
    if (testInfo.status !== testInfo.expectedStatus) {
      await testInfo.attach('server output', { body: rill.output(), contentType: 'text/plain' });
    }
    await rill.stop();
  },
  // Relative addresses in a test refer to its own server.
  baseURL: async ({ rill }, use) => use(rill.url),
});

export { expect } from '@playwright/test';
