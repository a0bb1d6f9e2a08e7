import pg from 'pg';
import { expect, it, vi } from 'vitest';
import { send } from '../callServer.ts';
import { describeWithPostgres } from '../postgres/postgresTestDatabase.ts';
import { contentOf, isChunk } from '../readStream.ts';
import { makeChat } from '../startProcess.ts';
import { nodeProcesses } from './nodeProcesses.ts';

const model = 'demo/quick';

/** A lease has to end, and each process to start. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

describeWithPostgres('processes on one Postgres database', () => {
  const bench = nodeProcesses();

  it('write and show nothing more of one that was paused past its lease, which ends when it continues', async () => {
    bench.simulator.script(model, [{ delta: 'Before' }, { hold: 'pause' }, { delta: ' and after' }]);
    const [stopped, other] = [await bench.start(), await bench.start()];
    const path = await makeChat(stopped);
    const reader = await send(stopped, path, { content: 'First' });
    const shown = [await reader.until(isChunk)];
    stopped.child.kill('SIGSTOP');
    expect(await bench.whenAnswered(other, path)).toMatchObject({ status: 'interrupted', content: 'Before' });
    bench.simulator.release('pause');
    stopped.child.kill('SIGCONT');
    const rest = await reader.rest().catch(() => []);
    expect(contentOf([...shown, ...rest])).toBe('Before');
    const { code, stderr } = await stopped.ended;
    expect(code).toBe(75);
    expect(stderr).toContain('Another node took this one for dead');
    expect(await bench.whenAnswered(other, path)).toMatchObject({ content: 'Before' });
  });

  it('end when a newer one has made the schema too new for them: requests are refused, answers are whole', async () => {
    bench.simulator.script(model, [{ delta: 'Before' }, { hold: 'go' }, { delta: ' and after' }]);
    const [writing, idle] = [await bench.start(), await bench.start()];
    const path = await makeChat(writing);
    const reader = await send(writing, path, { content: 'First' });
    const shown = [await reader.until(isChunk)];
    const admin = new pg.Client({ connectionString: bench.databaseUrl });
    await admin.connect();
    await admin.query("UPDATE rill_meta SET oldest_release = '99.0.0'");
    const sentence = /^A newer version of Rill .* needs at least 99\.0\.0 now, while this is [\d.]+\./;
    const { code, stderr } = await idle.ended;
    expect([code, stderr.trim().split('\n').length]).toEqual([1, 1]);
    expect(stderr).toMatch(sentence);
    await expect.poll(async () => (await writing.request('GET', '/api/ready')).status).toBe(503);
    expect((await writing.request('GET', '/api/health')).status).toBe(200);
    for (const refused of [
      writing.request('GET', '/api/projects'),
      writing.request('GET', `${path}/messages/stream`),
      writing.request('GET', '/api/search?q=First'),
      writing.request('POST', `${path}/messages`, { content: 'Second' }),
    ]) {
      const response = await refused;
      const { error } = (await response.json()) as { error: { code: string; message: string } };
      expect([response.status, error.code]).toEqual([503, 'shutting_down']);
      expect(error.message).toMatch(sentence);
    }
    bench.simulator.release('go');
    expect(contentOf([...shown, ...(await reader.rest())])).toBe('Before and after');
    expect(await writing.ended).toMatchObject({ code: 1, stderr });
    const { rows } = await admin.query('SELECT content, status FROM messages ORDER BY id DESC LIMIT 1');
    expect(rows).toEqual([{ content: 'Before and after', status: 'completed' }]);
    await admin.end();
  });

  it('are two that start at once on an empty database, with one project', async () => {
    const nodes = await Promise.all([bench.start(), bench.start()]);
    for (const node of nodes) {
      const { projects } = (await (await node.request('GET', '/api/projects')).json()) as {
        projects: unknown[];
      };
      expect(projects).toHaveLength(1);
    }
  });
});
