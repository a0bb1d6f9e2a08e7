/** Generates structure that a model which has fallen into a loop writes without end. */
import type { HostileText } from './hostileTexts.ts';

const repeated = (unit: string, count: number): string => unit.repeat(count);

/** Each kind `times` its usual length, and all of them in one text. */
export function endlessTexts(times: number): HostileText[] {
  const parts: Readonly<Record<string, string>> = {
    'a table with a long line below its head': `| a | b |\n|---|${repeated('-', 60_000 * times)}|\n| 1 | 2 |\n`,
    'lines without text and a letter': `${repeated('\n', 20_000 * times)}x\n`,
    'formulas that begin': repeated('\\(', 40_000 * times),
    'brackets that begin': repeated('[', 20_000 * times),
    'quotes inside each other': `${repeated('> ', 2000 * times)}deep`,
    'lists inside each other': `${repeated('- ', 2000 * times)}deep`,
    'emphasis that begins twice': repeated('*a_ ', 10_000 * times),
    'rows of a table': `|a|b|\n|-|-|\n${repeated('| a | b |\n', 5000 * times)}`,
    'empty rows of a table': `|a|b|\n|-|-|\n${repeated('||\n', 15_000 * times)}`,
    'items of a list': repeated('- a\n', 10_000 * times),
    'lines of code': `\`\`\`js\n${repeated('a = 1;\n', 6000 * times)}`,
    'short paragraphs': repeated('a\n\n', 15_000 * times),
    'one long paragraph': repeated('words and more ', 4000 * times),
    'blanks and a letter': `a${repeated(' ', 50_000 * times)}x`,
    'one long word': repeated('a', 50_000 * times),
    'formulas in line': repeated('$a$ ', 5000 * times),
  };
  const all = { ...parts, 'all of them': Object.values(parts).join('\n\n') };
  return Object.entries(all).map(([kind, text]) => ({
    kind: `endless, ${times} times: ${kind}`,
    text,
  }));
}
