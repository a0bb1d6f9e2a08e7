/** Starts processes of Rill that share one Postgres database, as nodes; afterwards they are killed. */
import type { Message } from '@rill/protocol';
import { type Simulator, startSimulator } from '@rill/simulator';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { detailOf } from '../callServer.ts';
import { makeFreshDatabase } from '../postgres/postgresTestDatabase.ts';
import { processEnvironment, type ReadyProcess, startReady } from '../startProcess.ts';
import { makeFolder } from '../testDatabase.ts';

export interface NodeProcessesOptions {
  /** The nodes of a suite serve all its tests; without it each test has its own. */
  readonly areShared?: boolean;
  /** Gives the database, when it is not an empty one of the server that all tests share. */
  readonly openDatabase?: () => Promise<NodesDatabase>;
}

export interface NodesDatabase {
  readonly url: string;
  close(): Promise<void>;
}

export interface NodeProcesses {
  readonly simulator: Simulator;
  /** Address of the database. */
  readonly databaseUrl: string;
  /** Starts a node; `environment` adds to its settings. */
  start(environment?: Readonly<Record<string, string>>): Promise<ReadyProcess>;
  /** Resolves with the answer in a chat once it has ended, as this node tells. */
  whenAnswered(node: ReadyProcess, path: string): Promise<Message>;
}

const model = 'demo/quick';

async function openFreshDatabase(): Promise<NodesDatabase> {
  const { url, giveBack } = await makeFreshDatabase();
  return { url, close: () => giveBack() };
}

/** Call where tests are described. What it gives is that of the current test, or of the suite. */
export function nodeProcesses({
  areShared = false,
  openDatabase = openFreshDatabase,
}: NodeProcessesOptions = {}): NodeProcesses {
  let folder: Awaited<ReturnType<typeof makeFolder>>;
  let simulator: Simulator;
  let database: NodesDatabase;
  const running: ReadyProcess[] = [];
  (areShared ? beforeAll : beforeEach)(async () => {
    folder = await makeFolder();
    simulator = await startSimulator();
    database = await openDatabase();
  });
  (areShared ? afterAll : afterEach)(async () => {
    for (const { child, ended } of running.splice(0)) {
      child.kill('SIGCONT');
      child.kill('SIGKILL');
      await ended;
    }
    await simulator.close();
    await database.close();
    await folder.remove();
  });
  return {
    get simulator() {
      return simulator;
    },
    get databaseUrl() {
      return database.url;
    },
    async start(environment = {}) {
      const shared = processEnvironment(folder.path, simulator.url, model);
      const started = await startReady({
        workingDirectory: folder.path,
        environment: { ...shared, RILL_TITLE_MODEL: 'off', DATABASE_URL: database.url, ...environment },
      });
      running.push(started);
      return started;
    },
    async whenAnswered(node, path) {
      for (;;) {
        const { messages } = await detailOf(node, path);
        const answer = messages.at(-1);
        if (answer?.role === 'assistant' && answer.status !== 'streaming') return answer;
      }
    },
  };
}
