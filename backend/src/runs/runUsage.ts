/**
 * What a run used: the sum over its provider calls, because a call that failed and was repeated can be billed too.
 * The provider's own figures count where they are known; the whole is an estimate until they all are.
 */
import { sumUsage, type Usage } from '@rill/protocol';
import type { GenerationRow } from '../database/schema.ts';
import type { JsonObject } from '../llm/jsonValue.ts';
import { readUsage } from '../llm/usage.ts';
import { type AnswerSoFar, estimateUsage } from './estimateUsage.ts';

/** `generations` in the order of their attempts. Null when no provider took a call, so that nothing was used. */
export function usageOfRun(generations: readonly GenerationRow[], answer: AnswerSoFar): Usage | null {
  const taken = generations.filter((row) => row.generation_id !== null || row.usage_json !== null);
  const last = taken.at(-1);
  if (!last) return answer.content === '' && answer.reasoning === '' ? null : estimateUsage(answer);
  // Only the last call wrote text: what is repeated had shown nothing, and nothing is what it most likely costs.
  return sumUsage(taken.map((row) => knownUsage(row) ?? (row === last ? estimateUsage(answer) : null)));
}

function knownUsage({ usage_json }: GenerationRow): Usage | null {
  return usage_json === null ? null : readUsage(JSON.parse(usage_json) as JsonObject).normalised;
}
