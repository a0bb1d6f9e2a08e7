/** Tests that the view is the same however a run's frames are cut, repeated and caught up with. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arbitraryEnding, arbitrarySteps } from '../../conformance/arbitrarySteps.ts';
import { buildLog, catchUpFrames, catchUpFromMessage } from '../../conformance/referenceRun.ts';
import { sampleIds } from '../../conformance/sampleEntities.ts';
import { type Cursor, startOfRun } from './cursor.ts';
import { emptyRunView, foldFrame, isEnded, type RunView } from './fold.ts';
import type { RunFrame } from './runFrames.ts';

const start = emptyRunView(sampleIds.runId);
const foldAll = (view: RunView, frames: readonly RunFrame[]): RunView => frames.reduce(foldFrame, view);

/** Where each connection breaks: how far the log has come, and how many of its frames arrive. */
const arbitraryCuts = fc.array(fc.record({ written: fc.nat(18), arrives: fc.nat(18) }), { maxLength: 6 });

describe('foldFrame', () => {
  test('a run that is read at once has the text of its terminal message before that arrives', () => {
    fc.assert(
      fc.property(arbitrarySteps, arbitraryEnding, (steps, ending) => {
        const log = buildLog(steps, ending);
        const before = foldAll(start, log.slice(0, -1));
        const after = foldAll(start, log);
        expect(isEnded(before)).toBe(false);
        expect(after.status).toBe(ending);
        expect([before.content, before.reasoning]).toEqual([after.content, after.reasoning]);
        expect(before.annotations).toEqual(after.annotations);
      }),
    );
  }, 60_000);

  test.each(['the cursor of the view', 'the id of the last frame'] as const)(
    'any cuts, each resumed from %s, give the view of an unbroken stream',
    (kind) => {
      fc.assert(
        fc.property(arbitrarySteps, arbitraryEnding, arbitraryCuts, (steps, ending, cuts) => {
          const log = buildLog(steps, ending);
          let view = start;
          let lastId: Cursor = startOfRun(sampleIds.runId);
          let written = 1;
          for (const cut of [...cuts, { written: log.length, arrives: Number.POSITIVE_INFINITY }]) {
            const resumedAt = written;
            written = Math.max(written, Math.min(cut.written, log.length));
            const from = kind === 'the cursor of the view' ? view.cursor : lastId;
            const sent = [...catchUpFrames(log.slice(0, resumedAt), from), ...log.slice(resumedAt, written)];
            const arrived = sent.slice(0, cut.arrives);
            view = foldAll(view, arrived);
            lastId = arrived.at(-1)?.cursor ?? lastId;
          }
          expect(view).toEqual(foldAll(start, log));
        }),
        { numRuns: 500 },
      );
    },
    60_000,
  );

  test('frames that are repeated, from any earlier cursor, change nothing', () => {
    fc.assert(
      fc.property(arbitrarySteps, arbitraryEnding, fc.nat(), fc.nat(), (steps, ending, a, b) => {
        const log = buildLog(steps, ending);
        const seen = a % log.length;
        const earlier = log[b % (seen + 1)]?.cursor ?? startOfRun(sampleIds.runId);
        const view = foldAll(start, log.slice(0, seen));
        const again = seen === 0 ? [] : catchUpFrames(log.slice(0, Math.max(seen, earlier.seq)), earlier);
        expect(foldAll(foldAll(view, again), log.slice(seen))).toEqual(foldAll(start, log));
      }),
    );
  }, 60_000);

  test('once the log is deleted, the final message gives the same text and end', () => {
    fc.assert(
      fc.property(arbitrarySteps, arbitraryEnding, fc.nat(), (steps, ending, at) => {
        const log = buildLog(steps, ending);
        const first = log.at(0);
        const terminal = log.at(-1);
        if (!first || !terminal) throw new Error('A log has a first and a terminal frame.');
        const view = foldAll(start, log.slice(0, at % (log.length + 1)));
        const rest = catchUpFromMessage(first, terminal, view.cursor);
        expect(foldAll(view, rest)).toEqual(foldAll(start, log));
      }),
    );
  }, 60_000);

  test('a stream that leaves out a text frame is refused', () => {
    fc.assert(
      fc.property(arbitrarySteps, fc.nat(), (steps, at) => {
        const log = buildLog(steps, null);
        const left = at % log.length;
        const type = log[left]?.event.type;
        const hasLater = log.slice(left + 1).some(({ event }) => event.type === type);
        fc.pre((type === 'chunk' || type === 'reasoning') && hasLater);
        expect(() => foldAll(start, log.toSpliced(left, 1))).toThrow('does not fit');
      }),
    );
  }, 60_000);
});
