/** Remembers the most recently chosen models in this browser. */
import { browserStorage } from '../../chat/storage/browserStorage.ts';
import { createStoredText } from '../../chat/storage/storedText.ts';

const maxRemembered = 5;
const storedIds = () => createStoredText(browserStorage('localStorage'), 'rill:recent-models');

/** The last one first. */
export function recentModelIds(): string[] {
  return (storedIds().value ?? '').split('\n').filter((id) => id !== '');
}

export function rememberModel(id: string): void {
  storedIds().value = [id, ...recentModelIds().filter((other) => other !== id)]
    .slice(0, maxRemembered)
    .join('\n');
}
