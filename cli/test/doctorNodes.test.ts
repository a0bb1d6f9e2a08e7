/** Tests what `rill doctor` says of two nodes on one Postgres, and of the addresses where they look for each other. */
import { execFileSync } from 'node:child_process';
import { expect, it, vi } from 'vitest';
import { nodeProcesses } from '../../backend/test/nodes/nodeProcesses.ts';
import { describeWithPostgres } from '../../backend/test/postgres/postgresTestDatabase.ts';
import { makeFolder } from '../../backend/test/testDatabase.ts';
import { runCli } from './runCli.ts';

/** Each node and each command has to start. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

describeWithPostgres('rill doctor and nodes', () => {
  const bench = nodeProcesses();

  it('says which nodes run, and whether each of them is reached at its address', async () => {
    const folder = await makeFolder();
    const ask = (statement: string) =>
      execFileSync('psql', ['--no-psqlrc', '-Atc', statement, bench.databaseUrl], {
        encoding: 'utf8',
      }).trim();
    /** What it says of nodes, and of what to do. */
    const check = async () => {
      const { code, out } = await runCli(['doctor'], {
        cwd: folder.path,
        environment: { RILL_PORT: '0', RILL_DATA_DIR: folder.path, DATABASE_URL: bench.databaseUrl },
      });
      expect([code, out]).toEqual([0, expect.stringContaining('It is PostgreSQL')]);
      return out.split(/^(?=ok|look|PROBLEM)/m).filter((part) => part.includes('Nodes: '));
    };
    const move = (name: string, host: string, port: string) =>
      ask(`UPDATE nodes SET host = '${host}', port = ${port} WHERE name = '${name}'`);
    const whenTold = (count: number) =>
      expect.poll(() => ask('SELECT count(*) FROM nodes WHERE port IS NOT NULL')).toBe(String(count));

    expect(await check()).toEqual(['ok      Nodes: None is running on this database.\n']);
    const one = await bench.start({ RILL_NODE_NAME: 'one' });
    await whenTold(1);
    expect(await check()).toEqual([
      expect.stringMatching(/^ok +Nodes: one .*no other one that has to reach it/),
    ]);
    const two = await bench.start({ RILL_NODE_NAME: 'two', RILL_ACCESS_TOKEN: 'the-token-of-this-node' });
    await whenTold(2);
    const [portOfOne, portOfTwo] = [one, two].map(({ url }) => new URL(url).port);
    const oneIsFine = expect.stringMatching(
      new RegExp(
        `^ok +Nodes: one \\(Rill \\S+\\) is running, and is reached at 127\\.0\\.0\\.1:${portOfOne}\\.`,
      ),
    );
    expect(await check()).toEqual([
      oneIsFine,
      expect.stringContaining(`is reached at 127.0.0.1:${portOfTwo}.`),
    ]);

    move('two', '127.0.0.1', '1');
    const [, refused] = await check();
    expect(refused).toMatch(/^look +Nodes: two .*, but is not reached \(ECONNREFUSED\) at 127\.0\.0\.1:1\./);
    expect(refused).toMatch(/kept_elsewhere.*Set RILL_HOST or RILL_NODE_ADDRESS there/);

    move('two', '127.0.0.1', portOfOne ?? '');
    expect(await check()).toEqual([oneIsFine, expect.stringMatching(/two .*, but another node answers at /)]);
    const { port } = new URL(bench.simulator.url);
    move('two', '127.0.0.1', port);
    expect(await check()).toEqual([
      oneIsFine,
      expect.stringMatching(/two .*, but another program answers at /),
    ]);

    move('two', 'node.invalid', portOfTwo ?? '');
    const [lonely, unknown] = await check();
    expect(lonely).toMatch(/^look +Nodes: one .* from its own machine only\.\n +→ .*RILL_NODE_ADDRESS there/);
    expect(unknown).toMatch(/is not reached \(E\w+\) at node\.invalid:/);

    for (const { child, ended } of [one, two]) {
      child.kill('SIGTERM');
      await ended;
    }
    expect(await check()).toEqual(['ok      Nodes: None is running on this database.\n']);
    await folder.remove();
  });
});
