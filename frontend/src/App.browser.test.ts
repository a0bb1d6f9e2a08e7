import { RillError } from '@rill/protocol';
import { tick } from 'svelte';
import { toStore } from 'svelte/store';
import { describe, expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { composer, openApp, paragraph, problems, send } from './appTestBench.ts';
import { chunk, done, exampleChat, exampleModel, runStart } from './lib/chat/chatTestBench.ts';

describe('App', () => {
  const atEnd = (element: Element) => element.scrollHeight - element.clientHeight - element.scrollTop < 2;

  it('sends with Enter, not with Shift+Enter, and empties the composer', async () => {
    const { client } = await openApp('/projects/p1/new');
    await composer().fill('one');
    await userEvent.keyboard('{Shift>}{Enter}{/Shift}');
    await expect.element(composer()).toHaveValue('one\n');
    expect(client.streams).toHaveLength(0);
    await send(client, 'Why?');
    await expect.element(composer()).toHaveValue('');
    await expect.element(page.getByRole('log').getByText('Why?')).toBeVisible();
  });

  it('does not send the Enter that chooses a word of an input method', async () => {
    const { client } = await openApp('/projects/p1/new');
    await composer().fill('なぜ');
    const textarea = composer().element();
    textarea.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true }));
    textarea.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', keyCode: 229, bubbles: true }));
    expect(client.sent).toEqual([]);
    await expect.element(composer()).toHaveValue('なぜ');
  });

  it('queues what is sent while an answer is written, and sends nothing by itself', async () => {
    const { client } = await openApp('/projects/p1/new');
    const stream = await send(client, 'Why?');
    stream.feed(runStart('Why?'));
    await composer().fill('And why not?');
    await userEvent.keyboard('{Enter}');
    const queue = page.getByRole('region', { name: 'Queued messages' });
    await expect.element(page.getByTestId('status-region')).toHaveTextContent('Queued, position 1');
    await expect.element(queue.getByText('And why not?')).toBeVisible();
    await expect.element(queue.getByText('Queued. Sent when this answer is complete.')).toBeVisible();
    await expect.element(composer()).toHaveValue('');
    stream.feed(done('Because.'));
    await expect.element(page.getByRole('button', { name: 'Send message' })).toBeVisible();
    // The server sends it, also when no page is open.
    expect(client.sent).toHaveLength(1);
  });

  it('returns a queued message to the composer, and removes one', async () => {
    const { client } = await openApp('/projects/p1/new');
    const stream = await send(client, 'Why?');
    stream.feed(runStart('Why?'));
    for (const words of ['One', 'Two', 'Three']) {
      await composer().fill(words);
      await page.getByRole('button', { name: 'Send after this answer' }).click();
    }
    const queued = page.getByRole('region', { name: 'Queued messages' }).getByRole('listitem');
    await expect.element(queued.nth(2).getByText('Queued, 3 of 3.')).toBeVisible();
    await queued.nth(0).getByRole('button', { name: 'Edit' }).click();
    await expect.element(composer()).toHaveValue('One');
    await expect.element(composer()).toHaveFocus();
    await queued.nth(0).getByRole('button', { name: 'Remove' }).click();
    await expect.element(queued.getByText('Three', { exact: true })).toBeVisible();
    await expect.poll(() => queued.elements()).toHaveLength(1);
  });

  it('turns Send into Stop in place, and Esc stops', async () => {
    const { client } = await openApp('/projects/p1/chats/c1');
    const box = page.getByRole('button', { name: 'Send message' }).element().getBoundingClientRect();
    const stream = await send(client, 'Why?');
    stream.feed(runStart('Why?', { parentId: 'a0' }));
    const stop = page.getByRole('button', { name: 'Stop answer' });
    await expect.element(stop).toBeVisible();
    const { right, bottom, width, height } = stop.element().getBoundingClientRect();
    expect([right, width, height]).toEqual([box.right, box.width, box.height]);
    expect(bottom).toBe(box.bottom);
    await userEvent.keyboard('{Escape}');
    expect(client.cancelled).toEqual(['r1']);
    stream.feed(done('Be', { status: 'cancelled' }));
    await expect.element(page.getByTestId('status-region')).toHaveTextContent('Stopped');
    await expect.element(page.getByRole('button', { name: 'Send message' })).toBeVisible();
  });

  it('takes a double click for one: it sends and stops nothing, or stops and sends nothing', async () => {
    const { client } = await openApp('/projects/p1/chats/c1');
    await composer().fill('Why?');
    await page.getByRole('button', { name: 'Send message' }).dblClick();
    await expect.poll(() => client.streams.length).toBe(1);
    client.streams[0]?.feed(runStart('Why?', { parentId: 'a0' }));
    await composer().fill('Not to be sent');
    const stop = page.getByRole('button', { name: 'Stop answer' });
    await expect.element(stop).toBeVisible();
    expect(client.cancelled).toEqual([]);
    await stop.click();
    client.streams[0]?.feed(done('Be', { status: 'cancelled' }));
    const again = page.getByRole('button', { name: 'Send message' });
    await expect.element(again).toBeVisible();
    again.element().dispatchEvent(new MouseEvent('click', { detail: 2, bubbles: true, cancelable: true }));
    expect([client.cancelled, client.sent.length]).toEqual([['r1'], 1]);
    await expect.element(composer()).toHaveValue('Not to be sent');
  });

  it('closes a menu with Esc before it stops anything, and returns the focus', async () => {
    const { client, shell } = await openApp('/projects/p1/chats/c1');
    const stream = await send(client, 'Why?');
    stream.feed(runStart('Why?', { parentId: 'a0' }));
    const button = page.getByRole('button', { name: 'Chat actions' });
    await button.click();
    await expect.element(page.getByRole('menuitem', { name: 'Rename' })).toBeVisible();
    await userEvent.keyboard('{Escape}');
    await expect.poll(() => shell.layer).toBeNull();
    expect(client.cancelled).toEqual([]);
    await expect.element(button).toHaveFocus();
    await userEvent.keyboard('{Escape}');
    expect(client.cancelled).toEqual(['r1']);
  });

  it('keeps the element of an answer from its first word to its end', async () => {
    const { client } = await openApp('/projects/p1/new');
    const stream = await send(client, 'Why?');
    stream.feed(runStart('Why?'));
    stream.feed(chunk('Because **it'));
    await expect.element(page.getByText(/Because/)).toBeVisible();
    const article = document.querySelector('.message');
    stream.feed(done('Because **it** is.'));
    await expect.element(page.getByText('Because it is.')).toBeVisible();
    expect(document.querySelector('.message')).toBe(article);
    expect(document.querySelectorAll('.message')).toHaveLength(1);
    await expect.element(page.getByTestId('status-region')).toHaveTextContent('Answer complete, 3 words');
  });

  it('leaves the list of messages as it is while the text of the last one grows', async () => {
    const { client, state } = await openApp('/projects/p1/new');
    const stream = await send(client, 'Why?');
    stream.feed(runStart('Why?'));
    stream.feed(chunk('Because'));
    await expect.element(page.getByText('Because')).toBeVisible();
    const onItems = vi.fn();
    const unsubscribe = toStore(() => state.current?.items).subscribe(onItems);
    stream.feed(chunk(' it is.'));
    await expect.element(page.getByText('Because it is.')).toBeVisible();
    unsubscribe();
    expect(onItems).toHaveBeenCalledOnce();
  });

  it('follows the end while the reader is there, and not when the reader scrolled up', async () => {
    const { client } = await openApp('/projects/p1/chats/c1');
    const log = page.getByRole('log');
    await expect.element(log.getByText('What are tides?')).toBeInTheDocument();
    await expect.poll(() => atEnd(log.element())).toBe(true);
    const stream = await send(client, 'Why?');
    stream.feed(runStart('Why?', { parentId: 'a0' }));
    stream.feed(chunk(`${paragraph.repeat(40)}\n\n`));
    await expect.poll(() => atEnd(log.element())).toBe(true);
    log.element().scrollTop -= 400;
    await expect.poll(() => atEnd(log.element())).toBe(false);
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    const topPx = log.element().scrollTop;
    stream.feed(chunk(paragraph.repeat(40)));
    const pill = page.getByRole('button', { name: /new words below$/ });
    await expect.element(pill).toBeVisible();
    expect(log.element().scrollTop).toBe(topPx);
    await pill.click();
    await expect.poll(() => atEnd(log.element())).toBe(true);
    await expect.element(pill).not.toBeInTheDocument();
  });

  it('never moves the focus while an answer is written', async () => {
    const { client } = await openApp('/projects/p1/chats/c1');
    const stream = await send(client, 'Why?');
    const link = page.getByRole('link', { name: 'Tides' });
    (link.element() as HTMLElement).focus();
    for (const event of [runStart('Why?', { parentId: 'a0' }), chunk('Because.'), done('Because.')])
      stream.feed(event);
    await expect.element(page.getByText('Because.')).toBeVisible();
    await expect.element(link).toHaveFocus();
  });

  it('finds a model by typing and chooses it by key', async () => {
    const models = [exampleModel, { ...exampleModel, id: 'demo/long', name: 'Demo Long' }];
    const listModels = async () => ({ models, defaultModel: 'demo/quick', isDemo: false });
    await openApp('/projects/p1/new', { listModels });
    await page.getByRole('button', { name: /^Model: Demo Quick/ }).click();
    await expect.element(page.getByRole('combobox', { name: 'Search models' })).toHaveFocus();
    expect(await problems()).toEqual([]);
    await userEvent.keyboard('long{Enter}');
    await expect.element(page.getByRole('button', { name: /^Model: Demo Long/ })).toBeVisible();
    await expect.element(page.getByRole('dialog')).not.toBeInTheDocument();
  });

  it('deletes a chat at once, with the row menu, and Ctrl+Z brings it back and shows it', async () => {
    const { state } = await openApp('/projects/p1/chats/c1');
    await page.getByRole('button', { name: 'Chat actions' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await expect.element(page.getByText('1 chat deleted')).toBeVisible();
    expect(state.chatsByProject.p1).toEqual([]);
    expect(state.current?.chatId).toBeNull();
    expect(await problems()).toEqual([]);
    const isCovering = page.getByRole('button', { name: 'Undo' }).element().getBoundingClientRect().bottom;
    expect(isCovering).toBeLessThan(composer().element().getBoundingClientRect().top);
    await userEvent.keyboard('{Control>}z{/Control}');
    await expect.poll(() => state.chatsByProject.p1).toHaveLength(1);
    expect(state.current?.chatId).toBe('c1');
    await expect.element(page.getByRole('button', { name: 'Undo' })).not.toBeInTheDocument();
  });

  it('keeps Undo while the focus is on it', async () => {
    const { state } = await openApp('/projects/p1/chats/c1');
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const [chat] = state.chatsByProject.p1 ?? [];
      void state.chatActs.delete(chat ? [chat] : []);
      await expect.element(page.getByRole('button', { name: 'Undo' })).toBeVisible();
      page.getByRole('button', { name: 'Undo' }).element().focus();
      await tick();
      vi.advanceTimersByTime(60_000);
      expect(state.chatActs.lastAct).not.toBeNull();
      page.getByRole('button', { name: 'Undo' }).element().blur();
      await tick();
      vi.advanceTimersByTime(10_000);
      expect(state.chatActs.lastAct).toBeNull();
    } finally {
      vi.useRealTimers();
    }
  });

  it('renames a chat in place; Esc keeps the old title', async () => {
    await openApp('/projects/p1/chats/c1');
    const title = page.getByRole('heading', { level: 1 }).getByRole('button');
    await title.click();
    await page.getByRole('textbox', { name: 'Chat title' }).fill('Waves');
    await userEvent.keyboard('{Escape}');
    await expect.element(title).toHaveTextContent(exampleChat.title);
    await title.click();
    await page.getByRole('textbox', { name: 'Chat title' }).fill('Waves');
    await userEvent.keyboard('{Enter}');
    await expect.element(page.getByRole('link', { name: 'Waves' })).toBeVisible();
  });

  it('shows the sidebar as a sheet on a narrow screen and closes it with the choice', async () => {
    await page.viewport(390, 844);
    await openApp('/projects/p1/new');
    await page.getByRole('button', { name: 'Open sidebar' }).click();
    const sheet = page.getByRole('dialog', { name: 'Projects and chats' });
    await expect.element(sheet).toBeVisible();
    await sheet.getByRole('link', { name: 'Tides' }).click();
    await expect.element(sheet).not.toBeInTheDocument();
    await expect.element(page.getByRole('heading', { level: 1 })).toHaveTextContent('Tides');
  });

  it.each([
    [320, 256],
    [320, 640],
    [390, 844],
  ])('has nothing wider than the screen at %d by %d', async (width, height) => {
    await page.viewport(width, height);
    await openApp('/projects/p1/chats/c1');
    await expect.element(page.getByText('What are tides?')).toBeInTheDocument();
    expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(width);
    expect(page.getByRole('log').element().scrollWidth).toBeLessThanOrEqual(width);
  });

  it.each(['light', 'dark'])(
    'has no accessibility problem while writing, after a failure and when empty, %s',
    async (theme) => {
      document.documentElement.dataset.theme = theme;
      const { client, state } = await openApp('/projects/p1/chats/c1');
      const stream = await send(client, 'Why?');
      stream.feed(runStart('Why?', { parentId: 'a0' }));
      stream.feed(chunk('Because **it'));
      await expect.element(page.getByText(/Because/)).toBeVisible();
      expect(await problems()).toEqual([]);
      stream.fail(new RillError('internal'));
      await expect
        .element(page.getByTestId('alert-region'))
        .toHaveTextContent('Something went wrong on the server.');
      expect(await problems()).toEqual([]);
      state.newChat();
      await expect.element(page.getByText('What would you like to know?')).toBeVisible();
      expect(await problems()).toEqual([]);
    },
  );
});
