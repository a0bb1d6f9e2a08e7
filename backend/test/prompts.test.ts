/** Tests saved prompts over a real socket: kept exactly, of one user, listed in pages, saved once. */
import { maxPrompts, type Project, type Prompt } from '@rill/protocol';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { insertPrompt } from '../src/store/prompts.ts';
import { failureOf, jsonOf, leftOpen, nothing } from './callServer.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';
import { openTestDatabase } from './testDatabase.ts';

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer();
});
afterEach(async () => {
  expect(await leftOpen(server)).toEqual(nothing);
  await server.close();
});

const save = (body: object) => server.request('POST', '/api/prompts', body);
const listed = async (query = '') =>
  jsonOf<{ prompts: Prompt[]; nextPageToken: string | null }>(server.request('GET', `/api/prompts${query}`));
const idNumber = (number: number) => `0199a1b2-0000-7000-8000-${String(number).padStart(12, '0')}`;

it.each([
  ['fields', 'About {{topic}} for {{reader}}'],
  ['braces that are no field', 'A {{ that never ends, and }} too, {{}} and {{{x}}}'],
  ['a slash, blanks and line ends', '/not a command\r\n\n  \t/path/to  \n'],
  ['Markdown and HTML', '# A\n\n```prompt\n<b>x</b>\n```\n'],
])('a prompt with %s is kept exactly', async (_, content) => {
  const saved = await save({ name: '  My   prompt ', content });
  expect(saved.status).toBe(201);
  expect(await jsonOf<Prompt>(saved)).toMatchObject({ name: 'My prompt', content, projectId: null });
  expect((await listed()).prompts.map((prompt) => prompt.content)).toEqual([content]);
});

it('is changed and deleted, and saved again under its id', async () => {
  const id = idNumber(1);
  const prompt = await jsonOf<Prompt>(save({ id, name: 'One', content: 'First' }));
  expect(await jsonOf<Prompt>(save({ id, name: 'Again', content: 'Other' }))).toEqual(prompt);
  const changed = await server.request('PATCH', `/api/prompts/${id}`, { content: 'Second' });
  expect(await jsonOf<Prompt>(changed)).toMatchObject({ name: 'One', content: 'Second' });
  expect((await server.request('DELETE', `/api/prompts/${id}`)).status).toBe(204);
  expect(await failureOf(server.request('DELETE', `/api/prompts/${id}`))).toMatchObject({ status: 404 });
  expect(await failureOf(server.request('PATCH', `/api/prompts/${id}`, { name: 'x' }))).toMatchObject({
    status: 404,
  });
  expect((await save({ id, name: 'One', content: 'Second' })).status).toBe(201);
});

it('belongs to one project or to all, and outlives its project', async () => {
  const project = await jsonOf<Project>(server.request('POST', '/api/projects', { name: 'Travels' }));
  await save({ name: 'Here', content: 'x', projectId: project.id });
  expect((await listed()).prompts).toMatchObject([{ projectId: project.id }]);
  await server.request('DELETE', `/api/projects/${project.id}`);
  expect((await listed()).prompts).toMatchObject([{ name: 'Here', projectId: null }]);
  expect(await failureOf(save({ name: 'No', content: 'x', projectId: project.id }))).toMatchObject({
    status: 404,
  });
});

it('is listed in pages, oldest first', async () => {
  for (const number of [1, 2, 3]) await save({ id: idNumber(number), name: `Nr ${number}`, content: 'x' });
  const first = await listed('?limit=2');
  expect(first.prompts.map(({ name }) => name)).toEqual(['Nr 1', 'Nr 2']);
  const second = await listed(`?limit=2&pageToken=${first.nextPageToken}`);
  expect(second).toMatchObject({ prompts: [{ name: 'Nr 3' }], nextPageToken: null });
});

it.each([
  ['no text', { name: 'A', content: '' }],
  ['no name', { name: ' ', content: 'x' }],
  ['a name of which nothing can be seen', { name: '\u200b', content: 'x' }],
  ['an endless text', { name: 'A', content: 'x'.repeat(100_001) }],
  ['an id of its own kind', { id: 'mine', name: 'A', content: 'x' }],
  ['an unknown field', { name: 'A', content: 'x', colour: 'red' }],
])('is refused with %s', async (_, body) => {
  expect(await failureOf(save(body))).toMatchObject({ status: 400, code: 'bad_request' });
});

it(`is refused past ${maxPrompts}`, async () => {
  const bench = await openTestDatabase();
  const times = { created_at_ms: 1, updated_at_ms: 1 };
  const full = bench.database.transaction(async (transaction) => {
    const { id: owner_id } = await transaction.selectFrom('owners').select('id').executeTakeFirstOrThrow();
    for (let number = 0; number < maxPrompts; number += 1) {
      const row = { id: idNumber(number), owner_id, project_id: null, name: 'n', content: 'c', ...times };
      await transaction.insertInto('prompts').values(row).execute();
    }
    const more = { id: idNumber(maxPrompts), nowMs: 1 };
    return insertPrompt(transaction, owner_id, { name: 'One more', content: 'x' }, more);
  });
  await expect(full).rejects.toMatchObject({ code: 'bad_request' });
  await bench.close();
});
