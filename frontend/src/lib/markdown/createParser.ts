/**
 * Markdown text to markdown-it tokens, in two separate steps: blocks, then the inlines of chosen blocks.
 * The grammar is markdown-it's own (CommonMark, tables, strikethrough, linkify) plus task lists; raw HTML is text.
 */
import MarkdownIt, { type Env, type Token } from 'markdown-it';
import { taskLists } from './taskLists.ts';

/** Link reference definitions by normalised label. */
export type References = NonNullable<Env['references']>;

export interface MarkdownParser {
  /**
   * Block phase only: tokens with empty inlines and hidden `reference_definition` tokens, top-level maps in lines
   * of `text`. New definitions are written into `references`; the first of a label wins.
   */
  parseBlocks(text: string, references: References): Token[];
  /**
   * Fills the inlines of `tokens` in place. `onMissed` gets every label that was looked up and is not defined.
   */
  parseInlines(tokens: Token[], references: References, onMissed?: (label: string) => void): void;
}

const options = { html: false, linkify: true, typographer: false } as const;

function createParser(): MarkdownParser {
  const blockParser = new MarkdownIt(options);
  blockParser.core.ruler.enableOnly(['block']);
  const inlineParser = new MarkdownIt(options);
  inlineParser.core.ruler.enableOnly(['inline', 'linkify', 'text_join']);
  inlineParser.core.ruler.push('task_lists', taskLists);

  return {
    parseBlocks(text, references) {
      return blockParser.parse(text, { references });
    },
    parseInlines(tokens, references, onMissed) {
      const env = { references: onMissed ? observeMisses(references, onMissed) : references };
      const state = new inlineParser.core.State('', inlineParser, env);
      state.tokens = tokens;
      inlineParser.core.process(state);
    },
  };
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
