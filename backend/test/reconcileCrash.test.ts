/** A process killed in mid-answer: what the answer cost is asked for by the next one. */
import { startSimulator } from '@rill/simulator';
import { expect, it } from 'vitest';
import { answerOf, send } from './callServer.ts';
import { isChunk } from './readStream.ts';
import { chargedUsd, heldAnswer } from './reconcileBench.ts';
import { makeChat, startReady } from './startProcess.ts';
import { makeFolder } from './testDatabase.ts';

it("a server killed in mid-answer is followed by one that gets the provider's figures", async () => {
  const folder = await makeFolder();
  const simulator = await startSimulator({ generationNotFoundCount: 0 });
  simulator.script('demo/quick', heldAnswer);
  const environment = {
    RILL_PORT: '0',
    RILL_LOG_LEVEL: 'silent',
    RILL_DATA_DIR: folder.path,
    RILL_DEFAULT_MODEL: 'demo/quick',
    OPENROUTER_API_KEY: 'sk-or-v1-test',
    OPENROUTER_BASE_URL: simulator.url,
  };
  const start = () => startReady({ workingDirectory: folder.path, environment });
  const killed = await start();
  const path = await makeChat(killed);
  await (await send(killed, path)).until(isChunk);
  killed.child.kill('SIGKILL');
  await killed.ended;
  const next = await start();
  try {
    const interrupted = await answerOf(next, path);
    expect(interrupted).toMatchObject({
      status: 'interrupted',
      content: expect.stringContaining('The first'),
    });
    await simulator.waitForRequest(
      ({ path: asked, outcome }) => asked.includes('/generation?') && outcome === 'completed',
    );
    let settled = await answerOf(next, path);
    while (settled?.usage?.estimated) settled = await answerOf(next, path);
    expect(settled).toEqual({ ...interrupted, usage: settled?.usage });
    expect(settled?.usage).toMatchObject({ costUsd: await chargedUsd(simulator), estimated: false });
  } finally {
    next.child.kill('SIGKILL');
    await next.ended;
    await simulator.close();
    await folder.remove();
  }
});
