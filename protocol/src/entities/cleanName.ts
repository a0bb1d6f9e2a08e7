/**
 * Turns a typed title or name into one line of visible characters, the same on both sides: without control characters,
 * line ends, and characters that change the direction of neighbouring text.
 */

/** Longest name, in UTF-16 units: 200 characters of two. */
export const maxNameLength = 400;

/** A surrogate without its other half. */
const halves = /\p{Cs}/gu;
const blanks = /[\p{Cc}\p{Z}\s]+/gu;
/**
 * Characters that embed, override or isolate a text direction, and signs that are invisible. Joiners of letters and
 * emoji stay, and so do plain direction marks, which affect only their neighbours.
 */
const hidden = /[\u00ad\u180e\u200b\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;
/** A visible character: no joiner, no mark without its letter, no filler. */
const visible = /[^\p{M}\p{Cf}\p{Cc}\p{Cs}\p{Z}\u115f\u1160\u2800\u3164\uffa0]/u;

/** One clean line of at most `maxLength` UTF-16 units; '' when nothing visible is left. */
export function cleanName(text: string, maxLength = maxNameLength): string {
  const line = cutAt(
    text.replace(halves, '\ufffd').replace(hidden, '').replace(blanks, ' ').trim(),
    maxLength,
  );
  return visible.test(line) ? line : '';
}

/** Cuts between two characters; inside one only if it alone is longer than the limit. */
export function cutAt(line: string, maxLength: number): string {
  if (line.length <= maxLength) return line;
  let kept = '';
  for (const character of charactersOf(line)) {
    if (kept.length + character.length > maxLength) break;
    kept += character;
  }
  return (kept || [...line.slice(0, maxLength)].slice(0, -1).join('')).trimEnd();
}

/** The characters of a line as readers count them. */
export const charactersOf = (line: string): string[] =>
  Array.from(new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(line), ({ segment }) => segment);
