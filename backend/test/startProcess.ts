/** Starts Rill as a process of its own, in the same way as a user does. */
import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Chat, Project } from '@rill/protocol';
import { jsonOf } from './callServer.ts';
import { sendJson, type TestServer } from './startTestServer.ts';

const mainPath = fileURLToPath(new URL('../src/main.ts', import.meta.url));

export interface ProcessOptions {
  /** The working folder; its `.env` is read. */
  readonly workingDirectory: string;
  /** The whole environment except PATH. */
  readonly environment: Readonly<Record<string, string>>;
  readonly parameters?: readonly string[];
  /** The limit of open files; the system's by default. */
  readonly openFileLimit?: number;
}

/** The settings of a silent server that asks one provider. */
export const processEnvironment = (dataDirectory: string, providerUrl: string, model = 'demo/quick') => ({
  RILL_PORT: '0',
  RILL_LOG_LEVEL: 'silent',
  RILL_DATA_DIR: dataDirectory,
  RILL_DEFAULT_MODEL: model,
  OPENROUTER_API_KEY: 'sk-or-v1-test',
  OPENROUTER_BASE_URL: providerUrl,
});

export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RillProcess {
  readonly child: ChildProcess;
  /** Resolves with how the process ended. */
  readonly ended: Promise<ProcessEnd>;
  /** Resolves with the first match in past or future output. Errors: when the process ends without one. */
  waitForOutput(pattern: RegExp): Promise<RegExpExecArray>;
}

export interface ReadyProcess extends RillProcess {
  readonly url: string;
  readonly request: TestServer['request'];
}

export function startProcess(options: ProcessOptions): RillProcess {
  const limit = options.openFileLimit ?? 'unlimited';
  const command = [process.execPath, mainPath, ...(options.parameters ?? [])];
  const limited = ['-c', `ulimit -n ${limit}; exec "$0" "$@"`, ...command];
  const [program = '', ...parameters] = limit === 'unlimited' ? command : ['sh', ...limited];
  const child = spawn(program, parameters, {
    cwd: options.workingDirectory,
    env: { PATH: process.env.PATH, ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  const changes = new EventEmitter();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
      changes.emit('change');
    });
  }
  const ended = once(child, 'close').then(([code, signal]): ProcessEnd => {
    changes.emit('change');
    return { code, signal, ...output };
  });
  return {
    child,
    ended,
    async waitForOutput(pattern) {
      for (;;) {
        const match = pattern.exec(output.stdout);
        if (match) return match;
        if (child.exitCode !== null || child.signalCode !== null) {
          throw new Error(`The process ended: ${JSON.stringify(await ended)}`);
        }
        await once(changes, 'change');
      }
    },
  };
}

/** Starts the process and waits for its ready line. */
export async function startReady(options: ProcessOptions): Promise<ReadyProcess> {
  const started = startProcess(options);
  const [, url = ''] = await started.waitForOutput(/^Rill is ready: (http:\/\/\S+)$/m);
  return { ...started, url, request: sendJson(url) };
}

/** Makes a chat in the first project and returns its path. */
export async function makeChat({ request }: Pick<TestServer, 'request'>): Promise<string> {
  const { projects } = await jsonOf<{ projects: Project[] }>(request('GET', '/api/projects'));
  const path = `/api/projects/${projects[0]?.id}/chats`;
  const chat = await jsonOf<Chat>(request('POST', path, {}));
  return `${path}/${chat.id}`;
}
