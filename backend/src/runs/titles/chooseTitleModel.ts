/** Chooses the model that writes titles: a small one, never the chat's own, which may be slow and expensive. */
import type { Model } from '@rill/protocol';

/** Small, cheap models of OpenRouter that answer without delay, in order of preference. */
const smallModels = [
  'google/gemini-2.5-flash-lite',
  'openai/gpt-4.1-nano',
  'openai/gpt-4o-mini',
  'mistralai/mistral-small-3.2-24b-instruct',
  'google/gemini-2.0-flash-001',
];

/** `setting` is a model's id, `off`, or '' for the first small model that the provider lists; null for no titles. */
export function chooseTitleModel(setting: string, models: readonly Model[]): string | null {
  if (setting === 'off') return null;
  if (setting !== '') return setting;
  return smallModels.find((small) => models.some(({ id }) => id === small)) ?? null;
}
