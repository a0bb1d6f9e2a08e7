/** Holds what all texts of a page share for drawing; created once and passed to each of them. */
import { Highlighters } from './code/highlightCode.ts';
import { Formulas } from './math/formulas.ts';
import { IdleWork } from './timing/idleWork.ts';
import { NearView } from './timing/nearView.ts';
import { Printing } from './timing/printing.ts';

export class PageDrawing {
  readonly printing = new Printing();
  readonly nearView = new NearView();
  readonly idle = new IdleWork();
  readonly highlighters = new Highlighters();
  readonly formulas = new Formulas(this.printing);
}
