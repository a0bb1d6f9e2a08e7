/** Reads and stores the user's choices about the behaviour of the page, in this browser. */
import { browserStorage } from '../../chat/storage/browserStorage.ts';
import { createStoredFlag, type StoredFlag } from '../../chat/storage/storedFlag.ts';

const readFlag = (key: string): StoredFlag => createStoredFlag(browserStorage('localStorage'), key);

/** Text is shown as soon as it comes, however it comes. */
export const readTextAtOnce = (): StoredFlag => readFlag('rill:text-at-once');
/** Text that grows fades in. */
export const readTextFades = (): StoredFlag => readFlag('rill:text-fades');
/** A long paste stays text in the field. */
export const readPastesInline = (): StoredFlag => readFlag('rill:pastes-inline');
/** What is typed outside of a text field is not for the composer. */
export const readTypingStays = (): StoredFlag => readFlag('rill:typing-stays');
