/** Starts an HTTP server that speaks OpenRouter's wire and lets tests program, watch and stop its answers. */
import { setMaxListeners } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createDemoModels } from './answers/demoModels.ts';
import { loadDemoTexts } from './answers/loadDemoTexts.ts';
import { GenerationStore } from './exchange/generation.ts';
import { Holds } from './exchange/holds.ts';
import { KeyCodes } from './exchange/keyCodes.ts';
import { type RecordedRequest, RequestLog } from './exchange/requestLog.ts';
import { loadFixtureCases } from './fixtureCases.ts';
import { ScriptRegistry } from './play/scriptRegistry.ts';
import type { Script } from './script.ts';
import { serveExchange } from './serveExchange.ts';
import { type ResolvedOptions, type SimulatorOptions, withDefaults } from './simulatorOptions.ts';
import type { SimulatorParts } from './simulatorParts.ts';
import { systemClock } from './waitClock.ts';

/** A running simulator. */
export interface Simulator {
  /** Base URL, ending in `/api/v1`. The same endpoints answer under `/v1`. */
  readonly url: string;
  /** Every request so far, oldest first, within the limit of `keptRequests`; the entries are live. */
  readonly requests: readonly RecordedRequest[];
  /** Number of chat completions that are being answered. */
  readonly openStreams: number;
  /** Answers every call of `model` with this script, once its queue is empty. */
  script(model: string, script: Script): void;
  /** Queues one-shot scripts for the next calls of `model`, e.g. failures first and a success last. */
  nextScript(model: string, ...scripts: Script[]): void;
  /** Opens the hold of that name permanently. */
  release(name: string): void;
  /** The request that reached the hold; everything before the hold has been written by then. */
  waitForHold(name: string): Promise<RecordedRequest>;
  /**
   * The first request, past or to come, that the predicate accepts. It is evaluated again at every change,
   * so `(request) => request.deltasSent >= 5` works. Default: any request.
   * Errors: rejects when the simulator closes.
   */
  waitForRequest(predicate?: (request: RecordedRequest) => boolean): Promise<RecordedRequest>;
  /** The request, once its outcome is no longer 'open'. Errors: rejects when the simulator closes. */
  waitForEnd(request: string | RecordedRequest): Promise<RecordedRequest>;
  /**
   * The request, once its client has gone away; takes a generation id or a recorded request.
   * Errors: rejects when the request ends in another way, or the simulator closes.
   */
  waitForAbort(request: string | RecordedRequest): Promise<RecordedRequest>;
  /** Cuts every open answer and connection; no timer or socket is left. Safe to call twice. */
  close(): Promise<void>;
}

/** Starts a simulator and resolves once it listens. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const resolved = withDefaults(options);
  const parts = await createParts(resolved);
  const server = createServer((request, response) => {
    void serveExchange(request, response, parts);
  });
  await listen(server, resolved);
  return createSimulator(server, parts);
}

async function createParts(options: ResolvedOptions): Promise<SimulatorParts> {
  const { cases } = await loadFixtureCases();
  const generations = new GenerationStore(options.generationNotFoundCount);
  return {
    options,
    log: new RequestLog({
      nowMs: options.now,
      keptRequests: options.keptRequests,
      onForgotten: ({ generationId }) => {
        if (generationId !== undefined) generations.forget(generationId);
      },
    }),
    holds: new Holds(),
    keyCodes: new KeyCodes(options),
    generations,
    scripts: new ScriptRegistry(),
    demos: createDemoModels(options.dialect, await loadDemoTexts()),
    fixtures: new Map(cases.map((fixture) => [`fixture/${fixture.id}`, fixture])),
    clock: systemClock,
  };
}

function createSimulator(server: Server, parts: SimulatorParts): Simulator {
  const { log, holds, scripts, options } = parts;
  const closing = new AbortController();
  setMaxListeners(0, closing.signal);
  return {
    url: `http://${options.host}:${portOf(server)}/api/v1`,
    requests: log.requests,
    get openStreams() {
      return log.requests.filter((request) => request.outcome === 'open' && request.model !== undefined)
        .length;
    },
    script: (model, script) => scripts.set(model, script),
    nextScript: (model, ...queue) => scripts.queue(model, queue),
    release: (name) => holds.release(name),
    waitForHold: (name) => holds.waitForHold(name, closing.signal),
    waitForRequest: (predicate = () => true) => log.waitForRequest(predicate, closing.signal),
    waitForEnd: (request) => log.waitForEnd(request, closing.signal),
    waitForAbort: async (request) => {
      const ended = await log.waitForEnd(request, closing.signal);
      if (ended.outcome === 'aborted') return ended;
      throw new Error(`The request to ${ended.model ?? ended.path} ended as ${ended.outcome}, not aborted`);
    },
    close: async () => {
      log.settleAll('cut');
      closing.abort(new Error('The simulator was closed'));
      await closeServer(server);
    },
  };
}

async function listen(server: Server, { port, host }: ResolvedOptions): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}
