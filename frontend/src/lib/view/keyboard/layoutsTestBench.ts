/** Key presses as browsers tell of them on keyboards of several layouts. */

type Press = KeyboardEventInit & { readonly key: string; readonly code: string };

const ctrl = { ctrlKey: true } as const;
const ctrlShift = { ctrlKey: true, shiftKey: true } as const;
const alt = { altKey: true } as const;

/** By layout: what is pressed for a command. */
export const layouts: Readonly<Record<string, Readonly<Record<string, Press>>>> = {
  US: {
    'open-palette': { key: 'k', code: 'KeyK', ...ctrl },
    'new-chat': { key: 'O', code: 'KeyO', ...ctrlShift },
    'choose-model': { key: 'M', code: 'KeyM', ...ctrlShift },
    'copy-code': { key: ':', code: 'Semicolon', ...ctrlShift },
    'open-help': { key: '/', code: 'Slash', ...ctrl },
    'open-settings': { key: ',', code: 'Comma', ...ctrl },
    retry: { key: 'r', code: 'KeyR', ...alt },
    undo: { key: 'z', code: 'KeyZ', ...ctrl },
  },
  German: {
    'open-palette': { key: 'k', code: 'KeyK', ...ctrl },
    'new-chat': { key: 'O', code: 'KeyO', ...ctrlShift },
    'choose-model': { key: 'M', code: 'KeyM', ...ctrlShift },
    'copy-code': { key: ';', code: 'Comma', ...ctrlShift },
    'open-help': { key: '/', code: 'Digit7', ...ctrlShift },
    'open-settings': { key: ',', code: 'Comma', ...ctrl },
    retry: { key: 'r', code: 'KeyR', ...alt },
    undo: { key: 'z', code: 'KeyY', ...ctrl },
  },
  French: {
    'open-palette': { key: 'k', code: 'KeyK', ...ctrl },
    'new-chat': { key: 'O', code: 'KeyO', ...ctrlShift },
    'choose-model': { key: 'M', code: 'Semicolon', ...ctrlShift },
    'copy-code': { key: '.', code: 'Comma', ...ctrlShift },
    'open-help': { key: '/', code: 'Period', ...ctrlShift },
    'open-settings': { key: ',', code: 'KeyM', ...ctrl },
    retry: { key: 'r', code: 'KeyR', ...alt },
    undo: { key: 'z', code: 'KeyW', ...ctrl },
  },
  Dvorak: {
    'open-palette': { key: 'k', code: 'KeyV', ...ctrl },
    'new-chat': { key: 'O', code: 'KeyS', ...ctrlShift },
    'choose-model': { key: 'M', code: 'KeyM', ...ctrlShift },
    'copy-code': { key: ':', code: 'KeyZ', ...ctrlShift },
    'open-help': { key: '/', code: 'BracketLeft', ...ctrl },
    'open-settings': { key: ',', code: 'KeyW', ...ctrl },
    retry: { key: 'r', code: 'KeyO', ...alt },
    undo: { key: 'z', code: 'Slash', ...ctrl },
  },
  Russian: {
    'open-palette': { key: 'л', code: 'KeyK', ...ctrl },
    'new-chat': { key: 'Щ', code: 'KeyO', ...ctrlShift },
    'choose-model': { key: 'Ь', code: 'KeyM', ...ctrlShift },
    'copy-code': { key: 'Ж', code: 'Semicolon', ...ctrlShift },
    'open-help': { key: '/', code: 'Backslash', ...ctrlShift },
    'open-settings': { key: 'б', code: 'Comma', ...ctrl },
    retry: { key: 'к', code: 'KeyR', ...alt },
    undo: { key: 'я', code: 'KeyZ', ...ctrl },
  },
  'German on a Mac': {
    'open-palette': { key: 'k', code: 'KeyK', metaKey: true },
    'new-chat': { key: 'o', code: 'KeyO', metaKey: true, shiftKey: true },
    'copy-code': { key: ';', code: 'Comma', metaKey: true, shiftKey: true },
    'open-help': { key: '/', code: 'Digit7', metaKey: true, shiftKey: true },
    retry: { key: '®', code: 'KeyR', ...alt },
    continue: { key: 'ç', code: 'KeyC', ...alt },
    undo: { key: 'z', code: 'KeyY', metaKey: true },
  },
};

/** What writes a sign or belongs to the browser. */
export const noCommands: Readonly<Record<string, Press>> = {
  'AltGr and Q, which writes an at sign in German, on Windows': {
    key: '@',
    code: 'KeyQ',
    ctrlKey: true,
    altKey: true,
  },
  'AltGr and E, which writes a euro sign, on Linux': { key: '€', code: 'KeyE', modifierAltGraph: true },
  'Ctrl, Shift and the place of O on a Dvorak keyboard': { key: 'R', code: 'KeyO', ...ctrlShift },
  'Ctrl and the place of K on a Dvorak keyboard': { key: 't', code: 'KeyK', ...ctrl },
  'Ctrl, Shift and the place of the semicolon on a German keyboard': {
    key: 'Ö',
    code: 'Semicolon',
    ...ctrlShift,
  },
  'Ctrl and the place of Z on a German keyboard': { key: 'y', code: 'KeyZ', ...ctrl },
  'the key that reloads': { key: 'r', code: 'KeyR', ...ctrl },
  'a letter': { key: 'o', code: 'KeyO' },
  'a letter with Shift': { key: 'O', code: 'KeyO', shiftKey: true },
  'Ctrl alone': { key: 'Control', code: 'ControlLeft', ...ctrl },
};
