/**
 * Bounds what a text can ask for. Each bound depends on the text of its block alone, so a streamed text and a whole one
 * meet it at the same position; what is beyond it is shown as it was written.
 */
import MarkdownIt, { type StateBlock, type StateInline } from 'markdown-it';

/** Quotes, lists and their items inside each other; a marker that would open one more is text. */
const maxContainerLevel = 48;
/** Characters with a meaning in one paragraph, heading or cell; one with more is shown as plain text. */
export const maxInlineMarks = 2000;
/** A character that may mean something inside a paragraph. */
export const inlineMark: RegExp = /[\\`*_~[\]!<&$]/g;

/** Characters of `text` that may mean something; counting stops behind `maxInlineMarks`. */
export function countMarks(text: string): number {
  let count = 0;
  for (const _ of text.matchAll(inlineMark)) {
    count += 1;
    if (count > maxInlineMarks) break;
  }
  return count;
}

type BlockRule = (state: StateBlock, startLine: number, endLine: number, isSilent: boolean) => boolean;

/** A markdown-it plugin for the block phase. Comes after all that add rules. */
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

/** A markdown-it plugin for the inline phase: brackets that nothing closes are not looked into. */
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

/** The block rule that markdown-it has under `name`. */
export function stockRule(name: string): BlockRule {
  const { ruler } = new MarkdownIt().block;
  ruler.enableOnly([name]);
  const [rule] = ruler.getRules('');
  if (!rule) throw new Error(`markdown-it has no rule ${name}`);
  return rule;
}

/**
 * No block begins with a letter but a table, and that shows in the line below. So for most lines the rules that may end
 * a paragraph, a quote or a list need not run: they would for each line at each level of nesting.
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
