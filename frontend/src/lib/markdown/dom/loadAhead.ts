/** Loads what an undrawn text will need to be printed, because nothing can be awaited once a print has begun. */
import type { PageDrawing } from './pageDrawing.ts';
import { runWhenIdle } from './timing/runWhenIdle.ts';

const fence = /^[ \t>]*(?:`{3,}|~{3,})[ \t]*([\w+#-]+)/gm;
const formula = /\$|\\[([]/;
/** One of them is in every text that needs anything. */
const signs = ['```', '~~~', '$', '\\(', '\\['];

/** Returns what gives it up. What cannot be loaded stays plain. */
export function loadAhead(source: string, page: PageDrawing): () => void {
  if (!signs.some((sign) => source.includes(sign))) return () => undefined;
  return runWhenIdle(load(source, page), () => undefined);
}

function* load(source: string, { highlighters, formulas }: PageDrawing): Generator<void, void> {
  yield;
  const languages = new Set([...source.matchAll(fence)].map(([, language = '']) => language));
  // What fails is requested again when it is drawn.
  for (const language of languages) void highlighters.load(language).catch(() => null);
  if (formula.test(source)) void formulas.load().catch(() => null);
}
