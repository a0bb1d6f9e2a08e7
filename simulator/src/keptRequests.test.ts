/** Tests `keptRequests`: a simulator that runs for weeks keeps only the last requests, and every open one. */
import { afterEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from './startSimulator.ts';
import { complete, testKey } from './testClient.ts';

let simulator: Simulator;
afterEach(() => simulator.close());

async function start(keptRequests?: number): Promise<void> {
  simulator = await startSimulator({
    tokensPerSecond: 0,
    generationNotFoundCount: 0,
    ...(keptRequests !== undefined && { keptRequests }),
  });
}

/** Makes one call and waits until it is recorded as ended; returns its generation id. */
async function answerOne(model: string): Promise<string> {
  const response = await complete(simulator.url, { model });
  await response.text();
  const generationId = response.headers.get('x-generation-id') ?? '';
  await simulator.waitForEnd(generationId);
  return generationId;
}

async function answerAll(models: readonly string[]): Promise<string[]> {
  const generationIds: string[] = [];
  for (const model of models) {
    simulator.script(model, [{ delta: model }]);
    generationIds.push(await answerOne(model));
  }
  return generationIds;
}

/** Requests something other than an answer, and waits until that request is recorded as ended. */
async function lookUp(path: string): Promise<{ status: number; body: { data?: { usage?: number } } }> {
  const before = simulator.requests.at(-1);
  const response = await fetch(`${simulator.url}${path}`, {
    headers: { authorization: `Bearer ${testKey}` },
  });
  const body = await response.json();
  await simulator.waitForRequest(
    (request) => request !== before && request.path.endsWith(path) && request.outcome !== 'open',
  );
  return { status: response.status, body };
}

const models = () => simulator.requests.map((request) => request.model);

describe('a simulator that keeps two requests', () => {
  it('forgets the one that ended first, and never an open one', async () => {
    await start(2);
    simulator.script('test/open', [{ delta: 'a' }, { hold: 'gate' }, { delta: 'b' }]);
    const open = await complete(simulator.url, { model: 'test/open' });
    await simulator.waitForHold('gate');
    await answerAll(['test/1', 'test/2', 'test/3', 'test/4']);
    expect(models()).toEqual(['test/open', 'test/3', 'test/4']);
    expect(simulator.openStreams).toBe(1);
    simulator.release('gate');
    expect(await open.text()).toContain('[DONE]');
    await simulator.waitForEnd(open.headers.get('x-generation-id') ?? '');
    expect(models()).toEqual(['test/open', 'test/4']);
  });

  it('has generation records of only these two', async () => {
    await start(2);
    const [first, , third] = await answerAll(['test/1', 'test/2', 'test/3']);
    expect((await lookUp(`/generation?id=${third}`)).status).toBe(200);
    expect((await lookUp(`/generation?id=${first}`)).status).toBe(404);
  });

  it('cuts every open answer when it closes', async () => {
    await start(2);
    simulator.script('test/open', [{ delta: 'a' }, { hold: 'never' }]);
    const calls = await Promise.all(
      Array.from({ length: 5 }, () => complete(simulator.url, { model: 'test/open' })),
    );
    const recorded = [...simulator.requests];
    const bodies = calls.map((call) => expect(call.text()).rejects.toThrow());
    await simulator.close();
    await Promise.all(bodies);
    expect(recorded.map((request) => request.outcome)).toEqual(Array(5).fill('cut'));
  });
});

it('the total charged still includes a request that was forgotten', async () => {
  await start(1);
  const [generationId] = await answerAll(['test/1']);
  const before = (await lookUp('/key')).body.data?.usage ?? 0;
  expect((await lookUp(`/generation?id=${generationId}`)).status).toBe(404);
  expect(before).toBeGreaterThan(0);
  expect((await lookUp('/key')).body.data?.usage).toBe(before);
});

it('keeps every request without the option', async () => {
  await start();
  const named = Array.from({ length: 150 }, (_, index) => `test/${index}`);
  await answerAll(named);
  expect(models()).toEqual(named);
});
