/**
 * What a run of the three-node suite plays in: the provider, a Postgres of its own, nodes as processes, a line between
 * each node and the database, and the proxy by which readers reach the nodes in turn.
 */
import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
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
import { ServerProcess } from '../serverProcess.ts';
import { type FaultyLine, openFaultyLine } from './faultyLine.ts';
import { hasPooler, type Pooler, startPooler } from './pooler.ts';
import { startNginx } from './startNginx.ts';
import { makeWallClock, type WallClock } from './wallClock.ts';

export interface ClusterNode {
  readonly name: string;
  readonly server: ServerProcess;
  /** All that the node reaches its database by. */
  readonly lines: readonly FaultyLine[];
  /** Null for the clock of the machine. */
  readonly clock: WallClock | null;
}

export interface Cluster {
  readonly simulator: Simulator;
  /** The primary. */
  readonly postgres: PostgresServer;
  readonly postgresOptions: Required<Pick<PostgresOptions, 'folder' | 'settings'>>;
  /** The disk of Postgres. */
  readonly disk: DataFolder;
  /** Leads to all nodes, where it is installed. */
  readonly nginx: ProxyProcess | null;
  readonly nodes: readonly ClusterNode[];
  readonly proxy: CuttingProxy;
  readonly projectId: string;
  /** Where the output of each node is kept. */
  readonly logFolder: string;
  /** Rows of a statement, asked for past all lines. */
  rows<Row>(text: string): Promise<Row[]>;
  /** All lines lead to this Postgres from now on; the former one is removed. */
  promote(standby: PostgresServer): Promise<void>;
  newChat(): Promise<string>;
  /** The chat as each node tells it. */
  chatEverywhere(chatId: string): Promise<ChatDetail[]>;
  close(): Promise<void>;
}

export interface ClusterOptions {
  readonly nodeCount: number;
  readonly maxRuns: number;
  readonly random: () => number;
  readonly logFolder: string;
}

/** Ended requests that the provider remembers: more than one round can make. */
const keptRequests = 5000;
const databaseName = 'faults';
const user = 'rill';

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
  { nodeCount, maxRuns, random, logFolder }: ClusterOptions,
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
  const postgresOptions = { folder: disk.path, settings: ['max_wal_size=192MB'] };
  const primary = { server: await startPostgres(postgresOptions) };
  closers.push(() => primary.server.close());
  await primary.server.query(`CREATE DATABASE ${databaseName}`);
  const pooler = hasPooler ? await startPooler(user, primary.server.port) : null;
  if (pooler) closers.push(() => pooler.close());
  const nodes: ClusterNode[] = [];
  for (let index = 0; index < nodeCount; index += 1) {
    const node = await makeNode(index, {
      ...{ dataDirectory, maxRuns, random, logFolder },
      postgresPort: () => primary.server.port,
      providerUrl: simulator.url,
      // The last node has what an installation may have besides.
      isSpecial: index === nodeCount - 1,
      pooler,
    });
    nodes.push(node);
    closers.push(async () => {
      node.server.kill('SIGCONT');
      await node.server.kill9();
      for (const line of node.lines) await line.close();
      node.clock?.remove();
    });
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
  // Each connection leads to the next node, so a reader that comes back reads from another one; every third to nginx.
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
    ...{ simulator, postgresOptions, disk, nginx, nodes, proxy, projectId, logFolder, close },
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
    newChat: async () => (await ask<{ id: string }>('POST', chats, {})).id,
    chatEverywhere: (chatId) =>
      Promise.all(nodes.map(({ server }) => call<ChatDetail>(server.url, 'GET', `${chats}/${chatId}`))),
  };
}

async function makeNode(
  index: number,
  options: {
    readonly dataDirectory: string;
    readonly providerUrl: string;
    readonly maxRuns: number;
    readonly random: () => number;
    readonly logFolder: string;
    readonly postgresPort: () => number;
    readonly pooler: Pooler | null;
    readonly isSpecial: boolean;
  },
): Promise<ClusterNode> {
  const { dataDirectory, providerUrl, maxRuns, random, logFolder, postgresPort, isSpecial } = options;
  const pooler = isSpecial ? options.pooler : null;
  const name = `node${index + 1}`;
  const direct = await openFaultyLine(postgresPort, random);
  const pooled = pooler && (await openFaultyLine(() => pooler.port, random));
  const clock = isSpecial ? makeWallClock() : null;
  const urlOf = (line: FaultyLine) => `postgres://${user}@127.0.0.1:${line.port}/${databaseName}`;
  const server = new ServerProcess({
    ...{ dataDirectory, providerUrl, maxRuns },
    environment: {
      DATABASE_URL: urlOf(pooled ?? direct),
      ...(pooled && { RILL_DATABASE_DIRECT_URL: urlOf(direct), RILL_PG_PREPARED: 'off' }),
      // A node without a name waits for the lease of its former start to end.
      ...(isSpecial ? {} : { RILL_NODE_NAME: name }),
      RILL_LOG_LEVEL: 'info',
      RILL_TITLE_MODEL: 'off',
      RILL_DRAIN_MS: '60000',
      ...clock?.environment,
    },
    onOutput: (text) => appendFileSync(join(logFolder, `${name}.txt`), text),
  });
  return { name, server, lines: pooled ? [direct, pooled] : [direct], clock };
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
