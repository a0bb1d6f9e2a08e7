/** Looks for a word of a temporary chat in everything that three nodes leave behind. */
import { execFileSync } from 'node:child_process';
import type { Chat, ChatDetail, Project, SearchResult } from '@rill/protocol';
import { expect, it, vi } from 'vitest';
import { detailOf, jsonOf, send } from '../callServer.ts';
import { postgresProgram } from '../postgres/postgresServer.ts';
import { describeWithPostgres } from '../postgres/postgresTestDatabase.ts';
import { nodeProcesses } from './nodeProcesses.ts';

const [asked, answered, queued, drafted, file] = ['quince', 'medlar', 'damson', 'loquat', 'sorb'].map(
  (fruit) => `${fruit}-in-the-temporary-chat`,
);
const marks = /(quince|medlar|damson|loquat|sorb)-in-the-temporary-chat/;

/** Each process has to start. */
vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 });

describeWithPostgres('a temporary chat of three nodes', () => {
  const bench = nodeProcesses();

  it('leaves nothing in the database, in a search, in an output, and no title', async () => {
    const environment = { RILL_LOG_LEVEL: 'trace', RILL_TITLE_MODEL: 'demo/title' };
    const nodes = await Promise.all([1, 2, 3].map(() => bench.start(environment)));
    const [first, second, third] = nodes;
    if (!first || !second || !third) throw new Error('A node is missing.');
    const { projects } = await jsonOf<{ projects: Project[] }>(first.request('GET', '/api/projects'));
    const chats = `/api/projects/${projects[0]?.id}/chats`;
    const { id } = await jsonOf<Chat>(first.request('POST', chats, { isTemporary: true }));
    const path = `${chats}/${id}`;
    await expect.poll(async () => (await second.request('GET', path)).status, { timeout: 10_000 }).toBe(200);
    bench.simulator.nextScript(
      'demo/quick',
      [{ delta: answered ?? '' }, { hold: 'rest' }],
      [{ delta: answered ?? '' }],
    );
    const upload = await third.request('POST', `/api/files?name=${file}.txt&chatId=${id}`, file, {
      'content-type': 'application/octet-stream',
    });
    const fileIds = [(await jsonOf<{ id: string }>(upload)).id];
    const stream = await send(second, path, { content: `About ${asked}`, fileIds });
    await third.request('POST', `${path}/queue`, { content: queued });
    await third.request('PUT', `${path}/draft`, {
      content: drafted,
      baseRevision: 0,
      writer: 'a-tab',
      editedAgoMs: 0,
    });
    bench.simulator.release('rest');
    await stream.rest();
    await bench.whenAnswered(third, path);
    const { messages }: ChatDetail = await detailOf(third, path);
    expect(messages.map(({ content }) => content).join()).toMatch(marks);

    const dumped = () =>
      execFileSync(postgresProgram('pg_dump'), [bench.databaseUrl], { encoding: 'utf8', maxBuffer: 2 ** 28 });
    expect(dumped()).not.toMatch(marks);
    for (const node of nodes)
      expect(await jsonOf<SearchResult>(node.request('GET', `/api/search?q=${asked}`))).toMatchObject({
        chats: [],
        messages: [],
      });
    // That it would be found.
    const kept = await jsonOf<Chat>(first.request('POST', chats, { title: asked }));
    expect(dumped()).toMatch(marks);
    await first.request('DELETE', `${chats}/${kept.id}`);

    for (const { child } of nodes) child.kill('SIGTERM');
    for (const { ended } of nodes) {
      const { stdout, stderr } = await ended;
      expect(stdout + stderr).not.toMatch(marks);
    }
  });
});
