/** Holds the sentences about chats that are only in the server's memory. */

export const temporaryStrings = {
  start: 'Temporary chat',
  label: 'Temporary chat',
  words: 'Nothing of it is stored. It ends when you close it, or four hours after its last message.',
  keep: 'Keep this chat',
  keepLater: 'It can be kept once the answer is complete',
  end: 'Close',
  endLabel: 'Close this chat for good',
} as const;
