/** A question to the provider that is answered with one JSON object: one GET, without retries, under limits of its own. */
import { createTransportFailure } from './attemptFailures.ts';
import { type JsonObject, parseJsonObject } from './jsonValue.ts';
import { type AttemptReport, LlmFailure } from './llmFailure.ts';
import { buildHeaders, type EndpointPath, endpointUrl } from './openRouterRequest.ts';
import { createProviderFailure } from './providerError.ts';
import { ConnectionBroken, ProviderExchange, WaitExpired } from './providerExchange.ts';
import type { Redactor } from './redactSecrets.ts';
import { headerReader } from './responseHead.ts';
import type { AttemptContext } from './streamAttempt.ts';

export interface ProviderQuestion {
  readonly path: EndpointPath;
  /** Limit of the whole exchange, in milliseconds. */
  readonly answerMs: number;
  /** A longer body is refused as provider_protocol. */
  readonly maxBodyBytes: number;
  /** False for JSON that does not answer this question: provider_protocol. */
  readonly isAnswer: (json: JsonObject) => boolean;
}

const connectMs = 10_000;

/** Errors: exactly the reason of an aborted `signal`, else LlmFailure, whose report has the HTTP status. */
export async function readProviderJson(
  question: ProviderQuestion,
  signal: AbortSignal,
  context: AttemptContext,
): Promise<JsonObject> {
  const { settings, connection, clock, redactor } = context;
  const exchange = new ProviderExchange(clock, signal);
  try {
    const call = {
      method: 'GET',
      url: endpointUrl(settings, question.path),
      headers: buildHeaders(settings, 'application/json'),
    } as const;
    const { answerMs } = question;
    const limits = { connectMs, answerMs, answerCode: 'provider_unavailable' } as const;
    const head = await exchange.open(connection, call, limits);
    const json = parseJsonObject((await exchange.readText(question.maxBodyBytes)) ?? '');
    const report = reportOf(head.statusCode);
    if (head.statusCode < 200 || head.statusCode > 299) {
      const header = headerReader(head.headers);
      const value = json?.error ?? json;
      throw createProviderFailure(
        { phase: 'http', value, status: head.statusCode, provider: null, header },
        report,
        { redactor, nowMs: () => clock.nowMs() },
      );
    }
    if (json === null || !question.isAnswer(json))
      throw createTransportFailure('provider_protocol', report, redactor);
    return json;
  } catch (error) {
    throw failureOf(error, redactor);
  } finally {
    exchange.close();
  }
}

function failureOf(error: unknown, redactor: Redactor): unknown {
  if (error instanceof WaitExpired)
    return new LlmFailure(error.code, { ...reportOf(null), providerError: null }, { message: error.message });
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
