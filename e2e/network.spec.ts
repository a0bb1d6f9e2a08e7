/**
 * Tests a page whose network fails in the ways of real networks, in the middle of an answer: the text stays complete,
 * without repeats.
 */
import type { Page } from '@playwright/test';
import { ChatPage } from './support/chatPage.ts';
import { startCountingProxy } from './support/countingProxy.ts';
import { expect, test } from './support/rillTest.ts';
import type { Rill } from './support/startRill.ts';

const model = 'demo/quick';
/** The client waits up to 10 s between two attempts. */
const longestReconnect = { timeout: 30_000 };
const steps = [
  { delta: 'Begun, ' },
  { hold: 'broken' },
  { delta: 'gone on ' },
  { hold: 'end' },
  { delta: 'and done.' },
];

async function begin(page: Page, rill: Rill, url = rill.url): Promise<ChatPage> {
  rill.simulator.script(model, steps);
  const chat = new ChatPage(page);
  await chat.open(url);
  await chat.send('Hello');
  await expect(chat.lastAnswer).toContainText('Begun, ');
  return chat;
}

/** Expects that the answer is complete and that the provider was called once. */
async function expectWholeAnswer(chat: ChatPage, rill: Rill): Promise<void> {
  rill.simulator.release('end');
  await expect(chat.lastAnswer.getByText('Begun, gone on and done.', { exact: true })).toBeVisible(
    longestReconnect,
  );
  await chat.settled();
  expect(rill.simulator.requests.filter((request) => request.model === model)).toHaveLength(1);
}

test('offline and online again in mid-answer', async ({ page, context, rill }) => {
  const lines = await startCountingProxy(rill.url);
  const chat = await begin(page, rill, lines.url);
  await context.setOffline(true);
  // Chromium leaves open connections alone when it is told to be offline; a real network does not.
  lines.cut();
  rill.simulator.release('broken');
  await expect(chat.lastAnswer).toContainText('Reconnecting', longestReconnect);
  await context.setOffline(false);
  await expect(chat.lastAnswer).toContainText('Begun, gone on', longestReconnect);
  await expectWholeAnswer(chat, rill);
  await lines.close();
});

test("a proxy's 502 page while the page reconnects is not shown", async ({ page, rill }) => {
  const lines = await startCountingProxy(rill.url);
  const chat = await begin(page, rill, lines.url);
  let refusedCount = 0;
  await page.route('**/messages/stream', async (route) => {
    if (refusedCount === 3) return route.fallback();
    refusedCount += 1;
    return route.fulfill({ status: 502, contentType: 'text/html', body: '<h1>502 Bad Gateway</h1>' });
  });
  lines.cut();
  rill.simulator.release('broken');
  await expect(chat.lastAnswer).toContainText('Begun, gone on', longestReconnect);
  expect(refusedCount).toBe(3);
  await expect(page.getByText('502')).toHaveCount(0);
  await expectWholeAnswer(chat, rill);
  await lines.close();
});

test('leaving the page in mid-answer and returning with the back button', async ({ page, rill }) => {
  const chat = await begin(page, rill);
  await page.goto('about:blank');
  rill.simulator.release('broken');
  await page.goBack();
  await expect(chat.lastAnswer).toContainText('Begun, gone on', longestReconnect);
  await expectWholeAnswer(chat, rill);
});

test("the browser's own EventSource gets the whole answer across a cut line, and stops at its end", async ({
  page,
  rill,
}) => {
  rill.simulator.script(model, steps);
  const lines = await startCountingProxy(rill.url);
  await page.goto(`${lines.url}/api/health`);
  const { projects } = await (await fetch(`${rill.url}/api/projects`)).json();
  const chats = `/api/projects/${projects[0].id}/chats`;
  const json = { method: 'POST', headers: { 'content-type': 'application/json' } };
  const chat = await (await fetch(`${rill.url}${chats}`, { ...json, body: '{}' })).json();
  const stream = `${chats}/${chat.id}/messages/stream`;
  const sent = await fetch(`${rill.url}${stream}`, { ...json, body: '{"content":"Hello"}' });
  await sent.body?.cancel();
  const reading = page.evaluate(
    ([path = '', runId = '']) =>
      new Promise<{ text: string; opens: number }>((resolve) => {
        const source = new EventSource(`${path}?cursor=${runId}.0.0.0`);
        const answer = { text: '', opens: 0 };
        source.addEventListener('open', () => {
          answer.opens += 1;
        });
        source.addEventListener('chunk', ({ data }) => {
          answer.text += JSON.parse(data).content;
          document.title = answer.text;
        });
        source.addEventListener('error', () => {
          // A 204 at the end closes it permanently.
          if (source.readyState === EventSource.CLOSED) resolve(answer);
        });
      }),
    [stream, sent.headers.get('rill-run') ?? ''],
  );
  await expect(page).toHaveTitle('Begun, ');
  lines.cut();
  rill.simulator.release('broken');
  await expect(page).toHaveTitle('Begun, gone on ', longestReconnect);
  rill.simulator.release('end');
  expect(await reading).toEqual({ text: 'Begun, gone on and done.', opens: 2 });
  await lines.close();
});
