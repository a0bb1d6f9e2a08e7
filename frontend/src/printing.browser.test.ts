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

it('prints a long chat with every formula drawn and all code coloured', { timeout: 90_000 }, async () => {
  app = await openApp('/projects/p1/new');
  app.client.detail = {
    ...app.client.detail,
    messages: Array.from({ length: turnCount }, (_, turn) => [
      exampleMessage({
        id: `u${turn}`,
        role: 'user',
        parentId: turn ? `a${turn - 1}` : null,
        content: 'Go on',
      }),
      exampleMessage({ id: `a${turn}`, role: 'assistant', parentId: `u${turn}`, content: answer(turn) }),
    ]).flat(),
  };
  app.state.open({ name: 'chat', projectId: 'p1', chatId: 'c1' });
  // Both were needed near the end already, or loaded while there was time.
  await expect.poll(() => document.querySelectorAll('.katex').length, slow).toBeGreaterThan(0);
  const strings = () => [...(CSS.highlights.get('code-string') ?? [])].map(String).length;
  await expect.poll(strings, slow).toBeGreaterThan(0);
  expect(document.querySelectorAll('.markdown.is-source').length).toBeGreaterThan(turnCount / 2);
  window.dispatchEvent(new Event('beforeprint'));
  expect(document.querySelectorAll('.markdown.is-source')).toHaveLength(0);
  expect(document.querySelectorAll('.katex')).toHaveLength(turnCount);
  expect(strings()).toBe(turnCount);
  window.dispatchEvent(new Event('afterprint'));
  expect(strings()).toBeLessThan(turnCount);
});
