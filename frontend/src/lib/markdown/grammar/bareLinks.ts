/**
 * Adds a rule to markdown-it: addresses in plain text end before punctuation of Chinese, Japanese and Korean, and a
 * package with its version (`react@18.2.0`) is not a mail address.
 */
import type MarkdownIt from 'markdown-it';

/**
 * Characters that end an address, besides those of linkify-it: full-width and ideographic punctuation, and curly
 * quotes.
 */
const separators =
  /[><\uff5c\u3000-\u3003\u3008-\u3011\u3014-\u301f\u30fb\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\u2018-\u201f\u2026]/;

export function bareLinks(parser: InstanceType<typeof MarkdownIt>): void {
  const expressions = parser.linkify.re;
  expressions.get_text_separators = () => separators;
  const mailHost = expressions.get_fuzzy_mail_host().source;
  // A version begins with two numbers, and no top-level domain is a number.
  const packageVersion = '(?!v?\\d+[.][\\dx*])';
  const mailHostWithName = new RegExp(`${packageVersion}${mailHost}(?<=[.][^.\\d\\s][^.\\s]*)`);
  expressions.get_fuzzy_mail_host = () => mailHostWithName;
}
