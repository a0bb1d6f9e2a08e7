/**
 * Draws finished parts with the link definitions known so far, and draws them again when a missing one arrives.
 * Invariant: at the end every part is drawn as if each definition had been there from the beginning.
 */
import type { Token } from 'markdown-it';
import { createReferences, type MarkdownParser, type References } from '../grammar/createParser.ts';
import { renderTree } from '../tree/renderTree.ts';
import type { TreeNode } from '../tree/tree.ts';
import { inlineLength, type WorkBudget } from './workBudget.ts';

/** A finished block, item or row that may have to be drawn again. */
interface FinishedPart {
  readonly tokens: Token[];
  readonly siblings: TreeNode[];
  readonly index: number;
  /** Key of the block it is in. */
  readonly key: number;
}

/** Cost of drawing a part again, compared with grouping its blocks. */
const costOfRedrawing = 8;

export class LateDefinitions {
  readonly #parser: MarkdownParser;
  readonly #budget: WorkBudget;
  readonly #references: References = createReferences();
  /** For each label, the parts that looked it up in vain. */
  readonly #missed = new Map<string, Set<FinishedPart>>();
  /** Parts whose missing definition has arrived, and that are not drawn again yet. */
  readonly #stale = new Set<FinishedPart>();
  #redrawnCharacters = 0;

  constructor(parser: MarkdownParser, budget: WorkBudget) {
    this.#parser = parser;
    this.#budget = budget;
  }

  /** Characters of the parts that were drawn again. */
  get redrawnCharacters(): number {
    return this.#redrawnCharacters;
  }

  /** The definitions of all final blocks, to which a parser may add its own. */
  known(): References {
    return createReferences(this.#references);
  }

  draw(part: FinishedPart): TreeNode {
    this.#parser.parseInlines(part.tokens, this.#references, (label) => {
      const parts = this.#missed.get(label) ?? new Set<FinishedPart>();
      this.#missed.set(label, parts.add(part));
    });
    const [node = { kind: 'text', text: '' }] = renderTree(part.tokens, false);
    return node;
  }

  /** Makes the definitions inside final blocks known to the whole document; returns the labels that are new. */
  define(tokens: readonly Token[], references: References): string[] {
    const labels: string[] = [];
    for (const token of tokens) {
      const label = token.type === 'reference_definition' ? token.meta?.label : undefined;
      if (typeof label !== 'string' || this.#references[label] !== undefined) continue;
      const reference = references[label];
      if (reference === undefined) continue;
      this.#references[label] = reference;
      labels.push(label);
    }
    return labels;
  }

  /** Marks the finished parts that were missing one of `labels`, to be drawn again. */
  takeLabels(labels: readonly string[]): void {
    for (const label of labels) {
      for (const part of this.#missed.get(label) ?? []) this.#stale.add(part);
      this.#missed.delete(label);
    }
  }

  /**
   * Draws the marked parts again and returns the keys of their blocks. A part may be missing many labels whose
   * definitions arrive one by one: it is drawn again when the budget allows, or at the end.
   */
  redraw(isFinal: boolean): number[] {
    const keys: number[] = [];
    for (const part of this.#stale) {
      const length = inlineLength(part.tokens);
      if (!isFinal && !this.#budget.affords(length * costOfRedrawing)) break;
      this.#stale.delete(part);
      this.#budget.spend(length * costOfRedrawing);
      this.#redrawnCharacters += length;
      part.siblings[part.index] = this.draw(part);
      keys.push(part.key);
    }
    return keys;
  }
}
