/** Holds the words of the settings page and of the reading settings. */
export const settingsStrings = {
  close: 'Close settings',
  sections: 'Sections of the settings',

  appearance: 'Appearance',
  theme: { label: 'Theme', system: 'System', light: 'Light', dark: 'Dark' },

  reading: {
    title: 'Reading',
    width: 'Width of the text',
    widths: { narrow: 'Narrow', normal: 'Normal', wide: 'Wide' },
    size: 'Size of the text',
    pixels: (size: number) => `${size} px`,
    smooth: 'Text flows in evenly',
    smoothHint: 'Off: it shows in the bursts in which it comes.',
    fades: 'New text fades in',
    fadesHint: 'From the next answer on. Not where the system asks for less motion.',
    done: 'Done',
  },

  keys: 'Keys',
  typing: {
    enterSends: 'Enter sends',
    enterSendsHint: (keys: string | null) =>
      `Off: Enter makes a line, and the button${keys === null ? '' : ` or ${keys}`} sends.`,
    anywhere: 'Typing anywhere goes to the message',
    anywhereHint: 'Off: only what is typed in the text field does.',
    chips: 'Long pastes become chips',
    chipsHint: 'Ctrl+Shift+V always pastes into the text field.',
  },

  defaults: 'Defaults',
  defaultModel: (model: string) =>
    `A new chat begins with the model that you chose last, at first with ${model}, unless its project names one.`,
  defaultModelUnknown: 'A new chat begins with the model that you chose last, unless its project names one.',
  projectDefaults: 'Each project can have instructions, a model and parameters of its own.',
  projects: 'Projects',
  openProject: (project: string) => `Open the settings of ${project}`,

  provider: {
    title: 'Provider key',
    source: {
      environment: (end: string) =>
        `The key${end && ` that ends in ${end}`} comes from the settings of the server, and is changed there (OPENROUTER_API_KEY).`,
      stored: (end: string) =>
        `A key${end && ` that ends in ${end}`} is stored on the server, which never shows it again.`,
      none: () =>
        'The server has no key for the model provider. Enter one: the next answer uses it, and it is never shown again.',
    },
    unused: 'Another key was entered before; it is kept and not used.',
    label: 'API key',
    another: 'Another API key',
    save: 'Save key',
    connect: 'Connect with OpenRouter',
    remove: 'Delete key',
    done: { stored: 'The key is stored.', deleted: 'The key is deleted.' },
  },

  data: 'Data',
  usage: 'Usage and budget',
  usageHint: 'What answers cost, by day, model and project, and a monthly limit.',
  openUsage: 'Open usage and budget',
  dataHere:
    'Chats, drafts and projects are on this server, in the folder that RILL_DATA_DIR names. These settings are kept in this browser.',
  archive: 'Archive',
  archiveHint: 'Chats that you put away.',
  bin: 'Bin',
  binHint: 'Deleted chats, for 30 days.',
  open: 'Open',
  openArchive: 'Open archive',
  openBin: 'Open bin',
  signOut: 'Sign out',
  signOutHint: 'Asks for the access token again, in this browser.',
  signOutEverywhere: 'Sign out on all devices',
  signOutEverywhereHint: 'Also ends every other session.',
} as const;
