/**
 * Lists what can be done from the palette; a help sheet can list the keys from here. To add a command, add an entry:
 * `run` is called after the palette is closed.
 */
import type { AppParts } from '../shell/appContext.ts';
import { deleteChat } from '../sidebar/chatMenu.ts';
import { commandStrings } from '../strings/commandStrings.ts';

export interface PageCommand {
  readonly id: string;
  readonly label: string;
  /** Other words by which it is found. */
  readonly words?: string;
  /** As `aria-keyshortcuts` has it, with Mod for Ctrl or Cmd: `Mod+Shift+O`. */
  readonly keys?: string;
  /** False while it would do nothing. */
  readonly isOffered?: (app: AppParts) => boolean;
  readonly run: (app: AppParts) => void;
}

const { labels } = commandStrings;

const shownChat = ({ workspace }: AppParts) => workspace.current?.chat ?? null;
const hasQuestions = ({ workspace }: AppParts) =>
  workspace.current?.items.some(({ type }) => type === 'user') ?? false;

export const pageCommands: readonly PageCommand[] = [
  {
    id: 'new-chat',
    label: labels.newChat,
    words: labels.newChatWords,
    keys: 'Mod+Shift+O',
    run: ({ workspace }) => workspace.newChat(),
  },
  {
    id: 'outline',
    label: labels.outline,
    words: labels.outlineWords,
    keys: 'Mod+J',
    isOffered: hasQuestions,
    run: ({ shell }) => (shell.layer = { type: 'outline' }),
  },
  {
    id: 'context',
    label: labels.context,
    words: labels.contextWords,
    isOffered: hasQuestions,
    run: ({ shell }) => (shell.layer = { type: 'context' }),
  },
  {
    id: 'choose-model',
    label: labels.chooseModel,
    keys: 'Mod+Shift+M',
    run: ({ shell }) => (shell.layer = { type: 'models' }),
  },
  {
    id: 'toggle-sidebar',
    label: labels.toggleSidebar,
    words: labels.toggleSidebarWords,
    keys: 'Mod+Shift+S',
    run: ({ shell }) => shell.toggleSidebar(),
  },
  {
    id: 'stop-answer',
    label: labels.stopAnswer,
    words: labels.stopAnswerWords,
    keys: 'Escape',
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
  {
    id: 'delete-chat',
    label: labels.deleteChat,
    isOffered: (app) => shownChat(app) !== null,
    run(app) {
      const chat = shownChat(app);
      if (chat) deleteChat(app.workspace, app.shell, chat);
    },
  },
  {
    id: 'new-project',
    label: labels.newProject,
    words: labels.newProjectWords,
    run: ({ shell }) => (shell.layer = { type: 'new-project' }),
  },
  {
    id: 'open-settings',
    label: labels.openSettings,
    words: labels.openSettingsWords,
    run: ({ workspace }) => workspace.open({ name: 'settings', section: null }),
  },
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
