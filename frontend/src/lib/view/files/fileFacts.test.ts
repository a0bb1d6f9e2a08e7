/** Tests what the chip of a file says before it is sent: pages, tokens, and the price or that it does not fit. */
import type { FileReference } from '@rill/protocol';
import { expect, test } from 'vitest';
import { fileFacts } from './fileFacts.ts';

const pdf: FileReference = {
  id: 'f1',
  name: 'paper.pdf',
  mediaType: 'application/pdf',
  sizeBytes: 2048,
  sha256: '0'.repeat(64),
  width: null,
  height: null,
  pageCount: 12,
  estimatedTokens: 10_000,
};
const model = {
  contextLengthTokens: 32_768,
  promptUsdPerToken: 0.000_002,
  inputModalities: ['text' as const],
};

test.each<[string, Partial<FileReference>, Partial<typeof model> | null, string]>([
  ['has its price', {}, {}, 'PDF · all 12 pages · ≈10,000 tokens · ≈$0.020'],
  ['has no price where none is known', {}, null, 'PDF · all 12 pages · ≈10,000 tokens'],
  [
    'says that it does not fit',
    { estimatedTokens: 40_000 },
    {},
    'PDF · all 12 pages · ≈40,000 tokens · too long for this model',
  ],
  [
    'says that nothing is known',
    { pageCount: null, estimatedTokens: null },
    {},
    'PDF 2 KB · size for the model unknown',
  ],
])('a PDF %s', (_, file, facts, expected) => {
  expect(fileFacts({ ...pdf, ...file }, facts && { ...model, ...facts }).join(' · ')).toBe(expected);
});
