import { buildLog } from '@rill/protocol/conformance/referenceRun.ts';
import { sampleIds } from '@rill/protocol/conformance/sampleEntities.ts';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/fakeClock.ts';
import { createHeldLog, type HeldLog } from '../../test/heldLog.ts';
import { type LogRecord, toRecord } from '../log/eventLog.ts';
import { LiveRun } from '../log/liveRuns.ts';
import { createRunWriter, type RunWriter, type TextChannel } from './runWriter.ts';

const { runId } = sampleIds;
let clock: FakeClock;
let held: HeldLog;
let live: LiveRun;
let failures: Error[];
let writer: RunWriter;

beforeEach(() => {
  clock = new FakeClock();
  held = createHeldLog();
  failures = [];
  open();
});

function open(): void {
  live = new LiveRun(runId);
  for (const frame of buildLog([], null)) live.publish(toRecord(frame));
  const onFailure = (error: Error) => failures.push(error);
  writer = createRunWriter({ log: held.log, live, lease: { runId, epoch: 1 }, clock, onFailure });
}

/** Like `chunk:text`, one for each record of an append. */
function describeRecords(records: readonly LogRecord[]): string[] {
  return records.map(({ event }) => {
    if (event.type === 'chunk') return `chunk:${event.data.content}`;
    if (event.type === 'reasoning') return `reasoning:${event.data.reasoning}`;
    return event.type;
  });
}
const appended = () => held.appends.map((append) => describeRecords(append.records));
const annotation = {
  type: 'annotation' as const,
  data: { annotations: [{ url: 'https://a.example', title: '' }] },
};

/** A first delta, committed, so that what follows meets the window. */
async function writeFirst(): Promise<void> {
  writer.addText('chunk', 'first');
  await held.last.succeed();
}

describe('the first delta', () => {
  it('is appended at once', () => {
    writer.addText('chunk', 'H');
    expect(appended()).toEqual([['chunk:H']]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('is shown only once it is committed', async () => {
    writer.addText('chunk', 'H');
    expect(live.view.content).toBe('');
    await held.last.succeed();
    expect(live.view.content).toBe('H');
  });
});

describe('the window', () => {
  it('gathers the deltas of 25 ms into one event', async () => {
    await writeFirst();
    writer.addText('chunk', 'a');
    clock.advance(10);
    writer.addText('chunk', 'b');
    clock.advance(14);
    expect(appended()).toHaveLength(1);
    clock.advance(1);
    expect(appended()[1]).toEqual(['chunk:ab']);
    expect(clock.pendingTimers).toBe(0);
  });

  it('lets a delta through at once when nothing went out for 25 ms', async () => {
    await writeFirst();
    clock.advance(25);
    writer.addText('chunk', 'a');
    expect(appended()[1]).toEqual(['chunk:a']);
  });

  it('ends early at 4 KiB', async () => {
    await writeFirst();
    writer.addText('chunk', 'a'.repeat(4095));
    expect(appended()).toHaveLength(1);
    writer.addText('chunk', 'b');
    expect(appended()).toHaveLength(2);
    expect(clock.pendingTimers).toBe(0);
  });

  it('ends with a change of channel, and the order stays', async () => {
    writer.addText('reasoning', 'r1');
    await held.last.succeed();
    writer.addText('reasoning', 'r2');
    writer.addText('chunk', 'c1');
    expect(appended()[1]).toEqual(['reasoning:r2', 'chunk:c1']);
  });

  it('ends with an event that is not text', async () => {
    await writeFirst();
    writer.addText('chunk', 'a');
    writer.addEvent(annotation);
    expect(appended()[1]).toEqual(['chunk:a', 'annotation']);
  });

  it('is never longer than 25 ms when the wall clock is set back', async () => {
    await writeFirst();
    clock.setBack(3_600_000);
    writer.addText('chunk', 'a');
    clock.advance(25);
    expect(appended()[1]).toEqual(['chunk:a']);
  });

  it('lets everything through when the wall clock is set forward', async () => {
    await writeFirst();
    clock.setBack(-3_600_000);
    writer.addText('chunk', 'a');
    expect(appended()[1]).toEqual(['chunk:a']);
  });

  it('keeps a fast stream at one commit for each 25 ms', async () => {
    held.succeedAlways();
    for (let index = 0; index < 1000; index += 1) {
      writer.addText('chunk', `${index} `);
      await Promise.resolve();
      clock.advance(1);
    }
    await writer.finish();
    expect(held.appends.length).toBeLessThanOrEqual(1000 / 25 + 2);
    expect(live.view.content.split(' ')).toHaveLength(1001);
  });
});

describe('while a commit is in flight', () => {
  it('gathers what comes and commits it next', async () => {
    writer.addText('chunk', 'a');
    writer.addText('chunk', 'b');
    writer.addText('reasoning', 'r');
    clock.advance(25);
    expect(appended()).toEqual([['chunk:a']]);
    await held.last.succeed();
    expect(appended()).toEqual([['chunk:a'], ['chunk:b', 'reasoning:r']]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('waits for the rest of the window after a quick commit', async () => {
    writer.addText('chunk', 'a');
    writer.addText('chunk', 'b');
    clock.advance(5);
    await held.last.succeed();
    clock.advance(19);
    expect(appended()).toHaveLength(1);
    clock.advance(1);
    expect(appended()[1]).toEqual(['chunk:b']);
  });

  it('makes the reader of the provider wait from 64 KiB on, until the commit is done', async () => {
    writer.addText('chunk', 'a');
    expect(writer.backpressure()).toBeUndefined();
    writer.addText('chunk', 'b'.repeat(64 * 1024 - 1));
    expect(writer.backpressure()).toBeUndefined();
    writer.addText('reasoning', 'c');
    const order: string[] = [];
    const waiting = writer.backpressure()?.then(() => order.push('goes on'));
    expect(waiting).toBeDefined();
    order.push('commits');
    await held.last.succeed();
    await waiting;
    expect(order).toEqual(['commits', 'goes on']);
    expect(writer.backpressure()).toBeUndefined();
    expect(appended()).toHaveLength(2);
  });
});

describe('text', () => {
  it('never ends or starts inside a pair that was cut between two deltas', async () => {
    writer.addText('chunk', 'a\ud83d');
    expect(appended()).toEqual([['chunk:a']]);
    await held.last.succeed();
    clock.advance(25);
    writer.addText('chunk', '\ude00b');
    expect(appended()[1]).toEqual(['chunk:😀b']);
  });

  it('joins a pair of one channel although the other one spoke in between', async () => {
    held.succeedAlways();
    writer.addText('chunk', '\ud83d');
    writer.addText('reasoning', 'r');
    writer.addText('chunk', '\ude00');
    await writer.finish();
    expect([live.view.content, live.view.reasoning]).toEqual(['😀', 'r']);
  });

  it.each([
    ['half a pair at the end of the answer', ['a', '\ud83d'], 'a\ufffd'],
    ['a second half without a first', ['\ude00a'], '\ufffda'],
    ['a first half without a second', ['\ud83da'], '\ufffda'],
    ['two first halves', ['\ud83d', '\ud83d', '\ude00'], '\ufffd😀'],
    ['nothing', ['', ''], ''],
  ])('replaces what is no character: %s', async (_, deltas, expected) => {
    held.succeedAlways();
    for (const delta of deltas) writer.addText('chunk', delta);
    await writer.finish();
    expect(live.view.content).toBe(expected);
  });

  it('is all there, in order and placed right, for any deltas, waits and commits', async () => {
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
        held = createHeldLog();
        open();
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
        expect(live.view.content).toBe(added.chunk.toWellFormed());
        expect(live.view.reasoning).toBe(added.reasoning.toWellFormed());
        const records = held.appends.flatMap((append) => append.records);
        expect(records.map((record) => record.cursor.seq)).toEqual(records.map((_, index) => index + 2));
        expect(clock.pendingTimers).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the end', () => {
  it('waits for the commit in flight, then commits the rest without waiting for the window', async () => {
    writer.addText('chunk', 'a');
    writer.addText('chunk', 'b');
    const finished = writer.finish();
    await held.last.succeed();
    expect(appended()).toEqual([['chunk:a'], ['chunk:b']]);
    await held.last.succeed();
    await finished;
    expect(live.view.content).toBe('ab');
    expect(clock.pendingTimers).toBe(0);
  });

  it('comes at once when nothing was added', async () => {
    await writer.finish();
    expect(held.appends).toHaveLength(0);
  });
});

describe('an append that fails', () => {
  it('stops the writer for good, says so once and shows nothing of it', async () => {
    const error = new Error('disk full');
    writer.addText('chunk', 'a');
    writer.addText('chunk', 'b');
    await held.last.fail(error);
    writer.addText('chunk', 'c');
    writer.addEvent(annotation);
    clock.advance(1000);
    expect(failures).toEqual([error]);
    await expect(writer.finish()).rejects.toBe(error);
    await expect(writer.finish()).rejects.toBe(error);
    expect(appended()).toEqual([['chunk:a']]);
    expect(live.view.content).toBe('');
    expect(writer.backpressure()).toBeUndefined();
    expect(clock.pendingTimers).toBe(0);
  });

  it('lets a waiting reader of the provider go', async () => {
    writer.addText('chunk', 'a');
    writer.addText('chunk', 'b'.repeat(64 * 1024));
    const waiting = writer.backpressure();
    await held.last.fail(new Error('disk full'));
    await waiting;
    expect(failures).toHaveLength(1);
  });

  it('makes an end that is under way fail', async () => {
    writer.addText('chunk', 'a');
    const finished = expect(writer.finish()).rejects.toThrow('disk full');
    await held.last.fail(new Error('disk full'));
    await finished;
  });
});
