import { createHash } from 'node:crypto';
import { type FixtureCase, loadFixtureCases, type Simulator, startSimulator } from '@rill/simulator';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { CompletionReader, type LlmDelta } from './completionReader.ts';
import { LlmFailure } from './llmService.ts';
import {
  type Collected,
  collect,
  createTestBench,
  failureOf,
  requestFor,
  type TestBench,
} from './llmTestBench.ts';

const { cases } = await loadFixtureCases();
const streamCases = cases.filter(({ http }) => http.content_type.startsWith('text/event-stream'));

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
  const annotations = parts.flatMap((part) => ('annotations' in part ? part.annotations : []));
  const images = parts.flatMap((part) => ('images' in part ? part.images : []));
  expect(annotations).toEqual(expected.annotations ?? []);
  expect(images).toHaveLength(expected.images ?? 0);
  expect(textsOf(parts, 'refusal')).toBe(expected.refusal ?? '');
}

function readSegments(segments: readonly Uint8Array[]): { reader: CompletionReader; deltas: LlmDelta[] } {
  const reader = new CompletionReader();
  return { reader, deltas: segments.flatMap((segment) => reader.feed(segment)) };
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
    native_finish_reason: reader.nativeFinishReason,
    usage: reader.usage,
    done: reader.isDone,
    tool_calls: reader.toolCalls,
    model: reader.model,
    provider: reader.provider,
    generation_id: reader.generationId,
    comments: reader.commentCount,
    data_events: reader.dataEventCount,
    bad_events: reader.badEventCount,
  }).toEqual({
    outcome: expected.outcome,
    reasoning: expected.reasoning,
    finish_reason: expected.finish_reason,
    native_finish_reason: expected.native_finish_reason,
    usage: expected.usage,
    done: expected.done,
    tool_calls: expected.tool_calls ?? [],
    model: expected.model,
    provider: expected.provider,
    generation_id: expected.generation_id,
    comments: expected.comments,
    data_events: expected.data_events,
    bad_events: expected.bad_events,
  });
  if (expected.reasoning_details) expect(reader.reasoningDetails).toEqual(expected.reasoning_details);
}

/** Everything that a reading amounts to, as one text: cheap to compare for thousands of cuts. */
function readingOf(segments: readonly Uint8Array[]): string {
  const { reader, deltas } = readSegments(segments);
  const { outcome, toolCalls, reasoningDetails } = reader;
  return JSON.stringify({ deltas, ...reader, outcome, toolCalls, reasoningDetails });
}

function cutAt(bytes: Uint8Array, offsets: readonly number[]): Uint8Array[] {
  const ends = [...new Set(offsets)].sort((a, b) => a - b);
  return [0, ...ends].map((start, index) => bytes.subarray(start, ends[index] ?? bytes.length));
}

describe('the reader gives the expected result', () => {
  test.each(streamCases)('$id, whole', (fixture) => {
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
  afterEach(() => {
    expect(bench.clock.pendingTimers).toBe(0);
    expect(simulator.openStreams).toBe(0);
  });
  afterAll(async () => {
    await bench.service.close();
    await simulator.close();
  });

  const read = (fixture: FixtureCase): Promise<Collected> => {
    const { signal } = new AbortController();
    return collect(bench.service.streamLLMResponse(requestFor(`fixture/${fixture.id}`), { signal }));
  };

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
    expect(result?.nativeFinishReason).toBe(expected.native_finish_reason);
    expect(result?.usage?.raw ?? null).toEqual(expected.usage);
    expect(result?.isDone).toBe(expected.done);
    expect(result?.toolCalls).toEqual(expected.tool_calls ?? []);
    expect(result?.model).toBe(expected.model);
    expect(result?.provider).toBe(expected.provider);
    expect(result?.generationId).toBe(expected.generation_id);
    expect(result?.commentCount).toBe(expected.comments ?? 0);
    expect(result?.dataEventCount).toBe(expected.data_events ?? 0);
    expect(result?.badEventCount).toBe(expected.bad_events ?? 0);
    if (expected.reasoning_details) expect(result?.reasoningDetails).toEqual(expected.reasoning_details);
  }

  function expectFailure(collected: Collected, { expect: expected }: FixtureCase): void {
    expect(collected.thrown).toBeInstanceOf(LlmFailure);
    const failure = failureOf(collected);
    const { report } = failure;
    if (expected.outcome === 'truncated') expect(failure.code).toBe('provider_protocol');
    if (expected.outcome === 'empty') expect(failure.code).toBe('provider_empty');
    expect(report.finishReason).toBe(expected.finish_reason);
    expect(report.nativeFinishReason).toBe(expected.native_finish_reason);
    expect(report.usage?.raw ?? null).toEqual(expected.usage);
    expect(report.model).toBe(expected.model ?? null);
    expect(report.provider).toBe(expected.provider ?? null);
    if (expected.generation_id !== undefined) expect(report.generationId).toBe(expected.generation_id);
    expect(wireForm(failure)).toEqual(expected.error);
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
