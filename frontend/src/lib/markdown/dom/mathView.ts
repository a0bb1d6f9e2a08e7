/**
 * A formula to KaTeX's drawing, whose script is loaded when the first formula is complete. Until then, and when the
 * source is not TeX, the source itself is shown.
 */
import type { MathNode } from '../tree.ts';

/** Longer sources stay as they are: drawing one would hold up the page. */
const maxDrawnCharacters = 10_000;

export function createMath(node: MathNode): HTMLElement {
  const element = document.createElement(node.isDisplay ? 'div' : 'span');
  element.className = node.isDisplay ? 'math-display' : 'math-inline';
  element.dir = 'ltr';
  element.dataset.tex = node.source;
  const source = document.createElement('code');
  source.className = 'math-source';
  source.textContent = node.source;
  element.append(source);
  if (node.isClosed && node.source.length <= maxDrawnCharacters) void draw(element, node);
  return element;
}

/** KaTeX builds its nodes with createElement; `trust: false` leaves out links and pictures. */
async function draw(element: HTMLElement, node: MathNode): Promise<void> {
  const katex = await loadKatex().catch(() => null);
  if (!katex) return;
  const drawn = document.createElement('span');
  try {
    katex.render(node.source, drawn, {
      displayMode: node.isDisplay,
      trust: false,
      strict: 'ignore',
      maxSize: 20,
      maxExpand: 500,
      throwOnError: true,
    });
  } catch {
    element.classList.add('math-failed');
    return;
  }
  element.replaceChildren(drawn);
}

async function loadKatex() {
  const [{ default: katex }] = await Promise.all([import('katex'), import('katex/dist/katex.min.css')]);
  return katex;
}
