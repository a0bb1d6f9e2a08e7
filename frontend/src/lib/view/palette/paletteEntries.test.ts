import type { Chat, FoundMessage } from '@rill/protocol';
import { describe, expect, it } from 'vitest';
import { exampleChat } from '../../chat/chatTestBench.ts';
import { formatKeys } from '../keyboard/formatKeys.ts';
import { formatWhen } from './formatWhen.ts';
import { type PaletteSource, paletteGroups } from './paletteEntries.ts';

const chat = (id: string, title: string, updatedAtMs: number): Chat => ({
  ...exampleChat,
  id,
  title,
  updatedAtMs,
});
const found: FoundMessage = {
  projectId: 'p1',
  chatId: 'c9',
  chatTitle: 'Elsewhere',
  messageId: 'm1',
  role: 'assistant',
  snippet: 'the theme of tides',
  marks: [],
  createdAtMs: 1,
};
const source: PaletteSource = {
  query: '',
  chats: [chat('c1', 'Tides', 1), chat('c2', '', 3), chat('c3', 'Theme parks', 2)],
  commands: [
    { id: 'dark', label: 'Dark theme', words: 'appearance', run: () => undefined },
    { id: 'new', label: 'New chat', run: () => undefined },
  ],
  models: [],
  found: { chats: [], messages: [], hasMore: false },
};
const keysOf = (change: Partial<PaletteSource>) =>
  paletteGroups({ ...source, ...change }).map(({ entries }) => entries.map(({ key }) => key));

describe('the palette', () => {
  it('begins with the chats that changed last and all commands', () => {
    expect(keysOf({})).toEqual([
      ['chat-c2', 'chat-c3', 'chat-c1'],
      ['command-dark', 'command-new'],
    ]);
  });

  it('has what is known here before what the server finds, and each chat once', () => {
    const other = { projectId: 'p1', chatId: 'c8', title: 'A theme', marks: [], updatedAtMs: 1 };
    const same = { ...other, chatId: 'c3', title: 'Theme parks' };
    const results = { chats: [same, other], messages: [found], hasMore: true };
    expect(keysOf({ query: 'theme', found: results })).toEqual([
      ['chat-c3', 'chat-c8'],
      ['command-dark'],
      [],
      ['message-m1', 'more'],
    ]);
  });

  it('finds a command by its other words, whatever their order', () => {
    expect(keysOf({ query: 'appear dark' })).toEqual([[], ['command-dark'], [], []]);
  });
});

it('keys are written as on the keyboard at hand', () => {
  expect(formatKeys('Mod+Shift+O', 'Linux x86_64')).toBe('Ctrl+Shift+O');
  expect(formatKeys('Mod+Shift+O', 'MacIntel')).toBe('⌘⇧O');
  expect(formatKeys('Escape', 'Win32')).toBe('Esc');
});

it('a time is as short as it can be told apart', () => {
  const nowMs = new Date(2026, 10, 29, 20, 0).getTime();
  const at = (...parts: [number, number, number, number, number]) => new Date(...parts).getTime();
  expect(formatWhen(at(2026, 10, 29, 7, 5), nowMs, 'en-GB')).toBe('7:05');
  expect(formatWhen(at(2026, 10, 28, 7, 5), nowMs, 'en-GB')).toBe('28 Nov');
  expect(formatWhen(at(2025, 0, 3, 7, 5), nowMs, 'en-GB')).toBe('3 Jan 2025');
});
