/** Runs what compose.yaml describes as processes of this machine: three nodes, Postgres, Redis and nginx. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Chat, ChatDetail, Project } from '@rill/protocol';
import { type Simulator, startSimulator } from '@rill/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeSettings } from '../../src/config.ts';
import { hasRedis, type RedisServer, startRedis } from '../hints/redisServer.ts';
import {
  describeWithPostgres,
  type FreshDatabase,
  makeFreshDatabase,
} from '../postgres/postgresTestDatabase.ts';
import { contentOf, readStream } from '../readStream.ts';
import { type RillProcess, startProcess } from '../startProcess.ts';
import { sendJson } from '../startTestServer.ts';
import { readCompose, readDockerfile, readNginxLines, withVariables } from './composeFile.ts';
import { nginxFileConfig } from './proxyConfigs.ts';
import { freePort, isInstalled, type ProxyProcess, startProxy } from './proxyProgram.ts';

const token = 'a-secret-of-good-length';
const compose = readCompose();
const nodes = Object.entries(compose.services).filter(([, { build }]) => build !== undefined);

describe('compose.yaml', () => {
  it('has three nodes, which have no setting that Rill does not know', () => {
    expect(nodes.map(([name]) => name)).toEqual(['node1', 'node2', 'node3']);
    const known = new Set(
      describeSettings()
        .match(/^ {2}[A-Z_]+$/gm)
        ?.map((line) => line.trim()),
    );
    for (const [name, { environment = {} }] of nodes) {
      expect(Object.keys(environment).filter((setting) => !known.has(setting))).toEqual([]);
      expect(environment.RILL_NODE_NAME).toBe(name);
    }
  });

  it('names no service or volume that it does not have', () => {
    for (const { depends_on = [], volumes = [] } of Object.values(compose.services)) {
      const names = Array.isArray(depends_on) ? depends_on : Object.keys(depends_on);
      expect(names.filter((name) => !(name in compose.services))).toEqual([]);
      const named = volumes
        .map((volume) => volume.split(':')[0] ?? '')
        .filter((source) => /^\w/.test(source));
      expect(named.filter((source) => !(source in compose.volumes))).toEqual([]);
    }
  });

  it('waits longer for the end of a node than the node for its answers', () => {
    for (const [, { environment = {}, stop_grace_period = '' }] of nodes)
      expect(Number.parseInt(stop_grace_period, 10) * 1000).toBeGreaterThan(
        Number(environment.RILL_DRAIN_MS),
      );
  });

  it('gives nginx the nodes that there are', () => {
    const servers = [...readNginxLines().matchAll(/server (\w+):3000;/g)].map(([, name]) => name);
    expect(servers).toEqual(nodes.map(([name]) => name));
  });
});

const canRun = isInstalled('nginx') && hasRedis;

describeWithPostgres('the services of compose.yaml', () => {
  let database: FreshDatabase;
  let redis: RedisServer;
  let simulator: Simulator;
  let folder: string;
  let proxy: ProxyProcess;
  let processes: RillProcess[];
  beforeAll(async () => {
    if (!canRun) return;
    [database, redis, simulator, folder] = await Promise.all([
      makeFreshDatabase(),
      startRedis(),
      startSimulator({ tokensPerSecond: 0 }),
      mkdtemp(join(tmpdir(), 'rill-compose-')),
    ]);
    const ports = await Promise.all(nodes.map(() => freePort()));
    processes = nodes.map(([, { environment = {} }], index) =>
      startProcess({
        workingDirectory: folder,
        environment: {
          ...settingsOf(environment),
          // What the containers' network, their volume and the image say.
          RILL_HOST: '127.0.0.1',
          RILL_PORT: String(ports[index]),
          RILL_DATA_DIR: folder,
          RILL_TRUSTED_PROXIES: 'loopback',
          OPENROUTER_BASE_URL: simulator.url,
          RILL_DEFAULT_MODEL: 'demo/quick',
        },
      }),
    );
    await Promise.all(processes.map((each) => each.waitForOutput(/Rill is ready/)));
    const addresses = new Map(nodes.map(([name], index) => [name, `127.0.0.1:${ports[index]}`]));
    proxy = await startProxy('nginx', nginxFileConfig(readNginxLines(), addresses));
  }, 120_000);
  afterAll(async () => {
    if (!canRun) return;
    await proxy.close();
    for (const { child } of processes) child.kill('SIGTERM');
    await Promise.all(processes.map(({ ended }) => ended));
    await Promise.all([redis.stop(), simulator.close(), database.giveBack()]);
    await rm(folder, { recursive: true, force: true });
  });

  const settingsOf = (environment: Readonly<Record<string, string>>) => {
    const variables = {
      POSTGRES_PASSWORD: 'x',
      RILL_ACCESS_TOKEN: token,
      OPENROUTER_API_KEY: 'sk-or-v1-test',
    };
    const settings = Object.entries(environment).map(([name, value]) => [
      name,
      withVariables(value, variables),
    ]);
    return { ...Object.fromEntries(settings), DATABASE_URL: database.url, REDIS_URL: redis.url };
  };

  it('answer in a chat through nginx, and every node has the same chat', async (context) => {
    if (!canRun) {
      if (process.env.RILL_NEEDS_PROXIES) throw new Error('nginx and Redis are needed and not installed.');
      context.skip('nginx or Redis is not installed.');
    }
    const send = sendJson(`http://127.0.0.1:${proxy.port}`);
    const headers = { authorization: `Bearer ${token}` };
    const { projects } = (await (await send('GET', '/api/projects', undefined, headers)).json()) as {
      projects: Project[];
    };
    const chats = `/api/projects/${projects[0]?.id}/chats`;
    const chat = (await (await send('POST', chats, {}, headers)).json()) as Chat;
    const path = `${chats}/${chat.id}`;
    const stream = readStream(await send('POST', `${path}/messages/stream`, { content: 'Hello' }, headers));
    const frames = await stream.rest();
    expect(frames.at(-1)?.event?.type).toBe('done');
    for (const { child } of processes) expect(child.exitCode).toBeNull();
    for (const [index] of nodes.entries()) {
      const ready = await processes[index]?.waitForOutput(/Rill is ready: (\S+)/);
      const answer = await sendJson(ready?.[1] ?? '')('GET', path, undefined, headers);
      const { messages } = (await answer.json()) as ChatDetail;
      expect(messages[1]?.content).toBe(contentOf(frames));
    }
  });

  it('are ended by the signal that the image names', async () => {
    expect(readDockerfile()).toMatch(/^STOPSIGNAL SIGTERM$/m);
    expect(readDockerfile()).toMatch(
      /^CMD \["node", "--min-semi-space-size=3", "--v8-pool-size=2", "backend\/\.builds\/image\/main\.cjs"\]$/m,
    );
  });
});
