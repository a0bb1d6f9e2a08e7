import { describe, expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { composer, openApp, problems, send } from './appTestBench.ts';
import { done, exampleChat, exampleMessage, exampleModel, runStart } from './lib/chat/chatTestBench.ts';
import { readPastesInline } from './lib/view/comfort/comfortChoices.ts';

describe('large or refused input', () => {
  const manyModels = {
    models: Array.from({ length: 400 }, (_, index) => ({
      ...exampleModel,
      id: `maker-${index % 20}/model-${index}`,
      name: `Model ${index}`,
    })),
    defaultModel: 'maker-19/model-399',
    isDemo: false,
    maxBodyBytes: 10_000,
  };
  const listModels = async () => manyModels;
  const drag = (type: string, items: Record<string, string>, target: Element = document.body) => {
    const dataTransfer = new DataTransfer();
    for (const [kind, item] of Object.entries(items)) dataTransfer.setData(kind, item);
    const event = new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true });
    target.dispatchEvent(event);
    return event;
  };
  const press = (field: Element, key: KeyboardEventInit) => {
    const event = new KeyboardEvent('keydown', { ...key, bubbles: true, cancelable: true });
    field.dispatchEvent(event);
    return event;
  };
  const pasteInto = (field: Element, text: string) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', text);
    const event = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true });
    field.dispatchEvent(event);
    return event;
  };

  it('draws of 400 models those in view, and finds and chooses any of them', async () => {
    await openApp('/projects/p1/new', { listModels });
    await page.getByRole('button', { name: /^Model: Model 399/ }).click();
    await expect.element(page.getByRole('option', { name: /Model 399/ })).toBeVisible();
    await userEvent.keyboard('{Escape}');
    await page.getByRole('button', { name: /^Model: Model 399/ }).click();
    const active = page.getByRole('option', { name: /Model 399/ });
    await expect.element(active).toBeVisible();
    expect(document.querySelectorAll('[role="option"]').length).toBeLessThan(40);
    await expect.element(active).toHaveAttribute('aria-posinset', '400');
    await userEvent.keyboard('{ArrowDown}');
    await expect.element(page.getByRole('option', { name: /Model 0 / })).toBeVisible();
    await userEvent.keyboard('{ArrowUp}{ArrowUp}');
    await expect.element(page.getByRole('option', { name: /Model 398/ })).toBeVisible();
    const search = page.getByRole('combobox', { name: 'Search models' }).element();
    expect(document.getElementById(search.getAttribute('aria-activedescendant') ?? '')?.innerText).toContain(
      'Model 398',
    );
    await userEvent.keyboard('model-20{Enter}');
    await expect.element(page.getByRole('button', { name: /^Model: Model 20\b/ })).toBeVisible();
  });

  it('writes a failed answer again with the model that Switch model chooses', async () => {
    const { client } = await openApp('/projects/p1/new', { listModels });
    const stream = await send(client, 'Why?');
    stream.feed(runStart('Why?'));
    const error = { code: 'provider_unavailable', message: 'It failed.', isRetryable: true } as const;
    stream.feed(done('', { status: 'failed', error }));
    await page.getByRole('button', { name: 'Switch model' }).click();
    await expect.element(page.getByRole('combobox', { name: 'Search models' })).toHaveFocus();
    await userEvent.keyboard('model-7{Enter}');
    await vi.waitFor(() => expect(client.sent).toHaveLength(2));
    expect(client.sent[1]).toMatchObject({ regenerateOf: 'a1', model: 'maker-7/model-7' });
  });

  it('does not leave the page for a picture of another page that is dropped without its file', async () => {
    await openApp('/projects/p1/new');
    const items = { 'text/html': '<img>', 'text/uri-list': 'https://example.com/a.png' };
    for (const target of [document.body, page.getByRole('button', { name: /^Model:/ }).element()]) {
      expect(drag('dragover', items, target).defaultPrevented).toBe(true);
      expect(drag('drop', items, target).defaultPrevented).toBe(true);
    }
    await expect.element(composer()).toHaveValue('');
  });

  it('accepts dropped text and links, and leaves those in a field to the browser', async () => {
    await openApp('/projects/p1/new');
    const link = { 'text/uri-list': 'https://example.com', 'text/plain': 'https://example.com' };
    expect(drag('drop', link).defaultPrevented).toBe(true);
    await expect.element(composer()).toHaveValue('https://example.com');
    expect(drag('drop', { 'text/plain': 'words' }, composer().element()).defaultPrevented).toBe(false);
  });

  it('inserts a plain paste of thousands of lines at the selection in one step, and undoes it', async () => {
    await openApp('/projects/p1/new', {
      listModels: async () => ({ ...manyModels, maxBodyBytes: 1_000_000 }),
    });
    await composer().fill('Look at this: LOG Why?');
    const field = composer().element() as HTMLTextAreaElement;
    field.setSelectionRange(14, 17);
    const lines = 'a line of a log\n'.repeat(5000);
    press(field, { key: 'V', ctrlKey: true, shiftKey: true });
    expect(pasteInto(field, lines).defaultPrevented).toBe(true);
    expect(field.value).toBe(`Look at this: ${lines} Why?`);
    expect(field.selectionStart).toBe(14 + lines.length);
    await expect.element(page.getByText('KB of')).not.toBeInTheDocument();
    expect(press(field, { key: 'z', ctrlKey: true }).defaultPrevented).toBe(true);
    await expect.element(composer()).toHaveValue('Look at this: LOG Why?');
  });

  it('shows a paste of a megabyte as a chip, sends it with the message, and has ways back', async () => {
    const { state } = await openApp('/projects/p1/new');
    await composer().fill('Look at this: LOG Why?');
    const field = composer().element() as HTMLTextAreaElement;
    const megabyte = 'First words of a log\n'.repeat(50_000);
    field.setSelectionRange(14, 18);
    expect(pasteInto(field, megabyte).defaultPrevented).toBe(true);
    const chips = page.getByRole('list', { name: 'Pasted texts' });
    await expect.element(chips.getByText('First words of a log First words of a…')).toBeVisible();
    await expect.element(composer()).toHaveValue('Look at this: Why?');
    expect(state.current?.draft).toBe(`Look at this: Why?\n\n${megabyte}`);
    expect(await problems()).toEqual([]);
    press(field, { key: 'z', ctrlKey: true });
    await expect.element(chips).not.toBeInTheDocument();
    expect(state.current?.draft).toBe('Look at this: LOG Why?');
    pasteInto(field, 'x'.repeat(2001));
    await page.getByRole('button', { name: /^Show in text field/ }).click();
    await expect.element(composer()).toHaveValue(`${'Look at this: LOG Why?'}\n\n${'x'.repeat(2001)}`);
    await expect.element(composer()).toHaveFocus();
  });

  it('leaves long pastes in the field for a user who wants that', async () => {
    readPastesInline().value = true;
    await openApp('/projects/p1/new');
    expect(pasteInto(composer().element(), 'x'.repeat(3000)).defaultPrevented).toBe(false);
    readPastesInline().value = false;
  });

  it('counts a long message, and refuses one that the server would refuse before anything is made', async () => {
    const { client } = await openApp('/projects/p1/new', { listModels });
    await composer().fill('a'.repeat(7000));
    expect(document.getElementById('message-size')).toBeNull();
    await composer().fill('a'.repeat(9000));
    await expect.element(page.getByText('9 KB of 10 KB')).toBeVisible();
    await composer().fill('語'.repeat(3400));
    await expect
      .element(page.getByText(/too long to be sent: 10,2\d\d bytes, and 10,000 bytes at most/))
      .toBeVisible();
    await userEvent.keyboard('{Enter}');
    const sendButton = page.getByRole('button', { name: 'Send message' });
    await expect.element(sendButton).toHaveAttribute('aria-disabled', 'true');
    (sendButton.element() as HTMLElement).click();
    expect(client.sent).toEqual([]);
    await expect.element(composer()).toHaveValue('語'.repeat(3400));
    await composer().fill('short');
    await userEvent.keyboard('{Enter}');
    await vi.waitFor(() => expect(client.sent).toHaveLength(1));
  });

  it('is as high with a very long text as with one that just does not fit, and lower with less', async () => {
    await openApp('/projects/p1/new');
    const heightWith = async (text: string) => {
      await composer().fill(text);
      await expect.element(composer()).toHaveValue(text);
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      return composer().element().clientHeight;
    };
    const fullPx = await heightWith('word '.repeat(1900));
    expect(await heightWith('word '.repeat(3000))).toBe(fullPx);
    expect(await heightWith('word')).toBeLessThan(fullPx / 2);
  });

  it('loads older chats when their list is scrolled to its end', async () => {
    const chats = Array.from({ length: 250 }, (_, index) => ({
      ...exampleChat,
      id: `c${index}`,
      title: `Chat ${index}`,
      updatedAtMs: 10_000 - index,
    }));
    const listChats = async ({ limit = 200, pageToken = '0' }) => {
      const end = Number(pageToken) + limit;
      return { chats: chats.slice(Number(pageToken), end), nextPageToken: end < 250 ? String(end) : null };
    };
    await openApp('/projects/p1/new', { listChats });
    const more = page.getByRole('button', { name: 'Show older chats' });
    await expect.element(page.getByRole('link', { name: 'Chat 99' })).toBeInTheDocument();
    expect(document.querySelectorAll('.chat-row')).toHaveLength(100);
    more.element().scrollIntoView();
    await expect.element(page.getByRole('link', { name: 'Chat 199' })).toBeInTheDocument();
    more.element().scrollIntoView();
    await expect.element(page.getByRole('link', { name: 'Chat 249' })).toBeInTheDocument();
    await expect.element(more).not.toBeInTheDocument();
  });

  it('lets the browser find a phrase that crosses formatting in every message of a long chat', async () => {
    const messages = Array.from({ length: 60 }, (_, index) =>
      exampleMessage({
        id: `m${index}`,
        role: index % 2 === 0 ? 'user' : 'assistant',
        parentId: index === 0 ? null : `m${index - 1}`,
        content: `${'Filler text. '.repeat(40)}\n\nThe **phrase** \`number\` [${index}](https://example.com) ends *here*.`,
      }),
    );
    const getChat = async () => ({ chat: exampleChat, messages, siblings: {}, activeRun: null });
    await openApp('/projects/p1/chats/c1', { getChat });
    await expect.element(page.getByText(/phrase number 59 ends here/)).toBeVisible();
    await expect.poll(() => document.querySelector('.is-source')?.textContent).toContain('The phrase number');
    for (const index of [0, 1, 14, 29, 44, 59]) {
      document.getSelection()?.removeAllRanges();
      await expect.poll(() => window.find(`phrase number ${index} ends here`, false, false, true)).toBe(true);
    }
  });
});

declare global {
  interface Window {
    find(text: string, isCaseSensitive: boolean, isBackwards: boolean, isWrapped: boolean): boolean;
  }
}
