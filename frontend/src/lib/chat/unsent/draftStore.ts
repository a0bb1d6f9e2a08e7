/**
 * Stores unsent text per chat across reloads, a moment after it was typed and at once when the page is closed. Text
 * that the server does not have yet is stored per writer, so that no tab overwrites another's.
 */

import { isSame, type Written } from '../files/written.ts';

/** Whose draft it is; `chatId` null for the next new chat of the project. */
export interface DraftRef {
  readonly projectId: string;
  readonly chatId: string | null;
}

/** A text that the server did not have when it was kept. */
export interface UnsyncedDraft extends DraftRef, Written {
  readonly writer: string;
  /** The revision at the server that it was written on. */
  readonly revision: number;
  readonly editedAtMs: number;
}

export interface DraftStore {
  /** Names this tab to the server. */
  readonly writer: string;
  read(key: string): string;
  /** Writes within `draftDelayMs`. `unsynced`: the server does not have it yet. */
  write(key: string, text: string, unsynced?: Omit<UnsyncedDraft, 'writer' | 'content'>): void;
  /** The texts of all tabs that the server does not have, the newest first. */
  unsynced(): UnsyncedDraft[];
  /** The server has the text that this writer kept, unless another one was written since. */
  confirm(draft: UnsyncedDraft): void;
  /** Writes what still waits, now. */
  flush(): void;
}

/** Longest wait before typed text is in the browser's storage, in milliseconds. */
export const draftDelayMs = 200;

const unsyncedPrefix = 'rill:unsynced:';

/** `storage` may be missing or throw (blocked, full): then drafts live as long as the page. */
export function createDraftStore(storage: Storage | null, writer = ''): DraftStore {
  const waiting = new Map<string, string>();
  const waitingUnsynced = new Map<string, UnsyncedDraft>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    flushAll(waiting, (key, text) => {
      if (text === '') storage?.removeItem(storageKey(key));
      else storage?.setItem(storageKey(key), text);
      return storage !== null;
    });
    flushAll(waitingUnsynced, (key, draft) => {
      storage?.setItem(key, JSON.stringify(draft));
      return true;
    });
  };
  return {
    writer,
    read(key) {
      const unwritten = waiting.get(key);
      if (unwritten !== undefined) return unwritten;
      try {
        return storage?.getItem(storageKey(key)) ?? '';
      } catch {
        return '';
      }
    },
    write(key, text, unsynced) {
      waiting.set(key, text);
      if (unsynced) {
        const draft = { ...unsynced, writer, content: text };
        waitingUnsynced.set(unsyncedKey(draft), draft);
      }
      // Not postponed by further typing: otherwise a text that is typed without a pause would never be stored.
      timer ??= setTimeout(flush, draftDelayMs);
    },
    unsynced: () => readUnsynced(storage).sort((one, other) => other.editedAtMs - one.editedAtMs),
    confirm(draft) {
      const key = unsyncedKey(draft);
      const later = waitingUnsynced.get(key);
      if (later && !isSame(later, draft)) return;
      waitingUnsynced.delete(key);
      try {
        const [kept] = parse(storage?.getItem(key) ?? '');
        // What is in the storage is older than what waited to be written there.
        if (kept && (later || isSame(kept, draft))) storage?.removeItem(key);
      } catch {
        // Blocked storage holds none.
      }
    },
    flush,
  };
}

function flushAll<Value>(values: Map<string, Value>, write: (key: string, value: Value) => boolean): void {
  for (const [key, value] of values) {
    try {
      if (write(key, value)) values.delete(key);
    } catch {
      // A full or blocked storage: the text stays here and is tried again with the next draft.
    }
  }
}

function readUnsynced(storage: Storage | null): UnsyncedDraft[] {
  const keys = Array.from({ length: storage?.length ?? 0 }, (_, index) => storage?.key(index) ?? '');
  return keys
    .filter((key) => key.startsWith(unsyncedPrefix))
    .flatMap((key) => parse(storage?.getItem(key) ?? ''));
}

/** None for what an older or newer page has written otherwise. */
function parse(json: string): UnsyncedDraft[] {
  try {
    const value: unknown = JSON.parse(json);
    return isUnsynced(value) ? [value] : [];
  } catch {
    return [];
  }
}

function isUnsynced(value: unknown): value is UnsyncedDraft {
  if (typeof value !== 'object' || value === null) return false;
  const fields: Partial<Record<string, unknown>> = { ...value };
  return (
    ['projectId', 'writer', 'content'].every((name) => typeof fields[name] === 'string') &&
    (fields.chatId === null || typeof fields.chatId === 'string') &&
    ['revision', 'editedAtMs'].every((name) => typeof fields[name] === 'number')
  );
}

/** The key of a draft in this store. */
export const draftKeyOf = ({ projectId, chatId }: DraftRef): string => chatId ?? `new:${projectId}`;
const storageKey = (key: string) => `rill:draft:${key}`;
const unsyncedKey = (draft: DraftRef & Pick<UnsyncedDraft, 'writer'>) =>
  `${unsyncedPrefix}${draftKeyOf(draft)}:${draft.writer}`;
