/** Computes the speed of a model in one answer, for the medians in the list of models. Pure. */
import type { Message, Model } from '@rill/protocol';
import type { AnswerSpeed } from '../../store/runs.ts';

/** Over a shorter time, or fewer tokens, a rate is noise. */
const minWritingMs = 200;
const minTokens = 20;

export interface AskedModel {
  readonly model: string;
  readonly fallbackModels: readonly string[] | undefined;
}

/**
 * Null for an incomplete answer or an unknown model. A name that the provider does not list counts as the requested
 * model, unless a fallback may have answered.
 */
export function speedOf(
  { status, model: answered, timings, usage }: Message,
  asked: AskedModel,
  find: (model: string) => Model | null,
): AnswerSpeed | null {
  const { firstDeltaMs = null, totalMs = null } = timings ?? {};
  const hasFallbacks = (asked.fallbackModels ?? []).length > 0;
  const nameOf = (id: string) => find(id)?.id ?? null;
  const model =
    nameOf(answered ?? asked.model) ?? (hasFallbacks ? null : (nameOf(asked.model) ?? asked.model));
  if (status !== 'completed' || firstDeltaMs === null || totalMs === null || model === null) return null;
  const writingMs = totalMs - firstDeltaMs;
  const isCounted =
    usage && !usage.estimated && usage.completionTokens >= minTokens && writingMs >= minWritingMs;
  return {
    model,
    firstTextMs: firstDeltaMs,
    tokensPerSecond: isCounted ? (usage.completionTokens * 1000) / writingMs : null,
  };
}
