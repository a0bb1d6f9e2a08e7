/**
 * Bounds the work that a text can cause. Each bound depends only on the text of its block, so a streamed text and a
 * whole one reach it at the same position; text beyond it is shown unparsed.
 */
import MarkdownIt, { type StateBlock, type StateInline } from 'markdown-it';

/** Nested quotes, lists and items; the marker of a deeper one is text. */
const maxContainerLevel = 48;
/** Characters with a meaning in one paragraph, heading or cell; with more of them it is shown as plain text. */
export const maxInlineMarks = 2000;
/** A character that may mean something inside a paragraph. */
export const inlineMark: RegExp = /[\\`*_~[\]!<&$]/g;

/** Counts the characters of `text` that may have a meaning, up to just above `maxInlineMarks`. */
export function countMarks(text: string): number {
  let count = 0;
  for (const _ of text.matchAll(inlineMark)) {
    count += 1;
    if (count > maxInlineMarks) break;
  }
  return count;
}

type BlockRule = (state: StateBlock, startLine: number, endLine: number, isSilent: boolean) => boolean;

/** Adds the bounds of the block phase to markdown-it. Must come after all plugins that add rules. */
export function blockLimits(parser: InstanceType<typeof MarkdownIt>): void {
  const { ruler } = parser.block;
  for (const [name, alt] of containerRules) {
    const rule = stockRule(name);
    const bounded: BlockRule = (state, startLine, endLine, isSilent) =>
      state.level < maxContainerLevel && rule(state, startLine, endLine, isSilent);
    ruler.at(name, bounded, { alt: [...alt] });
  }
  skipWords(parser);
}

const containerRules = [
  ['blockquote', ['paragraph', 'reference', 'blockquote', 'list']],
  ['list', ['paragraph', 'reference', 'blockquote']],
] as const;

/** Adds the bounds of the inline phase to markdown-it: a bracket without a `]` after it begins no link. */
export function inlineLimits(parser: InstanceType<typeof MarkdownIt>): void {
  const { ruler } = parser.inline;
  for (const name of ['link', 'image']) {
    const rule = stockInlineRule(name);
    ruler.at(name, (state, isSilent) => mayBeginLabel(state) && rule(state, isSilent));
  }
}

function mayBeginLabel({ src, pos }: StateInline): boolean {
  const character = src[pos];
  return (character === '[' || character === '!') && src.includes(']', pos);
}

function stockInlineRule(name: string): (state: StateInline, isSilent: boolean) => boolean {
  const { ruler } = new MarkdownIt().inline;
  ruler.enableOnly([name]);
  const [rule] = ruler.getRules('');
  if (!rule) throw new Error(`markdown-it has no rule ${name}`);
  return rule;
}

/** markdown-it's own block rule named `name`. */
export function stockRule(name: string): BlockRule {
  const { ruler } = new MarkdownIt().block;
  ruler.enableOnly([name]);
  const [rule] = ruler.getRules('');
  if (!rule) throw new Error(`markdown-it has no rule ${name}`);
  return rule;
}

/**
 * Skips rules for lines that begin with a letter. Only a table can begin with one, and its second line reveals it.
 * Otherwise every rule that may end a paragraph, a quote or a list would run for each line at each level of nesting.
 */
function skipWords(parser: InstanceType<typeof MarkdownIt>): void {
  const { ruler } = parser.block;
  const getRules = ruler.getRules.bind(ruler);
  const known = new Map<string, BlockRule[]>();
  ruler.getRules = (chain) => {
    if (chain === '') return getRules(chain);
    let rules = known.get(chain);
    if (!rules) {
      const all = getRules(chain);
      rules = [
        (state, startLine, endLine, isSilent) =>
          mayBeginBlock(state, startLine) && all.some((rule) => rule(state, startLine, endLine, isSilent)),
      ];
      known.set(chain, rules);
    }
    return rules;
  };
}

function mayBeginBlock(state: StateBlock, line: number): boolean {
  return !/[A-Za-z]/.test(firstCharacter(state, line)) || /[-|:]/.test(firstCharacter(state, line + 1));
}

function firstCharacter({ src, bMarks, tShift }: StateBlock, line: number): string {
  return src.charAt((bMarks[line] ?? 0) + (tShift[line] ?? 0));
}
