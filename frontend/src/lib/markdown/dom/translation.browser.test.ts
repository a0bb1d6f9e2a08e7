import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import Markdown from '../../view/message/content/Markdown.svelte';

const source = [
  '# Tides and the sea',
  'A paragraph with **bold words**, `code` and [a link](https://example.com), and *more* of it.',
  '- one item\n- another **item** here\n  1. inside it',
  '> A quote of two\n> lines, and *more*',
  '```js\nconst height = 3;\nconst range = 6;\n```',
  '| Port | Range |\n| --- | ---: |\n| Brest | 6 |\n| Dover | **5** |',
  'The end of it, with words.',
].join('\n\n');

const texts = (root: Element) => {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const found: Text[] = [];
  while (walker.nextNode()) if (walker.currentNode instanceof Text) found.push(walker.currentNode);
  return found.filter(({ data }) => data.trim() !== '');
};

/** The ways in which translations change the texts of a page. */
const changes: readonly (readonly [string, (text: Text) => void])[] = [
  [
    'replaced by wrappers',
    (text) => text.replaceWith(wrapped(document.createTextNode(text.data.toUpperCase()))),
  ],
  [
    'moved into wrappers',
    (text) => {
      const wrapper = wrapped();
      text.replaceWith(wrapper);
      wrapper.firstElementChild?.append(text);
    },
  ],
  ['removed', (text) => text.remove()],
];

function wrapped(...inside: Node[]): HTMLElement {
  const outer = document.createElement('font');
  const inner = document.createElement('font');
  inner.append(...inside);
  outer.append(inner);
  return outer;
}

test.each(changes)(
  'an answer whose texts are %s while it streams is complete at its end',
  { timeout: 60_000 },
  async (_name, change) => {
    const drawn = await render(Markdown, { source, isStreaming: false });
    const expected = drawn.container.querySelector('.markdown')?.innerHTML;
    await drawn.unmount();
    const failures: unknown[] = [];
    const onFailure = (event: ErrorEvent) => failures.push(event.error);
    window.addEventListener('error', onFailure);
    for (const everySlices of [1, 3, 7]) {
      const screen = await render(Markdown, { source: '', isStreaming: true });
      const root = screen.container.querySelector('.markdown');
      if (!root) throw new Error('Nothing is drawn.');
      for (let end = 4, slice = 0; end < source.length; end += 4, slice += 1) {
        await screen.rerender({ source: source.slice(0, end), isStreaming: true });
        await new Promise((resolve) => requestAnimationFrame(resolve));
        expect(root.querySelector('.markdown-source')).toBeNull();
        if (slice % everySlices === 0) for (const text of texts(root)) change(text);
      }
      await screen.rerender({ source, isStreaming: false });
      expect(root.innerHTML).toBe(expected);
      await screen.unmount();
    }
    window.removeEventListener('error', onFailure);
    expect(failures).toEqual([]);
  },
);
