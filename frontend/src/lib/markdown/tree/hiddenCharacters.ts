/**
 * Makes characters visible that change code without being seen: direction overrides, tags, zero-width and control
 * characters, and many marks on one letter. The shown text is also what is copied, so nothing hidden reaches a terminal
 * or a file. Joiners and selectors that emoji and scripts need stay as they are.
 */

const candidate =
  /(?![\t\n])[\p{Cc}\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\u2028\u2029\ufff9-\ufffb]/u;
const candidateRun = new RegExp(`(?:${candidate.source})+`, 'gu');
/** More marks on one letter than any script has; a browser is slow to lay them out. */
const markedLetter = /([\p{M}\p{Emoji_Modifier}]{32})([\p{M}\p{Emoji_Modifier}]+)/gu;
const combiningMark = /[\p{M}\p{Emoji_Modifier}]/u;
/** A black flag with a region's tags, such as that of Scotland. */
const flagTags = /^[\u{e0030}-\u{e0039}\u{e0061}-\u{e007a}]{1,8}\u{e007f}/u;

/** True when `text` may have a character that `showHidden` writes out. */
export function mayHide(text: string): boolean {
  return candidate.test(text) || combiningMark.test(text);
}

/** The text with hidden characters written out, such as `‹U+202E›`; line by line the result is the same. */
export function showHidden(text: string): string {
  if (!mayHide(text)) return text;
  const withFewMarks = text.replace(markedLetter, (_, kept: string, more: string) => kept + writeOut(more));
  return withFewMarks.replace(candidateRun, (run: string, offset: number) => {
    const before = lastCharacter(text.slice(Math.max(0, offset - 2), offset));
    const [after = ''] = text.slice(offset + run.length, offset + run.length + 2);
    const kept = keptBeginning(run, before, after);
    return kept + writeOut(run.slice(kept.length));
  });
}

/**
 * The part of a run that belongs to the character before it: a selector, a joiner between two others, the tags of a
 * flag.
 */
function keptBeginning(run: string, before: string, after: string): string {
  const isPlainBefore = before === '' || before <= '\u007f';
  if (before === '\u{1f3f4}') return flagTags.exec(run)?.[0] ?? '';
  const selector = /^(?:[\ufe00-\ufe0f]|[\u{e0100}-\u{e01ef}])/u.exec(run)?.[0] ?? '';
  const isSelector = selector !== '' && (!isPlainBefore || (/[0-9#*]/.test(before) && selector === '\ufe0f'));
  const kept = isSelector ? selector : '';
  const rest = run.slice(kept.length);
  const isJoiner = (rest === '\u200d' || rest === '\u200c') && after > '\u007f';
  return isJoiner && (!isPlainBefore || kept !== '') ? run : kept;
}

function writeOut(run: string): string {
  return run.replace(/[\u{e0020}-\u{e007e}]{2,}|./gsu, (part) => {
    const codes = [...part].map((character) => character.codePointAt(0) ?? 0);
    const [code = 0] = codes;
    if (codes.length > 1) {
      return `‹hidden: ${codes.map((tag) => String.fromCodePoint(tag - 0xe0000)).join('')}›`;
    }
    if (code < 0x20) return String.fromCodePoint(0x2400 + code);
    if (code === 0x7f) return '\u2421';
    return `‹U+${code.toString(16).toUpperCase().padStart(4, '0')}›`;
  });
}

function lastCharacter(text: string): string {
  return [...text].at(-1) ?? '';
}
