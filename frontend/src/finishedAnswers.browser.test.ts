import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { page } from 'vitest/browser';
import { openApp, problems } from './appTestBench.ts';
import { exampleRun } from './lib/chat/chatTestBench.ts';

const question = () => page.getByText('Be told when an answer is ready while you are elsewhere?');
const isMarked = () => document.title.startsWith('● ');

let app: Awaited<ReturnType<typeof openApp>>;
let visibility: DocumentVisibilityState = 'visible';

function setVisibility(next: DocumentVisibilityState): void {
  visibility = next;
  document.dispatchEvent(new Event('visibilitychange'));
}

/** Tells the page that an answer of its chat, c1, has ended now. */
function endAnswer(tookMs: number, state: 'completed' | 'failed' | 'cancelled' = 'completed'): void {
  const endedAtMs = Date.now();
  const run = { ...exampleRun, chatId: 'c1', state, createdAtMs: endedAtMs - tookMs, endedAtMs };
  app.feed.tell({ type: 'run-change', data: { run } });
}

beforeEach(async () => {
  Object.defineProperty(document, 'visibilityState', { get: () => visibility, configurable: true });
  app = await openApp('/projects/p1/chats/c1');
  await expect.element(page.getByRole('log').getByText('What are tides?')).toBeVisible();
});
afterEach(async () => {
  setVisibility('visible');
  Reflect.deleteProperty(document, 'visibilityState');
});

describe('an answer that ends while the page is hidden', () => {
  it('is marked in the title until the page is seen', async () => {
    setVisibility('hidden');
    endAnswer(500);
    await expect.poll(isMarked).toBe(true);
    expect(await problems()).toEqual([]);
    setVisibility('visible');
    await expect.poll(isMarked).toBe(false);
    expect(app.notices.shown).toHaveLength(1);
  });

  it('and took over ten seconds makes the page ask, once, and the browser only after a click', async () => {
    setVisibility('hidden');
    endAnswer(10_500);
    await expect.element(question()).toBeInTheDocument();
    setVisibility('visible');
    await expect.element(question()).toBeVisible();
    expect(app.notices.asked).toBe(0);
    expect(await problems()).toEqual([]);
    await page.getByRole('button', { name: 'Tell me' }).click();
    expect(app.notices.asked).toBe(1);
    await expect.element(question()).not.toBeInTheDocument();
    setVisibility('hidden');
    endAnswer(20_000);
    await expect.poll(isMarked).toBe(true);
    await expect.element(question()).not.toBeInTheDocument();
  });

  it('after a short time, or where the user has decided, makes it ask nothing', async () => {
    setVisibility('hidden');
    endAnswer(9000);
    await expect.poll(isMarked).toBe(true);
    await expect.element(question()).not.toBeInTheDocument();
    app.notices.canAsk = false;
    endAnswer(20_000, 'failed');
    await expect.poll(() => app.notices.shown.length).toBe(2);
    await expect.element(question()).not.toBeInTheDocument();
  });

  it('because it was stopped is no news', async () => {
    setVisibility('hidden');
    endAnswer(20_000, 'cancelled');
    endAnswer(500);
    await expect.poll(() => app.notices.shown.map(({ state }) => state)).toEqual(['completed']);
    await expect.element(question()).not.toBeInTheDocument();
  });

  it('of a chat that is deleted or answers again is marked no longer', async () => {
    setVisibility('hidden');
    endAnswer(500);
    await expect.poll(isMarked).toBe(true);
    app.feed.tell({
      type: 'run-change',
      data: { run: { ...exampleRun, chatId: 'c1', state: 'accepted', endedAtMs: null } },
    });
    await expect.poll(isMarked).toBe(false);
    endAnswer(500);
    await expect.poll(isMarked).toBe(true);
    app.feed.tell({ type: 'chat-delete', data: { projectId: 'p1', chatId: 'c1' } });
    await expect.poll(isMarked).toBe(false);
  });
});

it('an answer that ends before the eyes of the user is neither marked nor told', async () => {
  endAnswer(20_000);
  setVisibility('hidden');
  endAnswer(500);
  await expect.poll(() => app.notices.shown).toHaveLength(1);
  await expect.element(question()).not.toBeInTheDocument();
});
