/** Describes a model by what decides between two: length, price, abilities, own speed. Unknown facts are omitted. */
import type { Model, ModelSpeed } from '@rill/protocol';
import { formatPricePerMillion, formatTokenCount } from '../strings/format.ts';
import { modelStrings } from './modelStrings.ts';

const { facts } = modelStrings;

export function modelFacts(model: Model, speed?: ModelSpeed): string[] {
  const { contextLengthTokens, inputModalities = [], outputModalities = [] } = model;
  return [
    contextLengthTokens && formatTokenCount(contextLengthTokens),
    price(model),
    speed && facts.speed(speed.firstTextMs, speed.tokensPerSecond),
    model.isReasoning && facts.reasoning,
    ...(['image', 'file', 'audio', 'video'] as const).map(
      (kind) => inputModalities.includes(kind) && facts.reads[kind],
    ),
    outputModalities.includes('image') && facts.draws,
  ].filter((fact) => typeof fact === 'string');
}

function price({ promptUsdPerToken, completionUsdPerToken }: Model): string | null {
  if (promptUsdPerToken === null || completionUsdPerToken === null) return null;
  if (promptUsdPerToken === 0 && completionUsdPerToken === 0) return facts.free;
  return facts.price(formatPricePerMillion(promptUsdPerToken), formatPricePerMillion(completionUsdPerToken));
}
