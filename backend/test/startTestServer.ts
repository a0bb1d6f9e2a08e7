/**
 * Starts the whole server for a test: real listener, real SQLite file, real provider socket to the simulator. `close`
 * fails the test when anything is left open. With RILL_TEST_DATABASE=postgres a Postgres is in the position of the file.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Chat, Project } from '@rill/protocol';
import { type Simulator, type SimulatorOptions, startSimulator } from '@rill/simulator';
import { type App, createApp } from '../src/app.ts';
import { type Clock, systemClock } from '../src/clock.ts';
import { type Config, type ProviderConfig, readConfig } from '../src/config.ts';
import { createLogger } from '../src/logger.ts';
import { createNewId } from '../src/newId.ts';

export interface TestServerOptions {
  readonly simulator?: SimulatorOptions;
  /** Settings by their environment names. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly clock?: Clock;
  /** New ids have the time of that clock, as those of a real server have. */
  readonly areIdsByClock?: boolean;
  /** Uses an earlier server's data; `close` then does not delete the folder. */
  readonly dataDirectory?: string;
  /** Replaces the simulator's address, for example with one that has no listener. */
  readonly providerUrl?: string;
  /** Replaces what the environment says of the provider. */
  readonly provider?: Partial<ProviderConfig>;
  /** Models that the provider lists in addition to the demos, such as `fixture/plain`. */
  readonly listedModels?: readonly string[];
  /** Folder of a built page; without it the server only has the API. */
  readonly pageDirectory?: string;
  /** Receives every log line, from level trace on. */
  readonly onLogLine?: (line: string) => void;
}

export interface TestServer {
  readonly url: string;
  readonly app: App;
  readonly simulator: Simulator;
  readonly config: Config;
  readonly dataDirectory: string;
  /** Address of the Postgres database; null with SQLite. */
  readonly databaseUrl: string | null;
  /** Makes a chat in the first project; returns it with the path of its routes. */
  newChat(): Promise<TestChat>;
  request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
  close(): Promise<void>;
}

export interface TestChat {
  readonly project: Project;
  readonly chat: Chat;
  /** `/api/projects/…/chats/…` */
  readonly path: string;
}

export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const simulator = await startSimulator({ tokensPerSecond: 0, ...options.simulator });
  for (const model of options.listedModels ?? []) simulator.nextScript(model);
  const dataDirectory = options.dataDirectory ?? (await mkdtemp(join(tmpdir(), 'rill-test-')));
  const fresh = await openWantedPostgres(options);
  const read = readConfig({
    RILL_DATA_DIR: dataDirectory,
    RILL_PORT: '0',
    RILL_LOG_LEVEL: options.onLogLine ? 'trace' : 'silent',
    RILL_DEFAULT_MODEL: 'demo/quick',
    OPENROUTER_API_KEY: 'sk-or-v1-test',
    OPENROUTER_BASE_URL: options.providerUrl ?? simulator.url,
    ...(fresh && { DATABASE_URL: fresh.url }),
    ...options.environment,
  });
  const config = { ...read, provider: { ...read.provider, ...options.provider } };
  const app = await createApp({
    config,
    clock: options.clock ?? systemClock,
    bootId: createNewId(systemClock)(),
    newId: createNewId((options.areIdsByClock && options.clock) || systemClock),
    random: () => 0.5,
    logger: createLogger(config.logLevel, options.onLogLine && { write: options.onLogLine }),
    version: 'test',
    pageDirectory: options.pageDirectory ?? null,
    startDemo: async () => ({
      address: { ...config.provider, baseUrl: simulator.url, apiKey: 'demo' },
      close: async () => undefined,
    }),
  });
  await app.server.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const request = sendJson(url);
  return {
    url,
    app,
    simulator,
    config,
    dataDirectory,
    databaseUrl: config.postgres?.url ?? null,
    request,
    async newChat() {
      const { projects } = (await (await request('GET', '/api/projects')).json()) as { projects: Project[] };
      const [project] = projects;
      if (!project) throw new Error('A fresh database has no project.');
      const chat = (await (await request('POST', `/api/projects/${project.id}/chats`, {})).json()) as Chat;
      return { project, chat, path: `/api/projects/${project.id}/chats/${chat.id}` };
    },
    async close() {
      await app.close();
      // Every open answer has ended or lost its socket; otherwise the test would not end.
      for (const request of simulator.requests) if (request.model) await simulator.waitForEnd(request);
      await simulator.close();
      await fresh?.giveBack();
      if (!options.dataDirectory) await rm(dataDirectory, { recursive: true, force: true });
      const left = { requests: app.activeRequests.size, liveRuns: app.liveRuns.size };
      if (left.requests + left.liveRuns > 0) throw new Error(`Left open: ${JSON.stringify(left)}`);
    },
  };
}

/** The tests of the API run on both databases. A server on an earlier one's data has its database by its folder alone. */
async function openWantedPostgres({ dataDirectory, environment = {} }: TestServerOptions) {
  const isWanted = process.env.RILL_TEST_DATABASE === 'postgres';
  if (!isWanted || dataDirectory !== undefined || environment.DATABASE_URL !== undefined) return null;
  const { makeFreshDatabase } = await import('./postgres/postgresTestDatabase.ts');
  return makeFreshDatabase();
}

export function sendJson(url: string): TestServer['request'] {
  return (method, path, body, headers = {}) =>
    fetch(url + path, {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
}
