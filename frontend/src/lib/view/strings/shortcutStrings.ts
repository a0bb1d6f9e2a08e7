/** Holds the words of the section in which keys are chosen. */
export const shortcutStrings = {
  title: 'Shortcuts',
  on: 'Use shortcuts',
  onHint: 'Off: no key is a command, also not Esc. What sends a message still does.',
  how: 'Press a row, then the new keys. Esc or Enter leaves them as they are. They are kept in this browser.',
  press: 'Press keys',
  changeLabel: (label: string, keys: string) => `${label}: ${keys}. Change`,
  reset: 'Reset',
  resetLabel: (label: string) => `Reset the keys of: ${label}`,
  resetAll: 'Reset all shortcuts',
  refused: 'These keys cannot be used: take some with Ctrl, Cmd or Alt, or a function key.',
  taken: (keys: string, label: string) => `${keys} is used by: ${label}.`,
  use: 'Use it here',
  keep: 'Leave it',
} as const;
