import { afterEach, expect, it } from 'vitest';
import { openApp } from './appTestBench.ts';
import { exampleMessage } from './lib/chat/chatTestBench.ts';

const turnCount = 40;
const answer = (turn: number) =>
  `Answer ${turn}: $a_{${turn}}^2$ and\n\n\`\`\`js\nconst answer${turn} = "${turn}";\n\`\`\`\n\n${'More words. '.repeat(80)}`;

/** Scripts that a busy machine has to fetch first. */
const slow = { timeout: 40_000 };

let app: Awaited<ReturnType<typeof openApp>>;

afterEach(async () => {
  window.dispatchEvent(new Event('afterprint'));
});

const longChat = () =>
  Array.from({ length: turnCount }, (_, turn) => [
    exampleMessage({
      id: `u${turn}`,
      role: 'user',
      parentId: turn ? `a${turn - 1}` : null,
      content: `Question ${turn}`,
    }),
    exampleMessage({ id: `a${turn}`, role: 'assistant', parentId: `u${turn}`, content: answer(turn) }),
  ]).flat();

it('prints a long chat whole, also in the moment in which it opens', slow, async () => {
  app = await openApp('/projects/p1/new');
  app.client.detail = { ...app.client.detail, messages: longChat() };
  const printed = new Promise<string[]>((resolve) => {
    const watch = new MutationObserver(() => {
      const drawn = document.querySelectorAll('.item[data-message-id]').length;
      if (drawn === 0) return;
      watch.disconnect();
      expect(drawn).toBeLessThan(2 * turnCount);
      window.dispatchEvent(new Event('beforeprint'));
      const texts = [...document.querySelectorAll('.item[data-message-id]')];
      resolve(texts.map(({ textContent }) => /(Question|Answer) \d+/.exec(textContent ?? '')?.[0] ?? ''));
    });
    watch.observe(document.body, { childList: true, subtree: true });
  });
  app.state.open({ name: 'chat', projectId: 'p1', chatId: 'c1' });
  expect(await printed).toEqual(
    Array.from({ length: turnCount }, (_, turn) => [`Question ${turn}`, `Answer ${turn}`]).flat(),
  );
  expect(document.querySelectorAll('.markdown.is-source')).toHaveLength(0);
});

it('prints a long chat with every formula drawn and all code coloured', { timeout: 90_000 }, async () => {
  app = await openApp('/projects/p1/new');
  app.client.detail = { ...app.client.detail, messages: longChat() };
  app.state.open({ name: 'chat', projectId: 'p1', chatId: 'c1' });
  // Both were needed near the end already, or loaded while there was time.
  await expect.poll(() => document.querySelectorAll('.katex').length, slow).toBeGreaterThan(0);
  const strings = () => [...(CSS.highlights.get('code-string') ?? [])].map(String).length;
  await expect.poll(strings, slow).toBeGreaterThan(0);
  expect(document.querySelectorAll('.markdown.is-source').length).toBeGreaterThan(turnCount);
  window.dispatchEvent(new Event('beforeprint'));
  expect(document.querySelectorAll('.markdown.is-source')).toHaveLength(0);
  expect(document.querySelectorAll('.katex')).toHaveLength(turnCount);
  expect(strings()).toBe(turnCount);
  window.dispatchEvent(new Event('afterprint'));
  expect(strings()).toBeLessThan(turnCount);
});
