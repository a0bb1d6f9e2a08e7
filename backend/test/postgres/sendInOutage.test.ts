/** Tests what a request is told while the database cannot be reached, and that a send is then taken. */
import { expect, it, vi } from 'vitest';
import { failureOf, jsonOf } from '../callServer.ts';
import { contentOf, readStream } from '../readStream.ts';
import { startTestServer } from '../startTestServer.ts';
import { startPostgres } from './postgresServer.ts';
import { describeWithPostgres } from './postgresTestDatabase.ts';

vi.setConfig({ testTimeout: 60_000 });

describeWithPostgres('while Postgres is away', () => {
  it('a read and a send are asked to try again, and the send is taken once when it is back', async () => {
    const postgres = await startPostgres();
    const server = await startTestServer({ environment: { DATABASE_URL: postgres.url('postgres') } });
    try {
      server.simulator.script('demo/quick', [{ delta: 'Here it is.' }]);
      const { path } = await server.newChat();
      const send = () =>
        server.request(
          'POST',
          `${path}/messages/stream`,
          { content: 'Still there?' },
          { 'Idempotency-Key': 'one' },
        );
      const unavailable = { status: 503, code: 'database_unavailable', details: { retryAfterMs: 1000 } };
      await postgres.stop('immediate');
      expect(await failureOf(server.request('GET', path))).toMatchObject(unavailable);
      expect(await failureOf(send())).toMatchObject(unavailable);
      await postgres.start();
      expect(contentOf(await readStream(await send()).rest())).toBe('Here it is.');
      await readStream(await send()).rest();
      const { messages } = await jsonOf<{ messages: unknown[] }>(server.request('GET', path));
      expect(messages).toHaveLength(2);
    } finally {
      await server.close();
      await postgres.close();
    }
  });
});
