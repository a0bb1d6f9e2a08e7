/** Builds the stages and hands them to each other; what `main.ts` and tests start. */
import { createHmac } from 'node:crypto';
import type { ModelList } from '@rill/protocol';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { createServer } from './api/server.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import { openSqliteDatabase } from './database/sqliteDatabase.ts';
import { Feeds } from './feed/feeds.ts';
import { createLlmService } from './llm/llmService.ts';
import { createModelCatalog } from './llm/modelCatalog.ts';
import { LiveRuns } from './log/liveRuns.ts';
import { createSqliteEventLog } from './log/sqliteEventLog.ts';
import { ActiveRequests } from './runs/activeRequests.ts';
import { EndedRuns } from './runs/endedRuns.ts';
import { keepLeases } from './runs/keepLeases.ts';
import { Reconciliation } from './runs/reconcileUsage.ts';
import { recoverRuns } from './runs/recoverRuns.ts';
import { startRetention } from './runs/retention.ts';
import { performRun } from './runs/run.ts';
import type { RunDependencies } from './runs/runDependencies.ts';
import { createRuns, type Runs } from './runs/runs.ts';
import { ensureFirstRows, localOwnerId } from './store/firstRows.ts';

export interface AppOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly random: () => number;
  readonly logger: FastifyBaseLogger;
  readonly version: string;
  readonly pageDirectory: string | null;
}

export interface App {
  readonly server: FastifyInstance;
  readonly runs: Runs;
  readonly activeRequests: ActiveRequests;
  readonly liveRuns: LiveRuns;
  readonly feeds: Feeds;
  /** Ends what runs as interrupted, then closes sockets, provider connections and the database. */
  close(): Promise<void>;
}

/** Opens the database, ends what an earlier process left open, and builds the server without listening. */
export async function createApp(options: AppOptions): Promise<App> {
  const { config, clock, newId } = options;
  const database = await openSqliteDatabase(config.dataDirectory, clock);
  await database.transaction((transaction) =>
    ensureFirstRows(transaction, { projectId: newId(), nowMs: clock.nowMs() }),
  );
  const stages = createStages(options, database);
  const { dependencies } = stages;
  for (const started of await recoverRuns(dependencies)) void performRun(dependencies, started);
  keepLeases(dependencies);
  await stages.reconciliation.start();
  // Asked for now, so that the first send need not wait for it.
  void dependencies.models.list();
  const stopRetention = startRetention(dependencies);
  const runs = createRuns(dependencies);
  const server = await createServer({
    dependencies: {
      database,
      runs,
      feeds: stages.feeds,
      listModels: () => listModels(config, dependencies),
      clock,
      newId,
      ownerId: localOwnerId,
      heartbeatMs: config.heartbeatMs,
      parkedLimitMs: config.parkedLimitMs,
      version: options.version,
    },
    access: {
      accessToken: config.accessToken,
      allowedHosts: config.allowedHosts,
      cookieSecret: createHmac('sha256', 'rill-session')
        .update(config.accessToken ?? newId())
        .digest('base64url'),
      nowMs: () => clock.nowMs(),
    },
    maxBodyBytes: config.maxBodyBytes,
    pageDirectory: options.pageDirectory,
    logger: options.logger,
  });
  return {
    server,
    runs,
    activeRequests: dependencies.activeRequests,
    liveRuns: dependencies.liveRuns,
    feeds: stages.feeds,
    async close() {
      await runs.interruptAll();
      stages.closing.abort();
      await stages.reconciliation.close();
      stopRetention();
      // Only now: until the last answer has ended, its end is still told.
      stages.feeds.close();
      await server.close();
      await stages.llm.close();
      await database.close();
    },
  };
}

function createStages(options: AppOptions, database: Awaited<ReturnType<typeof openSqliteDatabase>>) {
  const { config, clock, newId, random, logger } = options;
  const llm = createLlmService({
    ...config.provider,
    clock,
    random,
    onWarning: (fields) => logger.warn(fields, 'provider'),
  });
  const models = createModelCatalog({
    fetchModels: (signal) => llm.listModels({ signal }),
    clock,
    fallbackModel: config.runs.defaultModel ?? (config.provider.isDemo ? 'demo/quick' : 'openrouter/auto'),
    onFailure: (error) => logger.warn({ err: error }, 'the provider did not list its models'),
  });
  const closing = new AbortController();
  const endedRuns = new EndedRuns();
  const feeds = new Feeds(newId);
  const reconciliation = new Reconciliation({ database, feeds, llm, models, endedRuns, clock, logger });
  const dependencies: RunDependencies = {
    database,
    log: createSqliteEventLog(database),
    liveRuns: new LiveRuns(),
    endedRuns,
    feeds,
    activeRequests: new ActiveRequests(),
    llm,
    models,
    clock,
    newId,
    bootId: newId(),
    reconciliation,
    closing: closing.signal,
    settings: config.runs,
    logger,
  };
  return { llm, closing, feeds, reconciliation, dependencies };
}

async function listModels(config: Config, { models }: RunDependencies): Promise<ModelList> {
  const known = await models.list();
  return { models: [...known], defaultModel: models.defaultModel(), isDemo: config.provider.isDemo };
}
