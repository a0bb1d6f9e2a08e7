/** Parses a finished text in steps that stay short however long the text is. */
import { type MarkdownChange, MarkdownStream } from './markdownStream.ts';
import type { TreeNode } from './tree/tree.ts';

/** What one step takes. Of the densest structure, rows without text, it is 1,000 rows, which a wide table lays out slowly. */
export const stepCharacters = 2000;

export interface WholeStep {
  readonly change: MarkdownChange;
  /** All top-level blocks that are finished so far. */
  readonly finishedNodes: readonly TreeNode[];
}

/** What is open at the end of a text that `isCut` is closed. */
export function* wholeTextSteps(source: string, isCut: boolean): Generator<WholeStep, void> {
  const stream = new MarkdownStream();
  const { finishedNodes } = stream;
  for (let offset = 0; offset < source.length; offset += stepCharacters) {
    yield { change: stream.append(source.slice(offset, offset + stepCharacters)), finishedNodes };
  }
  yield { change: stream.finish(isCut), finishedNodes };
}
