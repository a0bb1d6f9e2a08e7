/**
 * Sends the requests that the provider answers with JSON: the list of models, the usage of a call, and those about
 * keys. Each is sent once, with its own timeout.
 */
import { isJsonObject, type JsonObject } from '@rill/protocol';
import { type AttemptReport, LlmFailure } from './failure/llmFailure.ts';
import { createProviderFailure, createTransportFailure } from './failure/providerError.ts';
import type { Redactor } from './failure/redactSecrets.ts';
import { type Endpoint, type EndpointPath, isNoEndpoint } from './http/endpointAddress.ts';
import { type HeaderReader, headerReader } from './http/providerConnection.ts';
import { ConnectionBroken, ProviderExchange, WaitExpired } from './http/providerExchange.ts';
import type { ProviderContext } from './providerContext.ts';
import { numberOf, objectOf, parseJson } from './wire/jsonValue.ts';
import { decodeModels, isErrorBody, type ModelListing } from './wire/modelList.ts';
import { buildHeaders } from './wire/openRouterRequest.ts';
import { amountOf, type ProviderUsage, readUsage } from './wire/usage.ts';

interface JsonQuery {
  readonly path: EndpointPath;
  /** Sent as JSON in a POST; without it the query is a GET. */
  readonly body?: JsonObject;
  /** Timeout of the whole exchange, in milliseconds. */
  readonly answerMs: number;
  /** A longer body is refused as provider_protocol. */
  readonly maxBodyBytes: number;
  /** False for unexpected JSON: provider_protocol. */
  readonly isAnswer: (json: unknown) => boolean;
}

const connectMs = 10_000;
/** How much of a reply is searched to recognise a missing endpoint, in UTF-16 units. */
const maxRefusalLength = 4096;

/** Reads the list. Errors: exactly the reason of an aborted `signal`, else LlmFailure. */
export async function listModels(signal: AbortSignal, context: ProviderContext): Promise<ModelListing> {
  const query: JsonQuery = {
    // By default OpenRouter lists only models that write text; other servers ignore the parameter.
    path: 'models?output_modalities=text,image',
    answerMs: 15_000,
    // OpenRouter's whole list is below 2 MB.
    maxBodyBytes: 8 * 1024 * 1024,
    isAnswer: (json) => !isErrorBody(json),
  };
  return decodeModels(await readProviderJson(query, signal, context));
}

/** OpenRouter's form of an id; the `chatcmpl-…` of other servers cannot be looked up. */
const generationIdForm = /^gen-[\w-]{1,200}$/;

/** True when the provider may have a record of the call. */
export function mayHaveRecord(generationId: string): boolean {
  return generationIdForm.test(generationId);
}

/**
 * Reads the record; null while there is none, or none with figures.
 * Errors: exactly the reason of an aborted `signal`, else LlmFailure.
 */
export async function lookUpGeneration(
  generationId: string,
  signal: AbortSignal,
  context: ProviderContext,
): Promise<ProviderUsage | null> {
  const query: JsonQuery = {
    path: `generation?id=${encodeURIComponent(generationId)}`,
    answerMs: 10_000,
    maxBodyBytes: 1024 * 1024,
    isAnswer: (json) => isJsonObject(json) && isJsonObject(json.data),
  };
  try {
    const answer = objectOf(await readProviderJson(query, signal, context));
    return decodeGenerationRecord(objectOf(answer.data));
  } catch (error) {
    if (error instanceof LlmFailure && error.report.upstreamStatus === 404) return null;
    throw error;
  }
}

const keyQuery = { answerMs: 10_000, maxBodyBytes: 64 * 1024 } as const;

/** False when the provider refuses the key. Errors: exactly the reason of an aborted `signal`, else LlmFailure. */
export async function isKeyAccepted(signal: AbortSignal, context: ProviderContext): Promise<boolean> {
  try {
    await readProviderJson({ ...keyQuery, path: 'key', isAnswer: isJsonObject }, signal, context);
    return true;
  } catch (error) {
    if (error instanceof LlmFailure && [401, 403].includes(error.report.upstreamStatus ?? 0)) return false;
    throw error;
  }
}

/**
 * What `exchangeKeyCode` sends: the code from the provider's page, and the secret behind the challenge of its request.
 */
export interface KeyCode {
  readonly code: string;
  readonly verifier: string;
}

/**
 * Exchanges a code for a key; null when the provider refuses the code.
 * Errors: exactly the reason of an aborted `signal`, else LlmFailure.
 */
export async function exchangeKeyCode(
  { code, verifier }: KeyCode,
  signal: AbortSignal,
  context: ProviderContext,
): Promise<string | null> {
  const query: JsonQuery = {
    ...keyQuery,
    path: 'auth/keys',
    body: { code, code_verifier: verifier, code_challenge_method: 'S256' },
    isAnswer: (json) => isJsonObject(json) && typeof json.key === 'string' && json.key !== '',
  };
  try {
    return String(objectOf(await readProviderJson(query, signal, context)).key);
  } catch (error) {
    const status = error instanceof LlmFailure ? (error.report.upstreamStatus ?? 0) : 0;
    if (status >= 400 && status <= 499 && status !== 429) return null;
    throw error;
  }
}

/**
 * Turns the figures of a record into the form of a stream's `usage`, so that both are stored in the same way. Null unless
 * cost and both token counts are known: a record appears before it is complete.
 */
function decodeGenerationRecord(record: JsonObject): ProviderUsage | null {
  const prompt_tokens = firstNumber(record.native_tokens_prompt, record.tokens_prompt);
  const completion_tokens = firstNumber(record.native_tokens_completion, record.tokens_completion);
  const cost = firstNumber(record.total_cost, record.usage);
  if (prompt_tokens === null || completion_tokens === null || cost === null) return null;
  return readUsage({
    prompt_tokens,
    completion_tokens,
    prompt_tokens_details: { cached_tokens: numberOf(record.native_tokens_cached) },
    completion_tokens_details: { reasoning_tokens: numberOf(record.native_tokens_reasoning) },
    cost,
    is_byok: record.is_byok === true,
    cache_discount: numberOf(record.cache_discount),
    cost_details: { upstream_inference_cost: numberOf(record.upstream_inference_cost) },
  });
}

function firstNumber(...values: readonly unknown[]): number | null {
  return values.map(amountOf).find((value) => value !== null) ?? null;
}

/** Errors: exactly the reason of an aborted `signal`, else LlmFailure, whose report has the HTTP status. */
async function readProviderJson(
  query: JsonQuery,
  signal: AbortSignal,
  context: ProviderContext,
): Promise<unknown> {
  const { address } = context;
  for (let tried = 1; ; tried += 1) {
    const endpoint = address.endpoint(query.path);
    const reply = await send(endpoint, query, signal, context);
    const isMissing = isNoEndpoint(reply.status, reply.mediaType, reply.text);
    if (isMissing && address.tryNextBase(endpoint, tried)) continue;
    if (reply.failure !== null) throw reply.failure;
    address.confirm(endpoint);
    return reply.json;
  }
}

interface Reply {
  readonly status: number;
  readonly mediaType: string;
  readonly text: string;
  readonly json: unknown;
  /** Null when the reply is an answer. */
  readonly failure: LlmFailure | null;
}

async function send(
  { url }: Endpoint,
  query: JsonQuery,
  signal: AbortSignal,
  context: ProviderContext,
): Promise<Reply> {
  const { settings, connection, clock, redactor } = context;
  const exchange = new ProviderExchange(clock, signal);
  try {
    const headers = buildHeaders(settings, 'application/json');
    const { answerMs, body } = query;
    const call =
      body === undefined
        ? ({ method: 'GET', url, headers } as const)
        : ({ method: 'POST', url, headers, body: JSON.stringify(body) } as const);
    const limits = { connectMs, answerMs, answerCode: 'provider_unavailable' } as const;
    const head = await exchange.open(connection, call, limits);
    const text = (await exchange.readText(query.maxBodyBytes)) ?? '';
    const header = headerReader(head.headers);
    return {
      status: head.statusCode,
      mediaType: header('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '',
      text: text.slice(0, maxRefusalLength),
      ...readReply(head.statusCode, text, header, query, context),
    };
  } catch (error) {
    throw failureOf(error, redactor);
  } finally {
    exchange.close();
  }
}

function readReply(
  status: number,
  text: string,
  header: HeaderReader,
  query: JsonQuery,
  { clock, redactor }: ProviderContext,
): Pick<Reply, 'json' | 'failure'> {
  const json = parseJson(text);
  const report = reportOf(status);
  if (status < 200 || status > 299) {
    const value = isJsonObject(json) ? (json.error ?? json) : null;
    const received = { phase: 'http', value, status, provider: null, header } as const;
    return {
      json,
      failure: createProviderFailure(received, report, { redactor, nowMs: () => clock.nowMs() }),
    };
  }
  const isAnswer = json !== undefined && query.isAnswer(json);
  return { json, failure: isAnswer ? null : createTransportFailure('provider_protocol', report, redactor) };
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
    hasDelta: false,
    upstreamStatus,
  };
}
