/**
 * Markdown text to markdown-it tokens, in two separate steps: blocks, then the inlines of chosen blocks.
 * The grammar is markdown-it's own (CommonMark, tables, strikethrough, linkify) plus task lists and maths; raw HTML
 * is text.
 */
import MarkdownIt, { type Env, type Token } from 'markdown-it';
import { blockFacts } from './blockFacts.ts';
import { maths } from './maths.ts';
import { markFirstInlines, taskLists } from './taskLists.ts';

/** Link reference definitions by normalised label. */
export type References = NonNullable<Env['references']>;

export interface MarkdownParser {
  /**
   * Block phase only: tokens with empty inlines and hidden `reference_definition` tokens, top-level maps in lines
   * of `text`, facts of `blockFacts.ts` in `meta`. New definitions are written into `references`; the first of a label
   * wins.
   */
  parseBlocks(text: string, references: References): Token[];
  /**
   * Fills the inlines of `tokens` in place, anew when they were filled before. `onMissed` gets every label that was
   * looked up and is not defined.
   */
  parseInlines(tokens: Token[], references: References, onMissed?: (label: string) => void): void;
  /** The same for text that is still written: addresses in plain text are not looked for. */
  parseOpenInlines(tokens: Token[], references: References): void;
}

const options = { html: false, typographer: false } as const;

function createParser(): MarkdownParser {
  const blockParser = new MarkdownIt(options).use(maths).use(blockFacts);
  blockParser.core.ruler.enableOnly(['block']);
  const inlineParser = createInlineParser(true);
  const openInlineParser = createInlineParser(false);

  return {
    parseBlocks(text, references) {
      const tokens = blockParser.parse(text, { references });
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
  const parser = new MarkdownIt({ ...options, linkify }).use(maths);
  parser.core.ruler.enableOnly(['inline', 'linkify', 'text_join']);
  parser.core.ruler.push('task_lists', taskLists);
  return parser;
}

function fillInlines(parser: StockParser, tokens: Token[], references: References): void {
  for (const token of tokens) {
    if (token.type === 'inline') token.children = [];
  }
  const state = new parser.core.State('', parser, { references });
  state.tokens = tokens;
  parser.core.process(state);
}

/** The one parser. It keeps nothing between calls. */
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

/** An empty set of definitions; a lookup that finds nothing here goes on to `outer`. */
export function createReferences(outer: References | null = null): References {
  return Object.create(outer);
}
