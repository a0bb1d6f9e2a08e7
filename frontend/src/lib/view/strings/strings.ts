/** Holds every sentence the app shell shows, in one typed catalogue; message bodies have theirs in `messageStrings.ts`. */
import { formatCount, plural } from './format.ts';

/** In steps of about a tenth, so that a figure that grows can be read: 120, 1,300. */
function roughly(count: number): number {
  const step = 10 ** Math.max(1, Math.floor(Math.log10(count)) - 1);
  return Math.round(count / step) * step;
}

const ofBranch = (cost: string | null) => (cost === null ? '' : ` on all its branches, ${cost} on this one`);

export const strings = {
  productName: 'Rill',
  pageTitle: (chatTitle: string | null, hasUnseen = false) =>
    `${hasUnseen ? '● ' : ''}${chatTitle ? `${chatTitle} · ` : ''}Rill`,
  skipToComposer: 'Skip to message box',
  loading: 'Loading',
  retry: 'Retry',
  dismiss: 'Dismiss',
  cancel: 'Cancel',
  save: 'Save',
  close: 'Close',

  sidebar: {
    label: 'Projects and chats',
    open: 'Open sidebar',
    close: 'Close sidebar',
    newChat: 'New chat',
    search: 'Search',
    untitled: 'New chat',
  },

  settings: { label: 'Settings' },
  usage: 'Usage',

  chat: {
    transcript: 'Conversation',
    title: 'Chat title',
    rename: 'Rename chat',
    actions: 'Chat actions',
    outline: 'Questions in this chat',
    cost: (cost: string, branchCost: string | null) =>
      `Cost of this chat so far: ${cost}${ofBranch(branchCost)}`,
    estimatedCost: (cost: string, branchCost: string | null) =>
      `Cost of this chat so far: ${cost}${ofBranch(branchCost)}. A part of it is estimated, and more may still be billed.`,
    branchCost: (cost: string) => `${cost} here`,
    titleCost: (cost: string) => ` Its title cost ${cost} of that.`,
    loading: 'Loading chat',
    failedTitle: 'This chat could not be loaded',
    away: 'The messages of this chat come when the server is back.',
    sending: 'Sending',
    notSent: 'Not sent.',
    editUnsent: 'Edit',
    textBelow: (words: number) =>
      words < 20
        ? `${plural(words, 'new word', 'new words')} below`
        : `About ${formatCount(roughly(words))} new words below`,
  },

  empty: {
    greeting: 'What would you like to know?',
    inProject: (project: string) => `in ${project}`,
    suggestions: 'Suggestions',
    examples: [
      'Why is the sky blue?',
      'Show me a function that limits how many tasks run at once',
      'Plan a day in Kyoto, on foot',
    ],
  },

  models: {
    chip: (name: string) => `Model: ${name}. Change model`,
    noModel: 'Default model',
    parameters: 'Parameters',
    ownParameters: 'Parameters, changed for this chat',
  },

  unreachable: {
    title: 'Your chats could not be loaded',
    body: (reason: string) => `${reason} Nothing you wrote is lost.`,
  },

  link: {
    lost: 'The server cannot be reached. Trying again.',
    offline: 'You are offline: the server cannot be reached. What you write is kept.',
    back: 'The server is back.',
    outdated: 'A new version is ready.',
    partFailed: 'A part of the page could not be loaded.',
    reload: 'Reload the page',
  },

  announce: {
    answerStarted: 'Answer started',
    answerComplete: (wordCount: number) => `Answer complete, ${plural(wordCount, 'word', 'words')}`,
    answerCancelled: 'Stopped',
    reconnected: 'Reconnected',
    queued: (position: number) => `Queued, position ${position}`,
    copied: 'Copied',
    notCopied:
      'The browser did not let the page copy. Select the text and copy it with the browser’s own menu or keys.',
  },
} as const;
