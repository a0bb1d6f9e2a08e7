/**
 * Opens a database of an earlier version: `earlier/rill.sqlite.gz`, whose server was killed in the middle of two answers;
 * `earlier/chats.json` is what that version showed after its next start.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Chat, ChatDetail, Message, Project, SearchResult } from '@rill/protocol';
import { expect, it, vi } from 'vitest';
import { jsonOf } from './callServer.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';

const inEarlier = (name: string): URL => new URL(`earlier/${name}`, import.meta.url);

interface ShownChat {
  readonly project: string;
  readonly title: string;
  readonly activeRunId: string | null;
  readonly messages: readonly Message[];
}

async function searchWhenComplete(server: TestServer, query: string): Promise<SearchResult> {
  const read = async () =>
    jsonOf<SearchResult>(await server.request('GET', `/api/search?limit=50&q=${query}`));
  await vi.waitFor(async () => expect((await read()).isComplete).toBe(true), 10_000);
  return read();
}

async function readChats(server: TestServer): Promise<ShownChat[]> {
  const read = async <T>(path: string): Promise<T> => jsonOf<T>(await server.request('GET', path));
  const shown: ShownChat[] = [];
  const { projects } = await read<{ projects: Project[] }>('/api/projects');
  for (const project of projects) {
    const path = `/api/projects/${project.id}/chats`;
    const { chats } = await read<{ chats: Chat[] }>(path);
    for (const { id } of chats) {
      const { chat, messages } = await read<ChatDetail>(`${path}/${id}`);
      shown.push({ project: project.name, title: chat.title, activeRunId: chat.activeRunId, messages });
    }
  }
  return shown;
}

it('a database of an earlier version opens, its open runs end, and it shows the same chats', async () => {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'rill-earlier-'));
  try {
    await writeFile(
      join(dataDirectory, 'rill.sqlite'),
      gunzipSync(await readFile(inEarlier('rill.sqlite.gz'))),
    );
    const server = await startTestServer({ dataDirectory });
    const shown = await readChats(server);
    const found = await searchWhenComplete(server, 'the');
    await server.close();
    expect(shown).toMatchObject(JSON.parse(await readFile(inEarlier('chats.json'), 'utf8')));
    const texts = shown.flatMap(({ messages }) => messages.filter(({ content }) => /the/i.test(content)));
    expect(texts.length).toBeGreaterThan(0);
    expect(found.messages.map(({ messageId }) => messageId).sort()).toEqual(texts.map(({ id }) => id).sort());
  } finally {
    await rm(dataDirectory, { recursive: true });
  }
});
