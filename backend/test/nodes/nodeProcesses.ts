/** Starts processes of Rill that share one Postgres database, as nodes; afterwards they are killed. */
import type { Message } from '@rill/protocol';
import { type Simulator, startSimulator } from '@rill/simulator';
import { afterEach, beforeEach } from 'vitest';
import { detailOf } from '../callServer.ts';
import { openPostgresTestDatabase, type PostgresTestDatabase } from '../postgres/postgresTestDatabase.ts';
import { processEnvironment, type ReadyProcess, startReady } from '../startProcess.ts';
import { makeFolder } from '../testDatabase.ts';

export interface NodeProcesses {
  readonly simulator: Simulator;
  readonly test: PostgresTestDatabase;
  /** Starts a node; `environment` adds to its settings. */
  start(environment?: Readonly<Record<string, string>>): Promise<ReadyProcess>;
  /** Resolves with the answer in a chat once it has ended, as this node tells. */
  whenAnswered(node: ReadyProcess, path: string): Promise<Message>;
}

const model = 'demo/quick';

/** Call where tests are described. What it gives is that of the current test. */
export function nodeProcesses(): NodeProcesses {
  let folder: Awaited<ReturnType<typeof makeFolder>>;
  let simulator: Simulator;
  let test: PostgresTestDatabase;
  const running: ReadyProcess[] = [];
  beforeEach(async () => {
    folder = await makeFolder();
    simulator = await startSimulator();
    test = await openPostgresTestDatabase();
  });
  afterEach(async () => {
    for (const { child, ended } of running.splice(0)) {
      child.kill('SIGCONT');
      child.kill('SIGKILL');
      await ended;
    }
    await simulator.close();
    await test.close();
    await folder.remove();
  });
  return {
    get simulator() {
      return simulator;
    },
    get test() {
      return test;
    },
    async start(environment = {}) {
      const shared = processEnvironment(folder.path, simulator.url, model);
      const started = await startReady({
        workingDirectory: folder.path,
        environment: { ...shared, DATABASE_URL: test.url, ...environment },
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
