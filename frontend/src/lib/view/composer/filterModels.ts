/** Finds the models that fit what was typed: every word must be found in the name or the id, in any order. */
import type { Model } from '@rill/protocol';

export function filterModels(models: readonly Model[], query: string): readonly Model[] {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return models;
  return models.filter((model) => {
    const searched = `${model.name} ${model.id}`.toLowerCase();
    return words.every((word) => searched.includes(word));
  });
}
