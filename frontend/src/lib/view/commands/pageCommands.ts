/**
 * Lists what can be done from the palette. To add a command, add an entry: `run` is called after the palette is closed. One
 * that has keys too is named in `keyboard/defaultKeys.ts`.
 */
import type { Chat } from '@rill/protocol';
import type { CommandId } from '../keyboard/defaultKeys.ts';
import type { AppParts } from '../shell/appContext.ts';
import { commandStrings } from '../strings/commandStrings.ts';
import { exportStrings } from '../strings/exportStrings.ts';
import { commandWords } from '../strings/keyStrings.ts';
import { commandActs } from './commandActs.ts';
import { type ActCommandId, commandRules } from './commandRules.ts';

export interface PageCommand {
  readonly id: string;
  readonly label: string;
  /** Other words by which it is found. */
  readonly words?: string;
  /** The command whose keys do the same. */
  readonly command?: CommandId;
  /** False while it would do nothing. */
  readonly isOffered?: (app: AppParts) => boolean;
  readonly run: (app: AppParts) => void;
}

const { labels } = commandStrings;

const shownChat = ({ workspace }: AppParts) => workspace.current?.chat ?? null;
/** One that is temporary or not made yet can only be renamed or deleted, as its menu says. */
const hasOrder = (chat: Chat, { workspace }: AppParts) =>
  !chat.isTemporary && !workspace.unsent.find(chat.id)?.makesChat;
const hasQuestions = ({ workspace }: AppParts) =>
  workspace.current?.items.some(({ type }) => type === 'user') ?? false;

/** One that has keys, with the words, the rule and the act of those. */
function ofKeys(command: ActCommandId): PageCommand {
  const { label, words } = commandWords[command];
  const { isOffered } = commandRules[command];
  return {
    id: command,
    label,
    command,
    ...(words !== undefined && { words }),
    ...(isOffered && { isOffered }),
    run: commandActs[command],
  };
}

/** What the menu of a chat offers for the one that is open. */
function ofShownChat(
  id: string,
  name: 'renameChat' | 'pinChat' | 'unpinChat' | 'moveChat' | 'archiveChat' | 'unarchiveChat',
  {
    isOffered = () => true,
    run,
  }: {
    isOffered?: (chat: Chat, app: AppParts) => boolean;
    run: (chat: Chat, app: AppParts) => void;
  },
): PageCommand {
  return {
    id,
    label: labels[name],
    words: labels[`${name}Words`],
    isOffered(app) {
      const chat = shownChat(app);
      return chat !== null && isOffered(chat, app);
    },
    run(app) {
      const chat = shownChat(app);
      if (chat) run(chat, app);
    },
  };
}

export const pageCommands: readonly PageCommand[] = [
  ofKeys('new-chat'),
  ofKeys('temporary-chat'),
  ofKeys('open-outline'),
  {
    id: 'context',
    label: labels.context,
    words: labels.contextWords,
    isOffered: hasQuestions,
    run: ({ shell }) => (shell.layer = { type: 'context' }),
  },
  ofKeys('choose-model'),
  ofKeys('toggle-web'),
  ofKeys('attach-files'),
  ofKeys('toggle-sidebar'),
  {
    id: 'stop-answer',
    label: labels.stopAnswer,
    words: labels.stopAnswerWords,
    command: 'cancel',
    isOffered: ({ workspace }) => workspace.current?.isRunning ?? false,
    run: ({ workspace }) => void workspace.current?.cancel(),
  },
  ofShownChat('rename-chat', 'renameChat', {
    run: (chat, { shell }) => (shell.layer = { type: 'rename-chat', chat }),
  }),
  ofShownChat('pin-chat', 'pinChat', {
    isOffered: (chat, app) => hasOrder(chat, app) && chat.pinnedAtMs === null && chat.archivedAtMs === null,
    run: (chat, { workspace }) => void workspace.chatActs.pin([chat], true),
  }),
  ofShownChat('unpin-chat', 'unpinChat', {
    isOffered: (chat, app) => hasOrder(chat, app) && chat.pinnedAtMs !== null && chat.archivedAtMs === null,
    run: (chat, { workspace }) => void workspace.chatActs.pin([chat], false),
  }),
  ofShownChat('move-chat', 'moveChat', {
    isOffered: (chat, app) => hasOrder(chat, app) && app.workspace.projects.length > 1,
    run: (chat, { shell }) => (shell.layer = { type: 'move-chats', chats: [chat] }),
  }),
  {
    id: 'export-chat',
    label: exportStrings.command,
    words: exportStrings.commandWords,
    isOffered(app) {
      const chat = shownChat(app);
      return chat !== null && hasOrder(chat, app);
    },
    run(app) {
      const chat = shownChat(app);
      if (chat) app.shell.layer = { type: 'export-chat', chat };
    },
  },
  ofShownChat('archive-chat', 'archiveChat', {
    isOffered: (chat, app) => hasOrder(chat, app) && chat.archivedAtMs === null,
    run: (chat, { workspace }) => void workspace.chatActs.archive([chat], true),
  }),
  ofShownChat('unarchive-chat', 'unarchiveChat', {
    isOffered: (chat, app) => hasOrder(chat, app) && chat.archivedAtMs !== null,
    run: (chat, { workspace }) => void workspace.chatActs.archive([chat], false),
  }),
  ofKeys('delete-chat'),
  ofKeys('copy-answer'),
  ofKeys('copy-code'),
  ofKeys('retry'),
  ofKeys('continue'),
  {
    id: 'new-project',
    label: labels.newProject,
    words: labels.newProjectWords,
    run: ({ shell }) => (shell.layer = { type: 'new-project' }),
  },
  ofKeys('open-settings'),
  {
    id: 'usage',
    label: labels.usage,
    words: labels.usageWords,
    run: ({ workspace }) => workspace.open({ name: 'usage' }),
  },
  ofKeys('open-help'),
  {
    id: 'reading',
    label: labels.reading,
    words: labels.readingWords,
    run: ({ shell }) => (shell.layer = { type: 'reading' }),
  },
  {
    id: 'theme-light',
    label: labels.lightTheme,
    words: labels.themeWords,
    isOffered: ({ theme }) => theme.theme !== 'light',
    run: ({ theme }) => (theme.theme = 'light'),
  },
  {
    id: 'theme-dark',
    label: labels.darkTheme,
    words: labels.themeWords,
    isOffered: ({ theme }) => theme.theme !== 'dark',
    run: ({ theme }) => (theme.theme = 'dark'),
  },
  {
    id: 'theme-system',
    label: labels.systemTheme,
    words: labels.themeWords,
    isOffered: ({ theme }) => theme.theme !== 'system',
    run: ({ theme }) => (theme.theme = 'system'),
  },
];
