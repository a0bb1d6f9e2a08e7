/**
 * Stores the files and pictures of a conversation before the conversation itself, and reports those that are missing or
 * refused. The files of a conversation that fails are cleaned up like unused uploads.
 */
import { setImmediate } from 'node:timers/promises';
import { cleanName, type FileReference, maxFileNameLength, RillError } from '@rill/protocol';
import type { FileService } from '../../files/fileService.ts';
import { ImportNotes } from '../form/importNotes.ts';
import { type ImportEntry, ImportRefused, type ImportSource } from '../importer.ts';
import type { CutChat, CutFile } from '../reading/cutChat.ts';

export interface KeptFiles {
  /** By `fileKey`; files that could not be stored are absent. */
  readonly byKey: ReadonlyMap<string, FileReference>;
  readonly notes: readonly string[];
}

/** Identifies a file by its message and its index there. */
export const fileKey = (messageId: string, index: number): string => `${messageId} ${index}`;

/** Finds the entries of a source by the id with which their names begin. */
export class EntriesById {
  readonly #sorted: readonly { readonly name: string; readonly entry: ImportEntry }[];

  constructor({ entries }: ImportSource) {
    const named = entries.map((entry) => ({ name: entry.name.split('/').at(-1) ?? '', entry }));
    this.#sorted = named.sort((first, second) => compare(first.name, second.name));
  }

  find(id: string): ImportEntry | null {
    let [low, high] = [0, this.#sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(this.#sorted[middle]?.name ?? '', id) < 0) low = middle + 1;
      else high = middle;
    }
    const found = this.#sorted[low];
    // Another, longer id may begin with this one.
    if (!found?.name.startsWith(id) || /[a-z0-9]/i.test(found.name.charAt(id.length))) return null;
    return found.entry;
  }
}

/** By code units, like `startsWith`. */
function compare(first: string, second: string): number {
  if (first === second) return 0;
  return first < second ? -1 : 1;
}

export interface KeepingContext {
  readonly ownerId: string;
  readonly entries: EntriesById;
  readonly files: Pick<FileService, 'upload'>;
}

/** Most files of one message that are stored. */
const maxFilesOfMessage = 20;

export async function keepFiles(
  { filesOfMessages, contents }: Pick<CutChat, 'filesOfMessages' | 'contents'>,
  context: KeepingContext,
): Promise<KeptFiles> {
  const byKey = new Map<string, FileReference>();
  const notes = new ImportNotes();
  for (const { messageId, files } of filesOfMessages) {
    for (const [index, file] of files.slice(0, maxFilesOfMessage).entries()) {
      const kept = await keepFile(file, contents, context);
      if ('problem' in kept) notes.add(kept.problem, kept.reason);
      else byKey.set(fileKey(messageId, index), kept);
    }
    for (const _ of files.slice(maxFilesOfMessage)) notes.add('file beyond the 20th of a message');
  }
  return { byKey, notes: notes.toList() };
}

async function keepFile(
  file: CutFile,
  contents: CutChat['contents'],
  { ownerId, entries, files }: KeepingContext,
): Promise<FileReference | { readonly problem: string; readonly reason?: string }> {
  try {
    const content = await openContent(file, contents, entries);
    if (!content) return { problem: 'file that the export does not have' };
    return await files.upload({ ownerId, name: nameOf(file, content.entryName), chunks: content.chunks });
  } catch (error) {
    if (!(error instanceof RillError) && !(error instanceof ImportRefused)) throw error;
    return { problem: 'file that cannot be kept', reason: error.message };
  }
}

interface Content {
  readonly chunks: AsyncIterable<Uint8Array>;
  readonly entryName?: string;
}

async function openContent(
  { source }: CutFile,
  contents: CutChat['contents'],
  entries: EntriesById,
): Promise<Content | null> {
  const bytes = source.kind === 'content' ? contents[source.index] : null;
  if (bytes) return { chunks: inChunks(bytes) };
  const entry = source.kind === 'archive' ? entries.find(source.id) : null;
  return entry && { chunks: await entry.open(), entryName: entry.name };
}

/** Bytes that are hashed and written at once. */
const chunkBytes = 1024 * 1024;

async function* inChunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length || start === 0; start += chunkBytes) {
    yield bytes.subarray(start, start + chunkBytes);
    await setImmediate();
  }
}

/**
 * File names contain no line ends, no characters that change the text direction, and none that lead out of a folder.
 */
const strange = /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069/\\]/gu;

/** The stated name; where that is only the id, what the archive's name has behind it. */
function nameOf({ name, source }: CutFile, entryName = ''): string {
  const id = source.kind === 'archive' ? source.id : null;
  const base = entryName.split('/').at(-1) ?? '';
  const rest = id !== null && base.startsWith(id) ? base.slice(id.length).replace(/^[-_]+/, '') : '';
  const fromArchive = /^[^.]/.test(rest) ? rest : base;
  const stated = name === id ? fromArchive : name;
  return cleanName(stated.replace(strange, '_'), maxFileNameLength) || 'File';
}
