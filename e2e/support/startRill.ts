/**
 * Starts the product for one test: the simulator in this process, the real server as a separate process, fresh data.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { type Simulator, type SimulatorOptions, startSimulator } from '@rill/simulator';

export interface StartRillOptions {
  /** Settings for the server besides address, data directory and provider. */
  environment?: Record<string, string>;
  simulator?: SimulatorOptions;
  /** The program to run. Default that of `npm start`. */
  entry?: string;
}

/** A running product; `stop` it at the end of the test. */
export interface Rill {
  /** Address of page and API; stays the same over a restart. */
  readonly url: string;
  readonly simulator: Simulator;
  readonly dataDirectory: string;
  /** What the server wrote to stdout and stderr so far, over all its starts. */
  output(): string;
  /** Ends the server as a crash does; the data stays. */
  kill9(): Promise<void>;
  /** Freezes the server, like one whose disk or machine does not answer. */
  freeze(): void;
  /** Lets a frozen server continue. */
  thaw(): void;
  /** Ends the server if it runs (SIGTERM) and starts it again on the same data and address. */
  restart(): Promise<void>;
  /** Ends everything and deletes the data. Safe to call twice. */
  stop(): Promise<void>;
}

/** What `npm start` runs. */
const startScript = fileURLToPath(new URL('../../scripts/start.js', import.meta.url));
const startTimeoutMs = 30_000;
const stopTimeoutMs = 10_000;
const ownSettings = /^(RILL_|OPENROUTER_|DATABASE_URL$|REDIS_URL$|NODE_OPTIONS$)/;

/** Resolves when the page can be opened. Errors: the server's output when it does not get ready in 30 s. */
export async function startRill(options: StartRillOptions = {}): Promise<Rill> {
  const simulator = await startSimulator(options.simulator);
  const dataDirectory = await mkdtemp(join(tmpdir(), 'rill-e2e-'));
  const removeAll = async (): Promise<void> => {
    await simulator.close();
    await rm(dataDirectory, { recursive: true, force: true });
  };
  const environment = {
    RILL_DATA_DIR: dataDirectory,
    OPENROUTER_BASE_URL: simulator.url,
    OPENROUTER_API_KEY: 'sk-or-v1-e2e',
    ...options.environment,
  };
  const server = new ServerProcess(options.entry ?? startScript, environment);
  try {
    await server.start();
  } catch (error) {
    await removeAll();
    throw error;
  }
  return {
    url: server.url,
    simulator,
    dataDirectory,
    output: () => server.output,
    kill9: () => server.end('SIGKILL'),
    freeze: () => server.signal('SIGSTOP'),
    thaw: () => server.signal('SIGCONT'),
    restart: async () => {
      await server.end('SIGTERM');
      await server.start();
    },
    stop: async () => {
      // The provider is closed first, so that no running answer delays the server.
      await simulator.close();
      await server.end('SIGTERM');
      await removeAll();
    },
  };
}

class ServerProcess {
  url = '';
  output = '';
  private child: ChildProcess | undefined;
  private readonly entry: string;
  private readonly environment: Record<string, string>;

  constructor(entry: string, environment: Record<string, string>) {
    this.entry = entry;
    this.environment = environment;
  }

  async start(): Promise<void> {
    const port = this.url === '' ? '0' : new URL(this.url).port;
    const inherited = Object.entries(process.env).filter(([name]) => !ownSettings.test(name));
    const child = spawn(process.execPath, [this.entry], {
      // Not the repository, so that a developer's .env file is not read.
      cwd: this.environment.RILL_DATA_DIR,
      env: { ...Object.fromEntries(inherited), RILL_PORT: port, ...this.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    this.url = await this.waitUntilReady(child);
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.child?.kill(signal);
  }

  /** Sends the signal, then SIGKILL if that was not enough, and resolves when the process is gone. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill(signal);
    const force = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
    await gone;
    clearTimeout(force);
  }

  private async waitUntilReady(child: ChildProcess): Promise<string> {
    const outputBefore = this.output.length;
    const timeout = setTimeout(() => child.kill('SIGKILL'), startTimeoutMs);
    try {
      return await new Promise((resolve, reject) => {
        const read = (bytes: Buffer): void => {
          this.output += bytes.toString();
          const ready = /^Rill is ready: (http:\/\/\S+)$/m.exec(this.output.slice(outputBefore));
          if (ready?.[1] !== undefined) resolve(ready[1]);
        };
        child.stdout?.on('data', read);
        child.stderr?.on('data', read);
        child.once('error', reject);
        child.once('exit', () => reject(new Error(`Rill ended before it was ready:\n${this.output}`)));
      });
    } finally {
      clearTimeout(timeout);
    }
  }
}
