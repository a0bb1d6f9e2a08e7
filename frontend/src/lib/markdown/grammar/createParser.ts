/**
 * Turns Markdown text into markdown-it tokens in two separate steps: blocks, then the inlines of chosen blocks. The
 * grammar is markdown-it's own (CommonMark, tables, strikethrough, linkify) plus task lists, alerts, maths, emphasis
 * beside CJK punctuation and `<br>`; all other raw HTML is text.
 */
import MarkdownIt, { type Env, type Token } from 'markdown-it';
import cjkFriendly from 'markdown-it-cjk-friendly';
import { markAlerts } from './alerts.ts';
import { bareLinks } from './bareLinks.ts';
import { blockFacts } from './blockFacts.ts';
import { blockLimits, countMarks, inlineLimits, maxInlineMarks } from './limits.ts';
import { lineBreaks } from './lineBreaks.ts';
import { maths } from './maths.ts';
import { tables } from './tables.ts';
import { markFirstInlines, taskLists } from './taskLists.ts';

/** Link reference definitions by normalised label. */
export type References = NonNullable<Env['references']>;

export interface MarkdownParser {
  /**
   * Runs only the block phase: tokens with empty inlines and hidden `reference_definition` tokens, line maps of
   * top-level blocks in lines of `text`, facts of `blockFacts.ts` in `meta`. Adds new definitions to `references`; the
   * first one for a label wins.
   */
  parseBlocks(text: string, references: References): Token[];
  /**
   * Fills the inlines of `tokens` in place, again if they were filled before. `onMissed` receives every label that was
   * looked up and is not defined.
   */
  parseInlines(tokens: Token[], references: References, onMissed?: (label: string) => void): void;
  /** Does the same for text that is still written: addresses in plain text are not linked. */
  parseOpenInlines(tokens: Token[], references: References): void;
}

const options = { html: false, typographer: false } as const;

function createParser(): MarkdownParser {
  const blockParser = new MarkdownIt({ ...options, maxNesting: Number.POSITIVE_INFINITY })
    .use(maths)
    .use(tables)
    .use(blockFacts)
    .use(blockLimits);
  blockParser.core.ruler.enableOnly(['block']);
  const inlineParser = createInlineParser(true);
  const openInlineParser = createInlineParser(false);

  return {
    parseBlocks(text, references) {
      const tokens = blockParser.parse(text, { references });
      markAlerts(tokens);
      markFirstInlines(tokens);
      return tokens;
    },
    parseInlines(tokens, references, onMissed) {
      fillInlines(inlineParser, tokens, onMissed ? observeMisses(references, onMissed) : references);
    },
    parseOpenInlines(tokens, references) {
      fillInlines(openInlineParser, tokens, references);
    },
  };
}

type StockParser = InstanceType<typeof MarkdownIt>;

function createInlineParser(linkify: boolean): StockParser {
  const parser = new MarkdownIt({ ...options, linkify })
    .use(maths)
    .use(lineBreaks)
    .use(bareLinks)
    .use(cjkFriendly)
    .use(inlineLimits);
  parser.core.ruler.enableOnly(['inline', 'linkify', 'text_join']);
  parser.core.ruler.push('task_lists', taskLists);
  return parser;
}

function fillInlines(parser: StockParser, tokens: Token[], references: References): void {
  const state = new parser.core.State('', parser, { references });
  state.tokens = tokens.filter((token) => {
    if (token.type !== 'inline') return false;
    token.children = [];
    if (!hasTooManyMarks(token.content)) return true;
    const text = new state.Token('text', '', 0);
    text.content = token.content;
    token.children.push(text);
    return false;
  });
  parser.core.process(state);
}

/**
 * True for a text with so many marks that markdown-it is slow: some of its searches cost more with each earlier mark.
 */
function hasTooManyMarks(text: string): boolean {
  return text.length > maxInlineMarks && countMarks(text) > maxInlineMarks;
}

/** The parser that all code shares. It keeps nothing between calls. */
export const markdownParser: MarkdownParser = createParser();

function observeMisses(references: References, onMissed: (label: string) => void): References {
  return new Proxy(references, {
    get(target, label) {
      const reference = typeof label === 'string' ? target[label] : undefined;
      if (reference === undefined && typeof label === 'string') onMissed(label);
      return reference;
    },
  });
}

/** Makes an empty set of definitions; a lookup that finds nothing in it continues in `outer`. */
export function createReferences(outer: References | null = null): References {
  return Object.create(outer);
}
