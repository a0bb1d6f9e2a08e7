/**
 * Splits endless runs, which a browser would shape as one fragment at a cost that grows with the square of their
 * length: a letter with thousands of marks, or thousands of joined letters. The text stays the same; each fragment gets
 * its own box.
 */

/** More marks than any script puts on one letter. A longer run is cut into fragments of this many. */
const maxMarks = 32;
/** More letters than any word in a script that joins its letters. */
const maxJoinedLetters = 256;

const marks = String.raw`[\p{M}\p{Emoji_Modifier}\u200d]`;
const joinedScripts = ['Arab', 'Syrc', 'Mong', 'Nkoo', 'Adlm', 'Mand', 'Mani', 'Phag', 'Rohg', 'Sogd'];
const joinedLetters = `(?:(?=[\\p{L}\\p{M}])[${joinedScripts.map((script) => `\\p{scx=${script}}`).join('')}])`;

const endlessRun = new RegExp(`${marks}{${maxMarks + 1},}|${joinedLetters}{${maxJoinedLetters + 1},}`, 'u');
const endlessRuns = new RegExp(endlessRun.source, 'gu');
const fragment = new RegExp(`${marks}{1,${maxMarks}}|.{1,${maxJoinedLetters}}`, 'gsu');

/** Characters at the end of a text that decide whether an addition makes a run endless. */
export const endlessContext = 2 * maxJoinedLetters;

/** True when `text` has an endless run, which has to be cut. */
export function isEndless(text: string): boolean {
  return endlessRun.test(text);
}

/** The fragments of `text` in order, each with whether it gets a box of its own. */
export function cutEndless(text: string): { text: string; isBoxed: boolean }[] {
  const fragments: { text: string; isBoxed: boolean }[] = [];
  let end = 0;
  for (const run of text.matchAll(endlessRuns)) {
    if (run.index > end) fragments.push({ text: text.slice(end, run.index), isBoxed: false });
    for (const [part] of run[0].matchAll(fragment)) fragments.push({ text: part, isBoxed: true });
    end = run.index + run[0].length;
  }
  if (end < text.length) fragments.push({ text: text.slice(end), isBoxed: false });
  return fragments;
}
