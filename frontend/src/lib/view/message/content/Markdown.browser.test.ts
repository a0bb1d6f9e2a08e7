import { describe, expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import '../../../../styles/index.css';
import { answerDocuments } from '../../../markdown/sampleDocuments.ts';
import Markdown from './Markdown.svelte';

const answer = answerDocuments[0] ?? '';
/** Streaming frame by frame takes its time on a busy machine. */
const slowMs = 60_000;

function nextFrame(): Promise<void> {
  return new Promise((resolve) => requestAnimationFrame(() => resolve()));
}

async function start() {
  const screen = await render(Markdown, { source: '', isStreaming: true });
  const root = screen.container.querySelector<HTMLElement>('.markdown');
  if (!root) throw new Error('nothing was drawn');
  const show = async (source: string, isStreaming = true): Promise<void> => {
    await screen.rerender({ source, isStreaming });
    await nextFrame();
  };
  const stream = async (source: string, sizeCharacters: number): Promise<void> => {
    for (let end = sizeCharacters; end < source.length; end += sizeCharacters)
      await show(source.slice(0, end));
    await show(source);
  };
  return { screen, root, show, stream };
}

async function drawnAtOnce(source: string): Promise<string> {
  const screen = await render(Markdown, { source, isStreaming: false });
  const drawn = html(screen.container.querySelector('.markdown'));
  await screen.unmount();
  return drawn;
}

/** Whether a table fits is known only once it is laid out. */
const html = (root: Element | null) => root?.innerHTML.replaceAll(' is-fitting', '') ?? '';

describe('while an answer streams', () => {
  test('the final DOM equals that of the whole text drawn at once', { timeout: slowMs }, async () => {
    for (const text of answerDocuments) {
      const { screen, root, stream, show } = await start();
      await stream(text, 9);
      await show(text, false);
      expect(html(root)).toBe(await drawnAtOnce(text));
      await screen.unmount();
    }
  });

  test('finished blocks keep their DOM nodes and are not touched again', { timeout: slowMs }, async () => {
    const { root, show } = await start();
    const text = answer.replaceAll('[whatwg]', 'whatwg');
    const finished: Element[] = [];
    const touched: MutationRecord[] = [];
    const observer = new MutationObserver((records) => touched.push(...records));
    for (let end = 6; end < text.length; end += 6) {
      await show(text.slice(0, end));
      finished.forEach((element, index) => {
        expect(root.children[index]).toBe(element);
      });
      // The last two may still be open: a block is finished once another has come behind it.
      for (const element of [...root.children].slice(finished.length, -2)) {
        finished.push(element);
        observer.observe(element, { subtree: true, childList: true, characterData: true, attributes: true });
      }
    }
    await show(text, false);
    await expect.poll(() => CSS.highlights.get('code-keyword')?.size ?? 0).toBeGreaterThan(0);
    touched.push(...observer.takeRecords());
    expect(finished.length).toBeGreaterThan(8);
    expect(touched).toEqual([]);
  });

  test('the open block becomes the finished one in place', async () => {
    const { root, show } = await start();
    await show('A first paragraph with **bold** words');
    const paragraph = root.firstElementChild;
    const firstText = paragraph?.firstChild;
    await show('A first paragraph with **bold** words and [a link](https://example.com).\n\nNext');
    expect(root.firstElementChild).toBe(paragraph);
    expect(paragraph?.firstChild).toBe(firstText);
    expect(paragraph?.querySelector('a')?.getAttribute('href')).toBe('https://example.com/');
  });

  test('a selection in a finished and in the open block survives', async () => {
    const { root, show } = await start();
    let text = 'A finished paragraph.\n\nThe open paragraph grows';
    await show(text);
    const from = root.children[0]?.firstChild;
    const to = root.children[1]?.firstChild;
    if (!from || !to) throw new Error('two paragraphs expected');
    getSelection()?.setBaseAndExtent(from, 2, to, 8);
    for (let word = 0; word < 60; word += 1) {
      text += ` word${word}`;
      await show(text);
    }
    expect(getSelection()?.toString()).toMatch(/^finished paragraph\.\s+The open$/);
  });

  test('links and images are inert until their block is finished', { timeout: slowMs }, async () => {
    const { root, stream, show } = await start();
    const text = 'See [a](https://example.com/a), ![b](https://example.com/b.png) and https://example.com/c';
    for (let end = 1; end <= text.length; end += 1) {
      await show(text.slice(0, end));
      expect(root.querySelector('[href], [src], img')).toBeNull();
    }
    await stream(`${text}\n\nNext`, text.length + 1);
    expect([...root.querySelectorAll('a')].map((link) => link.href)).toEqual([
      'https://example.com/a',
      'https://example.com/b.png',
      'https://example.com/c',
    ]);
    expect(root.querySelector('img')).toBeNull();
    expect(root.querySelector('a')?.rel).toBe('noopener noreferrer');
  });

  test('text is shown before the end, followed by the caret', async () => {
    const { root, show } = await start();
    await show('Hello');
    expect(root.textContent).toBe('Hello');
    expect(root.querySelector('p')?.hasAttribute('data-caret')).toBe(true);
    await show('- one\n- two');
    expect(root.querySelector('li:last-child > p')?.hasAttribute('data-caret')).toBe(true);
    await show('- one\n- two', false);
    expect(root.querySelector('[data-caret]')).toBeNull();
  });

  test('text that arrives in a frame is drawn before that frame is painted', async () => {
    const { screen, root } = await start();
    await nextFrame();
    const givenAt = document.timeline.currentTime;
    await screen.rerender({ source: 'One word', isStreaming: true });
    expect(root.textContent).toBe('One word');
    expect(document.timeline.currentTime).toBe(givenAt);
  });
});

describe('a code block', () => {
  const code = Array.from({ length: 100 }, (_, line) => `const value${line} = "text"; // note`).join('\n');

  test('grows by appending and is coloured without changing its text', async () => {
    const { root, stream, show } = await start();
    await stream(`\`\`\`ts\n${code}`, 400);
    const [first] = root.querySelectorAll('.code-chunk');
    await show(`\`\`\`ts\n${code}\n\`\`\`\n`);
    // A flush that took long is followed by a rest before the next one.
    await expect.poll(() => root.querySelectorAll('.code-chunk').length).toBe(4);
    expect(root.querySelector('.code-chunk')).toBe(first);
    expect(root.querySelector('code')?.textContent).toBe(`${code}\n`);
    await expect.poll(() => CSS.highlights.get('code-string')?.size).toBeGreaterThanOrEqual(32);
    expect(root.querySelector('code span span')).toBeNull();
  });

  test('releases its colours when it is removed', async () => {
    const { screen, root, show } = await start();
    const before = CSS.highlights.get('code-comment')?.size ?? 0;
    await show('```ts\n// one\n```\n', false);
    await expect.poll(() => CSS.highlights.get('code-comment')?.size).toBe(before + 1);
    await screen.unmount();
    expect(CSS.highlights.get('code-comment')?.size).toBe(before);
    expect(root.childElementCount).toBe(0);
  });

  test('selects and copies exactly its text, over the edge of a chunk too', async () => {
    const { screen, root, show } = await start();
    await show(`\`\`\`ts\n${code}\n\`\`\``, false);
    const element = root.querySelector('code');
    if (!element) throw new Error('no code');
    getSelection()?.selectAllChildren(element);
    expect(getSelection()?.toString().trimEnd()).toBe(code);
    const writeText = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValue();
    const button = screen.getByRole('button', { name: 'Copy code' });
    await button.click();
    expect(writeText).toHaveBeenCalledWith(`${code}\n`);
    await expect.element(button).toHaveTextContent('Copied');
  });

  test('scrolls inside itself, reads left to right and takes focus', async () => {
    const { root, show } = await start();
    await show(`\`\`\`\n${'wide '.repeat(400)}\n\`\`\``, false);
    const box = root.querySelector<HTMLElement>('pre');
    expect(box && box.scrollWidth > box.clientWidth).toBe(true);
    expect(root.scrollWidth).toBe(root.clientWidth);
    expect(root.querySelector('figure')?.dir).toBe('ltr');
    box?.focus();
    expect(document.activeElement).toBe(box);
  });
});

describe('whatever the text says', () => {
  test('each block has its own direction', async () => {
    const { root, show } = await start();
    await show('Left to right.\n\nمرحبا بالعالم\n\n- שלום', false);
    const directions = [...root.children].map((block) => getComputedStyle(block).direction);
    expect(directions).toEqual(['ltr', 'rtl', 'rtl']);
  });
});

test('a source that is not a continuation replaces what was drawn', async () => {
  const { root, show } = await start();
  await show('First version, **bold**.\n\nMore');
  await show('Second');
  expect(root.textContent).toBe('Second');
  await show('Second version', false);
  await show('Third version', false);
  expect(root.textContent).toBe('Third version');
});
