/** Starts the processes of a bench with the same Node; they print a ready line, and end with the bench. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface Child {
  readonly process: ChildProcess;
  readonly pid: number;
  /** The rest of the ready line, after the word. */
  readonly ready: string;
  /** Sends a question over IPC and resolves with the answer. */
  ask<Answer>(question: object): Promise<Answer>;
  stop(): Promise<void>;
}

export interface ChildOptions {
  /** A path relative to the bench's sources, or an absolute one. */
  readonly entry: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly nodeOptions?: readonly string[];
  readonly workingDirectory?: string;
  /** The core that the process is pinned to when `taskset` is available. */
  readonly core?: number;
  /** The first group of its match becomes `ready`. */
  readonly readyPattern?: RegExp;
}

const startLimitMs = 30_000;

/**
 * Starts a process and waits for its ready line. Errors: with its output, when it exits or is not ready within 30 s.
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  const entry = options.entry.startsWith('/')
    ? options.entry
    : fileURLToPath(new URL(`../${options.entry}`, import.meta.url));
  const command = [process.execPath, ...(options.nodeOptions ?? []), entry];
  const pinned = options.core === undefined ? command : ['taskset', '-c', String(options.core), ...command];
  const [program = '', ...parameters] = pinned;
  const child = spawn(program, parameters, {
    cwd: options.workingDirectory,
    env: { PATH: process.env.PATH, ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  // The child always ends with the bench.
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  child.once('exit', () => process.off('exit', end));
  const ready = await readyLine(child, options.readyPattern ?? /^ready (.*)$/m);
  let questionCount = 0;
  return {
    process: child,
    pid: child.pid ?? 0,
    ready,
    ask(question) {
      questionCount += 1;
      const number = questionCount;
      return new Promise((resolve, reject) => {
        const onMessage = (message: { number: number; answer: never }) => {
          if (message.number !== number) return;
          child.off('message', onMessage);
          child.off('exit', onExit);
          resolve(message.answer);
        };
        const onExit = () => reject(new Error(`${entry} ended.`));
        child.on('message', onMessage);
        child.once('exit', onExit);
        child.send({ number, question });
      });
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}

function readyLine(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const timer = setTimeout(() => child.kill('SIGKILL'), startLimitMs);
    const read = (bytes: Buffer) => {
      output = (output + bytes.toString()).slice(-10_000);
      const match = pattern.exec(output);
      if (!match) return;
      clearTimeout(timer);
      resolve(match[1] ?? '');
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`A process of the bench ended:\n${output}`)));
  });
}

/** Runs in a child: answers the requests of the bench. */
export function answerQuestions(answer: (question: Record<string, unknown>) => unknown): void {
  process.on('message', async (message: { number: number; question: Record<string, unknown> }) => {
    process.send?.({ number: message.number, answer: (await answer(message.question)) ?? null });
  });
  process.on('disconnect', () => process.exit());
}
