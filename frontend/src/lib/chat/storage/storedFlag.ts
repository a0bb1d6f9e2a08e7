/** Stores a boolean that outlives the page, where storage allows it. */
import { createStoredText } from './storedText.ts';

export interface StoredFlag {
  value: boolean;
}

export function createStoredFlag(...key: Parameters<typeof createStoredText>): StoredFlag {
  const text = createStoredText(...key);
  return {
    get value() {
      return text.value === 'yes';
    },
    set value(next) {
      text.value = next ? 'yes' : 'no';
    },
  };
}
