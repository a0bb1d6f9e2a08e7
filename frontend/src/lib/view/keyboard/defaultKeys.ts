/**
 * Names every command that has keys, and the keys it has until a user chooses others. To add one, add it here, when
 * it is allowed to `commands/commandRules.ts`, what it does to `commands/commandActs.ts` and its words to
 * `strings/keyStrings.ts`: types hold the four together.
 */

/** As `keyChords.ts` writes them; Mod is Ctrl or Cmd. */
export const defaultKeys = {
  send: 'Mod+Enter',
  'edit-last': 'ArrowUp',
  cancel: 'Escape',
  'focus-composer': 'Shift+Escape',
  'open-palette': 'Mod+K',
  'open-outline': 'Mod+J',
  'open-help': 'Mod+/',
  'open-settings': 'Mod+,',
  'new-chat': 'Mod+Shift+O',
  'temporary-chat': 'Alt+T',
  'delete-chat': 'Mod+Shift+Backspace',
  'toggle-sidebar': 'Mod+Shift+S',
  'choose-model': 'Mod+Shift+M',
  'toggle-web': 'Alt+W',
  'attach-files': 'Mod+U',
  'copy-answer': 'Mod+Shift+C',
  'copy-code': 'Mod+Shift+;',
  'previous-message': 'Alt+ArrowUp',
  'next-message': 'Alt+ArrowDown',
  'previous-version': 'Alt+ArrowLeft',
  'next-version': 'Alt+ArrowRight',
  retry: 'Alt+R',
  continue: 'Alt+C',
  'follow-end': 'End',
  undo: 'Mod+Z',
} as const satisfies Record<string, string>;

export type CommandId = keyof typeof defaultKeys;

/** Those that a text field does itself. */
export type FieldCommandId = 'send' | 'edit-last';

export const commandIds = Object.keys(defaultKeys) as readonly CommandId[];
