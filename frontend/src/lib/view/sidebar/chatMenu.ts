/** Makes the menu of a chat, the same in its row and in its header. */
import type { Chat } from '@rill/protocol';
import type { WorkspaceState } from '../../chat/workspace/workspaceState.svelte.ts';
import { conversationStrings } from '../conversation/conversationStrings.ts';
import type { MenuItem, ShellState } from '../shell/shellState.svelte.ts';
import { exportStrings } from '../strings/exportStrings.ts';
import { orderStrings } from '../strings/orderStrings.ts';

export interface ChatMenuOptions {
  readonly workspace: WorkspaceState;
  readonly shell: ShellState;
  readonly chat: Chat;
  readonly onRename: () => void;
  /** Absent where there is nothing to select in. */
  readonly onSelect?: () => void;
  /** Absent where no message can be restored. */
  readonly onDeletedMessages?: (() => void) | undefined;
}

export function chatMenu({
  workspace,
  shell,
  chat,
  onRename,
  onSelect,
  onDeletedMessages,
}: ChatMenuOptions): MenuItem[] {
  const { chatActs } = workspace;
  const remove = {
    label: orderStrings.delete,
    isDangerous: true,
    onSelect: () => deleteChat(workspace, shell, chat),
  };
  if (workspace.unsent.find(chat.id)?.makesChat) return [remove];
  if (chat.isTemporary) return [{ label: orderStrings.rename, onSelect: onRename }];
  const isPinned = chat.pinnedAtMs !== null;
  const isArchived = chat.archivedAtMs !== null;
  return [
    ...(isArchived
      ? []
      : [
          {
            label: isPinned ? orderStrings.unpin : orderStrings.pin,
            onSelect: () => void chatActs.pin([chat], !isPinned),
          },
        ]),
    { label: orderStrings.rename, onSelect: onRename },
    { label: orderStrings.move, onSelect: () => (shell.layer = { type: 'move-chats', chats: [chat] }) },
    { label: exportStrings.menu, onSelect: () => (shell.layer = { type: 'export-chat', chat }) },
    ...(onSelect ? [{ label: orderStrings.select, onSelect }] : []),
    ...(onDeletedMessages
      ? [{ label: conversationStrings.deletedMessages.menu, onSelect: onDeletedMessages }]
      : []),
    {
      label: isArchived ? orderStrings.unarchive : orderStrings.archive,
      onSelect: () => void chatActs.archive([chat], !isArchived),
    },
    remove,
  ];
}

/** Deletes at once, with Undo. A message that the server does not have would be lost, so that needs a confirmation. */
export function deleteChat(workspace: WorkspaceState, shell: ShellState, chat: Chat): void {
  if (chat.isTemporary) void workspace.temporary.end(chat);
  else if (workspace.unsent.find(chat.id)) shell.layer = { type: 'delete-chat', chat };
  else void workspace.chatActs.delete([chat]);
}
