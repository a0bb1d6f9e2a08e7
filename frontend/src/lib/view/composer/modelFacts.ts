/** Says what decides between two models: context length, price, reasoning. What is not known is left out. */
import type { Model } from '@rill/protocol';
import { formatPricePerMillion, formatTokenCount } from '../strings/format.ts';
import { strings } from '../strings/strings.ts';

export function modelFacts(model: Model): string[] {
  const context = model.contextLengthTokens && formatTokenCount(model.contextLengthTokens);
  const reasoning = model.isReasoning && strings.models.reasoning;
  return [context, price(model), reasoning].filter((fact) => typeof fact === 'string');
}

function price({ promptUsdPerToken, completionUsdPerToken }: Model): string | null {
  if (promptUsdPerToken === null || completionUsdPerToken === null) return null;
  if (promptUsdPerToken === 0 && completionUsdPerToken === 0) return strings.models.free;
  return strings.models.price(
    formatPricePerMillion(promptUsdPerToken),
    formatPricePerMillion(completionUsdPerToken),
  );
}
