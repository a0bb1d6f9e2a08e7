/** Reads the texts of the demo models from `simulator/fixtures/demoTexts`. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** A prepared answer, and the words in a message that select it. */
export interface KeyedText {
  readonly keywords: RegExp;
  readonly text: string;
}

/** A prepared answer with the reasoning before it. */
export interface Thought extends KeyedText {
  readonly reasoning: string;
}

/** The texts of the demo models. */
export interface DemoTexts {
  /** demo/long: more than 20,000 words that use every construct of markdown. */
  readonly almanac: string;
  readonly quick: readonly KeyedText[];
  readonly thoughts: readonly Thought[];
}

const folder = fileURLToPath(new URL('../../fixtures/demoTexts', import.meta.url));

/** Errors: rejects when a file is missing. */
export async function loadDemoTexts(): Promise<DemoTexts> {
  const read = (name: string): Promise<string> => readFile(`${folder}/${name}.md`, 'utf8');
  return {
    almanac: await read('almanac'),
    quick: readKeyedTexts(await read('quick')),
    thoughts: readKeyedTexts(await read('thinker')).map(readThought),
  };
}

/** Splits a file at its lines `<!-- when: pattern -->`; the pattern ignores case. */
function readKeyedTexts(file: string): KeyedText[] {
  const [, ...parts] = file.split(/^<!-- when: (.+) -->$/m);
  return parts.flatMap((pattern, index) =>
    index % 2 === 0 ? { keywords: new RegExp(pattern, 'i'), text: (parts[index + 1] ?? '').trim() } : [],
  );
}

/** The text before the line `<!-- answer -->` is the reasoning. */
function readThought({ keywords, text }: KeyedText): Thought {
  const [reasoning = '', answer = ''] = text.split('\n\n<!-- answer -->\n\n');
  return { keywords, reasoning, text: answer };
}
