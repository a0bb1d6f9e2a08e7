/** Holds the words of all commands that have keys, of the help sheet and of the section in which keys are chosen. */
import type { CommandId } from '../keyboard/defaultKeys.ts';

export interface CommandWords {
  readonly label: string;
  /** Other words by which the palette finds it. */
  readonly words?: string;
}

export const commandWords: Readonly<Record<CommandId, CommandWords>> = {
  send: { label: 'Send, also where Enter makes a line' },
  'edit-last': { label: 'Edit your last message, from an empty message box' },
  cancel: { label: 'Close what is open, else cancel the edit, else stop the answer' },
  'focus-composer': { label: 'Go to the message box' },
  'open-palette': { label: 'Search and commands' },
  'open-outline': { label: 'Questions in this chat', words: 'outline jump go to message' },
  'open-help': { label: 'Keyboard shortcuts', words: 'help keys hotkeys' },
  'open-settings': { label: 'Settings', words: 'preferences options sign out appearance' },
  'new-chat': { label: 'New chat', words: 'start conversation' },
  'temporary-chat': { label: 'Temporary chat', words: 'private incognito not stored' },
  'delete-chat': { label: 'Delete this chat', words: 'remove bin' },
  'toggle-sidebar': { label: 'Show or hide the sidebar', words: 'toggle chats' },
  'choose-model': { label: 'Choose a model' },
  'toggle-web': { label: 'Web search on or off', words: 'internet online browse sources openrouter' },
  'attach-files': { label: 'Attach files', words: 'upload picture image photo document pdf' },
  'copy-answer': { label: 'Copy the last answer', words: 'clipboard' },
  'copy-code': { label: 'Copy the last code block', words: 'clipboard' },
  'previous-message': { label: 'Go to the previous message' },
  'next-message': { label: 'Go to the next message' },
  'previous-version': { label: 'Show the previous version' },
  'next-version': { label: 'Show the next version' },
  retry: { label: 'Write the answer again', words: 'retry regenerate' },
  continue: { label: 'Continue the answer' },
  'follow-end': { label: 'Go to the end and follow it' },
  undo: { label: 'Undo a deletion' },
};

export interface KeyGroup {
  readonly name: string;
  readonly ids: readonly CommandId[];
  /** Keys that are always the same. */
  readonly fixed: readonly { readonly keys: string; readonly label: string }[];
}

/** Every command once, as the help sheet and the settings show them. */
export const keyGroups: readonly KeyGroup[] = [
  {
    name: 'Page',
    ids: [
      'open-palette',
      'new-chat',
      'temporary-chat',
      'delete-chat',
      'toggle-sidebar',
      'choose-model',
      'toggle-web',
      'open-settings',
      'open-help',
    ],
    fixed: [],
  },
  {
    name: 'Writing',
    ids: ['cancel', 'focus-composer', 'send', 'edit-last', 'attach-files'],
    fixed: [
      { keys: 'Enter', label: 'Send or queue, unless the settings say otherwise' },
      { keys: 'Shift+Enter', label: 'New line' },
      { keys: '/', label: 'Saved prompts, at the start of a word' },
      { keys: 'Mod+Shift+V', label: 'Paste as plain text' },
    ],
  },
  {
    name: 'Messages',
    ids: [
      'previous-message',
      'next-message',
      'previous-version',
      'next-version',
      'follow-end',
      'open-outline',
      'copy-answer',
      'copy-code',
      'retry',
      'continue',
      'undo',
    ],
    fixed: [],
  },
  {
    name: 'List of chats',
    ids: [],
    fixed: [
      { keys: 'ArrowUp', label: 'Previous chat' },
      { keys: 'ArrowDown', label: 'Next chat' },
      { keys: 'Space', label: 'Select' },
      { keys: 'Delete', label: 'Delete' },
    ],
  },
];

export const keyStrings = {
  title: 'Keyboard shortcuts',
  off: 'Shortcuts are off.',
  noKeys: 'None',
  change: 'Change shortcuts',
  noAnswer: 'There is no answer to copy.',
  noCode: 'There is no code to copy.',
} as const;
