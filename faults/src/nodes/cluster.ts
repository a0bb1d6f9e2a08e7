/**
 * Starts the environment of the three-node suite: the provider, its own Postgres, nodes as processes, a line between
 * each node and the database, and the proxy through which readers reach the nodes in turn.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChatDetail, Project } from '@rill/protocol';
import { type Simulator, startSimulator } from '@rill/simulator';
import {
  type PostgresOptions,
  type PostgresServer,
  startPostgres,
} from '../../../backend/test/postgres/postgresServer.ts';
import { isInstalled, type ProxyProcess } from '../../../backend/test/proxies/proxyProgram.ts';
import { type CuttingProxy, startCuttingProxy } from '../cuttingProxy.ts';
import { type DataFolder, makeDataFolder } from '../dataFolder.ts';
import { type ClusterNode, databaseName, type HintBus, makeNode, user } from './makeNode.ts';
import { type HintRedis, startHintRedis } from './parts/hintRedis.ts';
import { hasPooler, startPooler } from './parts/pooler.ts';
import { startNginx } from './parts/startNginx.ts';

export interface Cluster {
  readonly simulator: Simulator;
  /** The primary. */
  readonly postgres: PostgresServer;
  readonly postgresOptions: Required<Pick<PostgresOptions, 'folder' | 'settings'>>;
  /** The disk of Postgres. */
  readonly disk: DataFolder;
  /** Passes requests on to all nodes; null where it is not installed. */
  readonly nginx: ProxyProcess | null;
  /** Sends hints between nodes in some rounds; null where it is not installed. */
  readonly redis: HintRedis | null;
  readonly nodes: readonly ClusterNode[];
  readonly proxy: CuttingProxy;
  /** Most answers that may be written at the same time. */
  readonly maxRuns: number;
  readonly projectId: string;
  /** Folder of each node's output. */
  readonly logFolder: string;
  /** Rows of a statement that is sent directly, past all lines. */
  rows<Row>(text: string): Promise<Row[]>;
  /** Directs all lines to this Postgres from now on; the former one is removed. */
  promote(standby: PostgresServer): Promise<void>;
  /** Makes nodes send hints by this from now on; nodes that used another bus are started again. */
  useHints(bus: HintBus): Promise<void>;
  newChat(): Promise<string>;
  /** The chat as each node returns it. */
  chatEverywhere(chatId: string): Promise<ChatDetail[]>;
  close(): Promise<void>;
}

export interface ClusterOptions {
  readonly nodeCount: number;
  readonly maxRuns: number;
  readonly random: () => number;
  readonly logFolder: string;
  /** Modules that each node loads first. */
  readonly preloads?: readonly string[];
}

/** Ended requests that the provider remembers: more than one round can make. */
const keptRequests = 5000;
/** Three nodes use 16 each, and the checks use some more. */
const maxConnections = 100;

export async function openCluster(options: ClusterOptions): Promise<Cluster> {
  const closers: (() => unknown)[] = [];
  const closeAll = async (): Promise<void> => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    return await openParts(options, closers, closeAll);
  } catch (error) {
    await closeAll();
    throw error;
  }
}

async function openParts(
  { nodeCount, maxRuns, random, logFolder, preloads = [] }: ClusterOptions,
  closers: (() => unknown)[],
  close: () => Promise<void>,
): Promise<Cluster> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'rill-nodes-'));
  closers.push(() => rmSync(dataDirectory, { recursive: true, force: true }));
  mkdirSync(logFolder, { recursive: true });
  const simulator = await startSimulator({ keptRequests, generationNotFoundCount: 0 });
  closers.push(() => simulator.close());
  const disk = makeDataFolder();
  closers.push(() => disk.remove());
  const postgresOptions = {
    folder: disk.path,
    settings: ['max_wal_size=192MB', `max_connections=${maxConnections}`],
  };
  const primary = { server: await startPostgres(postgresOptions) };
  closers.push(() => primary.server.close());
  await primary.server.query(`CREATE DATABASE ${databaseName}`);
  const pooler = hasPooler ? await startPooler(user, primary.server.port) : null;
  if (pooler) closers.push(() => pooler.close());
  const redis = await startHintRedis();
  if (redis) closers.push(() => redis.close());
  const hints: { bus: HintBus } = { bus: 'postgres' };
  const nodes: ClusterNode[] = [];
  for (let index = 0; index < nodeCount; index += 1) {
    const node = await makeNode(index, index === nodeCount - 1, {
      ...{ dataDirectory, maxRuns, random, logFolder, pooler, redis, preloads },
      postgresPort: () => primary.server.port,
      providerUrl: simulator.url,
      hints: () => hints.bus,
    });
    nodes.push(node);
    closers.push(() => node.close());
  }
  const turns = { count: 0 };
  const running = () => nodes.filter(({ server }) => server.isRunning && server.port !== 0);
  const next = () => {
    const open = running();
    turns.count += 1;
    return open[turns.count % Math.max(1, open.length)]?.server ?? nodes[0]?.server;
  };
  await Promise.all(nodes.map(({ server }) => server.start()));
  const nginx = isInstalled('nginx') ? await startNginx(nodes.map(({ server }) => server.port)) : null;
  if (nginx) closers.push(() => nginx.close());
  // Each connection goes to the next node, so a reader that reconnects reads from another one; every third goes to
  // nginx.
  const proxy = await startCuttingProxy(() => {
    const node = next();
    return (nginx && turns.count % 3 === 0 ? nginx.port : node?.port) ?? 0;
  });
  closers.push(() => proxy.close());
  const ask = <Body>(method: string, path: string, body?: object) =>
    call<Body>(next()?.url ?? '', method, path, body);
  const { projects } = await ask<{ projects: Project[] }>('GET', '/api/projects');
  const projectId = projects[0]?.id ?? '';
  const chats = `/api/projects/${projectId}/chats`;
  return {
    ...{ simulator, postgresOptions, disk, nginx, redis, nodes, proxy, maxRuns, projectId, logFolder, close },
    get postgres() {
      return primary.server;
    },
    rows: async <Row>(text: string) => (await primary.server.query(text, databaseName)).rows as Row[],
    async promote(standby) {
      const former = primary.server;
      primary.server = standby;
      pooler?.pointTo(standby.port);
      for (const { lines } of nodes) for (const line of lines) line.cut();
      await former.close();
    },
    async useHints(bus) {
      if (hints.bus === bus) return;
      hints.bus = bus;
      await Promise.all(
        nodes.map(async ({ server }) => {
          server.kill('SIGTERM');
          await server.ended();
          await server.start();
        }),
      );
    },
    newChat: async () => (await ask<{ id: string }>('POST', chats, {})).id,
    chatEverywhere: (chatId) =>
      Promise.all(nodes.map(({ server }) => call<ChatDetail>(server.url, 'GET', `${chats}/${chatId}`))),
  };
}

async function call<Body>(origin: string, method: string, path: string, body?: object): Promise<Body> {
  const response = await fetch(origin + path, {
    method,
    headers: { connection: 'close', ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Body;
}
