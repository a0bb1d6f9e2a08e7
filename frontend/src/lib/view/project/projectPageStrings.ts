/** Holds the sentences of a project's page. */
import { plural } from '../strings/format.ts';

export const projectPageStrings = {
  newChat: 'New chat',
  settings: 'Instructions and model',
  changed: 'Not saved yet',
  files: {
    title: 'Files',
    hint: 'Each chat of this project is given the files here, whole, with every message.',
    add: 'Add files',
    drop: 'Drop to add to this project',
    total: (count: number, tokens: number) =>
      `${plural(count, 'file', 'files')}, ≈${plural(tokens, 'token', 'tokens')} in all`,
    undo: 'Undo',
  },
  chats: 'Chats',
  noChats: 'No chats yet. The first one begins with “New chat”.',
  columns: { title: 'Title', state: 'State', changed: 'Last change', model: 'Model', cost: 'Cost' },
  states: {
    running: 'Being written',
    unsent: 'Not sent',
    answer: 'New answer',
    failure: 'Failed',
    pinned: 'Pinned',
  },
  defaultModel: 'Default model',
} as const;
