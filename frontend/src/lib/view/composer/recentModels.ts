/** Remembers in this browser which models were chosen last. */
import type { Model } from '@rill/protocol';
import { browserStorage } from '../../chat/storage/browserStorage.ts';
import { createStoredText } from '../../chat/storage/storedText.ts';

const maxRemembered = 3;
const storedIds = () => createStoredText(browserStorage('localStorage'), 'rill:recent-models');

function readIds(): string[] {
  return (storedIds().value ?? '').split('\n').filter((id) => id !== '');
}

export function rememberModel(id: string): void {
  storedIds().value = [id, ...readIds().filter((other) => other !== id)].slice(0, maxRemembered).join('\n');
}

/** Those that are still offered, the last one first. */
export function recentModels(models: readonly Model[]): Model[] {
  return readIds().flatMap((id) => models.find((model) => model.id === id) ?? []);
}
