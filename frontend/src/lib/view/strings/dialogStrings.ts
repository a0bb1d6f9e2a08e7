/** Holds the sentences of dialogs, which load when they are first opened. */
import { plural } from './format.ts';

const itsChats = (count: number | null) =>
  count === null ? 'all its chats' : `its ${plural(count, 'chat', 'chats')}`;

export const dialogStrings = {
  menu: 'Actions',

  nameDialog: {
    newProject: 'New project',
    renameProject: 'Rename project',
    renameChat: 'Rename chat',
    nameLabel: 'Name',
    create: 'Create',
  },

  confirm: {
    deleteChat: 'Delete chat?',
    deleteChatBody: (title: string) =>
      `“${title}” has a message that was not sent. That message will be gone for good.`,
    deleteProject: 'Delete project?',
    deleteProjectBody: (name: string, chatCount: number | null) =>
      `“${name}”${chatCount === 0 ? '' : ` and ${itsChats(chatCount)}`} will be gone for good.`,
  },
} as const;
