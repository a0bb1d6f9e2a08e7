/** Reads the simulator's list of 400 models for tests, as the server gives it. */
import { readFileSync } from 'node:fs';
import type { Model } from '@rill/protocol';

const kinds: Readonly<Record<string, string>> = { t: 'text', i: 'image', f: 'file', a: 'audio', v: 'video' };
const spell = (letters: string) => [...letters].flatMap((letter) => kinds[letter] ?? []);

export function manyModels(): Model[] {
  const path = new URL('../../../../../simulator/fixtures/models/catalogue.tsv', import.meta.url);
  const [, ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n');
  return lines.map((line): Model => {
    const [id = '', name = '', context, answer, prompt, completion, reads = '', writes = '', takes = ''] =
      line.split('\t');
    const usdPerToken = (usd: string | undefined) => (usd ? Number(usd) / 1_000_000 : null);
    return {
      id,
      name,
      contextLengthTokens: Number(context) || null,
      maxCompletionTokens: Number(answer) || null,
      promptUsdPerToken: prompt === '' ? null : (usdPerToken(prompt) ?? 0),
      completionUsdPerToken: completion === '' ? null : (usdPerToken(completion) ?? 0),
      isReasoning: takes.includes('r'),
      inputModalities: spell(reads),
      outputModalities: spell(writes),
      supportedParameters: takes.includes('f') ? ['tools'] : [],
    };
  });
}
