/** Lays out the list of models: those chosen last, then all of them. What was searched for is one list. */
import type { Model } from '@rill/protocol';
import { dialogStrings } from '../strings/dialogStrings.ts';

export type PickerRow =
  | { readonly type: 'heading'; readonly key: string; readonly words: string }
  | { readonly type: 'model'; readonly key: string; readonly model: Model };

/** Fewer models than this are seen at a glance. */
const minGroupedModels = 8;

export function pickerRows(
  found: readonly Model[],
  recent: readonly Model[],
  isSearched: boolean,
): PickerRow[] {
  const all = found.map((model): PickerRow => ({ type: 'model', key: model.id, model }));
  if (isSearched || recent.length === 0 || found.length < minGroupedModels) return all;
  return [
    { type: 'heading', key: 'recent', words: dialogStrings.models.recent },
    ...recent.map((model): PickerRow => ({ type: 'model', key: `recent ${model.id}`, model })),
    { type: 'heading', key: 'all', words: dialogStrings.models.all },
    ...all,
  ];
}
