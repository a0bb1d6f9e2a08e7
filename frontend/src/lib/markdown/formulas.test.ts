/** Tests which dollars are formulas, formulas over lines that look like blocks, and formulas with pipes in tables. */
import { describe, expect, test } from 'vitest';
import { cut, mismatch, treeHtml } from './markdownTestBench.ts';
import { parseDocument } from './parseDocument.ts';

const html = (markdown: string): string => treeHtml(parseDocument(markdown));
const formulasOf = (markdown: string): string[] =>
  [...html(markdown).matchAll(/<math>([\s\S]*?)<\/math>/g)].map(([, source = '']) =>
    source.replaceAll('&gt;', '>'),
  );

/** A shell's or a template's variable, dollar and braces included. */
const variable = (name: string): string => ['$', '{', name, '}'].join('');

describe('dollars that are not formulas', () => {
  test.each([
    `Join them as ${variable('a')}-${variable('b')} in the template.`,
    'Run echo $(date)/$(whoami) to see both.',
    "Old style: $('#a').val($('#b').val()) works too.",
    'Call $.ajax/$.get as you like.',
    'In a Makefile write $$ and $$ for one dollar each; PIDs are $$ in bash.',
    '$$ is the process id\nand $$ again.',
    'Rates: ($/PR)($/session) and a pattern ^\\s*$|^#.*$ in words.',
    'PHP: $[a]$[b]. Perl: $_/$!.',
    `export PATH=$HOME/bin:$PATH and ${variable('HOME')}/x:${variable('PATH')}`,
    'It costs $5, $10 or $1,000.50 a month, and US$3 or 4$ each.',
    'Between $20 and $30 per seat, $100k in all.',
    'cp $SRC/* $DST/ && echo "$?" $#',
    'The $foo and the $bar variables',
    'jq \'.a as $x | $x\' and awk "{print $1, $2}"',
  ])('%s', (markdown) => {
    expect(formulasOf(markdown)).toEqual([]);
    expect(html(markdown).match(/\$/g)?.length).toBe(markdown.match(/\$/g)?.length);
  });
});

describe('formulas', () => {
  test.each([
    ['$0$, $1$ and $-1$', ['0', '1', '-1']],
    ['$m-1$, $x_1$, $|x|$', ['m-1', 'x_1', '|x|']],
    ['for $f(x)$, $[0, 1)$ and $(a+b)^2$:', ['f(x)', '[0, 1)', '(a+b)^2']],
    ['$P(A|B)$ or $P(A \\mid B)$', ['P(A|B)', 'P(A \\mid B)']],
    ["$f'(x)$-axis, $n!$ ways, $x = 1.$", ["f'(x)", 'n!', 'x = 1.']],
    ['H$_2$O and x$^{2}$', ['_2', '^{2}']],
    ['$x^*$, $A^+$, $a_-$', ['x^*', 'A^+', 'a_-']],
    ['$\\{x\\}$, $\\alpha$ and $\\text{two words here}$', ['\\{x\\}', '\\alpha', '\\text{two words here}']],
    ['($x$), “$y$”。', ['x', 'y']],
    ['$a, b$ and $.5$', ['a, b', '.5']],
    ['the price is $5 and $x$ is a number', ['x']],
    ['$$ E $$ and $$a^2$$', ['E', 'a^2']],
    ['\\(a^2\\) and \\[b\\]', ['a^2', 'b']],
  ])('%s', (markdown, sources) => {
    expect(formulasOf(markdown)).toEqual(sources);
  });
});

describe('a formula of several lines', () => {
  test.each([
    ['\\[ a\n=\nb + c \\]', 'a\n=\nb + c'],
    ['$$ a + b\n- c\n+ d $$', 'a + b\n- c\n+ d'],
    ['\\[ x\n> y\n\\]', 'x\n> y'],
    ['$$x\n# y\n$$', 'x\n# y'],
    ['\\[\\begin{aligned}\na &= b\n\\end{aligned}\\]', '\\begin{aligned}\na &amp;= b\n\\end{aligned}'],
    ['words\n\\[ s\n= t \\]\nmore words', 's\n= t'],
    ['1. First\n   $$ u\n   = v $$\n2. Second', 'u\n= v'],
  ])('%j', (markdown, source) => {
    expect(formulasOf(markdown)).toEqual([source]);
    expect(html(markdown)).not.toMatch(/<h\d|<blockquote/);
  });

  test('a list around it keeps its numbers', () => {
    expect(html('1. First\n   $$\n   u = v\n   $$\n2. Second')).toBe(
      '<ol><li>First<math>u = v</math></li><li>Second</li></ol>',
    );
  });

  test.each(['\\[not a link](/foo)', '\\[x] a box\n\\[ ] another', '$$ one two\nthree $$'])(
    '%j is not one',
    (markdown) => {
      expect(formulasOf(markdown)).toEqual([]);
    },
  );

  test('without an end it stops at a blank line and shows its source', () => {
    const shown = html('\\[ a\n= b\n\nThe rest.');
    expect(shown).toContain('<p>The rest.</p>');
    expect(shown).toContain('a\n= b');
  });
});

describe('a row of a table with a pipe in a formula', () => {
  const cellsOf = (row: string): string[] =>
    [...html(`| a | b |\n| --- | --- |\n${row}`).matchAll(/<td>(.*?)<\/td>/g)].map(([, cell = '']) => cell);

  test.each([
    ['| absolute | $|x|$ |', ['absolute', '<math>|x|</math>']],
    ['| norm | $\\|v\\|$ |', ['norm', '<math>\\|v\\|</math>']],
    ['| given | $P(A | B)$ |', ['given', '<math>P(A | B)</math>']],
    ['| set | $\\{x | x \\in A\\}$ |', ['set', '<math>\\{x | x \\in A\\}</math>']],
    ['| brackets | \\(|x|\\) |', ['brackets', '<math>|x|</math>']],
    ['| code | `a \\| b` |', ['code', '<code>a | b</code>']],
    ['| $5 | $10 |', ['$5', '$10']],
    [`| ${variable('a')} | ${variable('b')} |`, [variable('a'), variable('b')]],
    ['| 5$ | 6$ |', ['5$', '6$']],
    ['| `$` | $x$ |', ['<code>$</code>', '<math>x</math>']],
  ])('%s has two cells', (row, cells) => {
    expect(cellsOf(row)).toEqual(cells);
  });
});

test('all texts streamed in slices of any size equal one parse', () => {
  const texts = [
    '\\[ a\n=\nb + c \\]\n\n$$ a + b\n- c\n+ d $$\n\n\\[ x\n> y\n\\]\n\nText\n\\[\ns = t\n\\]\nafter.',
    '- a\n  $$ u\n  = v $$\n- b\n\n> \\[ q\n> > r \\]\n\n\\[ open\n= still\n\nend',
    '| a | b |\n| --- | --- |\n| x | $|x|$ |\n| y | $P(A | B)$ |\n| $5 | $1 |\n\nCall $.ajax/$.get and $x$.',
  ];
  for (const text of texts) {
    for (const size of [1, 2, 3, 5, 17]) expect(mismatch(cut(text, size)), text).toBeNull();
  }
});
