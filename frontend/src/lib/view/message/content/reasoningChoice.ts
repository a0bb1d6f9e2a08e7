/** Stores whether the user shows models' thinking: closed at first, then as it was last. */
import { browserStorage } from '../../../chat/storage/browserStorage.ts';
import { createStoredFlag, type StoredFlag } from '../../../chat/storage/storedFlag.ts';

export function readReasoningChoice(): StoredFlag {
  return createStoredFlag(browserStorage('localStorage'), 'rill:reasoning-open');
}
