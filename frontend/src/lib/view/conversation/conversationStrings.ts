/** Holds the words for editing, versions, forks and deletion of messages. */
import { formatCount } from '../strings/format.ts';

const messages = (count: number) => `${formatCount(count)} ${count === 1 ? 'message' : 'messages'}`;

export const conversationStrings = {
  otherBranchLater: 'That message is on another branch, which can be shown once this answer is complete.',
  messageGone: 'That message is no longer there.',

  edited: 'Edited by you',
  actions: {
    edit: 'Edit text',
    editMessageLabel: 'Edit this message and send it again; this version stays',
    editAnswerLabel: 'Edit this answer; the original stays beside it',
    more: 'More',
    moreLabel: 'More actions for this message',
    retryWith: 'Retry with another model',
    fork: 'Fork from here',
    delete: 'Delete, with all below it',
    deleteLast: 'Delete',
  },
  versions: 'Versions of this message',
  edit: {
    messageLabel: 'Edit message',
    answerLabel: 'Edit answer',
    send: 'Send',
    stopAndSend: 'Stop and send',
    save: 'Save',
    stopAndSave: 'Stop and save',
    messageHint: 'Sent as a new version. This one and the replies to it stay.',
    answerHint: 'Saved as a new version, which the model gets from now on.',
    sendKeys: (keys: string) => `${keys} to send`,
    saveKeys: (keys: string) => `${keys} to save`,
    cancelKeys: (keys: string) => `${keys} to cancel`,
  },
  marks: {
    menu: {
      pin: 'Pin into the context',
      unpin: 'Unpin from the context',
      keepOut: 'Keep out of the context',
      letIn: 'Let into the context again',
      unshorten: 'Send what is above again',
    },
    shown: {
      pinned: 'Always sent to the model',
      'kept-out': 'Not sent to the model',
      summary: 'Once complete, the summary below is sent in place of what is above',
    },
    said: {
      pinned: 'Pinned: always sent to the model',
      'kept-out': 'Kept out: not sent to the model',
      summary: 'The summary is sent in place of all above it',
      none: 'Sent to the model while there is room',
    },
  },
  unanswered: 'This message has no answer.',
  answer: 'Answer it',
  forkedFrom: (title: string) => `Forked from “${title}”`,
  forkedFromUntitled: 'Forked from another chat',
  forked: 'Copied into a new chat',
  deleted: (belowCount: number) =>
    belowCount === 0 ? 'Message deleted.' : `Message deleted, with the ${messages(belowCount)} below it.`,
  undo: 'Undo',
  deletedMessages: {
    menu: 'Deleted messages',
    title: 'Deleted messages',
    none: 'Nothing is left to restore.',
    restore: 'Restore',
    restoreLabel: (excerpt: string) => `Restore: ${excerpt}`,
    count: (count: number) => messages(count),
  },
} as const;
