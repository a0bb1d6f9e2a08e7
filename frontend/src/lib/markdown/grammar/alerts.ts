/**
 * Marks quotes that are alerts in GitHub's form: a quote whose first line is `[!NOTE]`, `[!TIP]`, `[!IMPORTANT]`,
 * `[!WARNING]` or `[!CAUTION]` alone. That line is removed from the quote's text, and its name is stored in `meta`.
 */
import type { Token } from 'markdown-it';

const alertLine = /^\[!(note|tip|important|warning|caution)\][ \t]*(?:\n|$)/i;

/** Changes block tokens in place, before their inlines are parsed. */
export function markAlerts(tokens: Token[]): void {
  for (let index = tokens.length - 3; index >= 0; index -= 1) {
    const [quote, paragraph, inline] = tokens.slice(index, index + 3);
    if (quote?.type !== 'blockquote_open' || paragraph?.type !== 'paragraph_open' || !inline) continue;
    const [line, name] = alertLine.exec(inline.content) ?? [];
    if (line === undefined || name === undefined) continue;
    quote.meta = { alert: name.toLowerCase() };
    inline.content = inline.content.slice(line.length).trimStart();
    if (inline.content === '') tokens.splice(index + 1, 3);
  }
}

/** Name of the alert that a `blockquote_open` token opens; undefined for a plain quote. */
export function alertOf({ meta }: Token): string | undefined {
  return typeof meta?.alert === 'string' ? meta.alert : undefined;
}
