/**
 * Tests a search of 40 s as OpenRouter keeps it alive, with one comment a second. The page, the server and the provider
 * share one clock, which the test moves second by second: the page and all time limits of Rill behave as in 40 real
 * seconds.
 */
import { fileURLToPath } from 'node:url';
import { exaSearch, type ScriptStep } from '@rill/simulator';
import { FakeClock } from '../backend/test/fakeClock.ts';
import { startTestServer, type TestServer } from '../backend/test/startTestServer.ts';
import { ChatPage } from './support/chatPage.ts';
import { test as base, expect } from './support/rillTest.ts';

const pageDirectory = fileURLToPath(new URL('../frontend/dist', import.meta.url));
const seconds = 40;

interface Timed {
  readonly clock: FakeClock;
  readonly server: TestServer;
}

const test = base.extend<{ timed: Timed }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a fixture needs from this pattern
  timed: async ({}, use) => {
    const clock = new FakeClock();
    const server = await startTestServer({ clock, pageDirectory });
    await use({ clock, server });
    await server.close();
  },
  baseURL: async ({ timed }, use) => use(timed.server.url),
});

test('a search of 40 s counts every second, and no limit of Rill ends it or its connection', async ({
  page,
  timed: { clock, server },
}) => {
  const { simulator } = server;
  await page.clock.install({ time: clock.nowMs() });
  const chat = new ChatPage(page);
  await chat.open();
  await page.keyboard.press('Alt+w');
  const requested: string[] = [];
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith('/api/') && pathname !== '/api/health') requested.push(pathname);
  });
  const search = Array.from({ length: seconds }, (_, second): ScriptStep[] => [
    { comment: 'OPENROUTER PROCESSING' },
    { hold: `second ${second}` },
  ]).flat();
  simulator.nextScript('demo/quick', [...search, ...exaSearch('High water comes twice a day.')]);
  await chat.send('When is high water?');
  await simulator.waitForHold('second 0');
  const line = page.getByText(/(Waiting for the model|[Ss]earching or thinking), \d+ s/);
  await expect(line).toBeVisible();
  // From here on time stands still between the steps.
  await page.clock.pauseAt((await page.evaluate(() => Date.now())) + 1000);
  const secondsShown = async () => Number(/(\d+) s/.exec((await line.textContent()) ?? '')?.[1]);
  const first = await secondsShown();
  const before = requested.length;
  for (let second = 1; second < seconds; second += 1) {
    clock.advance(1000);
    simulator.release(`second ${second - 1}`);
    await simulator.waitForHold(`second ${second}`);
    // When this answer has arrived, so has everything that the server wrote in this second, also a heartbeat.
    await page.evaluate(() => fetch('/api/health').then((response) => response.text()));
    await page.clock.runFor(1000);
    await expect.poll(secondsShown).toBe(first + second);
    if (first + second >= 2) await expect(line).toHaveText(/^(Still s|S)earching or thinking, /);
  }
  expect(requested.slice(before)).toEqual([]);
  await page.clock.resume();
  simulator.release(`second ${seconds - 1}`);
  await expect
    .poll(async () => {
      clock.advance(100);
      return chat.lastAnswer.textContent();
    })
    .toContain('High water comes twice a day.');
  await chat.settled();
  expect(simulator.requests.filter(({ model }) => model === 'demo/quick')).toHaveLength(1);
  expect(chat.complaints).toEqual([]);
});
