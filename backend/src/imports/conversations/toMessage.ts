/** Makes a message of Rill of one of another product. */
import { blankMessage, cleanName, type FileReference, isPicture, type Message } from '@rill/protocol';
import type { CutMessage } from '../reading/cutChat.ts';
import { fileKey, type KeptFiles } from './keepFiles.ts';

export const idIn = (messageIds: ReadonlyMap<string, string>, sourceId: string | null): string | null =>
  sourceId === null ? null : (messageIds.get(sourceId) ?? null);

export const notAfter = (timeMs: number | null, nowMs: number): number | null =>
  timeMs === null ? null : Math.min(timeMs, nowMs);

interface Destination {
  readonly chatId: string;
  readonly messageIds: ReadonlyMap<string, string>;
  readonly nowMs: number;
  readonly files: KeptFiles;
}

export function toMessage(message: CutMessage, { chatId, messageIds, nowMs, files }: Destination): Message {
  const kept = message.fileNames.flatMap((_, index) => files.byKey.get(fileKey(message.id, index)) ?? []);
  const pictures = message.role === 'assistant' ? kept.filter(isPicture) : [];
  const others = kept.filter((file) => !pictures.includes(file));
  return {
    ...blankMessage(),
    id: messageIds.get(message.id) ?? '',
    chatId,
    parentId: idIn(messageIds, message.parentId),
    role: message.role,
    status: message.status,
    content: withAbsentFiles(message, files),
    reasoning: message.thoughts,
    annotations: [...message.sources],
    images: pictures.map(toImage),
    ...(others.length > 0 && { files: others }),
    toolCalls: [...message.toolCalls],
    runId: null,
    model: message.model,
    finishReason: message.finishReason,
    ...(message.isKeptOut && { contextMark: 'kept-out' }),
    createdAtMs: Math.min(message.createdAtMs, nowMs),
  };
}

const toImage = ({ id, mediaType, width, height }: FileReference): Message['images'][number] => ({
  url: `/api/files/${id}/content`,
  fileId: id,
  mediaType,
  ...(width !== null && { width }),
  ...(height !== null && { height }),
});

/** A line for each file that was not kept: the text may speak of it. */
function withAbsentFiles({ id, text, fileNames }: CutMessage, { byKey }: KeptFiles): string {
  const absent = fileNames.filter((_, index) => !byKey.has(fileKey(id, index))).slice(0, maxNamedFiles);
  const lines = absent.map((name) => `[File not imported: ${cleanName(name.replace(/[[\]]/g, ' '))}]`);
  return [text, ...lines].filter((part) => part !== '').join('\n\n');
}

/** Most files that a text names. */
const maxNamedFiles = 50;
