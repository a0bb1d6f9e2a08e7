/** Tests that titles and names are cleaned on every route that sets them. */
import type { Chat, Project } from '@rill/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { detailOf, failureOf, jsonOf, send } from './callServer.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer();
});
afterEach(() => server.close());

const given = ' \u202eA\0\nname\u2066\ud83d ';
const clean = 'A name\ufffd';
const unseen = ['\u202e', '\0', '\u200b\u2066', '\u200d', '\u3164'];

interface Way {
  way: string;
  field: string;
  set(text: string): Promise<Response>;
}
async function ways(): Promise<Way[]> {
  const { project, path } = await server.newChat();
  const projectPath = `/api/projects/${project.id}`;
  return [
    { way: 'a new project', field: 'name', set: (name) => server.request('POST', '/api/projects', { name }) },
    {
      way: 'a renamed project',
      field: 'name',
      set: (name) => server.request('PATCH', projectPath, { name }),
    },
    {
      way: 'a new chat',
      field: 'title',
      set: (title) => server.request('POST', `${projectPath}/chats`, { title }),
    },
    { way: 'a renamed chat', field: 'title', set: (title) => server.request('PATCH', path, { title }) },
  ];
}

describe('a title or name', () => {
  it('is one clean line of whole characters', async () => {
    for (const { way, field, set } of await ways()) {
      const made = await jsonOf<Record<string, unknown>>(set(given));
      expect(made[field], way).toBe(clean);
    }
    const { projects } = await jsonOf<{ projects: Project[] }>(server.request('GET', '/api/projects'));
    expect(projects.map(({ name }) => name)).toEqual([clean, clean]);
  });

  it('without a visible character is refused, and the old one stays', async () => {
    for (const { way, field, set } of await ways()) {
      for (const text of unseen) {
        expect(await failureOf(set(text)), way).toMatchObject({
          status: 400,
          code: 'bad_request',
          message: `The ${field} has no character that can be seen.`,
        });
      }
    }
    const { projects } = await jsonOf<{ projects: Project[] }>(server.request('GET', '/api/projects'));
    expect(projects).toHaveLength(1);
  });

  it('is made from the first message and cleaned, and stays unset when that has no visible character', async () => {
    const { path } = await server.newChat();
    const title = async (): Promise<Chat['title']> => (await detailOf(server, path)).chat.title;
    await (await send(server, path, { content: '\u202e\u200b!\u2066'.replace('!', '') })).rest();
    expect(await title()).toBe('');
    await (await send(server, path, { content: `\0\n# ${given}` })).rest();
    expect(await title()).toBe('A');
  });
});
