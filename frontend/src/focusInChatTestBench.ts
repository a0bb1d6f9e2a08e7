/** Lists what a user can do with the messages of a chat, and what has the focus after it. */
import { expect } from 'vitest';
import { page } from 'vitest/browser';
import { composer, send } from './appTestBench.ts';
import {
  type App,
  button,
  keys,
  message,
  newChat,
  openPicker,
  queued,
  type Row,
  row,
  running,
} from './focusTestBench.ts';
import { done } from './lib/chat/chatTestBench.ts';

export const inChat: readonly Row[] = [
  { name: 'a chat is opened by its address', act: async () => undefined, focus: message },
  { name: 'New chat is pressed', act: () => button('New chat').click(), focus: message },
  {
    name: 'New chat is asked for by key',
    act: () => keys('{Control>}{Shift>}o{/Shift}{/Control}'),
    focus: message,
  },
  {
    name: 'a new chat of a project is pressed',
    act: () => button('New chat in Personal').click(),
    focus: message,
  },
  { name: 'the chat that is open is pressed', act: () => row('Tides').click(), focus: message },
  { name: 'another chat is pressed', act: () => row('Waves').click(), focus: message },
  {
    name: 'another chat is opened by key',
    act: async () => {
      (row('Waves').element() as HTMLElement).focus();
      await keys('{Enter}');
    },
    focus: message,
  },
  { name: 'a message is sent by key', act: ({ client }) => send(client, 'Why?'), focus: message },
  {
    name: 'a message is sent by its button',
    act: async () => {
      await composer().fill('Why?');
      await button('Send message').click();
    },
    focus: message,
  },
  { name: 'text streams in', act: running, focus: message },
  {
    name: 'an answer ends',
    act: async (app) => {
      (await running(app)).feed(done('Because of it.'));
      await expect.element(button('Send message')).toBeVisible();
    },
    focus: message,
  },
  {
    name: 'an answer ends while the transcript is read by key',
    act: async (app) => {
      const stream = await running(app);
      (page.getByRole('log').element() as HTMLElement).focus();
      stream.feed(done('Because of it.'));
      await expect.element(button('Send message')).toBeVisible();
    },
    focus: 'Conversation',
  },
  {
    name: 'an answer is stopped by key',
    act: async (app) => {
      await running(app);
      await keys('{Escape}');
    },
    focus: message,
  },
  {
    name: 'an answer is stopped by its button',
    act: async (app) => {
      await running(app);
      await button('Stop answer').click();
    },
    focus: message,
  },
  { name: 'a message is queued by its button', act: queued, focus: message },
  ...['Edit', 'Remove', 'Send now'].map((name) => ({
    name: `${name} of a queued message is pressed`,
    act: async (app: App) => {
      await queued(app);
      await page.getByRole('region', { name: 'Queued messages' }).getByRole('button', { name }).click();
    },
    focus: message,
  })),
  { name: 'the model list is opened', act: openPicker, focus: 'Search models' },
  {
    name: 'the model list is opened by key',
    act: async () => {
      await keys('{Control>}{Shift>}m{/Shift}{/Control}');
      await expect.element(page.getByRole('combobox', { name: 'Search models' })).toBeVisible();
    },
    focus: 'Search models',
  },
  {
    name: 'the model list is closed by key',
    act: async () => {
      await openPicker();
      await keys('{Escape}');
    },
    focus: 'Model: Demo Quick. Change model',
  },
  {
    name: 'a model is chosen',
    act: async () => {
      await openPicker();
      await keys('{Enter}');
    },
    focus: message,
  },
  {
    name: 'the model list that was opened by key is closed',
    act: async () => {
      await keys('{Control>}{Shift>}m{/Shift}{/Control}');
      await expect.element(page.getByRole('combobox', { name: 'Search models' })).toHaveFocus();
      await keys('{Escape}');
    },
    focus: message,
  },
];

export const inNewChat: readonly Row[] = [
  { name: 'a new chat is opened by its address', path: newChat, act: async () => undefined, focus: message },
  {
    name: 'New chat is pressed in a new chat',
    path: newChat,
    act: () => button('New chat').click(),
    focus: message,
  },
  {
    name: 'an example is pressed',
    path: newChat,
    act: async () => {
      await page.getByRole('list', { name: 'Suggestions' }).getByRole('button').first().click();
      await expect.element(composer()).not.toHaveValue('');
    },
    focus: message,
  },
];
