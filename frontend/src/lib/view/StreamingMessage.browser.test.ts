import { errorTable, type RunView } from '@rill/protocol';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import '../../styles/index.css';
import { answerDocuments } from '../markdown/sampleDocuments.ts';
import Message from './Message.svelte';
import { endedViewFixture, messageFixture, viewFixture } from './messageFixtures.ts';
import { reasoningChoice } from './reasoningChoice.ts';
import StreamingMessage from './StreamingMessage.svelte';
import UserMessage from './UserMessage.svelte';

const startedAtMs = 1_000_000;
let nowMs = startedAtMs;

beforeEach(() => {
  nowMs = startedAtMs;
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});

afterEach(() => {
  reasoningChoice.value = false;
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
  const props = { connection: 'open' as const, startedAtMs, isCancelling: false, oncancel, onretry };
  const screen = await render(StreamingMessage, { ...props, view, nowMs: () => nowMs });
  const article = screen.getByRole('article');
  return { screen, article, oncancel, onretry, show: (next: RunView) => screen.rerender({ view: next }) };
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
    pass(2000);
    await expect.element(screen.getByText('Writing')).toBeVisible();
    await expect.element(screen.getByText(/^~\d+ tokens/)).toBeVisible();
    await show(endedViewFixture({ content: 'Hello **world**.' }));
    await expect.element(article).toHaveAttribute('aria-busy', 'false');
    await expect
      .element(screen.getByRole('list', { name: 'About this answer' }).getByText('$0.0031'))
      .toBeVisible();
    expect(screen.container.querySelector('[data-caret]')).toBeNull();
    await expect.element(screen.getByText('Writing')).not.toBeInTheDocument();
  });

  test('its figures change at most four times a second', async () => {
    const { screen, show } = await start();
    await show(viewFixture({ content: 'one ' }));
    pass(250);
    await expect.element(screen.getByText('~1 token', { exact: true })).toBeVisible();
    await show(viewFixture({ content: 'one two three four ' }));
    await expect.element(screen.getByText('~1 token', { exact: true })).toBeVisible();
    pass(1000);
    await expect.element(screen.getByText('~4 tokens · 4/s')).toBeVisible();
  });

  test('offers to stop when nothing has come for 15 s', async () => {
    const { screen, oncancel } = await start();
    pass(15_000);
    await screen.getByRole('button', { name: 'Stop this answer' }).click();
    expect(oncancel).toHaveBeenCalledOnce();
  });

  test('says that it reconnects and that it stops', async () => {
    const { screen } = await start(viewFixture({ content: 'Text' }));
    await screen.rerender({ connection: 'reconnecting' });
    await expect.element(screen.getByText('Reconnecting. The text is safe.')).toBeVisible();
    await screen.rerender({ isCancelling: true });
    await expect.element(screen.getByText('Stopping')).toBeVisible();
  });

  test('says for 3 s that the connection is back', async () => {
    const { screen } = await start(viewFixture({ content: 'Text' }));
    await screen.rerender({ connection: 'reconnecting' });
    await screen.rerender({ connection: 'open' });
    await expect.element(screen.getByText('Reconnected')).toBeVisible();
    pass(3000);
    await expect.element(screen.getByText('Writing')).toBeVisible();
  });

  test('says what it costs so far where the price is known', async () => {
    const { screen } = await start(viewFixture({ content: 'one two three four ' }));
    await screen.rerender({ usdPerToken: 0.001 });
    await expect.element(screen.getByText('~4 tokens · ~$0.0040')).toBeVisible();
  });

  test('says why the provider is tried again', async () => {
    const error = { code: 'provider_rate_limited', message: '', isRetryable: true } as const;
    const { screen } = await start(
      viewFixture({ notice: { code: 'retrying', error, attempt: 2, delayMs: 100 } }),
    );
    await expect.element(screen.getByText('The provider is busy. Trying again…')).toBeVisible();
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
    expect(settled.container.querySelector('article')?.innerHTML).toBe(
      live.screen.container.querySelector('article')?.innerHTML,
    );
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
    await vi.waitFor(() => expect(oncopied).toHaveBeenCalledOnce());
    await expect.element(screen.getByRole('button', { name: 'Copied' })).toBeVisible();
  });

  test('shows data images, cards for others, sources and tool calls', async () => {
    const png =
      'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
    const screen = await render(Message, {
      message: messageFixture({
        images: [{ url: png }, { url: 'https://example.com/remote.png' }, { url: 'javascript:alert(1)' }],
        annotations: [
          { url: 'https://example.com/source', title: 'A source' },
          { url: 'javascript:alert(1)', title: 'Not a link' },
        ],
        toolCalls: [{ id: 'call-1', name: 'search', arguments: '{"query":"x"}' }],
      }),
    });
    expect([...screen.container.querySelectorAll('img')].map((image) => image.src)).toEqual([png]);
    await expect.element(screen.getByRole('link', { name: 'Open picture example.com' })).toBeVisible();
    await expect.element(screen.getByRole('link', { name: 'A source' })).toBeVisible();
    await expect.element(screen.getByRole('link', { name: 'Not a link' })).not.toBeInTheDocument();
    await screen.getByText('1 tool call').click();
    await expect.element(screen.getByText('{"query":"x"}')).toBeVisible();
  });
});

test("a user's message keeps its line breaks and its direction, and is no markdown", async () => {
  const screen = await render(UserMessage, {
    message: messageFixture({ role: 'user', content: '**שלום**\n<b>x</b>' }),
  });
  const paragraph = screen.container.querySelector('p');
  expect(paragraph?.textContent).toBe('**שלום**\n<b>x</b>');
  expect(paragraph && getComputedStyle(paragraph).whiteSpace).toBe('pre-wrap');
  expect(paragraph && getComputedStyle(paragraph).direction).toBe('rtl');
});
