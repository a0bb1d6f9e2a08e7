/**
 * Draws a formula with KaTeX, or refuses one that is too deep or too large for a quick layout. KaTeX's result is
 * measured before it becomes nodes of the page: a tree that is too deep crashes the whole tab.
 */

/** Longer sources are not parsed at all. */
const maxCharacters = 5000;
/** Nested groups in the source; parsing them needs a stack. */
const maxGroups = 220;
/** Nested elements. A fraction takes 7. */
const maxDepth = 800;
/**
 * Nested stacks: elements that put something above, below or inside something else. They cost a browser most: Chromium
 * lays out 120 of them, in a page as deep as Markdown allows, and ends the tab at 140. A fraction takes one.
 */
const maxStacks = 105;
const maxElements = 12_000;

interface BuiltFormula {
  readonly children?: readonly BuiltFormula[];
  readonly classes?: readonly string[];
  toNode(): Node;
}

export type Formula =
  | { readonly kind: 'drawn'; readonly node: Node }
  | { readonly kind: 'invalid' | 'refused' };

export interface FormulaDrawing {
  draw(source: string, isDisplay: boolean): Formula;
}

/** Loads KaTeX, which builds its nodes with createElement; `trust: false` excludes links and pictures. */
export async function loadFormulaDrawing(): Promise<FormulaDrawing> {
  const [{ default: katex }, { createFormulaMacros }] = await Promise.all([
    import('katex'),
    import('./formulaMacros.ts'),
    import('katex/dist/katex.min.css'),
  ]);
  const build = (source: string, displayMode: boolean): BuiltFormula | null => {
    // KaTeX documents this access to its tree; its types omit it.
    const toTree: unknown = Reflect.get(katex, '__renderToDomTree');
    if (typeof toTree !== 'function') throw new TypeError('KaTeX builds no tree');
    const tree: unknown = Reflect.apply(toTree, katex, [
      source,
      {
        displayMode,
        trust: false,
        strict: 'ignore',
        maxSize: 20,
        maxExpand: 500,
        throwOnError: true,
        macros: createFormulaMacros(),
      },
    ]);
    return isBuilt(tree) ? tree : null;
  };
  return {
    draw(source, isDisplay) {
      if (source.length > maxCharacters || groupDepth(source) > maxGroups) return { kind: 'refused' };
      try {
        const built = build(source, isDisplay);
        if (!built) return { kind: 'invalid' };
        return fits(built) ? { kind: 'drawn', node: built.toNode() } : { kind: 'refused' };
      } catch (error) {
        // Too deep for the stack, or beyond a limit of the macros or of KaTeX; any other error means that it is not
        // TeX.
        const isRefused = error instanceof RangeError || /Too many expansions/.test(String(error));
        return { kind: isRefused ? 'refused' : 'invalid' };
      }
    },
  };
}

function isBuilt(value: unknown): value is BuiltFormula {
  return (
    typeof value === 'object' && value !== null && 'toNode' in value && typeof value.toNode === 'function'
  );
}

function groupDepth(source: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [character] of source.matchAll(/[{}]/g)) {
    depth += character === '{' ? 1 : -1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

function fits(formula: BuiltFormula): boolean {
  let count = 0;
  const open = [{ built: formula, depth: 1, stacks: 0 }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { built, depth } = next;
    const stacks = next.stacks + (built.classes?.includes('vlist-t') ? 1 : 0);
    count += 1;
    if (depth > maxDepth || stacks > maxStacks || count > maxElements) return false;
    for (const child of built.children ?? []) open.push({ built: child, depth: depth + 1, stacks });
  }
  return true;
}
