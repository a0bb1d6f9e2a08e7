/**
 * Everything the simulator was asked, in order of arrival, with how each request ended.
 * An outcome leaves 'open' once and never changes again; waiting is by event, never by polling.
 */
import { EventEmitter, once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';

/** How an exchange stands: completed = answered to its end; aborted = the client went away; cut = the simulator broke off. */
export type Outcome = 'open' | 'completed' | 'aborted' | 'cut';

/** One request. The object is live: it changes while the answer is under way. */
export interface RecordedRequest {
  method: string;
  /** Path with query. */
  path: string;
  headers: IncomingHttpHeaders;
  /** Parsed JSON; the raw text where it is no JSON; `undefined` where there is none. */
  body: unknown;
  startedAtMs: number;
  /** The model that answers, for chat completions that got so far. */
  model?: string;
  generationId?: string;
  outcome: Outcome;
  /** Set when the outcome leaves 'open'. */
  endedAtMs?: number;
  abortedAtMs?: number;
  /** Content and reasoning deltas written so far. */
  deltasSent: number;
}

/** The log of one simulator. */
export class RequestLog {
  readonly requests: RecordedRequest[] = [];
  readonly #events = new EventEmitter().setMaxListeners(0);
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Records an arrival. */
  add(request: Pick<RecordedRequest, 'method' | 'path' | 'headers' | 'body'>): RecordedRequest {
    const recorded: RecordedRequest = {
      ...request,
      startedAtMs: this.#nowMs(),
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
    request.endedAtMs = this.#nowMs();
    if (outcome === 'aborted') request.abortedAtMs = request.endedAtMs;
    this.#events.emit('change');
  }

  /** The first request, past or to come, that the predicate accepts; asked again whenever any request changes. */
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

  #byGeneration(generationId: string): RecordedRequest | undefined {
    return this.requests.find((request) => request.generationId === generationId);
  }
}
