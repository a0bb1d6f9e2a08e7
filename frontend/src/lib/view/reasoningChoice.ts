/** Whether this browser's reader likes to see what models think: closed until opened once, then as it was left last. */
import { browserStorage } from '../chat/browserStorage.ts';
import { createStoredFlag } from '../chat/storedFlag.ts';

export const reasoningChoice = createStoredFlag(browserStorage('localStorage'), 'rill:reasoning-open');
