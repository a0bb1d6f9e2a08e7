/** Tests each check of a round with the traces that a broken product would leave, and expects a violation. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { formatCursor } from '@rill/protocol';
import { sampleIds, sampleMessage } from '@rill/protocol/conformance/sampleEntities.ts';
import { afterEach, describe, expect, it } from 'vitest';
import { FeedReader } from '../../readers/feedReader.ts';
import { findResumeViolations } from '../../readers/resumeChecks.ts';
import type { Cluster } from '../cluster.ts';
import { noHarm } from '../nodeFault.ts';
import { whenRecovered } from '../recovery.ts';
import { cancelViolations } from './cancelChecks.ts';
import { feedEndViolations, feedViolations } from './feedChecks.ts';
import { lossOf } from './lossChecks.ts';
import { findLeftovers, nodeViolations } from './nodeChecks.ts';
import { OpenRunSamples } from './openRunSamples.ts';
import { ShownSamples } from './shownSamples.ts';
import { timeViolations } from './timeChecks.ts';

const { runId } = sampleIds;

/**
 * Makes a cluster whose database answers a statement with the rows of the first of these words in it, else with none.
 */
function clusterOf(rowsOf: Readonly<Record<string, readonly object[]>>, parts: object = {}): Cluster {
  return {
    maxRuns: 2,
    nodes: [],
    simulator: { requests: [] },
    rows: async (text: string) => Object.entries(rowsOf).find(([word]) => text.includes(word))?.[1] ?? [],
    ...parts,
  } as unknown as Cluster;
}

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** Serves these events to every caller, and then nothing more. */
async function serve(events: readonly { id: string; event: string; data: object }[]): Promise<string> {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const { id, event, data } of events)
      response.write(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await new Promise((resolve) => server.once('listening', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('a cancel', () => {
  const cancel = { askedAtMs: 1000, answeredAtMs: 1010 };
  const mark = { cancelRequestedAtMs: 1005 };
  const quiet = { brokeAtMs: 60_000, overAtMs: 61_000, harm: noHarm };
  const found = (calls: { startedAtMs: number; endedAtMs?: number }[], facts = quiet) =>
    cancelViolations({ cancel }, mark, calls, facts);

  it('that closes the connection of the provider in time passes', () => {
    expect(found([{ startedAtMs: 500, endedAtMs: 1500 }])).toEqual([]);
  });

  it('that does so late, or never, is reported', () => {
    expect(found([{ startedAtMs: 500, endedAtMs: 3500 }])).toEqual([
      "the provider's connection was closed 495 ms too late after a cancel",
    ]);
    expect(found([{ startedAtMs: 500 }])).toHaveLength(1);
  });

  it('after which the provider is called again is reported', () => {
    expect(found([{ startedAtMs: 4000, endedAtMs: 4100 }])).toEqual([
      'the provider was asked after a cancel',
    ]);
  });

  it('may be late while its node is cut off, but not because of a fault of hints alone', () => {
    const during = { ...quiet, brokeAtMs: 0, overAtMs: 2000 };
    const call = { startedAtMs: 500, endedAtMs: 5000 };
    expect(found([call], during)).toEqual([]);
    expect(found([call], { ...during, harm: { ...noHarm, stopsAtCancel: true } })).toHaveLength(1);
    expect(found([{ ...call, endedAtMs: 7500 }], during)).toHaveLength(1);
  });
});

describe('the feed', () => {
  const change = (no: number, title = 'A') => ({ no, type: 'chat-change', data: { title } });
  const asEvents = (changes: readonly ReturnType<typeof change>[], isWhole = false, at = 0) => [
    { id: `feed.${at}`, event: 'feed-start', data: { isWhole } },
    ...changes.map(({ no, type, data }) => ({ id: `feed.${no}`, event: type, data })),
  ];
  const asRows = (changes: readonly ReturnType<typeof change>[]) => ({
    owner_feeds: [{ last_no: String(changes.at(-1)?.no) }],
    feed_events: changes.map(({ no, type, data }) => ({ no: String(no), type, data: JSON.stringify(data) })),
  });
  const stored = [1, 2, 3].map((no) => change(no));

  /** The violations for a reader who received these events, after its last one. */
  async function foundBy(told: Parameters<typeof serve>[0], last = 3): Promise<string[]> {
    const reader = new FeedReader(await serve(told));
    await expect.poll(() => reader.last?.no).toBe(last);
    return feedViolations(clusterOf(asRows(stored)), [reader]);
  }

  it('that matches what is stored passes', async () => {
    expect(await foundBy(asEvents(stored))).toEqual([]);
  });

  it('that omits or repeats a change is reported', async () => {
    expect(await foundBy(asEvents([change(1), change(3)]))).toEqual([
      'change feed.3 of the feed came after feed.1',
    ]);
    expect(await foundBy(asEvents([change(1), change(2), change(2), change(3)]))).toEqual([
      'change feed.2 of the feed came after feed.2',
    ]);
  });

  it('that differs from what is stored is reported', async () => {
    expect(await foundBy(asEvents([change(1), change(2, 'B'), change(3)]))).toEqual([
      'change 2 of the feed was told as chat-change {"title":"B"}',
    ]);
  });

  it('that begins without its start, or as complete at another cursor, is reported', async () => {
    expect(await foundBy(asEvents(stored).slice(1))).toContain(
      'a feed began with chat-change, not with its start',
    );
    expect(await foundBy(asEvents(stored, true, 0))).toContain(
      'a feed continues at feed.0, and its reader was at undefined.undefined',
    );
  });

  it('that has no end of a run, or two, is reported', async () => {
    const counted = (count: string) =>
      feedEndViolations(clusterOf({ 'HAVING count(e.no) <> 1': [{ id: runId, count }] }), [runId]);
    expect(await counted('0')).toEqual([`the feed has 0 ends of run ${runId}`]);
    expect(await counted('2')).toEqual([`the feed has 2 ends of run ${runId}`]);
    expect(await feedEndViolations(clusterOf({}), [runId])).toEqual([]);
  });
});

describe('a resume', () => {
  const message = sampleMessage({ status: 'completed', content: 'One two three' });
  const cursor = (seq: number, contentLength: number) =>
    formatCursor({ runId, seq, contentLength, reasoningLength: 0 });
  const readers = [
    { positions: [{ id: cursor(2, 4), contentLength: 4, reasoningLength: 0 }], final: message },
    { positions: [], final: null },
  ];
  const chunk = (seq: number, content: string, length: number) => ({
    id: cursor(seq, length),
    event: 'chunk',
    data: { content },
  });
  const done = { id: cursor(5, 13), event: 'done', data: { message } };
  /** This position is also the last one, so nothing may follow it; after an earlier one the rest must follow. */
  const withLast = readers.map((reader) => ({
    ...reader,
    positions: [...reader.positions, { id: cursor(5, 13), contentLength: 13, reasoningLength: 0 }],
  }));

  /** The server ends the response after its events, so that the reader ends too. `statuses` come first; null breaks the line. */
  async function foundIn(
    events: Parameters<typeof serve>[0],
    statuses: (number | null)[] = [],
  ): Promise<string[]> {
    const server = createServer((request, response) => {
      const status = statuses.shift();
      if (status === null) return void request.socket.destroy();
      if (status !== undefined) return void response.writeHead(status).end();
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const isLast = request.headers['last-event-id'] === cursor(5, 13);
      for (const { id, event, data } of isLast ? [] : events)
        response.write(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
      response.end();
    }).listen(0, '127.0.0.1');
    servers.push(server);
    await new Promise((resolve) => server.once('listening', resolve));
    return findResumeViolations(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, withLast);
  }
  const first = chunk(3, 'two ', 8);
  const second = chunk(4, 'three', 13);
  const isWrongText = `the text after ${cursor(2, 4)} is not what was missing`;

  it('that returns the rest and its end passes', async () => {
    expect(await foundIn([first, second, done])).toEqual([]);
  });

  it('that is told to try again, or breaks, is repeated', async () => {
    expect(await foundIn([first, second, done], [503, null, 429])).toEqual([]);
  });

  it('that is refused is found with its status', async () => {
    expect(await foundIn([first, second, done], [404])).toEqual([`a resume after ${cursor(2, 4)} had 404`]);
  });

  it.each([
    ['drops a chunk', [second, done], isWrongText],
    ['doubles a chunk', [first, first, second, done], isWrongText],
    ['changes a text', [chunk(3, 'too ', 8), second, done], isWrongText],
    ['has no end', [first, second], `0 ends after ${cursor(2, 4)}`],
    ['ends twice', [first, second, done, done], `2 ends after ${cursor(2, 4)}`],
  ])('that %s is found', async (_, events, violation) => {
    expect(await foundIn(events)).toContain(violation);
  });
});

describe('after commits were lost', () => {
  const message = sampleMessage({ status: 'completed', content: 'All of it.' });
  const stored = {
    ...{
      id: runId,
      messageId: message.id,
      isEnded: true,
      isRestarted: false,
      lastSeq: 3,
      generationCount: 1,
    },
    ...{ seqs: [1, 2, 3], terminalCount: 1, loggedText: 'All of it.', bootId: 'one', endedAtMs: 1 },
    cancelRequestedAtMs: null,
  };
  const reader = {
    content: '',
    reasoning: '',
    positions: [],
    terminalCount: 1,
    final: message,
    lastId: null,
  };
  const participant = { runIds: new Set([runId]), readers: [reader] } as unknown as Parameters<
    typeof lossOf
  >[0];
  const found = (left: typeof stored | null, answer: typeof message | null, loses: 'any' | 'events') =>
    lossOf(participant, answer, left, loses);

  it('a complete answer passes, and a missing one is counted or reported', () => {
    expect(found(stored, message, 'events')).toEqual({ violations: [], isSendLost: false });
    expect(found(null, null, 'any')).toEqual({ violations: [], isSendLost: true });
    expect(found(null, null, 'events').violations).toEqual([
      'a send was acknowledged and is lost',
      'an answer was complete and is not so any more',
    ]);
  });

  it.each([
    ['the run is open', { isEnded: false }],
    ['the run has 2 terminal events', { terminalCount: 2 }],
    ['the log has a gap', { seqs: [1, 3] }],
    ['the answer is not what the log has', { loggedText: 'All of' }],
  ])('%s is found', (violation, wrong) => {
    expect(found({ ...stored, ...wrong }, message, 'any').violations).toEqual([violation]);
  });
});

describe('nodes', () => {
  const server = { bootId: 'alive', isRunning: true, lastOutput: 'its last words' };
  const parts = { nodes: [{ name: 'node1', server }] };

  it('a live node that was fenced is reported, and one that exited by itself', async () => {
    const fenced = { fenced_by: [{ boot_id: 'alive', fenced_by: 'other' }] };
    expect(await nodeViolations(clusterOf(fenced, parts), noHarm)).toEqual([
      'node alive lives and was fenced by other',
    ]);
    const ended = { nodes: [{ name: 'node1', server: { ...server, isRunning: false } }] };
    expect(await nodeViolations(clusterOf({}, ended), noHarm)).toEqual([
      'node1 has ended by itself: its last words',
    ]);
    expect(await nodeViolations(clusterOf({}, parts), noHarm)).toEqual([]);
  });

  it('runs without an owner for longer than 15 s after a death are reported', async () => {
    const found = await whenRecovered(clusterOf({}), 'dead', performance.now() - 15_500);
    expect(found.violations).toHaveLength(1);
    expect((await whenRecovered(clusterOf({}), 'dead', performance.now() - 9000)).violations).toEqual([]);
  });

  it.each([
    ['runs are open', 'FROM runs'],
    ['messages are not final', 'FROM messages'],
    ['transactions are left open', 'FROM pg_stat_activity'],
    ['locks are waited for', 'FROM pg_locks'],
    ['prepared transactions are left', 'FROM pg_prepared_xacts'],
    ['nodes are to be fenced and are not', 'FROM fence_wishes'],
    ['feeds have a gap', 'FROM feed_events'],
    ['rows of nodes that are gone count as alive', 'FROM nodes WHERE'],
  ])('%s: that is found', async (sentence, word) => {
    expect(await findLeftovers(clusterOf({ [word]: [{ count: '2' }] }))).toEqual([`2 ${sentence}`]);
  });

  it('an open request to the provider is reported', async () => {
    const simulator = { requests: [{ outcome: 'open' }, { outcome: 'completed' }] };
    expect(await findLeftovers(clusterOf({}, { simulator }))).toEqual([
      '1 requests to the provider are open',
    ]);
  });
});

describe('at every moment', () => {
  it('more open answers than a user may have are reported', async () => {
    const counted = async (count: string) => {
      const samples = new OpenRunSamples(clusterOf({ 'FROM runs': [{ count }] }));
      await expect.poll(() => samples.most).toBe(Number(count));
      return samples.end();
    };
    expect(await counted('2')).toEqual([]);
    expect(await counted('3')).toEqual(['3 answers were open at once, and 2 may be']);
  });

  it('text that was shown and is not stored is reported', async () => {
    const shown = async (missing: readonly object[]) => {
      const samples = new ShownSamples(clusterOf({ 'AS w (id, seq, length)': missing }));
      for (let seq = 1; seq <= 25; seq += 1)
        samples.add({ runId, seq, contentLength: seq, reasoningLength: 0 });
      return samples.end();
    };
    expect(await shown([])).toEqual([]);
    expect(await shown([{ id: runId, seq: 25, length: 25 }])).toEqual([
      `event 25 of run ${runId}, 25 characters, was shown and is not stored`,
    ]);
  });

  it('times of a wrong wall clock are reported', () => {
    const times = { startedAtMs: 1_000_000, endedAtMs: 1_060_000 };
    const message = { role: 'user' as const, createdAtMs: 1_030_000 };
    const ended = { endedAtMs: 1_050_000, cancelRequestedAtMs: null };
    expect(timeViolations([message], ended, times)).toEqual([]);
    expect(timeViolations([{ ...message, createdAtMs: 1_030_000 + 7_200_000 }], ended, times)).toEqual([
      'a message (user) was made 7170 s beside its round',
    ]);
    expect(timeViolations([message], { ...ended, endedAtMs: 1_050_000 - 7_200_000 }, times)).toEqual([
      'a run ended -7150 s beside its round',
    ]);
  });
});
