/** Lists the compared servers: how each is started and which requests it accepts. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasPostgres } from '../../../backend/test/postgres/postgresServer.ts';
import { startBenchPostgres } from '../support/benchPostgres.ts';
import { type Child, startChild } from '../support/child.ts';
import { postJson, startRill } from '../support/rillServer.ts';

export interface Target {
  readonly url: string;
  readonly path: string;
  readonly body: string;
}

export interface Running {
  readonly child: Child;
  /** CPU time that its separate database process has used so far, in microseconds. */
  databaseCpuUs?(): number;
  /** Creates one send target per stream, before anything is measured. */
  targets(count: number): Promise<Target[]>;
  /** The URL that cancels an answer; null when the client closes the connection instead. */
  cancelUrl(target: Target): string | null;
  stop(): Promise<void>;
}

export interface Contender {
  readonly name: string;
  readonly label: string;
  /** True when a request is committed to disk before it is answered, by SQLite, whose commits can be timed. */
  readonly commits: boolean;
  start(upstreamUrl: string, options: StartOptions): Promise<Running>;
}

export interface StartOptions {
  readonly core?: number;
  readonly nodeOptions?: readonly string[];
}

/** A running Rill, and the chats in which it is asked. */
export async function relayOf(child: Child): Promise<Omit<Running, 'stop'>> {
  const url = child.ready;
  const projects = await (await fetch(`${url}/api/projects`)).json();
  const chats = `/api/projects/${projects.projects[0].id}/chats`;
  return {
    child,
    async targets(count) {
      const made: Target[] = [];
      while (made.length < count) {
        const { id } = await postJson<{ id: string }>(url + chats, {});
        made.push({ url, path: `${chats}/${id}/messages/stream`, body: '{"content":"Hello"}' });
      }
      return made;
    },
    cancelUrl: ({ path }) => url + path.replace(/messages\/stream$/, 'cancel'),
  };
}

const rill: Contender = {
  name: 'rill',
  label: 'Rill (committed before shown)',
  commits: true,
  async start(upstreamUrl, options) {
    const folder = await mkdtemp(join(tmpdir(), 'rill-bench-'));
    const child = await startRill({ folder, upstreamUrl, ...options });
    return {
      ...(await relayOf(child)),
      async stop() {
        await child.stop();
        await rm(folder, { recursive: true, force: true });
      },
    };
  },
};

const rillOnPostgres: Contender = {
  name: 'postgres',
  label: 'Rill on Postgres',
  commits: false,
  async start(upstreamUrl, options) {
    const folder = await mkdtemp(join(tmpdir(), 'rill-bench-'));
    const postgres = await startBenchPostgres();
    const environment = { DATABASE_URL: postgres.url('postgres') };
    const child = await startRill({ folder, upstreamUrl, environment, ...options });
    return {
      ...(await relayOf(child)),
      databaseCpuUs: () => postgres.cpuUs(),
      async stop() {
        await child.stop();
        await postgres.close();
        await rm(folder, { recursive: true, force: true });
      },
    };
  },
};

function peer(name: string, label: string, file: string, hasRedis = false): Contender {
  return {
    name,
    label,
    commits: false,
    async start(upstreamUrl, options) {
      const redis = hasRedis ? await startRedis() : null;
      const child = await startChild({
        entry: `relay/peers/${file}`,
        environment: {
          UPSTREAM_URL: upstreamUrl,
          NODE_ENV: 'production',
          ...(redis && { REDIS_URL: redis.url }),
        },
        ...options,
      });
      const target = { url: child.ready, path: '/', body: '{"content":"Hello"}' };
      return {
        child,
        targets: async (count) => Array.from({ length: count }, () => target),
        cancelUrl: () => null,
        async stop() {
          await child.stop();
          redis?.stop();
        },
      };
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

async function startRedis() {
  const port = await freePort();
  const child = spawn('redis-server', [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
  ]);
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await new Promise((resolve) =>
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false)),
    );
    socket.destroy();
    if (isOpen) return { url: `redis://127.0.0.1:${port}`, stop: () => child.kill() };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('redis-server does not start.');
}

export const hasRedis = (): boolean => spawnSync('redis-server', ['--version']).status === 0;

export const contenders: readonly Contender[] = [
  peer('pipe', 'node:http byte pipe (floor)', 'bytePipe.ts'),
  peer('hand', 'node:http, parsed by hand', 'handParse.ts'),
  rill,
  ...(hasPostgres ? [rillOnPostgres] : []),
  peer('openai', 'fastify + openai SDK', 'fastifyOpenAi.ts'),
  peer('ai', 'AI SDK', 'aiSdk.ts'),
  peer('resumable', 'AI SDK + resumable-stream', 'aiSdk.ts', true),
];
