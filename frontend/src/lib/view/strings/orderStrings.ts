/** Holds the sentences about the list of chats: its rows, pins, the archive, the bin and many chats at once. */
import type { ChatGroupName } from '../../chat/workspace/groupChats.ts';
import { formatCount } from './format.ts';

const chats = (count: number) => `${formatCount(count)} ${count === 1 ? 'chat' : 'chats'}`;

export const orderStrings = {
  newProject: 'New project',
  newChatIn: (project: string) => `New chat in ${project}`,
  projectActions: (project: string) => `Actions for project ${project}`,
  chatActions: (chat: string) => `Actions for chat ${chat}`,
  running: 'Answer is being written',
  unsent: 'Not sent',
  noChats: 'No chats yet',
  olderChats: 'Show older chats',
  groups: {
    today: 'Today',
    yesterday: 'Yesterday',
    'previous-week': 'Previous 7 days',
    'previous-month': 'Previous 30 days',
    earlier: 'Earlier',
  } satisfies Record<ChatGroupName, string>,
  rename: 'Rename',
  pinned: 'Pinned',
  pin: 'Pin',
  unpin: 'Unpin',
  archive: 'Archive',
  unarchive: 'Take out of the archive',
  move: 'Move to project',
  /** Begins like the longer label, so that voice control understands it. */
  moveShort: 'Move',
  moveTitle: (count: number) =>
    count === 1 ? 'Move chat to a project' : `Move ${chats(count)} to a project`,
  isHere: 'The chat is here',
  newInstructions: 'Its instructions hold from the next message on.',
  noInstructions: 'It has no instructions: from the next message on there are none.',
  sameInstructions: 'The instructions stay as they are.',
  unread: 'New answer',
  unreadFailure: 'The answer failed',
  select: 'Select',
  delete: 'Delete',
  selected: (count: number) => `${formatCount(count)} selected`,
  clearSelection: 'Clear selection',
  selection: 'Selected chats',
  isSelected: 'Selected',

  undo: 'Undo',
  dismiss: 'Dismiss',
  deleted: (count: number) => `${chats(count)} deleted`,
  archived: (count: number) => `${chats(count)} archived`,
  moved: (count: number) => `${chats(count)} moved`,
  undoKeys: (keys: string) => `${keys} undoes it.`,

  openArchive: 'Archive',
  openBin: 'Bin',
  archiveTitle: 'Archive',
  binTitle: 'Bin',
  binBody: 'Chats stay here for 30 days and are then deleted for good.',
  archiveEmpty: 'No chat is archived.',
  binEmpty: 'The bin is empty.',
  restore: 'Restore',
  restoreLabel: (title: string) => `Restore ${title}`,
  unarchiveLabel: (title: string) => `Take ${title} out of the archive`,
  more: 'Show more',
  emptyBin: 'Empty bin',
  confirmEmpty: (count: number) => `Delete ${chats(count)} for good? This cannot be undone.`,
  emptyNow: (count: number) => `Delete ${chats(count)}`,
  failed: 'The list could not be loaded.',
} as const;
