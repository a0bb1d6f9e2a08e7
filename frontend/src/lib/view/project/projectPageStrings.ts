/** Holds the sentences of a project's page. */

export const projectPageStrings = {
  newChat: 'New chat',
  settings: 'Instructions and model',
  changed: 'Not saved yet',
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
