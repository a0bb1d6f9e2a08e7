import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import '../../../../styles/index.css';
import Markdown from './Markdown.svelte';

/** What is open where the answer was stopped, and what is shown of it. */
const cuts = [
  ['strong', 'A **bold cla', 'A bold cla', 'strong'],
  ['emphasis', 'An *emphatic cla', 'An emphatic cla', 'em'],
  ['both', 'A ***loud cla', 'A loud cla', 'em strong'],
  ['underscores', 'A __bold cla', 'A bold cla', 'strong'],
  ['a strike', 'A ~~wrong cla', 'A wrong cla', 's'],
  ['code', 'Call `run(', 'Call run(', 'code'],
  ['a link without its address', 'See [the page', 'See the page', 'a'],
  ['a link with half an address', 'See [the page](https://exam', 'See the page', 'a'],
  ['an opening mark alone', 'And **', 'And', 'p'],
  ['half of a closing mark', 'A **bold claim*', 'A bold claim', 'strong'],
  ['emphasis over two lines', 'A **bold\nclaim and', 'A bold\nclaim and', 'strong'],
  ['emphasis in an item', '- one\n- a **bold cla', 'one\na bold cla', 'li strong'],
  ['emphasis in a quote', '> one\n> a **bold cla', 'one\na bold cla', 'blockquote strong'],
  ['emphasis in a heading', '# A **bold cla', 'A bold cla', 'h1 strong, h2 strong, h3 strong, h4 strong'],
  ['blanks at the end', 'A **bold cla  ', 'A bold cla', 'strong'],
  ['a line end at the end', 'A **bold cla\n', 'A bold cla', 'strong'],
] as const;

const words = (root: Element | null) =>
  (root instanceof HTMLElement ? root.innerText : '').replace(/\s+/g, ' ').trim();

async function nextFrame() {
  await new Promise((resolve) => requestAnimationFrame(resolve));
}

test.each(cuts)(
  'an answer that is stopped inside %s stays as it was shown',
  async (_name, source, shown, selector) => {
    const screen = await render(Markdown, { source: '', isStreaming: true });
    const root = screen.container.querySelector('.markdown');
    for (let end = 1; end <= source.length; end += 1) {
      await screen.rerender({ source: source.slice(0, end), isStreaming: true });
      await nextFrame();
    }
    const streamed = words(root);
    await screen.rerender({ source, isStreaming: false, isCut: true });
    expect(words(root)).toBe(streamed);
    expect(words(root)).toBe(words(root).replace(/[*_~`]/g, ''));
    expect(words(root)).toBe(shown.replace(/\s+/g, ' '));
    expect(root?.querySelector(selector)).not.toBeNull();
    const html = root?.innerHTML;
    const loaded = await render(Markdown, { source, isStreaming: false, isCut: true });
    expect(loaded.container.querySelector('.markdown')?.innerHTML).toBe(html);
  },
);

test('a complete answer follows the grammar, even when it was thought to be cut off', async () => {
  const source = 'A **bold claim';
  const screen = await render(Markdown, { source, isStreaming: false, isCut: true });
  const root = screen.container.querySelector('.markdown');
  expect(words(root)).toBe('A bold claim');
  await screen.rerender({ source, isStreaming: false, isCut: false });
  expect(words(root)).toBe('A **bold claim');
});

test('complete parts of a cut text are left alone', async () => {
  for (const [source, shown] of [
    ['2 * 3 and **bold**\n\nA * b', '2 * 3 and bold A * b'],
    ['A **claim\n\n', 'A **claim'],
    ['```\na **b', 'a **b'],
  ] as const) {
    const screen = await render(Markdown, { source, isStreaming: false, isCut: true });
    const root = screen.container.querySelector('.markdown');
    expect(words(root?.querySelector('code') ?? root)).toBe(shown);
    await screen.unmount();
  }
});
