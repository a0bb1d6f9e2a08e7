import { errorTable, type RunView } from '@rill/protocol';
import { tick } from 'svelte';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import '../../../styles/index.css';
import { answerDocuments } from '../../markdown/sampleDocuments.ts';
import { readReasoningChoice } from './content/reasoningChoice.ts';
import Message from './Message.svelte';
import { endedViewFixture, messageFixture, viewFixture, watchedRunFixture } from './messageFixtures.ts';
import UserMessage from './UserMessage.svelte';

const startedAtMs = 1_000_000;
let nowMs = startedAtMs;

beforeEach(() => {
  nowMs = startedAtMs;
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});

afterEach(() => {
  readReasoningChoice().value = false;
  expect(vi.getTimerCount()).toBeLessThanOrEqual(1);
  vi.useRealTimers();
});

function pass(durationMs: number): void {
  for (let passedMs = 0; passedMs < durationMs; passedMs += 250) {
    nowMs += 250;
    vi.advanceTimersByTime(250);
  }
}

async function start(view: RunView = viewFixture()) {
  const oncancel = vi.fn();
  const onretry = vi.fn();
  const live = watchedRunFixture(view, { startedAtMs });
  const props = { message: live.message, live, oncancel, onretry, nowMs: () => nowMs };
  const screen = await render(Message, props);
  const article = screen.getByRole('article');
  const show = async (next: RunView) => {
    live.view = next;
    await screen.rerender({ message: live.message });
  };
  return { screen, article, oncancel, onretry, live, show };
}

describe('a running answer', () => {
  test('waits in words, then shows text, then turns into a message with a receipt', async () => {
    const { screen, article, show } = await start();
    await expect.element(article).toHaveAttribute('aria-busy', 'true');
    expect(screen.container.querySelector('.message-footer')?.textContent.trim()).toBe('');
    pass(3000);
    await expect.element(screen.getByText('Waiting for the model, 3 s')).toBeVisible();
    await show(viewFixture({ content: 'Hello **wor' }));
    await expect.element(screen.getByRole('paragraph')).toHaveTextContent('Hello wor');
    pass(1000);
    await expect.element(screen.getByText('Writing')).toBeVisible();
    await expect.element(screen.getByText(/^≈\d+ tokens/)).toBeVisible();
    await show(endedViewFixture({ content: 'Hello **world**.' }));
    await expect.element(article).toHaveAttribute('aria-busy', 'false');
    await screen.getByRole('button', { name: 'About this answer: 12 s · $0.0031' }).click();
    const receipt = screen.getByRole('dialog', { name: 'About this answer' });
    await expect.element(receipt.getByRole('row', { name: 'Tokens out 412' })).toBeVisible();
    await userEvent.keyboard('{Escape}');
    await expect.element(receipt).not.toBeInTheDocument();
    await expect.poll(() => screen.container.querySelector('[data-caret]')).toBeNull();
    await expect.element(screen.getByText('Writing')).not.toBeInTheDocument();
  });

  test('its figures change at most four times a second', async () => {
    const { screen, show } = await start();
    await show(viewFixture({ content: 'one ' }));
    pass(250);
    await expect.element(screen.getByText('≈1 token', { exact: true })).toBeVisible();
    await show(viewFixture({ content: 'one two three four ' }));
    await expect.element(screen.getByText('≈1 token', { exact: true })).toBeVisible();
    pass(1000);
    await expect.element(screen.getByText('≈4 tokens', { exact: true })).toBeVisible();
    await expect.element(screen.getByTitle('4/s')).toBeVisible();
  });

  test('offers to stop when nothing has arrived for 15 s', async () => {
    const { screen, oncancel } = await start();
    pass(15_000);
    await screen.getByRole('button', { name: 'Stop this answer' }).click();
    expect(oncancel).toHaveBeenCalledOnce();
  });

  test('says that it reconnects and that it stops', async () => {
    const { screen, live } = await start(viewFixture({ content: 'Text' }));
    live.connection = 'reconnecting';
    await expect.element(screen.getByText('Reconnecting. The text is safe.')).toBeVisible();
    live.isCancelling = true;
    await expect.element(screen.getByText('Stopping')).toBeVisible();
  });

  test('says for 3 s that the connection is back', async () => {
    const { screen, live, show } = await start(viewFixture({ content: 'Text' }));
    live.connection = 'reconnecting';
    await tick();
    live.connection = 'open';
    await expect.element(screen.getByText('Reconnected')).toBeVisible();
    pass(2000);
    await show(viewFixture({ content: 'Text and more' }));
    pass(1000);
    await expect.element(screen.getByText('Writing')).toBeVisible();
  });

  test('says what it costs so far where the price is known', async () => {
    const { screen } = await start(viewFixture({ content: 'one two three four ' }));
    await screen.rerender({ usdPerToken: 0.001 });
    await expect.element(screen.getByText('≈4 tokens', { exact: true })).toBeVisible();
    await expect.element(screen.getByTitle('≈$0.0040')).toBeVisible();
  });

  test('says why the provider is tried again', async () => {
    const error = { code: 'provider_rate_limited', message: '', isRetryable: true } as const;
    const { screen } = await start(
      viewFixture({ notice: { code: 'retrying', error, attempt: 2, delayMs: 100 } }),
    );
    await expect.element(screen.getByText('The provider is busy. Trying again…')).toBeVisible();
  });

  test('shows a gap in its text, counts it from 5 s on, and moves nothing by that', async () => {
    const { screen, show } = await start();
    await show(viewFixture({ content: 'Hello' }));
    pass(250);
    await expect.element(screen.getByText('Writing')).toBeVisible();
    await expect.element(screen.getByRole('paragraph')).toHaveTextContent('Hello');
    const boxes = () =>
      ['.message-body', '.message-body p', '.message-footer'].map((selector) =>
        screen.container.querySelector(selector)?.getBoundingClientRect().toJSON(),
      );
    const before = boxes();
    const caret = () => {
      const host = screen.container.querySelector('[data-caret]');
      return host ? getComputedStyle(host, '::after').backgroundImage : '';
    };
    expect(caret()).toBe('none');
    pass(1500);
    await expect.element(screen.getByText('Waiting for the model', { exact: true })).toBeVisible();
    expect(caret()).toContain('radial-gradient');
    expect(boxes()).toEqual(before);
    pass(5250);
    await expect.element(screen.getByText('Waiting for the model, 7 s')).toBeVisible();
    expect(boxes()).toEqual(before);
    await show(viewFixture({ content: 'Hello world' }));
    await expect.element(screen.getByText('Writing')).toBeVisible();
    expect(caret()).toBe('none');
  });

  test('says once that it thinks', async () => {
    const { screen, show } = await start();
    await show(viewFixture({ reasoning: 'First, consider' }));
    pass(2250);
    await expect.element(screen.getByText(/^≈\d+ tokens/)).toBeVisible();
    expect(screen.container.innerText.match(/Thinking/g)).toHaveLength(1);
  });

  test('no label that changes moves a button', async () => {
    vi.stubGlobal('navigator', { clipboard: { writeText: async () => undefined } });
    const screen = await render(Message, {
      message: messageFixture({ content: 'Text\n\n```ts\ncode\n```\n\n| a |\n| - |\n| b |' }),
      onretry: vi.fn(),
    });
    await vi.waitFor(() => expect(screen.container.querySelectorAll('button').length).toBe(9));
    const buttons = [...screen.container.querySelectorAll('button')];
    const positions = () =>
      buttons.map((button) => {
        const { left, top, width } = button.getBoundingClientRect();
        return [button.className, left, top, width];
      });
    const before = positions();
    for (const button of buttons.filter((each) => /^(Copy|Markdown|CSV)/.test(each.innerText))) {
      button.click();
      await vi.waitFor(() => expect(button.innerText).toMatch(/Copied|Not copied/));
      expect(positions()).toEqual(before);
    }
  });

  test('an answer in parts says what Retry writes again', async () => {
    const onretry = vi.fn();
    const first = messageFixture({ id: 'first', content: 'Half ' });
    const screen = await render(Message, {
      message: messageFixture({ id: 'last' }),
      before: [first],
      onretry,
    });
    await screen.getByRole('button', { name: 'Retry last part' }).click();
    await screen.getByRole('button', { name: 'Retry whole answer' }).click();
    expect(onretry.mock.calls).toEqual([['last'], ['first']]);
    await expect.element(screen.getByRole('button', { name: 'Retry', exact: true })).not.toBeInTheDocument();
  });

  test('counts the seconds of thinking and keeps the disclosure as the reader left it', async () => {
    const { screen, show } = await start();
    await show(viewFixture({ reasoning: 'First, **consider**' }));
    pass(12_250);
    const toggle = screen.getByRole('button', { name: /^Th(inking|ought)/ });
    await expect.element(toggle).toHaveTextContent('Thinking 12 s');
    await expect.element(toggle).toHaveAttribute('aria-expanded', 'false');
    await toggle.click();
    await expect.element(screen.getByText('consider')).toBeVisible();
    await show(viewFixture({ reasoning: 'First, **consider** it.', content: 'So' }));
    pass(250);
    await expect.element(toggle).toHaveTextContent('Thought for 12 s');
    pass(9000);
    await show(endedViewFixture({ reasoning: 'First, **consider** it.', content: 'So.' }));
    await expect.element(toggle).toHaveTextContent('Thought for 12 s');
    await expect.element(toggle).toHaveAttribute('aria-expanded', 'true');
  });

  test('no text of the answer is in a live region', async () => {
    const { screen } = await start(viewFixture({ content: 'Secret words' }));
    expect(screen.container.querySelector('[aria-live], [role=status], [role=alert], [role=log]')).toBeNull();
  });

  test('keeps its DOM and its height when it ends', async () => {
    // Where the receipt fits beside the actions; on a phone it takes lines of its own below everything.
    await page.viewport(1280, 800);
    const text = answerDocuments[0] ?? '';
    const { screen, show } = await start(viewFixture({ content: text }));
    pass(1000);
    await vi.waitFor(() =>
      expect(screen.container.querySelectorAll('.markdown > *').length).toBeGreaterThan(8),
    );
    const blocks = [...screen.container.querySelectorAll('.markdown > *')];
    const topsPx = blocks.map((block) => block.getBoundingClientRect().top);
    const heightPx = screen.container.querySelector('article')?.getBoundingClientRect().height;
    await show(endedViewFixture({ content: text }));
    expect([...screen.container.querySelectorAll('.markdown > *')]).toEqual(blocks);
    expect(blocks.map((block) => block.getBoundingClientRect().top)).toEqual(topsPx);
    expect(screen.container.querySelector('article')?.getBoundingClientRect().height).toBe(heightPx);
  });

  test('a settled message looks exactly like the ended answer', async () => {
    const view = endedViewFixture({ content: answerDocuments[0] ?? '' });
    const live = await start(view);
    const settled = await render(Message, {
      message: messageFixture({ content: answerDocuments[0] ?? '' }),
      onretry: vi.fn(),
    });
    // Without Svelte's own comments and the blanks beside them, which say which branch of a component is shown.
    const [shown, ended] = [settled, live.screen].map(({ container }) =>
      container
        .querySelector('article')
        ?.innerHTML.replace(/<!--.*?-->/g, '')
        .replace(/>\s+</g, '><'),
    );
    expect(shown).toContain('</p>');
    expect(shown).toBe(ended);
  });

  test('the caret is steady under reduced motion', () => {
    const rules = [...document.styleSheets].flatMap((sheet) =>
      [...sheet.cssRules].map((rule) => rule.cssText),
    );
    const reduced = rules.filter((rule) => /prefers-reduced-motion: reduce/.test(rule)).join('\n');
    expect(reduced).toMatch(/data-caret\]::after[^{]*\{[^}]*animation:[^;]*none/);
  });
});

describe('an ended answer', () => {
  const message = errorTable.provider_unavailable.sentence;

  test('that failed shows the sentence, the code and Retry', async () => {
    const error = { code: 'provider_unavailable', message, isRetryable: true } as const;
    const { screen, onretry } = await start(
      endedViewFixture({ status: 'failed', content: 'Half', error, usage: null }),
    );
    await expect.element(screen.getByText(`${message} The text so far is kept.`)).toBeVisible();
    await expect.element(screen.getByText('Half')).toBeVisible();
    await screen.getByText('Details').click();
    await expect.element(screen.getByText('Error code: provider_unavailable')).toBeVisible();
    await screen.getByRole('button', { name: 'Retry' }).click();
    expect(onretry).toHaveBeenCalledOnce();
  });

  test('that was stopped says after how many characters', async () => {
    const { screen } = await start(endedViewFixture({ status: 'cancelled', content: 'x'.repeat(1204) }));
    await expect.element(screen.getByText('Stopped after 1,204 characters.')).toBeVisible();
  });

  test('steps through its versions', async () => {
    const onselectsibling = vi.fn();
    const siblings = ['answer-0', 'answer-1', 'answer-2'];
    const screen = await render(Message, { message: messageFixture(), siblings, onselectsibling });
    await expect.element(screen.getByText('2 / 3')).toBeVisible();
    await screen.getByRole('button', { name: 'Next version' }).click();
    await screen.getByRole('button', { name: 'Previous version' }).click();
    expect(onselectsibling.mock.calls).toEqual([['answer-2'], ['answer-0']]);
  });

  test('copies its Markdown and says so', async () => {
    const writeText = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValue();
    const oncopied = vi.fn();
    const screen = await render(Message, { message: messageFixture({ content: '**a**' }), oncopied });
    await screen.getByRole('button', { name: 'Copy' }).click();
    expect(writeText).toHaveBeenCalledWith('**a**');
    await expect.poll(() => oncopied).toHaveBeenCalledOnce();
    await expect.element(screen.getByRole('button', { name: 'Copied' })).toBeVisible();
  });

  test('shows data images, cards for others, sources and tool calls', async () => {
    const png =
      'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
    const screen = await render(Message, {
      message: messageFixture({
        images: [{ url: png }, { url: 'https://example.com/remote.png' }, { url: 'javascript:alert(1)' }],
        annotations: [
          { url: 'https://example.com/source', title: 'A source', excerpt: '<b>Text</b> of the page' },
          { url: 'javascript:alert(1)', title: 'Not a link' },
        ],
        toolCalls: [{ id: 'call-1', name: 'search', arguments: '{"query":"x"}' }],
      }),
    });
    expect([...screen.container.querySelectorAll('img')].map((image) => image.src)).toEqual([png]);
    await expect.element(screen.getByRole('link', { name: 'Open picture example.com' })).toBeVisible();
    await expect.element(screen.getByRole('link', { name: 'A source' })).not.toBeInTheDocument();
    await screen.getByText('Sources: example.com').click();
    await expect.element(screen.getByRole('link', { name: 'A source' })).toBeVisible();
    await expect.element(screen.getByText('<b>Text</b> of the page')).toBeVisible();
    await expect.element(screen.getByRole('link', { name: 'Not a link' })).not.toBeInTheDocument();
    await screen.getByText('1 tool call').click();
    await expect.element(screen.getByText('{"query":"x"}')).toBeVisible();
  });
});

describe("a user's message", () => {
  test('is drawn as Markdown, with its line breaks and in its direction, and runs no HTML', async () => {
    const screen = await render(UserMessage, {
      message: messageFixture({ role: 'user', content: '**שלום**\nעולם <b>x</b>' }),
    });
    const paragraph = screen.container.querySelector('p');
    expect(paragraph?.querySelector('strong')?.textContent).toBe('שלום');
    expect(paragraph?.textContent).toBe('שלום\nעולם <b>x</b>');
    expect(paragraph && getComputedStyle(paragraph).whiteSpace).toBe('pre-line');
    expect(paragraph && getComputedStyle(paragraph).direction).toBe('rtl');
  });

  test('is folded past twelve lines, and shown whole on demand', async () => {
    const lines = Array.from({ length: 30 }, (_, index) => `line ${index}`);
    const screen = await render(UserMessage, {
      message: messageFixture({ role: 'user', content: lines.join('\n') }),
    });
    const heightPx = () => screen.container.querySelector('.bubble')?.getBoundingClientRect().height ?? 0;
    const button = screen.getByRole('button', { name: 'Show all' });
    await expect.element(button).toHaveAttribute('aria-expanded', 'false');
    expect(heightPx()).toBeLessThan(15 * 26);
    await button.click();
    expect(heightPx()).toBeGreaterThan(30 * 26);
    await screen.getByRole('button', { name: 'Show less' }).click();
    expect(heightPx()).toBeLessThan(15 * 26);
    await screen.rerender({
      message: messageFixture({ role: 'user', content: lines.slice(0, 12).join('\n') }),
    });
    await expect.element(screen.getByRole('button', { name: /^Show/ })).not.toBeInTheDocument();
  });

  test('is copied as it was written', async () => {
    const writeText = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValue();
    const screen = await render(UserMessage, { message: messageFixture({ role: 'user', content: '**a**' }) });
    await screen.getByRole('button', { name: 'Copy message' }).click();
    expect(writeText).toHaveBeenCalledWith('**a**');
    await expect.element(screen.getByRole('button', { name: 'Copied' })).toBeInTheDocument();
  });
});
