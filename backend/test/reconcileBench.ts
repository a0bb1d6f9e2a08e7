/** Starts a server on a fake clock, with cancelled answers and the look-ups of their usage. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import type { CancelResult, Message, RunEvent } from '@rill/protocol';
import type { Script, Simulator } from '@rill/simulator';
import { jsonOf, send } from './callServer.ts';
import { FakeClock } from './fakeClock.ts';
import { isChunk } from './readStream.ts';
import { startTestServer, type TestServer, type TestServerOptions } from './startTestServer.ts';

/** An answer that pauses in the middle, after two tokens. */
export const heldAnswer: Script = [{ delta: 'The first' }, { delta: ' half' }, { hold: 'half' }];

/** A provider call as it is stored. */
export interface CallRow {
  readonly attempt: number;
  readonly usage_json: string | null;
  readonly next_look_up_at_ms: number | null;
  readonly look_up_count: number;
}

export interface ReconcileBench {
  readonly server: TestServer;
  readonly clock: FakeClock;
  /** Cancels an answer in the middle, in a chat of its own; returns its message, its end and the time of the end. */
  cancelAnswer(provider?: Simulator): Promise<{
    readonly path: string;
    readonly cancelled: Message;
    readonly terminal: RunEvent | null | undefined;
    readonly endedAtMs: number;
  }>;
  /** Every provider call, by attempt. */
  calls(): CallRow[];
  /** Changes the database from outside. */
  execute(sql: string): void;
  /** Lets time pass; resolves when exactly that many look-ups are recorded in total. */
  passUntilLookedUp(byMs: number, count: number): Promise<void>;
}

export interface ReconcileBenchOptions extends Omit<TestServerOptions, 'clock'> {
  readonly clock?: FakeClock;
  /** Look-ups that get a 404 before the simulator shows a record. */
  readonly notFoundCount?: number;
}

export async function openReconcileBench(options: ReconcileBenchOptions = {}): Promise<ReconcileBench> {
  const { clock = new FakeClock(), notFoundCount = 0, simulator, ...rest } = options;
  const server = await startTestServer({
    clock,
    simulator: { generationNotFoundCount: notFoundCount, ...simulator },
    ...rest,
  });
  const onDatabase = <Result>(work: (connection: DatabaseSync) => Result): Result => {
    const connection = new DatabaseSync(join(server.dataDirectory, 'rill.sqlite'));
    try {
      return work(connection);
    } finally {
      connection.close();
    }
  };
  const calls = (): CallRow[] =>
    onDatabase((connection) =>
      connection.prepare('SELECT * FROM generations ORDER BY attempt, id').all(),
    ) as unknown as CallRow[];
  const lookupCount = () => calls().reduce((sum, row) => sum + row.look_up_count, 0);
  return {
    server,
    clock,
    calls,
    execute: (sql) => onDatabase((connection) => connection.exec(sql)),
    cancelAnswer: (provider = server.simulator) => cancelAnswer(server, provider, clock),
    async passUntilLookedUp(byMs, count) {
      clock.advance(byMs);
      while (lookupCount() < count) {
        await setImmediate();
        // For a timer that was set meanwhile to a time in the past.
        clock.advance(0);
      }
      if (lookupCount() !== count) throw new Error(`${lookupCount()} look-ups instead of ${count}`);
    },
  };
}

async function cancelAnswer(server: TestServer, provider: Simulator, clock: FakeClock) {
  provider.script('demo/quick', heldAnswer);
  const { path } = await server.newChat();
  const stream = await send(server, path);
  const { cursor } = await stream.until(isChunk);
  const asked = await provider.waitForRequest(
    ({ model, outcome }) => model !== undefined && outcome === 'open',
  );
  const result = await jsonOf<CancelResult>(server.request('POST', `${path}/cancel`));
  await provider.waitForAbort(asked);
  const terminal = (await stream.rest()).at(-1)?.event;
  if (!result.message) throw new Error(`Run ${cursor.runId} did not end in time.`);
  return { path, cancelled: result.message, terminal, endedAtMs: clock.nowMs() };
}

/** The total that a provider charged, in US dollars. */
export async function chargedUsd({ url }: Simulator): Promise<number> {
  const response = await fetch(`${url}/key`, { headers: { authorization: 'Bearer sk-test' } });
  return ((await response.json()) as { data: { usage: number } }).data.usage;
}

/** How often a provider was asked for the usage of a call. */
export function countLookups({ requests }: Simulator): number {
  return requests.filter(({ path }) => path.includes('/generation?')).length;
}
