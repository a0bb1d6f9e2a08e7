import { type Cursor, formatCursor, startOfRun } from '@rill/protocol';
import { buildLog, type Step } from '@rill/protocol/conformance/referenceRun.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/fakeClock.ts';
import { createGrowingLog, type GrowingLog } from '../../../test/growingLog.ts';
import { passTime } from '../../../test/passTime.ts';
import { type LogRecord, toRecord } from '../../log/eventLog.ts';
import type { FrameSource } from '../frameSource.ts';
import { FollowedRuns } from './followedRuns.ts';
import { Tailer } from './tailer.ts';

const [runA, runB] = ['0199a1b2-0000-7000-8000-00000000000a', '0199a1b2-0000-7000-8000-00000000000b'];
const chunks = (count: number): Step[] =>
  Array.from({ length: count }, (_, index) => ({ kind: 'chunk', text: `${index} ` }));
const recordsOf = (runId: string, count: number) => buildLog(chunks(count), 'completed', runId).map(toRecord);

let clock: FakeClock;
let logged: string[];
let told: string[];
let tailer: Tailer;
let followed: FollowedRuns;
let growing: GrowingLog;

function follow(runs: Readonly<Record<string, readonly LogRecord[]>>): void {
  growing = createGrowingLog(runs);
  const logger = { warn: (_: object, message: string) => void logged.push(message) };
  tailer = new Tailer({ clock, logger });
  followed = new FollowedRuns({
    log: growing.log,
    readStates: growing.readStates,
    clock,
    logger,
    wake: () => tailer.wake(),
    onFollowed: ({ runId, bootId }) => told.push(`${runId} of ${bootId}`),
  });
  tailer.add(followed);
}

beforeEach(() => {
  clock = new FakeClock();
  logged = [];
  told = [];
});
afterEach(async () => {
  followed.close();
  await tailer.close();
  expect([clock.pendingTimers, followed.size]).toEqual([0, 0]);
});

interface Reader {
  readonly ids: string[];
  isEnded: boolean;
  cursor: Cursor;
  leave: () => void;
}

/** A reader that takes each frame as soon as it is there. */
function read(source: FrameSource, from: Cursor): Reader {
  const reader: Reader = { ids: [], isEnded: false, cursor: from, leave: () => undefined };
  const take = (): void => {
    for (let frame = source.next(reader.cursor); frame; frame = source.next(reader.cursor)) {
      reader.cursor = frame.cursor;
      reader.ids.push(frame.id);
      if (frame.isTerminal) reader.isEnded = true;
    }
  };
  reader.leave = source.onChange(take);
  take();
  return reader;
}

async function followFromStart(runId: string) {
  const source = await followed.follow(runId);
  if (!source) throw new Error('The log has nothing of the run.');
  return { source, reader: read(source, startOfRun(runId)) };
}

describe('a run of another process', () => {
  it('is read from its start, and then what is new each 50 ms, up to its end', async () => {
    const records = recordsOf(runA, 3);
    follow({ [runA]: records });
    growing.commit(runA, 2);
    const { reader } = await followFromStart(runA);
    expect(reader.ids).toHaveLength(2);
    for (const record of records.slice(2)) {
      growing.commit(runA);
      await passTime(clock, 60);
      expect(reader.ids.at(-1)).toBe(formatCursor(record.cursor));
    }
    expect([reader.isEnded, followed.size]).toEqual([true, 0]);
  });

  it('is read in one query with all others, and in none while nothing is followed', async () => {
    follow({ [runA]: recordsOf(runA, 3), [runB]: recordsOf(runB, 3) });
    await passTime(clock, 500);
    expect(growing.queries).toEqual([]);
    for (const runId of [runA, runB]) growing.commit(runId);
    await followFromStart(runA);
    await followFromStart(runB);
    growing.queries.length = 0;
    await passTime(clock, 500);
    expect(growing.queries.length).toBeGreaterThanOrEqual(8);
    expect(growing.queries.length).toBeLessThanOrEqual(11);
    for (const query of growing.queries) expect(query.map(({ runId }) => runId)).toEqual([runA, runB]);
  });

  it('is read at once when a hint arrives, at most every 10 ms', async () => {
    follow({ [runA]: recordsOf(runA, 3) });
    growing.commit(runA);
    const { reader } = await followFromStart(runA);
    await passTime(clock, 20);
    growing.queries.length = 0;
    growing.commit(runA);
    tailer.wake();
    await passTime(clock, 10);
    expect(reader.ids).toHaveLength(2);
    for (let hint = 0; hint < 100; hint += 1) tailer.wake();
    await passTime(clock, 20);
    expect(growing.queries.length).toBeLessThanOrEqual(4);
  });

  it('of many thousand events is read page by page', async () => {
    const records = recordsOf(runA, 4500);
    follow({ [runA]: records });
    growing.commit(runA, 4400);
    const { source, reader } = await followFromStart(runA);
    expect([growing.queries.length, source.seq]).toEqual([3, 4400]);
    growing.commit(runA, 1000);
    await passTime(clock, 60);
    expect(reader.isEnded).toBe(true);
  });

  it('catches up without waiting when a round was not enough', async () => {
    follow({ [runA]: recordsOf(runA, 900) });
    growing.commit(runA);
    const { reader } = await followFromStart(runA);
    growing.commit(runA, 1000);
    await passTime(clock, 110);
    expect(reader.isEnded).toBe(true);
  });

  it('is read once for all readers that arrive at the same time', async () => {
    follow({ [runA]: recordsOf(runA, 3) });
    growing.commit(runA);
    const sources = await Promise.all([followed.follow(runA), followed.follow(runA)]);
    expect([growing.queries.length, sources[0] === sources[1]]).toEqual([1, true]);
  });

  it('of which the log has nothing is not followed', async () => {
    follow({ [runA]: recordsOf(runA, 3) });
    expect(await followed.follow(runA)).toBeNull();
    expect(await followed.follow(runB)).toBeNull();
    expect(followed.size).toBe(0);
  });

  it('stays five seconds after its last reader', async () => {
    follow({ [runA]: recordsOf(runA, 3) });
    growing.commit(runA);
    const { source, reader } = await followFromStart(runA);
    await passTime(clock, 20_000);
    reader.leave();
    await passTime(clock, 4900);
    expect(await followed.follow(runA)).toBe(source);
    const again = read(source, startOfRun(runA));
    await passTime(clock, 6000);
    expect(followed.size).toBe(1);
    again.leave();
    await passTime(clock, 5100);
    expect([followed.size, source.isClosed]).toEqual([0, true]);
    growing.queries.length = 0;
    await passTime(clock, 500);
    expect(growing.queries).toEqual([]);
  });

  it('is dropped when it was opened and never read', async () => {
    follow({ [runA]: recordsOf(runA, 3) });
    growing.commit(runA);
    await followed.follow(runA);
    await passTime(clock, 5100);
    expect(followed.size).toBe(0);
  });

  it.each([
    ['has ended and whose events are gone', 'ended' as const],
    ['was deleted', null],
  ])('that %s is closed, so that its readers ask again', async (_, state) => {
    follow({ [runA]: recordsOf(runA, 3) });
    growing.commit(runA, 2);
    const { source, reader } = await followFromStart(runA);
    growing.setState(runA, state);
    growing.clear(runA);
    await passTime(clock, 2200);
    expect([source.isClosed, reader.isEnded, followed.size]).toEqual([true, false, 0]);
  });

  it('that has ended sends its end even when its row is updated first', async () => {
    follow({ [runA]: recordsOf(runA, 3) });
    growing.commit(runA, 2);
    const { reader } = await followFromStart(runA);
    await passTime(clock, 1990);
    growing.setState(runA, 'ended');
    growing.commit(runA, 10);
    await passTime(clock, 60);
    expect(reader.isEnded).toBe(true);
  });

  it('whose end is stored without its texts is closed before it', async () => {
    const records = recordsOf(runA, 3);
    const last = records.at(-1)!;
    if (last.event.type !== 'done') throw new Error('The run has no end.');
    const message = { ...last.event.data.message, content: '', reasoning: '' };
    const stripped = toRecord({
      cursor: last.cursor,
      event: { ...last.event, data: { ...last.event.data, message } },
    });
    follow({ [runA]: [...records.slice(0, -1), stripped] });
    growing.commit(runA, 2);
    const { source, reader } = await followFromStart(runA);
    growing.commit(runA, 10);
    await passTime(clock, 60);
    expect([source.isClosed, reader.isEnded, reader.ids.length]).toEqual([true, false, records.length - 1]);
  });

  it('that does not continue where it was is closed', async () => {
    const records = recordsOf(runA, 3);
    follow({ [runA]: [records[0]!, records[2]!] });
    growing.commit(runA, 1);
    const { source } = await followFromStart(runA);
    growing.commit(runA, 1);
    await passTime(clock, 60);
    expect([source.isClosed, logged]).toEqual([true, ['a run of another process cannot be followed']]);
  });

  it('survives queries that fail, which is logged once', async () => {
    follow({ [runA]: recordsOf(runA, 3) });
    growing.commit(runA);
    const { reader } = await followFromStart(runA);
    growing.failWith(new Error('The database is away.'));
    await passTime(clock, 3000);
    expect(logged).toEqual(['what other processes wrote could not be read; trying again']);
    growing.failWith(null);
    growing.commit(runA, 10);
    await passTime(clock, 600);
    expect(reader.isEnded).toBe(true);
  });

  it('that cannot be read at first fails its readers, and is read by the next', async () => {
    follow({ [runA]: recordsOf(runA, 3) });
    growing.commit(runA);
    growing.failWith(new Error('The database is away.'));
    await expect(followed.follow(runA)).rejects.toThrow('The database is away.');
    growing.failWith(null);
    await expect(followed.follow(runA)).resolves.not.toBeNull();
  });

  it('is named to its process at the start and every two seconds', async () => {
    follow({ [runA]: recordsOf(runA, 3) });
    growing.commit(runA);
    await followFromStart(runA);
    expect(told).toEqual([`${runA} of their-boot`]);
    await passTime(clock, 6200);
    expect(told.length).toBe(4);
  });
});

describe('a cursor', () => {
  it('that the log has not reached yet is waited for', async () => {
    const records = recordsOf(runA, 3);
    follow({ [runA]: records });
    growing.commit(runA, 2);
    const source = await followed.follow(runA);
    const isAtEnd = source?.isAtEnd(clock, records[3]!.cursor);
    await passTime(clock, 1000);
    growing.commit(runA, 2);
    await passTime(clock, 100);
    expect(await isAtEnd).toBe(false);
  });

  it('that the log does not reach is refused after two seconds', async () => {
    const records = recordsOf(runA, 3);
    follow({ [runA]: records });
    growing.commit(runA, 2);
    const source = await followed.follow(runA);
    const refused = expect(source?.isAtEnd(clock, records[3]!.cursor)).rejects.toMatchObject({
      code: 'cursor_invalid',
    });
    await passTime(clock, 2100);
    await refused;
  });
});
