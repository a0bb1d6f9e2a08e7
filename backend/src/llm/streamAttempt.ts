/**
 * One provider call to its parts: head, deltas as their events complete, and the result or an LlmFailure.
 * Status decides first, then the media type; a 2xx is no proof of success.
 */
import type { Clock } from '../clock.ts';
import { createEmptyFailure, createTransportFailure } from './attemptFailures.ts';
import { CompletionReader, type LlmDelta } from './completionReader.ts';
import { parseJsonObject } from './jsonValue.ts';
import { type AttemptReport, LlmFailure } from './llmFailure.ts';
import type { LlmHead, LlmResult } from './llmParts.ts';
import {
  buildBody,
  buildHeaders,
  endpointUrl,
  type LlmRequest,
  type ProviderSettings,
} from './openRouterRequest.ts';
import type { ProviderConnection } from './providerConnection.ts';
import { createProviderFailure } from './providerError.ts';
import { ConnectionBroken, ProviderExchange, WaitExpired } from './providerExchange.ts';
import type { Redactor } from './redactSecrets.ts';
import { type HeaderReader, headerReader } from './responseHead.ts';
import { readUsage } from './usage.ts';

/** What every attempt of a service shares. */
export interface AttemptContext {
  readonly settings: ProviderSettings;
  readonly connection: ProviderConnection;
  readonly clock: Clock;
  readonly redactor: Redactor;
  readonly onWarning: (fields: Readonly<Record<string, unknown>>) => void;
}

/** Longest JSON answer, in bytes: it may hold pictures. */
const maxWholeBytes = 32 * 1024 * 1024;
const maxErrorBytes = 64 * 1024;
/** Longest text of one answer, in UTF-16 units, some eight million tokens: what is longer does not end by itself. */
const maxTextLength = 32 * 1024 * 1024;
/** An error status is known already, so its body gets no more time than this. */
const errorBodyMs = 5000;
/** After `[DONE]` or an error: time for the body to end properly, so that the socket can be kept. */
const settleMs = 100;
const maxSettleBytes = 64 * 1024;

/**
 * One call of the provider. After `open`, `take` until it gives null, waiting for an `arrival` in between, then
 * `conclude`; `close` on every path. What these throw leaves the stage as `failureOf` says: exactly the reason of an aborted `signal`, else an LlmFailure.
 */
export class StreamAttempt {
  readonly #request: LlmRequest;
  readonly #context: AttemptContext;
  readonly #exchange: ProviderExchange;
  readonly #reader = new CompletionReader();
  #status: number | null = null;
  #header: HeaderReader = () => null;
  /** How the server answers: by one JSON body, or by events. */
  #form: 'body' | 'stream' = 'stream';
  #isWholeRead = false;
  #wholeDeltas: readonly LlmDelta[] | null = null;
  #isClosed = false;
  #settleBytes = 0;

  constructor(request: LlmRequest, signal: AbortSignal, context: AttemptContext) {
    this.#request = request;
    this.#context = context;
    this.#exchange = new ProviderExchange(context.clock, signal);
  }

  /** Sends the request and reads the head. Cancel: aborting `signal` destroys the socket, at any time. */
  async open(): Promise<LlmHead> {
    await this.#send();
    if (this.#status === null || this.#status < 200 || this.#status > 299)
      throw await this.#readHttpFailure();
    const mediaType = this.#header('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
    if (mediaType === 'text/html') throw this.#protocolFailure();
    this.#form = mediaType.endsWith('json') ? 'body' : 'stream';
    const { generationId, provider } = this.#report();
    return { type: 'head', generationId, provider };
  }

  /** The deltas that have come since; null at the end. */
  take(): readonly LlmDelta[] | null {
    if (this.#form === 'body' && !this.#isWholeRead) return [];
    if (this.#form === 'body') {
      const deltas = this.#wholeDeltas;
      this.#wholeDeltas = null;
      return deltas;
    }
    const bytes = this.#takeUnlessFinished();
    if (bytes === null || this.#settleBytes > maxSettleBytes) return null;
    return bytes === undefined ? [] : this.#readPiece(bytes);
  }

  /** Resolves as soon as `take` has something to say. */
  arrival(): Promise<void> {
    if (this.#form === 'stream') return this.#exchange.arrival();
    return this.#isWholeRead ? Promise.resolve() : this.#readWhole();
  }

  /** Throws if the call was ended while its deltas were being taken. */
  throwIfEnded(): void {
    this.#exchange.throwIfEnded();
  }

  /** What leaves the stage instead of `error`. */
  failureOf(error: unknown): unknown {
    if (error instanceof WaitExpired) {
      const { code, message } = error;
      return new LlmFailure(code, { ...this.#report(), providerError: null }, { message });
    }
    if (!(error instanceof ConnectionBroken)) return error;
    if (this.#status !== null) return this.#protocolFailure(error);
    return createTransportFailure('provider_unavailable', this.#report(), this.#context.redactor, error);
  }

  /** Leaves no socket, timer or listener. May be called again. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#exchange.close();
    const { badEventCount } = this.#reader;
    if (badEventCount === 0) return;
    const { generationId, model } = this.#report();
    this.#context.onWarning({ event: 'provider_bad_events', generationId, model, badEventCount });
  }

  async #send(): Promise<void> {
    const { settings, connection } = this.#context;
    const { timeouts } = this.#request;
    const call = {
      method: 'POST',
      url: endpointUrl(settings, 'chat/completions'),
      headers: buildHeaders(settings, 'text/event-stream'),
      body: buildBody(this.#request, settings.baseUrl),
    } as const;
    const head = await this.#exchange.open(connection, call, {
      connectMs: timeouts.connectMs,
      answerMs: timeouts.firstDeltaMs,
      answerCode: 'first_delta_timeout',
    });
    this.#status = head.statusCode;
    this.#header = headerReader(head.headers);
  }

  #readPiece(bytes: Uint8Array): readonly LlmDelta[] {
    const isSettling = this.#isSettled();
    if (isSettling) this.#settleBytes += bytes.length;
    const wasStarted = this.#reader.hasDelta;
    const goodEventCount = this.#goodEventCount();
    const deltas = this.#feed(bytes);
    if (this.#reader.textLength > maxTextLength) throw this.#tooLongFailure();
    if (this.#isSettled()) {
      if (!isSettling) this.#exchange.endWithin(settleMs);
    } else if (this.#reader.hasDelta && this.#goodEventCount() > goodEventCount) {
      if (wasStarted) this.#exchange.renewLimit();
      else this.#exchange.setLimit(this.#request.timeouts.idleMs, 'idle_timeout');
    }
    return deltas;
  }

  /** A connection that breaks after the finish reason took nothing from the answer. */
  #takeUnlessFinished(): Uint8Array | null | undefined {
    try {
      return this.#exchange.take();
    } catch (error) {
      if (error instanceof ConnectionBroken && this.#reader.outcome !== 'truncated') return null;
      throw error;
    }
  }

  #feed(bytes: Uint8Array): LlmDelta[] {
    try {
      return this.#reader.feed(bytes);
    } catch (error) {
      // The parser's own words are safe: an SSE message past the bound.
      if (error instanceof RangeError) throw this.#protocolFailure(error);
      throw error;
    }
  }

  /** Nothing that follows can change the answer. */
  #isSettled(): boolean {
    return this.#reader.isDone || this.#reader.error !== null;
  }

  #goodEventCount(): number {
    return this.#reader.dataEventCount - this.#reader.badEventCount;
  }

  async #readWhole(): Promise<void> {
    const json = parseJsonObject((await this.#exchange.readText(maxWholeBytes)) ?? '');
    if (json === null) throw this.#protocolFailure();
    this.#wholeDeltas = this.#reader.readWhole(json);
    this.#isWholeRead = true;
  }

  async #readHttpFailure(): Promise<LlmFailure> {
    this.#exchange.endWithin(errorBodyMs);
    const json = parseJsonObject((await this.#readErrorText()) ?? '');
    return this.#providerFailure('http', json?.error ?? json, this.#status);
  }

  async #readErrorText(): Promise<string | null> {
    try {
      return await this.#exchange.readText(maxErrorBytes);
    } catch (error) {
      // The status says enough without its body.
      if (error instanceof ConnectionBroken) return null;
      throw error;
    }
  }

  /** What the answer amounted to, once it has been read. */
  conclude(): LlmResult {
    const reader = this.#reader;
    if (reader.outcome === 'error') throw this.#providerFailure(this.#form, reader.error?.value, null);
    if (reader.outcome === 'truncated') throw this.#protocolFailure();
    if (reader.outcome === 'empty') throw createEmptyFailure(this.#report());
    const { generationId, provider, model, usage, finishReason, nativeFinishReason } = this.#report();
    const { toolCalls, reasoningDetails, commentCount, dataEventCount, badEventCount, isDone } = reader;
    return {
      finishReason,
      nativeFinishReason,
      model: model ?? this.#request.model,
      provider,
      generationId,
      usage,
      toolCalls,
      reasoningDetails,
      commentCount,
      dataEventCount,
      badEventCount,
      isDone,
    };
  }

  /** What is known so far, without secrets: a hostile server can put the key anywhere. */
  #report(): Omit<AttemptReport, 'providerError'> {
    const { reader, redact } = { reader: this.#reader, redact: this.#context.redactor };
    const clean = (text: string | null) => (text === null ? null : redact.text(text));
    return {
      generationId: clean(reader.generationId ?? this.#header('x-generation-id')),
      provider: clean(reader.provider ?? this.#header('x-provider-name')),
      model: clean(reader.model),
      usage: reader.usage === null ? null : readUsage(redact.json(reader.usage)),
      finishReason: clean(reader.finishReason),
      nativeFinishReason: clean(reader.nativeFinishReason),
      hasDelta: reader.hasDelta,
      upstreamStatus: this.#status,
    };
  }

  #providerFailure(phase: 'http' | 'body' | 'stream', value: unknown, status: number | null): LlmFailure {
    const { redactor, clock } = this.#context;
    const provider = this.#reader.error?.provider ?? null;
    return createProviderFailure({ phase, value, status, provider, header: this.#header }, this.#report(), {
      redactor,
      nowMs: () => clock.nowMs(),
    });
  }

  #tooLongFailure(): LlmFailure {
    const message = `The answer was ended at ${maxTextLength / 1024 / 1024} million characters, which is all that is kept.`;
    const report = { ...this.#report(), providerError: null };
    return new LlmFailure('provider_protocol', report, { message, isRetryable: false });
  }

  #protocolFailure(cause?: unknown): LlmFailure {
    return createTransportFailure('provider_protocol', this.#report(), this.#context.redactor, cause);
  }
}
