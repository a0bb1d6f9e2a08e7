/** Applies an output limit to an answer: at most `maxTokens` deltas, then the finish reason `length`. */
import type { ScriptStep } from '../script.ts';
import { splitDeltas } from '../wire/splitDeltas.ts';

/** Cuts `text` steps at the limit; reasoning counts too. Steps that fit are returned unchanged. */
export function limitSteps(
  steps: readonly ScriptStep[],
  maxTokens: number | undefined,
): readonly ScriptStep[] {
  if (maxTokens === undefined) return steps;
  const kept: ScriptStep[] = [];
  let left = maxTokens;
  for (const step of steps) {
    if (!('text' in step)) {
      kept.push(step);
      continue;
    }
    const deltas = splitDeltas(step.text);
    if (deltas.length > left) {
      const text = deltas.slice(0, left).join('');
      return [
        ...kept,
        ...(text === '' ? [] : [{ ...step, text }]),
        { finish: 'length', nativeFinishReason: 'length' },
      ];
    }
    left -= deltas.length;
    kept.push(step);
  }
  return kept;
}
