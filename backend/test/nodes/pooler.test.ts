/** Tests nodes whose reads and transactions go through PgBouncer in transaction mode, and to which no hint comes. */

import type { SearchResult } from '@rill/protocol';
import { beforeAll, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { attach, jsonOf, send } from '../callServer.ts';
import { openPostgresLine, type PostgresLine } from '../postgres/postgresLine.ts';
import { describeWithPostgres, makeFreshDatabase } from '../postgres/postgresTestDatabase.ts';
import { isInstalled, type ProxyProcess, startProxy } from '../proxies/proxyProgram.ts';
import { contentOf, isChunk, readStream } from '../readStream.ts';
import { makeChat, type ReadyProcess } from '../startProcess.ts';
import { nodeProcesses } from './nodeProcesses.ts';

const model = 'demo/quick';

/** Each process has to start. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** A pooler in front of the server of `url`; `more` adds lines to its settings. */
async function startPooler(url: string, more = ''): Promise<{ pooler: ProxyProcess; url: string }> {
  const { port, username } = new URL(url);
  const pooler = await startProxy(
    'pgbouncer',
    (ownPort) => `[databases]
* = host=127.0.0.1 port=${port} user=${username}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${ownPort}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 8
${more}
`,
  );
  const pooled = new URL(url);
  pooled.port = String(pooler.port);
  return { pooler, url: pooled.href };
}

function describePooled(name: string, suite: () => void): void {
  if (isInstalled('pgbouncer')) {
    describeWithPostgres(name, suite);
    return;
  }
  it(`${name}: needs PgBouncer`, (context) => {
    if (process.env.CI) throw new Error('PgBouncer is needed and not installed.');
    context.skip('PgBouncer is not installed (Debian: pgbouncer).');
  });
}

describePooled('two nodes behind PgBouncer, whose LISTEN is refused', () => {
  let pooler: ProxyProcess;
  let line: PostgresLine;
  let pooledUrl: string;
  const bench = nodeProcesses({
    areShared: true,
    async openDatabase() {
      const { url, giveBack } = await makeFreshDatabase();
      ({ pooler, url: pooledUrl } = await startPooler(url));
      line = await openPostgresLine(url, { refusesListeners: true });
      return {
        url,
        async close() {
          await pooler.close();
          await line.close();
          await giveBack();
        },
      };
    },
  });
  let here: ReadyProcess;
  let there: ReadyProcess;
  beforeAll(async () => {
    const settings = {
      DATABASE_URL: pooledUrl,
      RILL_DATABASE_DIRECT_URL: line.url,
      RILL_PG_PREPARED: 'off',
      RILL_LOG_LEVEL: 'warn',
    };
    [here, there] = await Promise.all([bench.start(settings), bench.start(settings)]);
  });

  it('show the same bytes at both, live and from each cursor, and find them', async () => {
    const words = Array.from({ length: 30 }, (_, index) => `word${index} \u{1F600} `);
    bench.simulator.script(
      model,
      words.flatMap((delta) => [{ delta }, { waitMs: 30 }]),
    );
    const path = await makeChat(here);
    const own = await send(here, path);
    const start = await own.next();
    const other = readStream(await attach(there, path));
    const [ownFrames, otherFrames] = await Promise.all([own.rest(), other.rest()]);
    expect(start?.event?.type).toBe('run-start');
    const text = words.join('');
    expect([contentOf(ownFrames), contentOf(otherFrames)]).toEqual([text, text]);
    expect(otherFrames.at(-1)).toEqual(ownFrames.at(-1));
    const found = await jsonOf<SearchResult>(there.request('GET', '/api/search?q=word17'));
    expect(found.messages).toMatchObject([{ role: 'assistant' }]);
  });

  it('cancel the answer of each other within two seconds', async () => {
    bench.simulator.script(model, [{ delta: 'Half' }, { hold: 'never' }]);
    const path = await makeChat(here);
    const own = await send(here, path);
    await own.until(isChunk);
    const startMs = systemClock.elapsedMs();
    expect((await there.request('POST', `${path}/cancel`)).status).toBe(200);
    expect(systemClock.elapsedMs() - startMs).toBeLessThan(2000);
    expect((await own.rest()).at(-1)?.event).toMatchObject({ data: { message: { status: 'cancelled' } } });
  });

  it('say once that no hints arrive', async () => {
    for (const node of [here, there]) await node.waitForOutput(/no hints of other processes arrive[^\n]*\n/);
  });

  it('do not start without the address of the database itself, and say so', async () => {
    const sentence = /A pooler stands between Rill and its database: set RILL_DATABASE_DIRECT_URL/;
    await expect(bench.start({ DATABASE_URL: pooledUrl })).rejects.toThrow(sentence);
    const lenient = await startPooler(bench.databaseUrl, 'ignore_startup_parameters = options');
    await expect(bench.start({ DATABASE_URL: lenient.url })).rejects.toThrow(sentence);
    await lenient.pooler.close();
  });
});
