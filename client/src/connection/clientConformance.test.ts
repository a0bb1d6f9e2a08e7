/** Runs the conformance vectors through the client's own way of reading: body, message reader, follower. */
import { emptyRunView } from '@rill/protocol';
import fold from '@rill/protocol/conformance/fold.json' with { type: 'json' };
import {
  bytesOf,
  type FoldCaseFrame,
  type SseParsingCase,
  type VectorMessage,
  writtenView,
} from '@rill/protocol/conformance/runVectors.ts';
import sseParsing from '@rill/protocol/conformance/sse-parsing.json' with { type: 'json' };
import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../test/clientClocks.ts';
import { MessageReader, runSilence } from './messageReader.ts';
import { RunFollower } from './runFollower.ts';

/** A body that is read in exactly these steps. */
function bodyOf(reads: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  const left = reads.filter((bytes) => bytes.length > 0);
  return new ReadableStream({
    pull(controller) {
      const bytes = left.shift();
      if (bytes) controller.enqueue(bytes);
      else controller.close();
    },
  });
}

async function read(reads: readonly Uint8Array[]): Promise<{ messages: VectorMessage[]; retries: number[] }> {
  const messages: VectorMessage[] = [];
  const retries: number[] = [];
  const clock = new FakeClock();
  const options = {
    clock,
    environment: null,
    ...runSilence,
    drop: () => undefined,
    onBytes: () => undefined,
    onRetry: (retryMs: number) => retries.push(retryMs),
  };
  const reader = new MessageReader(bodyOf(reads), options);
  for (let read = await reader.read(); read; read = await reader.read()) {
    for (const { id, event, data } of read)
      messages.push({ ...(id !== undefined && { id }), ...(event !== undefined && { event }), data });
  }
  expect(clock.pendingTimers).toBe(0);
  return { messages, retries };
}

describe('sse-parsing.json', () => {
  const cases: readonly SseParsingCase[] = sseParsing.cases;
  test.each(cases)('$name, at every cut', async (vector) => {
    const bytes = bytesOf(vector);
    const expected = { messages: vector.messages, ...(vector.retries && { retries: vector.retries }) };
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      expect(await read([bytes.subarray(0, cut), bytes.subarray(cut)])).toMatchObject(expected);
    }
  });
});

describe('fold.json', () => {
  test.each(fold.cases)('$name', ({ frames, view }) => {
    const follower = new RunFollower({
      path: '',
      send: null,
      view: emptyRunView(fold.runId),
    });
    for (const vector of frames as readonly FoldCaseFrame[]) {
      const before = follower.view;
      const applied = follower.apply({
        id: vector.id,
        event: vector.event,
        data: JSON.stringify(vector.data),
      });
      if (vector.refusedAs)
        expect(applied).toMatchObject({ kind: 'lost', error: { code: vector.refusedAs } });
      if (vector.refusedAs || vector.changesNothing) expect(follower.view).toBe(before);
      else expect(applied.kind).toBe('event');
    }
    expect(writtenView(follower.view ?? emptyRunView(fold.runId))).toMatchObject(view);
  });
});
