/**
 * Questions to the provider, and its answers as a stream of parts: the only door to the provider.
 * A stream ends by an `end` part, an LlmFailure, or exactly the reason of its signal, and leaves no socket or timer.
 */
import type { Model } from '@rill/protocol';
import type { Clock } from '../clock.ts';
import { listModels } from './listModels.ts';
import { LlmFailure } from './llmFailure.ts';
import type { LlmAnswer, LlmPart } from './llmParts.ts';
import { lookUpGeneration, mayHaveRecord } from './lookUpGeneration.ts';
import type { LlmRequest, ProviderSettings } from './openRouterRequest.ts';
import { createProviderConnection } from './providerConnection.ts';
import { createRedactor } from './redactSecrets.ts';
import { decideRetry, type RetryLimits } from './retryPolicy.ts';
import { type AttemptContext, StreamAttempt } from './streamAttempt.ts';
import type { ProviderUsage } from './usage.ts';

export { LlmFailure } from './llmFailure.ts';
export type { LlmAnswer, LlmPart, LlmResult } from './llmParts.ts';
export type { LlmRequest } from './openRouterRequest.ts';

export interface LlmServiceOptions extends ProviderSettings, RetryLimits {
  readonly clock: Clock;
  /** A number in [0, 1), for jitter. */
  readonly random: () => number;
  /** Oddities that end nothing, for the log: never the model's or a person's text, never a secret. */
  readonly onWarning?: (fields: Readonly<Record<string, unknown>>) => void;
}

interface CallOptions {
  readonly signal: AbortSignal;
}

export interface LlmService {
  /**
   * Asks and yields the answer as it arrives; see LlmPart for the order.
   * Retries: as `decideRetry` says, only before the first delta.
   * Backpressure: while nobody pulls, at most undici's 64 KiB and one read are held, and no limit runs.
   * Errors: LlmFailure, whose report keeps what is known. Cancel: aborting `signal` destroys the socket at once and
   * throws exactly its reason; `return()` while the generator rests destroys it too.
   */
  streamLLMResponse(request: LlmRequest, options: CallOptions): AsyncGenerator<LlmPart, void, void>;
  /** The same stream, collected: only a streamed call can be cancelled at the provider. Errors, cancel: the same. */
  callLLM(request: LlmRequest, options: CallOptions): Promise<LlmAnswer>;
  /** The provider's models, in its order; gives up after 15 s. Errors and cancel: as above; no retries. */
  listModels(options: CallOptions): Promise<Model[]>;
  /** True when the provider may keep a record of this call that can be looked up; never at servers unlike OpenRouter. */
  canLookUp(generationId: string): boolean;
  /**
   * What an ended call used, by the provider's record of it; null while there is none: 404 for a while is normal.
   * Gives up after 10 s. Errors and cancel: as above; no retries.
   */
  lookUpGeneration(generationId: string, options: CallOptions): Promise<ProviderUsage | null>;
  /** Destroys every socket; answers under way fail. */
  close(): Promise<void>;
}

export function createLlmService(options: LlmServiceOptions): LlmService {
  const connection = createProviderConnection();
  const context: AttemptContext = {
    settings: options,
    connection,
    clock: options.clock,
    redactor: createRedactor(options.apiKey),
    onWarning: options.onWarning ?? (() => undefined),
  };
  const streamLLMResponse: LlmService['streamLLMResponse'] = (request, { signal }) =>
    streamWithRetries(request, signal, context, options);
  return {
    streamLLMResponse,
    callLLM: (request, callOptions) => collectAnswer(streamLLMResponse(request, callOptions)),
    listModels: ({ signal }) => listModels(signal, context),
    canLookUp: (generationId) => mayHaveRecord(generationId, options),
    lookUpGeneration: (generationId, { signal }) => lookUpGeneration(generationId, signal, context),
    close: () => connection.close(),
  };
}

async function* streamWithRetries(
  request: LlmRequest,
  signal: AbortSignal,
  context: AttemptContext,
  options: LlmServiceOptions,
): AsyncGenerator<LlmPart, void, void> {
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted();
    yield { type: 'attempt', attempt, model: request.model };
    const call = new StreamAttempt(request, signal, context);
    try {
      yield await call.open();
      for (let deltas = call.take(); deltas !== null; deltas = call.take()) {
        for (const delta of deltas) {
          call.throwIfEnded();
          yield delta;
        }
        await call.arrival();
      }
      yield { type: 'end', result: call.conclude() };
      return;
    } catch (cause) {
      const error = call.failureOf(cause);
      // Before the wait: nothing of a failed call stays open meanwhile.
      call.close();
      if (!(error instanceof LlmFailure)) throw error;
      const decision = decideRetry(error, attempt, options, options.random());
      if (decision.type === 'stop') throw error;
      const { delayMs } = decision;
      yield { type: 'retrying', error, attempt: attempt + 1, delayMs, failed: error.report };
      await waitFor(delayMs, signal, options.clock);
    } finally {
      call.close();
    }
  }
}

/** Resolves after the delay; rejects with the signal's reason as soon as it is aborted. */
async function waitFor(delayMs: number, signal: AbortSignal, clock: Clock): Promise<void> {
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
  for await (const part of parts) {
    if (part.type === 'content' || part.type === 'reasoning' || part.type === 'refusal') {
      texts[part.type] += part.text;
    } else if (part.type === 'annotations') media.annotations.push(...part.annotations);
    else if (part.type === 'images') media.images.push(...part.images);
    else if (part.type === 'end') return { ...texts, ...media, ...part.result };
  }
  throw new Error('The stream ended without its last part.');
}
