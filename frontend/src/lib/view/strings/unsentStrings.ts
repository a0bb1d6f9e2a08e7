/** Holds every sentence about unsent text: the queue of a chat, and a draft that changed elsewhere. */
import type { QueuePauseReason } from '@rill/protocol';

const pauseReasons: Readonly<Record<QueuePauseReason, string>> = {
  cancelled: 'The answer before was stopped.',
  failed: 'The answer before failed.',
  interrupted: 'The answer before was interrupted.',
  refused: 'The server refused the first message.',
};

export const unsentStrings = {
  queue: 'Queued messages',
  queued: (position: number, total: number) => (total === 1 ? 'Queued' : `Queued, ${position} of ${total}`),
  queuedNote: 'Sent when this answer is complete.',
  notStored: 'Kept here until the server has it.',
  paused: (reason: QueuePauseReason, problem: string | null) => `Paused. ${problem ?? pauseReasons[reason]}`,
  resume: 'Resume',
  moveUp: 'Up',
  moveDown: 'Down',
  edit: 'Edit',
  remove: 'Remove',
  sendNow: 'Send now',
  sendNowLabel: 'Stop this answer and send now',
  elsewhere: 'This draft was changed elsewhere.',
  elsewhereText: 'Text from elsewhere',
  addElsewhere: 'Add it here',
  discardElsewhere: 'Discard it',
} as const;
