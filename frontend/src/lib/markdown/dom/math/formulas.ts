/**
 * Draws all formulas of a page: loads KaTeX with the first one, and queues them, so that many formulas are not one long
 * task.
 */
import type { Printing } from '../timing/printing.ts';
import { type FormulaDrawing, loadFormulaDrawing } from './drawFormula.ts';
import { FormulaQueue } from './formulaQueue.ts';

export class Formulas {
  readonly #queue: FormulaQueue;
  /** Set once KaTeX is loaded; then nothing is awaited, because a print needs its formulas at once. */
  #drawing: FormulaDrawing | null = null;

  constructor(printing: Printing) {
    this.#queue = new FormulaQueue(printing);
  }

  async load(): Promise<FormulaDrawing> {
    this.#drawing ??= await loadFormulaDrawing();
    return this.#drawing;
  }

  /** Calls `draw` when its turn comes; never when the script cannot be loaded. */
  drawSoon(draw: (drawing: FormulaDrawing) => void): void {
    const add = (drawing: FormulaDrawing) => this.#queue.add(() => draw(drawing));
    if (this.#drawing) add(this.#drawing);
    else void this.load().then(add, () => undefined);
  }
}
