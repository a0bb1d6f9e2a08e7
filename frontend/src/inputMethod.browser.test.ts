import type {} from '@vitest/browser-playwright';
import { describe, expect, it } from 'vitest';
import { cdp, page, userEvent } from 'vitest/browser';
import { composer, openApp, send } from './appTestBench.ts';
import { chunk, runStart } from './lib/chat/chatTestBench.ts';

/** The ways in which browsers tell of a key that an input method has taken. */
const taken = [
  ['while it composes', { isComposing: true }],
  ['while it composes, with the code of all its keys', { isComposing: true, keyCode: 229 }],
  ['after it has composed, as Safari tells it', { keyCode: 229 }],
] as const;

/** A press as the browser makes it: what it would close by itself is only closed when the page lets it. */
function press(target: Element, key: string, how: KeyboardEventInit) {
  const init = { key, code: key, bubbles: true, cancelable: true, ...how };
  const isLeftToBrowser = target.dispatchEvent(new KeyboardEvent('keydown', init));
  target.dispatchEvent(
    new KeyboardEvent('keyup', { ...init, isComposing: false, keyCode: key === 'Enter' ? 13 : 27 }),
  );
  return isLeftToBrowser;
}

describe.each(taken)('a key of an input method, %s', (_name, how) => {
  let app: Awaited<ReturnType<typeof openApp>>;

  it('sends nothing, stops nothing and keeps the draft', async () => {
    app = await openApp('/projects/p1/new');
    const stream = await send(app.client, 'Why?');
    stream.feed(runStart('Why?'));
    stream.feed(chunk('Because'));
    await composer().fill('なぜ');
    for (const key of ['Enter', 'Escape']) press(composer().element(), key, how);
    press(document.body, 'Escape', how);
    await expect.element(composer()).toHaveValue('なぜ');
    expect(app.client.sent).toHaveLength(1);
    expect(app.client.cancelled).toEqual([]);
    expect(app.state.current?.queue.messages).toEqual([]);
  });

  it('closes and chooses nothing in the list of models', async () => {
    app = await openApp('/projects/p1/chats/c1');
    app.shell.layer = { type: 'models' };
    const search = page.getByRole('combobox');
    await search.fill('クイック');
    press(search.element(), 'Enter', how);
    expect(press(search.element(), 'Escape', how)).toBe(false);
    await expect.element(search).toHaveValue('クイック');
  });

  it('keeps the dialog and the title that a name is written in', async () => {
    app = await openApp('/projects/p1/chats/c1');
    app.shell.layer = { type: 'new-project' };
    const name = page.getByRole('textbox', { name: 'Name' });
    await name.fill('なまえ');
    press(name.element(), 'Enter', how);
    expect(press(name.element(), 'Escape', how)).toBe(false);
    await expect.element(name).toHaveValue('なまえ');
    app.shell.closeLayer();
    await page.getByRole('button', { name: 'Tides', exact: true }).click();
    const title = page.getByRole('textbox', { name: 'Chat title' });
    await title.fill('しお');
    for (const key of ['Enter', 'Escape']) press(title.element(), key, how);
    await expect.element(title).toHaveValue('しお');
  });
});

describe('a real composition', () => {
  let app: Awaited<ReturnType<typeof openApp>>;

  it('leaves the dialog open, the answer running and the word in the field', async () => {
    app = await openApp('/projects/p1/new');
    const stream = await send(app.client, 'Why?');
    stream.feed(runStart('Why?'));
    app.shell.layer = { type: 'new-project' };
    const name = page.getByRole('textbox', { name: 'Name' });
    await userEvent.click(name);
    const keys = cdp();
    await keys.send('Input.imeSetComposition', { text: 'なま', selectionStart: 2, selectionEnd: 2 });
    for (const [key, code] of [
      ['Escape', 27],
      ['Enter', 13],
    ] as const)
      for (const type of ['rawKeyDown', 'keyUp'] as const)
        await keys.send('Input.dispatchKeyEvent', { type, key, code: key, windowsVirtualKeyCode: code });
    await expect.element(name).toBeVisible();
    await expect.element(name).toHaveValue('なま');
    expect(app.client.cancelled).toEqual([]);
  });
});
