import { describe, expect, it } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { composer, openApp, paragraph, problems, send } from './appTestBench.ts';
import {
  chunk,
  done,
  exampleChat,
  exampleMessage,
  type FedStream,
  runStart,
} from './lib/chat/chatTestBench.ts';

const log = () => page.getByRole('log');
const topOf = (element: Element) => element.getBoundingClientRect().top;

/** Resolves when a layout and what follows from it have been drawn. */
async function someFrames(): Promise<void> {
  for (let frame = 0; frame < 4; frame += 1) await new Promise((resolve) => requestAnimationFrame(resolve));
}

/** Messages u0, a0, u1, a1 and so on, each answer of some paragraphs. */
function turns(count: number, paragraphs: number) {
  return Array.from({ length: count }, (_, turn) => [
    exampleMessage({
      id: `u${turn}`,
      role: 'user',
      parentId: turn === 0 ? null : `a${turn - 1}`,
      content: `Question ${turn}`,
    }),
    exampleMessage({
      id: `a${turn}`,
      role: 'assistant',
      parentId: `u${turn}`,
      content: Array.from(
        { length: paragraphs },
        (_, part) => `Answer ${turn}, part ${part}. ${paragraph}`,
      ).join('\n\n'),
      model: 'demo/quick',
    }),
  ]).flat();
}

function present<Value>(element: Value | null | undefined): Value {
  if (element === undefined || element === null) throw new Error('Nothing is there.');
  return element;
}

describe('the transcript', () => {
  const open = async (messages = turns(1, 20)) => {
    const chat = { ...exampleChat, updatedAtMs: Date.now() };
    const app = await openApp('/projects/p1/chats/c1', {
      getChat: async () => ({ chat, messages, siblings: {}, activeRun: null }),
    });
    await expect.element(log().getByText('Question 0')).toBeInTheDocument();
    return app;
  };
  const distanceToEnd = () => {
    const { scrollHeight, clientHeight, scrollTop } = log().element();
    return scrollHeight - clientHeight - scrollTop;
  };
  /** Resolves when the words are drawn in the last answer. */
  const feed = async (stream: FedStream, words: string) => {
    const last = () => [...log().element().querySelectorAll('.message-body')].at(-1);
    const lengthBefore = last()?.textContent.length ?? 0;
    stream.feed(chunk(words));
    await expect.poll(() => last()?.textContent.length).toBeGreaterThan(lengthBefore + words.length * 0.7);
    await someFrames();
  };
  const atEnd = () => expect.poll(distanceToEnd).toBeLessThan(2);

  it('puts a sent message at the top and lets its answer grow below it without moving anything', async () => {
    const { client } = await open();
    await atEnd();
    const stream = await send(client, 'Why?');
    const own = log().getByText('Why?').element();
    await expect.poll(() => topOf(own) - topOf(log().element())).toBeLessThan(40);
    const topPx = topOf(own);
    stream.feed(runStart('Why?', { parentId: 'a0' }));
    for (const words of ['Because ', 'of the Moon. ', paragraph.repeat(8)]) {
      await feed(stream, words);
      expect(topOf(own)).toBe(topPx);
    }
    await feed(stream, `\n\n${paragraph.repeat(60)}`);
    await expect.poll(() => topOf(own)).toBeLessThan(topPx - 100);
    await atEnd();
  });

  it('puts a message at the top that is sent while a long chat is being opened', async () => {
    const read = Promise.withResolvers<void>();
    const messages = turns(60, 3);
    await openApp('/projects/p1/chats/c1', {
      getChat: async () => {
        await read.promise;
        const chat = { ...exampleChat, updatedAtMs: Date.now() };
        return { chat, messages, siblings: {}, activeRun: null };
      },
    });
    await composer().fill('Why?');
    await userEvent.keyboard('{Enter}');
    read.resolve();
    const own = log().getByText('Why?');
    await expect.element(own).toBeInTheDocument();
    await expect.poll(() => log().element().querySelectorAll('article').length).toBeGreaterThan(120);
    const offsetOfOwn = () => topOf(own.element()) - topOf(log().element());
    await expect.poll(offsetOfOwn).toBeLessThan(40);
    await someFrames();
    expect(offsetOfOwn()).toBeLessThan(40);
    expect(offsetOfOwn()).toBeGreaterThan(0);
  });

  it('leaves room for the answer below a sent message that is longer than the view', async () => {
    const { client } = await open();
    await send(client, paragraph.repeat(80));
    const own = log().element().querySelector('[data-role="user"]:nth-last-child(2)');
    const view = log().element().getBoundingClientRect();
    await expect.poll(() => own?.getBoundingClientRect().bottom).toBeLessThan(view.top + view.height / 2);
    expect(own?.getBoundingClientRect().bottom).toBeGreaterThan(view.top + view.height / 4);
  });

  it('removes the space below a short answer when it is out of view', async () => {
    const { client } = await open();
    const stream = await send(client, 'Why?');
    stream.feed(runStart('Why?', { parentId: 'a0' }));
    stream.feed(done('Because.'));
    await expect.element(log().getByText('Because.')).toBeVisible();
    const withRoomPx = log().element().scrollHeight;
    log().element().scrollTop = 0;
    await expect.poll(() => log().element().scrollHeight).toBeLessThan(withRoomPx - 100);
  });

  it('shows how many words arrived, and moves the focus to the text after a key', async () => {
    const { client } = await open();
    const stream = await send(client, 'Why?');
    stream.feed(runStart('Why?', { parentId: 'a0' }));
    await feed(stream, `${paragraph.repeat(60)}\n\n`);
    await atEnd();
    log().element().scrollTop -= 300;
    await someFrames();
    await feed(stream, 'one two three ');
    const pill = page.getByRole('button', { name: /new words? below$/ });
    await expect.element(pill).toHaveTextContent('3 new words below');
    await feed(stream, paragraph.repeat(8));
    await expect.element(pill).toHaveTextContent('About 120 new words below');
    expect(await problems()).toEqual([]);
    composer().element().focus();
    await userEvent.keyboard('{Shift>}{Tab}{/Shift}');
    await expect.element(pill).toHaveFocus();
    await userEvent.keyboard('{Enter}');
    await atEnd();
    await expect.element(pill).not.toBeInTheDocument();
    await expect.element(log()).toHaveFocus();
  });

  it('shows nothing about new text when there is none, and the pointer leaves the focus where it was', async () => {
    const { client } = await open();
    const stream = await send(client, 'Why?');
    stream.feed(runStart('Why?', { parentId: 'a0' }));
    await feed(stream, `${paragraph.repeat(60)}\n\n`);
    await atEnd();
    log().element().scrollTop -= 300;
    await someFrames();
    const pill = page.getByRole('button', { name: /new words? below$/ });
    await expect.element(pill).not.toBeInTheDocument();
    await feed(stream, paragraph.repeat(8));
    await expect.element(composer()).toHaveFocus();
    await pill.click();
    await atEnd();
    await expect.element(composer()).toHaveFocus();
  });

  it('never lets the button about new text cover what has the focus', async () => {
    const { client } = await open();
    const stream = await send(client, 'Why?');
    stream.feed(runStart('Why?', { parentId: 'a0' }));
    const links = Array.from({ length: 60 }, (_, index) => `[Link ${index}](https://example.com/${index})`);
    stream.feed(chunk(`${links.join('\n\n')}\n\n`));
    await expect.element(page.getByRole('link', { name: 'Link 59' })).toBeInTheDocument();
    await atEnd();
    log().element().scrollTop = 0;
    await someFrames();
    await feed(stream, paragraph);
    const pill = page.getByRole('button', { name: /new words? below$/ });
    await expect.element(pill).toBeVisible();
    log().element().focus();
    for (let presses = 0; presses < 40; presses += 1) {
      await userEvent.keyboard('{Tab}');
      const focused = document.activeElement;
      if (!focused || !log().element().contains(focused))
        throw new Error('The focus left the text too early.');
      const { bottom } = focused.getBoundingClientRect();
      expect(bottom).toBeLessThanOrEqual(topOf(pill.element()));
    }
  });

  it('lays out only what is near the view of a long chat, ends at its true end, and all of it can be searched', async () => {
    await open(turns(100, 6));
    await atEnd();
    const messages = [...log().element().querySelectorAll('article')];
    expect(messages).toHaveLength(200);
    const laidOut = () =>
      messages.filter((message) => message.checkVisibility({ contentVisibilityAuto: true })).length;
    await expect.poll(laidOut).toBeLessThan(20);
    await expect.element(log().getByText(/^Answer 99, part 5\./)).toBeInViewport();
    expect(getComputedStyle(messages[0]?.parentElement ?? document.body).contentVisibility).toBe('auto');
    expect(getComputedStyle(messages[199]?.parentElement ?? document.body).contentVisibility).toBe('visible');
    const find: unknown = Reflect.get(window, 'find');
    expect(typeof find === 'function' && find.call(window, 'Answer 41, part 3.', false, false, true)).toBe(
      true,
    );
    getSelection()?.removeAllRanges();
  });

  it('shifts nothing of the end of a long chat while the rest of it is drawn above', async () => {
    let shifted = 0;
    const observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) shifted += Number(Reflect.get(entry, 'value'));
    });
    observer.observe({ type: 'layout-shift' });
    await open(turns(100, 1));
    await expect.poll(() => log().element().querySelectorAll('article').length).toBe(200);
    await someFrames();
    await atEnd();
    observer.disconnect();
    expect(shifted).toBeLessThan(0.01);
  });

  it('scrolls through a long chat without a jump, from its end to its start and back', async () => {
    await open(turns(60, 3));
    await atEnd();
    await someFrames();
    const view = log().element();
    const messages = [...view.querySelectorAll('article')];
    while (view.scrollTop > 0) {
      const shown = messages.find((message) => topOf(message) > topOf(view) + 20);
      const beforePx = shown ? topOf(shown) : 0;
      const scrolledPx = Math.min(400, view.scrollTop);
      view.scrollTop -= scrolledPx;
      await someFrames();
      // What was not laid out before it came near is as high as it is, and what is in view stays where it was put.
      if (shown && view.scrollTop > 0) expect(Math.abs(topOf(shown) - beforePx - scrolledPx)).toBeLessThan(2);
    }
    view.focus();
    await userEvent.keyboard('{End}');
    await atEnd();
    await someFrames();
    expect(distanceToEnd()).toBeLessThan(2);
    await expect.element(log().getByText(/^Answer 59, part 2\./)).toBeInViewport();
  });

  it('lays out as much of the end as a very high screen shows, so that the first scroll up does not jump', async () => {
    await page.viewport(1280, 2400);
    try {
      await open(turns(60, 0));
      await atEnd();
      const view = log().element();
      const messages = () => [...view.querySelectorAll('article')];
      await expect.poll(() => messages().length).toBe(120);
      await someFrames();
      const inView = messages().filter((message) => topOf(message) > topOf(view));
      expect(inView.length).toBeGreaterThan(18);
      for (const { parentElement } of inView)
        expect(getComputedStyle(present(parentElement)).contentVisibility).toBe('visible');
      const shown = present(inView[0]);
      for (const scrolledPx of [60, 400, 400, 400]) {
        const beforePx = topOf(shown);
        view.scrollTop -= scrolledPx;
        await someFrames();
        expect(Math.abs(topOf(shown) - beforePx - scrolledPx)).toBeLessThan(2);
      }
    } finally {
      await page.viewport(1280, 800);
    }
  });

  it('moves nothing when a message is queued, be the end followed or not', async () => {
    const { client } = await open();
    const stream = await send(client, 'Why?');
    stream.feed(runStart('Why?', { parentId: 'a0' }));
    await feed(stream, paragraph.repeat(3));
    await someFrames();
    const text = () => [...log().element().querySelectorAll('.message-body')].at(-1);
    const topPx = topOf(present(text()));
    await composer().fill('And then?');
    await userEvent.keyboard('{Enter}');
    await expect.element(page.getByRole('region', { name: 'Queued messages' })).toBeVisible();
    await someFrames();
    expect(topOf(present(text()))).toBe(topPx);
  });

  it('draws only what is near the view of a long chat, the rest as it comes near or is to be printed', async () => {
    await open(turns(100, 20));
    await atEnd();
    const view = log().element();
    const undrawn = (role: 'user' | 'assistant') =>
      view.querySelectorAll(`[data-role="${role}"] .markdown.is-source`).length;
    for (const role of ['user', 'assistant'] as const) {
      await expect.poll(() => undrawn(role)).toBeGreaterThan(80);
      expect(undrawn(role)).toBeLessThan(100);
    }
    const [question, answer] = view.querySelectorAll('.markdown.is-source');
    expect(question?.textContent).toBe('Question 0');
    expect(answer?.textContent).toContain('Answer 0, part 19.');
    view.scrollTop = 0;
    await expect.poll(() => question?.isConnected || answer?.isConnected).toBe(false);
    await expect.element(page.getByText(/^Answer 0, part 0\./)).toBeInViewport();
    await expect.element(page.getByText('Question 0', { exact: true })).toBeInViewport();
    for (const role of ['user', 'assistant'] as const) expect(undrawn(role)).toBeGreaterThan(80);
    window.dispatchEvent(new Event('beforeprint'));
    await expect.poll(() => view.querySelectorAll('.is-source').length).toBe(0);
  });

  it('moves the focus from message to message with Alt and the arrows, and from the last one to the composer', async () => {
    await open(turns(40, 6));
    await atEnd();
    composer().element().focus();
    const last = page.getByRole('article', { name: 'Answer, demo/quick' });
    await userEvent.keyboard('{Alt>}{ArrowUp}{/Alt}');
    await expect.element(last).toHaveFocus();
    expect(last.element().textContent).toContain('Answer 39,');
    await expect.element(last).toBeInViewport();
    await userEvent.keyboard('{Alt>}{ArrowUp}{/Alt}');
    await expect.element(page.getByRole('article', { name: 'You' })).toHaveFocus();
    for (let presses = 0; presses < 20; presses += 1) {
      await userEvent.keyboard('{Alt>}{ArrowUp}{/Alt}');
      await someFrames();
      expect(Math.abs(topOf(document.activeElement ?? document.body) - topOf(log().element()))).toBeLessThan(
        40,
      );
    }
    expect(document.activeElement?.textContent).toContain('Question 29');
    expect(await problems()).toEqual([]);
    await userEvent.keyboard('{Alt>}{ArrowDown}{/Alt}');
    expect(document.activeElement?.textContent).toContain('Answer 29');
    for (let presses = 0; presses < 21; presses += 1) await userEvent.keyboard('{Alt>}{ArrowDown}{/Alt}');
    await expect.element(composer()).toHaveFocus();
    expect(log().element().querySelectorAll('article[tabindex]')).toHaveLength(0);
  });

  it('ends above a keyboard that covers the page, with its end still in view', async () => {
    await open();
    await atEnd();
    const root = document.documentElement;
    root.style.setProperty('--keyboard-inset', '300px');
    await expect
      .poll(() => composer().element().getBoundingClientRect().bottom)
      .toBeLessThan(window.innerHeight - 300);
    await atEnd();
    root.style.removeProperty('--keyboard-inset');
    await atEnd();
  });
});
