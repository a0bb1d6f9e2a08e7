/**
 * Sends requests to the provider and streams its answers as parts; no other stage calls the provider. A stream ends with an
 * `end` part, an LlmFailure, or exactly the reason of its signal. It leaves no socket and no timer.
 */
import type { Clock } from '../clock.ts';
import { LlmFailure } from './failure/llmFailure.ts';
import { createRedactor, type Secrets } from './failure/redactSecrets.ts';
import { decideRetry, type RetryLimits } from './failure/retryRules.ts';
import type { ProxySettings } from './http/chooseProxy.ts';
import { EndpointAddress } from './http/endpointAddress.ts';
import { secretsOfAddress } from './http/providerAddress.ts';
import { createProviderConnection } from './http/providerConnection.ts';
import type { LlmAnswer, LlmPart } from './llmParts.ts';
import type { ProviderContext } from './providerContext.ts';
import {
  exchangeKeyCode,
  isKeyAccepted,
  type KeyCode,
  listModels,
  lookUpGeneration,
  mayHaveRecord,
} from './providerQueries.ts';
import { type FormedRequest, type FormMemory, RequestForms } from './requestForms.ts';
import { StreamAttempt } from './streamAttempt.ts';
import { urlOf } from './wire/completionChunk.ts';
import type { ModelListing } from './wire/modelList.ts';
import type { LlmRequest, ProviderSettings } from './wire/openRouterRequest.ts';
import { moveThinking } from './wire/thinkingTags.ts';
import type { ProviderUsage } from './wire/usage.ts';

export { LlmFailure } from './failure/llmFailure.ts';
export type { LlmAnswer, LlmPart, LlmResult } from './llmParts.ts';
export type { LlmRequest } from './wire/openRouterRequest.ts';

export interface LlmServiceOptions extends ProviderSettings, RetryLimits {
  readonly clock: Clock;
  /** A number in [0, 1), for jitter. */
  readonly random: () => number;
  readonly proxies: ProxySettings;
  /** Stores the learned request forms across restarts. */
  readonly formMemory: FormMemory;
  /**
   * Called to log an anomaly that does not end an answer. The fields never contain a secret, or text of the model or a
   * user.
   */
  readonly onWarning?: (fields: Readonly<Record<string, unknown>>) => void;
}

/** What all calls of one service share. */
interface ServiceContext extends ProviderContext {
  readonly forms: RequestForms;
}

interface CallOptions {
  readonly signal: AbortSignal;
  /** Called for each attempt when its request is written. An abort before that leaves no trace at the provider. */
  readonly onSent?: () => void;
  /** Called with how much of the answer is kept, in UTF-16 units; an error that it throws ends the answer. */
  readonly onKept?: (length: number) => void;
}

export interface LlmService {
  /**
   * Sends the request and yields the answer as it arrives; see LlmPart for the order.
   * Retries: as `decideRetry` decides, only before the first delta.
   * Backpressure: while the caller does not pull, at most 64 KiB and one read are buffered, and no timeout runs.
   * Errors: LlmFailure, whose report has all that is known. Cancel: aborting `signal` destroys the socket at once and
   * throws exactly its reason; `return()` on a suspended generator destroys the socket too.
   */
  streamLLMResponse(request: LlmRequest, options: CallOptions): AsyncGenerator<LlmPart, void, void>;
  /** The same stream, collected, because only a streamed call can be cancelled at the provider. Errors, cancel: the same. */
  callLLM(request: LlmRequest, options: CallOptions): Promise<LlmAnswer>;
  /** The provider's models, in its order; gives up after 15 s. Errors and cancel: as above; no retries. */
  listModels(options: CallOptions): Promise<ModelListing>;
  /** Longest prompt and answer together, in tokens, if the server named it in a refusal; else null. */
  contextLengthOf(model: string): number | null;
  /** True when the provider may keep a record of this call: its id has OpenRouter's form. */
  canLookUp(generationId: string): boolean;
  /**
   * The usage of an ended call, from the provider's record; null while there is none, which is normal at first (404).
   * Gives up after 10 s. Errors and cancel: as above; no retries.
   */
  lookUpGeneration(generationId: string, options: CallOptions): Promise<ProviderUsage | null>;
  /** Destroys every socket; answers in progress fail. */
  close(): Promise<void>;
}

/** Questions to the provider about keys. Errors and cancel: as above; gives up after 10 s; no retries. */
export interface KeyQueries {
  /** False when OpenRouter refuses the key. */
  isKeyAccepted(options: CallOptions): Promise<boolean>;
  /** Exchanges a code for a key; null when it is refused. */
  exchangeKeyCode(code: KeyCode, options: CallOptions): Promise<string | null>;
}

export function createLlmService(options: LlmServiceOptions): LlmService & KeyQueries {
  const connection = createProviderConnection(options.proxies);
  const onWarning = options.onWarning ?? (() => undefined);
  const context: ServiceContext = {
    settings: options,
    address: new EndpointAddress(options),
    forms: new RequestForms({ ...options, memory: options.formMemory, onLearned: onWarning }),
    connection,
    clock: options.clock,
    redactor: createRedactor(secretsOf(options)),
    onWarning,
  };
  const streamLLMResponse: LlmService['streamLLMResponse'] = (request, { signal, onSent, onKept }) =>
    streamWithRetries(request, signal, { ...context, onSent, onKept }, options);
  return {
    streamLLMResponse,
    callLLM: (request, callOptions) => collectAnswer(streamLLMResponse(request, callOptions)),
    listModels: ({ signal }) => listModels(signal, context),
    contextLengthOf: (model) => context.forms.formOf(model).contextTokens,
    canLookUp: mayHaveRecord,
    lookUpGeneration: (generationId, { signal }) => lookUpGeneration(generationId, signal, context),
    isKeyAccepted: ({ signal }) => isKeyAccepted(signal, context),
    exchangeKeyCode: (code, { signal }) => exchangeKeyCode(code, signal, context),
    close: () => connection.close(),
  };
}

function secretsOf({ apiKey, query, basicAuth, proxies }: LlmServiceOptions): Secrets {
  const addresses = [{ query, basicAuth }, proxies.http, proxies.https].filter((address) => address !== null);
  const found = addresses.map((address) => secretsOfAddress({ query: '', ...address }));
  return {
    apiKey,
    secrets: found.flatMap(({ secrets }) => secrets),
    words: found.flatMap(({ words }) => words),
  };
}

async function* streamWithRetries(
  request: LlmRequest,
  signal: AbortSignal,
  context: ServiceContext,
  options: LlmServiceOptions,
): AsyncGenerator<LlmPart, void, void> {
  const formed = context.forms.open(request);
  for (let attempt = 1, isReformed = false; ; ) {
    signal.throwIfAborted();
    // The same request in another form is no new attempt: a refused request is not billed.
    if (!isReformed) yield { type: 'attempt', attempt, model: request.model, sent: formed.sentParameters() };
    const call = new StreamAttempt(formed, signal, context);
    try {
      yield await call.open();
      for (let deltas = call.readDeltas(); deltas !== null; deltas = call.readDeltas()) {
        if (deltas.length > 0) call.confirm();
        for (const delta of deltas) {
          call.throwIfEnded();
          yield delta;
        }
        await call.whenReadable();
      }
      yield { type: 'end', result: call.conclude() };
      return;
    } catch (cause) {
      const error = failureOfCall(call, cause);
      isReformed = call.correct();
      if (isReformed) continue;
      yield* keepParsed(call, formed);
      const decision = decideRetry(error, attempt, options, options.random());
      if (decision.type === 'stop') throw error;
      const { delayMs } = decision;
      attempt += 1;
      yield { type: 'retrying', error, attempt, delayMs, failed: error.report };
      await delay(delayMs, signal, options.clock);
    } finally {
      call.close();
    }
  }
}

/** What was parsed before the call failed is kept, and sent with its next attempt. */
function* keepParsed({ parsedFiles }: StreamAttempt, formed: FormedRequest): Generator<LlmPart, void, void> {
  if (parsedFiles.length === 0) return;
  yield { type: 'parsed', files: [...parsedFiles] };
  formed.addParsed(parsedFiles);
}

/** Closes a failed call, so that nothing stays open during the wait. Rethrows what is not an LlmFailure. */
function failureOfCall(call: StreamAttempt, cause: unknown): LlmFailure {
  const error = call.failureOf(cause);
  call.close();
  if (error instanceof LlmFailure) return error;
  throw error;
}

/** Waits for the delay; rejects with the signal's reason as soon as it is aborted. */
async function delay(delayMs: number, signal: AbortSignal, clock: Clock): Promise<void> {
  signal.throwIfAborted();
  const over = Promise.withResolvers<void>();
  const onAbort = () => over.reject(signal.reason);
  const cancelTimer = clock.schedule(delayMs, over.resolve);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await over.promise;
  } finally {
    cancelTimer();
    signal.removeEventListener('abort', onAbort);
  }
}

async function collectAnswer(parts: AsyncIterable<LlmPart>): Promise<LlmAnswer> {
  const texts = { content: '', reasoning: '', refusal: '' };
  const media: Pick<LlmAnswer, 'annotations' | 'images'> = { annotations: [], images: [] };
  let thinkingLength = 0;
  for await (const part of parts) {
    if (part.type === 'content' || part.type === 'reasoning' || part.type === 'refusal') {
      texts[part.type] += part.text;
    } else if (part.type === 'moved') thinkingLength = texts.content.length;
    else if (part.type === 'annotations') media.annotations.push(...part.annotations);
    else if (part.type === 'images')
      media.images.push(...part.images.map((image) => ({ url: urlOf(image) })));
    else if (part.type === 'end') return { ...moveThinking(texts, thinkingLength), ...media, ...part.result };
  }
  throw new Error('The stream ended without its last part.');
}
