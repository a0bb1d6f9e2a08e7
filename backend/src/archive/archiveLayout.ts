/** Names the entries of an archive, and reads and writes its text files line by line. */
import type { Readable } from 'node:stream';
import { refusal } from './archiveRecord.ts';

/** Version of the archive's form; a newer one is refused. */
export const archiveVersion = 1;
/** First entry: identifies an archive of Rill and its version. */
export const headName = 'rill.json';
export const projectsName = 'projects.ndjson';
/** The list of files and what refers to them; their bytes are separate entries, named by digest. */
export const filesName = 'files.ndjson';
export const contentName = (sha256: string): string => `files/${sha256}`;
/** Last entry: counts of what the archive contains and leaves out. */
export const summaryName = 'summary.json';
export const chatName = (chatId: string): string => `chats/${chatId}.ndjson`;

/** The id of the chat in this entry; null for any other entry. */
export const chatIdOf = (name: string): string | null =>
  /^chats\/([A-Za-z0-9-]{1,64})\.ndjson$/.exec(name)?.[1] ?? null;

export const isContentName = (name: string): boolean => /^files\/[0-9a-f]{64}$/.test(name);

/** Longest line, in UTF-16 units: a message with pictures from an older version takes some megabytes. */
const maxLineLength = 64 * 1024 * 1024;
/** Short lines are joined into parts of about this many UTF-16 units. */
const partLength = 64 * 1024;

/** Yields the lines of an entry. Errors: ImportRefused for a line that is too long. */
export async function* linesOf(stream: Readable): AsyncGenerator<string> {
  stream.setEncoding('utf8');
  let parts: string[] = [];
  let length = 0;
  for await (const chunk of stream as AsyncIterable<string>) {
    let start = 0;
    for (let end = chunk.indexOf('\n'); end !== -1; end = chunk.indexOf('\n', start)) {
      parts.push(chunk.slice(start, end));
      yield parts.join('');
      [parts, length, start] = [[], 0, end + 1];
    }
    parts.push(chunk.slice(start));
    length += chunk.length - start;
    if (length > maxLineLength) throw refusal('has a line that is longer than any message');
  }
  if (length > 0) throw refusal('ends in the middle of a line');
}

/** Joins lines into strings large enough for one write. */
export async function* textOf(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let part = '';
  for await (const line of lines) {
    part += `${line}\n`;
    if (part.length < partLength) continue;
    yield part;
    part = '';
  }
  if (part !== '') yield part;
}
