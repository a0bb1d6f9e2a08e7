/** Decides when each command is available, and what happens to its key when it is not. */
import type { CommandId, FieldCommandId } from '../keyboard/defaultKeys.ts';
import type { AppParts } from '../shell/appContext.ts';

export type ActCommandId = Exclude<CommandId, FieldCommandId | 'cancel'>;

export type CommandActs = Readonly<Record<ActCommandId, (app: AppParts) => void>>;

export interface CommandRule {
  /** True where the key has a use of its own, which it keeps while the command has nothing to do. */
  readonly isShared?: boolean;
  /** True for what is left to a text field with text in it: there its keys change the text. */
  readonly isOfText?: boolean;
  /** True when a key that is held down does it again and again. */
  readonly repeats?: boolean;
  /** False when there is nothing to do. */
  readonly isOffered?: (app: AppParts) => boolean;
}

const chatOf = ({ workspace }: AppParts) => workspace.inView;
const hasChat = (app: AppParts): boolean => chatOf(app) !== null;
const isIdle = (app: AppParts): boolean => chatOf(app)?.isRunning === false;
const hasAnswer = (app: AppParts): boolean =>
  chatOf(app)?.items.some(({ type }) => type === 'answer') ?? false;
const hasQuestion = (app: AppParts): boolean =>
  chatOf(app)?.items.some(({ type }) => type === 'user') ?? false;
const hasVersions = (app: AppParts): boolean =>
  isIdle(app) && (chatOf(app)?.items.some(({ siblings }) => siblings.length > 1) ?? false);

export const commandRules: Readonly<Record<ActCommandId, CommandRule>> = {
  'focus-composer': {},
  'open-palette': {},
  'open-outline': { isOffered: hasQuestion },
  'open-help': {},
  'open-settings': {},
  'new-chat': {},
  'temporary-chat': {},
  'delete-chat': { isShared: true, isOfText: true, isOffered: (app) => Boolean(app.workspace.current?.chat) },
  'toggle-sidebar': {},
  'choose-model': { isOffered: hasChat },
  'toggle-web': { isOffered: hasChat },
  'attach-files': { isOffered: (app) => hasChat(app) || app.shell.fileTarget !== null },
  'copy-answer': { isOffered: hasChat },
  'copy-code': { isOffered: hasChat },
  'previous-message': { repeats: true },
  'next-message': { repeats: true },
  'previous-version': { isShared: true, repeats: true, isOffered: hasVersions },
  'next-version': { isShared: true, repeats: true, isOffered: hasVersions },
  retry: { isShared: true, isOffered: (app) => isIdle(app) && hasAnswer(app) },
  continue: {
    isShared: true,
    isOffered: (app) => isIdle(app) && typeof chatOf(app)?.continuableId === 'string',
  },
  'follow-end': { isShared: true, isOfText: true, isOffered: ({ shell }) => shell.followEnd !== null },
  undo: {
    isShared: true,
    isOfText: true,
    isOffered: (app) => Boolean(chatOf(app)?.conversation.deletion ?? app.workspace.chatActs.lastAct),
  },
};
