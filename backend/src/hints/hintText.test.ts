import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { TemporaryNews } from './hints.ts';
import { parseText, type Signal, toTexts } from './hintText.ts';

const id = fc.stringMatching(/^[A-Za-z0-9-]{1,64}$/);
const revision = fc.nat();
function news(): fc.Arbitrary<TemporaryNews> {
  const chat = { projectId: id, chatId: id };
  return fc.oneof(
    fc.record({
      type: fc.constantFrom('chat-delete' as const, 'messages-change' as const),
      data: fc.record(chat),
    }),
    fc.record({ type: fc.constant('queue-change' as const), data: fc.record({ ...chat, revision }) }),
    fc.record({
      type: fc.constant('draft-change' as const),
      data: fc.record({ ...chat, revision, writer: id }),
    }),
  );
}
const signal: fc.Arbitrary<Signal> = fc.oneof(
  fc.record({ type: fc.constant('appended' as const), runId: id }),
  fc.record({ type: fc.constant('cancelled' as const), runId: id }),
  fc.record({ type: fc.constant('followed' as const), runId: id, bootId: id }),
  fc.record({ type: fc.constant('temporary-change' as const), ownerId: id, event: news() }),
  fc.record({ type: fc.constant('ping' as const), number: fc.nat() }),
);

it('restores the hints of any list from texts that Postgres accepts', () => {
  fc.assert(
    fc.property(fc.array(signal, { maxLength: 400 }), (signals) => {
      const texts = toTexts(signals);
      expect(texts.flatMap(parseText)).toEqual(signals);
      for (const text of texts) expect(Buffer.byteLength(text)).toBeLessThan(8000);
    }),
    { numRuns: 50 },
  );
});

it.each([
  '',
  'x',
  'null',
  '{}',
  '[["a"]]',
  '[["z","id"]]',
  '[["a","a run with spaces"]]',
  '[["f","run"]]',
  '[["p",-1]]',
  '[["t","me","chat-change","p","c"]]',
  `[["a","${'x'.repeat(65)}"]]`,
  `[${'["a","x"],'.repeat(900)}["a","x"]]`,
])('finds no hint in foreign text (%#)', (text) => {
  expect(parseText(text)).toEqual([]);
});
