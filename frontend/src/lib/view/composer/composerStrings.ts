/** Holds the words of the message box and its buttons: Send, Stop, Queue, and what is too long. */
import { formatCount, plural } from '../strings/format.ts';

export const composerStrings = {
  label: 'Message',
  placeholder: 'Ask anything',
  replyPlaceholder: 'Reply…',
  send: 'Send message',
  cancel: 'Stop answer',
  cancelling: 'Stopping',
  add: 'Add to message',
  uploading: 'Wait until all files are uploaded, or remove those that failed.',
  queue: 'Send after this answer',
  queueShort: 'Queue',
  room: (used: string, limit: string) => `${used} of ${limit}`,
  tooLong: (used: string, limit: string) =>
    `This message is too long to be sent: ${used}, and ${limit} at most. Shorten it, or send it in parts. Until then it is stored in this browser only.`,
  kilobytes: (bytes: number) => `${formatCount(Math.ceil(bytes / 1024))} KB`,
  bytes: (bytes: number) => plural(bytes, 'byte', 'bytes'),
  characters: (characters: number) => plural(characters, 'character', 'characters'),
  pastes: {
    label: 'Pasted texts',
    size: (characters: number, lines: number) =>
      lines > 1 ? plural(lines, 'line', 'lines') : plural(characters, 'character', 'characters'),
    show: 'Show in text field',
    showShort: 'Show',
    showLabel: (name: string) => `Show in text field: ${name}`,
    remove: (name: string) => `Remove pasted text: ${name}`,
    added: (name: string) => `Pasted as one text: ${name}`,
  },
} as const;
