/**
 * Unsent text per chat, kept across reloads. A draft is written after the writer pauses, and at once when the page
 * goes away, so a crash loses less than half a second of typing.
 */

export interface DraftStore {
  read(key: string): string;
  /** Writes after `draftIdleMs` without another call. */
  write(key: string, text: string): void;
  /** Writes what still waits, now. */
  flush(): void;
}

export const draftIdleMs = 400;

/** `storage` may be missing or throw (blocked, full): then drafts live as long as the page. */
export function createDraftStore(
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | null,
): DraftStore {
  const waiting = new Map<string, string>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const flush = () => {
    clearTimeout(timer);
    for (const [key, text] of waiting) {
      try {
        if (text === '') storage?.removeItem(storageKey(key));
        else storage?.setItem(storageKey(key), text);
        if (storage) waiting.delete(key);
      } catch {
        // A full or blocked storage: the text stays in `waiting` and is tried again with the next draft.
      }
    }
  };
  return {
    read(key) {
      const unwritten = waiting.get(key);
      if (unwritten !== undefined) return unwritten;
      try {
        return storage?.getItem(storageKey(key)) ?? '';
      } catch {
        return '';
      }
    },
    write(key, text) {
      waiting.set(key, text);
      clearTimeout(timer);
      timer = setTimeout(flush, draftIdleMs);
    },
    flush,
  };
}

const storageKey = (key: string) => `rill:draft:${key}`;
