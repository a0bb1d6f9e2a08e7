/** Parses a finished text in steps that stay short however long the text is. */
import { type MarkdownChange, MarkdownStream } from './markdownStream.ts';
import type { TreeNode } from './tree/tree.ts';

/**
 * Characters that one step parses. In the densest structure, rows without text, that is 1,000 rows, and a wide table
 * lays those out slowly.
 */
export const stepCharacters = 2000;

export interface WholeStep {
  readonly change: MarkdownChange;
  /** All top-level blocks that are finished so far. */
  readonly finishedNodes: readonly TreeNode[];
}

/** With `isCut`, constructs that are open at the end of the text are closed. */
export function* wholeTextSteps(source: string, isCut: boolean): Generator<WholeStep, void> {
  const stream = new MarkdownStream();
  const { finishedNodes } = stream;
  for (let offset = 0; offset < source.length; offset += stepCharacters) {
    yield { change: stream.append(source.slice(offset, offset + stepCharacters)), finishedNodes };
  }
  yield { change: stream.finish(isCut), finishedNodes };
}
