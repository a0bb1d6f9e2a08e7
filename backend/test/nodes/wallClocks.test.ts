/** Gives nodes wall clocks that differ by more than a day, and sets one while it answers: all of them use the database's time. */
import type { ChatDetail, Draft, UsageReport } from '@rill/protocol';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { detailOf, jsonOf, send } from '../callServer.ts';
import { describeWithPostgres } from '../postgres/postgresTestDatabase.ts';
import { isChunk } from '../readStream.ts';
import { makeChat, type ReadyProcess } from '../startProcess.ts';
import { nodeProcesses } from './nodeProcesses.ts';
import { hasWallClocks, makeWallClock, type WallClock } from './wallClock.ts';

const model = 'demo/quick';
const aheadSeconds = 26 * 3600;
const dayMs = 24 * 3_600_000;

/** Each process has to start. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

it('can be tested here: libfaketime is installed (Debian: faketime)', () => {
  expect(hasWallClocks).toBe(true);
});

describeWithPostgres('nodes whose wall clocks differ by two days', () => {
  const bench = nodeProcesses({ areShared: true });
  const clocks: WallClock[] = [];
  let ahead: ReadyProcess;
  let behind: ReadyProcess;
  let clockOfAhead: WallClock;

  async function startAt(seconds: number): Promise<ReadyProcess> {
    const clock = makeWallClock(seconds);
    if (!clock) throw new Error('There is no libfaketime.');
    clocks.push(clock);
    return bench.start({ ...clock.environment, FAKETIME_NO_CACHE: '1' });
  }
  beforeAll(async () => {
    [ahead, behind] = await Promise.all([startAt(aheadSeconds), startAt(-aheadSeconds)]);
    const [first] = clocks;
    if (first) clockOfAhead = first;
  });
  afterAll(() => {
    for (const clock of clocks) clock.remove();
  });

  const json = <Body>(node: ReadyProcess, method: string, path: string, body?: object) =>
    jsonOf<Body>(node.request(method, path, body));
  /** Sends at a node, and resolves with the answer once it has ended. */
  async function ask(node: ReadyProcess, path: string, body?: object): Promise<string> {
    await (await send(node, path, body)).rest();
    return (await bench.whenAnswered(node, path)).id;
  }

  it('store the times of what is sent at each of them in the order in which it was sent', async () => {
    const path = await makeChat(behind);
    const fromMs = systemClock.nowMs();
    for (const node of [ahead, behind, ahead]) await ask(node, path);
    const toMs = systemClock.nowMs();
    const times = (await detailOf(behind, path)).messages.map(({ createdAtMs }) => createdAtMs);
    expect(times).toHaveLength(6);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    // Each node knows the time of the database up to the length of a round trip.
    expect(times.every((timeMs) => timeMs > fromMs - 1000 && timeMs < toMs + 1000)).toBe(true);
  });

  it('list the versions of an answer in the order in which they were asked for', async () => {
    const path = await makeChat(ahead);
    const first = await ask(ahead, path);
    const ids = [first];
    for (const node of [behind, ahead, behind]) ids.push(await ask(node, path, { regenerateOf: first }));
    const { siblings } = await json<ChatDetail>(ahead, 'GET', path);
    expect(siblings[first] ?? siblings[ids.at(-1) ?? '']).toEqual(ids);
  });

  it('let the later edit of a draft win', async () => {
    const path = await makeChat(ahead);
    await json(ahead, 'PUT', `${path}/draft`, { content: 'Earlier', baseRevision: 0, writer: 'tab-1' });
    await json(behind, 'PUT', `${path}/draft`, { content: 'Later', baseRevision: 0, writer: 'tab-2' });
    expect(await json<Draft>(ahead, 'GET', `${path}/draft`)).toMatchObject({
      content: 'Later',
      otherContent: 'Earlier',
    });
  });

  it('count what an answer costs for the day that the database has', async () => {
    const dayOf = (timeMs: number) => new Date(timeMs).toISOString().slice(0, 10);
    const fromMs = systemClock.nowMs();
    for (const node of [ahead, behind]) await ask(node, await makeChat(node));
    const today = [fromMs, systemClock.nowMs()].map(dayOf);
    const period = `from=${dayOf(fromMs - 4 * dayMs)}&to=${dayOf(fromMs + 4 * dayMs)}`;
    const { groups } = await json<UsageReport>(behind, 'GET', `/api/usage?by=day&${period}`);
    expect(groups.map(({ key }) => key).filter((day) => !today.includes(day))).toEqual([]);
    expect(groups).not.toHaveLength(0);
  });

  it('use the same time after the wall clock of one was set while it answers, both ways', async () => {
    const path = await makeChat(ahead);
    const fromMs = systemClock.nowMs();
    for (const seconds of [5 * 3600, -5 * 3600, aheadSeconds]) {
      bench.simulator.nextScript(model, [
        { delta: 'Before ' },
        { hold: `set-${seconds}` },
        { delta: 'after' },
      ]);
      const reader = await send(ahead, path);
      await reader.until(isChunk);
      clockOfAhead.shift(seconds);
      await ask(ahead, await makeChat(ahead));
      bench.simulator.release(`set-${seconds}`);
      await reader.rest();
    }
    const { messages } = await detailOf(behind, path);
    const toMs = systemClock.nowMs();
    expect(messages.map(({ status }) => status)).toEqual(Array(6).fill('completed'));
    for (const { createdAtMs, timings } of messages) {
      expect(createdAtMs).toBeGreaterThan(fromMs - 1000);
      expect(createdAtMs).toBeLessThan(toMs + 1000);
      expect(timings?.totalMs ?? 0).toBeLessThanOrEqual(toMs - fromMs);
    }
    expect([ahead.child.exitCode, behind.child.exitCode]).toEqual([null, null]);
  });
});
