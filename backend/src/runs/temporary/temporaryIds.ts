/**
 * Makes the ids of temporary chats and of all that is in them, which say what process start keeps them: any node can tell
 * whom to ask, and no database has to know.
 */
import { createHash } from 'node:crypto';

/** All of them have it; so has one other id of 65,536, which costs a look at the nodes. */
const tag = '7e3a';
const marked = new RegExp(`${tag}([0-9a-f]{6})$`);

/** What the ids of a process start end with. */
export const markOf = (bootId: string): string =>
  createHash('sha256').update(bootId).digest('hex').slice(0, 6);

/** The ids sort as those of `newId` do: what is replaced are random digits behind its time and its count. */
export function temporaryIds(newId: () => string, bootId: string): () => string {
  const end = tag + markOf(bootId);
  return () => newId().slice(0, -end.length) + end;
}

/** Null for an id that is of no temporary chat. */
export const readMark = (id: string): string | null => marked.exec(id)?.[1] ?? null;
