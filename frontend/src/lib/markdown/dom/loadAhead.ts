/**
 * Loads what a text that is not drawn yet will need in a print, because nothing can be awaited once a print has begun.
 */
import type { PageDrawing } from './pageDrawing.ts';

const fence = /^[ \t>]*(?:`{3,}|~{3,})[ \t]*([\w+#-]+)/gm;
const formula = /\$|\\[([]/;
/** Every text that needs something to be loaded has one of them. */
const signs = ['```', '~~~', '$', '\\(', '\\['];

/** Returns a function that cancels it. What cannot be loaded stays plain. */
export function loadAhead(source: string, page: PageDrawing): () => void {
  if (!signs.some((sign) => source.includes(sign))) return () => undefined;
  return page.idle.run(load(source, page), () => undefined);
}

function* load(source: string, { highlighters, formulas }: PageDrawing): Generator<void, void> {
  yield;
  const languages = new Set([...source.matchAll(fence)].map(([, language = '']) => language));
  // A failed request is repeated when the block is drawn.
  for (const language of languages) void highlighters.load(language).catch(() => null);
  if (formula.test(source)) void formulas.load().catch(() => null);
}
