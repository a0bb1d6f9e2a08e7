import { createHash } from 'node:crypto';
import { type FixtureCase, loadFixtureCases, type Simulator, startSimulator } from '@rill/simulator';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { LlmFailure } from './llmService.ts';
import {
  type Collected,
  collect,
  createTestBench,
  failureOf,
  requestFor,
  type TestBench,
  turnUntil,
} from './llmTestBench.ts';
import { CompletionReader, type LlmDelta } from './wire/completionReader.ts';

const { cases } = await loadFixtureCases();
/** Cases that the reader gets unchanged: no error status, no compression. */
const streamCases = cases.filter(
  ({ http }) => http.status === 200 && http.headers['content-encoding'] === undefined,
);
/** An error in a body that has both an error and text: its file does not fix the phase. */
const openPhase = 'w05h-json-error-labelled-event-stream';

function textsOf(parts: readonly { type: string }[], type: 'content' | 'reasoning' | 'refusal'): string {
  return parts
    .map((part) => (part.type === type && 'text' in part && typeof part.text === 'string' ? part.text : ''))
    .join('');
}

function expectContent(content: string, { expect: expected }: FixtureCase): void {
  if (expected.content_check === undefined) {
    expect(content).toBe(expected.content);
    return;
  }
  const { length, sha256, head, tail } = expected.content_check;
  expect(content.length).toBe(length);
  expect(createHash('sha256').update(content).digest('hex')).toBe(sha256);
  expect(content.startsWith(head) && content.endsWith(tail)).toBe(true);
}

function expectMedia(
  parts: readonly (LlmDelta | { type: string })[],
  { expect: expected }: FixtureCase,
): void {
  const annotations = parts
    .flatMap((part) => ('annotations' in part ? part.annotations : []))
    .map(({ url, title }) => ({ url, title }));
  const images = parts.flatMap((part) => ('images' in part ? part.images : []));
  expect(annotations).toEqual(expected.annotations ?? []);
  expect(images).toHaveLength(expected.images ?? 0);
  expect(textsOf(parts, 'refusal')).toBe(expected.refusal ?? '');
}

function readSegments(segments: readonly Uint8Array[]): { reader: CompletionReader; deltas: LlmDelta[] } {
  const reader = new CompletionReader();
  const deltas = segments.flatMap((segment) => reader.feed(segment));
  return { reader, deltas: [...deltas, ...reader.end()] };
}

function expectReading(fixture: FixtureCase, segments: readonly Uint8Array[]): void {
  const { reader, deltas } = readSegments(segments);
  const { expect: expected } = fixture;
  expectContent(textsOf(deltas, 'content'), fixture);
  expectMedia(deltas, fixture);
  expect({
    outcome: reader.outcome,
    reasoning: textsOf(deltas, 'reasoning'),
    finish_reason: reader.finishReason,
    usage: reader.usage,
    done: reader.isDone,
    tool_calls: reader.toolCalls,
    model: reader.model,
    provider: reader.provider,
    generation_id: reader.generationId,
    comments: reader.commentCount,
    bad_events: reader.badEventCount,
  }).toEqual({
    outcome: expected.outcome,
    reasoning: expected.reasoning,
    finish_reason: expected.finish_reason,
    usage: expected.usage,
    done: expected.done,
    tool_calls: expected.tool_calls ?? [],
    // The cases of a whole JSON body omit what only a stream has.
    model: expected.model ?? null,
    provider: expected.provider ?? null,
    generation_id: expected.generation_id,
    comments: expected.comments ?? 0,
    bad_events: expected.bad_events ?? 0,
  });
}

/** The whole result of a reading as one text, which is cheap to compare for thousands of cuts. */
function readingOf(segments: readonly Uint8Array[]): string {
  const { reader, deltas } = readSegments(segments);
  const { outcome, complaint, toolCalls } = reader;
  return JSON.stringify({ deltas, ...reader, outcome, complaint, toolCalls });
}

function cutAt(bytes: Uint8Array, offsets: readonly number[]): Uint8Array[] {
  const ends = [...new Set(offsets)].sort((a, b) => a - b);
  return [0, ...ends].map((start, index) => bytes.subarray(start, ends[index] ?? bytes.length));
}

describe('the reader gives the expected result', () => {
  test.each(streamCases)('$id, in one part', (fixture) => {
    expectReading(fixture, [fixture.bytes]);
  });

  test.each(streamCases)('$id, byte by byte', (fixture) => {
    const singleBytes = Array.from(fixture.bytes, (_, index) => fixture.bytes.subarray(index, index + 1));
    expect(readingOf(singleBytes)).toBe(readingOf([fixture.bytes]));
  });

  test.each(streamCases.filter(({ bytes }) => bytes.length < 4096))('$id, cut at every byte', (fixture) => {
    const whole = readingOf([fixture.bytes]);
    const offsets = Array.from(fixture.bytes, (_, index) => index).slice(1);
    const differing = offsets.filter((offset) => readingOf(cutAt(fixture.bytes, [offset])) !== whole);
    expect(differing).toEqual([]);
  });

  test.each(streamCases)('$id, cut at random', (fixture) => {
    const whole = readingOf([fixture.bytes]);
    const cuts = fc.array(fc.integer({ min: 0, max: fixture.bytes.length }), { maxLength: 40 });
    fc.assert(
      fc.property(cuts, (offsets) => readingOf(cutAt(fixture.bytes, offsets)) === whole),
      { numRuns: fixture.bytes.length > 100_000 ? 20 : 200 },
    );
  });
});

describe('the service gives the expected result over HTTP', () => {
  let simulator: Simulator;
  let bench: TestBench;
  beforeAll(async () => {
    simulator = await startSimulator();
    bench = createTestBench(simulator.url);
  });
  afterEach(async () => {
    expect(bench.clock.pendingTimers).toBe(0);
    await turnUntil(() => simulator.openStreams === 0);
  });
  afterAll(async () => {
    await bench.service.close();
    await simulator.close();
  });

  const read = (fixture: FixtureCase): Promise<Collected> => {
    const { signal } = new AbortController();
    const model = `fixture/${fixture.id}`;
    const collected = collect(bench.service.streamLLMResponse(requestFor(model), { signal }));
    if (fixture.transport.end === 'hold') void letGoInTime(collected, model);
    return collected;
  };

  /** The socket stays open after the last byte: only the clock ends the answer, within 5 s. */
  async function letGoInTime(collected: Promise<unknown>, model: string): Promise<void> {
    await simulator.waitForHold(model);
    const state = { isOver: false };
    void collected.then(() => {
      state.isOver = true;
    });
    let passedMs = 0;
    await turnUntil(() => {
      if (bench.clock.pendingTimers > 0 && !state.isOver && passedMs < 5000) {
        bench.clock.advance(10);
        passedMs += 10;
      }
      return state.isOver;
    });
    expect(passedMs).toBeGreaterThanOrEqual(3000);
  }

  test.each(cases)('$id', async (fixture) => {
    const collected = await read(fixture);
    const { expect: expected } = fixture;
    expectContent(collected.content, fixture);
    expect(collected.reasoning).toBe(expected.reasoning);
    expectMedia(collected.parts, fixture);
    if (expected.outcome === 'complete') expectResult(collected, fixture);
    else expectFailure(collected, fixture);
  });

  function expectResult({ result, thrown }: Collected, { expect: expected }: FixtureCase): void {
    expect(thrown).toBeNull();
    expect(result?.finishReason).toBe(expected.finish_reason);
    expect(result?.usage?.raw ?? null).toEqual(expected.usage);
    expect(result?.toolCalls).toEqual(expected.tool_calls ?? []);
    expect(result?.model).toBe(expected.model);
    expect(result?.provider).toBe(expected.provider);
    expect(result?.generationId).toBe(expected.generation_id);
  }

  function expectedError(id: string, error: FixtureCase['expect']['error']) {
    if (error === null) return null;
    const phase = id === openPhase ? 'stream' : error.phase;
    return { ...error, phase, code: error.code === 'any' ? expect.anything() : error.code };
  }

  function expectFailure(collected: Collected, { id: fixtureId, expect: expected }: FixtureCase): void {
    expect(collected.thrown).toBeInstanceOf(LlmFailure);
    const failure = failureOf(collected);
    const { report } = failure;
    if (expected.outcome === 'truncated') expect(failure.code).toBe('provider_protocol');
    if (expected.outcome === 'empty') expect(failure.code).toBe('provider_empty');
    expect(report.finishReason).toBe(expected.finish_reason);
    expect(report.usage?.raw ?? null).toEqual(expected.usage);
    expect(report.model).toBe(expected.model ?? null);
    expect(report.provider).toBe(expected.provider ?? null);
    if (expected.generation_id !== undefined) expect(report.generationId).toBe(expected.generation_id);
    expect(wireForm(failure)).toEqual(expectedError(fixtureId, expected.error));
    if (expected.error) expect(failure.isRetryable).toBe(expected.error.retryable);
  }

  function wireForm({ report: { providerError } }: LlmFailure): FixtureCase['expect']['error'] {
    if (providerError === null) return null;
    return {
      phase: providerError.phase,
      code: providerError.code,
      message: providerError.message,
      error_type: providerError.errorType,
      provider: providerError.provider,
      detail: providerError.detail,
      retryable: providerError.isRetryable,
      retry_after_ms: providerError.retryAfterMs,
      retry_at_ms: providerError.retryAtMs,
    };
  }
});
