/** Routes a request to its endpoint; the same endpoints exist under `/api/v1` and `/v1`. */
import type { IncomingHttpHeaders } from 'node:http';
import { isJsonObject } from './jsonData.ts';
import { answerCompletion } from './play/answerCompletion.ts';
import type { HttpAnswer } from './script.ts';
import type { ResolvedOptions } from './simulatorOptions.ts';
import type { Exchange, SimulatorParts } from './simulatorParts.ts';
import { errorAnswer, inDialect } from './wire/errorAnswers.ts';
import { modelList } from './wire/modelCatalogue.ts';

/** Answers one request. Rejects with an AbortError when the client goes away. */
export async function routeRequest(exchange: Exchange, parts: SimulatorParts): Promise<void> {
  const { method, path, headers } = exchange.recorded;
  const url = new URL(path, 'http://simulator');
  const route = `${method} ${url.pathname.replace(/^\/(?:api\/)?v1(?=\/)/, '')}`;
  // OpenRouter's list of models needs no key.
  if (route === 'GET /models') return answerModels(exchange, parts, url);
  if (parts.options.dialect === 'openrouter') {
    if (route === 'GET /auth') return send(parts.keyCodes.authorize(url.searchParams), exchange, parts);
    if (route === 'POST /auth/keys') {
      return send(parts.keyCodes.exchange(exchange.recorded.body), exchange, parts);
    }
  }
  const refusal = refuseKey(headers, parts.options);
  if (refusal !== undefined) return send(refusal, exchange, parts);
  if (route === 'POST /chat/completions') {
    const refused = refuseBody(exchange, parts.options);
    return refused === undefined ? answerCompletion(exchange, parts) : exchange.sink.answer(refused);
  }
  const { lookUpHold } = parts.options;
  if (route === 'GET /generation' && lookUpHold !== undefined) {
    await parts.holds.pass(lookUpHold, exchange.recorded, exchange.sink.signal);
  }
  send(answerLookUp(route, url, parts), exchange, parts);
}

function answerModels(exchange: Exchange, parts: SimulatorParts, url: URL): void {
  const { modelList: given, dialect } = parts.options;
  const outputs = (url.searchParams.get('output_modalities') ?? 'text').split(',');
  if (given === undefined) send(ok(modelList(dialect, parts.scripts.models(), outputs)), exchange, parts);
  else exchange.sink.answer({ status: 200, body: JSON.stringify(given), headers: jsonType });
}

const jsonType = { 'content-type': 'application/json' };

/** A refusal is sent as it is, in every dialect. */
function refuseBody({ recorded }: Exchange, { refuse }: ResolvedOptions): HttpAnswer | undefined {
  return isJsonObject(recorded.body) ? refuse?.(recorded.body) : undefined;
}

function answerLookUp(route: string, url: URL, parts: SimulatorParts): HttpAnswer {
  const isOpenRouter = parts.options.dialect === 'openrouter';
  if (isOpenRouter && route === 'GET /generation') return lookUpGeneration(url.searchParams.get('id'), parts);
  if (isOpenRouter && route === 'GET /key') return ok({ data: describeKey(parts.generations.totalCost()) });
  return errorAnswer(404, `No such endpoint: ${route}`);
}

function lookUpGeneration(id: string | null, parts: SimulatorParts): HttpAnswer {
  if (id === null || id === '') return errorAnswer(400, 'id: expected a generation id');
  const record = parts.generations.lookUp(id);
  return record === undefined ? errorAnswer(404, `Generation ${id} not found`) : ok({ data: record });
}

function describeKey(usage: number): Record<string, string | number | boolean | null> {
  return {
    label: 'sk-or-v1-sim...ulator',
    limit: null,
    limit_remaining: null,
    limit_reset: null,
    usage,
    usage_daily: usage,
    usage_weekly: usage,
    usage_monthly: usage,
    is_free_tier: false,
    free_model_daily_requests: 1000,
  };
}

function refuseKey(headers: IncomingHttpHeaders, options: ResolvedOptions): HttpAnswer | undefined {
  const key = /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  if (key === undefined) {
    const isNeeded = options.dialect === 'openrouter' || options.apiKey !== undefined;
    return isNeeded ? errorAnswer(401, 'No auth credentials found') : undefined;
  }
  return options.apiKey === undefined || key === options.apiKey
    ? undefined
    : errorAnswer(401, 'User not found.');
}

function ok(body: HttpAnswer['body']): HttpAnswer {
  return { status: 200, body };
}

function send(answer: HttpAnswer, exchange: Exchange, parts: SimulatorParts): void {
  exchange.sink.answer(inDialect(exchange.leak.answer(answer), parts.options.dialect));
}
