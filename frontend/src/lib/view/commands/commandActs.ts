/** Executes each command on the page when `commandRules.ts` allows it. */
import { undoDeletion } from '../../chat/conversation/messageActs.ts';
import { continueLast, focusedMessageKey, retry, showVersion } from '../conversation/messageCommands.ts';
import { chooseAndAttach } from '../files/attachFiles.ts';
import { focusMessage } from '../message/messageFocus.ts';
import type { AppParts } from '../shell/appContext.ts';
import { deleteChat } from '../sidebar/chatMenu.ts';
import { slideSidebar } from '../sidebar/slideSidebar.ts';
import { toggleWebSearch } from '../web/toggleWebSearch.ts';
import type { CommandActs } from './commandRules.ts';

/** Also on a touch screen: it was asked for by a key. */
const focusComposer = (): void => document.getElementById('composer')?.focus();

async function copyLast({ workspace, announcer }: AppParts, what: 'answer' | 'code'): Promise<void> {
  const { copyLastAnswer, copyLastCode } = await import('./copyLast.ts');
  await (what === 'answer' ? copyLastAnswer : copyLastCode)({ announcer }, workspace.inView?.items ?? []);
}

export const commandActs: CommandActs = {
  'focus-composer': focusComposer,
  'open-palette': ({ shell }) => (shell.layer = { type: 'palette' }),
  'open-outline': ({ shell }) => (shell.layer = { type: 'outline' }),
  'open-help': ({ shell }) => (shell.layer = { type: 'help' }),
  'open-settings': ({ workspace }) => workspace.open({ name: 'settings', section: null }),
  'new-chat': ({ workspace }) => workspace.newChat(),
  'temporary-chat': ({ workspace }) => void workspace.newTemporaryChat(),
  'delete-chat': ({ workspace, shell }) => {
    const chat = workspace.current?.chat;
    if (chat) deleteChat(workspace, shell, chat);
  },
  'toggle-sidebar': ({ shell }) => void slideSidebar(shell),
  'choose-model': ({ shell }) => (shell.layer = { type: 'models' }),
  'toggle-web': ({ workspace, announcer }) => {
    if (workspace.inView) toggleWebSearch(workspace.inView, announcer);
  },
  'attach-files': (app) => chooseAndAttach(app),
  'copy-answer': (app) => void copyLast(app, 'answer'),
  'copy-code': (app) => void copyLast(app, 'code'),
  'previous-message': () => void focusMessage(-1),
  'next-message': () => {
    if (!focusMessage(1)) focusComposer();
  },
  'previous-version': (app) => showVersionOf(app, -1),
  'next-version': (app) => showVersionOf(app, 1),
  retry: ({ workspace }) => void (workspace.inView && retry(workspace.inView, focusedMessageKey())),
  continue: ({ workspace }) => void (workspace.inView && continueLast(workspace.inView)),
  'follow-end': ({ shell }) => shell.followEnd?.(),
  undo: ({ workspace }) => {
    const conversation = workspace.inView?.conversation;
    // First that of a message: its notice is in the chat that is looked at.
    if (conversation?.deletion) void undoDeletion(conversation);
    else void workspace.chatActs.undo();
  },
};

function showVersionOf({ workspace }: AppParts, step: -1 | 1): void {
  if (workspace.inView) showVersion(workspace.inView, step, focusedMessageKey());
}
