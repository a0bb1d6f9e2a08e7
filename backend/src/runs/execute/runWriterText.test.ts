import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { openWriterBench, type WriterBench } from '../../../test/writerBench.ts';
import type { TextChannel } from '../../delivery/frameSource.ts';

let { writer, clock, held, live, appended }: WriterBench = openWriterBench();
beforeEach(() => {
  ({ writer, clock, held, live, appended } = openWriterBench());
});

describe('the text of a run', () => {
  it('never ends or starts inside a pair that was cut between two deltas', async () => {
    writer.addText('chunk', 'a\ud83d');
    expect(appended()).toEqual([['chunk:a']]);
    await held.last.succeed();
    clock.advance(25);
    writer.addText('chunk', '\ude00b');
    expect(appended()[1]).toEqual(['chunk:😀b']);
  });

  it('joins a pair of one channel although the other channel had text in between', async () => {
    held.succeedAlways();
    writer.addText('chunk', '\ud83d');
    writer.addText('reasoning', 'r');
    writer.addText('chunk', '\ude00');
    await writer.finish();
    expect([live.content, live.reasoning]).toEqual(['😀', 'r']);
  });

  it.each([
    ['half a pair at the end of the answer', ['a', '\ud83d'], 'a\ufffd'],
    ['a second half without a first', ['\ude00a'], '\ufffda'],
    ['a first half without a second', ['\ud83da'], '\ufffda'],
    ['two first halves', ['\ud83d', '\ud83d', '\ude00'], '\ufffd😀'],
    ['nothing', ['', ''], ''],
  ])('replaces an invalid character: %s', async (_, deltas, expected) => {
    held.succeedAlways();
    for (const delta of deltas) writer.addText('chunk', delta);
    await writer.finish();
    expect(live.content).toBe(expected);
  });

  it('is complete, in order and at the right positions, for any deltas, waits and commits', async () => {
    const delta = fc.record({
      channel: fc.constantFrom<TextChannel>('chunk', 'reasoning'),
      text: fc.oneof(
        fc.string({ unit: 'binary', maxLength: 6 }),
        fc.constantFrom('\ud83d', '\ude00', 'x'.repeat(5000)),
      ),
    });
    const step = fc.oneof(delta, fc.constant('commit' as const), fc.integer({ min: 1, max: 30 }));
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        ({ writer, clock, held, live } = openWriterBench());
        const added = { chunk: '', reasoning: '' };
        for (const each of steps) {
          if (typeof each === 'number') clock.advance(each);
          else if (each === 'commit') await held.appends.at(-1)?.succeed();
          else {
            added[each.channel] += each.text;
            writer.addText(each.channel, each.text);
          }
        }
        held.succeedAlways();
        const finished = writer.finish();
        await held.appends.at(-1)?.succeed();
        await finished;
        expect(live.content).toBe(added.chunk.toWellFormed());
        expect(live.reasoning).toBe(added.reasoning.toWellFormed());
        const records = held.appends.flatMap((append) => append.records);
        expect(records.map((record) => record.cursor.seq)).toEqual(records.map((_, index) => index + 2));
        expect(clock.pendingTimers).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});
