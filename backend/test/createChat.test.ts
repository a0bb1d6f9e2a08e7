/** Tests chats whose id the client made: a repeated request answers with the existing chat. */
import type { Chat } from '@rill/protocol';
import { v7 as newId } from 'uuid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countRows, failureOf, jsonOf } from './callServer.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';

let server: TestServer;
let path: string;
beforeEach(async () => {
  server = await startTestServer();
  const { project } = await server.newChat();
  path = `/api/projects/${project.id}/chats`;
});
afterEach(() => server.close());

describe('createChat with an id', () => {
  it('makes one chat for repeated and concurrent requests', async () => {
    const id = newId();
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => server.request('POST', path, { id, title: 'Tides' })),
    );
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
    const later = await jsonOf<Chat>(server.request('POST', path, { id, title: 'Other' }));
    expect(later).toMatchObject({ id, title: 'Tides' });
    expect(countRows(server, 'chats', `id = '${id}'`)).toBe(1);
  });

  it('refuses an id that a chat of another project has, and changes nothing', async () => {
    const id = newId();
    await server.request('POST', path, { id });
    const other = await jsonOf<{ id: string }>(server.request('POST', '/api/projects', { name: 'Other' }));
    expect(await failureOf(server.request('POST', `/api/projects/${other.id}/chats`, { id }))).toMatchObject({
      status: 422,
      code: 'idempotency_mismatch',
    });
    expect(countRows(server, 'chats', `id = '${id}'`)).toBe(1);
  });

  it.each(['x', '', '0199A1B2-0000-7000-8000-000000000001', '0199a1b2-0000-4000-8000-000000000001', '../x'])(
    'refuses %j, which is no UUIDv7',
    async (id) => {
      expect(await failureOf(server.request('POST', path, { id }))).toMatchObject({
        status: 400,
        code: 'bad_request',
      });
    },
  );
});
