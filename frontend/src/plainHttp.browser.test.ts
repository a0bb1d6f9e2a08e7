import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { openApp } from './appTestBench.ts';
import { exampleMessage } from './lib/chat/chatTestBench.ts';

const content = [
  'Tides are **long** waves.',
  '```js\nlet height = 3;\n```',
  '| Port | Range |\n| --- | ---: |\n| Brest | 6 |',
].join('\n\n');

/** What a page on plain HTTP from another machine lacks. */
const secureOnly = ['clipboard', 'locks', 'serviceWorker', 'storage'] as const;

let app: Awaited<ReturnType<typeof openApp>>;

async function open() {
  app = await openApp('/projects/p1/new');
  const { client } = app;
  client.detail = {
    ...client.detail,
    messages: [
      exampleMessage({ id: 'u0', role: 'user', content: 'What are tides?' }),
      exampleMessage({ id: 'a0', role: 'assistant', parentId: 'u0', content, model: 'demo/quick' }),
    ],
  };
  app.state.open({ name: 'chat', projectId: 'p1', chatId: 'c1' });
  await expect.element(page.getByText('Brest')).toBeVisible();
}

/** What a program gets that pastes. */
async function pasted(): Promise<{ text: string; html: string }> {
  const field = document.createElement('textarea');
  document.body.append(field);
  const got = new Promise<{ text: string; html: string }>((resolve) => {
    field.addEventListener('paste', ({ clipboardData }) =>
      resolve({
        text: clipboardData?.getData('text/plain') ?? '',
        html: clipboardData?.getData('text/html') ?? '',
      }),
    );
  });
  field.focus();
  await userEvent.keyboard('{Control>}v{/Control}');
  const result = await got;
  field.remove();
  return result;
}

beforeEach(() => {
  for (const name of secureOnly)
    Object.defineProperty(navigator, name, { value: undefined, configurable: true });
  Object.defineProperty(crypto, 'randomUUID', { value: undefined, configurable: true });
});

afterEach(async () => {
  vi.restoreAllMocks();
  for (const name of secureOnly) Reflect.deleteProperty(navigator, name);
  Reflect.deleteProperty(crypto, 'randomUUID');
});

it('copies by every button on a page that has no clipboard of its own', async () => {
  await open();
  const buttons = [
    ['Copy answer as Markdown', content],
    ['Copy code', 'let height = 3;\n'],
    ['Copy table as Markdown', '| Port | Range |\n| --- | --: |\n| Brest | 6 |'],
    ['Copy table as CSV', 'Port,Range\r\nBrest,6\r\n'],
  ] as const;
  for (const [label, expected] of buttons) {
    const button = document.querySelector(`[title="${label}"], [aria-label="${label}"]`);
    if (!button) throw new Error(`There is no button ${label}.`);
    await userEvent.click(button);
    await expect.poll(() => button.textContent).toContain('Copied');
    expect(document.activeElement).toBe(button);
    expect((await pasted()).text.replaceAll('\r\n', '\n')).toBe(expected.replaceAll('\r\n', '\n'));
  }
});

it('puts HTML and Markdown on the clipboard for a formatted copy, and keeps the selection', async () => {
  await open();
  const words = document.querySelector('.message .markdown p')?.lastChild;
  const button = document.querySelector('[title="Copy answer as formatted text"]');
  if (!words || !button) throw new Error('The answer is not drawn.');
  // As after a press of the button by its key: a click with a pointer takes the selection away by itself.
  if (button instanceof HTMLElement) button.focus();
  getSelection()?.setBaseAndExtent(words, 1, words, 5);
  await userEvent.keyboard('{Enter}');
  await expect.poll(() => button.textContent).toContain('Copied');
  expect(String(getSelection())).toBe('wave');
  const { text, html } = await pasted();
  expect(text).toBe(content);
  expect(html).toContain('<p>Tides are <strong>long</strong> waves.</p>');
});

it('says what to do when the browser refuses to copy', async () => {
  vi.spyOn(document, 'execCommand').mockReturnValue(false);
  await open();
  const button = page.getByTitle('Copy answer as Markdown');
  await button.click();
  await expect.element(button).toHaveTextContent('Not copied');
  await expect.element(page.getByText(/Select the text and copy it/).first()).toBeVisible();
});
