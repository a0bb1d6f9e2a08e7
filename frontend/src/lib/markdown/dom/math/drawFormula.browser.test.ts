import { beforeAll, describe, expect, test } from 'vitest';
import { messageStrings } from '../../../view/strings/messageStrings.ts';
import { MarkdownView } from '../markdownView.ts';
import { PageDrawing } from '../pageDrawing.ts';
import { type Formula, type FormulaDrawing, loadFormulaDrawing } from './drawFormula.ts';

let drawing: FormulaDrawing;
beforeAll(async () => {
  drawing = await loadFormulaDrawing();
});

const nested = (open: string, close: string, depth: number): string =>
  `${open.repeat(depth)}x${close.repeat(depth)}`;

/** The openings and closings of each kind of nesting. */
const nestings = {
  fractions: ['\\frac{1}{', '}'],
  'continued fractions': ['\\cfrac{1}{', '}'],
  roots: ['\\sqrt{', '}'],
  exponents: ['x^{', '}'],
  indices: ['x_{', '}'],
  groups: ['{', '}'],
  fences: ['\\left(', '\\right)'],
  hats: ['\\widehat{', '}'],
  'hats with exponents': ['\\hat{', '}^2'],
  'braces below': ['\\underbrace{', '}_{2}'],
  'braces above': ['\\overbrace{', '}^{2}'],
  lines: ['\\overline{', '}'],
  colours: ['\\color{red}{', '}'],
  texts: ['\\text{$', '$}'],
  bold: ['\\boldsymbol{', '}'],
  boxes: ['\\boxed{', '}'],
  arrows: ['\\xrightarrow{', '}'],
  stacks: ['\\overset{a}{', '}'],
  operators: ['\\operatorname*{a}_{', '}'],
  sums: ['\\sum_{', '}'],
} as const;

function draw(source: string): { formula: Formula; ms: number } {
  const startedAtMs = performance.now();
  const formula = drawing.draw(source, true);
  return { formula, ms: performance.now() - startedAtMs };
}

/** Lays it out, in the deepest nesting that Markdown has for it. */
function layOut({ formula }: { formula: Formula }): void {
  if (formula.kind !== 'drawn') return;
  const root = document.createElement('div');
  let host: HTMLElement = root;
  for (let depth = 0; depth < 60; depth += 1) {
    const quote = document.createElement('blockquote');
    host.append(quote);
    host = quote;
  }
  host.append(formula.node);
  document.body.append(root);
  expect(root.getBoundingClientRect().height).toBeGreaterThan(0);
  root.remove();
}

describe('a formula', () => {
  test.each(Object.entries(nestings))('with 100 levels of %s is drawn', (what, [open, close]) => {
    // Each of these levels takes two stacks.
    const isDouble = ['braces below', 'braces above', 'boxes', 'stacks'].includes(what);
    const drawn = draw(nested(open, close, isDouble ? 50 : 100));
    expect(drawn.formula.kind).toBe('drawn');
    layOut(drawn);
  });

  test.each(Object.entries(nestings))(
    'with any number of levels of %s does not crash the tab',
    { timeout: 60_000 },
    (_what, [open, close]) => {
      for (const depth of [120, 150, 200, 300, 500, 1000, 2000]) layOut(draw(nested(open, close, depth)));
    },
  );

  test.each([
    ['fractions', nested('\\frac{1}{', '}', 200)],
    ['roots', nested('\\sqrt{', '}', 300)],
    ['exponents', nested('x^{', '}', 500)],
    ['groups', nested('{', '}', 2400)],
    ['a long source', 'a'.repeat(6000)],
    ['a definition of 500 letters, used 100 times', `\\def\\a{${'b'.repeat(500)}}${'\\a'.repeat(100)}`],
    ['a command of 500 letters', `\\newcommand{\\a}{${'b'.repeat(500)}}${'\\a '.repeat(200)}`],
    ['a global definition', `\\gdef\\a{${'b'.repeat(500)}}${'\\a'.repeat(100)}`],
    ['a definition that doubles', `\\def\\a#1{#1#1}${'\\a{'.repeat(20)}x${'}'.repeat(20)}`],
    ['a definition that doubles what it has written', '\\def\\a#1.{\\a#1#1.}\\a x.'],
    ['a definition with many arguments', `\\def\\a#1{${'#1'.repeat(500)}}\\a{\\a{\\a{x}}}`],
    [
      'definitions of definitions',
      `${['\\def\\a{xx}', ...'bcdefghijklmnop'].reduce((all, name, index) => `${all}\\def\\${name}{${`\\${'abcdefghijklmnop'[index - 1]}`.repeat(2)}}`)}\\p`,
    ],
    ['expanded definitions', `\\def\\a{xx}${'\\edef\\a{\\a\\a}'.repeat(30)}\\a`],
    ['a definition of itself', '\\def\\a{\\a}\\a'],
    ['a let of a definition', `\\def\\a{${'b'.repeat(900)}}\\let\\c\\a ${'\\c'.repeat(100)}`],
    ['a wide matrix', `\\begin{matrix}${'&'.repeat(4000)}\\end{matrix}`],
    ['a large matrix', `\\begin{matrix}${`${'a&'.repeat(40)}\\\\`.repeat(40)}\\end{matrix}`],
  ])('with %s is refused quickly', (_what, source) => {
    const { formula, ms } = draw(source);
    expect(formula.kind).toBe('refused');
    // Refusing takes about ten; a machine that is busy with other tests needs more.
    expect(ms).toBeLessThan(2000);
  });

  test.each([
    ['definitions', '\\def\\v#1{\\mathbf{#1}}\\newcommand{\\mine}{\\mathbb{R}}\\v a \\in \\mine^n'],
    [
      'a definition with two arguments',
      '\\newcommand{\\p}[2]{\\frac{\\partial #1}{\\partial #2}}\\p{f}{x}+\\p{g}{y}',
    ],
    ['a definition inside a group', '{\\def\\a{b}\\a}+\\def\\a{c}\\a'],
    ['a let', '\\let\\a\\alpha \\a+\\a'],
    ['a matrix of twenty by twenty', `\\begin{pmatrix}${`${'1&'.repeat(19)}1\\\\`.repeat(20)}\\end{pmatrix}`],
    ['many lines', `\\begin{aligned}${'a &= b + c \\\\'.repeat(60)}\\end{aligned}`],
  ])('with %s is drawn', (_what, source) => {
    const drawn = draw(source);
    expect(drawn.formula.kind).toBe('drawn');
    layOut(drawn);
  });

  test('with definitions shows what they stand for', () => {
    const { formula } = draw('\\newcommand{\\p}[2]{#2 + #1 + #2}\\p{a}{b} = \\def\\q#1.{[#1]}\\q xy.');
    expect(formula.kind === 'drawn' ? formula.node.textContent : '').toMatch(/b\+a\+b=\[xy\]$/);
  });

  test('that is not TeX is reported as invalid, not as too large', () => {
    expect(draw('\\frac{').formula.kind).toBe('invalid');
    expect(draw('\\nothing').formula.kind).toBe('invalid');
  });

  test('has no rule longer than its bound', () => {
    const { formula } = draw('\\rule{9999em}{9999em}');
    const host = document.createElement('div');
    if (formula.kind === 'drawn') host.append(formula.node);
    expect(find(host, '.rule').style.borderRightWidth).toBe('20em');
  });
});

function find(root: ParentNode, selector: string): HTMLElement {
  const element = root.querySelector<HTMLElement>(selector);
  if (!element) throw new Error(`nothing matches ${selector}`);
  return element;
}

describe('formulas of a text', () => {
  test('that are refused show their source and the reason', async () => {
    const root = document.createElement('div');
    document.body.append(root);
    const view = new MarkdownView(root, {
      page: new PageDrawing(),
      labels: messageStrings.markdown,
      copyText: async () => true,
    });
    const source = nested('\\frac{1}{', '}', 200);
    view.update(`$$\n${source}\n$$\n\n$a^2$\n`, false);
    await expect.poll(() => root.querySelector('.katex')).not.toBeNull();
    const refused = root.querySelector<HTMLElement>('.math-failed');
    expect(refused?.textContent).toBe(source);
    expect(refused?.title).toBe(messageStrings.markdown.formulaTooLarge);
    view.destroy();
    root.remove();
  });

  test('are all drawn, however many there are', async () => {
    const root = document.createElement('div');
    document.body.append(root);
    const view = new MarkdownView(root, {
      page: new PageDrawing(),
      labels: messageStrings.markdown,
      copyText: async () => true,
    });
    view.update('$a^2$ and\n\n'.repeat(300), false);
    await expect.poll(() => root.querySelectorAll('.katex').length, { timeout: 20_000 }).toBe(300);
    view.destroy();
    root.remove();
  });
});
