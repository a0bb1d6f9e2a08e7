import { afterEach, describe, expect, it } from 'vitest';
import type { SimulatorOptions } from './simulatorOptions.ts';
import { type Simulator, startSimulator } from './startSimulator.ts';
import { complete, firstChoice, readChunks, readDeltas, testKey } from './testClient.ts';

const running: Simulator[] = [];
async function start(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = await startSimulator({ tokensPerSecond: 0, ...options });
  running.push(simulator);
  return simulator;
}
afterEach(async () => {
  await Promise.all(running.splice(0).map((simulator) => simulator.close()));
});

const withKey = { headers: { authorization: `Bearer ${testKey}` } };

describe('refusals', () => {
  it('answers 401 without a key and with the wrong one', async () => {
    const { url } = await start({ apiKey: testKey });
    const missing = await complete(url, { model: 'demo/quick' }, { headers: {} });
    expect([missing.status, await missing.json()]).toEqual([
      401,
      { error: { message: 'No auth credentials found', code: 401 } },
    ]);
    const wrong = await complete(
      url,
      { model: 'demo/quick' },
      { headers: { authorization: 'Bearer sk-other' } },
    );
    expect(wrong.status).toBe(401);
    expect((await fetch(`${url}/key`)).status).toBe(401);
  });

  it('answers 404 for an unknown model and an unknown path', async () => {
    const { url } = await start();
    expect((await complete(url, { model: 'unknown/model' })).status).toBe(404);
    expect((await fetch(`${url}/nothing`, withKey)).status).toBe(404);
  });

  it.each([
    ['invalid JSON', '{'],
    ['an array', '[]'],
    ['no model', '{"messages":[{"role":"user","content":"x"}]}'],
    ['no messages', '{"model":"demo/quick"}'],
    ['empty messages', '{"model":"demo/quick","messages":[]}'],
    ['an unknown role', '{"model":"demo/quick","messages":[{"role":"king","content":"x"}]}'],
    ['a limit of 0', '{"model":"demo/quick","max_tokens":0,"messages":[{"role":"user","content":"x"}]}'],
    [
      'a temperature of 3',
      '{"model":"demo/quick","temperature":3,"messages":[{"role":"user","content":"x"}]}',
    ],
  ])('answers 400 to a body with %s', async (_what, body) => {
    const { url } = await start();
    const response = await complete(url, {}, { body });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 400, message: expect.any(String) } });
  });

  it('a hostile provider repeats the key in message, metadata and header', async () => {
    const simulator = await start({ echoKeyInErrors: true });
    simulator.script('test/model', [{ error: { code: 502, message: 'Oh' } }]);
    const response = await complete(simulator.url, { model: 'unknown/model' });
    expect(response.headers.get('x-received-authorization')).toContain(testKey);
    expect(await response.json()).toMatchObject({
      error: {
        message: expect.stringContaining(testKey),
        metadata: { raw: expect.stringContaining(testKey) },
      },
    });
    expect(await (await complete(simulator.url, { model: 'test/model' })).text()).toContain(testKey);
  });
});

describe('look-ups', () => {
  it('lists the demo models in full, to anyone', async () => {
    const { url } = await start();
    const { data } = await (await fetch(`${url}/models`)).json();
    expect(data.map(({ id }: { id: string }) => id)).toContain('demo/long');
    expect(data[0]).toMatchObject({
      name: expect.any(String),
      context_length: expect.any(Number),
      pricing: { prompt: expect.any(String), completion: expect.any(String) },
      architecture: { output_modalities: ['text'] },
      top_provider: { max_completion_tokens: expect.any(Number) },
      supported_parameters: expect.arrayContaining(['max_tokens']),
    });
  });

  it('lists models without text output only on request, as OpenRouter does', async () => {
    const { url } = await start();
    const idsOf = async (query: string) => {
      const { data } = await (await fetch(`${url}/models${query}`)).json();
      return data.map(({ id }: { id: string }) => id);
    };
    expect(await idsOf('')).not.toContain('demo/painter');
    expect(await idsOf('?output_modalities=image')).toEqual(['demo/painter']);
    expect(await idsOf('?output_modalities=text,image')).toEqual([...(await idsOf('')), 'demo/painter']);
  });

  it('returns usage and limit of the key', async () => {
    const { url } = await start();
    expect(await (await fetch(`${url}/key`, withKey)).json()).toMatchObject({
      data: { usage: 0, limit: null },
    });
  });

  it('answers 404 for an ended generation a set number of times, then returns its record', async () => {
    const simulator = await start({ generationNotFoundCount: 2 });
    simulator.script('test/model', [{ delta: 'a' }, { delta: 'b' }]);
    const response = await complete(simulator.url, { model: 'test/model' });
    await response.text();
    const id = response.headers.get('x-generation-id') ?? '';
    await simulator.waitForEnd(id);
    const look = () => fetch(`${simulator.url}/generation?id=${id}`, withKey);
    expect([(await look()).status, (await look()).status]).toEqual([404, 404]);
    expect(await (await look()).json()).toMatchObject({
      data: {
        id,
        native_tokens_completion: 2,
        cancelled: false,
        finish_reason: 'stop',
        total_cost: expect.any(Number),
      },
    });
  });

  it('delays a look-up until its hold is released', async () => {
    const simulator = await start({ generationNotFoundCount: 0, lookUpHold: 'record' });
    const response = await complete(simulator.url, { model: 'demo/quick' });
    await response.text();
    const id = response.headers.get('x-generation-id') ?? '';
    const look = fetch(`${simulator.url}/generation?id=${id}`, withKey);
    expect(await simulator.waitForHold('record')).toMatchObject({ outcome: 'open' });
    simulator.release('record');
    expect((await look).status).toBe(200);
  });

  it('reports an aborted generation as cancelled, with its cost so far', async () => {
    const simulator = await start({ generationNotFoundCount: 0 });
    simulator.script('test/model', [{ delta: 'a' }, { hold: 'never' }]);
    const client = new AbortController();
    const response = await complete(simulator.url, { model: 'test/model' }, { signal: client.signal });
    const id = response.headers.get('x-generation-id') ?? '';
    await simulator.waitForHold('never');
    expect((await fetch(`${simulator.url}/generation?id=${id}`, withKey)).status).toBe(404);
    client.abort();
    await simulator.waitForAbort(id);
    expect(await (await fetch(`${simulator.url}/generation?id=${id}`, withKey)).json()).toMatchObject({
      data: { cancelled: true, native_tokens_completion: 1, finish_reason: null },
    });
  });
});

describe('the openai dialect', () => {
  it('streams without OpenRouter’s additions and needs no key', async () => {
    const simulator = await start({ dialect: 'openai' });
    simulator.script('test/model', [{ reasoning: 'Hm' }, { delta: 'Yes' }]);
    const url = simulator.url.replace('/api/v1', '/v1');
    const response = await complete(url, { model: 'test/model' }, { headers: {} });
    const text = await response.text();
    expect(response.headers.has('x-generation-id')).toBe(false);
    const chunks = readChunks(text);
    expect(chunks).toHaveLength(3);
    expect(chunks[0]?.id).toMatch(/^chatcmpl-/);
    expect(firstChoice(chunks[0] ?? {}).delta).toEqual({ role: 'assistant', reasoning_content: 'Hm' });
    expect(firstChoice(chunks[1] ?? {}).delta).toEqual({ content: 'Yes' });
    expect(text).not.toMatch(/usage|provider|cost|native/);
  });

  it('sends usage on request, and omits [DONE] when configured to', async () => {
    const simulator = await start({ dialect: 'openai', hasDoneMarker: false });
    simulator.script('test/model', [{ delta: 'Yes' }]);
    const body = { model: 'test/model', stream_options: { include_usage: true } };
    const text = await (await complete(simulator.url, body)).text();
    expect(readChunks(text).at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: 1 } });
    expect(text).not.toContain('[DONE]');
    expect(readDeltas(text)).toEqual(['Yes']);
  });

  it('lists only model ids and has no generations', async () => {
    const { url } = await start({ dialect: 'openai' });
    const list = await (await fetch(`${url}/models`)).json();
    expect(Object.keys(list.data[0]).toSorted()).toEqual(['created', 'id', 'object', 'owned_by']);
    expect((await fetch(`${url}/generation?id=x`)).status).toBe(404);
    const missing = await (await complete(url, { model: 'none' })).json();
    expect(missing).toEqual({
      error: { message: expect.any(String), type: 'invalid_request_error', param: null, code: null },
    });
  });
});

describe('close', () => {
  it('cuts open streams, rejects pending waits, and leaves no socket or timer', async () => {
    const simulator = await start();
    simulator.script('test/model', [{ delta: 'a' }, { waitMs: 3_600_000 }]);
    const response = await complete(simulator.url, { model: 'test/model' });
    const request = await simulator.waitForRequest(({ deltasSent }) => deltasSent === 1);
    const waiter = expect(simulator.waitForHold('nothing')).rejects.toThrow();
    const body = expect(response.text()).rejects.toThrow();
    await simulator.close();
    await Promise.all([waiter, body]);
    expect(request.outcome).toBe('cut');
    expect(process.getActiveResourcesInfo().filter((name) => name === 'TCPServerWrap')).toEqual([]);
    await expect(fetch(`${simulator.url}/models`)).rejects.toThrow();
    await simulator.close();
  });
});
