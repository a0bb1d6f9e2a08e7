/** Tests that readers of a followed run get the same bytes, in whatever order hints, rounds and commits come. */
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { type Cursor, startOfRun } from '@rill/protocol';
import { buildLog, type Step } from '@rill/protocol/conformance/referenceRun.ts';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FakeClock } from '../../../test/fakeClock.ts';
import { createGrowingLog } from '../../../test/growingLog.ts';
import { rillFormat } from '../../../test/streamFormats.ts';
import { TestResponse } from '../../../test/testResponse.ts';
import { toRecord } from '../../log/eventLog.ts';
import { subscribe } from '../subscriber.ts';
import { FollowedRuns } from './followedRuns.ts';
import { Tailer } from './tailer.ts';

const runId = '0199a1b2-0000-7000-8000-00000000000a';

/** What can happen, in any order: the owner commits, a hint arrives, time passes, the log is slow, a reader comes or goes. */
const happening = fc.oneof(
  fc.record({ kind: fc.constant('commit' as const), by: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ kind: fc.constant('hint' as const), by: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ kind: fc.constant('time' as const), by: fc.integer({ min: 1, max: 120 }) }),
  fc.record({ kind: fc.constant('answer' as const), by: fc.constant(1) }),
  fc.record({ kind: fc.constant('attach' as const), by: fc.constant(1) }),
  fc.record({ kind: fc.constant('leave' as const), by: fc.nat({ max: 3 }) }),
);
const step = fc.oneof(
  fc.record({ kind: fc.constant('chunk' as const), text: fc.string({ minLength: 1, maxLength: 8 }) }),
  fc.record({ kind: fc.constant('reasoning' as const), text: fc.string({ minLength: 1, maxLength: 8 }) }),
);

/** The text of the frames that a reader got, over all its connections. */
class Reader {
  content = '';
  reasoning = '';
  isEnded = false;
  cursor: Cursor = startOfRun(runId);
  response: TestResponse | null = null;
  #seen = 0;

  take(): void {
    for (const { cursor, event } of this.response?.frames.slice(this.#seen) ?? []) {
      this.#seen += 1;
      this.cursor = cursor;
      if (event?.type === 'chunk') this.content += event.data.content;
      if (event?.type === 'reasoning') this.reasoning += event.data.reasoning;
      if (event?.type === 'done') this.isEnded = true;
    }
  }

  connect(response: TestResponse): void {
    this.response = response;
    this.#seen = 0;
  }
}

it('gives every reader the same text, whatever order, loss, repetition or delay hints and rounds have', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 12 }),
      fc.array(happening, { maxLength: 60 }),
      async (steps, happenings) => {
        const clock = new FakeClock();
        const records = buildLog(steps as Step[], 'completed', runId).map(toRecord);
        const growing = createGrowingLog({ [runId]: records });
        /** Queries that the log has not answered yet; each saw what was committed when it was sent. */
        const waiting: (() => void)[] = [];
        const state = { isSlow: true };
        const tailer = new Tailer({ clock, logger: { warn: () => undefined } });
        const followed = new FollowedRuns({
          log: {
            async readAfter(positions, limit) {
              const seen = await growing.log.readAfter(positions, limit);
              if (state.isSlow) await new Promise<void>((resolve) => waiting.push(resolve));
              return seen;
            },
          },
          readStates: growing.readStates,
          clock,
          logger: { warn: () => undefined },
          wake: () => tailer.wake(),
        });
        tailer.add(followed);
        const readers = Array.from({ length: 4 }, () => new Reader());
        const attach = async (reader: Reader): Promise<void> => {
          const source = await followed.follow(runId);
          if (!source || reader.response || reader.isEnded) return;
          await source.isAtEnd(clock, reader.cursor);
          if (reader.response) return;
          const response = new TestResponse(1_000_000, rillFormat);
          reader.connect(response);
          subscribe({
            response,
            source,
            encoder: rillFormat.encoder,
            cursor: reader.cursor,
            clock,
            heartbeatMs: 10_000,
            stalledReaderTimeoutMs: 60_000,
          });
        };
        const leave = async (reader: Reader): Promise<void> => {
          const { response } = reader;
          reader.take();
          reader.response = null;
          if (!response || response.closed) return;
          response.destroy();
          await once(response, 'close');
        };
        growing.commit(runId);
        for (const { kind, by } of happenings) {
          if (kind === 'commit') growing.commit(runId, by);
          if (kind === 'hint') for (let count = 0; count < by; count += 1) tailer.wake();
          if (kind === 'time') clock.advance(by);
          if (kind === 'answer') waiting.shift()?.();
          if (kind === 'attach') for (const reader of readers) void attach(reader);
          if (kind === 'leave') await leave(readers[by]!);
          await setImmediate();
          for (const reader of readers) reader.take();
        }
        state.isSlow = false;
        growing.commit(runId, records.length);
        const settle = async (): Promise<void> => {
          for (let turn = 0; turn < 20; turn += 1) {
            for (const answer of waiting.splice(0)) answer();
            clock.advance(10);
            await setImmediate();
          }
        };
        await settle();
        for (const reader of readers) {
          await leave(reader);
          if (!reader.isEnded) void attach(reader);
        }
        await settle();
        const text = (kind: Step['kind']) =>
          steps.map((each) => (each.kind === kind ? each.text : '')).join('');
        for (const reader of readers) {
          await leave(reader);
          expect([reader.content, reader.reasoning]).toEqual([text('chunk'), text('reasoning')]);
          expect(reader.isEnded).toBe(true);
        }
        followed.close();
        await tailer.close();
        expect(clock.pendingTimers).toBe(0);
      },
    ),
    { numRuns: 200 },
  );
});
