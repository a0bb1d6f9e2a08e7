/** Holds the words of the palette, its commands and the outline. */
import { formatCount } from './format.ts';

const plural = (count: number, one: string, many: string) =>
  `${formatCount(count)} ${count === 1 ? one : many}`;

export const commandStrings = {
  labels: {
    context: 'What the model gets',
    contextWords: 'context tokens price pin keep out sent',
    stopAnswer: 'Stop the answer',
    stopAnswerWords: 'cancel',
    renameChat: 'Rename this chat',
    renameChatWords: 'title',
    pinChat: 'Pin this chat',
    pinChatWords: 'keep on top favourite',
    unpinChat: 'Unpin this chat',
    unpinChatWords: 'pin',
    moveChat: 'Move this chat to a project',
    moveChatWords: 'folder',
    archiveChat: 'Archive this chat',
    archiveChatWords: 'put away hide',
    unarchiveChat: 'Take this chat out of the archive',
    unarchiveChatWords: 'unarchive restore',
    newProject: 'New project',
    newProjectWords: 'create',
    usage: 'Usage and budget',
    usageWords: 'cost price money spent tokens limit statistics',
    reading: 'Width and size of the text',
    readingWords: 'reading font column narrow wide',
    lightTheme: 'Light theme',
    darkTheme: 'Dark theme',
    systemTheme: 'System theme',
    themeWords: 'appearance mode colours',
  },
  palette: {
    title: 'Search and commands',
    placeholder: 'Search chats and messages, or type a command',
    groups: {
      recent: 'Recent chats',
      chats: 'Chats',
      messages: 'Messages',
      commands: 'Commands',
      models: 'Models',
    },
    untitled: 'New chat',
    you: 'You',
    answer: 'Answer',
    useModel: 'Use for this chat',
    more: 'Show more messages',
    searching: 'Searching',
    none: 'Nothing found.',
    found: (messages: number, others: number) =>
      `${plural(messages, 'message', 'messages')}, ${plural(others, 'other entry', 'other entries')}`,
    failed: (reason: string) => `Messages could not be searched. ${reason}`,
    incomplete: 'Older messages are still being made searchable.',
  },
  outline: {
    title: 'Questions in this chat',
    placeholder: 'Filter your questions',
    group: 'Your questions',
    current: 'You are here',
    none: 'No question matches.',
    empty: 'You have asked nothing here yet.',
    count: (count: number) => plural(count, 'question', 'questions'),
  },
} as const;
