/** Holds the sentences about pins, the archive, the bin and many chats at once. */
import { formatCount } from './format.ts';

const chats = (count: number) => `${formatCount(count)} ${count === 1 ? 'chat' : 'chats'}`;

export const orderStrings = {
  pinned: 'Pinned',
  pin: 'Pin',
  unpin: 'Unpin',
  archive: 'Archive',
  unarchive: 'Take out of the archive',
  move: 'Move to project',
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
  restoreAll: 'Restore all',
  more: 'Show more',
  emptyBin: 'Empty bin',
  confirmEmpty: (count: number) => `Delete ${chats(count)} for good? This cannot be undone.`,
  emptyNow: (count: number) => `Delete ${chats(count)}`,
  binChanged: (count: number) => `The bin has changed: it has ${chats(count)} now.`,
  failed: 'The list could not be loaded.',
} as const;
