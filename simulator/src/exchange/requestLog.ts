/**
 * Records the requests in order of arrival, with how each ended; keeps all of them, or the most recent ones.
 * An outcome leaves 'open' once and never changes again; waiting is by event, never by polling.
 */
import { EventEmitter, once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';

/**
 * State of an exchange. completed: answered to its end; aborted: the client disconnected; cut: the simulator broke it
 * off.
 */
export type Outcome = 'open' | 'completed' | 'aborted' | 'cut';

/** One request. The object is live: it changes while the request is being answered. */
export interface RecordedRequest {
  method: string;
  /** Path with query. */
  path: string;
  headers: IncomingHttpHeaders;
  /** Parsed JSON; the raw text where it is no JSON; `undefined` where there is none. */
  body: unknown;
  startedAtMs: number;
  /** The model that answers; only for chat completions, once one was found. */
  model?: string;
  generationId?: string;
  outcome: Outcome;
  /** Set when the outcome leaves 'open'. */
  endedAtMs?: number;
  abortedAtMs?: number;
  /** Content and reasoning deltas written so far. */
  deltasSent: number;
}

/** Options of a log. */
export interface RequestLogOptions {
  /** Wall clock, epoch milliseconds. */
  nowMs: () => number;
  /** How many ended requests are kept; beyond that the one that ended first is removed. An open one is always kept. */
  keptRequests: number;
  /** Called with each request that is removed, so that data that belongs to it can be removed too. */
  onForgotten: (request: RecordedRequest) => void;
}

/** The log of one simulator. */
export class RequestLog {
  readonly requests: RecordedRequest[] = [];
  /** In the order in which they ended. */
  readonly #ended = new Set<RecordedRequest>();
  readonly #events = new EventEmitter().setMaxListeners(0);
  readonly #options: RequestLogOptions;

  constructor(options: RequestLogOptions) {
    this.#options = options;
  }

  /** Records an arrival. */
  add(request: Pick<RecordedRequest, 'method' | 'path' | 'headers' | 'body'>): RecordedRequest {
    const recorded: RecordedRequest = {
      ...request,
      startedAtMs: this.#options.nowMs(),
      outcome: 'open',
      deltasSent: 0,
    };
    this.requests.push(recorded);
    this.#events.emit('change');
    return recorded;
  }

  /** Notes which model answers, and under which generation id. */
  identify(request: RecordedRequest, model: string, generationId: string | undefined): void {
    request.model = model;
    if (generationId !== undefined) request.generationId = generationId;
    this.#events.emit('change');
  }

  /** Counts deltas that were written. */
  countDeltas(request: RecordedRequest, count: number): void {
    request.deltasSent += count;
    this.#events.emit('change');
  }

  /** Closes a request; only the first outcome counts. */
  settle(request: RecordedRequest, outcome: Exclude<Outcome, 'open'>): void {
    if (request.outcome !== 'open') return;
    request.outcome = outcome;
    request.endedAtMs = this.#options.nowMs();
    if (outcome === 'aborted') request.abortedAtMs = request.endedAtMs;
    this.#ended.add(request);
    this.#forgetFirstEnded();
    this.#events.emit('change');
  }

  /** Closes every open request. */
  settleAll(outcome: Exclude<Outcome, 'open'>): void {
    // A copy, because closing one request can remove another from the list.
    for (const request of [...this.requests]) this.settle(request, outcome);
  }

  /**
   * The first request, past or future, that the predicate accepts; it is evaluated again whenever any request changes.
   */
  async waitForRequest(
    predicate: (request: RecordedRequest) => boolean,
    signal: AbortSignal,
  ): Promise<RecordedRequest> {
    for (;;) {
      const found = this.requests.find(predicate);
      if (found !== undefined) return found;
      await once(this.#events, 'change', { signal });
    }
  }

  /** The request, once it has an outcome. */
  async waitForEnd(of: string | RecordedRequest, signal: AbortSignal): Promise<RecordedRequest> {
    for (;;) {
      const request = typeof of === 'string' ? this.#byGeneration(of) : of;
      if (request !== undefined && request.outcome !== 'open') return request;
      await once(this.#events, 'change', { signal });
    }
  }

  #forgetFirstEnded(): void {
    for (const request of this.#ended) {
      if (this.#ended.size <= this.#options.keptRequests) return;
      this.#ended.delete(request);
      this.requests.splice(this.requests.indexOf(request), 1);
      this.#options.onForgotten(request);
    }
  }

  #byGeneration(generationId: string): RecordedRequest | undefined {
    return this.requests.find((request) => request.generationId === generationId);
  }
}
