/** The whole page while the browser translates it: every label that changes still says what is so. */
import { afterEach, expect, test } from 'vitest';
import { page } from 'vitest/browser';
import { openApp, send } from './appTestBench.ts';
import { chunk, done, runStart } from './lib/chat/chatTestBench.ts';

const failures: unknown[] = [];
const onFailure = (event: ErrorEvent | PromiseRejectionEvent) => failures.push(event);
afterEach(async () => {
  window.removeEventListener('error', onFailure);
  window.removeEventListener('unhandledrejection', onFailure);
});

/** Does what translations do: an element in the place of each text. */
function translate(change: (text: Text) => Node | string): void {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const texts: Text[] = [];
  while (walker.nextNode()) if (walker.currentNode instanceof Text) texts.push(walker.currentNode);
  for (const text of texts) {
    if (text.data.trim() === '' || text.parentElement?.closest('textarea, style, script')) continue;
    const outer = document.createElement('font');
    const inner = document.createElement('font');
    outer.append(inner);
    text.replaceWith(outer);
    inner.append(change(text));
  }
}

test.each([
  ['replaced', (text: Text) => text.data.toUpperCase()],
  ['moved', (text: Text) => text],
] as const)('no label is stuck while the texts of the page are %s', async (_name, change) => {
  window.addEventListener('error', onFailure);
  window.addEventListener('unhandledrejection', onFailure);
  const { client, state } = await openApp('/projects/p1/chats/c1');
  const says = async (words: string | RegExp) => {
    await expect.element(page.getByText(words).first()).toBeVisible();
    translate(change);
  };
  translate(change);
  const stream = await send(client, 'Why is the sky blue?');
  translate(change);
  stream.feed(runStart('Why is the sky blue?', { parentId: 'a0' }));
  await says(/Waiting for the model/);
  stream.feed({ type: 'reasoning', data: { reasoning: 'Light scatters.', done: false } });
  await says(/^Thinking/);
  stream.feed(chunk('Because **blue** light'));
  await says(/^Thought/);
  await says('Writing');
  stream.connection('reconnecting');
  await says('Reconnecting. The text is safe.');
  stream.connection('open');
  await says('Reconnected');
  state.link.take(false);
  await says('The server cannot be reached. Trying again.');
  state.link.take(true);
  await says('The server is back.');
  stream.feed(chunk(' is scattered'));
  await says(/is scattered/);
  stream.feed(done('Because **blue** light is scattered.', { reasoning: 'Light scatters.' }));
  await expect.element(page.getByText(/is scattered\./).first()).toBeVisible();
  await expect.element(page.getByText(/^(Writing|WRITING|Reconnect|RECONNECT)/)).not.toBeInTheDocument();
  expect(document.querySelector('.transcript')?.textContent).toContain('Because blue light is scattered.');
  expect(failures).toEqual([]);
});
