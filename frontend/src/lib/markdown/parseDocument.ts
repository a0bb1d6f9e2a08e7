/** Turns a whole, finished text into its tree: at once, or in steps that are short enough for a busy page. */
import type { Token } from 'markdown-it';
import { createReferences, type MarkdownParser, markdownParser } from './grammar/createParser.ts';
import { groupBlocks } from './stream/blocks.ts';
import { renderTree } from './tree/renderTree.ts';
import type { TreeNode } from './tree/tree.ts';

/** Inline text that one step parses; parsing the blocks of the whole text is a single step. */
const charactersPerStep = 16_384;

/** One node per top-level block. */
export function parseDocument(text: string, parser: MarkdownParser = markdownParser): TreeNode[] {
  const steps = parseSteps(text, parser);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** Does the same in steps. */
export function* parseSteps(text: string, parser: MarkdownParser): Generator<void, TreeNode[]> {
  const references = createReferences();
  const tokens = parser.parseBlocks(text.replace(/\r\n?/g, '\n').replaceAll('\0', '\uFFFD'), references);
  for (const part of cutByLength(tokens)) {
    yield;
    parser.parseInlines(part, references);
  }
  yield;
  return groupBlocks(tokens).flatMap((block) => renderTree(block.tokens, false));
}

function cutByLength(tokens: readonly Token[]): Token[][] {
  const parts: Token[][] = [];
  let start = 0;
  let characters = 0;
  tokens.forEach((token, index) => {
    characters += token.type === 'inline' ? token.content.length : 0;
    if (characters < charactersPerStep && index < tokens.length - 1) return;
    parts.push(tokens.slice(start, index + 1));
    start = index + 1;
    characters = 0;
  });
  return parts;
}
