/** Lists what a user can do around a chat, and what has the focus after it. */
import { expect } from 'vitest';
import { page } from 'vitest/browser';
import { composer, send } from './appTestBench.ts';
import { button, item, keys, message, openMenu, type Row, row } from './focusTestBench.ts';

const settings = () => page.getByRole('link', { name: 'Settings' });

/** Around the chat: titles, lists, dialogs, the sidebar and the transcript. */
export const aroundChat: readonly Row[] = [
  {
    name: 'the menu of the chat is closed',
    act: async () => {
      await openMenu('Chat actions');
      await keys('{Escape}');
    },
    focus: 'Chat actions',
  },
  { name: 'the title is pressed', act: () => button('Tides').first().click(), focus: 'Chat title' },
  ...['{Enter}', '{Escape}'].map((key) => ({
    name: `${key} ends the change of the title`,
    act: async () => {
      await button('Tides').first().click();
      await keys(key);
    },
    focus: message,
  })),
  {
    name: 'the chat is deleted',
    act: async ({ state }) => {
      await openMenu('Chat actions');
      await item('Delete').click();
      await expect.poll(() => state.current?.chatId).toBeNull();
    },
    focus: message,
  },
  {
    name: 'the deletion of the chat is undone by key',
    act: async () => {
      await openMenu('Chat actions');
      await item('Delete').click();
      await expect.element(button('Undo')).toBeVisible();
      await keys('{Control>}z{/Control}');
      await expect.element(row('Tides')).toBeVisible();
    },
    focus: message,
  },
  {
    name: 'another chat is deleted',
    act: async () => {
      await openMenu('Actions for chat Waves');
      await item('Delete').click();
      await expect.element(row('Waves')).not.toBeInTheDocument();
    },
    focus: message,
  },
  {
    name: 'the deletion of another chat is undone by its button',
    act: async () => {
      await openMenu('Actions for chat Waves');
      await item('Delete').click();
      await button('Undo').click();
      await expect.element(row('Waves')).toBeVisible();
    },
    focus: message,
  },
  {
    name: 'the menu of another chat is closed',
    act: async () => {
      await openMenu('Actions for chat Waves');
      await keys('{Escape}');
    },
    focus: 'Actions for chat Waves',
  },
  {
    name: 'another chat is renamed',
    act: async () => {
      await openMenu('Actions for chat Waves');
      await item('Rename').click();
      await keys('Swell{Enter}');
    },
    focus: message,
  },
  {
    name: 'Rename of another chat asks',
    act: async () => {
      await openMenu('Actions for chat Waves');
      await item('Rename').click();
      await expect.element(page.getByRole('dialog')).toBeVisible();
    },
    focus: 'Name',
  },
  {
    name: 'a project is folded',
    act: () => button('Chats of Personal').click(),
    focus: 'Chats of Personal',
  },
  { name: 'the page of a project is opened', act: () => row('Personal').click(), focus: 'New chat' },
  {
    name: 'the menu of a project is closed',
    act: async () => {
      await openMenu('Actions for project Personal');
      await keys('{Escape}');
    },
    focus: 'Actions for project Personal',
  },
  {
    name: 'New project asks',
    act: async () => {
      await button('New project').click();
      await expect.element(page.getByRole('dialog')).toBeVisible();
    },
    focus: 'Name',
  },
  {
    name: 'New project is given up',
    act: async () => {
      await button('New project').click();
      await keys('{Escape}');
    },
    focus: 'New project',
  },
  {
    name: 'a project is made',
    act: async ({ state }) => {
      await button('New project').click();
      await keys('Work{Enter}');
      await expect.poll(() => state.current?.projectId).toBe('p2');
    },
    focus: message,
  },

  { name: 'the sidebar is closed by its button', act: () => button('Close sidebar').click(), focus: message },
  {
    name: 'the sidebar is closed by key',
    act: () => keys('{Control>}{Shift>}s{/Shift}{/Control}'),
    focus: message,
  },
  {
    name: 'the sidebar is opened again',
    act: async () => {
      await keys('{Control>}{Shift>}s{/Shift}{/Control}');
      await button('Open sidebar').click();
    },
    focus: message,
  },
  { name: 'the settings are opened', act: () => settings().click(), focus: 'Settings' },
  {
    name: 'a section of the settings is pressed',
    act: async () => {
      await settings().click();
      await page.getByRole('link', { name: 'Data' }).click();
    },
    focus: 'Data',
  },
  {
    name: 'a theme is chosen by key',
    act: async () => {
      await settings().click();
      await expect.element(page.getByRole('radio', { name: 'Light' })).toBeInTheDocument();
      (page.getByRole('radio', { name: 'Light' }).element() as HTMLElement).focus();
      await keys('{ArrowRight}');
    },
    focus: 'Dark',
  },
  {
    name: 'the settings are closed',
    act: async () => {
      await settings().click();
      await button('Close settings').click();
    },
    focus: message,
  },
  {
    name: 'the way back from the settings is taken',
    act: async ({ router, address }) => {
      await settings().click();
      await expect.poll(() => router.route.name).toBe('settings');
      address.back();
    },
    focus: message,
  },
  {
    name: 'the last message is asked for by key',
    act: () => keys('{Alt>}{ArrowUp}{/Alt}'),
    focus: 'Answer, demo/quick',
  },
  {
    name: 'the message before it is asked for by key',
    act: () => keys('{Alt>}{ArrowUp}{ArrowUp}{/Alt}'),
    focus: 'You',
  },
  {
    name: 'the end of the messages is passed by key',
    act: () => keys('{Alt>}{ArrowUp}{ArrowDown}{/Alt}'),
    focus: message,
  },
  {
    name: 'Shift+Esc is pressed in the transcript',
    act: async () => {
      (page.getByRole('log').element() as HTMLElement).focus();
      await keys('{Shift>}{Escape}{/Shift}');
    },
    focus: message,
  },
  {
    name: 'an answer is copied',
    act: () => page.getByTitle('Copy answer as Markdown').click(),
    focus: 'Copy',
  },
  {
    name: 'an answer is written again',
    act: async ({ client }) => {
      await page.getByTitle('Write this answer again').click();
      await expect.poll(() => client.streams.length).toBe(1);
    },
    focus: message,
  },
  {
    name: 'the link to the composer is followed',
    act: async () => {
      (page.getByRole('link', { name: 'Skip to message box' }).element() as HTMLElement).focus();
      await keys('{Enter}');
    },
    focus: message,
  },
  {
    name: 'a letter is typed in the transcript',
    act: async () => {
      (page.getByRole('log').element() as HTMLElement).focus();
      await keys('x');
    },
    focus: message,
  },
  ...[
    { name: 'is shown in the field', label: /^Show in text field/ },
    { name: 'is removed', label: /^Remove pasted text/ },
  ].map(({ name, label }) => ({
    name: `a pasted text ${name}`,
    act: async () => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', 'x'.repeat(3000));
      composer()
        .element()
        .dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
      await button(label).click();
    },
    focus: message,
  })),
  {
    name: 'a failed message is withdrawn',
    act: async ({ client, state }) => {
      (await send(client, 'Why?')).fail(new Error('refused'));
      await expect.poll(() => state.current?.pending?.failure).toBeTruthy();
      await button('Edit').click();
    },
    focus: message,
  },
  {
    name: 'a problem is dismissed',
    act: async ({ state }) => {
      if (state.current) state.current.problem = 'It did not work.';
      await button('Dismiss').click();
    },
    focus: message,
  },
];
