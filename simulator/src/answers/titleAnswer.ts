/** demo/title: names a conversation by the first words of its question. */
import type { Script } from '../script.ts';

const maxWords = 5;

/** `text` is Rill's request for a title: the question follows its first line. */
export function titleAnswer(text: string): Script {
  const question = text.replace(/^Message:\s*/u, '').split('\n', 1)[0] ?? '';
  const words = question
    .replace(/[?!.,;:]+/gu, '')
    .split(/\s+/u)
    .filter(Boolean)
    .slice(0, maxWords);
  const [first = 'A', ...more] = words;
  return [{ text: [first[0]?.toUpperCase() + first.slice(1), ...more].join(' ') }, { finish: 'stop' }];
}
