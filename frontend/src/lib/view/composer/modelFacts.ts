/** Says what decides between two models: context length, price, reasoning. What is not known is left out. */
import type { Model } from '@rill/protocol';
import { dialogStrings } from '../strings/dialogStrings.ts';
import { formatPricePerMillion, formatTokenCount } from '../strings/format.ts';

export function modelFacts(model: Model): string[] {
  const context = model.contextLengthTokens && formatTokenCount(model.contextLengthTokens);
  const reasoning = model.isReasoning && dialogStrings.models.reasoning;
  return [context, price(model), reasoning].filter((fact) => typeof fact === 'string');
}

function price({ promptUsdPerToken, completionUsdPerToken }: Model): string | null {
  if (promptUsdPerToken === null || completionUsdPerToken === null) return null;
  if (promptUsdPerToken === 0 && completionUsdPerToken === 0) return dialogStrings.models.free;
  return dialogStrings.models.price(
    formatPricePerMillion(promptUsdPerToken),
    formatPricePerMillion(completionUsdPerToken),
  );
}
