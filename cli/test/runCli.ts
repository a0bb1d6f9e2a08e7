/** Runs the rill command as a user does: through its shell script, in a folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('../rill.sh', import.meta.url));

export interface CliOptions {
  readonly cwd: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** What the command reads from its standard input. */
  readonly input?: string;
}

export interface CliRun {
  readonly child: ChildProcess;
  readonly out: () => string;
  readonly err: () => string;
  /** Resolves when the command wrote this to stdout. */
  printed(words: string): Promise<void>;
  /** The exit code. */
  readonly end: Promise<number | null>;
}

export function startCli(
  words: readonly string[],
  { cwd, environment = {}, input = '' }: CliOptions,
): CliRun {
  const child = spawn('sh', [script, ...words], {
    cwd,
    env: { PATH: process.env.PATH, ...environment },
    stdio: 'pipe',
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (bytes) => (out += String(bytes)));
  child.stderr.on('data', (bytes) => (err += String(bytes)));
  child.stdin.end(input);
  const end = once(child, 'close').then(([code]) => code as number | null);
  return {
    child,
    out: () => out,
    err: () => err,
    async printed(words) {
      while (!out.includes(words)) {
        await Promise.race([
          once(child.stdout, 'data'),
          end.then(() => Promise.reject(new Error(`It ended without ${words}: ${out}${err}`))),
        ]);
      }
    },
    end,
  };
}

/** Runs it to its end. */
export async function runCli(words: readonly string[], options: CliOptions) {
  const run = startCli(words, options);
  const code = await run.end;
  return { code, out: run.out(), err: run.err() };
}
