/**
 * Lists what can be done from the palette. To add a command, add an entry: `run` is called after the palette is closed. One
 * that has keys too is named in `keyboard/defaultKeys.ts`.
 */
import type { CommandId } from '../keyboard/defaultKeys.ts';
import type { AppParts } from '../shell/appContext.ts';
import { commandStrings } from '../strings/commandStrings.ts';
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
  ofKeys('toggle-sidebar'),
  {
    id: 'stop-answer',
    label: labels.stopAnswer,
    words: labels.stopAnswerWords,
    command: 'cancel',
    isOffered: ({ workspace }) => workspace.current?.isRunning ?? false,
    run: ({ workspace }) => void workspace.current?.cancel(),
  },
  {
    id: 'rename-chat',
    label: labels.renameChat,
    words: labels.renameChatWords,
    isOffered: (app) => shownChat(app) !== null,
    run(app) {
      const chat = shownChat(app);
      if (chat) app.shell.layer = { type: 'rename-chat', chat };
    },
  },
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
