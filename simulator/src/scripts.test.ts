import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from './startSimulator.ts';
import { complete, completeRaw, firstChoice, readChunks, readDeltas } from './testClient.ts';

let simulator: Simulator;
beforeEach(async () => {
  simulator = await startSimulator({ tokensPerSecond: 0 });
});
afterEach(() => simulator.close());

describe('a scripted stream', () => {
  it('speaks the current wire: role on every delta, finish twice, usage last, [DONE]', async () => {
    simulator.script('test/model', [{ comment: 'OPENROUTER PROCESSING' }, { delta: 'Hel' }, { delta: 'lo' }]);
    const response = await complete(simulator.url, { model: 'test/model' });
    const text = await response.text();
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const id = response.headers.get('x-generation-id');
    expect(id).toMatch(/^gen-\d{10}-[0-9A-Za-z]{20}$/);
    expect(text.startsWith(': OPENROUTER PROCESSING\n\n')).toBe(true);
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
    const chunks = readChunks(text);
    expect(chunks.map((chunk) => firstChoice(chunk).finish_reason)).toEqual([null, null, 'stop', 'stop']);
    expect(chunks.every((chunk) => chunk.id === id)).toBe(true);
    expect(chunks.map((chunk) => firstChoice(chunk).delta)).toMatchObject(
      Array(4).fill({ role: 'assistant' }),
    );
    expect(chunks.map((chunk) => 'usage' in chunk)).toEqual([false, false, false, true]);
    expect(chunks[3]?.usage).toMatchObject({
      completion_tokens: 2,
      cost: expect.any(Number),
      is_byok: false,
    });
    expect(readDeltas(text).join('')).toBe('Hello');
  });

  it('sends reasoning in both fields with the same text', async () => {
    simulator.script('test/model', [{ reasoning: 'Hm.' }, { delta: 'Yes.' }]);
    const [first] = readChunks(await (await complete(simulator.url, { model: 'test/model' })).text());
    expect(first && firstChoice(first).delta).toMatchObject({
      content: '',
      reasoning: 'Hm.',
      reasoning_details: [{ type: 'reasoning.text', text: 'Hm.' }],
    });
  });

  it('sends raw bytes and given chunks unchanged', async () => {
    simulator.script('test/model', [
      { raw: 'data: {"half' },
      { raw: '"\n\n' },
      { chunk: { a: [1] } },
      { end: true },
    ]);
    const response = await complete(simulator.url, { model: 'test/model' });
    expect(await response.text()).toBe('data: {"half"\n\ndata: {"a":[1]}\n\n');
    expect((await simulator.waitForRequest()).outcome).toBe('cut');
  });

  it('ends an in-band error without [DONE]', async () => {
    simulator.script('test/model', [{ delta: 'So' }, { error: { code: 502, message: 'Gone' } }]);
    const text = await (await complete(simulator.url, { model: 'test/model' })).text();
    expect(readChunks(text)[1]).toMatchObject({
      error: { code: 502, message: 'Gone' },
      choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error' }],
    });
    expect(text).not.toContain('[DONE]');
  });

  it('delivers everything before a reset and then breaks the body', async () => {
    simulator.script('test/model', [{ delta: 'kept' }, { reset: true }]);
    const answer = await completeRaw(simulator.url, 'test/model');
    expect(answer.isBroken).toBe(true);
    expect(readDeltas(answer.bytes.toString())).toEqual(['kept']);
    expect((await simulator.waitForRequest()).outcome).toBe('cut');
  });

  it('resets before any response byte', async () => {
    simulator.script('test/model', { reset: true });
    await expect(completeRaw(simulator.url, 'test/model')).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('uses queued scripts once and in order, then the permanent one', async () => {
    simulator.script('test/model', [{ delta: 'standing' }]);
    const error = { error: { code: 429, message: 'Slow down' } };
    simulator.nextScript('test/model', { status: 429, headers: { 'retry-after': '1' }, body: error }, [
      { delta: 'queued' },
    ]);
    const failed = await complete(simulator.url, { model: 'test/model' });
    expect([failed.status, failed.headers.get('retry-after'), await failed.json()]).toEqual([
      429,
      '1',
      error,
    ]);
    for (const expected of ['queued', 'standing', 'standing']) {
      const text = await (await complete(simulator.url, { model: 'test/model' })).text();
      expect(readDeltas(text)).toEqual([expected]);
    }
  });

  it('falls back to the next model when the first one fails', async () => {
    simulator.script('test/down', { status: 503, body: { error: { code: 503, message: 'Down' } } });
    simulator.script('test/up', [{ delta: 'here' }]);
    const response = await complete(simulator.url, { model: 'test/down', models: ['test/up'] });
    expect(readChunks(await response.text())[0]).toMatchObject({ model: 'test/up' });
  });

  it('sends one body to a call that does not stream', async () => {
    simulator.script('test/model', [{ reasoning: 'Hm. ' }, { text: 'Once upon a time' }, { delta: '.' }]);
    const response = await complete(simulator.url, { model: 'test/model', stream: false });
    expect(await response.json()).toMatchObject({
      object: 'chat.completion',
      choices: [{ finish_reason: 'stop', message: { content: 'Once upon a time.', reasoning: 'Hm. ' } }],
      usage: { completion_tokens: 6, completion_tokens_details: { reasoning_tokens: 1 } },
    });
  });
});

describe('holds', () => {
  it('stall the stream until they are released', async () => {
    simulator.script('test/model', [{ delta: 'before' }, { hold: 'gate' }, { delta: 'after' }]);
    const response = await complete(simulator.url, { model: 'test/model' });
    const request = await simulator.waitForHold('gate');
    expect([request.outcome, request.deltasSent, simulator.openStreams]).toEqual(['open', 1, 1]);
    simulator.release('gate');
    expect(readDeltas(await response.text())).toEqual(['before', 'after']);
    expect((await simulator.waitForEnd(request)).outcome).toBe('completed');
    expect(simulator.openStreams).toBe(0);
  });

  it('can delay the response head', async () => {
    simulator.script('test/model', { holdHead: 'head', steps: [{ delta: 'late' }] });
    const answer = complete(simulator.url, { model: 'test/model' });
    await simulator.waitForHold('head');
    simulator.release('head');
    expect(readDeltas(await (await answer).text())).toEqual(['late']);
  });
});

describe('a client that goes away', () => {
  it('is recorded as aborted, with the time and the deltas sent', async () => {
    simulator.script('test/model', [{ delta: 'a' }, { delta: 'b' }, { hold: 'never' }]);
    const client = new AbortController();
    const response = await complete(simulator.url, { model: 'test/model' }, { signal: client.signal });
    const request = await simulator.waitForHold('never');
    client.abort();
    const aborted = await simulator.waitForAbort(response.headers.get('x-generation-id') ?? '');
    expect(aborted).toBe(request);
    expect(aborted).toMatchObject({ outcome: 'aborted', deltasSent: 2, abortedAtMs: expect.any(Number) });
    expect(simulator.openStreams).toBe(0);
  });

  it('stops a paced answer in the middle', async () => {
    simulator.script('test/model', [{ text: 'word '.repeat(10_000), tokensPerSecond: 500 }]);
    const client = new AbortController();
    await complete(simulator.url, { model: 'test/model' }, { signal: client.signal });
    const request = await simulator.waitForRequest(({ deltasSent }) => deltasSent >= 5);
    client.abort();
    expect((await simulator.waitForAbort(request)).deltasSent).toBeLessThan(10_000);
  });

  it('that stops reading pauses the answer instead of filling memory', async () => {
    simulator.script('test/model', [{ text: 'word '.repeat(400_000) }]);
    const client = new AbortController();
    await complete(simulator.url, { model: 'test/model' }, { signal: client.signal });
    const request = await simulator.waitForRequest(({ deltasSent }) => deltasSent > 100);
    client.abort();
    expect((await simulator.waitForAbort(request)).deltasSent).toBeLessThan(400_000);
  });

  it('is what waitForAbort waits for: it rejects when the request ends in another way', async () => {
    simulator.script('test/model', [{ delta: 'all' }]);
    await (await complete(simulator.url, { model: 'test/model' })).text();
    await expect(simulator.waitForAbort(await simulator.waitForRequest())).rejects.toThrow(
      'ended as completed',
    );
  });
});
