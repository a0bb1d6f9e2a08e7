/** Every sentence the app shell shows, in one typed catalogue; message bodies have theirs in `messageText.ts`. */
import type { ChatGroupName } from '../chat/groupChats.ts';
import { formatCount } from './format.ts';

const plural = (count: number, one: string, many: string) =>
  `${formatCount(count)} ${count === 1 ? one : many}`;

/** In steps of about a tenth, so that a figure that grows can be read: 120, 1,300. */
function roughly(count: number): number {
  const step = 10 ** Math.max(1, Math.floor(Math.log10(count)) - 1);
  return Math.round(count / step) * step;
}

export const text = {
  productName: 'Rill',
  pageTitle: (chatTitle: string | null) => (chatTitle ? `${chatTitle} · Rill` : 'Rill'),
  skipToComposer: 'Skip to message box',
  loading: 'Loading',
  retry: 'Retry',
  dismiss: 'Dismiss',
  cancel: 'Cancel',
  save: 'Save',
  close: 'Close',

  demoBanner:
    'Demo: answers come from the built-in simulator. Set OPENROUTER_API_KEY to talk to real models.',

  sidebar: {
    label: 'Projects and chats',
    open: 'Open sidebar',
    close: 'Close sidebar',
    newChat: 'New chat',
    newProject: 'New project',
    newChatIn: (project: string) => `New chat in ${project}`,
    projectActions: (project: string) => `Actions for project ${project}`,
    chatActions: (chat: string) => `Actions for chat ${chat}`,
    running: 'Answer is being written',
    noChats: 'No chats yet',
    signOut: 'Sign out',
    untitled: 'New chat',
    groups: { today: 'Today', 'previous-week': 'Previous 7 days', earlier: 'Earlier' } satisfies Record<
      ChatGroupName,
      string
    >,
  },

  theme: { label: 'Theme', system: 'System theme', light: 'Light theme', dark: 'Dark theme' },

  actions: { rename: 'Rename', delete: 'Delete' },

  nameDialog: {
    newProject: 'New project',
    renameProject: 'Rename project',
    renameChat: 'Rename chat',
    nameLabel: 'Name',
    create: 'Create',
  },

  confirm: {
    deleteChat: 'Delete chat?',
    deleteChatBody: (title: string) => `“${title}” and all its messages will be gone for good.`,
    deleteProject: 'Delete project?',
    deleteProjectBody: (name: string, chatCount: number) =>
      chatCount === 0
        ? `“${name}” will be gone for good.`
        : `“${name}” and its ${plural(chatCount, 'chat', 'chats')} will be gone for good.`,
  },

  chat: {
    transcript: 'Conversation',
    title: 'Chat title',
    rename: 'Rename chat',
    actions: 'Chat actions',
    cost: (cost: string) => `Cost of this chat so far: ${cost}`,
    estimatedCost: (cost: string) =>
      `Cost of this chat so far: ${cost}. A part of it is estimated, and more may still be billed.`,
    loading: 'Loading chat',
    missingTitle: 'This chat does not exist',
    missingBody: 'It may have been deleted. Your other chats are in the sidebar.',
    viewFailed: 'A part of the page could not be loaded. Reload the page to try again.',
    failedTitle: 'This chat could not be loaded',
    sending: 'Sending',
    notSent: 'Not sent.',
    editUnsent: 'Edit',
    queue: 'Queued messages',
    queued: (position: number, total: number) => (total === 1 ? 'Queued' : `Queued, ${position} of ${total}`),
    queuedNote: 'Sent when this answer is complete.',
    queuePaused: 'The answer before it is not complete.',
    editQueued: 'Edit',
    removeQueued: 'Remove',
    sendQueued: 'Send now',
    sendQueuedLabel: 'Stop this answer and send now',
    textBelow: (words: number) =>
      words < 20
        ? `${plural(words, 'new word', 'new words')} below`
        : `About ${formatCount(roughly(words))} new words below`,
  },

  empty: {
    greeting: 'What would you like to know?',
    examples: [
      'Why is the sky blue?',
      'Show me a function that limits how many tasks run at once',
      'Plan a day in Kyoto, on foot',
    ],
    noProjectTitle: 'Start with a project',
    noProjectBody: 'A project keeps chats together. Create one to begin.',
  },

  composer: {
    label: 'Message',
    placeholder: 'Write a message',
    send: 'Send message',
    cancel: 'Stop answer',
    cancelling: 'Stopping',
    queue: 'Send after this answer',
    queueShort: 'Queue',
  },

  models: {
    chip: (name: string) => `Model: ${name}. Change model`,
    noModel: 'Default model',
    title: 'Choose a model',
    search: 'Search models',
    none: 'No model matches.',
    matches: (count: number) => plural(count, 'model', 'models'),
    unavailable: 'The list of models could not be loaded.',
    context: (tokens: string) => `${tokens} context`,
    price: (prompt: string, completion: string) => `${prompt} in · ${completion} out per million`,
    free: 'Free',
    reasoning: 'Reasoning',
  },

  signIn: {
    title: 'Sign in to Rill',
    body: 'This server asks for its access token. It is the value of RILL_ACCESS_TOKEN.',
    label: 'Access token',
    submit: 'Sign in',
    submitting: 'Signing in',
    wrong: 'This token is not right.',
  },

  unreachable: {
    title: 'Your chats could not be loaded',
    body: (reason: string) => `${reason} Nothing you wrote is lost.`,
  },

  debug: {
    label: 'Debug',
    facts: (checked: number, corrected: number) =>
      `${plural(checked, 'streamed text', 'streamed texts')} checked, ${plural(corrected, 'block', 'blocks')} corrected`,
  },

  announce: {
    answerStarted: 'Answer started',
    answerComplete: (wordCount: number) => `Answer complete, ${plural(wordCount, 'word', 'words')}`,
    answerCancelled: 'Stopped',
    reconnected: 'Reconnected',
    queued: (position: number) => `Queued, position ${position}`,
    copied: 'Copied',
  },
} as const;
