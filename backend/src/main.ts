/** Starts the server process: reads the settings, offers the demo provider, listens, and drains on a signal. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type App, createApp } from './app.ts';
import { settleWithin, systemClock } from './clock.ts';
import { type Config, describeSettings, readConfig } from './config.ts';
import { createLogger } from './logger.ts';
import { createNewId } from './newId.ts';
import { SharedClock } from './nodes/sharedClock.ts';
import { onStopSignals } from './stopSignals.ts';
import { isTooManyFiles } from './tooManyFiles.ts';
import { version } from './version.ts';

/**
 * Length of the queue of connections to accept, which the system may limit. After a deploy all readers reconnect in the
 * same second, and a client that finds the queue full retries only after a second or more.
 */
const waitingConnections = 4096;

/** Exit code of a process that should be started again: a temporary failure, as `sysexits.h` numbers it. */
const fencedExitCode = 75;

const say = (line: string) => process.stdout.write(`${line}\n`);

async function main(): Promise<void> {
  if (process.argv.includes('--help')) {
    say(
      `Rill ${version}\n\nSettings, from the environment or a .env file in the working folder:\n${describeSettings()}`,
    );
    return;
  }
  if (existsSync('.env')) process.loadEnvFile('.env');
  const config = readConfig();
  const clock = new SharedClock(systemClock);
  const app = await createApp({
    config,
    startDemo,
    bootId: createNewId(clock)(),
    clock,
    newId: createNewId(clock),
    random: Math.random,
    logger: createLogger(config.logLevel),
    version,
    pageDirectory: findPage(),
  });
  const address = await listen(app, config);
  if (app.isDemo())
    say('No OPENROUTER_API_KEY is set: answers come from the built-in simulator (demo models).');
  say(`Rill is ready: ${address}${config.basePath}`);
  const end = createEnd(app, config);
  endOnSignals(app, end);
  void app.fenced.then(endFenced);
  void app.outdated.then((reason) => endOutdated(reason, end, config)).catch(fail);
}

/** Errors: throws one sentence that names the settings. */
async function listen({ server }: App, { host, port }: Config): Promise<string> {
  try {
    return await server.listen({ host, port, backlog: waitingConnections });
  } catch (cause) {
    const isTaken = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE';
    const reason = cause instanceof Error ? cause.message : String(cause);
    const sentence = isTaken
      ? `Port ${port} on ${host} is taken: end the program that uses it, or set RILL_PORT.`
      : `Rill cannot listen on ${host}:${port} (RILL_HOST, RILL_PORT): ${reason}.`;
    throw new Error(sentence, { cause });
  }
}

/** Starts the simulator inside this process, as the provider of a server without a key. */
async function startDemo() {
  const { startSimulator } = await import('@rill/simulator');
  const simulator = await startSimulator({ keptRequests: 100 });
  return {
    address: {
      baseUrl: simulator.url,
      query: '',
      basicAuth: null,
      apiKey: 'demo',
      proxies: { https: null, http: null, noProxy: [] },
    },
    close: () => simulator.close(),
  };
}

function findPage(): string | null {
  const directory = fileURLToPath(new URL('../../frontend/dist', import.meta.url));
  return existsSync(directory) ? directory : null;
}

/** Ends once, however often it is called: no new sends, running answers may finish. */
function createEnd(app: App, { drainMs }: Config): () => Promise<void> {
  const state: { ended?: Promise<void> } = {};
  return () => {
    state.ended ??= app.runs.drain(drainMs).then(() => app.close());
    return state.ended;
  };
}

/** First signal: no new sends, running answers may finish. Second signal: now. */
function endOnSignals(app: App, endOnce: () => Promise<void>): void {
  const end = async (signalCount: number) => {
    if (signalCount > 1) return app.runs.interruptAll();
    const { size } = app.activeRequests;
    if (size > 0)
      say(`Waiting for ${size} running ${size === 1 ? 'answer' : 'answers'}; signal again to end now.`);
    await endOnce();
    process.exit(0);
  };
  onStopSignals(process, systemClock.elapsedMs, (signalCount) => void end(signalCount).catch(fail));
}

/** Another node has claimed this node's runs: nothing may be shown any more, so nothing is waited for. */
function endFenced(reason: string): void {
  process.stderr.write(`${reason} This process ends, so that it can be started again.\n`);
  process.exit(fencedExitCode);
}

/** How long the process may still wait after the drain for what can no longer be stored, in milliseconds. */
const outdatedEndMs = 10_000;

/**
 * A newer node has changed the schema. Remaining writes may fail; the other nodes end the runs that this one leaves.
 */
async function endOutdated(reason: string, end: () => Promise<void>, { drainMs }: Config): Promise<void> {
  process.stderr.write(`${reason} This process takes no more requests, and ends.\n`);
  await settleWithin(systemClock, drainMs + outdatedEndMs, end());
  process.exit(1);
}

function fail(error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error);
  const advice = isTooManyFiles(error)
    ? 'Rill cannot start, because it may have too few files open: raise the limit, such as with "ulimit -n 4096". '
    : '';
  process.stderr.write(`${advice}${reason}\n`);
  process.exit(1);
}

void main().catch(fail);
