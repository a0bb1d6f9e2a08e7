/** Tests a process killed in mid-answer: the next process looks up what the answer cost. */
import { startSimulator } from '@rill/simulator';
import { expect, it } from 'vitest';
import { answerOf, send } from './callServer.ts';
import { isChunk } from './readStream.ts';
import { chargedUsd, heldAnswer } from './reconcileBench.ts';
import { makeChat, processEnvironment, startReady } from './startProcess.ts';
import { makeFolder } from './testDatabase.ts';

it("after a server is killed in mid-answer, the next one gets the provider's figures", async () => {
  const folder = await makeFolder();
  const simulator = await startSimulator({ generationNotFoundCount: 0 });
  simulator.script('demo/quick', heldAnswer);
  const environment = processEnvironment(folder.path, simulator.url);
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
