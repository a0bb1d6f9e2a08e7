/** Stops and starts the Postgres of nodes that write answers: what is shown stays exact, and no answer ends by it. */
import { beforeAll, expect, it, vi } from 'vitest';
import { attach, detailOf, send } from '../callServer.ts';
import { type PostgresServer, startPostgres } from '../postgres/postgresServer.ts';
import { describeWithPostgres } from '../postgres/postgresTestDatabase.ts';
import { contentOf, isChunk, readStream } from '../readStream.ts';
import { makeChat, type ReadyProcess } from '../startProcess.ts';
import { nodeProcesses } from './nodeProcesses.ts';

const model = 'demo/quick';
/** One delta of an answer in milliseconds. */
const paceMs = 100;
const answersOfNode = 2;

/** An outage of 20 s is waited for. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

describeWithPostgres('nodes whose Postgres is away', () => {
  let postgres: PostgresServer;
  const bench = nodeProcesses({
    areShared: true,
    async openDatabase() {
      postgres = await startPostgres();
      await postgres.query('CREATE DATABASE rill');
      return { url: postgres.url('rill'), close: () => postgres.close() };
    },
  });
  let nodes: readonly ReadyProcess[];
  beforeAll(async () => {
    nodes = await Promise.all([bench.start(), bench.start(), bench.start()]);
  });

  /** Begins two answers at each node, each with a reader there and one at another node. */
  async function startAnswers(deltaCount: number) {
    const earlier = bench.simulator.requests.length;
    const words = Array.from({ length: deltaCount }, (_, index) => `word ${index} \u{1F600} `);
    bench.simulator.script(
      model,
      words.flatMap((delta) => [{ delta }, { waitMs: paceMs }]),
    );
    const readers: { readonly path: string; readonly text: Promise<string> }[] = [];
    for (const [index, node] of nodes.entries())
      for (let count = 0; count < answersOfNode; count += 1) {
        const path = await makeChat(node);
        const own = await send(node, path);
        const first = await own.until(isChunk);
        const other = nodes[(index + 1) % nodes.length] ?? node;
        const far = readStream(await attach(other, path));
        const text = own.rest().then((frames) => contentOf([first, ...frames]));
        readers.push({ path, text }, { path, text: far.rest().then(contentOf) });
      }
    const whenSent = (count: number) =>
      Promise.all(
        bench.simulator.requests
          .slice(earlier)
          .filter((request) => request.model === model)
          .map((request) =>
            bench.simulator.waitForRequest((each) => each === request && each.deltasSent >= count),
          ),
      );
    return {
      /** Resolves when the provider has sent so many deltas of each answer. */
      whenSent,
      /** Waits for the ends, and holds what was shown and what is stored to what the provider sent. */
      async expectExact() {
        const text = words.join('');
        for (const reader of readers) {
          expect(await reader.text).toBe(text);
          const { messages } = await detailOf(nodes[0] as ReadyProcess, reader.path);
          expect(messages.at(-1)).toMatchObject({ status: 'completed', content: text });
        }
        expect(nodes.map(({ child }) => child.exitCode)).toEqual(nodes.map(() => null));
      },
    };
  }

  it('because it is restarted, in order and by a crash, write and show every character once', async () => {
    const answers = await startAnswers(70);
    for (const [mode, count] of [
      ['fast', 20],
      ['immediate', 45],
    ] as const) {
      await answers.whenSent(count);
      await postgres.stop(mode);
      await postgres.start();
    }
    await answers.expectExact();
  });

  it('for 20 seconds write and show every character once', async () => {
    const answers = await startAnswers(20_000 / paceMs + 40);
    await answers.whenSent(15);
    await postgres.stop('immediate');
    await answers.whenSent(15 + 20_000 / paceMs);
    await postgres.start();
    await answers.expectExact();
  });
});
