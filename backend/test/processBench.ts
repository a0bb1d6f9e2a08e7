/** Gives each test a folder and a provider, on which it starts processes of Rill; afterwards they are killed. */
import { type Simulator, startSimulator } from '@rill/simulator';
import { afterEach, beforeEach } from 'vitest';
import { processEnvironment, type ReadyProcess, startReady } from './startProcess.ts';
import { makeFolder } from './testDatabase.ts';

export interface ProcessBench {
  readonly simulator: Simulator;
  /** The path of the data, which is also the working folder. */
  readonly folder: string;
  /** Starts Rill, every time on the same data; `environment` adds to the settings. */
  readonly start: (environment?: Readonly<Record<string, string>>) => Promise<ReadyProcess>;
}

/** Call where tests are described. Its `simulator` and `folder` are those of the current test. */
export function processBench(model = 'demo/quick'): ProcessBench {
  let folder: Awaited<ReturnType<typeof makeFolder>>;
  let simulator: Simulator;
  const running: ReadyProcess[] = [];
  beforeEach(async () => {
    folder = await makeFolder();
    simulator = await startSimulator();
  });
  afterEach(async () => {
    for (const { child, ended } of running.splice(0)) {
      child.kill('SIGKILL');
      await ended;
    }
    await simulator.close();
    await folder.remove();
  });
  return {
    get simulator() {
      return simulator;
    },
    get folder() {
      return folder.path;
    },
    async start(environment = {}) {
      const settings = { ...processEnvironment(folder.path, simulator.url, model), ...environment };
      const started = await startReady({ workingDirectory: folder.path, environment: settings });
      running.push(started);
      return started;
    },
  };
}
