/** Generates random runs for property tests: any mix of text and other events, any text, any ending. */
import fc from 'fast-check';
import type { Ending, Step } from './referenceRun.ts';

/** Text that is hard to cut: letters, line ends, quotes, surrogate pairs, combining characters and lone surrogates. */
export const arbitraryText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
  fc.constantFrom(
    '\n\n',
    '\r\n',
    'data: x\n\n',
    '"',
    '\\',
    '😀',
    '👩‍👩‍👧',
    'é',
    '\u2028',
    '\ufeff',
    '\0',
    'a\ud83db',
    'x\udc00y',
  ),
);

const arbitraryStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: arbitraryText.map((text): Step => ({ kind: 'chunk', text })) },
  { weight: 3, arbitrary: arbitraryText.map((text): Step => ({ kind: 'reasoning', text })) },
  fc
    .record({ url: fc.webUrl(), title: fc.string() })
    .map((annotation): Step => ({ kind: 'annotation', annotations: [annotation] })),
  fc.webUrl().map((url): Step => ({ kind: 'image', images: [{ url }] })),
  fc
    .record({ id: fc.uuid(), name: fc.string(), arguments: fc.json() })
    .map((toolCall): Step => ({ kind: 'tool-call', toolCalls: [toolCall] })),
);

const arbitraryNotice: fc.Arbitrary<Step> = fc.integer({ min: 2, max: 4 }).map((attempt) => ({
  kind: 'notice',
  notice: {
    code: 'retrying',
    error: {
      code: 'provider_unavailable',
      message: 'The model provider is not reachable or failed.',
      isRetryable: true,
    },
    attempt,
    delayMs: 500,
  },
}));

/** The steps of one run: notices come before everything else. */
export const arbitrarySteps: fc.Arbitrary<Step[]> = fc
  .tuple(fc.array(arbitraryNotice, { maxLength: 2 }), fc.array(arbitraryStep, { maxLength: 14 }))
  .map(([notices, steps]) => [...notices, ...steps]);

export const arbitraryEnding: fc.Arbitrary<NonNullable<Ending>> = fc.constantFrom(
  'completed',
  'cancelled',
  'failed',
  'interrupted',
);
