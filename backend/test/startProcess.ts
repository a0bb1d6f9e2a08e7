/** Rill as a process of its own, started the way a person starts it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Chat, Project } from '@rill/protocol';
import { jsonOf } from './callServer.ts';
import { sendJson, type TestServer } from './startTestServer.ts';

const mainPath = fileURLToPath(new URL('../src/main.ts', import.meta.url));

export interface ProcessOptions {
  /** Folder in which it is started; its `.env` is read. */
  readonly workingDirectory: string;
  /** The whole environment beside PATH. */
  readonly environment: Readonly<Record<string, string>>;
  readonly parameters?: readonly string[];
}

export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RillProcess {
  readonly child: ChildProcess;
  /** How it ended, once it has. */
  readonly ended: Promise<ProcessEnd>;
  /** The first match in what was printed so far or will be. Errors: when the process ends without it. */
  waitForOutput(pattern: RegExp): Promise<RegExpExecArray>;
}

export interface ReadyProcess extends RillProcess {
  readonly url: string;
  readonly request: TestServer['request'];
}

export function startProcess(options: ProcessOptions): RillProcess {
  const child = spawn(process.execPath, [mainPath, ...(options.parameters ?? [])], {
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

/** Starts and waits until it says that it is ready. */
export async function startReady(options: ProcessOptions): Promise<ReadyProcess> {
  const started = startProcess(options);
  const [, url = ''] = await started.waitForOutput(/^Rill is ready: (http:\/\/\S+)$/m);
  return { ...started, url, request: sendJson(url) };
}

/** The path of a new chat in the first project. */
export async function makeChat({ request }: Pick<TestServer, 'request'>): Promise<string> {
  const { projects } = await jsonOf<{ projects: Project[] }>(request('GET', '/api/projects'));
  const path = `/api/projects/${projects[0]?.id}/chats`;
  const chat = await jsonOf<Chat>(request('POST', path, {}));
  return `${path}/${chat.id}`;
}
