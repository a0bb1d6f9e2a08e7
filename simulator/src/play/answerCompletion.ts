/** Answers `POST /chat/completions`: decodes the call, finds the answer of its model, and plays it. */

import type { Generation } from '../exchange/generation.ts';
import type { FixtureCase } from '../fixtureCases.ts';
import { type HttpAnswer, type NormalScript, normaliseScript, type StreamAnswer } from '../script.ts';
import type { Exchange, SimulatorParts } from '../simulatorParts.ts';
import { type CompletionRequest, decodeCompletionRequest } from '../wire/completionRequest.ts';
import { createCompletionWire, createGenerationId } from '../wire/createCompletionWire.ts';
import { errorAnswer, inDialect } from '../wire/errorAnswers.ts';
import { priceOf } from '../wire/modelCatalogue.ts';
import { cachedTokens, countPromptTokens } from '../wire/tokenUsage.ts';
import { limitSteps } from './limitSteps.ts';
import { Playback } from './playback.ts';
import { playStream } from './playStream.ts';
import { playWhole } from './playWhole.ts';
import { replayFixture } from './replayFixture.ts';

type ModelAnswer = NormalScript | { kind: 'fixture'; fixture: FixtureCase };

/** Answers one call. Rejects with an AbortError when the client goes away. */
export async function answerCompletion(exchange: Exchange, parts: SimulatorParts): Promise<void> {
  const decoded = decodeCompletionRequest(exchange.bodyText);
  if ('problem' in decoded) {
    return sendError(
      errorAnswer(400, decoded.problem, { metadata: { error_type: 'invalid_request' } }),
      exchange,
      parts,
    );
  }
  const { request } = decoded;
  const { model, answer } = chooseAnswer(request, parts);
  parts.log.identify(exchange.recorded, model, undefined);
  if (answer === undefined) {
    const metadata = { error_type: 'not_found' };
    return sendError(errorAnswer(404, `No endpoints found for ${model}.`, { metadata }), exchange, parts);
  }
  if (answer.kind === 'fixture') return sendFixture(answer.fixture, exchange, parts);
  if (answer.kind === 'http') return sendHttp(answer.answer, exchange, parts);
  if (answer.kind === 'stream') return sendStream(answer.answer, model, request, exchange, parts);
  parts.log.settle(exchange.recorded, 'cut');
  exchange.sink.reset();
}

/** The first model that has an answer other than an error; failing that, the last one tried. */
function chooseAnswer(
  request: CompletionRequest,
  parts: SimulatorParts,
): { model: string; answer: ModelAnswer | undefined } {
  let chosen: { model: string; answer: ModelAnswer | undefined } = { model: '', answer: undefined };
  for (const model of request.models) {
    chosen = { model, answer: findAnswer(model, request, parts) };
    const { answer } = chosen;
    if (answer !== undefined && !(answer.kind === 'http' && answer.answer.status >= 400)) break;
  }
  return chosen;
}

function findAnswer(
  model: string,
  request: CompletionRequest,
  parts: SimulatorParts,
): ModelAnswer | undefined {
  const script = parts.scripts.take(model);
  if (script !== undefined) return normaliseScript(script);
  const fixture = parts.fixtures.get(model);
  if (fixture !== undefined) return { kind: 'fixture', fixture };
  const demo = parts.demos.answer(model, request);
  if (demo === undefined) return undefined;
  const answer = normaliseScript(demo);
  if (answer.kind !== 'stream') return answer;
  const steps = limitSteps(answer.answer.steps, request.maxTokens);
  return { kind: 'stream', answer: { ...answer.answer, steps } };
}

async function sendFixture(fixture: FixtureCase, exchange: Exchange, parts: SimulatorParts): Promise<void> {
  const model = exchange.recorded.model ?? '';
  parts.log.identify(exchange.recorded, model, fixture.http.headers['x-generation-id']);
  await replayFixture(fixture, exchange.sink, {
    clock: parts.clock,
    onReset: () => parts.log.settle(exchange.recorded, 'cut'),
    hold: () => parts.holds.pass(`fixture/${fixture.id}`, exchange.recorded, exchange.sink.signal),
  });
}

async function sendHttp(answer: HttpAnswer, exchange: Exchange, parts: SimulatorParts): Promise<void> {
  if (answer.holdHead !== undefined) {
    await parts.holds.pass(answer.holdHead, exchange.recorded, exchange.sink.signal);
  }
  exchange.sink.answer(exchange.leak.answer(answer));
}

function sendError(answer: HttpAnswer, exchange: Exchange, parts: SimulatorParts): void {
  exchange.sink.answer(inDialect(exchange.leak.answer(answer), parts.options.dialect));
}

async function sendStream(
  answer: StreamAnswer,
  model: string,
  request: CompletionRequest,
  exchange: Exchange,
  parts: SimulatorParts,
): Promise<void> {
  const { dialect, now: nowMs, tokensPerSecond, hasDoneMarker } = parts.options;
  const generation = startGeneration(answer, model, request, exchange, parts);
  const playback = new Playback({
    wire: createCompletionWire(dialect, generation.identity, request.includesUsage),
    generation,
    clock: parts.clock,
    nowMs,
    tokensPerSecond,
    hasDoneMarker,
    leak: exchange.leak,
    log: parts.log,
    holds: parts.holds,
  });
  await (request.isStream ? playStream : playWhole)(answer, exchange.sink, playback);
}

function startGeneration(
  answer: StreamAnswer,
  model: string,
  request: CompletionRequest,
  exchange: Exchange,
  parts: SimulatorParts,
): Generation {
  const createdSeconds = Math.floor(exchange.recorded.startedAtMs / 1000);
  const id = createGenerationId(parts.options.dialect, createdSeconds);
  const promptTokens = countPromptTokens(request.messages);
  const cache = answer.cache && cachedTokens(answer.cache, promptTokens);
  const generation: Generation = {
    identity: { id, createdSeconds, model: answer.model ?? model, provider: answer.provider ?? 'Simulator' },
    request: exchange.recorded,
    isStream: request.isStream,
    counts: { promptTokens, contentTokens: 0, reasoningTokens: 0, cache },
    price: priceOf(model),
    finishReason: null,
    nativeFinishReason: null,
    firstDeltaAtMs: undefined,
  };
  parts.generations.add(generation);
  parts.log.identify(exchange.recorded, model, id);
  return generation;
}
