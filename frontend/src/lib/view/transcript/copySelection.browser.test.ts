import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import '../../../styles/index.css';
import Message from '../message/Message.svelte';
import { messageFixture } from '../message/messageFixtures.ts';
import { copySelection } from './copySelection.ts';

const content = `# Tides

Two bulges, **always**.

3. three
4. four, with \`code\`
5. five

| Port | Range |
| --- | --: |
| Fundy | 16 m |
| Naples | 0.3 m |

\`\`\`ts
const hours = 12;
const minutes = 25;
\`\`\`

The end, see [Rill](https://example.com/).`;

let container: HTMLElement;

beforeEach(async () => {
  ({ container } = await render(Message, { message: messageFixture({ content }) }));
  document.addEventListener('copy', copySelection);
});
afterEach(() => document.removeEventListener('copy', copySelection));

function textNode(words: string): Text {
  const walker = document.createTreeWalker(container, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    if (walker.currentNode instanceof Text && walker.currentNode.data.includes(words))
      return walker.currentNode;
  }
  throw new Error(`"${words}" is not shown.`);
}

/** Copies from the first to the last words; what the clipboard was given, and null where it is left to the browser. */
function copyFrom(first: string, last: string): { text: string; html: string } | null {
  const [from, to] = [textNode(first), textNode(last)];
  const endOffset = to.data.indexOf(last) + last.length;
  document.getSelection()?.setBaseAndExtent(from, from.data.indexOf(first), to, endOffset);
  const clipboardData = new DataTransfer();
  const event = new ClipboardEvent('copy', { clipboardData, bubbles: true, cancelable: true });
  from.parentElement?.dispatchEvent(event);
  if (!event.defaultPrevented) return null;
  return { text: clipboardData.getData('text/plain'), html: clipboardData.getData('text/html') };
}

describe('a selection', () => {
  test('inside one paragraph, one item or one code block is left to the browser', () => {
    expect(copyFrom('Two', 'bulges')).toBeNull();
    expect(copyFrom('Two', 'always')).toBeNull();
    expect(copyFrom('four', 'code')).toBeNull();
    expect(copyFrom('const', '25')).toBeNull();
  });

  test('across blocks is Markdown, and HTML for programs that accept it', () => {
    const copied = copyFrom('Tides', 'always');
    expect(copied?.text).toBe('# Tides\n\nTwo bulges, **always**');
    expect(copied?.html).toBe('<h1>Tides</h1><p>Two bulges, <strong>always</strong></p>');
  });

  test('of some items keeps their numbers', () => {
    const copied = copyFrom('four', 'five');
    expect(copied?.text).toBe('4. four, with `code`\n5. five');
    expect(copied?.html).toBe('<ol start="4"><li>four, with <code>code</code></li><li>five</li></ol>');
  });

  test('of some rows is a table', () => {
    expect(copyFrom('Fundy', '0.3 m')?.text).toBe('| Fundy | 16 m |\n| --- | --: |\n| Naples | 0.3 m |');
  });

  test('of a whole message has its code without the buttons, and no name or figure of the answer', () => {
    const copied = copyFrom('demo/quick', '12 s · $0.0031');
    expect(copied?.text).toBe(content);
    expect(copied?.html).not.toMatch(/button|Copy|class=|demo/);
    expect(copied?.html).toContain('<pre><code>const hours');
    expect(copied?.html).toContain('<a href="https://example.com/">Rill</a>');
  });
});

test('a selection in a paragraph has each formula of it once, also one that it begins or ends in', async () => {
  const formulas = 'The area is $\\pi r^2$ for radius $r$ here.';
  ({ container } = await render(Message, { message: messageFixture({ content: formulas }) }));
  await expect.poll(() => container.querySelectorAll('.katex').length).toBe(2);
  expect(copyFrom('area', 'radius')?.text).toBe('area is $\\pi r^2$ for radius');
  const html = container.querySelector('.katex-html');
  const glyph = html && document.createTreeWalker(html, NodeFilter.SHOW_TEXT).nextNode();
  const end = textNode(' for radius');
  document.getSelection()?.setBaseAndExtent(glyph ?? end, 0, end, 4);
  const clipboardData = new DataTransfer();
  const event = new ClipboardEvent('copy', { clipboardData, bubbles: true, cancelable: true });
  end.parentElement?.dispatchEvent(event);
  expect(clipboardData.getData('text/plain')).toBe('$\\pi r^2$ for');
});

test('the formatted copy of an answer is its text as HTML and as Markdown', async () => {
  const written: ClipboardItem[] = [];
  vi.spyOn(navigator.clipboard, 'write').mockImplementation(async (items) => void written.push(...items));
  container.querySelector<HTMLElement>('button[title="Copy answer as formatted text"]')?.click();
  await expect.poll(() => written).toHaveLength(1);
  const [item] = written;
  expect(await (await item?.getType('text/plain'))?.text()).toBe(content);
  const html = (await (await item?.getType('text/html'))?.text()) ?? '';
  expect(html).toMatch(/^<h1>Tides<\/h1><p>Two bulges, <strong>always<\/strong>\.<\/p><ol start="3">/);
  expect(html).toContain('<th align="right">Range</th>');
  await expect.poll(() => container.textContent).toContain('Copied');
});
