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

  it('write and show nothing more of one that stood still past its lease, which ends when it continues', async () => {
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
