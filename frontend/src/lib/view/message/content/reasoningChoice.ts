/** Remembers whether the browser's user likes to see what models think: closed until opened once, then as it was left last. */
import { browserStorage } from '../../../chat/storage/browserStorage.ts';
import { createStoredFlag, type StoredFlag } from '../../../chat/storage/storedFlag.ts';

export function readReasoningChoice(): StoredFlag {
  return createStoredFlag(browserStorage('localStorage'), 'rill:reasoning-open');
}
