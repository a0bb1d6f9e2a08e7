/** What decides between two models, in a few words each: context length, price, reasoning. What is not known is left out. */
import type { Model } from '@rill/protocol';
import { formatPricePerMillion, formatTokenCount } from './format.ts';
import { text } from './text.ts';

export function modelFacts(model: Model): string[] {
  const context =
    model.contextLengthTokens && text.models.context(formatTokenCount(model.contextLengthTokens));
  const reasoning = model.isReasoning && text.models.reasoning;
  return [context, price(model), reasoning].filter((fact) => typeof fact === 'string');
}

function price({ promptUsdPerToken, completionUsdPerToken }: Model): string | null {
  if (promptUsdPerToken === null || completionUsdPerToken === null) return null;
  if (promptUsdPerToken === 0 && completionUsdPerToken === 0) return text.models.free;
  return text.models.price(
    formatPricePerMillion(promptUsdPerToken),
    formatPricePerMillion(completionUsdPerToken),
  );
}
