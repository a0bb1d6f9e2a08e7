/** Lays out the list of models: pinned ones, recent ones, all. The results of a search are one list. */
import type { Model } from '@rill/protocol';
import { modelStrings } from './modelStrings.ts';

export type PickerRow =
  | { readonly type: 'heading'; readonly key: string; readonly words: string }
  /** `isTyped`: a name that is in no list, as it was typed. */
  | { readonly type: 'model'; readonly key: string; readonly model: Model; readonly isTyped?: true };

export interface PickerLists {
  /** The models that were found, or all. */
  readonly found: readonly Model[];
  readonly pinned: readonly Model[];
  /** The last one first. */
  readonly recent: readonly Model[];
  readonly query: string;
}

/** Below this number a list needs no headings: it can be read at a glance. */
const minGroupedModels = 8;

export function pickerRows({ found, pinned, recent, query }: PickerLists): PickerRow[] {
  const all = found.map((model): PickerRow => ({ type: 'model', key: model.id, model }));
  if (query.trim() !== '') return [...all, ...typedRow(found, query.trim())];
  const pinnedIds = new Set(pinned.map(({ id }) => id));
  const others = recent.filter(({ id }) => !pinnedIds.has(id));
  if (found.length >= minGroupedModels || found.length === 0)
    return [
      ...group(modelStrings.pinned, 'pinned', pinned),
      ...group(modelStrings.recent, 'recent', others),
      ...(pinned.length + others.length > 0 && found.length > 0 ? [heading(modelStrings.all, 'all')] : []),
      ...all,
    ];
  const listed = new Set(found.map(({ id }) => id));
  const unlisted = pinned.filter(({ id }) => !listed.has(id));
  return [...unlisted.map((model): PickerRow => ({ type: 'model', key: model.id, model })), ...all];
}

const heading = (words: string, key: string): PickerRow => ({ type: 'heading', key, words });

function group(words: string, key: string, models: readonly Model[]): PickerRow[] {
  if (models.length === 0) return [];
  return [
    heading(words, key),
    ...models.map((model): PickerRow => ({ type: 'model', key: `${key} ${model.id}`, model })),
  ];
}

/** Any name can be used: presets, aliases and names with a suffix are in no list. */
function typedRow(found: readonly Model[], query: string): PickerRow[] {
  const isName = /^\S{1,200}$/.test(query) && !found.some(({ id }) => id === query);
  return isName ? [{ type: 'model', key: 'typed', model: unlistedModel(query), isTyped: true }] : [];
}

/** A model of which only the name is known. */
export function unlistedModel(id: string): Model {
  return {
    id,
    name: id,
    contextLengthTokens: null,
    maxCompletionTokens: null,
    promptUsdPerToken: null,
    completionUsdPerToken: null,
    isReasoning: false,
  };
}
