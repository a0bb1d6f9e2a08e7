/** Starts a Redis of its own on a port, from the program that the system has, and stops it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { freePort } from '../proxies/proxyProgram.ts';

export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** The process of the server, for tests that stop it. */
  readonly pid: number;
  stop(): Promise<void>;
  /** Starts it again on its port. */
  start(): Promise<void>;
}

const program = ['/usr/bin/valkey-server', '/usr/bin/redis-server'].find((path) => existsSync(path));
export const hasRedis = program !== undefined;

export async function startRedis(): Promise<RedisServer> {
  if (program === undefined) throw new Error('Redis is not installed.');
  const port = await freePort();
  const words = ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--appendonly', 'no'];
  const state: { child: ChildProcess | undefined } = { child: undefined };
  const start = async (): Promise<void> => {
    const child = spawn(program, words, { cwd: '/tmp', stdio: ['ignore', 'pipe', 'ignore'] });
    state.child = child;
    const output = { text: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output.text += text));
    while (!output.text.includes('Ready to accept connections')) {
      if (child.exitCode !== null) throw new Error(`Redis has ended: ${output.text}`);
      await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
    }
  };
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    get pid() {
      return state.child?.pid ?? 0;
    },
    start,
    async stop() {
      const { child } = state;
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
