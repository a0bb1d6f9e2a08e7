/**
 * Generates texts that are made to be slow, deep or endless: one generator per kind, and random ones. The same seed
 * gives the same texts.
 */
import { seededRandom } from '../src/lib/markdown/markdownTestBench.ts';

export interface HostileText {
  readonly kind: string;
  readonly text: string;
}

type Generate = (characters: number) => string;

/** `unit` again and again. */
const run =
  (unit: string): Generate =>
  (characters) =>
    unit.repeat(Math.ceil(characters / unit.length)).slice(0, characters);

/** As many of `open` as of `close` around `middle`. */
const nest =
  (open: string, close: string, middle = 'a'): Generate =>
  (characters) => {
    const depth = Math.floor((characters - middle.length) / (open.length + close.length));
    return open.repeat(depth) + middle + close.repeat(depth);
  };

/** The first half of one kind, the second half of another. */
const then =
  (first: string, second: string): Generate =>
  (characters) =>
    run(first)(characters / 2) + run(second)(characters / 2);

const after =
  (head: string, unit: string, end = ''): Generate =>
  (characters) =>
    head + run(unit)(Math.max(0, characters - head.length - end.length)) + end;

/** Lines of which each is one deeper than the one before. */
const staircase =
  (step: string, marker: string): Generate =>
  (characters) => {
    const lines: string[] = [];
    for (let depth = 0, length = 0; length < characters; depth += 1) {
      const line = `${step.repeat(depth)}${marker}\n`;
      lines.push(line);
      length += line.length;
    }
    return lines.join('').slice(0, characters);
  };

const growing =
  (unit: string, end: string): Generate =>
  (characters) => {
    const parts: string[] = [];
    for (let count = 1, length = 0; length < characters; count += 1) {
      const part = unit.repeat(count) + end;
      parts.push(part);
      length += part.length;
    }
    return parts.join('').slice(0, characters);
  };

const wideTable =
  (columns: number, row: string): Generate =>
  (characters) =>
    after(`|${'a|'.repeat(columns)}\n|${'-|'.repeat(columns)}\n`, row)(characters);

const kinds: Readonly<Record<string, Generate>> = {
  'emphasis, opened': run('*a '),
  'emphasis, opened and underscored': run('*a_'),
  'emphasis, opened before brackets': run('*a ]'),
  'emphasis, opened, then closed otherwise': then('*a ', '_b_ '),
  'emphasis, opened, then closed otherwise, without blanks': then('*a', '_b_'),
  'emphasis, underscored': run('_a_'),
  'emphasis, underscored words': run('_a_ '),
  'emphasis, starred words': run('*a*'),
  'emphasis, mixed': run('a**b_c*'),
  'emphasis, closed only': run('a* '),
  'emphasis, threes': run('***a'),
  'emphasis, odd runs': run('*a**b***c'),
  'emphasis, growing runs': growing('*', 'a '),
  'emphasis, growing runs of underscores': growing('_', 'a'),
  'emphasis nested': nest('*a ', ' a*'),
  'emphasis nested, two kinds': nest('*a _b ', ' b_ a*'),
  'strong nested': nest('**a ', ' a**'),
  'stars around a letter': nest('*', '*'),
  'underscores around a letter': nest('_', '_'),
  'stars and underscores around a letter': nest('*_', '_*'),
  'stars before a letter': after('', '*', 'a'),
  'stars only': run('*'),
  'strikethrough nested': nest('~~a ', ' a~~'),
  'strikethrough, opened': run('~~a '),
  'strikethrough, alone': run('a~'),
  'strikethrough, long runs': nest('~', '~'),
  'brackets opened': run('['),
  'brackets opened with letters': run('[a'),
  'brackets closed': run(']'),
  'brackets nested': nest('[', ']'),
  'brackets nested with addresses': nest('[', '](b)'),
  'brackets, half a link': run('[a]('),
  'brackets, half a link with an address': run('[a](b'),
  'brackets, half a link with angles': run('[a](<b'),
  'brackets, half a link with a title': run('[a](b "'),
  'brackets and parentheses': after('[a](', '('),
  'brackets, parentheses nested': nest('[a](', ')'),
  'brackets, empty pairs': run('[]'),
  'brackets, pairs of pairs': run('[][]('),
  links: run('[a](b) '),
  'links with emphasis': run('[*a](b) '),
  'links, references missing': run('[a][b] '),
  'links, references missing and different': (characters) =>
    Array.from({ length: characters / 8 }, (_, index) => `[${index}] `).join(''),
  'pictures, half': run('![[]()'),
  'pictures opened': run('!['),
  'pictures opened with letters': run('![a'),
  'pictures nested': nest('![', '](b)'),
  pictures: run('![a](b) '),
  'autolinks opened': run('<a'),
  'autolinks opened with schemes': run('<https:'),
  'autolinks, long': after('<a:', 'b'),
  'angles opened': run('<'),
  'angles closed': run('>a'),
  'tags opened': run('<a b="c" '),
  tags: run('<a></a>'),
  'tags with attributes': after('<a', ' b=c'),
  'comments opened': run('<!--a'),
  'declarations opened': run('<!A '),
  'processing instructions opened': run('<?a'),
  'CDATA opened': run('<![CDATA[a'),
  CDATA: run('<![CDATA[a]]>'),
  entities: run('&amp;'),
  'entities, half': run('&am'),
  'entities, numbers without an end': after('&#', '1'),
  ampersands: run('&'),
  backslashes: run('\\'),
  'backslashes and letters': run('\\a'),
  'escaped stars': run('\\*'),
  'code, runs that grow': growing('`', 'a'),
  'code, runs that grow with blanks': growing('`', ' '),
  'code opened': run('`a``b```c'),
  'code, one and two': run('`a``'),
  code: run('`a` '),
  backticks: run('`'),
  'formulas opened with parentheses': run('\\('),
  'formulas opened with letters': run('\\(a'),
  'formulas opened with brackets': run('\\['),
  'formulas without letters': then('\\(', '\\)'),
  'formulas without letters, closed once': after('', '\\(', '\\)'),
  'formulas with brackets without letters': then('\\[', '\\]'),
  dollars: run('$'),
  'dollars with letters': run('$a'),
  'dollars with blanks': run('$ a '),
  'dollars, escaped': after('$', '\\$'),
  'dollars, double': run('$$a '),
  'dollars, double and single': run('$$a$'),
  'dollars with digits': run('$1a{'),
  'dollars with commands without an end': after('$1', '\\a{', '$'),
  'formulas in line': run('$a$ '),
  'formula block, open': after('$$\n', 'a\n'),
  'formula blocks, opened': run('$$\na\n\n'),
  'formula block, bracket, open': after('\\[\n', 'a\n'),
  addresses: run('https://a.b/ '),
  'addresses without an end': after('https://a.b/', 'c/'),
  'addresses without blanks': run('https://a.b'),
  'addresses in parentheses': after('https://a.b/', '('),
  'addresses, only schemes': run('http://'),
  'addresses, slashes': run('://'),
  'addresses, www': run('www.'),
  'names with dots': run('a.'),
  'names with dots and ends': run('a.com.'),
  'mail signs': run('@'),
  mail: run('a@b.co '),
  'mail without blanks': run('a@b.co'),
  'mail, half': run('a@'),
  blanks: run(' '),
  'blanks and a letter': after('', ' ', 'x'),
  'a letter, blanks and a letter': after('a', ' ', 'x'),
  'tabs and a letter': after('', '\t', 'x'),
  'blanks and tabs and a letter': after('', ' \t', 'x'),
  'unbreakable blanks and a letter': after('', '\u00A0', 'x'),
  'quote signs, blanks and a letter': after('> ', ' ', 'x'),
  'wide blanks and a letter': after('- ', '\u3000', 'x'),
  'lines of blanks': run('   \n'),
  'lines of blanks with letters': run('a   \n'),
  'hard breaks': run('a  \n'),
  'hard breaks, backslashes': run('a\\\n'),
  'lines without text': run('\n'),
  'carriage returns': run('\r'),
  'carriage returns and letters': run('a\r'),
  zeros: run('\0'),
  'a long word': run('a'),
  'a long line': run('words and more '),
  'a paragraph of many lines': run('words and more\n'),
  'many paragraphs': run('a\n\n'),
  'setext lines, single': run('a\n=\n'),
  'setext lines, dashes': run('a\n-\n'),
  'setext line after many': after('', 'a\n', '==='),
  'equal signs': run('='),
  dashes: run('-'),
  'dashes and a letter': after('', '-', 'x'),
  'dashes with blanks and a letter': after('', '- ', 'x'),
  'stars with blanks and a letter': after('', '* ', 'x'),
  rules: run('---\n'),
  headings: run('# a\n'),
  'headings, empty': run('#\n'),
  'heading with signs': after('# a', ' #', 'x'),
  hashes: run('#'),
  'quotes nested in a line': run('>'),
  'quotes nested in a line with blanks': after('', '> ', 'a'),
  'quotes nested in each line': (characters) => run(`${'> '.repeat(100)}a\n`)(characters),
  'quotes nested deeper than drawn in each line': (characters) => run(`${'>'.repeat(400)}a\n`)(characters),
  'quotes nested more and more': staircase('>', '> a'),
  'quotes and lazy lines': after('> > > > > > > > a\n', 'a\n'),
  'quotes nested, then lazy lines': (characters) =>
    `${'>'.repeat(characters / 2)}a\n${run('a\n')(characters / 2)}`,
  quotes: run('> a\n\n'),
  'quote of many lines': run('> a\n'),
  'quote, empty': run('>\n'),
  'code in a quote': after('> ```\n', '> a\n'),
  'lists nested in a line': after('', '- ', 'a'),
  'lists nested in a line, plus': after('', '+ ', 'a'),
  'lists nested in a line, numbered': after('', '1. ', 'a'),
  'lists nested': staircase('  ', '- a'),
  'lists nested, numbered': staircase('   ', '1. a'),
  'lists nested, apart': staircase('  ', '- a\n'),
  'lists and quotes nested in a line': after('', '> - ', 'a'),
  'lists, empty items': run('-\n'),
  'lists, items apart': run('- a\n\n'),
  'list of one long item': after('- a\n', '  b\n'),
  'list item of paragraphs': after('- a\n', '\n  b\n'),
  'list, other markers': run('- a\n+ a\n* a\n'),
  'lists that restart': run('1. a\n1) a\n'),
  'lists of code': run('- ```\n'),
  'task boxes': run('- [ ] a\n'),
  numbers: run('1.'),
  'a long number': after('', '1', '.'),
  'indented code': run('    a\n'),
  'indented code and blanks': run('    a\n\n'),
  'indented code in a list': after('- a\n\n', '      b\n'),
  'fence, open': after('```\n', 'a\n'),
  'fence, backticks': after('```\n', '``\n'),
  'fence, one long line': after('```\n', 'a b '),
  fences: run('```\n'),
  'fences, growing': growing('`', '\n'),
  'fences, tildes': run('~~~\na\n'),
  'fence, long word': after('```', 'a'),
  'fences with words': run('``` a`\n'),
  definitions: run('[a]: b\n'),
  'definitions that differ': (characters) =>
    Array.from({ length: characters / 12 }, (_, index) => `[${index}]: /u\n`).join(''),
  'definitions, half': run('[a]:\n'),
  'definitions, only labels': run('[a\n'),
  'definitions, label without an end': after('[', 'a '),
  'definitions, label of many lines': after('[', 'a\n'),
  'definitions, titles opened': run('[a]: b "\n'),
  'definitions, titles with parentheses': run('[a]: b (\n'),
  'definition, title of many lines': after('[a]: b "', 'c\n'),
  'definitions, then a title of many lines': (characters) =>
    run('[a]: b\n')(characters / 2) + after('[a]: b "', 'c\n')(characters / 2),
  'definitions with colons': run('[a]: b:c '),
  'references, then definitions': (characters) => {
    const count = Math.floor(characters / 18);
    const numbers = Array.from({ length: count }, (_, index) => index);
    return `${numbers.map((n) => `[${n}]`).join(' ')}\n\n${numbers.map((n) => `[${n}]: /u\n`).join('\n')}`;
  },
  'paragraphs of one reference, then its definition': after('', '[a] b\n\n', '[a]: /u\n'),
  'a table, empty rows': wideTable(2, '|\n'),
  'a table of three columns, empty rows': wideTable(3, '||||\n'),
  'a table of five columns, rows of one cell': wideTable(5, 'a\n'),
  'a table of twenty columns, empty rows': wideTable(20, '|\n'),
  'a table of two hundred columns, empty rows': wideTable(200, '|\n'),
  'a table of two thousand columns, empty rows': wideTable(2000, '|\n'),
  'a table of many columns': (characters) => wideTable(Math.floor(characters / 4), '')(characters),
  'a table, rows with text': wideTable(3, '| a | b | c |\n'),
  'a table, more cells than columns': wideTable(2, `${'|a'.repeat(200)}\n`),
  'a table, one endless row': after('|a|b|\n|-|-|\n', '|a'),
  'a table, blanks in cells': after('|a|b|\n|-|-|\n|', ' ', 'x'),
  'a table, escaped pipes': after('|a|b|\n|-|-|\n|', '\\|'),
  'table heads': run('|a|\n|-|\n'),
  tables: run('|a|\n|-|\n\n'),
  'table heads, only': run('|a|b|\n'),
  'table delimiters, only': run('|-|-|\n'),
  pipes: run('|'),
  'pipes with blanks': run('| '),
  'pipes in lines': run('a|b\n'),
  'colons and dashes': run(':-:|'),
  footnotes: run('[^1] '),
  'footnote definitions': run('[^1]: a\n'),
  'letters with marks': after('a', '\u0301'),
  'letters with many kinds of marks': after('a', '\u0301\u0316\u0327\u0334'),
  'vowels without a letter': run('\u102C'),
  'Arabic vowels': after('\u0628', '\u064B'),
  'Thai vowels': after('\u0E01', '\u0E31'),
  'joined letters': run('\u0628'),
  'joined letters with vowels': run('\u0628\u064B'),
  'skin tones': after('👩', '🏽'),
  joiners: run('👩\u200D'),
  emoji: run('👩‍👩‍👧‍👦'),
  'half characters': run('\uD83D'),
  'half characters and stars': run('*\uDC00'),
  'Chinese characters with stars': run('**中文**中'),
  'right to left': run('שלום *עולם '),
  'direction marks': run('\u202E*a'),
  dots: run('.'),
  'quotation marks': run('"a\' '),
  'exclamation marks': run('!'),
  braces: run('{a}'),
  circumflexes: run('^'),
  'dangerous addresses': run('[a](javascript:b) '),
  'data addresses': after('![a](data:image/png;base64,', 'A', ')'),
};

/** Every kind at about `characters`. */
export function hostileTexts(characters: number): HostileText[] {
  return Object.entries(kinds).map(([kind, generate]) => ({ kind, text: generate(characters) }));
}

const atoms = [
  ...[
    '*',
    '**',
    '_',
    '~~',
    '`',
    '``',
    '[',
    ']',
    '](',
    '](b)',
    '![',
    '(',
    ')',
    '<',
    '>',
    '<a',
    '<!--',
    '&',
    '&#',
  ],
  ...['\\', '\\(', '\\)', '\\[', '$', '$$', '|', '|-|', ':', '@', 'https://a.b', 'www.a', '.', '!', '"', "'"],
  ...[
    'a',
    'b ',
    ' ',
    '  ',
    '\t',
    '\n',
    '\n\n',
    '> ',
    '- ',
    '1. ',
    '    ',
    '#',
    '# ',
    '=',
    '---',
    '```',
    '~~~',
  ],
  ...['[a]: b', '\n|a|b|\n|-|-|\n', '[ ] ', '中', '\u0301', '\u00A0'],
];
const maxAtoms = 4;

/** `count` random kinds: a few atoms repeated, nested in each other, or one after the other. */
export function randomHostileTexts(seed: number, count: number, characters: number): HostileText[] {
  const random = seededRandom(seed);
  const atom = (): string => atoms[Math.floor(random() * atoms.length)] ?? '';
  const unit = (): string => Array.from({ length: 1 + Math.floor(random() * maxAtoms) }, atom).join('');
  return Array.from({ length: count }, () => {
    const [first, second, third] = [unit(), unit(), unit()];
    const shape = random();
    if (shape < 0.4) return { kind: `run ${JSON.stringify(first)}`, text: run(first)(characters) };
    if (shape < 0.6) {
      const kind = `nest ${JSON.stringify([first, third, second])}`;
      return { kind, text: nest(first, second, third)(characters) };
    }
    if (shape < 0.8) {
      return { kind: `then ${JSON.stringify([first, second])}`, text: then(first, second)(characters) };
    }
    const kind = `after ${JSON.stringify([first, second, third])}`;
    return { kind, text: after(first, second, third)(characters) };
  });
}
