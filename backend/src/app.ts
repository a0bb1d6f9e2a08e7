/** Builds the stages and connects them. `main.ts` and the tests start the result. */
import { join } from 'node:path';
import type { ModelList } from '@rill/protocol';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { readOpenFiles } from './api/connections/openFileLimit.ts';
import { lowLimitWarning, OpenFiles, shareOpenFiles } from './api/connections/openFiles.ts';
import { createPageBuild } from './api/pageBuild.ts';
import { createServer } from './api/server.ts';
import { createImports } from './archive/createImports.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import type { Database, TransactionWork } from './database/database.ts';
import { createWriteQueue } from './database/writeQueue.ts';
import type { Feeds } from './delivery/feed/feeds.ts';
import { MemoryFeeds } from './delivery/feed/memoryFeeds.ts';
import { FinishedRunCache } from './delivery/finishedRunCache.ts';
import { LiveRuns } from './delivery/liveRuns.ts';
import { sseEncoder } from './delivery/sseEncoder.ts';
import { createFileService, type FileService } from './files/fileService.ts';
import { openFolderFileStore } from './files/folderFileStore.ts';
import { growingIds } from './growingIds.ts';
import type { ImportJobs } from './imports/job/importJobs.ts';
import { createModelCatalog, type ModelCatalog } from './llm/modelCatalog.ts';
import type { FormMemory } from './llm/requestForms.ts';
import type { EventLog } from './log/eventLog.ts';
import { startRetention } from './log/retention.ts';
import { createSqliteEventLog } from './log/sqliteEventLog.ts';
import { openNode } from './nodes/openNode.ts';
import { type Demo, openProvider, type Provider } from './openProvider.ts';
import { openStorage, type Storage } from './openStorage.ts';
import { ActiveRequests } from './runs/activeRequests.ts';
import { AnswerMemory } from './runs/answerMemory.ts';
import { UnsavedText } from './runs/execute/unsavedText.ts';
import { RunCancelled } from './runs/finish/abortReasons.ts';
import { watchMarkedRuns } from './runs/finish/markedRuns.ts';
import { startHousekeeping } from './runs/housekeeping.ts';
import { createBudgets } from './runs/money/answerBudgets.ts';
import { storedLedger } from './runs/money/usageLedger.ts';
import { QueueWakes } from './runs/queue/queueWakes.ts';
import { startRecovery } from './runs/recover/startRecovery.ts';
import { watchNodes } from './runs/recover/watchNodes.ts';
import type { RunDependencies } from './runs/runDependencies.ts';
import { createRunService, type DrainState, type RunService } from './runs/runService.ts';
import { noRunsElsewhere, type RunsElsewhere } from './runs/runsElsewhere.ts';
import { createKeepers, type Keepers } from './runs/temporary/keepers.ts';
import { LazyTemporaryStages } from './runs/temporary/temporaryStages.ts';
import { TitleWriter } from './runs/titles/titleWriter.ts';
import { Reconciliation } from './runs/usage/reconcileUsage.ts';
import { findLastId } from './store/lastId.ts';
import { removeStaleReservations } from './store/money/budgets.ts';
import { type Page, readAllPages } from './store/readAllPages.ts';
import { localOwnerId, seedDatabase } from './store/seed.ts';
import {
  deleteRequestForm,
  listRequestForms,
  type StoredForm,
  saveRequestForm,
} from './store/storedForms.ts';

export interface AppOptions {
  readonly config: Config;
  /** Identifies this start of the process. */
  readonly bootId: string;
  readonly clock: Clock;
  /** By the clock, whose time nodes share once they have joined: none is taken before that. */
  readonly newId: () => string;
  readonly random: () => number;
  readonly logger: FastifyBaseLogger;
  readonly version: string;
  readonly pageDirectory: string | null;
  /** Starts the demo, which answers when neither the settings nor the user provide a key or another server. */
  readonly startDemo: () => Promise<Demo>;
}

export interface App {
  readonly server: FastifyInstance;
  readonly runs: RunService;
  readonly activeRequests: ActiveRequests;
  readonly liveRuns: LiveRuns;
  readonly feeds: Feeds;
  readonly titles: Pick<TitleWriter, 'whenIdle'>;
  /** Resolves with one sentence when another node has declared this process dead: it must end at once. */
  readonly fenced: Promise<string>;
  /** Resolves with one sentence when the database is too new for this process: it refuses requests, and must end. */
  readonly outdated: Promise<string>;
  isDemo(): boolean;
  /** Ends active runs as interrupted, then closes sockets, provider connections and the database. */
  close(): Promise<void>;
}

/** Opens the database, recovers the runs of an earlier process, and builds the server without listening. */
export async function createApp(options: AppOptions): Promise<App> {
  const opened = await openStages(options);
  const { node, log, provider, leave, newId, stages } = opened;
  const { dependencies } = stages;
  const { database } = dependencies;
  await database.transaction((transaction) => removeStaleReservations(transaction, database.hasNodes));
  await startRecovery(dependencies);
  watchMarkedRuns(dependencies);
  await stages.reconciliation.start();
  const stopRetention = startRetention(dependencies);
  const drain: DrainState = { isDraining: false, refusal: null };
  const { stopHousekeeping, ...services } = await startServices(options, opened, drain);
  const { runs, temporary, imports } = services;
  const server = await createAppServer({ ...options, newId }, database, stages, services);
  // Loaded now, so that the first send need not wait for it.
  server.addHook('onListen', async () => void dependencies.models.list());
  server.addHook('onListen', async () => node.listensAt(server.server.address()));
  const ends = watchNodes(node, {
    dependencies,
    drain,
    stop() {
      stages.closing.abort();
      stages.feeds.close();
    },
    continueWork: [
      () => runs.startQueues(),
      () => stages.reconciliation.wakeForOthers(),
      () => imports.continueOthers(),
    ],
  });
  return {
    ...ends,
    server,
    runs,
    activeRequests: dependencies.activeRequests,
    liveRuns: dependencies.liveRuns,
    feeds: stages.feeds,
    titles: stages.titles,
    isDemo: provider.isDemo,
    async close() {
      const housekeepingIsOver = stopHousekeeping();
      await runs.interruptAll();
      stages.closing.abort();
      await imports.close();
      await housekeepingIsOver;
      await stages.reconciliation.close();
      await stages.titles.whenIdle();
      stopRetention();
      // After the last runs: their ends are still published.
      stages.feeds.close();
      await leave();
      await server.close();
      await provider.close();
      await temporary.close();
      await log.close();
      await node.retire();
      await database.close();
    },
  };
}

/** Creates the services that answer requests, and continues the queues and imports of an earlier process. */
async function startServices(
  options: AppOptions,
  { storage, node, files, newId, shared, stages }: Awaited<ReturnType<typeof openStages>>,
  drain: DrainState,
) {
  const { dependencies } = stages;
  const runs = createRunService(dependencies, drain);
  const temporary = createTemporaryStages(storage, stages, drain);
  await runs.startQueues();
  const imports = createImports({ ...options, ...shared, newId, database: dependencies.database });
  await imports.continueAll();
  const stopHousekeeping = startHousekeeping({
    dependencies,
    runs,
    endUnstartedImports: () => imports.endUnstarted(),
    isOurs: () => node.isMaintainer,
  });
  const keepers = createKeepers(dependencies.database, shared.bootId);
  return { runs, temporary, keepers, imports, files, stopHousekeeping };
}

/** Opens the database, the log, the files and the provider, and creates the stages on them. */
async function openStages(options: AppOptions) {
  const { config, bootId, clock } = options;
  const storage = await openStorage(options);
  const { database } = storage;
  const { nodeName: name, nodeAddress } = config;
  const node = await openNode(database, { ...options, name, nodeAddress });
  await database.transaction((transaction) =>
    seedDatabase(transaction, { projectId: options.newId(), nowMs: clock.nowMs() }),
  );
  const newId = growingIds(options.newId, await findLastId(database.reader));
  const provider = await openStoredProvider(storage, options, () => {
    stages.dependencies.models.forget();
    void stages.dependencies.models.list();
    stages.feeds.publishToEveryone({ type: 'models-change', data: { isDemo: provider.isDemo() } });
  });
  const store = await openFolderFileStore(join(config.dataDirectory, 'files'), database.hasNodes);
  const files = createFileService({ store, database, clock, newId });
  const log = await storage.openLog({
    onCancelled: (runIds) => abortCancelled(stages.dependencies, runIds),
    onFenced: () => node.reportFenced(),
  });
  const liveRuns = new LiveRuns();
  const { leave, ...others } = await joinOthers(storage, { ...options, newId }, { log, liveRuns });
  const shared = { ...others, bootId, log, liveRuns, provider, files };
  const stages = createStages({ ...options, newId }, database, shared);
  return { storage, node, log, provider, files, leave, newId, shared, stages };
}

function createTemporaryStages(
  storage: Storage,
  { dependencies, feeds }: ReturnType<typeof createStages>,
  drain: DrainState,
): LazyTemporaryStages {
  return new LazyTemporaryStages(async () => {
    const { openTemporaryChats } = await import('./openTemporaryChats.ts');
    const database = await storage.openMemory();
    const log = createSqliteEventLog(database);
    return openTemporaryChats(dependencies, { database, log, feeds: feeds.unstored, drain });
  });
}

function abortCancelled({ activeRequests }: RunDependencies, runIds: readonly string[]): void {
  for (const runId of runIds) activeRequests.abort(runId, new RunCancelled());
}

/** Connects to the other processes on the database, for their feeds and runs; `leave` disconnects. */
async function joinOthers(
  { join }: Storage,
  { newId, pageDirectory }: AppOptions,
  own: { readonly log: EventLog; readonly liveRuns: LiveRuns },
): Promise<{ feeds: Feeds; elsewhere: RunsElsewhere; leave: () => Promise<void> }> {
  const pageBuild = createPageBuild(pageDirectory);
  if (join) {
    const { feeds, elsewhere, close } = await join({ ...own, pageBuild });
    return { feeds, elsewhere, leave: close };
  }
  const feeds = new MemoryFeeds(newId, undefined, pageBuild);
  return { feeds, elsewhere: noRunsElsewhere, leave: async () => undefined };
}

function createAppServer(
  options: AppOptions,
  database: Database,
  { dependencies, feeds, openFiles, provider }: ReturnType<typeof createStages>,
  services: {
    readonly runs: RunService;
    readonly temporary: LazyTemporaryStages;
    readonly keepers: Keepers | null;
    readonly imports: ImportJobs;
    readonly files: FileService;
  },
): Promise<FastifyInstance> {
  const { config, clock, newId } = options;
  return createServer({
    dependencies: {
      database,
      giants: dependencies.giants,
      ...services,
      feeds,
      encoder: sseEncoder,
      openFiles,
      listModels: () => listModels(config, dependencies, provider),
      providerKeys: provider.keys,
      clock,
      newId,
      heartbeatMs: config.heartbeatMs,
      stalledReaderTimeoutMs: config.stalledReaderTimeoutMs,
      version: options.version,
    },
    access: {
      ownerId: localOwnerId,
      accessToken: config.accessToken,
      allowedHosts: config.allowedHosts,
      basePath: config.basePath,
    },
    trustedProxies: config.trustedProxies,
    maxBodyBytes: config.maxBodyBytes,
    requestTimeoutMs: config.requestTimeoutMs,
    pageDirectory: options.pageDirectory,
    logger: options.logger,
  });
}

function createStages(
  options: AppOptions,
  database: Database,
  {
    feeds,
    provider,
    ...shared
  }: Pick<RunDependencies, 'bootId' | 'log' | 'liveRuns' | 'files' | 'elsewhere'> & {
    readonly feeds: Feeds;
    readonly provider: Provider;
  },
) {
  const { config, clock, newId, logger } = options;
  const { llm } = provider;
  const models = createModels(options, provider);
  const closing = new AbortController();
  const ledger = storedLedger;
  const reconciliation = new Reconciliation({ database, feeds, llm, models, ledger, clock, logger });
  const activeRequests = new ActiveRequests();
  const openFiles = createOpenFiles(options, () => activeRequests.size);
  const titles = new TitleWriter({
    database,
    feeds,
    llm,
    models,
    clock,
    closing: closing.signal,
    logger,
    get setting() {
      return config.runs.titleModel || (provider.isDemo() ? 'demo/title' : '');
    },
  });
  const dependencies: RunDependencies = {
    ...shared,
    database,
    finishedRuns: new FinishedRunCache(),
    feeds,
    // Unsaved text is outside the heap and may exceed it; answers in the heap count eight times.
    unsavedText: new UnsavedText(),
    answerMemory: new AnswerMemory(
      () => process.getBuiltinModule('node:v8').getHeapStatistics().heap_size_limit * 1.25,
    ),
    giants: createWriteQueue(),
    activeRequests,
    hasRoomForCall: () => openFiles.hasRoomForCall(),
    llm,
    models,
    clock,
    newId,
    titles,
    budgets: createBudgets({ stored: database, bootId: shared.bootId, clock, logger }),
    ledger,
    reconciliation,
    closing: closing.signal,
    queueWakes: new QueueWakes(),
    settings: config.runs,
    logger,
  };
  return { provider, closing, feeds, openFiles, reconciliation, titles, dependencies };
}

function createModels({ config, clock, logger }: AppOptions, { llm, isDemo }: Provider): ModelCatalog {
  return createModelCatalog({
    fetchModels: (signal) => llm.listModels({ signal }),
    clock,
    chosenModel: config.runs.defaultModel,
    get fallbackModel() {
      return isDemo() ? 'demo/quick' : 'openrouter/auto';
    },
    onFailure: (error) => logger.warn({ err: error }, 'the provider did not list its models'),
  });
}

function createOpenFiles({ config, logger }: AppOptions, countCalls: () => number): OpenFiles {
  const shares = shareOpenFiles(readOpenFiles());
  // The simulator's end of each connection is in this process too.
  const filesOfCall = config.provider.isDemo ? 2 : 1;
  const { maxRunsPerOwner, maxRuns } = config.runs;
  const warning = lowLimitWarning(shares, Math.min(maxRunsPerOwner, maxRuns), filesOfCall);
  if (warning) logger.warn(warning);
  return new OpenFiles({ shares, filesOfCall, countCalls });
}

/** Opens the provider with the request forms learned earlier. `onChanged`: another key or server is in use. */
async function openStoredProvider(
  { database, connections }: Storage,
  options: AppOptions,
  onChanged: () => void,
): Promise<Provider> {
  const forms = await readAllPages(
    (page: Page<StoredForm>) => listRequestForms(database.reader, page),
    (form) => form,
  );
  const formMemory = createFormMemory(database, forms, options.logger);
  return openProvider({ ...options, isShared: database.hasNodes, connections, formMemory, onChanged });
}

/** Writes in the background: a form that could not be saved is learned again. */
function createFormMemory(
  database: Database,
  kept: readonly StoredForm[],
  logger: FastifyBaseLogger,
): FormMemory {
  const write = (work: TransactionWork<void>) =>
    void database.transaction(work, 'process-death').catch((error: unknown) => {
      logger.warn({ err: error }, 'a learned request form was not saved');
    });
  return {
    kept,
    save: (form) => write((transaction) => saveRequestForm(transaction, form)),
    forget: (form) => write((transaction) => deleteRequestForm(transaction, form)),
  };
}

async function listModels(
  { maxBodyBytes }: Config,
  { models }: RunDependencies,
  provider: Provider,
): Promise<ModelList> {
  const known = await models.list();
  return { models: [...known], defaultModel: models.defaultModel(), isDemo: provider.isDemo(), maxBodyBytes };
}
