/** Stores a short text that outlives the page, where storage allows it. */

export interface StoredText {
  /** Null when there is none. */
  value: string | null;
}

export function createStoredText(
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | null,
  key: string,
): StoredText {
  let value: string | null = null;
  try {
    value = storage?.getItem(key) ?? null;
  } catch {
    // Blocked storage: there is none at first.
  }
  return {
    get value() {
      return value;
    },
    set value(next) {
      value = next;
      try {
        if (next === null) storage?.removeItem(key);
        else storage?.setItem(key, next);
      } catch {
        // Blocked or full storage: the text is kept until the page is closed.
      }
    },
  };
}
