/** Tests queues over the death of the process: what waits is sent once by the next start, or stays paused. */
import type { ChatQueue } from '@rill/protocol';
import type { Simulator } from '@rill/simulator';
import { describe, expect, it } from 'vitest';
import { detailOf, jsonOf, send } from './callServer.ts';
import { processBench } from './processBench.ts';
import { isChunk } from './readStream.ts';
import { makeChat, type ReadyProcess } from './startProcess.ts';

const model = 'demo/quick';
const bench = processBench(model);
const { start } = bench;

const queueOf = (rill: ReadyProcess, path: string) => jsonOf<ChatQueue>(rill.request('GET', `${path}/queue`));

/** A chat whose answer is being written, with two messages behind it. */
async function startQueue(rill: ReadyProcess): Promise<string> {
  const path = await makeChat(rill);
  await (await send(rill, path, { content: 'First' })).until(isChunk);
  await rill.request('POST', `${path}/queue`, { content: 'Second' });
  await rill.request('POST', `${path}/queue`, { content: 'Third' });
  return path;
}

/** Resolves once the provider has answered the request that has this text. */
async function waitForAnswerTo(text: string): Promise<void> {
  const isIt = (request: Simulator['requests'][number]) =>
    String(JSON.stringify(request.body)).includes(text);
  await bench.simulator.waitForEnd(await bench.simulator.waitForRequest(isIt));
}

async function askedIn(rill: ReadyProcess, path: string): Promise<string[]> {
  const { messages } = await detailOf(rill, path);
  return messages.filter(({ role }) => role === 'user').map(({ content }) => content);
}

describe('a queue', () => {
  it('whose answer kill -9 interrupts is paused by the next start, with all its messages', async () => {
    bench.simulator.script(model, [{ delta: 'One' }, { hold: 'one' }]);
    const rill = await start();
    const path = await startQueue(rill);
    rill.child.kill('SIGKILL');
    await rill.ended;
    const next = await start();
    const { pausedBy, messages } = await queueOf(next, path);
    expect(pausedBy).toBe('interrupted');
    expect(messages.map(({ content }) => content)).toEqual(['Second', 'Third']);
  });

  it('has sent the message once whose answer had not begun when kill -9 came, and continues with the next', async () => {
    bench.simulator.nextScript(
      model,
      [{ delta: 'One' }, { hold: 'one' }],
      { holdHead: 'head', steps: [] },
      [{ delta: 'Two' }],
      [{ delta: 'Three' }],
    );
    const rill = await start();
    const path = await startQueue(rill);
    bench.simulator.release('one');
    await bench.simulator.waitForHold('head');
    rill.child.kill('SIGKILL');
    await rill.ended;
    const next = await start();
    await waitForAnswerTo('Third');
    expect(await askedIn(next, path)).toEqual(['First', 'Second', 'Third']);
    expect((await queueOf(next, path)).messages).toEqual([]);
  });

  it('is continued by the next start when the process ended behind a complete answer, each message once', async () => {
    bench.simulator.nextScript(
      model,
      [{ delta: 'One' }, { hold: 'one' }],
      [{ delta: 'Two' }],
      [{ delta: 'Three' }],
    );
    const rill = await start();
    const path = await startQueue(rill);
    rill.child.kill('SIGTERM');
    await rill.waitForOutput(/^Waiting for 1 running answer/m);
    bench.simulator.release('one');
    await rill.ended;
    const next = await start();
    await waitForAnswerTo('Third');
    expect(await askedIn(next, path)).toEqual(['First', 'Second', 'Third']);
    expect((await queueOf(next, path)).messages).toEqual([]);
  });
});
