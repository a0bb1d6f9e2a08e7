/**
 * Cuts a conversation into parts that are each short enough to be read and stored without holding up a running answer,
 * however long the conversation is. The bytes of files that it contains are apart from its messages.
 */
import { createHash } from 'node:crypto';
import { cleanName, maxFileBytes, titleFromContent } from '@rill/protocol';
import type { ImportedChat, ImportedFile, ImportedMessage } from '../form/importedChat.ts';
import { ImportNotes } from '../form/importNotes.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** Where the bytes of a file are: in the archive under a name that has this id, in `contents`, or nowhere. */
export type CutFileSource =
  | { readonly kind: 'archive'; readonly id: string }
  | { readonly kind: 'content'; readonly index: number }
  | { readonly kind: 'absent' };

export interface CutFile {
  readonly name: string;
  readonly source: CutFileSource;
}

export type CutMessage = Omit<ImportedMessage, 'files'> & { readonly fileNames: readonly string[] };

export interface CutChat extends Omit<ImportedChat, 'messages'> {
  /** In the order of the messages. */
  readonly messageIds: readonly string[];
  readonly filesOfMessages: readonly { readonly messageId: string; readonly files: readonly CutFile[] }[];
  readonly contents: readonly Bytes[];
  /** Lists of messages as JSON; `messagesOf` reads them. */
  readonly parts: readonly Bytes[];
}

/** Most messages of a part, and the length at which it ends, in UTF-16 units: storing it takes some 30 ms. */
const [maxPartMessages, partLength] = [250, 256 * 1024];

/** Longest text of a message, in UTF-16 units. A longer one is kept in files: the database writes a message at once. */
const maxTextLength = 4 * 1024 * 1024;

export function cutChat({ messages: given, ...chat }: ImportedChat): CutChat {
  const notes = new ImportNotes();
  const messages = given.map((message) => withLongTextsApart(message, notes));
  const contents: Bytes[] = [];
  const filesOfMessages = messages.flatMap(({ id, files }) =>
    files.length === 0 ? [] : [{ messageId: id, files: files.map((file) => cutFile(file, contents)) }],
  );
  return {
    ...chat,
    notes: [...chat.notes, ...notes.toList()],
    title: titleOf(chat.title, messages),
    messageIds: messages.map(({ id }) => id),
    filesOfMessages,
    contents,
    parts: cutMessages(messages),
  };
}

/** Of all that was read; the same for the same conversation each time. */
export function digestOf(chat: CutChat | null): string {
  const hash = createHash('sha256');
  if (!chat) return hash.digest('hex');
  const { contents, parts, ...head } = chat;
  hash.update(JSON.stringify(head));
  for (const bytes of [...contents, ...parts]) hash.update(bytes);
  return hash.digest('hex');
}

/** The JSON is trusted, because only this file writes it. */
export const messagesOf = (part: Uint8Array): CutMessage[] =>
  JSON.parse(new TextDecoder().decode(part)) as CutMessage[];

function cutMessages(messages: readonly ImportedMessage[]): Bytes[] {
  const parts: Bytes[] = [];
  const encoder = new TextEncoder();
  let texts: string[] = [];
  let length = 0;
  const endPart = () => {
    if (texts.length > 0) parts.push(encoder.encode(`[${texts.join(',')}]`));
    [texts, length] = [[], 0];
  };
  for (const { files, ...message } of messages) {
    const cut: CutMessage = { ...message, fileNames: files.map(({ name }) => name) };
    const text = JSON.stringify(cut);
    if (texts.length === maxPartMessages || length + text.length > partLength) endPart();
    texts.push(text);
    length += text.length;
  }
  endPart();
  return parts;
}

function titleOf(title: string, messages: readonly ImportedMessage[]): string {
  const question = messages.find(({ role }) => role === 'user')?.text ?? '';
  return cleanName(title) || titleFromContent(question) || 'Imported chat';
}

function withLongTextsApart(message: ImportedMessage, notes: ImportNotes): ImportedMessage {
  const { text, thoughts, files } = message;
  if (text.length <= maxTextLength && thoughts.length <= maxTextLength) return message;
  const apart: ImportedFile[] = [];
  const shorten = (name: string, long: string): string => {
    if (long.length <= maxTextLength) return long;
    notes.add('text that is too long for a message and is kept as files');
    apart.push(...filesOfText(name, long));
    return `[Too long for a message: it is in the files named ${name}.]`;
  };
  const short = { text: shorten('Text', text), thoughts: shorten('Thinking', thoughts) };
  return { ...message, ...short, files: [...apart, ...files] };
}

function filesOfText(name: string, text: string): ImportedFile[] {
  const files: ImportedFile[] = [];
  for (let start = 0; start < text.length; ) {
    const end = start + maxTextLength;
    const part = text.slice(start, isPairAt(text, end - 1) ? end - 1 : end);
    files.push({ name: `${name} ${files.length + 1}.md`, source: { kind: 'text', text: part } });
    start += part.length;
  }
  return files;
}

const isPairAt = (text: string, index: number): boolean => (text.codePointAt(index) ?? 0) > 0xffff;

function cutFile({ name, source }: ImportedFile, contents: Bytes[]): CutFile {
  if (source.kind === 'archive' || source.kind === 'absent') return { name, source };
  const bytes = source.kind === 'text' ? new TextEncoder().encode(source.text) : decodeDataUrl(source.url);
  if (!bytes) return { name, source: { kind: 'absent' } };
  contents.push(bytes);
  return { name, source: { kind: 'content', index: contents.length - 1 } };
}

function decodeDataUrl(url: string): Bytes | null {
  const comma = url.indexOf(',');
  const isReadable = comma > 0 && /;base64$/i.test(url.slice(0, Math.min(comma, 200)));
  if (!isReadable || url.length - comma >= maxFileBytes * 2) return null;
  // A copy: what is given to another thread may share its memory with nothing.
  return new Uint8Array(Buffer.from(url.slice(comma + 1), 'base64'));
}
