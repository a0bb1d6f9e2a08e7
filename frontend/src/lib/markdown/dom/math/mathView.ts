/**
 * Turns a formula into KaTeX's drawing, whose script is loaded when the first formula is complete. The source is shown
 * until then, and also when it is not TeX or when drawing it would block the page.
 */
import type { MathNode } from '../../tree/tree.ts';
import type { MarkdownDrawing, MarkdownLabels } from '../markdownDrawing.ts';
import type { FormulaDrawing } from './drawFormula.ts';

export function createMath(node: MathNode, { labels, page }: MarkdownDrawing): HTMLElement {
  const element = document.createElement(node.isDisplay ? 'div' : 'span');
  element.className = node.isDisplay ? 'math-display' : 'math-inline';
  element.dir = 'ltr';
  element.dataset.tex = node.source;
  const source = document.createElement('code');
  source.className = 'math-source';
  source.textContent = node.source;
  element.append(source);
  // If the script cannot be loaded, the source stays.
  if (node.isClosed) page.formulas.drawSoon((drawing) => draw(drawing, element, node, labels));
  return element;
}

function draw(
  drawing: FormulaDrawing,
  element: HTMLElement,
  { source, isDisplay }: MathNode,
  labels: MarkdownLabels,
): void {
  const formula = drawing.draw(source, isDisplay);
  if (formula.kind === 'drawn') {
    const drawn = document.createElement('span');
    drawn.append(formula.node);
    element.replaceChildren(drawn);
    return;
  }
  element.classList.add('math-failed');
  if (formula.kind === 'refused') element.title = labels.formulaTooLarge;
}
