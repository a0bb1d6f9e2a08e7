/**
 * Makes one node of a cluster: the server as a process, the lines to its database, and a second process under its name.
 */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeWallClock, type WallClock } from '../../../backend/test/nodes/wallClock.ts';
import { ServerProcess } from '../serverProcess.ts';
import { type FaultyLine, openFaultyLine } from './parts/faultyLine.ts';
import type { HintRedis } from './parts/hintRedis.ts';
import type { Pooler } from './parts/pooler.ts';

/** The bus by which nodes send each other hints. */
export type HintBus = 'postgres' | 'redis';

export interface ClusterNode {
  readonly name: string;
  /** Whether the process knows its name: then a start claims the runs of its predecessor at once. */
  readonly isNamed: boolean;
  readonly server: ServerProcess;
  /** All lines between the node and its database. */
  readonly lines: readonly FaultyLine[];
  /** Null for the machine's own clock. */
  readonly clock: WallClock | null;
  /** Starts another process with the same settings, name included, on a port of its own. */
  startTwin(): Promise<ServerProcess>;
  close(): Promise<void>;
}

export interface ClusterParts {
  readonly dataDirectory: string;
  readonly providerUrl: string;
  readonly maxRuns: number;
  readonly random: () => number;
  readonly logFolder: string;
  readonly postgresPort: () => number;
  readonly pooler: Pooler | null;
  readonly redis: HintRedis | null;
  /** Modules that a node loads first. */
  readonly preloads: readonly string[];
  /** The hint bus of nodes that start from now on. */
  readonly hints: () => HintBus;
}

export const databaseName = 'faults';
export const user = 'rill';
/** Three times the heap of an idle node: enough for a round, and full within seconds. */
const heapMegabytes = 256;

/** Offsets of the nodes' wall clocks, which differ from the start: stored times must be those of the database. */
const clockShiftsSeconds = [7200, -7200, 0];

/** Makes a node. The last one of a cluster is special: it has what only some installations have. */
export async function makeNode(index: number, isSpecial: boolean, parts: ClusterParts): Promise<ClusterNode> {
  const { dataDirectory, providerUrl, maxRuns, random, logFolder, postgresPort, redis, preloads } = parts;
  const pooler = isSpecial ? parts.pooler : null;
  const name = `node${index + 1}`;
  // A node without a name waits until the lease of its former start has expired.
  const isNamed = !isSpecial;
  const direct = await openFaultyLine(postgresPort, random);
  const pooled = pooler && (await openFaultyLine(() => pooler.port, random));
  const clock = makeWallClock(clockShiftsSeconds[index % clockShiftsSeconds.length]);
  const urlOf = (line: FaultyLine) => `postgres://${user}@127.0.0.1:${line.port}/${databaseName}`;
  const processes: ServerProcess[] = [];
  const makeProcess = (): ServerProcess => {
    const server = new ServerProcess({
      ...{ dataDirectory, providerUrl, maxRuns, heapMegabytes, preloads },
      environment: () => ({
        DATABASE_URL: urlOf(pooled ?? direct),
        ...(pooled && { RILL_DATABASE_DIRECT_URL: urlOf(direct), RILL_PG_PREPARED: 'off' }),
        ...(isNamed && { RILL_NODE_NAME: name }),
        ...(redis && parts.hints() === 'redis' && { REDIS_URL: redis.url }),
        RILL_LOG_LEVEL: 'info',
        RILL_TITLE_MODEL: 'off',
        RILL_DRAIN_MS: '60000',
        ...clock?.environment,
      }),
      onOutput: (text) => appendFileSync(join(logFolder, `${name}.txt`), text),
    });
    processes.push(server);
    return server;
  };
  const lines = pooled ? [direct, pooled] : [direct];
  return {
    ...{ name, isNamed, lines, clock },
    server: makeProcess(),
    async startTwin() {
      const twin = makeProcess();
      await twin.start();
      return twin;
    },
    async close() {
      for (const server of processes) {
        server.kill('SIGCONT');
        await server.kill9();
      }
      for (const line of lines) await line.close();
      clock?.remove();
    },
  };
}
