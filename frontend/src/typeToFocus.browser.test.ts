import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { composer, openApp } from './appTestBench.ts';
import { readTypingStays } from './lib/view/comfort/comfortChoices.ts';

describe('what is typed outside of a text field', () => {
  let _app: Awaited<ReturnType<typeof openApp>>;

  beforeEach(async () => {
    _app = await openApp('/projects/p1/chats/c1');
    await expect.element(page.getByRole('log').getByText('What are tides?')).toBeVisible();
    await composer().fill('Why');
  });
  afterEach(async () => {
    readTypingStays().value = false;
  });

  const focus = (element: Element) => {
    (element as HTMLElement).focus();
    expect(document.activeElement).toBe(element);
  };

  it.each([
    ['a button', () => page.getByRole('button', { name: 'New chat', exact: true }).element()],
    ['the transcript', () => page.getByRole('log').element()],
    ['a chat in the list', () => page.getByRole('link', { name: 'Tides' }).element()],
  ])('goes to the composer from %s, the first letter included', async (_name, find) => {
    focus(find());
    await userEvent.keyboard(' not?'.trim());
    await expect.element(composer()).toHaveFocus();
    await expect.element(composer()).toHaveValue('Whynot?');
  });

  it('goes to the composer when nothing has the focus', async () => {
    (document.activeElement as HTMLElement).blur();
    await userEvent.keyboard('!');
    await expect.element(composer()).toHaveValue('Why!');
  });

  it.each([
    ['with Ctrl', { key: 'a', ctrlKey: true }],
    ['with Alt', { key: 'a', altKey: true }],
    ['with Cmd', { key: 'a', metaKey: true }],
    ['of an input method', { key: 'a', keyCode: 229 }],
    ['while a word is composed', { key: 'a', isComposing: true }],
    ['that is a space', { key: ' ' }],
    ['that has a name', { key: 'ArrowDown' }],
  ])('stays where it is for a key %s', (_name, press) => {
    const log = page.getByRole('log').element();
    focus(log);
    log.dispatchEvent(new KeyboardEvent('keydown', { ...press, bubbles: true }));
    expect(document.activeElement).toBe(log);
  });

  it('stays in another field, in a menu and in a dialog', async () => {
    await page.getByRole('button', { name: 'Chat actions' }).click();
    await expect.element(page.getByRole('menu')).toBeVisible();
    await userEvent.keyboard('x');
    await expect.element(composer()).not.toHaveFocus();
    await userEvent.keyboard('{Escape}');
    await page.getByRole('button', { name: /^Model: / }).click();
    const search = page.getByRole('combobox', { name: 'Search models' });
    await expect.element(search).toHaveFocus();
    await userEvent.keyboard('demo');
    await expect.element(search).toHaveValue('demo');
    await userEvent.keyboard('{Escape}');
    await expect.element(composer()).toHaveValue('Why');
  });

  it('stays where it is for a user who wants that', async () => {
    readTypingStays().value = true;
    const log = page.getByRole('log').element();
    focus(log);
    await userEvent.keyboard('x');
    expect(document.activeElement).toBe(log);
  });
});
