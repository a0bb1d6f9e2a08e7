/** Tests that an archive has what belongs to a user beside the chats: budgets, pinned models, saved prompts, usage. */
import type { Budget, Prompt } from '@rill/protocol';
import { afterEach, expect, it } from 'vitest';
import { exportOf, importInto } from './archiveBench.ts';
import { countRows, jsonOf } from './callServer.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';

const started: TestServer[] = [];
async function start(): Promise<TestServer> {
  const server = await startTestServer();
  started.push(server);
  return server;
}
afterEach(async () => {
  for (const server of started.splice(0)) await server.close();
});

const tables = ['budgets', 'pinned_models', 'prompts', 'usage_entries'];

it('budgets, pinned models, saved prompts and usage come back, and the archive of that is equal, byte for byte', async () => {
  const first = await start();
  const { path, project } = await first.newChat();
  const projectBudget = `/api/projects/${project.id}/budget`;
  const change = async (method: string, target: string, body: object) =>
    expect((await first.request(method, target, body)).ok, target).toBe(true);
  await change('PUT', '/api/budget', { monthlyUsd: 12.5 });
  await change('PUT', projectBudget, { monthlyUsd: 0.01 });
  await change('PUT', '/api/models/pin', { model: 'demo/quick', isPinned: true });
  await change('POST', '/api/prompts', { name: 'Everywhere', content: '/a\r\n{{b}}\u2028' });
  await change('POST', '/api/prompts', { name: 'Here', content: 'x', projectId: project.id });
  await change('POST', `${path}/messages`, { content: 'One' });
  await first.app.titles.whenIdle();
  for (const table of tables) expect(countRows(first, table), table).toBeGreaterThan(0);

  const archive = await exportOf(first);
  const second = await start();
  const job = await importInto(second, archive);
  expect(job).toMatchObject({ state: 'completed', doneItems: job.count?.items });
  expect(Object.keys(job.outcomes)).not.toContain('failed');
  for (const table of tables) expect(countRows(second, table), table).toBe(countRows(first, table));
  const answers = (server: TestServer) =>
    Promise.all([
      jsonOf<Budget>(server.request('GET', '/api/budget')),
      jsonOf<Budget>(server.request('GET', projectBudget)),
      jsonOf<{ prompts: Prompt[] }>(server.request('GET', '/api/prompts')),
      jsonOf<{ pinnedModels: string[] }>(server.request('GET', '/api/models')).then(
        (list) => list.pinnedModels,
      ),
    ]);
  expect(await answers(second)).toEqual(await answers(first));
  expect(Buffer.compare(archive, await exportOf(second))).toBe(0);
  expect((await importInto(second, archive)).outcomes).toEqual({ unchanged: job.count?.items });
});

it('a first project that was never used is restored next to the others', async () => {
  const first = await start();
  await first.request('POST', '/api/projects', { name: 'Second' });
  const archive = await exportOf(first);
  const second = await start();
  await importInto(second, archive);
  expect(countRows(second, 'projects')).toBe(2);
  expect(Buffer.compare(archive, await exportOf(second))).toBe(0);
});

it('a first project that has a budget or a prompt stays where an archive is restored', async () => {
  const archive = await exportOf(await start());
  const server = await start();
  const { projects } = await jsonOf<{ projects: { id: string }[] }>(server.request('GET', '/api/projects'));
  const projectId = projects[0]?.id;
  await server.request('POST', '/api/prompts', { name: 'Here', content: 'x', projectId });
  await server.request('PUT', `/api/projects/${projectId}/budget`, { monthlyUsd: 1 });
  await importInto(server, archive);
  const { prompts } = await jsonOf<{ prompts: Prompt[] }>(server.request('GET', '/api/prompts'));
  expect(prompts).toMatchObject([{ projectId }]);
  expect(countRows(server, 'budgets')).toBe(1);
});
