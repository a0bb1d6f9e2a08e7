import { RillError } from '@rill/protocol';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type ChatBench, setUpChat } from '../chatStateTestBench.ts';
import { exampleContext } from '../chatTestBench.ts';
import { ContextReading, readDelayMs } from './contextReading.svelte.ts';

let bench: ChatBench;
let reading: ContextReading;
const getContext = vi.fn(async () => exampleContext);
beforeEach(async () => {
  vi.useFakeTimers();
  getContext.mockClear();
  bench = setUpChat({ getContext });
  await bench.chat.load();
  reading = new ContextReading(bench.chat);
});
afterEach(() => {
  reading.dispose();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

it('is read at once, then once for many changes, after the draft is at the server', async () => {
  reading.changed();
  await vi.advanceTimersByTimeAsync(0);
  expect(reading.context).toEqual(exampleContext);
  bench.chat.draft = 'Hello';
  for (let change = 0; change < 5; change += 1) reading.changed();
  await vi.advanceTimersByTimeAsync(readDelayMs - 1);
  expect(getContext).toHaveBeenCalledTimes(1);
  expect((await bench.client.getDraft({ projectId: 'p1', chatId: 'c1' })).content).toBe('Hello');
  await vi.advanceTimersByTimeAsync(1);
  expect(getContext).toHaveBeenCalledTimes(2);
});

it('stays as it was when it cannot be read', async () => {
  reading.changed();
  await vi.advanceTimersByTimeAsync(0);
  getContext.mockRejectedValueOnce(new RillError('server_busy'));
  reading.changed();
  await vi.advanceTimersByTimeAsync(readDelayMs);
  expect([reading.context, reading.hasFailed]).toEqual([exampleContext, true]);
  reading.changed();
  await vi.advanceTimersByTimeAsync(readDelayMs);
  expect(reading.hasFailed).toBe(false);
});

it('is no longer read after its end', async () => {
  reading.changed();
  reading.dispose();
  await vi.advanceTimersByTimeAsync(0);
  reading.changed();
  await vi.advanceTimersByTimeAsync(readDelayMs);
  expect([reading.context, getContext.mock.calls.length]).toEqual([null, 0]);
});

it('is not read of a chat that was left, until something of it changes again', async () => {
  reading.changed();
  await vi.advanceTimersByTimeAsync(0);
  reading.changed();
  reading.leave();
  await vi.advanceTimersByTimeAsync(readDelayMs);
  expect(getContext).toHaveBeenCalledTimes(1);
  reading.changed();
  await vi.advanceTimersByTimeAsync(readDelayMs);
  expect(getContext).toHaveBeenCalledTimes(2);
});

it('is not read of a chat that was left while its draft was on the way', async () => {
  reading.changed();
  reading.leave();
  await vi.advanceTimersByTimeAsync(0);
  expect(getContext).not.toHaveBeenCalled();
});
