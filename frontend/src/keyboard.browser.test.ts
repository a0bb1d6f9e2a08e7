import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { composer, openApp, problems, send } from './appTestBench.ts';
import { chunk, exampleMessage, runStart } from './lib/chat/chatTestBench.ts';
import { setOff } from './lib/view/keyboard/changeKeys.ts';
import { layouts, noCommands } from './lib/view/keyboard/layoutsTestBench.ts';

describe('the keyboard', () => {
  let app: Awaited<ReturnType<typeof openApp>>;
  /** False when the page took the key for itself. */
  const press = (init: KeyboardEventInit, target: Element = document.activeElement ?? document.body) =>
    target.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...init }));
  const pressEscape = (more: KeyboardEventInit = {}) => press({ key: 'Escape', code: 'Escape', ...more });
  const log = () => page.getByRole('log').element() as HTMLElement;

  beforeEach(async () => {
    app = await openApp('/projects/p1/chats/c1');
    await expect.element(composer()).toHaveFocus();
    await expect.element(page.getByRole('log').getByText('What are tides?')).toBeInTheDocument();
  });

  afterEach(async () => {
    vi.restoreAllMocks();
  });

  async function running() {
    const stream = await send(app.client, 'Why?');
    stream.feed(runStart('Why?', { parentId: 'a0' }));
    stream.feed(chunk('Because '));
    await expect.element(page.getByRole('log').getByText('Because')).toBeVisible();
  }

  for (const [name, keys] of Object.entries(layouts)) {
    it(`opens the search, the help and a new chat on a ${name} keyboard`, async () => {
      const { shell } = app;
      expect(press(keys['open-palette'] ?? {})).toBe(false);
      await expect.poll(() => shell.shown?.type).toBe('palette');
      shell.closeLayer();
      expect(press(keys['open-help'] ?? {})).toBe(false);
      await expect.poll(() => shell.shown?.type).toBe('help');
      // The same key closes it.
      expect(press(keys['open-help'] ?? {})).toBe(false);
      await expect.poll(() => shell.shown).toBeNull();
      expect(press(keys['new-chat'] ?? {})).toBe(false);
      await expect.poll(() => app.router.route.name).toBe('new-chat');
    });
  }

  it.each(Object.entries(noCommands))('leaves %s alone', (_name, init) => {
    expect(press(init)).toBe(true);
    expect(app.shell.layer).toBeNull();
    expect(app.router.route.name).toBe('chat');
  });

  it('closes a layer, then cancels the edit, then stops, one thing with each press', async () => {
    await running();
    await app.state.current?.conversation.editLastMessage();
    await expect.poll(() => app.state.current?.conversation.shownEdit).toBeTruthy();
    app.shell.layer = { type: 'help' };
    await expect.element(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
    await userEvent.keyboard('{Escape}');
    await expect.poll(() => app.shell.shown).toBeNull();
    expect(app.state.current?.conversation.shownEdit).toBeTruthy();
    await userEvent.keyboard('{Escape}');
    await expect.poll(() => app.state.current?.conversation.shownEdit).toBeFalsy();
    expect(app.client.cancelled).toEqual([]);
    await userEvent.keyboard('{Escape}');
    await expect.poll(() => app.client.cancelled).toHaveLength(1);
  });

  it('stops nothing with a key that is held down, nor with the press that withdraws a request', async () => {
    await running();
    pressEscape({ repeat: true });
    app.shell.layer = { type: 'outline' };
    pressEscape();
    expect(app.shell.layer).toBeNull();
    // A popover has the key wherever the focus is.
    const popover = document.createElement('div');
    popover.popover = 'auto';
    document.body.append(popover);
    popover.showPopover();
    pressEscape();
    popover.remove();
    expect(app.client.cancelled).toEqual([]);
    pressEscape();
    await expect.poll(() => app.client.cancelled).toHaveLength(1);
  });

  it.each([
    ['a new chat', { key: 'O', code: 'KeyO', ctrlKey: true, shiftKey: true }],
    ['the settings', { key: ',', code: 'Comma', ctrlKey: true }],
    ['the search', { key: 'k', code: 'KeyK', ctrlKey: true }],
    ['the message box', { key: 'Escape', code: 'Escape', shiftKey: true }],
    ['the last answer', { key: 'C', code: 'KeyC', ctrlKey: true, shiftKey: true }],
  ])('stops nothing on the way to %s', async (_name, init) => {
    await running();
    press(init);
    await expect.poll(() => app.shell.layer === null || app.shell.shown !== null).toBe(true);
    expect(app.client.cancelled).toEqual([]);
  });

  it('copies the last answer, and the last code in any answer', async () => {
    const copied: string[] = [];
    vi.spyOn(navigator.clipboard, 'writeText').mockImplementation(async (text) => void copied.push(text));
    const { client, state } = app;
    client.detail = {
      ...client.detail,
      messages: [
        exampleMessage({ id: 'u0', role: 'user', content: 'Code?' }),
        exampleMessage({
          id: 'a0',
          role: 'assistant',
          parentId: 'u0',
          content: 'One:\n\n```js\nlet x;\n```\n\n- two:\n\n  ~~~\n  let y;\n  ~~~\n\nDone.',
        }),
        exampleMessage({ id: 'u1', role: 'user', parentId: 'a0', content: 'Thanks' }),
        exampleMessage({ id: 'a1', role: 'assistant', parentId: 'u1', content: '*Welcome.*' }),
      ],
    };
    await state.current?.load();
    await expect.element(page.getByText('Welcome.')).toBeVisible();
    press({ key: 'C', code: 'KeyC', ctrlKey: true, shiftKey: true });
    await expect.poll(() => copied).toEqual(['*Welcome.*']);
    press({ key: ':', code: 'Semicolon', ctrlKey: true, shiftKey: true });
    await expect.poll(() => copied).toEqual(['*Welcome.*', 'let y;\n']);
  });

  it('deletes the chat, which the key for Undo brings back, but takes no key from a text', async () => {
    const backspace = { key: 'Backspace', code: 'Backspace', ctrlKey: true, shiftKey: true };
    await composer().fill('A draft');
    expect(press(backspace)).toBe(true);
    expect(app.router.route.name).toBe('chat');
    await composer().fill('');
    expect(press(backspace)).toBe(false);
    await expect.element(page.getByText('1 chat deleted')).toBeVisible();
    await userEvent.keyboard('{Control>}z{/Control}');
    await expect.element(page.getByRole('link', { name: 'Tides' })).toBeVisible();
  });

  it('goes to the end from an empty message box, and leaves the key to a text', async () => {
    const end = { key: 'End', code: 'End' };
    await userEvent.keyboard('{Alt>}{ArrowUp}{ArrowUp}{/Alt}');
    (composer().element() as HTMLElement).focus({ preventScroll: true });
    await expect.poll(() => log().scrollTop).toBe(0);
    await composer().fill('A draft');
    expect(press(end)).toBe(true);
    await composer().fill('');
    expect(press(end)).toBe(false);
    await expect.poll(() => log().scrollHeight - log().clientHeight - log().scrollTop).toBeLessThan(2);
  });

  it('lists all keys in a sheet that is loaded late, and leads to where they are changed', async () => {
    press({ key: '/', code: 'Slash', ctrlKey: true });
    const sheet = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await expect.element(sheet.getByText('Ctrl+Shift+O')).toBeVisible();
    await expect.element(sheet.getByText('Copy the last code block')).toBeVisible();
    expect(await problems()).toEqual([]);
    await sheet.getByRole('button', { name: 'Change shortcuts' }).click();
    await expect.poll(() => app.router.route).toEqual({ name: 'settings', section: 'shortcuts' });
  });

  it('does nothing once shortcuts are off, and hides their hints', async () => {
    setOff(app.keymap, true);
    expect(press({ key: 'k', code: 'KeyK', ctrlKey: true })).toBe(true);
    await running();
    pressEscape();
    expect(app.client.cancelled).toEqual([]);
    const newChat = page.getByRole('button', { name: 'New chat', exact: true }).first();
    await expect.element(newChat).not.toHaveAttribute('aria-keyshortcuts');
    setOff(app.keymap, false);
    await expect.element(newChat).toHaveAttribute('aria-keyshortcuts', 'Control+Shift+O Meta+Shift+O');
  });
});
