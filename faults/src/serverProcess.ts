/**
 * Runs the real server as a process that can be killed, stopped and started again on the same data and the same port.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface ServerOptions {
  readonly dataDirectory: string;
  readonly providerUrl: string;
  readonly maxRuns: number;
  /** Settings that add to those or override them, read at each start. */
  readonly environment?: () => Readonly<Record<string, string>>;
  /** Modules that the process loads before the server. */
  readonly preloads?: readonly string[];
  /** Heap size beyond which the process aborts. */
  readonly heapMegabytes?: number;
  /** Called with everything that it prints. */
  readonly onOutput?: (text: string) => void;
}

/** What keeps the server's process alive, by the engine's names, and its memory. */
export interface Resources {
  readonly counts: Readonly<Record<string, number>>;
  readonly residentBytes: number;
}

const entryPath = fileURLToPath(new URL('../../backend/src/main.ts', import.meta.url));
const preloadUrl = new URL('preload.ts', import.meta.url).href;
const startTimeoutMs = 60_000;
/** UTF-16 units of its output that are kept: more than a report shows, and more than any awaited text has. */
const keptOutput = 100_000;

export class ServerProcess {
  readonly #options: ServerOptions;
  readonly #events = new EventEmitter();
  #child: ChildProcess | null = null;
  #output = '';
  #bootId = '';
  #port = 0;

  constructor(options: ServerOptions) {
    this.#options = options;
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get isRunning(): boolean {
    const child = this.#child;
    return child !== null && child.exitCode === null && child.signalCode === null;
  }

  /** The id of this start among the nodes of a database; '' before it has joined them. */
  get bootId(): string {
    return this.#bootId;
  }

  /** The last lines of its output, for a report. */
  get lastOutput(): string {
    return this.#output.slice(-2000);
  }

  /** Starts it; resolves when it reports that it is ready. Errors: its output, when it exits or hangs instead. */
  async start(): Promise<void> {
    this.#output = '';
    this.#bootId = '';
    const { heapMegabytes, environment, preloads = [] } = this.#options;
    const limits = heapMegabytes === undefined ? [] : [`--max-old-space-size=${heapMegabytes}`];
    const imports = [preloadUrl, ...preloads].map((url) => `--import=${url}`);
    const child = spawn(process.execPath, [...limits, ...imports, entryPath], {
      env: {
        PATH: process.env.PATH,
        RILL_PORT: String(this.#port),
        RILL_LOG_LEVEL: 'warn',
        RILL_DATA_DIR: this.#options.dataDirectory,
        RILL_MAX_RUNS_PER_OWNER: String(this.#options.maxRuns),
        RILL_DRAIN_MS: '2000',
        OPENROUTER_API_KEY: 'sk-or-v1-faults',
        OPENROUTER_BASE_URL: this.#options.providerUrl,
        ...environment?.(),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#output = (this.#output + text).slice(-keptOutput);
        this.#options.onOutput?.(text);
        this.#events.emit('output');
      });
    }
    child.once('exit', () => this.#events.emit('output'));
    const [, url = ''] = await this.#waitForOutput(/^Rill is ready: (http:\/\/\S+)$/m);
    this.#port = Number(new URL(url).port);
    this.#bootId = /"bootId":"([^"]+)"[^\n]*"joined the nodes/.exec(this.#output)?.[1] ?? '';
  }

  kill(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Resolves with the exit code once the process has exited; null when a signal ended it. */
  async ended(): Promise<number | null> {
    const child = this.#child;
    if (!child) return null;
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    return child.exitCode;
  }

  async kill9(): Promise<void> {
    this.kill('SIGKILL');
    await this.ended();
  }

  async resources(): Promise<Resources> {
    this.#output = '';
    this.kill('SIGUSR2');
    const [, json = ''] = await this.#waitForOutput(/^resources (.*)$/m);
    return JSON.parse(json) as Resources;
  }

  async #waitForOutput(pattern: RegExp): Promise<RegExpExecArray> {
    const signal = AbortSignal.timeout(startTimeoutMs);
    for (;;) {
      const match = pattern.exec(this.#output);
      if (match) return match;
      const child = this.#child;
      if (!child || child.exitCode !== null || child.signalCode !== null) {
        throw new Error(`The server ended instead: ${this.lastOutput}`);
      }
      await once(this.#events, 'output', { signal });
    }
  }
}
