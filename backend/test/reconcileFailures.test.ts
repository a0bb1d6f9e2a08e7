/** Tests failing look-ups of usage: each one is only a failed look-up and has no other effect. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answerOf, countRows } from './callServer.ts';
import { type LookUpProvider, startLookUpProvider } from './lookUpProvider.ts';
import { openReconcileBench, type ReconcileBench } from './reconcileBench.ts';
import { turnUntil } from './runBench.ts';

let bench: ReconcileBench;
let provider: LookUpProvider;
let logLines: string[];
beforeEach(async () => {
  logLines = [];
  provider = await startLookUpProvider();
  bench = await openReconcileBench({ providerUrl: provider.url, onLogLine: (line) => logLines.push(line) });
  provider.forwardTo(bench.server.simulator.url);
});
afterEach(async () => {
  await bench.server.close();
  await provider.close();
  expect(bench.clock.pendingTimers).toBe(0);
});

const figures = { native_tokens_prompt: 7, native_tokens_completion: 3, total_cost: 0.25 };
const succeed = (response: ServerResponse) => void response.end(JSON.stringify({ data: figures }));
const usageOf = async (path: string) => (await answerOf(bench.server, path))?.usage;

/** Responses to look-ups that are not answered yet. */
function hold(): ServerResponse[] {
  const responses: ServerResponse[] = [];
  provider.answerWith((response) => responses.push(response));
  return responses;
}

describe('a look-up that fails', () => {
  it.each<[string, (response: ServerResponse) => void]>([
    ['an error that repeats the key', (response) => void response.writeHead(500).end('sk-or-v1-test')],
    [
      'a refused key',
      (response) => void response.writeHead(401).end('{"error":{"message":"sk-or-v1-test"}}'),
    ],
    ['no JSON', (response) => void response.end('<html>sk-or-v1-test</html>')],
    ['figures that are none', (response) => void response.end('{"data":{"total_cost":"sk-or-v1-test"}}')],
    ['a cut connection', (response) => response.destroy()],
  ])('by %s is only that, and the next one counts', async (_, answer) => {
    const { path, cancelled } = await bench.cancelAnswer();
    provider.answerWith(answer);
    await bench.passUntilLookedUp(1000, 1);
    expect(await answerOf(bench.server, path)).toEqual(cancelled);
    provider.answerWith(succeed);
    await bench.passUntilLookedUp(4000, 2);
    expect(await usageOf(path)).toMatchObject({ costUsd: 0.25, estimated: false });
    expect(provider.lookUps).toHaveLength(2);
    expect(logLines.join('')).not.toMatch(/sk-or-v1-test|<html/);
  });

  it('because of silence ends after 10 s', async () => {
    const { path } = await bench.cancelAnswer();
    const responses = hold();
    bench.clock.advance(1000);
    await turnUntil(() => responses.length === 1);
    provider.answerWith(succeed);
    await bench.passUntilLookedUp(10_000, 1);
    await bench.passUntilLookedUp(4000, 2);
    expect(await usageOf(path)).toMatchObject({ costUsd: 0.25, estimated: false });
  });

  it('because the server closes leaves no socket, and remains due', async () => {
    await bench.cancelAnswer();
    const responses = hold();
    bench.clock.advance(1000);
    await turnUntil(() => responses.length === 1);
    const closed = Promise.all(responses.map((response) => once(response, 'close')));
    await bench.server.app.close();
    await closed;
    expect(bench.calls()).toMatchObject([{ look_up_count: 0, next_look_up_at_ms: bench.clock.nowMs() }]);
    expect(bench.clock.pendingTimers).toBe(0);
  });

  it('because its chat was deleted meanwhile writes nothing', async () => {
    const { path } = await bench.cancelAnswer();
    const [responses, other] = [hold(), await bench.cancelAnswer()];
    bench.clock.advance(1000);
    await turnUntil(() => responses.length === 2);
    await bench.server.request('DELETE', path);
    await bench.server.request('POST', '/api/bin/empty', { count: 1 });
    for (const response of responses) succeed(response);
    await bench.passUntilLookedUp(0, 1);
    expect(await usageOf(other.path)).toMatchObject({ estimated: false });
    expect(countRows(bench.server, 'messages', "role = 'assistant'")).toBe(1);
  });

  it('or succeeds while the cancel is repeated never restores the estimate', async () => {
    const { path } = await bench.cancelAnswer();
    const responses = hold();
    bench.clock.advance(1000);
    await turnUntil(() => responses.length === 1);
    const cancels = Array.from({ length: 5 }, () => bench.server.request('POST', `${path}/cancel`));
    for (const response of responses) succeed(response);
    await Promise.all(cancels);
    await bench.passUntilLookedUp(0, 1);
    await bench.server.request('POST', `${path}/cancel`);
    expect(await usageOf(path)).toMatchObject({ costUsd: 0.25, estimated: false });
  });

  it('does not delay others, because four are made concurrently', async () => {
    for (let made = 0; made < 6; made += 1) await bench.cancelAnswer();
    const responses = hold();
    bench.clock.advance(1000);
    await turnUntil(() => responses.length === 4);
    await setImmediate();
    expect(provider.lookUps).toHaveLength(4);
    provider.answerWith(succeed);
    for (const response of responses) succeed(response);
    await bench.passUntilLookedUp(0, 6);
    expect(countRows(bench.server, 'messages', "usage_json ->> 'costUsd' = 0.25")).toBe(6);
  });

  it('because it could not be stored is repeated when the database works', async () => {
    const { path } = await bench.cancelAnswer();
    provider.answerWith(succeed);
    bench.execute(
      "CREATE TRIGGER broken BEFORE UPDATE ON generations BEGIN SELECT RAISE(ABORT, 'disk is full'); END",
    );
    bench.clock.advance(1000);
    await turnUntil(() => logLines.some((line) => line.includes('could not be reconciled')));
    expect(provider.lookUps).toHaveLength(1);
    bench.execute('DROP TRIGGER broken');
    await bench.passUntilLookedUp(30_000, 1);
    expect(await usageOf(path)).toMatchObject({ costUsd: 0.25, estimated: false });
  });
});
