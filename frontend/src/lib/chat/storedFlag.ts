/** A yes or no that outlives the page, where storage allows it. */

export interface StoredFlag {
  value: boolean;
}

export function createStoredFlag(
  storage: Pick<Storage, 'getItem' | 'setItem'> | null,
  key: string,
): StoredFlag {
  let value = false;
  try {
    value = storage?.getItem(key) === 'yes';
  } catch {
    // Blocked storage: the flag starts as no.
  }
  return {
    get value() {
      return value;
    },
    set value(next) {
      value = next;
      try {
        storage?.setItem(key, next ? 'yes' : 'no');
      } catch {
        // Blocked or full storage: the flag holds until the page is closed.
      }
    },
  };
}
