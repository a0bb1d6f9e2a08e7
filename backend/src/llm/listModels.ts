/** `GET /models` to Rill's models: one call without retries, under the same limits and rules as an answer. */
import type { Model } from '@rill/protocol';
import { createTransportFailure } from './attemptFailures.ts';
import { parseJsonObject } from './jsonValue.ts';
import { type AttemptReport, LlmFailure } from './llmFailure.ts';
import { decodeModels } from './models.ts';
import { buildHeaders, endpointUrl } from './openRouterRequest.ts';
import { createProviderFailure } from './providerError.ts';
import { ConnectionBroken, ProviderExchange, WaitExpired } from './providerExchange.ts';
import type { Redactor } from './redactSecrets.ts';
import { headerReader } from './responseHead.ts';
import type { AttemptContext } from './streamAttempt.ts';

const connectMs = 10_000;
const answerMs = 15_000;
/** OpenRouter's whole list is below 2 MB. */
const maxBodyBytes = 32 * 1024 * 1024;

/** Reads the list. Errors: exactly the reason of an aborted `signal`, else LlmFailure. */
export async function listModels(signal: AbortSignal, context: AttemptContext): Promise<Model[]> {
  const { settings, connection, clock } = context;
  const exchange = new ProviderExchange(clock, signal);
  try {
    const call = {
      method: 'GET',
      url: endpointUrl(settings, 'models'),
      headers: buildHeaders(settings, 'application/json'),
    } as const;
    const limits = { connectMs, answerMs, answerCode: 'provider_unavailable' } as const;
    const head = await exchange.open(connection, call, limits);
    const json = parseJsonObject((await exchange.readText(maxBodyBytes)) ?? '');
    const report = reportOf(head.statusCode);
    if (head.statusCode < 200 || head.statusCode > 299) {
      const value = json?.error ?? json;
      const header = headerReader(head.headers);
      throw createProviderFailure(
        { phase: 'http', value, status: head.statusCode, provider: null, header },
        report,
        { redactor: context.redactor, nowMs: () => clock.nowMs() },
      );
    }
    if (json === null || !Array.isArray(json.data)) {
      throw createTransportFailure('provider_protocol', report, context.redactor);
    }
    return decodeModels(json);
  } catch (error) {
    throw failureOf(error, context.redactor);
  } finally {
    exchange.close();
  }
}

function failureOf(error: unknown, redactor: Redactor): unknown {
  if (error instanceof WaitExpired)
    return new LlmFailure(error.code, { ...reportOf(null), providerError: null });
  if (!(error instanceof ConnectionBroken)) return error;
  return createTransportFailure('provider_unavailable', reportOf(null), redactor, error);
}

function reportOf(upstreamStatus: number | null): Omit<AttemptReport, 'providerError'> {
  return {
    generationId: null,
    provider: null,
    model: null,
    usage: null,
    finishReason: null,
    nativeFinishReason: null,
    hasDelta: false,
    upstreamStatus,
  };
}
