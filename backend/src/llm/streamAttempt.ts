/**
 * Turns one provider call into its parts: the head, the deltas as their events complete, and the result or an LlmFailure.
 * The status decides first, then the body, whatever its content type says: a 2xx can still be an error.
 */
import type { JsonObject } from '@rill/protocol';
import { AnswerCleaner } from './failure/answerCleaner.ts';
import { type AttemptReport, LlmFailure } from './failure/llmFailure.ts';
import {
  createEmptyFailure,
  createProviderFailure,
  createTransportFailure,
} from './failure/providerError.ts';
import { refusalText } from './failure/refusalText.ts';
import { type Endpoint, isNoEndpoint } from './http/endpointAddress.ts';
import { type HeaderReader, headerReader } from './http/providerConnection.ts';
import { ConnectionBroken, ProviderExchange, WaitExpired } from './http/providerExchange.ts';
import type { LlmHead, LlmResult } from './llmParts.ts';
import type { ProviderContext } from './providerContext.ts';
import type { FormedRequest } from './requestForms.ts';
import { CompletionReader, type LlmDelta } from './wire/completionReader.ts';
import { objectOf, parseJson, textOf } from './wire/jsonValue.ts';
import { buildChatHeaders, type LlmRequest } from './wire/openRouterRequest.ts';
import { type ParsedFile, parsedFilesOfError } from './wire/parsedFiles.ts';
import { readUsage } from './wire/usage.ts';

const maxErrorLength = 64 * 1024;
/** An error is longer only by the files that were parsed before it. */
const maxErrorBytes = 8 * 1024 * 1024;
/**
 * The most that is kept of one answer, in the reader's units: about eight million tokens of text, or images of 24 MB. A
 * longer answer would not end by itself.
 */
const maxKeptLength = 32 * 1024 * 1024;
/** An incomplete event is in the heap several times: as bytes, as text and as values. */
const unreadFactor = 8;
/** Time for the body of an error status, since the status is known already. */
const errorBodyMs = 5000;
/** Time for the body to end properly after `[DONE]` or an error, so that the socket can be reused. */
const settleMs = 100;
const maxSettleBytes = 64 * 1024;
/** Time after a finish reason or text behind it: servers send usage a little later, and some never close. */
const finishGraceMs = 4000;

/**
 * One call of the provider. After `open`, call `readDeltas` until it returns null, awaiting `whenReadable` in between,
 * then `conclude`; call `close` on every path. Pass every error through `failureOf`, which returns exactly the reason
 * of an aborted `signal`, else an LlmFailure.
 */
export class StreamAttempt {
  readonly #formed: FormedRequest;
  readonly #request: LlmRequest;
  readonly #endpoint: Endpoint;
  readonly #context: ProviderContext;
  readonly #exchange: ProviderExchange;
  readonly #reader = new CompletionReader();
  #status: number | null = null;
  #header: HeaderReader = () => null;
  /** True when the content type is JSON, so that an error in it is a whole body and not an event. */
  #isLabelledJson = false;
  /** The failure of the body, thrown once everything before it was read. */
  #broken: { readonly error: unknown } | null = null;
  #isRead = false;
  #isClosed = false;
  #settleBytes = 0;
  #unreadBytes = 0;
  #seenCount = 0;

  /** What was read in the files of the request before all models failed. */
  parsedFiles: readonly ParsedFile[] = [];
  /** The body of an error status. */
  #errorText = '';
  #isConfirmed = false;
  readonly #cleaner: AnswerCleaner;

  constructor(formed: FormedRequest, signal: AbortSignal, context: ProviderContext) {
    this.#formed = formed;
    this.#cleaner = new AnswerCleaner(context.redactor);
    this.#request = formed.request;
    this.#endpoint = context.address.endpoint('chat/completions');
    this.#context = context;
    this.#exchange = new ProviderExchange(context.clock, signal);
  }

  /** Sends the request and reads the head. Cancel: aborting `signal` destroys the socket, at any time. */
  async open(): Promise<LlmHead> {
    await this.#send();
    if (this.#status === null || this.#status < 200 || this.#status > 299)
      throw await this.#readHttpFailure();
    this.#isLabelledJson = this.#mediaType().endsWith('json');
    const { generationId, provider } = this.#report();
    const sent = this.#formed.sentParameters();
    return { type: 'head', generationId, provider, sent, isWebRefused: this.#formed.isWebRefused };
  }

  /** Called when the server answers: the address and the form of the request are right. */
  confirm(): void {
    if (this.#isConfirmed) return;
    this.#isConfirmed = true;
    this.#context.address.confirm(this.#endpoint);
    this.#formed.confirm();
  }

  /** After a failure: true when the server refused the address or the form of the request, and another one is to be tried. */
  correct(): boolean {
    const status = this.#status;
    if (status === null || this.#isConfirmed || this.#reader.hasDelta) return false;
    const inBand = this.#reader.complaint?.value ?? null;
    const text = refusalText(inBand ?? parseJson(this.#errorText) ?? this.#errorText);
    if (isNoEndpoint(status, this.#mediaType(), text))
      return this.#context.address.tryNextBase(this.#endpoint, this.#formed.countMissingEndpoint());
    return this.#formed.correct({ status: inBand === null ? status : null, text });
  }

  #mediaType(): string {
    return this.#header('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
  }

  /** The deltas that have arrived since the last call; null at the end. */
  readDeltas(): readonly LlmDelta[] | null {
    if (this.#broken) throw this.#broken.error;
    if (this.#isRead) return null;
    const bytes = this.#settleBytes > maxSettleBytes ? null : this.#readUnlessFinished();
    if (bytes === undefined) return [];
    if (bytes === null) return [...this.#cleaner.clean(this.#readEnd()), ...this.#cleaner.flush()];
    return this.#cleaner.clean(this.#readBytes(bytes));
  }

  /** Resolves as soon as `readDeltas` has something to return. */
  whenReadable(): Promise<void> {
    return this.#isRead ? Promise.resolve() : this.#exchange.whenReadable();
  }

  /** Throws if the call was ended while its deltas were being yielded. */
  throwIfEnded(): void {
    this.#exchange.throwIfEnded();
  }

  /** Turns an internal error into the one to throw. */
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
    const { model } = this.#request;
    this.#context.onWarning({ event: 'provider_bad_events', model, badEventCount });
  }

  async #send(): Promise<void> {
    const { settings, connection } = this.#context;
    const { timeouts } = this.#request;
    const call = {
      method: 'POST',
      url: this.#endpoint.url,
      headers: buildChatHeaders(settings, this.#request),
      body: this.#formed.body(),
      onSent: this.#context.onSent,
    } as const;
    const head = await this.#exchange.open(connection, call, {
      connectMs: timeouts.connectMs,
      answerMs: timeouts.firstDeltaMs,
      answerCode: 'first_delta_timeout',
    });
    this.#status = head.statusCode;
    this.#header = headerReader(head.headers);
  }

  #readBytes(bytes: Uint8Array): readonly LlmDelta[] {
    const wasSettled = this.#isSettled();
    if (wasSettled) this.#settleBytes += bytes.length;
    const wasStarted = this.#reader.hasDelta;
    const { valueCount, finishReason } = this.#reader;
    const deltas = this.#feed(bytes);
    if (this.#reader.isPage) throw this.#protocolFailure();
    this.#checkKept(bytes.length);
    if (this.#isSettled()) {
      if (!wasSettled) this.#exchange.endWithin(settleMs);
    } else if (this.#reader.finishReason !== null) {
      // After the end only text extends the time, not keep-alives.
      if (finishReason === null || deltas.length > 0) this.#exchange.endWithin(finishGraceMs);
    } else if (this.#reader.hasDelta && this.#reader.valueCount > valueCount) {
      if (wasStarted) this.#exchange.renewLimit();
      else this.#exchange.setLimit(this.#request.timeouts.idleMs, 'idle_timeout');
    }
    return deltas;
  }

  /** Bytes of an incomplete event count too. */
  #checkKept(newBytes: number): void {
    const { keptLength, valueCount, badEventCount, commentCount } = this.#reader;
    const seenCount = valueCount + badEventCount + commentCount;
    this.#unreadBytes = seenCount === this.#seenCount ? this.#unreadBytes + newBytes : 0;
    this.#seenCount = seenCount;
    if (keptLength > maxKeptLength) throw this.#tooLongFailure();
    this.#context.onKept?.(keptLength + this.#unreadBytes * unreadFactor);
  }

  /** A connection that breaks after the finish reason does no harm. If it breaks before, the text so far is still read. */
  #readUnlessFinished(): Uint8Array | null | undefined {
    try {
      return this.#exchange.read();
    } catch (error) {
      if (!(error instanceof ConnectionBroken)) throw error;
      if (this.#reader.outcome === 'truncated') this.#broken = { error };
      return null;
    }
  }

  #readEnd(): readonly LlmDelta[] {
    this.#isRead = true;
    const deltas = this.#reader.end();
    if (this.#reader.isPage) throw this.#protocolFailure();
    // The end of the body outranks how the connection ended.
    if (this.#reader.outcome !== 'truncated') this.#broken = null;
    return deltas;
  }

  #feed(bytes: Uint8Array): LlmDelta[] {
    try {
      return this.#reader.feed(bytes);
    } catch (error) {
      // A line past the limit.
      if (error instanceof RangeError) throw this.#tooLongFailure();
      throw error;
    }
  }

  /** True when nothing that follows can change the answer. */
  #isSettled(): boolean {
    return this.#reader.isDone || this.#reader.error !== null;
  }

  async #readHttpFailure(): Promise<LlmFailure> {
    this.#exchange.endWithin(errorBodyMs);
    this.#errorText = (await this.#readErrorText()) ?? '';
    const json = parseJson(this.#errorText);
    this.#keepParsedFiles(json);
    // For a longer body the status is enough.
    if (this.#errorText.length > maxErrorLength) {
      this.#errorText = '';
      return this.#providerFailure('http', shortErrorOf(json), this.#status);
    }
    const value = typeof json === 'object' ? json : errorOfText(this.#errorText);
    return this.#providerFailure('http', value, this.#status);
  }

  async #readErrorText(): Promise<string | null> {
    try {
      return await this.#exchange.readText(maxErrorBytes, (held) =>
        this.#context.onKept?.(held * unreadFactor),
      );
    } catch (error) {
      // The status is enough without a body.
      if (error instanceof ConnectionBroken) return null;
      throw error;
    }
  }

  /** The result of the answer, once it has been read. */
  conclude(): LlmResult {
    const reader = this.#reader;
    const { complaint, outcome } = reader;
    if (outcome !== 'complete' && complaint) {
      this.#keepParsedFiles(complaint.value);
      const phase = this.#isLabelledJson && !reader.hasEvents ? 'body' : 'stream';
      throw this.#providerFailure(phase, complaint.value, null);
    }
    if (outcome === 'truncated') throw this.#protocolFailure();
    if (outcome === 'empty') throw createEmptyFailure(this.#report());
    const { generationId, provider, model, usage, finishReason } = this.#report();
    return {
      finishReason,
      model: model ?? this.#request.model,
      provider,
      generationId,
      usage,
      toolCalls: this.#context.redactor.answer(reader.toolCalls),
      reasoningDetails: this.#context.redactor.answer(reader.reasoningDetails),
    };
  }

  /** What is known so far, without secrets: a hostile server can put the key into any field. */
  #report(): Omit<AttemptReport, 'providerError'> {
    const { reader, redact } = { reader: this.#reader, redact: this.#context.redactor };
    const clean = (text: string | null) => (text === null ? null : redact.text(text));
    return {
      generationId: clean(reader.generationId ?? this.#header('x-generation-id')),
      provider: clean(reader.provider ?? this.#header('x-provider-name')),
      model: clean(reader.model),
      usage: reader.usage === null ? null : readUsage(redact.json(reader.usage)),
      finishReason: clean(reader.finishReason),
      hasDelta: reader.hasDelta,
      upstreamStatus: this.#status,
    };
  }

  #providerFailure(phase: 'http' | 'body' | 'stream', value: unknown, status: number | null): LlmFailure {
    const { redactor, clock } = this.#context;
    const provider = this.#reader.complaint?.provider ?? null;
    return createProviderFailure({ phase, value, status, provider, header: this.#header }, this.#report(), {
      redactor,
      nowMs: () => clock.nowMs(),
    });
  }

  #keepParsedFiles(error: unknown): void {
    this.parsedFiles = this.#context.redactor.answer(parsedFilesOfError(error));
  }

  #tooLongFailure(): LlmFailure {
    const message = `The answer was ended here: more than ${maxKeptLength / 1024 / 1024} million characters of it, or pictures and other parts of that size, cannot be kept.`;
    const report = { ...this.#report(), providerError: null };
    return new LlmFailure('provider_protocol', report, { message, isRetryable: false });
  }

  #protocolFailure(cause?: unknown): LlmFailure {
    return createTransportFailure('provider_protocol', this.#report(), this.#context.redactor, cause);
  }
}

/** The code and the message of an error that is long because of its other members. */
function shortErrorOf(json: unknown): JsonObject | null {
  const { code, message } = objectOf(objectOf(json).error);
  const text = textOf(message);
  return text === null || text.length > maxErrorLength ? null : { error: { code, message: text } };
}

/** An error status may come with an event stream or with plain text. */
function errorOfText(text: string): unknown {
  const reader = new CompletionReader();
  reader.feed(new TextEncoder().encode(text));
  reader.end();
  return reader.error?.value ?? text.trim();
}
